import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/index.ts';
import { type Database, openDatabase } from '../database/index.ts';
import { type CronTriggerMetadata, openMetadataStorage } from '../metadata/index.ts';
import { makeCronEvents } from './cron-events.ts';

let server: TestDatabase;
let database: Database;

beforeAll(async () => {
  server = await createTestDatabase();
  database = openDatabase({ url: server.url, maxConnections: 4 });
  await openMetadataStorage(database);
});
afterAll(async () => {
  await database?.close({ deadlineMs: 1000 });
  await server?.drop();
});
beforeEach(() => server.sql('delete from hdb_catalog.hdb_cron_events'));

const trigger = (more: Partial<CronTriggerMetadata> = {}): CronTriggerMetadata => ({
  name: 't',
  webhook: 'x',
  schedule: '* * * * *',
  include_in_metadata: true,
  ...more,
});

function make(one: CronTriggerMetadata): Promise<boolean> {
  return database.transaction({ isolation: 'read-committed' }, (connection) =>
    makeCronEvents(new Map([[one.name, one]]), connection),
  );
}

/** By minutes from now. */
async function summary() {
  const [row] = await server.sql(`select count(*)::int as all,
      count(*) filter (where scheduled_time > now())::int as ahead,
      round(extract(epoch from min(scheduled_time) - date_trunc('minute', now())) / 60)::int as first,
      round(extract(epoch from max(scheduled_time) - date_trunc('minute', now())) / 60)::int as last
    from hdb_catalog.hdb_cron_events where status = 'scheduled'`);
  return row;
}

test('a trigger without events gets a hundred from now on, and no more as long as they wait', async () => {
  expect(await make(trigger())).toBe(true);
  expect(await summary()).toEqual({ all: 100, ahead: 100, first: 1, last: 100 });
  expect(await make(trigger())).toBe(true);
  expect(await summary()).toEqual({ all: 100, ahead: 100, first: 1, last: 100 });
});

test('a hundred more follow the last one once one is missing', async () => {
  await make(trigger());
  await server.sql(`update hdb_catalog.hdb_cron_events set status = 'delivered', tries = 1
    where scheduled_time = (select min(scheduled_time) from hdb_catalog.hdb_cron_events)`);
  await make(trigger());
  expect(await summary()).toEqual({ all: 199, ahead: 199, first: 2, last: 200 });
});

test('what was missed while no engine ran is made, as far as it is still of use', async () => {
  await server.sql(`insert into hdb_catalog.hdb_cron_events (trigger_name, scheduled_time, status, tries)
    values ('t', date_trunc('minute', now()) - interval '10 hours', 'delivered', 1)`);
  const hour = { num_retries: 0, retry_interval_seconds: 10, timeout_seconds: 60, tolerance_seconds: 3600 };
  expect(await make(trigger({ retry_conf: hour }))).toBe(true);
  expect(await summary()).toEqual({ all: 160, ahead: 100, first: -59, last: 100 });
});

test('much that was missed is made in steps', async () => {
  await server.sql(`insert into hdb_catalog.hdb_cron_events (trigger_name, scheduled_time, status, tries)
    values ('t', date_trunc('minute', now()) - interval '1500 minutes', 'delivered', 1)`);
  const day = { num_retries: 0, retry_interval_seconds: 10, timeout_seconds: 60, tolerance_seconds: 1e6 };
  expect(await make(trigger({ retry_conf: day }))).toBe(false);
  expect(await summary()).toMatchObject({ all: 1000, ahead: 0, first: -1499 });
  expect(await make(trigger({ retry_conf: day }))).toBe(true);
  expect(await summary()).toEqual({ all: 1600, ahead: 100, first: -1499, last: 100 });
});

test('of several that make events at once, one does', async () => {
  await Promise.all(Array.from({ length: 4 }, () => make(trigger())));
  expect(await summary()).toEqual({ all: 100, ahead: 100, first: 1, last: 100 });
});

test('a schedule that is never due has no events', async () => {
  expect(await make(trigger({ schedule: '0 0 30 2 *' }))).toBe(true);
  expect(await summary()).toMatchObject({ all: 0 });
});
