import type { MetricTools } from './metric-tools.ts';
import type { ScheduledEventCounts } from './types.ts';

const prefixes = { cron: 'hasura_cron_events', 'one-off': 'hasura_oneoff_events' } as const;
const names = {
  cron: 'events of cron triggers',
  'one-off': 'single scheduled events',
} as const;

/** Events of the clock. Source: spec/server.md 8.1. */
export function scheduledEventMetrics({ library, registry }: MetricTools): ScheduledEventCounts {
  const counter = (kind: keyof typeof prefixes, what: 'invocation' | 'processed', help: string) =>
    new library.Counter({
      name: `${prefixes[kind]}_${what}_total`,
      help: `${help} ${names[kind]}`,
      labelNames: ['status'],
      registers: [registry],
    });
  const invocations = {
    cron: counter('cron', 'invocation', 'Calls of webhooks for'),
    'one-off': counter('one-off', 'invocation', 'Calls of webhooks for'),
  };
  const processed = {
    cron: counter('cron', 'processed', 'Delivered or given up:'),
    'one-off': counter('one-off', 'processed', 'Delivered or given up:'),
  };
  return {
    onInvoked: (kind, isSuccess) => invocations[kind].inc(statusOf(isSuccess)),
    onProcessed: (kind, isSuccess) => processed[kind].inc(statusOf(isSuccess)),
  };
}

function statusOf(isSuccess: boolean): { readonly status: 'success' | 'failed' } {
  return { status: isSuccess ? 'success' : 'failed' };
}
