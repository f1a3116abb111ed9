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
      create table __schema (id int primary key)`,
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
