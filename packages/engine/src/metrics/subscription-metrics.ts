import type { MetricTools } from './metric-tools.ts';
import { type LabelValues, OperationSeries } from './series.ts';
import type { Metrics, SubscriptionKind } from './types.ts';

/** Seconds: a poll is quick, or the database is in trouble. */
const pollBuckets = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];
/** Operations whose polls are told apart: each takes a series for every bucket. */
const timedOperations = 100;

const kinds: readonly SubscriptionKind[] = ['live-query', 'streaming'];
const operationNames = ['subscription_kind', 'operation_name', 'parameterized_query_hash'] as const;

/** Subscriptions and the pollers that serve them. */
export function subscriptionMetrics({
  library,
  registry,
  maximumOperations,
  readers,
}: MetricTools): Pick<Metrics, 'subscriptionStarted' | 'pollEnded'> {
  const counts = byKind((kind) => {
    return new OperationSeries(maximumOperations, (labels) => ({
      labels: labelsOf(kind, labels),
      active: 0,
    }));
  });
  const timed = byKind(
    (kind) =>
      new OperationSeries(Math.min(maximumOperations, timedOperations), (labels) => labelsOf(kind, labels)),
  );
  const active: InstanceType<typeof library.Gauge> = new library.Gauge({
    name: 'hasura_active_subscriptions',
    help: 'Subscriptions being served',
    labelNames: [...operationNames, 'status'],
    registers: [registry],
    collect() {
      active.reset();
      for (const kind of kinds) {
        for (const [, { labels, active: count }] of counts[kind].entries())
          active.set({ ...labels, status: 'active' }, count);
      }
    },
  });
  pollerGauge('hasura_active_subscription_pollers', 'Pollers that look for changes', 'running');
  pollerGauge(
    'hasura_active_subscription_pollers_in_error_state',
    'Pollers whose last look failed',
    'failing',
  );
  const polls = new library.Histogram({
    name: 'hasura_subscription_total_time_seconds',
    help: 'Time of one look for changes, from the statement until the last subscriber is told',
    labelNames: operationNames,
    buckets: pollBuckets,
    registers: [registry],
  });
  const statements = new library.Histogram({
    name: 'hasura_subscription_db_execution_time_seconds',
    help: 'Time that the database took for one look for changes',
    labelNames: operationNames,
    buckets: pollBuckets,
    registers: [registry],
  });

  function pollerGauge(name: string, help: string, state: 'running' | 'failing'): void {
    const gauge: InstanceType<typeof library.Gauge> = new library.Gauge({
      name,
      help,
      labelNames: ['subscription_kind'],
      registers: [registry],
      collect() {
        const pollers = readers().pollers?.();
        for (const kind of kinds) gauge.set({ subscription_kind: kind }, pollers?.[kind][state] ?? 0);
      },
    });
  }

  return {
    subscriptionStarted(kind, operation) {
      const count = counts[kind].of(operation);
      count.active++;
      let isActive = true;
      return () => {
        if (isActive) count.active--;
        isActive = false;
      };
    },
    pollEnded(kind, operation, totalSeconds, statementSeconds) {
      const labels = timed[kind].of(operation);
      polls.observe(labels, totalSeconds);
      statements.observe(labels, statementSeconds);
    },
  };
}

function byKind<Value>(make: (kind: SubscriptionKind) => Value): Record<SubscriptionKind, Value> {
  return { 'live-query': make('live-query'), streaming: make('streaming') };
}

function labelsOf(kind: SubscriptionKind, { operation_name, parameterized_query_hash }: LabelValues) {
  return { subscription_kind: kind, operation_name, parameterized_query_hash };
}
