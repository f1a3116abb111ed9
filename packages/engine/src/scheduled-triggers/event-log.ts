import type { Database } from '../database/index.ts';
import type {
  ScheduledEventGroup,
  ScheduledEventPage,
  ScheduledEventRequest,
  ScheduledEventType,
} from '../metadata/index.ts';
import { defaultCronRetry } from '../metadata/index.ts';
import { InvariantError, type Json, passedOnJson, stringifyJson } from '../support/index.ts';
import { type EventTables, eventTables, textArray, utcText } from './event-tables.ts';

/** Answers the commands for events, in the metadata database. Source: spec/events.md B2, B3. */
export class EventLog {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Gives the answer of the command. That a trigger is known was checked. */
  run(request: ScheduledEventRequest): Promise<Json> {
    switch (request.kind) {
      case 'create':
        return this.#create(request.event);
      case 'delete':
        return this.#delete(request.type, request.id);
      case 'events':
        return this.#events(request);
      case 'invocations':
        return this.#invocations(request);
    }
  }

  async #create(event: Extract<ScheduledEventRequest, { readonly kind: 'create' }>['event']): Promise<Json> {
    const { webhook, scheduledTime, payload, headers, retry, comment } = event;
    const [row] = await this.#database.queryRows({
      text: `insert into hdb_catalog.hdb_scheduled_events
  (webhook_conf, scheduled_time, payload, retry_conf, header_conf, comment)
values ($1::json, $2::timestamptz, $3::json, $4::json, $5::json, $6) returning id`,
      parameters: [
        JSON.stringify(webhook),
        scheduledTime,
        payload === undefined ? null : stringifyJson(payload),
        JSON.stringify(retry),
        JSON.stringify(headers),
        comment,
      ],
    });
    if (row?.['id'] == null) throw new InvariantError('an insert has returned nothing');
    return { message: 'success', event_id: row['id'] };
  }

  /** Its invocations go with it. */
  async #delete(type: ScheduledEventType, id: string): Promise<Json> {
    await this.#database.queryRows({
      text: `delete from ${tablesOf(type).events} where id = $1`,
      parameters: [id],
    });
    return { message: 'success' };
  }

  async #events({
    group,
    statuses,
    page,
  }: Extract<ScheduledEventRequest, { readonly kind: 'events' }>): Promise<Json> {
    const where = `(json_array_length($1::json) = 0 or status = any (${textArray('$1')}))
  and ($2::text is null or ${group.type === 'cron' ? 'trigger_name = $2' : 'true'})`;
    return this.#page('events', {
      text: `select ${columnsOf(group)} from ${tablesOf(group.type).events} as event where ${where}
order by event.scheduled_time, id`,
      parameters: [JSON.stringify(statuses), group.type === 'cron' ? group.trigger : null],
      page,
    });
  }

  async #invocations({
    of,
    page,
  }: Extract<ScheduledEventRequest, { readonly kind: 'invocations' }>): Promise<Json> {
    const { events, invocations } = tablesOf(of.type);
    const [where, parameter] =
      'eventId' in of
        ? ['event_id = $1', of.eventId]
        : of.type === 'cron'
          ? [`event_id in (select id from ${events} where trigger_name = $1)`, of.trigger]
          : ['$1::text is null', null];
    return this.#page('invocations', {
      text: `select id, event_id, status, request, response, ${utcText('created_at')} as created_at
from ${invocations} as invocation where ${where} order by invocation.created_at desc, id`,
      parameters: [parameter],
      page,
    });
  }

  /** A page of what a statement selects, as the database writes it, and how much there is on all pages. */
  async #page(
    name: 'events' | 'invocations',
    query: {
      readonly text: string;
      readonly parameters: readonly (string | null)[];
      readonly page: ScheduledEventPage;
    },
  ): Promise<Json> {
    const { text, parameters, page } = query;
    const [limit, offset] = [parameters.length + 1, parameters.length + 2];
    const [row] = await this.#database.queryRows({
      text: `with found as (${text})
select coalesce((select json_agg(item) from (select * from found limit $${limit}::bigint offset $${offset}::bigint) as item), '[]') as items,
  ${page.counts ? '(select count(*) from found)' : 'null::bigint'} as count`,
      parameters: [...parameters, page.limit === null ? null : String(page.limit), String(page.offset)],
    });
    const items = passedOnJson(row?.['items'] ?? '[]');
    return page.counts ? { [name]: items, count: Number(row?.['count']) } : { [name]: items };
  }
}

function tablesOf(type: ScheduledEventType): EventTables {
  return eventTables[type === 'cron' ? 'cron' : 'one-off'];
}

const times = `${utcText('created_at')} as created_at,
  case when status <> 'locked' then ${utcText('next_retry_at')} end as next_retry_at`;

/** Until when an event is taken is not shown as the time of a retry. */
function columnsOf({ type }: ScheduledEventGroup): string {
  const shared = `${utcText('scheduled_time')} as scheduled_time`;
  if (type === 'cron') return `id, trigger_name, ${shared}, status, tries, ${times}`;
  return `id, webhook_conf, ${shared}, coalesce(retry_conf, '${JSON.stringify(defaultCronRetry)}') as retry_conf, payload,
  coalesce(header_conf, '[]') as header_conf, status, tries, ${times}, comment,
  null as request_transform, null as response_transform`;
}
