import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Project, project } from '../../support/project.ts';
import { startWebhookServer, type WebhookServer } from '../../support/webhook-server.ts';

let api: Project;
let receiver: WebhookServer;

/** What an engine of the first versions has left in the database of a source, with an event that it did not deliver. */
const left = `
create schema hdb_catalog;
create extension pgcrypto;
create table hdb_catalog.event_log (
  id text primary key default gen_random_uuid(), schema_name text not null, table_name text not null, trigger_name text not null,
  payload jsonb not null, delivered boolean not null default false, error boolean not null default false, tries integer not null default 0,
  created_at timestamp default now(), locked boolean not null default false, next_retry_at timestamp
);
create table hdb_catalog.event_invocation_logs (
  id text primary key default gen_random_uuid(), event_id text references hdb_catalog.event_log (id), status integer not null,
  request json, response json, created_at timestamp default now()
);
create function hdb_catalog."notify_hasura_moved_INSERT"() returns trigger language plpgsql as 'begin return null; end';
create trigger "notify_hasura_moved_INSERT" after insert on items for each row execute function hdb_catalog."notify_hasura_moved_INSERT"();
insert into hdb_catalog.event_log (id, schema_name, table_name, trigger_name, payload)
values ('waiting', 'public', 'items', 'moved', '{"op": "INSERT", "data": {"old": null, "new": {"id": 0}}, "session_variables": null}');
insert into hdb_catalog.event_log (schema_name, table_name, trigger_name, payload) values ('public', 'items', 'of-somebody-else', '{}');
`;

beforeAll(async () => {
  receiver = await startWebhookServer(() => ({}));
  const operations = { insert: { columns: '*' } };
  const trigger = {
    webhook: '{{RECEIVER}}',
    retry_conf: { num_retries: 0, interval_sec: 10, timeout_sec: 60 },
  };
  api = await project({
    tables: `create table items (id int); create table parted (id int, at date) partition by range (at);
      create table parted_2030 partition of parted for values from ('2030-01-01') to ('2031-01-01'); ${left}`,
    metadata: [
      {
        table: 'items',
        event_triggers: [{ name: 'moved', definition: { enable_manual: false, ...operations }, ...trigger }],
      },
      {
        table: 'parted',
        event_triggers: [{ name: 'parted', definition: { enable_manual: false, ...operations }, ...trigger }],
      },
    ],
    engine: { eventsFetchIntervalMs: 20, environment: { RECEIVER: receiver.url } },
  });
});
afterAll(async () => {
  await api?.close();
  await receiver?.close();
});

const events = () =>
  receiver.requests.map(({ body }) => {
    const { id, table, event } = JSON.parse(body);
    return { id, table: table.name, row: event.data.new };
  });

test('events that wait are delivered, triggers that are there are used, and what is of others stays', async () => {
  await vi.waitFor(() => expect(events()).toEqual([{ id: 'waiting', table: 'items', row: { id: 0 } }]));
  await api.sql`insert into items values (1)`;
  await vi.waitFor(() => expect(events()[1]).toMatchObject({ table: 'items', row: { id: 1 } }));
  await vi.waitFor(async () =>
    expect(
      await api.sql`select trigger_name as name, delivered, archived from hdb_catalog.event_log order by 1, 2`,
    ).toEqual([
      { name: 'moved', delivered: true, archived: false },
      { name: 'moved', delivered: true, archived: false },
      { name: 'of-somebody-else', delivered: false, archived: false },
    ]),
  );
  expect(await api.sql`select version from hdb_catalog.hdb_source_catalog_version`).toEqual([
    { version: '3' },
  ]);
});

test('rows of partitions are told as rows of the whole table, also after the metadata is loaded again', async () => {
  receiver.requests.length = 0;
  await api.sql`insert into parted values (1, '2030-05-05')`;
  await vi.waitFor(() =>
    expect(events()).toMatchObject([{ table: 'parted', row: { id: 1, at: '2030-05-05' } }]),
  );
  expect((await api.command('reload_metadata', {})).status).toBe(200);
  await api.sql`insert into parted_2030 values (2, '2030-06-06')`;
  await vi.waitFor(() => expect(events()[1]).toMatchObject({ table: 'parted', row: { id: 2 } }));
});

test('clearing the metadata leaves the tables of users as they were', async () => {
  expect((await api.command('clear_metadata', {})).status).toBe(200);
  expect(await api.sql`select from pg_trigger where tgname like 'notify_hasura%'`).toEqual([]);
  await api.sql`insert into items values (2)`;
});
