import type { MetricTools } from './metric-tools.ts';
import type { EventCounts } from './types.ts';

/** Seconds. Source: spec/server.md 8.1. */
const buckets = [0.01, 0.03, 0.1, 0.3, 1, 3, 10];
const waitBuckets = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800];

/** Events of event triggers. Source: spec/server.md 8.1. */
export function eventMetrics({ library, registry, readers }: MetricTools): EventCounts {
  const registers = [registry];
  const ofTrigger = ['trigger_name', 'source_name'] as const;
  const fetchTime = new library.Histogram({
    name: 'hasura_event_fetch_time_per_batch_seconds',
    help: 'Time taken to fetch a batch of events',
    buckets,
    registers,
  });
  const queryTime = new library.Histogram({
    name: 'hasura_events_fetch_query_time_seconds',
    help: 'Time taken by the statement that fetches events',
    labelNames: ['status', 'source_name'],
    buckets,
    registers,
  });
  const perBatch = new library.Gauge({
    name: 'hasura_events_fetched_per_batch',
    help: 'Events of the last batch',
    registers,
  });
  const fetched = new library.Counter({
    name: 'hasura_events_fetched_total',
    help: 'Events fetched for delivery',
    registers,
  });
  const invocations = new library.Counter({
    name: 'hasura_event_invocations_total',
    help: 'Calls of webhooks for events',
    labelNames: ['status', ...ofTrigger],
    registers,
  });
  const processed = new library.Counter({
    name: 'hasura_event_processed_total',
    help: 'Events delivered or given up',
    labelNames: ['status', ...ofTrigger],
    registers,
  });
  const processing = new library.Histogram({
    name: 'hasura_event_processing_time_seconds',
    help: 'Time from fetching an event to recording what became of it',
    labelNames: ofTrigger,
    buckets,
    registers,
  });
  const queued = new library.Histogram({
    name: 'hasura_event_queue_time_seconds',
    help: 'Time that an event waited before it was fetched',
    labelNames: ofTrigger,
    buckets: waitBuckets,
    registers,
  });
  const webhook = new library.Histogram({
    name: 'hasura_event_webhook_processing_time_seconds',
    help: 'Time that the webhook took to answer',
    labelNames: ofTrigger,
    buckets,
    registers,
  });
  const workers: InstanceType<typeof library.Gauge> = new library.Gauge({
    name: 'hasura_event_trigger_http_workers',
    help: 'Deliveries of events under way',
    registers,
    collect() {
      workers.set(readers().deliveries?.() ?? 0);
    },
  });
  return {
    onFetched(events, source, seconds, isSuccess) {
      queryTime.observe({ ...statusOf(isSuccess), source_name: source }, seconds);
      if (!isSuccess) return;
      fetchTime.observe(seconds);
      perBatch.set(events);
      fetched.inc(events);
    },
    onInvoked(trigger, source, isSuccess, seconds) {
      const labels = { trigger_name: trigger, source_name: source };
      invocations.inc({ ...statusOf(isSuccess), ...labels });
      if (seconds !== null) webhook.observe(labels, seconds);
    },
    onProcessed(trigger, source, isSuccess, seconds) {
      const labels = { trigger_name: trigger, source_name: source };
      processed.inc({ ...statusOf(isSuccess), ...labels });
      processing.observe(labels, seconds);
    },
    onQueued: (trigger, source, seconds) =>
      queued.observe({ trigger_name: trigger, source_name: source }, seconds),
  };
}

function statusOf(isSuccess: boolean): { readonly status: 'success' | 'failed' } {
  return { status: isSuccess ? 'success' : 'failed' };
}
