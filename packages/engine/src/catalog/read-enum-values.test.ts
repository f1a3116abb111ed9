import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/index.ts';
import { type Database, openDatabase } from '../database/index.ts';
import { qualifiedKey, readEnumValues } from './index.ts';

let server: TestDatabase;
let database: Database;

beforeAll(async () => {
  server = await createTestDatabase();
  await server.sql(`
    create table color (value text primary key, comment text);
    insert into color values ('red', 'warm'), ('blue', null), ('Zinc', 'grey');
    create table "odd ""name" ("v ""x" text primary key);
    insert into "odd ""name" values ('only');
    create table nothing (value text primary key);
  `);
  database = openDatabase({ url: server.url });
});

afterAll(async () => {
  await database?.close();
  await server?.drop();
});

const color = { table: { schema: 'public', name: 'color' }, valueColumn: 'value', commentColumn: 'comment' };
const odd = { table: { schema: 'public', name: 'odd "name' }, valueColumn: 'v "x', commentColumn: null };
const nothing = { table: { schema: 'public', name: 'nothing' }, valueColumn: 'value', commentColumn: null };
const missing = { table: { schema: 'public', name: 'missing' }, valueColumn: 'value', commentColumn: null };

const colorValues = {
  kind: 'values',
  values: [
    { value: 'Zinc', comment: 'grey' },
    { value: 'blue', comment: null },
    { value: 'red', comment: 'warm' },
  ],
};

test('reads all tables, also an empty one', async () => {
  expect(await readEnumValues(database, [color, odd, nothing])).toEqual(
    new Map([
      [qualifiedKey(color.table), colorValues],
      [qualifiedKey(odd.table), { kind: 'values', values: [{ value: 'only', comment: null }] }],
      [qualifiedKey(nothing.table), { kind: 'values', values: [] }],
    ]),
  );
  expect(await readEnumValues(database, [])).toEqual(new Map());
});

test('a table that cannot be read fails alone', async () => {
  const results = await readEnumValues(database, [color, missing]);
  expect(results.get(qualifiedKey(color.table))).toEqual(colorValues);
  expect(results.get(qualifiedKey(missing.table))).toMatchObject({
    kind: 'failed',
    error: { sqlState: '42P01', message: 'relation "public.missing" does not exist' },
  });
});
