import { nextTimes } from '../cron/index.ts';
import type { Database } from '../database/index.ts';
import { type CleanUpPlan, cleanUpPlanOf } from './clean-up-plan.ts';
import { cleanUp } from './event-log.ts';
import type { EventTriggers } from './types.ts';

export interface LogCleanerOptions {
  readonly database: Database;
  /** Those of the source that are in force and consistent. */
  readonly triggers: () => EventTriggers;
  /** Between two looks for clean-ups that are due. */
  readonly intervalMs: number;
  readonly onError: (error: unknown) => void;
}

/** So many are written down ahead, and more once there are fewer than the least number. Source: spec/events.md A6. */
const madeAhead = 50;
const leastAhead = 5;

/** Cleans up the event log of one source by the schedules of its triggers. Several engines share the work: each clean-up is done by one of them. */
export class LogCleaner {
  readonly #options: LogCleanerOptions;
  #timer: NodeJS.Timeout | null = null;
  #running: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: LogCleanerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.tick().then(() => {
      if (this.#isStopped) return;
      this.#timer = setTimeout(() => this.start(), this.#options.intervalMs);
      this.#timer.unref();
    });
  }

  /** Waits for a clean-up that runs, at most so long. */
  async stop(deadlineMs: number): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    let deadline: NodeJS.Timeout | undefined;
    await Promise.race([
      this.#running,
      new Promise<void>((resolve) => {
        deadline = setTimeout(resolve, deadlineMs);
      }),
    ]);
    clearTimeout(deadline);
  }

  /** Looks once. Never rejects. */
  async tick(): Promise<void> {
    for (const [name, { metadata }] of this.#options.triggers()) {
      if (this.#isStopped) return;
      try {
        const plan = cleanUpPlanOf(metadata);
        if (plan !== null) await this.#follow(name, plan);
      } catch (error) {
        this.#options.onError(error);
      }
    }
  }

  async #follow(trigger: string, plan: CleanUpPlan): Promise<void> {
    const due = await this.#takeDue(trigger, plan.isPaused ? 'paused' : 'completed');
    if (plan.isPaused) return;
    await this.#planAhead(trigger, plan);
    if (due === null) return;
    const { database } = this.#options;
    let outcome: Awaited<ReturnType<typeof cleanUp>>;
    try {
      outcome = await cleanUp({ ...plan, trigger }, database);
    } catch (error) {
      await database.queryRows({
        text: `update hdb_catalog.hdb_event_log_cleanups set status = 'dead' where id = $1`,
        parameters: [due],
      });
      throw error;
    }
    await database.queryRows({
      text: `update hdb_catalog.hdb_event_log_cleanups set deleted_event_logs = $2::int, deleted_event_invocation_logs = $3::int where id = $1`,
      parameters: [due, String(outcome.events), String(outcome.invocations)],
    });
  }

  /** Of the clean-ups that are due the last one is done, and those before it are dead: they would do the same. */
  async #takeDue(trigger: string, status: 'paused' | 'completed'): Promise<string | null> {
    const [row] = await this.#options.database.queryRows({
      text: `with due as (
  select id, scheduled_at from hdb_catalog.hdb_event_log_cleanups
  where trigger_name = $1 and status = 'scheduled' and scheduled_at <= now() at time zone 'utc'
  for update skip locked
), last as (
  select id from due order by scheduled_at desc limit 1
), changed as (
  update hdb_catalog.hdb_event_log_cleanups c
  set status = case when $2 = 'paused' or c.id = (select id from last) then $2 else 'dead' end
  from due where c.id = due.id
)
select id from last`,
      parameters: [trigger, status],
    });
    return row?.['id'] ?? null;
  }

  async #planAhead(trigger: string, { schedule }: CleanUpPlan): Promise<void> {
    const [next] = nextTimes(schedule, new Date(), 1);
    const [row] = await this.#options.database.queryRows({
      text: `select count(*) as count, to_char(min(scheduled_at), 'YYYY-MM-DD"T"HH24:MI:SS') as first,
  to_char(max(scheduled_at), 'YYYY-MM-DD"T"HH24:MI:SS') as last
from hdb_catalog.hdb_event_log_cleanups
where trigger_name = $1 and status = 'scheduled' and scheduled_at > now() at time zone 'utc'`,
      parameters: [trigger],
    });
    // a plan of another schedule is no longer true
    const isOther = row?.['first'] != null && row['first'] !== next?.toISOString().slice(0, 19);
    if (!isOther && Number(row?.['count'] ?? 0) >= leastAhead) return;
    const after = isOther || row?.['last'] == null ? new Date() : new Date(`${row['last']}Z`);
    const times = nextTimes(schedule, after, madeAhead).map((time) => time.toISOString().slice(0, 19));
    await this.#options.database.queryRows({
      text: `with outdated as (
  delete from hdb_catalog.hdb_event_log_cleanups
  where $3::boolean and trigger_name = $1 and status = 'scheduled' and scheduled_at > now() at time zone 'utc'
    and scheduled_at <> all (array(select jsonb_array_elements_text($2::jsonb)::timestamp))
)
insert into hdb_catalog.hdb_event_log_cleanups (trigger_name, scheduled_at, status)
select $1, at::timestamp, 'scheduled' from jsonb_array_elements_text($2::jsonb) at
on conflict (trigger_name, scheduled_at) do nothing`,
      parameters: [trigger, JSON.stringify(times), String(isOther)],
    });
  }
}
