/** Arguments of the commands for events of event triggers: only their shape. Source: spec/events.md A2.2, A6. */
import type { Json } from '../../support/index.ts';
import {
  boolean,
  type Codec,
  type Decoder,
  defaulted,
  integer,
  json,
  object,
  optional,
  refine,
  required,
  text,
} from '../codec/index.ts';
import { name, source } from './arguments.ts';

export interface EventPage {
  readonly limit: number;
  readonly offset: number;
}

export type EventStatus = 'processed' | 'pending';

export type EventRequest = { readonly source: string } & (
  | { readonly kind: 'redeliver'; readonly eventId: string }
  | { readonly kind: 'invoke'; readonly trigger: string; readonly payload: Json }
  | {
      readonly kind: 'events';
      readonly trigger: string;
      /** Null: any. */
      readonly status: EventStatus | null;
      readonly page: EventPage;
    }
  | { readonly kind: 'invocations'; readonly trigger: string; readonly page: EventPage }
  | { readonly kind: 'event'; readonly eventId: string; readonly page: EventPage }
  | {
      readonly kind: 'clean-up';
      readonly trigger: string;
      readonly batchSize: number;
      readonly olderThanHours: number;
      readonly timeoutSeconds: number;
      readonly cleansInvocations: boolean;
    }
);

const count: Codec<number> = refine(integer, (value, place) =>
  value < 0 ? place.fail('expecting a value that is not negative') : value,
);

const positive: Codec<number> = refine(integer, (value, place) =>
  value < 1 ? place.fail('expecting a positive value') : value,
);

const page = { limit: defaulted(count, 100), offset: defaulted(count, 0) };

const status: Codec<EventStatus> = {
  decode(value, place) {
    const given = text.decode(value, place);
    if (given === 'processed' || given === 'pending') return given;
    return place.fail('event logs status can only be one of the following: processed or pending');
  },
  encode: (value) => value,
};

const redeliver = object('RedeliverEventQuery', { source, event_id: required(text) });
const invoke = object('InvokeEventTriggerQuery', { source, name, payload: required(json) });
const logs = object('GetEventLogs', { source, name, status: optional(status), ...page });
const invocationLogs = object('GetEventInvocationLogs', { source, name, ...page });
const byId = object('GetEventById', {
  source,
  event_id: required(text),
  invocation_log_limit: defaulted(count, 100),
  invocation_log_offset: defaulted(count, 0),
});
const cleanUp = object('TriggerLogCleanupConfig', {
  event_trigger_name: name,
  source,
  batch_size: defaulted(positive, 10_000),
  clear_older_than: required(count),
  timeout: defaulted(positive, 60),
  clean_invocation_logs: defaulted(boolean, false),
});

/** By the command's name without the prefix of its kind of source. */
export const eventRequests: Readonly<Record<string, Decoder<EventRequest>>> = {
  redeliver_event: {
    decode(value, place) {
      const { source: of, event_id: eventId } = redeliver.decode(value, place);
      return { kind: 'redeliver', source: of, eventId };
    },
  },
  invoke_event_trigger: {
    decode(value, place) {
      const { source: of, name: trigger, payload } = invoke.decode(value, place);
      return { kind: 'invoke', source: of, trigger, payload };
    },
  },
  get_event_logs: {
    decode(value, place) {
      const { source: of, name: trigger, status: wanted = null, ...rest } = logs.decode(value, place);
      return { kind: 'events', source: of, trigger, status: wanted, page: rest };
    },
  },
  get_event_invocation_logs: {
    decode(value, place) {
      const { source: of, name: trigger, ...rest } = invocationLogs.decode(value, place);
      return { kind: 'invocations', source: of, trigger, page: rest };
    },
  },
  get_event_by_id: {
    decode(value, place) {
      const given = byId.decode(value, place);
      const { invocation_log_limit: limit, invocation_log_offset: offset } = given;
      return { kind: 'event', source: given.source, eventId: given.event_id, page: { limit, offset } };
    },
  },
};

export const cleanUpRequest: Decoder<EventRequest> = {
  decode(value, place) {
    const given = cleanUp.decode(value, place);
    return {
      kind: 'clean-up',
      source: given.source,
      trigger: given.event_trigger_name,
      batchSize: given.batch_size,
      olderThanHours: given.clear_older_than,
      timeoutSeconds: given.timeout,
      cleansInvocations: given.clean_invocation_logs,
    };
  },
};
