import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type JsonLike, type Project, project } from '../../support/project.ts';
import { startWebhookServer, type WebhookReply, type WebhookServer } from '../../support/webhook-server.ts';

let api: Project;
let receiver: WebhookServer;
let reply: (body: string) => WebhookReply | Promise<WebhookReply>;

beforeAll(async () => {
  receiver = await startWebhookServer(({ body }) => reply(body));
  api = await project({
    tables: `create table users (id bigint primary key, name text, email text, data json, price numeric);
      create table other (id int);
      create schema "Odd ""schema"; create table "Odd ""schema"."it's \\ a table" ("a ""column" int, b text);`,
    metadata: [
      {
        table: 'users',
        insert_permissions: [{ role: 'user', permission: { columns: '*', check: {} } }],
      },
      { table: 'other' },
      { table: { schema: 'Odd "schema', name: "it's \\ a table" } },
    ],
    engine: {
      eventsFetchIntervalMs: 20,
      environment: {
        RECEIVER: receiver.url,
        SECRET: 's3cret',
      },
    },
  });
});
afterAll(async () => {
  await api?.close();
  await receiver?.close();
});
beforeEach(() => {
  reply = () => ({});
  receiver.requests.length = 0;
});
afterEach(async () => {
  for (const row of await api.sql`select distinct substring(proname from 'notify_hasura_(.*)_') as name
      from pg_proc where proname like 'notify_hasura%'`) {
    await api.command('pg_delete_event_trigger', { name: row['name'] as string });
  }
  await api.sql`truncate users, other`;
});

async function create(name: string, args: { readonly [key: string]: JsonLike } = {}) {
  const answer = await api.command('pg_create_event_trigger', {
    name,
    table: 'users',
    webhook: '{{RECEIVER}}/hook',
    ...args,
  });
  expect(answer).toEqual({ status: 200, body: { message: 'success' } });
}

/** All events that were delivered so far. */
const delivered = () => receiver.requests.map(({ body }) => JSON.parse(body));

const all = { insert: { columns: '*' }, update: { columns: '*' }, delete: { columns: '*' } };

test('a mutation is told with the payload of version 2', async () => {
  await create('user_changed', all);
  await api
    .as('user', { 'x-hasura-user-id': 7 })
    .query(
      `mutation { insert_users(objects: {id: "9007199254740993", name: "Ann", price: 1.50}) { affected_rows } }`,
    );
  await vi.waitFor(() => expect(receiver.requests.length).toBe(1));
  const [event] = delivered();
  expect(event).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+$/),
    table: { schema: 'public', name: 'users' },
    trigger: { name: 'user_changed' },
    event: {
      op: 'INSERT',
      data: { old: null, new: { id: 9007199254740992, name: 'Ann', email: null, data: null, price: 1.5 } },
      session_variables: { 'x-hasura-role': 'user', 'x-hasura-user-id': '7' },
      trace_context: null,
    },
    delivery_info: { current_retry: 0, max_retries: 0 },
  });
  // every digit is sent
  expect(receiver.requests[0]?.body).toMatch(/"id":\s*9007199254740993/);
});

test.each([
  ['W3C', { traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01` }, '1'],
  ['B3', { 'x-b3-traceid': '1'.repeat(32), 'x-b3-spanid': '2'.repeat(16), 'x-b3-sampled': '0' }, '0'],
])(
  'the trace of a client goes on at the webhook, though nobody traces here: %s',
  async (_, headers, sampled) => {
    await create('traced', all);
    await api
      .as('user', { 'x-hasura-user-id': 7, ...headers })
      .query('mutation { insert_users(objects: {id: 3, name: "Cy"}) { affected_rows } }');
    await vi.waitFor(() => expect(receiver.requests.length).toBe(1));
    expect(delivered()[0]?.event).toMatchObject({
      trace_context: { trace_id: '1'.repeat(32), span_id: '2'.repeat(16), sampling_state: sampled },
    });
    expect(receiver.requests[0]?.headers).toMatchObject({
      'x-b3-traceid': '1'.repeat(32),
      'x-b3-spanid': '2'.repeat(16),
      'x-b3-sampled': sampled,
      traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-0${sampled}`,
    });
  },
);

test('what others write is told without a session; an update only if it changes what is listened to', async () => {
  await create('cols', { update: { columns: ['name', 'data'], payload: ['id', 'name'] } });
  await api.sql`insert into users values (1, 'a', 'e', '{}')`;
  await api.sql`update users set email = 'f'`;
  await api.sql`update users set name = 'a'`;
  await api.sql`update users set name = 'b'`;
  await vi.waitFor(() => expect(receiver.requests.length).toBe(1));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(delivered().map(({ event }) => event)).toEqual([
    {
      op: 'UPDATE',
      data: { old: { id: 1, name: 'a' }, new: { id: 1, name: 'b' } },
      session_variables: null,
      trace_context: null,
    },
  ]);
});

test('odd names are quoted', async () => {
  await create('odd-name', {
    table: { schema: 'Odd "schema', name: "it's \\ a table" },
    update: { columns: ['a "column'] },
    delete: { columns: '*', payload: ['a "column'] },
  });
  await api.sql`insert into "Odd ""schema"."it's \\ a table" values (1, 'x')`;
  await api.sql`update "Odd ""schema"."it's \\ a table" set "a ""column" = 2`;
  await api.sql`delete from "Odd ""schema"."it's \\ a table"`;
  await vi.waitFor(() => expect(receiver.requests.length).toBe(2));
  expect(delivered().map(({ event, table }) => [table.name, event.op, event.data])).toEqual([
    ["it's \\ a table", 'UPDATE', { old: { 'a "column': 1, b: 'x' }, new: { 'a "column': 2, b: 'x' } }],
    ["it's \\ a table", 'DELETE', { old: { 'a "column': 2 }, new: null }],
  ]);
});

test('a change that is rolled back is not told', async () => {
  await create('t', all);
  await api.runSql(`begin; insert into users (id) values (1); rollback; insert into users (id) values (2)`);
  await vi.waitFor(() => expect(receiver.requests.length).toBe(1));
  expect(delivered()[0].event.data.new.id).toBe(2);
});

test('a failed delivery is retried by the rule, then given up; it can be delivered again', async () => {
  reply = () => ({ status: 500, body: 'no' });
  await create('retried', { ...all, retry_conf: { num_retries: 2, interval_sec: 0, timeout_sec: 5 } });
  await api.sql`insert into users (id) values (1)`;
  await vi.waitFor(async () =>
    expect(
      await api.sql`select error, tries, delivered, locked from hdb_catalog.event_log where trigger_name = 'retried'`,
    ).toEqual([{ error: true, tries: 3, delivered: false, locked: null }]),
  );
  expect(delivered().map(({ delivery_info: info }) => info.current_retry)).toEqual([0, 1, 2]);
  const id = delivered()[0].id as string;
  const byId = await api.command('pg_get_event_by_id', { event_id: id });
  expect(byId.body).toMatchObject({
    event: { id, trigger_name: 'retried', error: true, tries: 3 },
    invocations: [{ http_status: 500, response: { type: 'client_error', data: { message: 'no' } } }, {}, {}],
  });
  reply = () => ({});
  expect(await api.command('pg_redeliver_event', { event_id: id })).toEqual({
    status: 200,
    body: { message: 'success' },
  });
  await vi.waitFor(async () =>
    expect(await api.sql`select error, tries, delivered from hdb_catalog.event_log where id = ${id}`).toEqual(
      [{ error: false, tries: 1, delivered: true }],
    ),
  );
  const logs = await api.command('pg_get_event_logs', {
    name: 'retried',
    status: 'processed',
    limit: 5_000_000_000,
  });
  expect(logs.body).toMatchObject([{ id, delivered: true }]);
  expect((await api.command('pg_get_event_logs', { name: 'retried', status: 'pending' })).body).toEqual([]);
  expect(
    (await api.command('pg_get_event_invocation_logs', { name: 'retried', limit: 2 })).body,
  ).toMatchObject([{ http_status: 200 }, { http_status: 500 }]);
});

test('an event that is being processed is not delivered again', async () => {
  await create('busy', all);
  await api.sql`insert into users (id) values (1)`;
  await vi.waitFor(() => expect(receiver.requests.length).toBe(1));
  const [{ id }] = delivered();
  await vi.waitFor(async () =>
    expect(await api.sql`select locked from hdb_catalog.event_log where id = ${id}`).toEqual([
      { locked: null },
    ]),
  );
  await api.sql`update hdb_catalog.event_log set locked = now() where id = ${id}`;
  expect(await api.command('pg_redeliver_event', { event_id: id })).toMatchObject({
    status: 400,
    body: { code: 'busy', error: 'event is already being processed' },
  });
  expect(await api.command('pg_redeliver_event', { event_id: 'none' })).toMatchObject({
    status: 400,
    body: { code: 'not-exists', error: 'event not found' },
  });
});

test('a view has no triggers but those invoked by hand; where a table has become one, the others go on', async () => {
  await api.sql`create view seen as select 1 as id`;
  await api.command('pg_track_table', { table: 'seen' });
  const trigger = (name: string, more: object) => ({ name, table: 'seen', webhook: '{{RECEIVER}}', ...more });
  expect(
    await api.command('pg_create_event_trigger', trigger('viewed', { insert: { columns: '*' } })),
  ).toMatchObject({
    status: 400,
    body: {
      code: 'invalid-configuration',
      error:
        'Inconsistent object: in table "seen": in event trigger "viewed": "seen" is a view, and views cannot have triggers for rows',
    },
  });
  expect(
    await api.command('pg_create_event_trigger', trigger('by-hand', { enable_manual: true })),
  ).toMatchObject({ status: 200 });
  await api.command('pg_delete_event_trigger', { name: 'by-hand' });
  await api.command('pg_untrack_table', { table: 'seen' });
  await api.runSql('create table turned (id int)');
  await api.command('pg_track_table', { table: 'turned' });
  await create('turned', { table: 'turned', insert: { columns: '*' } });
  await api.sql`drop table turned`;
  await api.sql`create view turned as select 1 as id`;
  expect(await api.command('reload_metadata', {})).toMatchObject({ body: { is_consistent: false } });
  await create('of-another', { insert: { columns: '*' } });
  await api.sql`insert into users (id) values (77)`;
  await vi.waitFor(() => expect(receiver.requests.length).toBe(1));
  expect(await api.command('pg_untrack_table', { table: 'turned' })).toMatchObject({ status: 200 });
});

test('a trigger is invoked by hand where it allows that', async () => {
  await create('manual', { enable_manual: true });
  const made = await api.command('pg_invoke_event_trigger', { name: 'manual', payload: { a: [1] } });
  expect(made).toEqual({ status: 200, body: { event_id: expect.any(String) } });
  await vi.waitFor(() => expect(receiver.requests.length).toBe(1));
  expect(delivered()[0]).toMatchObject({
    id: (made.body as { event_id: string }).event_id,
    event: {
      op: 'MANUAL',
      data: { old: null, new: { a: [1] } },
      session_variables: { 'x-hasura-role': 'admin' },
    },
  });
  await api.request(
    '/v1/metadata',
    { type: 'pg_invoke_event_trigger', args: { name: 'manual', payload: 1 } },
    { headers: { 'x-b3-traceid': '1'.repeat(32), 'x-b3-spanid': '2'.repeat(16) } },
  );
  await vi.waitFor(() => expect(receiver.requests.length).toBe(2));
  expect(receiver.requests[1]?.headers['x-b3-traceid']).toBe('1'.repeat(32));
  await create('automatic', { insert: { columns: '*' } });
  expect(await api.command('pg_invoke_event_trigger', { name: 'automatic', payload: {} })).toMatchObject({
    status: 400,
    body: { code: 'not-supported', error: 'manual mode is not enabled for event trigger' },
  });
});

test.each([
  [{ name: 'taken' }, 'already-exists', 'Event trigger with name "taken" already exists'],
  [{ name: 'unknown', replace: true }, 'not-exists', 'event trigger "unknown" does not exist'],
  [
    { name: 'taken', replace: true, table: 'other' },
    'not-supported',
    'cannot replace table or schema for trigger',
  ],
  [{ name: '1a' }, 'parse-failed', 'only alphanumeric and underscore and hyphens allowed for name'],
  [{ name: 'a'.repeat(43) }, 'parse-failed', 'event trigger name can be at most 42 characters'],
  [{ name: 'b', insert: { columns: [] } }, 'parse-failed', 'found empty column specification'],
  [{ name: 'b', insert: { columns: '*', payload: [] } }, 'parse-failed', 'found empty payload specification'],
])('%j is refused', async (args, code, error) => {
  await create('taken', all);
  const answer = await api.command('pg_create_event_trigger', {
    table: 'users',
    webhook: 'http://x',
    ...all,
    ...args,
  });
  expect(answer).toMatchObject({ status: 400, body: { code, error: expect.stringContaining(error) } });
});

test('a trigger with an unknown column or variable is refused, and leaves nothing in the database', async () => {
  for (const args of [{ insert: { columns: ['none'] } }, { webhook: '{{NOT_THERE}}', ...all }]) {
    const answer = await api.command('pg_create_event_trigger', {
      name: 'broken',
      table: 'users',
      webhook: 'http://x',
      ...args,
    });
    expect(answer.status).toBe(400);
  }
  expect(await functions()).toEqual([]);
});

test.each([{}, { webhook: 'http://x', webhook_from_env: 'RECEIVER' }])(
  'a document whose trigger does not have one address: %j',
  async (addresses) => {
    const { body } = await api.command('export_metadata', {});
    const document = JSON.parse(JSON.stringify(body));
    document.sources[0].tables[0].event_triggers = [
      {
        name: 'nowhere',
        definition: { enable_manual: true },
        retry_conf: { num_retries: 0, interval_sec: 1, timeout_sec: 1 },
        ...addresses,
      },
    ];
    const answer = await api.command('replace_metadata', document);
    expect(answer).toMatchObject({
      status: 400,
      body: {
        internal: [
          {
            type: 'event_trigger',
            reason: expect.stringMatching(
              /in event trigger "nowhere": expected webhook or webhook_from_env$/,
            ),
          },
        ],
      },
    });
  },
);

const functions = async () =>
  (await api.sql`select proname as name from pg_proc where proname like 'notify_hasura%' order by 1`).map(
    ({ name }) => name,
  );

test('renamed columns and tables are followed in the same transaction; a listed column is not dropped', async () => {
  await create('follow', { update: { columns: ['name'], payload: ['name'] }, insert: { columns: '*' } });
  expect(
    (await api.runSql('alter table users rename column name to title; alter table users rename to people'))
      .status,
  ).toBe(200);
  await api.sql`insert into people (id, title) values (1, 'a')`;
  await api.sql`update people set title = 'b'`;
  await vi.waitFor(() => expect(receiver.requests.length).toBe(2));
  expect(delivered().map(({ table, event }) => [table.name, event.data])).toEqual([
    ['people', { old: null, new: { id: 1, title: 'a', email: null, data: null, price: null } }],
    ['people', { old: { title: 'a' }, new: { title: 'b' } }],
  ]);
  expect(await api.runSql('alter table people drop column title')).toMatchObject({
    status: 400,
    body: {
      code: 'dependency-error',
      error:
        'cannot drop due to the following dependent objects: event-trigger people.follow in source "default"',
    },
  });
  await api.runSql('alter table people rename column title to name; alter table people rename to users');
});

test('deleting, untracking and dropping the table take the functions along; events that are left are put away', async () => {
  await create('gone', all);
  reply = () => new Promise(() => {});
  await api.sql`insert into users (id) values (1)`;
  await api.command('pg_delete_event_trigger', { name: 'gone' });
  expect(await functions()).toEqual([]);
  expect(await api.sql`select archived from hdb_catalog.event_log where trigger_name = 'gone'`).toEqual([
    { archived: true },
  ]);
  await create('gone2', { ...all, table: 'other' });
  await api.command('pg_untrack_table', { table: 'other', cascade: true });
  expect(await functions()).toEqual([]);
  await api.command('pg_track_table', { table: 'other' });
  await create('gone3', { ...all, table: 'other' });
  expect((await api.runSql('drop table other', { cascade: true })).status).toBe(200);
  expect(await functions()).toEqual([]);
  await api.runSql('create table other (id int)');
  await api.command('pg_track_table', { table: 'other' });
});

test('triggers that somebody dropped are made again on demand, and for replication where it is wanted', async () => {
  await create('again', { ...all, trigger_on_replication: true });
  const enabled = () =>
    api.sql`select tgname as name, tgenabled as enabled from pg_trigger where tgname like 'notify_hasura%' order by 1`;
  const wanted = ['DELETE', 'INSERT', 'UPDATE'].map((operation) => ({
    name: `notify_hasura_again_${operation}`,
    enabled: 'A',
  }));
  expect(await enabled()).toEqual(wanted);
  await api.sql`drop function hdb_catalog."notify_hasura_again_INSERT" cascade`;
  await api.command('reload_metadata', { recreate_event_triggers: true });
  expect(await enabled()).toEqual(wanted);
});

test('replacing changes what is told and to whom, also of events that wait', async () => {
  await create('replaced', all);
  await create('replaced', {
    insert: { columns: '*', payload: ['id'] },
    webhook: '{{RECEIVER}}/new',
    replace: true,
  });
  expect(await functions()).toEqual(['notify_hasura_replaced_INSERT']);
  await api.sql`insert into users (id) values (5)`;
  await vi.waitFor(() => expect(receiver.requests.length).toBe(1));
  expect(receiver.requests[0]?.url).toBe('/new');
  expect(delivered()[0].event.data).toEqual({ old: null, new: { id: 5 } });
});

test('logs are cleaned up by age, with their invocations', async () => {
  await create('old', all);
  await api.sql`insert into users (id) values (1), (2)`;
  await vi.waitFor(async () =>
    expect(
      await api.sql`select count(*)::int as done from hdb_catalog.event_log where trigger_name = 'old' and delivered`,
    ).toEqual([{ done: 2 }]),
  );
  await api.sql`update hdb_catalog.event_log set created_at = created_at - interval '2 days' where trigger_name = 'old' and payload #>> '{data,new,id}' = '1'`;
  expect(
    await api.command('cleanup_event_trigger_logs', {
      event_trigger_name: 'old',
      source: 'default',
      clear_older_than: 24,
      clean_invocation_logs: true,
    }),
  ).toEqual({
    status: 200,
    body: { message: 'success', deleted_event_logs: 1, deleted_event_invocation_logs: 1 },
  });
});

test('a change that cannot be stored leaves the triggers as they were', async () => {
  await create('kept', { update: { columns: ['name'] } });
  const bodies = () =>
    api.sql`select proname as name, prosrc as body from pg_proc where proname like 'notify_hasura%' order by 1`;
  const before = await bodies();
  const answer = await api.request('/v1/metadata', {
    type: 'bulk',
    resource_version: 1,
    args: [
      {
        type: 'pg_create_event_trigger',
        args: {
          name: 'kept',
          table: 'users',
          webhook: 'http://x',
          update: { columns: ['email'] },
          insert: { columns: '*' },
          replace: true,
        },
      },
    ],
  });
  expect(answer.status).toBe(409);
  expect(await bodies()).toEqual(before);
});

test('an answer with a character that PostgreSQL has no place for is recorded', async () => {
  await create('nul', all);
  reply = () => ({ body: 'a\u0000b' });
  await api.sql`insert into users (id) values (1)`;
  await vi.waitFor(async () =>
    expect(
      await api.sql`select status, response::text like '%u0000%' as whole from hdb_catalog.event_invocation_logs where trigger_name = 'nul'`,
    ).toEqual([{ status: 200, whole: true }]),
  );
});

test('an outcome that the database does not take whole does not hold up the others', async () => {
  await create('refused', all);
  await api.sql`create function refuse() returns trigger language plpgsql as
    'begin if new.response::text like ''%poison%'' then raise exception ''no''; end if; return new; end'`;
  await api.sql`create trigger refuse before insert on hdb_catalog.event_invocation_logs for each row execute function refuse()`;
  // all answers come together, so that they are recorded together
  const answers: (() => void)[] = [];
  reply = (body) =>
    new Promise((resolve) => {
      const poison = JSON.parse(body).event.data.new.id === 2;
      answers.push(() => resolve({ body: poison ? 'poison' : 'ok' }));
      if (answers.length === 3) for (const answer of answers) answer();
    });
  await api.sql`insert into users (id) values (1), (2), (3)`;
  await vi.waitFor(async () =>
    expect(
      await api.sql`select delivered, tries, locked from hdb_catalog.event_log where trigger_name = 'refused'`,
    ).toEqual(Array(3).fill({ delivered: true, tries: 1, locked: null })),
  );
  await api.sql`drop function refuse() cascade`;
});
