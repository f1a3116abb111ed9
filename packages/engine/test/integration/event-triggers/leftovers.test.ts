/** What could not be removed of triggers that are no more. Source: spec/events.md A7. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createEngine } from '../../../src/index.ts';
import { type Project, project } from '../../support/project.ts';

let api: Project;

const trigger = (name: string, operations: object) => ({
  name,
  table: 'notes',
  webhook: 'http://127.0.0.1:1',
  ...operations,
});

beforeEach(async () => {
  api = await project({ tables: 'create table notes (id int)', metadata: [{ table: 'notes' }] });
  await api.sql`create schema guard`;
  await api.sql`create function guard.refuse() returns event_trigger language plpgsql as 'begin raise exception ''not now''; end'`;
  await api.command(
    'pg_create_event_trigger',
    trigger('one', { insert: { columns: '*' }, update: { columns: '*' } }),
  );
  // from now on nothing can be dropped
  await api.sql`create event trigger refuse_drops on sql_drop execute function guard.refuse()`;
  const dropped = await api.command('pg_delete_event_trigger', { name: 'one' });
  expect(dropped).toEqual({ status: 200, body: { message: 'success' } });
  expect(await functions()).toEqual(['notify_hasura_one_INSERT', 'notify_hasura_one_UPDATE']);
});
afterEach(() => api?.close());

async function functions() {
  const rows =
    await api.sql`select proname as name from pg_proc where proname like 'notify_hasura%' order by 1`;
  return rows.map(({ name }) => name);
}

const allowDrops = () => api.sql`drop event trigger refuse_drops`;

test('is removed with the next change', async () => {
  await api.command('reload_metadata', {});
  expect(await functions()).toHaveLength(2);
  await allowDrops();
  await api.command('reload_metadata', {});
  expect(await functions()).toEqual([]);
});

test('is removed by an engine that starts later', async () => {
  await allowDrops();
  await api.sql`insert into notes values (1)`;
  const later = await createEngine({ databaseUrl: api.database.url, adminSecret: 'later' });
  try {
    await vi.waitFor(async () => expect(await functions()).toEqual([]));
    expect(await api.sql`select archived from hdb_catalog.event_log`).toEqual([{ archived: true }]);
  } finally {
    await later.close();
  }
});

test('stays where a trigger of that name is made anew', async () => {
  await api.command('pg_create_event_trigger', trigger('one', { insert: { columns: '*' } }));
  await allowDrops();
  await api.command('reload_metadata', {});
  expect(await functions()).toEqual(['notify_hasura_one_INSERT']);
});
