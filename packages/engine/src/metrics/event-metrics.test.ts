import { expect, test } from 'vitest';
import { createMetrics } from './create-metrics.ts';

test('deliveries of events are counted under the names of v2', async () => {
  const metrics = await createMetrics({ namesOperations: false });
  metrics.readStatesFrom({ deliveries: () => 3 });
  metrics.events.onFetched(2, 'default', 0.02, true);
  metrics.events.onFetched(0, 'default', 0.5, false);
  metrics.events.onQueued('t', 'default', 0.4);
  metrics.events.onInvoked('t', 'default', true, 0.05);
  metrics.events.onInvoked('t', 'default', false, null);
  metrics.events.onProcessed('t', 'default', true, 0.06);
  const { text } = await metrics.expose([]);
  const of = 'trigger_name="t",source_name="default"';
  for (const line of [
    'hasura_events_fetched_total 2',
    'hasura_events_fetched_per_batch 2',
    'hasura_event_fetch_time_per_batch_seconds_count 1',
    'hasura_events_fetch_query_time_seconds_count{status="failed",source_name="default"} 1',
    `hasura_event_invocations_total{status="success",${of}} 1`,
    `hasura_event_invocations_total{status="failed",${of}} 1`,
    `hasura_event_processed_total{status="success",${of}} 1`,
    `hasura_event_processing_time_seconds_count{${of}} 1`,
    `hasura_event_queue_time_seconds_count{${of}} 1`,
    `hasura_event_webhook_processing_time_seconds_count{${of}} 1`,
    'hasura_event_trigger_http_workers 3',
  ]) {
    expect(text).toContain(`${line}\n`);
  }
});
