/** Tables whose names would take the place of parts that every schema has. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Project, project } from '../support/project.ts';

let api: Project;
beforeAll(async () => {
  api = await project({
    tables: `
      create table "Int" (id int primary key);
      create table query_root (id int primary key);
      create table order_by (id int primary key);
      create table __schema (id int primary key);
      create table date (id int primary key);
      create table born (id int primary key, at date);
      create table born_by_others (id int primary key);
      create table born_bool_exp (id int primary key);
      create table born_max (id int primary key)`,
  });
});
afterAll(() => api?.close());

test.each(['Int', 'query_root', 'order_by'])('the type name %s is taken', async (table) => {
  expect(await api.command('pg_track_table', { source: 'default', table })).toMatchObject({
    status: 400,
    body: {
      error: `Inconsistent object: the GraphQL type name "${table}" is reserved: give the table a custom name`,
      code: 'invalid-configuration',
    },
  });
});

test('under a custom name, such a table is one like others', async () => {
  const configuration = { custom_name: 'integers' };
  expect(
    await api.command('pg_track_table', { source: 'default', table: 'Int', configuration }),
  ).toMatchObject({ status: 200 });
  expect(await api.query('{ integers { id } }')).toEqual({ data: { integers: [] } });
});

test('the root field __schema is that of introspection', async () => {
  expect(await api.command('pg_track_table', { source: 'default', table: '__schema' })).toMatchObject({
    status: 500,
    body: {
      error:
        "Encountered conflicting definitions in the selection set for 'query_root' for field '__schema' defined in [introspection, table __schema in source default]. Fields must not be defined more than once across all sources.",
    },
  });
  expect(await api.query('{ __schema { queryType { name } } }')).toEqual({
    data: { __schema: { queryType: { name: 'query_root' } } },
  });
});

const success = { status: 200, body: { message: 'success' } };
const met = (name: string, places: string) => ({
  status: 500,
  body: {
    code: 'unexpected',
    path: '$.args',
    error: expect.stringMatching(
      new RegExp(`^Found conflicting definitions for GraphQL type '${name}'.  The definition at ${places}`),
    ),
  },
});
const track = (table: string, configuration = {}) =>
  api.command('pg_track_table', { source: 'default', table, configuration });

test('a table called as a scalar is in the way of columns of the scalar only', async () => {
  expect(await track('date')).toEqual(success);
  expect(await api.query('{ date { id } }')).toEqual({ data: { date: [] } });
  expect(await track('born')).toMatchObject(met('date', 'query_root'));
  expect(await api.command('pg_untrack_table', { source: 'default', table: 'date' })).toEqual(success);
  expect(await track('born')).toEqual(success);
  expect(await track('date')).toMatchObject(met('date', 'query_root'));
  expect(await track('date', { custom_name: 'days' })).toEqual(success);
});

test('a table called as a type of another table', async () => {
  expect(await track('born_bool_exp')).toMatchObject(met('born_bool_exp', 'query_root'));
  expect(await track('born_by_others')).toEqual(success);
  // born has no maxima to order by as long as it is nobody's array relationship
  expect(await track('born_max')).toEqual(success);
  expect(await api.query('{ born_max { id } born { id } }')).toEqual({ data: { born_max: [], born: [] } });
});

test('a logical model called as a table', async () => {
  const model = { source: 'default', name: 'born', fields: [{ name: 'x', type: { scalar: 'integer' } }] };
  expect(await api.command('pg_track_logical_model', model)).toEqual(success);
  expect(
    await api.command('pg_track_native_query', {
      root_field_name: 'q',
      returns: 'born',
      code: 'select 1 as x',
    }),
  ).toMatchObject(met('born', ''));
});
