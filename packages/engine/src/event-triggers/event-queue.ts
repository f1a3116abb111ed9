import type { Database, Row } from '../database/index.ts';
import type { Invocation } from '../events/index.ts';
import type { TakenEvent } from './types.ts';

/** What became of an event. */
export interface Outcome {
  readonly id: string;
  readonly trigger: string;
  readonly kind: 'delivered' | 'retry' | 'error';
  /** Of `retry` only. */
  readonly afterSeconds: number | null;
  readonly invocation: Invocation;
}

/** The events of one source, in its `hdb_catalog`. Source: spec/events.md A5. */
export class EventQueue {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Takes events that are due, and those that somebody took half an hour ago and has not finished. Nobody else gets them meanwhile. */
  async take(triggers: readonly string[], limit: number): Promise<readonly TakenEvent[]> {
    const rows = await this.#database.queryRows({
      text: `with taken as (
  update hdb_catalog.event_log set locked = now()
  where id in (
    select l.id from hdb_catalog.event_log l
    where l.delivered = 'f' and l.error = 'f' and l.archived = 'f'
      and (l.locked is null or l.locked < now() - interval '30 minute')
      and (l.next_retry_at is null or l.next_retry_at <= now())
      and l.trigger_name = any (array(select jsonb_array_elements_text($1::jsonb)))
    order by l.locked nulls first, l.next_retry_at nulls first, l.created_at
    limit $2::int for update skip locked
  )
  returning id, schema_name, table_name, trigger_name, payload, tries, created_at, next_retry_at
)
select id, schema_name, table_name, trigger_name, payload::text, tries, to_json(created_at)::text as created_at,
  extract(epoch from now()::timestamp - coalesce(next_retry_at, created_at)) as waited
from taken order by taken.created_at`,
      parameters: [JSON.stringify(triggers), String(limit)],
    });
    return rows.map(readEvent);
  }

  /** All of it or nothing, in one statement. */
  async record(outcomes: readonly Outcome[]): Promise<void> {
    await this.#database.queryRows({
      text: `with outcome as (
  select * from jsonb_to_recordset($1::jsonb)
    as o (id text, trigger text, kind text, after_seconds int, status int, request text, response text)
), logged as (
  insert into hdb_catalog.event_invocation_logs (trigger_name, event_id, status, request, response)
  select trigger, id, status, request::json, response::json from outcome
)
update hdb_catalog.event_log l
set delivered = (o.kind = 'delivered'), error = (o.kind = 'error'), tries = l.tries + 1, locked = null,
  next_retry_at = case when o.kind = 'retry' then now() + make_interval(secs => o.after_seconds) end
from outcome o where l.id = o.id`,
      parameters: [JSON.stringify(outcomes.map(rowOf))],
    });
  }

  /** Records outcomes without what was sent and answered, which the database does not take. */
  async recordBare(outcomes: readonly Outcome[]): Promise<void> {
    const bare = outcomes.map((outcome) => ({
      ...outcome,
      invocation: { status: outcome.invocation.status, request: '{}', response: '{}' },
    }));
    await this.record(bare);
  }

  /** Gives events back, as they were before they were taken. */
  async release(ids: readonly string[]): Promise<void> {
    await this.#database.queryRows({
      text: `update hdb_catalog.event_log set locked = null where id = any (array(select jsonb_array_elements_text($1::jsonb)))`,
      parameters: [JSON.stringify(ids)],
    });
  }

  /** Gives an event back for later; it does not count as a try. */
  async postpone(id: string, seconds: number): Promise<void> {
    await this.#database.queryRows({
      text: `update hdb_catalog.event_log set locked = null, next_retry_at = now() + make_interval(secs => $2::int) where id = $1`,
      parameters: [id, String(seconds)],
    });
  }
}

function rowOf({ id, trigger, kind, afterSeconds, invocation }: Outcome): Readonly<Record<string, unknown>> {
  return { id, trigger, kind, after_seconds: afterSeconds, ...invocation };
}

function readEvent(row: Row): TakenEvent {
  return {
    id: row['id'] ?? '',
    table: { schema: row['schema_name'] ?? '', name: row['table_name'] ?? '' },
    trigger: row['trigger_name'] ?? '',
    payload: row['payload'] ?? 'null',
    createdAt: JSON.parse(row['created_at'] ?? '""') as string,
    tries: Number(row['tries']),
    waitedSeconds: Math.max(0, Number(row['waited'])),
  };
}
