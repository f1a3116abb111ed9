import type { Registry } from 'prom-client';
import { databaseMetrics } from './database-metrics.ts';
import { eventMetrics } from './event-metrics.ts';
import type { MetricTools } from './metric-tools.ts';
import { operationMetrics } from './operation-metrics.ts';
import { scheduledEventMetrics } from './scheduled-event-metrics.ts';
import { subscriptionMetrics } from './subscription-metrics.ts';
import { transportMetrics } from './transport-metrics.ts';
import type { Metrics, StateReaders } from './types.ts';

/** Operations beyond these are counted together. Source: Prometheus's advice on the number of series. */
const namedOperations = 1000;

/** Loads the library and begins to count. */
export async function createMetrics(options: {
  /** Whether series have names and hashes of operations as labels. */
  readonly namesOperations: boolean;
}): Promise<Metrics> {
  const { default: library } = await import('prom-client');
  const registry = new library.Registry();
  let readers: Partial<StateReaders> = {};
  const tools: MetricTools = {
    library,
    registry,
    maximumOperations: options.namesOperations ? namedOperations : 0,
    readers: () => readers,
  };
  library.collectDefaultMetrics({ register: registry });
  return {
    ...operationMetrics(tools),
    ...subscriptionMetrics(tools),
    ...transportMetrics(tools),
    ...databaseMetrics(tools),
    events: eventMetrics(tools),
    scheduledEvents: scheduledEventMetrics(tools),
    readStatesFrom(more) {
      readers = { ...readers, ...more };
    },
    report: () => registry.getMetricsAsJSON(),
    async expose(reports) {
      const { contentType } = registry;
      if (reports.length === 0) return { contentType, text: await registry.metrics() };
      const own = await registry.getMetricsAsJSON();
      const all = library.AggregatorRegistry.aggregate([own, ...reports.filter(isReport)]);
      return { contentType, text: await all.metrics() };
    },
  };
}

/** Null is the report of a process that could not make one; all others come from `report`. */
function isReport(report: unknown): report is Awaited<ReturnType<Registry['getMetricsAsJSON']>> {
  return Array.isArray(report);
}
