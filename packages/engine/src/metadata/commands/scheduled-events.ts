/** Arguments of the commands for events of the clock: only their shape. Source: spec/events.md B2, B3. */
import type { Json } from '../../support/index.ts';
import {
  boolean,
  type Codec,
  type Decoder,
  defaulted,
  integer,
  json,
  list,
  nonEmptyText,
  object,
  oneOf,
  optional,
  refine,
  required,
  text,
} from '../codec/index.ts';
import { headers, requestTransform, responseTransform } from '../shapes/common.ts';
import { defaultCronRetry, scheduledRetry } from '../shapes/cron-trigger.ts';
import type { HeaderConfiguration, ScheduledRetry } from '../types.ts';

export type ScheduledEventType = 'one_off' | 'cron';

export const scheduledEventStatuses = ['scheduled', 'locked', 'delivered', 'error', 'dead'] as const;
export type ScheduledEventStatus = (typeof scheduledEventStatuses)[number];

/** All events that were made one by one, or those of a cron trigger. */
export type ScheduledEventGroup =
  | { readonly type: 'one_off' }
  | { readonly type: 'cron'; readonly trigger: string };

export interface ScheduledEventPage {
  /** Null: all. */
  readonly limit: number | null;
  readonly offset: number;
  /** The answer has the number of all that there are. */
  readonly counts: boolean;
}

export interface OneOffEvent {
  /** With `{{NAME}}` for variables of the environment. */
  readonly webhook: string;
  /** As PostgreSQL reads it, with its offset. */
  readonly scheduledTime: string;
  readonly payload: Json | undefined;
  readonly headers: readonly HeaderConfiguration[];
  readonly retry: ScheduledRetry;
  readonly comment: string | null;
}

export type ScheduledEventRequest =
  | { readonly kind: 'create'; readonly event: OneOffEvent }
  | { readonly kind: 'delete'; readonly type: ScheduledEventType; readonly id: string }
  | {
      readonly kind: 'events';
      readonly group: ScheduledEventGroup;
      /** Empty: any. */
      readonly statuses: readonly ScheduledEventStatus[];
      readonly page: ScheduledEventPage;
    }
  | {
      readonly kind: 'invocations';
      readonly of: ScheduledEventGroup | { readonly type: ScheduledEventType; readonly eventId: string };
      readonly page: ScheduledEventPage;
    };

/** A point in time as ISO 8601 has it, with an offset from UTC; seconds may be missing, and a space stand for the `T`. */
const timestamp: Codec<string> = refine(text, (given, place) => {
  const found = isoTime.exec(given);
  if (found === null) return place.fail(`parsing UTCTime failed, "${given}" is no time as ISO 8601 has it`);
  const [, day, clock, seconds = '', fraction = '', offset = 'Z', hours = '', minutes = ''] = found;
  const normalized = `${day}T${clock}${seconds === '' ? ':00' : seconds}Z`;
  const date = new Date(normalized);
  // a day that the month does not have becomes another day
  const isReal = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(normalized.slice(0, 19));
  if (!isReal || Number(hours) > 14 || Number(minutes) > 59) {
    return place.fail(`parsing UTCTime failed, there is no such time as "${given}"`);
  }
  const zone = /^z$/i.test(offset) ? '+00:00' : `${offset[0]}${hours}:${minutes === '' ? '00' : minutes}`;
  return `${normalized.slice(0, 19)}${fraction}${zone}`;
});

const isoTime =
  /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(?:(:\d\d)(\.\d{1,12})?)? ?([Zz]|[+-](\d\d)(?::?(\d\d))?)$/;

const create = object('CreateScheduledEvent', {
  webhook: required(text),
  schedule_at: required(timestamp),
  payload: optional(json),
  headers: defaulted(headers, []),
  retry_conf: defaulted<ScheduledRetry>(scheduledRetry, defaultCronRetry),
  comment: optional(text),
  // only their shape is looked at: the events' table has no place for them
  request_transform: optional(requestTransform),
  response_transform: optional(responseTransform),
});

const type = required(oneOf('type', ['one_off', 'cron']));

const remove = object('DeleteScheduledEvent', { type, event_id: required(text) });

const count: Codec<number> = refine(integer, (value, place) =>
  value < 0 ? place.fail('expecting a value that is not negative') : value,
);

const page = {
  limit: optional(count),
  offset: defaulted(count, 0),
  get_rows_count: defaulted(boolean, false),
};

const status: Codec<ScheduledEventStatus> = {
  decode(value, place) {
    const given = text.decode(value, place);
    return (
      scheduledEventStatuses.find((known) => known === given) ?? place.fail(`unexpected status: ${given}`)
    );
  },
  encode: (value) => value,
};

const events = object('GetScheduledEvents', { type, ...page, status: defaulted(list(status), []) });
const invocations = object('GetScheduledEventInvocations', { type, ...page, event_id: optional(text) });
const ofTrigger = object('GetScheduledEvents', { trigger_name: required(nonEmptyText) });

function groupOf(of: ScheduledEventType, ...rest: Parameters<typeof ofTrigger.decode>): ScheduledEventGroup {
  return of === 'one_off' ? { type: of } : { type: of, trigger: ofTrigger.decode(...rest).trigger_name };
}

function pageOf(given: {
  readonly limit?: number;
  readonly offset: number;
  readonly get_rows_count: boolean;
}): ScheduledEventPage {
  return { limit: given.limit ?? null, offset: given.offset, counts: given.get_rows_count };
}

/** By the names of the commands. */
export const scheduledEventRequests: Readonly<Record<string, Decoder<ScheduledEventRequest>>> = {
  create_scheduled_event: {
    decode(value, place) {
      const given = create.decode(value, place);
      const { webhook, payload, headers: sent, retry_conf: retry, comment = null } = given;
      return {
        kind: 'create',
        event: { webhook, scheduledTime: given.schedule_at, payload, headers: sent, retry, comment },
      };
    },
  },
  delete_scheduled_event: {
    decode(value, place) {
      const given = remove.decode(value, place);
      return { kind: 'delete', type: given.type, id: given.event_id };
    },
  },
  get_scheduled_events: {
    decode(value, place) {
      const given = events.decode(value, place);
      return {
        kind: 'events',
        group: groupOf(given.type, value, place),
        statuses: given.status,
        page: pageOf(given),
      };
    },
  },
  get_scheduled_event_invocations: {
    decode(value, place) {
      const given = invocations.decode(value, place);
      const of =
        given.event_id === undefined
          ? groupOf(given.type, value, place)
          : { type: given.type, eventId: given.event_id };
      return { kind: 'invocations', of, page: pageOf(given) };
    },
  },
};
