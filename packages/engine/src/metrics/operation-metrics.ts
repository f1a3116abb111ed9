import type { MetricTools } from './metric-tools.ts';
import { OperationSeries } from './series.ts';
import type { Metrics } from './types.ts';

/** Seconds. Source: spec/server.md 8.1. */
const executionBuckets = [0.01, 0.03, 0.1, 0.3, 1, 3, 10];

interface Tally {
  succeeded: number;
  failed: number;
}

/** Operations, answers of the cache, and spans. */
export function operationMetrics({
  library,
  registry,
  maximumOperations,
  readers,
}: MetricTools): Pick<Metrics, 'operationEnded' | 'spansSent' | 'spansDropped'> {
  const tallies = new OperationSeries<Tally>(maximumOperations, () => ({ succeeded: 0, failed: 0 }));
  const requests: InstanceType<typeof library.Counter> = new library.Counter({
    name: 'hasura_graphql_requests_total',
    help: 'GraphQL requests received, by outcome',
    labelNames: ['operation_type', 'response_status', 'operation_name', 'parameterized_query_hash'],
    registers: [registry],
    collect() {
      requests.reset();
      for (const [labels, { succeeded, failed }] of tallies.entries()) {
        if (succeeded > 0) requests.inc({ ...labels, response_status: 'success' }, succeeded);
        if (failed > 0) requests.inc({ ...labels, response_status: 'failed' }, failed);
      }
    },
  });
  const execution = new library.Histogram({
    name: 'hasura_graphql_execution_time_seconds',
    help: 'Time taken by successful GraphQL requests',
    labelNames: ['operation_type'],
    buckets: executionBuckets,
    registers: [registry],
  });
  const cache: InstanceType<typeof library.Counter> = new library.Counter({
    name: 'hasura_cache_request_count',
    help: 'Queries that asked the response cache',
    labelNames: ['status'],
    registers: [registry],
    collect() {
      const { hits = 0, misses = 0 } = readers().cache?.() ?? {};
      cache.reset();
      cache.inc({ status: 'hit' }, hits);
      cache.inc({ status: 'miss' }, misses);
    },
  });
  const sent = new library.Counter({
    name: 'hasura_otel_sent_spans',
    help: 'Trace spans handed to the collector',
    registers: [registry],
  });
  const dropped = new library.Counter({
    name: 'hasura_otel_dropped_spans',
    help: 'Trace spans given up',
    labelNames: ['reason'],
    registers: [registry],
  });
  return {
    operationEnded(operation, isSuccess, seconds) {
      const tally = tallies.of(operation);
      if (!isSuccess) {
        tally.failed++;
        return;
      }
      tally.succeeded++;
      if (operation !== null && operation.kind !== 'subscription')
        execution.observe(typeLabels[operation.kind], seconds);
    },
    spansSent: (count) => sent.inc(count),
    spansDropped: (reason, count) => dropped.inc({ reason }, count),
  };
}

const typeLabels = { query: { operation_type: 'query' }, mutation: { operation_type: 'mutation' } };
