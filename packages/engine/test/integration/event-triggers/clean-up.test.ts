import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../../src/database/index.ts';
import { type EventTriggers, LogCleaner } from '../../../src/event-triggers/index.ts';
import { type Project, project } from '../../support/project.ts';

let api: Project;
let database: Database;

const config = { schedule: '0 3 * * *', clear_older_than: 24, clean_invocation_logs: true };

beforeAll(async () => {
  api = await project({
    tables: 'create table items (id int)',
    metadata: [{ table: 'items' }],
    // nothing is delivered, and the engine's own cleaner does nothing
    engine: { eventsFetchIntervalMs: 0 },
  });
  database = openDatabase({ url: api.database.url });
  const answer = await api.command('pg_create_event_trigger', {
    name: 'cleaned',
    table: 'items',
    webhook: 'http://127.0.0.1:1',
    insert: { columns: '*' },
    cleanup_config: config,
  });
  expect(answer.status).toBe(200);
});
afterAll(async () => {
  await database?.close();
  await api?.close();
});

async function tick(changes: Readonly<Record<string, string | number | boolean>> = {}): Promise<void> {
  const triggers: EventTriggers = new Map([
    [
      'cleaned',
      {
        table: { schema: 'public', name: 'items' },
        metadata: {
          name: 'cleaned',
          definition: { enable_manual: false },
          retry_conf: { num_retries: 0, interval_sec: 10 },
          cleanup_config: { ...config, ...changes },
        },
      },
    ],
  ]);
  await new LogCleaner({
    database,
    triggers: () => triggers,
    intervalMs: 60_000,
    onError: (error) => {
      throw error;
    },
  }).tick();
}

const plans = (status: string) =>
  api.sql`select scheduled_at::text as at, deleted_event_logs as events, deleted_event_invocation_logs as invocations
    from hdb_catalog.hdb_event_log_cleanups where status = ${status} order by scheduled_at`;

test('clean-ups are written down ahead, and anew when the schedule changes', async () => {
  await tick();
  const planned = await plans('scheduled');
  expect(planned.length).toBe(50);
  expect(planned.every(({ at }) => String(at).endsWith('03:00:00'))).toBe(true);
  await tick();
  expect(await plans('scheduled')).toEqual(planned);
  await tick({ schedule: '30 4 * * *' });
  const changed = await plans('scheduled');
  expect(changed.length).toBe(50);
  expect(changed.every(({ at }) => String(at).endsWith('04:30:00'))).toBe(true);
});

test('of those that are due the last is done: old events that are over go, others stay', async () => {
  await api.sql`insert into items values (1), (2), (3), (4)`;
  await api.sql`update hdb_catalog.event_log set created_at = now() - interval '2 days' where payload #>> '{data,new,id}' <> '1'`;
  await api.sql`update hdb_catalog.event_log set delivered = true where payload #>> '{data,new,id}' <> '2'`;
  await api.sql`update hdb_catalog.event_log set locked = now() where payload #>> '{data,new,id}' = '3'`;
  await api.sql`insert into hdb_catalog.event_invocation_logs (event_id) select id from hdb_catalog.event_log`;
  await api.sql`insert into hdb_catalog.hdb_event_log_cleanups (trigger_name, scheduled_at, status) values
    ('cleaned', '2020-01-01 03:00', 'scheduled'), ('cleaned', '2020-01-02 03:00', 'scheduled')`;
  await tick();
  expect(await plans('completed')).toEqual([{ at: '2020-01-02 03:00:00', events: 1, invocations: 1 }]);
  expect(await plans('dead')).toEqual([{ at: '2020-01-01 03:00:00', events: null, invocations: null }]);
  expect(
    await api.sql`select payload #>> '{data,new,id}' as id from hdb_catalog.event_log order by 1`,
  ).toEqual([{ id: '1' }, { id: '2' }, { id: '3' }]);
});

test('what is due while it is paused is not made up for', async () => {
  await api.sql`insert into hdb_catalog.hdb_event_log_cleanups (trigger_name, scheduled_at, status) values ('cleaned', '2020-01-03 03:00', 'scheduled')`;
  await tick({ paused: true });
  expect(await plans('paused')).toEqual([{ at: '2020-01-03 03:00:00', events: null, invocations: null }]);
  expect((await plans('completed')).length).toBe(1);
});

test('clean-ups are paused and resumed in the metadata', async () => {
  const paused = async () => {
    const { body } = (await api.command('export_metadata', {})) as {
      body: { sources: [{ tables: [{ event_triggers: [{ cleanup_config: unknown }] }] }] };
    };
    return body.sources[0].tables[0].event_triggers[0].cleanup_config;
  };
  const pause = 'pause_event_trigger_cleanups';
  expect((await api.command(pause, { event_triggers: { sources: '*' } })).status).toBe(200);
  expect(await paused()).toEqual({ ...config, paused: true });
  expect(
    await api.command('resume_event_trigger_cleanups', {
      event_triggers: [{ source_name: 'default', event_triggers: ['cleaned'] }],
    }),
  ).toEqual({ status: 200, body: { message: 'success' } });
  expect(await paused()).toEqual({ ...config, paused: false });
  expect(await api.command(pause, { event_triggers: { sources: ['none'] } })).toMatchObject({
    status: 400,
    body: { error: 'source with name none does not exists' },
  });
  expect(
    await api.command(pause, { event_triggers: [{ source_name: 'default', event_triggers: ['none'] }] }),
  ).toMatchObject({ status: 400, body: { error: 'cleanup config does not exist for none' } });
});

test('a configuration that cannot be used is refused', async () => {
  const answer = await api.command('pg_create_event_trigger', {
    name: 'wrong',
    table: 'items',
    webhook: 'http://127.0.0.1:1',
    insert: { columns: '*' },
    cleanup_config: { schedule: 'sometimes', clear_older_than: 1 },
  });
  expect(answer.status).toBe(400);
  expect(JSON.stringify(answer.body)).toContain('cleanup_config');
});

test('dropping the source takes all of it along, unless the metadata is kept there', async () => {
  const tables = () =>
    api.sql`select relname as name from pg_class where relnamespace = 'hdb_catalog'::regnamespace and relkind = 'r'
      and (relname like 'event%' or relname in ('hdb_event_log_cleanups', 'hdb_source_catalog_version', 'hdb_metadata')) order by 1`;
  expect((await tables()).length).toBe(5);
  expect((await api.command('pg_drop_source', { name: 'default', cascade: true })).status).toBe(200);
  expect(await tables()).toEqual([{ name: 'hdb_metadata' }]);
  expect(await api.sql`select from pg_proc where proname like 'notify_hasura%'`).toEqual([]);
  await api.sql`insert into items values (9)`;
});
