import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from './index.ts';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());

test('a new database is empty and belongs to a superuser', async () => {
  const rows = await db.sql(
    `select current_setting('is_superuser') as superuser, (select count(*)::int from pg_tables where schemaname = 'public') as tables`,
  );
  expect(rows).toEqual([{ superuser: 'on', tables: 0 }]);
});

test('several statements in one text give the rows of the last', async () => {
  const rows = await db.sql(
    'create table t (a int); insert into t values (1), (2); select a from t order by a',
  );
  expect(rows).toEqual([{ a: 1 }, { a: 2 }]);
});

test('parameters are bound', async () => {
  expect(await db.sql('select $1::int + 1 as n, $2::text as t', [41, "it's"])).toEqual([
    { n: 42, t: "it's" },
  ]);
});

test('two databases do not see each other, and a dropped one is gone', async () => {
  const other = await createTestDatabase();
  await other.sql('create table only_here (a int)');
  expect(await db.sql(`select to_regclass('only_here') as t`)).toEqual([{ t: null }]);
  await other.drop();
  expect(await db.sql('select 1 as n from pg_database where datname = $1', [other.name])).toEqual([]);
});

test('upper and lower case follow Unicode', async () => {
  expect(await db.sql(`select 'ÄÖ' ilike 'äö' as same`)).toEqual([{ same: true }]);
});
