import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/index.ts';
import { type Database, openDatabase } from '../database/index.ts';
import { ChangeWatch } from './change-watch.ts';

let server: TestDatabase;
let database: Database;
let watch: ChangeWatch;
beforeAll(async () => {
  server = await createTestDatabase();
  await server.sql(`
    create table plain (id int primary key);
    create table guarded (id int); alter table guarded enable row level security;
    create view looked_through as select id, now() from plain;
    create materialized view kept as select id from plain;
    create table parted (id int) partition by range (id);
    create table part partition of parted for values from (0) to (10);
    create foreign data wrapper nothing;
    create server nowhere foreign data wrapper nothing;
    create table parent (id int);
    create foreign table child () inherits (parent) server nowhere;
    create function fixed(int) returns int language sql immutable as 'select 1';
    create function fixed(text) returns int language sql stable as 'select 1';
    create function same(int) returns int language sql immutable as 'select 1';
  `);
  database = openDatabase({ url: server.url, maxConnections: 2 });
  watch = new ChangeWatch(database);
});
afterAll(async () => {
  await database.close();
  await server.drop();
});

/** Other tests of the same server end transactions, too. */
async function staysEqual(during: () => Promise<unknown>): Promise<boolean> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const before = await watch.version(0);
    await during();
    if ((await watch.version(0)) === before && before !== null) return true;
  }
  return false;
}

test('another version after every commit, the same one after reads', async () => {
  expect(await staysEqual(() => server.sql('select count(*) from plain'))).toBe(true);
  for (const write of [
    'insert into plain values (1)',
    'update plain set id = 2',
    'delete from plain',
    'truncate plain',
    'refresh materialized view kept',
  ]) {
    const before = await watch.version(0);
    await server.sql(write);
    expect(await watch.version(0), write).not.toBe(before);
  }
});

test('a transaction that began before counts when it ends', async () => {
  await database.transaction({}, async (connection) => {
    await connection.script('insert into plain values (3)');
    await server.sql('insert into plain values (4)');
    const within = await watch.version(0);
    await connection.script('commit; begin');
    expect(await watch.version(0)).not.toBe(within);
  });
});

test('who asks at about the same time shares an answer', async () => {
  const asked: string[] = [];
  const counting = new ChangeWatch({
    queryRows(query) {
      asked.push(query.text);
      return database.queryRows(query);
    },
  });
  await counting.version(60_000);
  const before = asked.length;
  await Promise.all([counting.version(60_000), counting.version(60_000)]);
  expect(asked.length).toBe(before);
});

test('a database that is none of PostgreSQL’s, or does not answer, has no version', async () => {
  const other = new ChangeWatch({ queryRows: async () => [{ answer: 'f' }] });
  expect(await other.version(0)).toBeNull();
  const silent = new ChangeWatch({ queryRows: () => Promise.reject(new Error('gone')) });
  expect(await silent.version(0)).toBeNull();
  expect(await silent.isSteady({ database, relations: [], functions: [] })).toBe(false);
});

test.each([
  [true, ['plain'], []],
  [true, ['plain', 'kept', 'parted'], ['same']],
  [false, ['plain', 'guarded'], []],
  [false, ['looked_through'], []],
  [false, ['parent'], []],
  [false, ['plain', 'not_there'], []],
  [false, ['plain'], ['fixed']],
  [false, ['plain'], ['not_there']],
])('%s for %j and %j', async (isSteady, relations, functions) => {
  const named = (name: string) => ({ schema: 'public', name });
  expect(
    await watch.isSteady({ database, relations: relations.map(named), functions: functions.map(named) }),
  ).toBe(isSteady);
});

test('the catalogue is not steady', async () => {
  const relations = [{ schema: 'pg_catalog', name: 'pg_class' }];
  expect(await watch.isSteady({ database, relations, functions: [] })).toBe(false);
});
