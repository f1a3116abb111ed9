/** HASURA_GRAPHQL_ENABLE_MAINTENANCE_MODE. Source: spec/metadata-api.md 1.4. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type JsonLike, type Project, project } from '../support/project.ts';

let api: Project;
beforeAll(async () => {
  api = await project({
    tables: 'create table t (id int primary key)',
    engine: { enableMaintenanceMode: true },
  });
});
afterAll(() => api?.close());

const stored = () => api.sql`select metadata::text, resource_version from hdb_catalog.hdb_metadata`;

test.each<[string, JsonLike, string]>([
  ['pg_track_table', { table: 't' }, '/v1/metadata'],
  ['clear_metadata', {}, '/v1/metadata'],
  ['reload_metadata', {}, '/v1/metadata'],
  ['bulk', [{ type: 'pg_track_table', args: { table: 't' } }], '/v1/metadata'],
  ['track_table', 't', '/v1/query'],
  ['run_sql', { sql: 'alter table t add column a int' }, '/v2/query'],
])('%s is refused and leaves nothing behind', async (type, args, path) => {
  const before = await stored();
  expect(await api.command(type, args, path)).toEqual({
    status: 500,
    body: { error: 'metadata cannot be modified in maintenance mode', path: '$', code: 'unexpected' },
  });
  expect(await stored()).toEqual(before);
  expect(
    await api.sql`select count(*)::int from pg_attribute where attrelid = 't'::regclass and attnum > 0`,
  ).toEqual([{ count: 1 }]);
});

test('what is wrong with the command is said first', async () => {
  expect(await api.command('pg_track_table', { table: 'nowhere' })).toMatchObject({
    status: 400,
    body: { code: 'invalid-configuration' },
  });
});

test('what changes no metadata is answered', async () => {
  expect(await api.command('export_metadata', {})).toMatchObject({ status: 200 });
  expect(await api.command('run_sql', { sql: 'insert into t values (1)' }, '/v2/query')).toMatchObject({
    status: 200,
  });
});
