/** Cron triggers: their commands, the events that they make, and how these follow changes. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { nextTimes, parseSchedule } from '../../../src/cron/index.ts';
import { createEngine } from '../../../src/index.ts';
import { documentOf, type JsonLike, type Project, project } from '../../support/project.ts';
import { startWebhookServer, type WebhookServer } from '../../support/webhook-server.ts';

let api: Project;
let receiver: WebhookServer;

beforeAll(async () => {
  receiver = await startWebhookServer(() => ({ body: { ok: true } }));
  api = await project({
    engine: { environment: { RECEIVER: receiver.url, EMPTY: '' }, scheduledTriggersFetchIntervalMs: 50 },
  });
});
afterAll(async () => {
  await api?.close();
  await receiver?.close();
});
afterEach(async () => {
  await api.command('clear_metadata', {});
  await api.sql`delete from hdb_catalog.hdb_cron_events`;
  receiver.requests.length = 0;
});

type Given = { readonly [key: string]: JsonLike };

const trigger = (more: Given = {}): Given => ({
  name: 'nightly',
  webhook: '{{RECEIVER}}/cron',
  schedule: '30 2 * * 1-5',
  include_in_metadata: true,
  ...more,
});

async function ok(type: string, args: JsonLike): Promise<unknown> {
  const { status, body } = await api.command(type, args);
  expect({ status, body }).toMatchObject({ status: 200 });
  return body;
}

async function times(name = 'nightly'): Promise<readonly string[]> {
  const rows =
    await api.sql`select to_char(scheduled_time at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS') as at
    from hdb_catalog.hdb_cron_events where trigger_name = ${name} order by scheduled_time`;
  return rows.map(({ at }) => String(at));
}

function expectedTimes(schedule: string): readonly string[] {
  return nextTimes(parseSchedule(schedule), new Date(), 100).map((time) => time.toISOString().slice(0, 19));
}

async function ids(name = 'nightly'): Promise<readonly unknown[]> {
  const rows =
    await api.sql`select id from hdb_catalog.hdb_cron_events where trigger_name = ${name} order by id`;
  return rows.map(({ id }) => id);
}

test('a new trigger has its next hundred events', async () => {
  await ok('create_cron_trigger', trigger());
  expect(await times()).toEqual(expectedTimes('30 2 * * 1-5'));
  const answer = await ok('get_scheduled_events', {
    type: 'cron',
    trigger_name: 'nightly',
    limit: 1,
    get_rows_count: true,
  });
  expect(answer).toEqual({
    events: [
      {
        id: expect.any(String),
        trigger_name: 'nightly',
        scheduled_time: `${(await times())[0]}Z`,
        status: 'scheduled',
        tries: 0,
        created_at: expect.stringMatching(/Z$/),
        next_retry_at: null,
      },
    ],
    count: 100,
  });
});

test('a trigger that is replaced has the events of its new schedule, and keeps those that were tried', async () => {
  await ok('create_cron_trigger', trigger());
  await api.sql`update hdb_catalog.hdb_cron_events set tries = 1 where id = (
    select id from hdb_catalog.hdb_cron_events order by scheduled_time limit 1)`;
  const [tried = ''] = await times();
  await ok('create_cron_trigger', trigger({ schedule: '45 2 * * *', replace: true }));
  expect(await times()).toEqual([tried, ...expectedTimes('45 2 * * *')].sort());
  expect(await ok('get_cron_triggers', {})).toMatchObject({ cron_triggers: [{ schedule: '45 2 * * *' }] });
});

test('a trigger that is replaced by the same one keeps its events', async () => {
  await ok('create_cron_trigger', trigger());
  const before = await ids();
  await ok('create_cron_trigger', trigger({ replace: true, retry_conf: { num_retries: 0 } }));
  expect(await ids()).toEqual(before);
});

test('a trigger that is deleted leaves only what has been', async () => {
  await ok('create_cron_trigger', trigger());
  await api.sql`insert into hdb_catalog.hdb_cron_events (trigger_name, scheduled_time, status, tries)
    values ('nightly', '2026-01-01', 'delivered', 1)`;
  expect(await ok('delete_cron_trigger', { name: 'nightly' })).toEqual({ message: 'success' });
  expect(await times()).toEqual(['2026-01-01T00:00:00']);
  expect(await ok('get_cron_triggers', {})).toEqual({ cron_triggers: [] });
});

test('a change that fails makes no events and removes none', async () => {
  await ok('create_cron_trigger', trigger());
  const before = await ids();
  const { status } = await api.command('bulk', [
    { type: 'delete_cron_trigger', args: { name: 'nightly' } },
    { type: 'create_cron_trigger', args: trigger({ name: 'other' }) },
    { type: 'delete_cron_trigger', args: { name: 'nobody' } },
  ]);
  expect(status).toBe(400);
  expect(await ids()).toEqual(before);
  expect(await ids('other')).toEqual([]);
});

test('replace_metadata keeps the events of triggers that stay as they are, and triggers that are not exported', async () => {
  await ok('create_cron_trigger', trigger({ name: 'stays', headers: [{ name: 'a', value: 'b' }] }));
  await ok('create_cron_trigger', trigger({ name: 'changes' }));
  await ok('create_cron_trigger', trigger({ name: 'goes' }));
  await ok('create_cron_trigger', trigger({ name: 'hidden', include_in_metadata: false }));
  const { metadata } = (await ok('export_metadata', {})) as { metadata?: { cron_triggers: Given[] } } & {
    cron_triggers: Given[];
  };
  const exported =
    metadata?.cron_triggers ??
    ((await ok('export_metadata', {})) as { cron_triggers: Given[] }).cron_triggers;
  expect(exported).toEqual([
    { name: 'changes', webhook: '{{RECEIVER}}/cron', schedule: '30 2 * * 1-5', include_in_metadata: true },
    { name: 'goes', webhook: '{{RECEIVER}}/cron', schedule: '30 2 * * 1-5', include_in_metadata: true },
    {
      name: 'stays',
      webhook: '{{RECEIVER}}/cron',
      schedule: '30 2 * * 1-5',
      include_in_metadata: true,
      headers: [{ name: 'a', value: 'b' }],
    },
  ]);
  const [stays, hidden] = [await ids('stays'), await ids('hidden')];
  const [, , kept] = exported;
  await ok(
    'replace_metadata',
    documentOf({
      cron_triggers: [
        kept ?? {},
        trigger({ name: 'changes', schedule: '@hourly' }),
        trigger({ name: 'comes' }),
      ],
    }),
  );
  expect(await ids('stays')).toEqual(stays);
  expect(await ids('hidden')).toEqual(hidden);
  expect(await ids('goes')).toEqual([]);
  expect(await times('changes')).toEqual(expectedTimes('@hourly'));
  expect(await ids('comes')).toHaveLength(100);
  expect(
    await api.command('replace_metadata', documentOf({ cron_triggers: [trigger({ name: 'hidden' })] })),
  ).toEqual({
    status: 400,
    body: {
      code: 'already-exists',
      path: '$.args',
      error:
        'cron trigger with name "hidden" already exists as a cron trigger with "included_in_metadata" as false',
    },
  });
});

test('clear_metadata removes the triggers and their events', async () => {
  await ok('create_cron_trigger', trigger());
  await ok('clear_metadata', {});
  expect(await ids()).toEqual([]);
});

test('all triggers are listed, in full', async () => {
  await ok('create_cron_trigger', trigger({ payload: { a: 1 }, comment: 'c' }));
  await ok(
    'create_cron_trigger',
    trigger({ name: 'other', include_in_metadata: false, retry_conf: { num_retries: 2 } }),
  );
  const retry = { num_retries: 0, retry_interval_seconds: 10, timeout_seconds: 60, tolerance_seconds: 21600 };
  expect(await ok('get_cron_triggers', {})).toEqual({
    cron_triggers: [
      {
        name: 'nightly',
        webhook: '{{RECEIVER}}/cron',
        schedule: '30 2 * * 1-5',
        include_in_metadata: true,
        headers: [],
        retry_conf: retry,
        payload: { a: 1 },
        comment: 'c',
      },
      {
        name: 'other',
        webhook: '{{RECEIVER}}/cron',
        schedule: '30 2 * * 1-5',
        include_in_metadata: false,
        headers: [],
        retry_conf: { ...retry, num_retries: 2 },
      },
    ],
  });
});

test.each<[string, Given, string, string, string]>([
  [
    'create_cron_trigger',
    trigger(),
    'already-exists',
    '$.args',
    'cron trigger with name: nightly already exists',
  ],
  [
    'create_cron_trigger',
    trigger({ name: 'nobody', replace: true }),
    'not-exists',
    '$.args',
    'cron trigger with name: nobody does not exist',
  ],
  [
    'delete_cron_trigger',
    { name: 'nobody' },
    'not-exists',
    '$.args',
    'cron trigger with name: nobody does not exist',
  ],
  [
    'get_scheduled_events',
    { type: 'cron', trigger_name: 'nobody' },
    'not-exists',
    '$.args',
    'cron trigger with name: nobody does not exist',
  ],
  [
    'get_scheduled_event_invocations',
    { type: 'cron', trigger_name: 'nobody' },
    'not-exists',
    '$.args',
    'cron trigger with name: nobody does not exist',
  ],
  [
    'create_cron_trigger',
    trigger({ name: 'a', schedule: '* * * *' }),
    'parse-failed',
    '$.args.schedule',
    'parsing CronSchedule failed, a cron schedule has five fields: minute, hour, day of month, month, day of week; "* * * *" does not',
  ],
  [
    'create_cron_trigger',
    trigger({ name: 'a', retry_conf: { num_retries: -1 } }),
    'parse-failed',
    '$.args.retry_conf',
    'num_retries cannot be a negative value',
  ],
  [
    'create_cron_trigger',
    trigger({ name: 'a', webhook: { from_env: 'X' } }),
    'parse-failed',
    '$.args.webhook',
    'parsing Text failed, expected String, but encountered Object',
  ],
  [
    'create_cron_trigger',
    trigger({ name: 'a', webhook: '{{NOWHERE}}' }),
    'invalid-configuration',
    '$.args',
    'Inconsistent object: in cron trigger a: Value for environment variables not found: NOWHERE',
  ],
  [
    'create_cron_trigger',
    trigger({ name: 'a', headers: [{ name: 'x', value_from_env: 'NOTHING' }] }),
    'invalid-configuration',
    '$.args',
    "Inconsistent object: in cron trigger a: environment variable 'NOTHING' not set",
  ],
])('%s %j is refused', async (type, args, code, path, error) => {
  await ok('create_cron_trigger', trigger());
  const { status, body } = await api.command(type, args);
  expect({ status, body }).toMatchObject({ status: 400, body: { code, path, error } });
  expect(await ids('a')).toEqual([]);
});

test('a trigger that cannot run is inconsistent, and its events wait', async () => {
  const answer = await ok('replace_metadata', {
    metadata: documentOf({ cron_triggers: [trigger({ webhook: '{{NOWHERE}}' })] }),
    allow_inconsistent_metadata: true,
  });
  expect(answer).toMatchObject({
    is_consistent: false,
    inconsistent_objects: [
      {
        type: 'cron_trigger',
        name: 'cron_trigger nightly',
        reason:
          'Inconsistent object: in cron trigger nightly: Value for environment variables not found: NOWHERE',
        definition: { name: 'nightly', webhook: '{{NOWHERE}}' },
      },
    ],
  });
  await api.sql`update hdb_catalog.hdb_cron_events set scheduled_time = now() - interval '1 second' where id = (
    select id from hdb_catalog.hdb_cron_events order by scheduled_time limit 1)`;
  await new Promise((done) => setTimeout(done, 300));
  expect(await api.sql`select distinct status from hdb_catalog.hdb_cron_events`).toEqual([
    { status: 'scheduled' },
  ]);
  await ok('drop_inconsistent_metadata', {});
  expect(await ok('get_cron_triggers', {})).toEqual({ cron_triggers: [] });
  expect(await times()).toHaveLength(1);
});

test('a stored schedule that cannot be read does not keep the engine from starting', async () => {
  await ok('create_cron_trigger', trigger());
  await api.sql`update hdb_catalog.hdb_metadata set metadata = replace(metadata::text, '30 2 * * 1-5', '@reboot')::json,
    resource_version = resource_version + 1`;
  const engine = await createEngine({ databaseUrl: api.database.url, adminSecret: 'x' });
  try {
    expect(await engine.metadata.run({ type: 'get_inconsistent_metadata', args: {} })).toMatchObject({
      is_consistent: false,
      inconsistent_objects: [{ name: 'cron_trigger nightly', definition: { schedule: '@reboot' } }],
    });
    await engine.metadata.run({ type: 'delete_cron_trigger', args: { name: 'nightly' } });
  } finally {
    await engine.close();
  }
});

test('an event is sent with what its trigger says, and transformed', async () => {
  await ok(
    'create_cron_trigger',
    trigger({
      payload: { n: 1 },
      comment: 'why',
      headers: [{ name: 'x-a', value: 'b' }],
      request_transform: {
        version: 2,
        body: {
          action: 'transform',
          template: '{"name": {{ $body.name }}, "n": {{ $body.payload.n }}, "all": {{ $body }} }',
        },
      },
    }),
  );
  const [event] =
    await api.sql`update hdb_catalog.hdb_cron_events set scheduled_time = date_trunc('second', now()) where id = (
    select id from hdb_catalog.hdb_cron_events order by scheduled_time limit 1) returning id`;
  await expect.poll(() => receiver.requests.length).toBe(1);
  const [request] = receiver.requests;
  expect(request?.headers['x-a']).toBe('b');
  const sent = JSON.parse(request?.body ?? '');
  const payload = {
    id: event?.['id'],
    name: 'nightly',
    scheduled_time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    payload: { n: 1 },
    comment: 'why',
  };
  expect(sent).toEqual({ name: 'nightly', n: 1, all: payload });
  const answer = { type: 'cron', trigger_name: 'nightly' };
  await expect
    .poll(async () => api.command('get_scheduled_event_invocations', { ...answer, get_rows_count: true }))
    .toMatchObject({
      body: { count: 1, invocations: [{ event_id: event?.['id'], status: 200, request: { payload } }] },
    });
  expect(
    await ok('get_scheduled_event_invocations', { type: 'cron', event_id: String(event?.['id']) }),
  ).toMatchObject({
    invocations: [{ event_id: event?.['id'] }],
  });
  expect(await ok('get_scheduled_events', { ...answer, status: ['delivered'] })).toMatchObject({
    events: [{ id: event?.['id'], tries: 1, next_retry_at: null }],
  });
});

test('a transform that fails gives the event up', async () => {
  await ok(
    'create_cron_trigger',
    trigger({
      retry_conf: { num_retries: 3 },
      request_transform: { version: 2, body: { action: 'transform', template: '{{ $body.nothing }}' } },
    }),
  );
  await api.sql`update hdb_catalog.hdb_cron_events set scheduled_time = now() where id = (
    select id from hdb_catalog.hdb_cron_events order by scheduled_time limit 1)`;
  await expect
    .poll(() => api.sql`select tries, status from hdb_catalog.hdb_cron_events where status = 'error'`)
    .toEqual([{ tries: 1, status: 'error' }]);
  expect(receiver.requests).toEqual([]);
});

test('several engines share the events, and each is delivered once', async () => {
  const others = await Promise.all(
    [1, 2].map(() =>
      createEngine({
        databaseUrl: api.database.url,
        adminSecret: 'x',
        environment: { RECEIVER: receiver.url },
        scheduledTriggersFetchIntervalMs: 20,
      }),
    ),
  );
  try {
    // seldom due, so that no event joins those that are put in here when a minute ends
    await ok('create_cron_trigger', trigger({ schedule: '0 0 1 1 *' }));
    await api.sql`insert into hdb_catalog.hdb_cron_events (trigger_name, scheduled_time)
      select 'nightly', now() - n * interval '1 second' from generate_series(1, 600) as n`;
    await expect
      .poll(
        () => api.sql`select count(*)::int as n from hdb_catalog.hdb_cron_events where status = 'delivered'`,
        {
          timeout: 20_000,
        },
      )
      .toEqual([{ n: 600 }]);
    const sent = receiver.requests.map(({ body }) => JSON.parse(body).id);
    expect(sent).toHaveLength(600);
    expect(new Set(sent).size).toBe(600);
  } finally {
    await Promise.all(others.map((engine) => engine.close()));
  }
});
