import type { MetricTools } from './metric-tools.ts';
import type { DatabaseLabels, Metrics, SourceHealth } from './types.ts';

/** Seconds. */
const waitBuckets = [0.0001, 0.001, 0.01, 0.1, 0.3, 1, 3, 10];

const labelNames = ['source_name', 'conn_info', 'role'] as const;

/** As Hasura numbers the outcomes of health checks. */
const healthNumbers: Readonly<Record<SourceHealth['status'], number>> = {
  ok: 0,
  timeout: 1,
  failed: 2,
  error: 3,
};

/** Connections to PostgreSQL, and whether the sources are well. */
export function databaseMetrics({
  library,
  registry,
  readers,
}: MetricTools): Pick<Metrics, 'databaseObserver'> {
  const connections: InstanceType<typeof library.Gauge> = new library.Gauge({
    name: 'hasura_postgres_connections',
    help: 'Open connections to PostgreSQL',
    labelNames,
    registers: [registry],
    collect() {
      connections.reset();
      for (const database of readers().databases?.() ?? [])
        connections.set(labelsOf(database), database.connections);
    },
  });
  const health: InstanceType<typeof library.Gauge> = new library.Gauge({
    name: 'hasura_source_health',
    help: 'Health of a source: 0 ok, 1 timeout, 2 failed, 3 error',
    // of several processes the one that sees it worst
    aggregator: 'max',
    labelNames: ['source_name'],
    registers: [registry],
    async collect() {
      const states = (await readers().sourceHealth?.()) ?? [];
      health.reset();
      for (const { source, status } of states) health.set({ source_name: source }, healthNumbers[status]);
    },
  });
  const connected = new library.Histogram({
    name: 'hasura_postgres_connection_init_time',
    help: 'Seconds until a new connection to PostgreSQL could be used',
    labelNames,
    buckets: waitBuckets,
    registers: [registry],
  });
  const waited = new library.Histogram({
    name: 'hasura_postgres_pool_wait_time',
    help: 'Seconds that a statement waited for a connection, where one was not free at once',
    labelNames,
    buckets: waitBuckets,
    registers: [registry],
  });
  const failed = new library.Counter({
    name: 'hasura_postgres_connection_error_total',
    help: 'Attempts to connect to PostgreSQL that failed',
    labelNames,
    registers: [registry],
  });
  return {
    databaseObserver(database) {
      const labels = labelsOf(database);
      return {
        onConnected: (elapsedMs) => connected.observe(labels, elapsedMs / 1000),
        onConnectionFailed: () => failed.inc(labels),
        onWaited: (elapsedMs) => waited.observe(labels, elapsedMs / 1000),
      };
    },
  };
}

function labelsOf({ source, connectionInfo, role }: DatabaseLabels) {
  return { source_name: source, conn_info: connectionInfo, role };
}
