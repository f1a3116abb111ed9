import { nextTimes, parseSchedule } from '../cron/index.ts';
import type { Connection } from '../database/index.ts';
import { type CronTriggerMetadata, defaultCronRetry, type Metadata } from '../metadata/index.ts';
import { stringifyJson } from '../support/index.ts';
import { textArray } from './event-tables.ts';
import { definitionOf, runnableCronTriggers } from './inconsistent-triggers.ts';
import type { CronTriggers } from './types.ts';

/** So many events of a trigger are made at once, and made again when fewer wait. Source: spec/events.md B1. */
const eventsAhead = 100;
/** Events that should have been made while no engine ran are made in steps of so many. */
const catchUpStep = 1000;

/** Held while events are made, so that two engines do not make the same ones. */
const advisoryLockKey = '7305843009213693952';

/**
 * Has the events follow a change of the metadata, in the transaction that stores it: those of triggers that were dropped or changed are removed as far as their time
 * has not come, those of new and changed triggers are made. Other triggers keep theirs.
 */
export async function followTriggerChange(
  before: Metadata,
  after: Metadata,
  connection: Connection,
): Promise<void> {
  if (before.cron_triggers === after.cron_triggers) return;
  const [previous, next] = [triggersOf(before), triggersOf(after)];
  const isChanged = (name: string): boolean => {
    const [one, other] = [previous.get(name), next.get(name)];
    if (one === undefined || other === undefined) return one !== other;
    return one !== other && textOf(one) !== textOf(other);
  };
  const removed = [...previous.keys()].filter(isChanged);
  const made = [...next.values()].filter(({ name }) => isChanged(name));
  if (removed.length === 0 && made.length === 0) return;
  await connection.queryRows({ text: 'select pg_advisory_xact_lock($1)', parameters: [advisoryLockKey] });
  if (removed.length > 0) {
    await connection.queryRows({
      text: `delete from hdb_catalog.hdb_cron_events
where trigger_name = any (${textArray('$1')}) and scheduled_time > now() and tries = 0 and status = 'scheduled'`,
      parameters: [JSON.stringify(removed)],
    });
  }
  const now = await readNow(connection);
  await insertEvents(
    made.flatMap((trigger) => timesOf(trigger, now, eventsAhead)),
    connection,
  );
}

/**
 * Makes events of triggers that have too few ahead: those that follow the last one, as far as they are still of use, and a hundred more. Run in a transaction.
 * @returns false when triggers are still behind, and it is to be run again
 */
export async function makeCronEvents(triggers: CronTriggers, connection: Connection): Promise<boolean> {
  const [lock] = await connection.queryRows({
    text: 'select pg_try_advisory_xact_lock($1) as is_held',
    parameters: [advisoryLockKey],
  });
  // somebody else does it
  if (lock?.['is_held'] !== 't') return true;
  const rows = await connection.queryRows({
    text: `select name, count(event.id) filter (where event.scheduled_time > now()) as ahead, ${millis('max(event.scheduled_time)')} as last
from json_array_elements_text($1::json) as name
left join hdb_catalog.hdb_cron_events as event
  on event.trigger_name = name and event.status = 'scheduled' and event.tries = 0
group by name`,
    parameters: [JSON.stringify([...triggers.keys()])],
  });
  const now = await readNow(connection);
  let isBehind = false;
  for (const row of rows) {
    const trigger = triggers.get(row['name'] ?? '');
    if (trigger === undefined || Number(row['ahead']) >= eventsAhead) continue;
    const last = row['last'] == null ? await readLast(trigger, connection) : Number(row['last']);
    const { tolerance_seconds: tolerance } = trigger.retry_conf ?? defaultCronRetry;
    const start = last === null ? now : new Date(Math.max(last, now.getTime() - tolerance * 1000));
    if (start < now) {
      const missed = timesOf(trigger, start, catchUpStep).filter(({ time }) => time <= now);
      await insertEvents(missed, connection);
      if (missed.length === catchUpStep) {
        isBehind = true;
        continue;
      }
    }
    await insertEvents(
      timesOf(trigger, new Date(Math.max(start.getTime(), now.getTime())), eventsAhead),
      connection,
    );
  }
  return !isBehind;
}

interface EventSeed {
  readonly trigger: string;
  readonly time: Date;
}

function timesOf({ name, schedule }: CronTriggerMetadata, after: Date, count: number): readonly EventSeed[] {
  return nextTimes(parseSchedule(schedule), after, count).map((time) => ({ trigger: name, time }));
}

async function insertEvents(seeds: readonly EventSeed[], connection: Connection): Promise<void> {
  if (seeds.length === 0) return;
  await connection.queryRows({
    text: `insert into hdb_catalog.hdb_cron_events (trigger_name, scheduled_time)
select trigger, "time" from json_to_recordset($1::json) as seed (trigger text, "time" timestamptz)
on conflict do nothing`,
    parameters: [JSON.stringify(seeds)],
  });
}

/** The trigger's last event of any status, in milliseconds; needed only when none waits. */
async function readLast({ name }: CronTriggerMetadata, connection: Connection): Promise<number | null> {
  const [row] = await connection.queryRows({
    text: `select ${millis('max(scheduled_time)')} as last from hdb_catalog.hdb_cron_events where trigger_name = $1`,
    parameters: [name],
  });
  return row?.['last'] == null ? null : Number(row['last']);
}

async function readNow(connection: Connection): Promise<Date> {
  const [row] = await connection.queryRows({ text: `select ${millis('now()')} as now`, parameters: [] });
  return new Date(Number(row?.['now']));
}

function millis(time: string): string {
  return `floor(extract(epoch from ${time}) * 1000)`;
}

/** Those that can be read; whether their webhooks are known does not matter here. */
function triggersOf(metadata: Metadata): CronTriggers {
  return runnableCronTriggers(metadata, null);
}

function textOf(trigger: CronTriggerMetadata): string {
  return stringifyJson(definitionOf(trigger));
}
