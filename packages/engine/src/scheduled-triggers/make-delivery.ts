import type { Delivery } from '../events/index.ts';
import { type CronTriggerMetadata, defaultCronRetry, type ScheduledRetry } from '../metadata/index.ts';
import type { JsonObject } from '../support/index.ts';
import type { CronEvent, CronTriggers, OneOffEvent, TakenEvent } from './types.ts';

export interface ScheduledDelivery {
  readonly delivery: Delivery;
  readonly retry: ScheduledRetry;
}

/** What is sent of an event, and the rule for it; null when its trigger is no longer in force. Source: spec/events.md B4. */
export function makeDelivery(event: TakenEvent, triggers: CronTriggers): ScheduledDelivery | null {
  if (event.kind === 'one-off') return oneOffDelivery(event);
  const trigger = triggers.get(event.trigger);
  return trigger === undefined ? null : cronDelivery(event, trigger);
}

function cronDelivery(event: CronEvent, trigger: CronTriggerMetadata): ScheduledDelivery {
  const {
    name,
    webhook,
    headers = [],
    payload = null,
    comment,
    retry_conf: retry = defaultCronRetry,
  } = trigger;
  return {
    retry,
    delivery: {
      ...shared(retry),
      // triggers with anything else are not in force
      webhook: { kind: 'template', template: webhook as string },
      headers,
      payload: { id: event.id, name, scheduled_time: event.scheduledTime, payload, ...commentOf(comment) },
      requestTransform: trigger.request_transform,
      responseTransform: trigger.response_transform,
      overallTimeoutMessage: `Cron Scheduled event "${event.id}" of cron trigger "${name}" timed out while processing.`,
    },
  };
}

function oneOffDelivery(event: OneOffEvent): ScheduledDelivery {
  const { id, webhook, headers, payload, scheduledTime, createdAt, comment, retry } = event;
  return {
    retry,
    delivery: {
      ...shared(retry),
      webhook,
      headers,
      payload: { id, scheduled_time: scheduledTime, created_at: createdAt, payload, ...commentOf(comment) },
      overallTimeoutMessage: `One-off Scheduled event "${id}" timed out while processing.`,
    },
  };
}

function shared({ timeout_seconds: seconds }: ScheduledRetry) {
  return {
    version: '1',
    sessionVariables: new Map<string, string>(),
    traceHeaders: [],
    timeoutMs: seconds * 1000,
  } as const;
}

function commentOf(comment: string | null | undefined): JsonObject {
  return comment == null ? {} : { comment };
}
