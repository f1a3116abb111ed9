/** Databases of one server stand for primary and replicas here: what each of them holds tells who answered. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/index.ts';
import { type Database, DatabaseError, openDatabase, type ReplicaEvent, Replicas } from './index.ts';

let administration: TestDatabase;
let stored: readonly TestDatabase[];
let opened: readonly Database[];
let replicas: Replicas;
let events: ReplicaEvent[];

beforeAll(async () => {
  administration = await createTestDatabase();
  stored = await Promise.all([createTestDatabase(), createTestDatabase(), createTestDatabase()]);
  const names = ['primary', 'first', 'second'];
  await Promise.all(
    stored.map(async (database, index) => {
      await database.sql(`create table who as select '${names[index]}' as name`);
      if (index === 0) await database.sql('create table news as select 1 as id');
    }),
  );
});

beforeEach(() => {
  const [primary, ...others] = stored.map(({ url }, index) =>
    openDatabase({
      url: index === 0 ? url : `${url}?options=-c%20default_transaction_read_only%3Don`,
      maxConnections: 3,
    }),
  );
  if (primary === undefined) throw new Error('there is a primary');
  events = [];
  opened = [primary, ...others];
  replicas = new Replicas(primary, others, (event) => events.push(event));
  return async () => {
    replicas.close();
    await Promise.all(opened.map((database) => database.close({ deadlineMs: 100 })));
  };
});

afterAll(async () => {
  await Promise.all([administration, ...(stored ?? [])].map((database) => database?.drop()));
});

const who = { text: 'select name from who', parameters: [] };

async function ask(text = who.text): Promise<unknown> {
  return Object.values((await replicas.queryRows({ text, parameters: [] }))[0] ?? {})[0];
}

async function askOften(times = 40): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of await Promise.all(Array.from({ length: times }, () => ask())))
    counts[String(name)] = (counts[String(name)] ?? 0) + 1;
  return counts;
}

/** No session remains and none can be had. */
async function takeDown(index: 1 | 2): Promise<void> {
  await administration.sql(`alter database ${stored[index]?.name} allow_connections false`);
  await administration.sql('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
    stored[index]?.name,
  ]);
}

async function bringBack(index: 1 | 2): Promise<void> {
  await administration.sql(`alter database ${stored[index]?.name} allow_connections true`);
}

async function until(condition: () => boolean, timeoutMs = 5_000): Promise<void> {
  for (const start = performance.now(); !condition(); ) {
    if (performance.now() - start > timeoutMs) throw new Error('it has not come true in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('each statement is answered by a replica that is drawn, never by the primary', async () => {
  const counts = await askOften(60);
  expect(Object.keys(counts).sort()).toEqual(['first', 'second']);
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(10);
  const [bytes] = await replicas.queryBytes(who);
  expect(['first', 'second']).toContain(Buffer.concat(bytes ? [...bytes] : []).toString());
});

test('a replica dies: what runs there is answered by the other; without any by the primary; they are taken back', async () => {
  await askOften();
  const slow = Promise.all(Array.from({ length: 3 }, () => ask('select name from who, pg_sleep(0.3)')));
  await new Promise((resolve) => setTimeout(resolve, 100));
  await takeDown(1);
  expect(await slow).toEqual(['second', 'second', 'second']);
  expect(Object.keys(await askOften())).toEqual(['second']);
  await takeDown(2);
  expect(Object.keys(await askOften())).toEqual(['primary']);
  expect(events.map(({ replica, isLive }) => [replica, isLive])).toEqual([
    [0, false],
    [1, false],
  ]);
  expect(events[0]?.error).not.toBeNull();
  await bringBack(1);
  await until(() => events.length === 3);
  expect(Object.keys(await askOften())).toEqual(['first']);
  await bringBack(2);
  await until(() => events.length === 4);
  expect(Object.keys(await askOften()).sort()).toEqual(['first', 'second']);
});

test('what replicas refuse because they are replicas, the primary answers', async () => {
  expect(await ask('with n as (select 1) select id from news')).toBe('1');
  await stored[0]?.sql('create sequence numbers');
  for (const replica of stored.slice(1)) await replica.sql('create sequence numbers start 100');
  expect(await ask("select nextval('numbers')")).toBe('1');
  expect(events).toEqual([]);
});

test('an error of the statement is told, and asked of one database only', async () => {
  const failure = await ask('select 1 / 0').catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(DatabaseError);
  expect(failure).toMatchObject({ sqlState: '22012' });
  const controller = new AbortController();
  const aborted = replicas.queryRows(
    { text: 'select pg_sleep(5)', parameters: [] },
    { signal: controller.signal },
  );
  setTimeout(() => controller.abort(new Error('enough')), 50);
  await expect(aborted).rejects.toThrow('enough');
  expect(events).toEqual([]);
});

test('a replica that has no connection free is not a dead one', async () => {
  const [primary] = opened;
  const url = stored[1]?.url;
  if (primary === undefined || url === undefined) throw new Error('there are databases');
  const small = openDatabase({ url, maxConnections: 1, poolTimeoutMs: 50 });
  const one = new Replicas(primary, [small], (event) => events.push(event));
  const asked = [1, 2].map(() => one.queryRows({ text: 'select pg_sleep(0.4)', parameters: [] }));
  const [first, second] = await Promise.allSettled(asked);
  expect([first?.status, second?.status]).toEqual(['fulfilled', 'rejected']);
  expect(String((second as PromiseRejectedResult).reason)).toContain('acquisition timeout');
  expect((await one.queryRows(who))[0]).toEqual({ name: 'first' });
  expect(events).toEqual([]);
  one.close();
  await small.close({ deadlineMs: 100 });
});
