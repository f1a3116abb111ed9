import type { Database, Row } from '../database/index.ts';
import type { Invocation } from '../events/index.ts';
import { eventTables, textArray, utcText } from './event-tables.ts';
import { readOneOffEvent } from './read-one-off-event.ts';
import type { CronEvent, EventKind, OneOffEvent, TakenEvent } from './types.ts';

/** What became of an event. */
export interface Outcome {
  readonly id: string;
  readonly status: 'scheduled' | 'delivered' | 'error' | 'dead';
  /** When it is tried again; null unless it is. */
  readonly afterSeconds: number | null;
  /** Null: there was no attempt. */
  readonly invocation: Invocation | null;
}

/**
 * Events that wait, and who has taken them. A taken event has the status `locked` and, in `next_retry_at`, the time until which it is taken: whoever works on it
 * moves that on, and what a process leaves behind that ends without a word is taken by others soon after. Source: spec/events.md B4.
 */
export class EventQueue {
  readonly #database: Database;
  readonly #leaseSeconds: string;

  constructor(database: Database, leaseSeconds: number) {
    this.#database = database;
    this.#leaseSeconds = String(leaseSeconds);
  }

  /** Takes events that are due, the oldest first. @param triggers those whose events are asked for */
  async takeCronEvents(triggers: readonly string[], limit: number): Promise<readonly CronEvent[]> {
    const rows = await this.#database.queryRows({
      text: `with due as (
  select id from hdb_catalog.hdb_cron_events
  where ${isDue} and trigger_name = any (${textArray('$1')})
  order by ${dueAt} limit $2::int for update skip locked
)
update hdb_catalog.hdb_cron_events as event set ${lease('$3')} from due where event.id = due.id
returning ${takenColumns}, trigger_name`,
      parameters: [JSON.stringify(triggers), String(limit), this.#leaseSeconds],
    });
    return rows.map((row) => ({ kind: 'cron', ...readTaken(row), trigger: row['trigger_name'] ?? '' }));
  }

  /** Takes events that are due, the oldest first. */
  async takeOneOffEvents(limit: number): Promise<readonly OneOffEvent[]> {
    const rows = await this.#database.queryRows({
      text: `with due as (
  select id from hdb_catalog.hdb_scheduled_events where ${isDue}
  order by ${dueAt} limit $1::int for update skip locked
)
update hdb_catalog.hdb_scheduled_events as event set ${lease('$2')} from due where event.id = due.id
returning ${takenColumns}, webhook_conf, retry_conf, payload, header_conf, comment, ${utcText('created_at')} as created_at`,
      parameters: [String(limit), this.#leaseSeconds],
    });
    return rows.map((row) => ({ kind: 'one-off', ...readTaken(row), ...readOneOffEvent(row) }));
  }

  /** Seconds until the next event is due, negative when it is; null when none waits. */
  async secondsUntilDue(triggers: readonly string[]): Promise<number | null> {
    const [row] = await this.#database.queryRows({
      text: `select extract(epoch from least(
  (select min(${dueAt}) from hdb_catalog.hdb_cron_events where ${waits} and trigger_name = any (${textArray('$1')})),
  (select min(${dueAt}) from hdb_catalog.hdb_scheduled_events where ${waits})
) - now()) as seconds`,
      parameters: [JSON.stringify(triggers)],
    });
    return row?.['seconds'] == null ? null : Number(row['seconds']);
  }

  /** They stay taken for another while. */
  async renew(kind: EventKind, ids: readonly string[]): Promise<void> {
    await this.#database.queryRows({
      text: `update ${eventTables[kind].events} set ${lease('$2')} where id = any (${textArray('$1')}) and status = 'locked'`,
      parameters: [JSON.stringify(ids), this.#leaseSeconds],
    });
  }

  /** They wait again, as if they had not been taken. */
  async release(events: readonly TakenEvent[]): Promise<void> {
    for (const kind of ['cron', 'one-off'] as const) {
      const ids = events.filter((event) => event.kind === kind).map(({ id }) => id);
      if (ids.length === 0) continue;
      await this.#database.queryRows({
        text: `update ${eventTables[kind].events} set status = 'scheduled', next_retry_at = case when tries > 0 then now() end
where id = any (${textArray('$1')}) and status = 'locked'`,
        parameters: [JSON.stringify(ids)],
      });
    }
  }

  /**
   * Events that were taken without a time until which they are: by an engine that does not know such times, and that has ended, as two different engines
   * do not share a database. Source: spec/events.md B4, "Startup".
   */
  async releaseOrphans(): Promise<void> {
    for (const { events } of Object.values(eventTables)) {
      await this.#database.queryRows({
        text: `update ${events} set status = 'scheduled' where status = 'locked' and next_retry_at is null`,
        parameters: [],
      });
    }
  }

  /**
   * Records what became of events, each with its attempt. What others have got through with meanwhile stays so, but that it was delivered is always true. Of events that
   * were deleted nothing is kept.
   */
  async record(kind: EventKind, outcomes: readonly Outcome[]): Promise<void> {
    const { events, invocations } = eventTables[kind];
    const items = outcomes.map(({ invocation, ...outcome }) => ({
      ...outcome,
      tries: invocation === null ? 0 : 1,
      http_status: invocation?.status ?? null,
      request: invocation?.request ?? null,
      response: invocation?.response ?? null,
    }));
    await this.#database.queryRows({
      text: `with item as (
  select * from json_to_recordset($1::json) as item (
    id text, status text, "afterSeconds" float8, tries int, http_status int, request text, response text)
), done as (
  update ${events} as event set status = item.status, tries = event.tries + item.tries,
    next_retry_at = now() + make_interval(secs => item."afterSeconds")
  from item where event.id = item.id and (event.status = 'locked' or item.status = 'delivered')
  returning event.id
)
insert into ${invocations} (event_id, status, request, response)
select id, http_status, request::json, response::json from item join done using (id) where tries > 0`,
      parameters: [JSON.stringify(items)],
    });
  }
}

const dueAt = 'coalesce(next_retry_at, scheduled_time)';
/** Waits for its time, or for somebody else when the one who has taken it is late. */
const waits = `status in ('scheduled', 'locked') and (status = 'scheduled' or next_retry_at is not null)`;
const isDue = `${waits} and ${dueAt} <= now()`;

function lease(seconds: string): string {
  return `status = 'locked', next_retry_at = now() + make_interval(secs => ${seconds}::float8)`;
}

const takenColumns = `event.id, tries, ${utcText('scheduled_time')} as scheduled_time,
  extract(epoch from now() - scheduled_time) as lateness`;

function readTaken(row: Row): Pick<TakenEvent, 'id' | 'scheduledTime' | 'latenessSeconds' | 'tries'> {
  return {
    id: row['id'] ?? '',
    scheduledTime: row['scheduled_time'] ?? '',
    latenessSeconds: Number(row['lateness']),
    tries: Number(row['tries']),
  };
}
