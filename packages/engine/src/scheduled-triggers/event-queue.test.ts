import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/index.ts';
import { type Database, openDatabase } from '../database/index.ts';
import { openMetadataStorage } from '../metadata/index.ts';
import { EventQueue } from './event-queue.ts';

let server: TestDatabase;
let database: Database;
const leaseSeconds = 0.3;
let queue: EventQueue;

beforeAll(async () => {
  server = await createTestDatabase();
  database = openDatabase({ url: server.url, maxConnections: 4 });
  await openMetadataStorage(database);
  queue = new EventQueue(database, leaseSeconds);
});
afterAll(async () => {
  await database?.close({ deadlineMs: 1000 });
  await server?.drop();
});
beforeEach(async () => {
  await server.sql('delete from hdb_catalog.hdb_cron_events');
  await server.sql(`insert into hdb_catalog.hdb_cron_events (id, trigger_name, scheduled_time) values
    ('old', 't', now() - interval '1 hour'), ('due', 't', now()), ('later', 't', now() + interval '1 hour'),
    ('other', 'u', now())`);
});

const take = async (limit = 10) => (await queue.takeCronEvents(['t'], limit)).map(({ id }) => id).sort();
const untilLost = () => new Promise((done) => setTimeout(done, leaseSeconds * 1000 + 50));

test('due events of the triggers are taken once, the oldest first', async () => {
  expect(await take(1)).toEqual(['old']);
  expect(await take()).toEqual(['due']);
  expect(await take()).toEqual([]);
});

test('what somebody else is taking is left to him, and not waited for', async () => {
  await database.transaction({}, async (connection) => {
    const text = `select id from hdb_catalog.hdb_cron_events where id = 'old' for update`;
    await connection.queryRows({ text, parameters: [] });
    expect(await take()).toEqual(['due']);
  });
  expect(await take()).toEqual(['old']);
});

test('events that nobody works on any more are taken again, and those that somebody does are not', async () => {
  expect(await take()).toEqual(['due', 'old']);
  for (let time = 0; time < 3; time++) {
    await new Promise((done) => setTimeout(done, leaseSeconds * 500));
    await queue.renew('cron', ['old']);
  }
  expect(await take()).toEqual(['due']);
});

test('events that are given back can be taken at once', async () => {
  const taken = await queue.takeCronEvents(['t'], 10);
  await queue.release(taken);
  expect(await take()).toEqual(['due', 'old']);
});

test('what another engine has locked and left is set free at the start, and only that', async () => {
  expect(await take(1)).toEqual(['old']);
  await server.sql(`update hdb_catalog.hdb_cron_events set status = 'locked' where id = 'due'`);
  await untilLost();
  expect(await queue.secondsUntilDue(['t'])).toBeLessThan(0);
  expect(await take()).toEqual(['old']);
  await queue.releaseOrphans();
  expect(await take()).toEqual(['due']);
});

test('says when the next event is due', async () => {
  await take();
  expect(await queue.secondsUntilDue(['t'])).toBeLessThanOrEqual(leaseSeconds);
  await queue.record(
    'cron',
    ['old', 'due'].map((id) => ({ id, status: 'delivered', afterSeconds: null, invocation: null })),
  );
  expect(await queue.secondsUntilDue(['t'])).toBeGreaterThan(3000);
  expect(await queue.secondsUntilDue(['nobody'])).toBe(null);
});

test('what another one has delivered meanwhile stays delivered', async () => {
  const invocation = { status: 200, request: '{}', response: '{}' };
  await take();
  await queue.record('cron', [{ id: 'old', status: 'delivered', afterSeconds: null, invocation }]);
  await queue.record('cron', [{ id: 'old', status: 'error', afterSeconds: null, invocation }]);
  await queue.record('cron', [{ id: 'due', status: 'scheduled', afterSeconds: 60, invocation }]);
  await queue.record('cron', [{ id: 'due', status: 'delivered', afterSeconds: null, invocation }]);
  await queue.record('cron', [{ id: 'nobody', status: 'delivered', afterSeconds: null, invocation }]);
  expect(
    await server.sql(
      `select id, status, tries from hdb_catalog.hdb_cron_events where trigger_name = 't' order by id`,
    ),
  ).toEqual([
    { id: 'due', status: 'delivered', tries: 2 },
    { id: 'later', status: 'scheduled', tries: 0 },
    { id: 'old', status: 'delivered', tries: 1 },
  ]);
});
