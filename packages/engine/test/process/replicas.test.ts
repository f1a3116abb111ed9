/** Several engines on one metadata database, and the end of one. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/index.ts';
import { type PosternProcess, startPostern, until } from './postern-process.ts';

/** A change in one replica is served by the others within this time. */
const noticedWithinMs = 2_000;

let database: TestDatabase;
const processes: PosternProcess[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  for (const running of processes.splice(0)) running.kill();
  await database.drop();
});

async function start(environment: Record<string, string> = {}): Promise<PosternProcess> {
  const postern = await startPostern({ HASURA_GRAPHQL_DATABASE_URL: database.url, ...environment });
  processes.push(postern);
  return postern;
}

const notes = `create table notes (id int primary key, owner int, body text);
  insert into notes values (1, 1, 'one'), (2, 2, 'two')`;
const own = { owner: { _eq: 'X-Hasura-User-Id' } };

test('two processes start at once on an empty database, and what one changes is served by the other', async () => {
  await database.sql(notes);
  const [first, second] = await Promise.all([start(), start()]);
  expect(await database.sql('select resource_version from hdb_catalog.hdb_metadata')).toEqual([
    { resource_version: 1 },
  ]);
  const changed = await first.command('bulk', [
    { type: 'pg_track_table', args: { table: 'notes' } },
    {
      type: 'pg_create_select_permission',
      args: { table: 'notes', role: 'user', permission: { columns: ['id'], filter: own } },
    },
  ]);
  expect(changed).toMatchObject({ status: 200 });
  const asUser = async (postern: PosternProcess) =>
    JSON.stringify(await postern.query('{ notes { id } }', 'user'));
  const seen = '{"data":{"notes":[{"id":1}]}}';
  expect(await asUser(first)).toBe(seen);
  await until(
    'the other replica serves the change',
    async () => (await asUser(second)) === seen,
    noticedWithinMs,
  );
  // the other way round, with a change that takes a right away
  const taken = await second.command('pg_drop_select_permission', { table: 'notes', role: 'user' });
  expect(taken).toMatchObject({ status: 200 });
  expect(await asUser(second)).toContain('validation-failed');
  await until(
    'the right is gone in both',
    async () => (await asUser(first)).includes('validation-failed'),
    noticedWithinMs,
  );
  // a changed table, too: run_sql in one makes the other read the catalogue again
  const sql = 'alter table notes add column colour text';
  expect(await first.command('run_sql', { sql }, '/v2/query')).toMatchObject({ status: 200 });
  await until(
    'the new column is served by the other',
    async () =>
      JSON.stringify(await second.query('{ notes(limit: 1) { colour } }')).includes('"colour":null'),
    noticedWithinMs,
  );
});

test('changes to a version that is no longer stored are refused, and leave nothing behind', async () => {
  const postern = await start();
  const exported = (await postern.command('export_metadata', {})).body;
  await database.sql(notes);
  expect(await postern.command('pg_track_table', { table: 'notes' })).toMatchObject({ status: 200 });
  const stale = await postern.request('/v1/metadata', {
    type: 'replace_metadata',
    resource_version: 1,
    args: exported.metadata ?? exported,
  });
  expect(stale).toMatchObject({ status: 409, body: { code: 'conflict' } });
  expect(await postern.query('{ notes(limit: 1, order_by: {id: asc}) { id } }')).toEqual({
    data: { notes: [{ id: 1 }] },
  });
  expect(await database.sql('select resource_version from hdb_catalog.hdb_metadata')).toEqual([
    { resource_version: 2 },
  ]);
});

test('a replica that does not know of a change refuses its own instead of undoing it', async () => {
  await database.sql(notes);
  const apart = { HASURA_GRAPHQL_SCHEMA_SYNC_POLL_INTERVAL: '0' };
  const [first, second] = await Promise.all([start(apart), start(apart)]);
  expect(await first.command('pg_track_table', { table: 'notes' })).toMatchObject({ status: 200 });
  const late = await second.command('pg_track_table', { table: 'notes' });
  expect(late).toMatchObject({ status: 409, body: { code: 'conflict' } });
});

test('a permission on a column that was dropped behind the back: its operation goes, is listed and can be dropped', async () => {
  const postern = await start();
  await database.sql(notes);
  const select = (role: string, columns: string[], filter: unknown) => ({
    type: 'pg_create_select_permission',
    args: { table: 'notes', role, permission: { columns, filter } },
  });
  const made = await postern.command('bulk', [
    { type: 'pg_track_table', args: { table: 'notes' } },
    select('user', ['id'], own),
    select('reader', ['id', 'owner'], {}),
    select('visitor', ['id'], {}),
  ]);
  expect(made).toMatchObject({ status: 200 });
  await database.sql('alter table notes drop column owner');
  // before anybody has told the engine: an error of the database, never rows without the filter
  expect(await postern.query('{ notes { id } }', 'user')).toMatchObject({ errors: [{}] });
  expect((await postern.command('reload_metadata', {})).body).toMatchObject({ is_consistent: false });
  for (const role of ['user', 'reader']) {
    expect(await postern.query('{ notes { id } }', role)).toMatchObject({
      errors: [{ message: "field 'notes' not found in type: 'query_root'" }],
    });
  }
  const all = { data: { notes: [{ id: 1 }, { id: 2 }] } };
  expect(await postern.query('{ notes(order_by: {id: asc}) { id } }', 'visitor')).toEqual(all);
  const listed = (await postern.command('get_inconsistent_metadata', {})).body;
  expect(listed.is_consistent).toBe(false);
  const objects = listed.inconsistent_objects as { type: string; definition: { role: string } }[];
  expect(objects.map(({ type, definition }) => [type, definition.role]).sort()).toEqual([
    ['select_permission', 'reader'],
    ['select_permission', 'user'],
  ]);
  expect(await postern.request('/healthz')).toMatchObject({ status: 200 });
  expect(await postern.command('drop_inconsistent_metadata', {})).toMatchObject({ status: 200 });
  expect((await postern.command('get_inconsistent_metadata', {})).body).toEqual({
    is_consistent: true,
    inconsistent_objects: [],
  });
  expect(JSON.stringify((await postern.command('export_metadata', {})).body)).not.toMatch(/"(user|reader)"/);
  expect(await postern.query('{ notes(order_by: {id: asc}) { id } }', 'visitor')).toEqual(all);
});

test('SIGTERM: what runs is answered, then the process ends with status 0', async () => {
  const postern = await start();
  await database.sql(
    'create view slow as select 1 as id, pg_sleep(0.7)::text as slept; create table plain (id int primary key)',
  );
  for (const table of ['slow', 'plain'])
    expect(await postern.command('pg_track_table', { table })).toMatchObject({ status: 200 });
  const asked = postern.query('{ slow { id slept } }');
  await until('the statement runs', async () => {
    const running = `select 1 from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;
    return (await database.sql(running)).length > 0;
  });
  const ended = postern.stop();
  await until('nobody listens any more', async () => (await postern.request('/healthz')) === null);
  expect(await asked).toEqual({ data: { slow: [{ id: 1, slept: '' }] } });
  expect(await ended).toEqual([0, null]);
  // no connection stays behind
  await until('the connections are gone', async () => {
    const left = `select 1 from pg_stat_activity where datname = current_database() and application_name like 'postern%'`;
    return (await database.sql(left)).length === 0;
  });
});
