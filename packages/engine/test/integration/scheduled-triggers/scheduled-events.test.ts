/** Single events and their delivery; cron triggers are beside. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type JsonLike, type Project, project } from '../../support/project.ts';
import { startWebhookServer, type WebhookReply, type WebhookServer } from '../../support/webhook-server.ts';

let api: Project;
let receiver: WebhookServer;
/** How the receiver answers a path; 200 unless it is here. */
const replies = new Map<string, () => WebhookReply | Promise<WebhookReply>>();
const logged: { type: string; level: string; detail: unknown }[] = [];

beforeAll(async () => {
  receiver = await startWebhookServer(({ url }) => replies.get(url)?.() ?? { body: { ok: true } });
  api = await project({
    engine: {
      environment: { RECEIVER: receiver.url, TOKEN: 'from-environment' },
      // what is due is not found by looking at intervals
      scheduledTriggersFetchIntervalMs: 60_000,
      enabledApis: new Set(['metadata', 'graphql', 'pgdump', 'config', 'metrics']),
      writeLog: (lines) => {
        for (const line of lines.trim().split('\n')) logged.push(JSON.parse(line));
      },
    },
  });
});
afterAll(async () => {
  await api?.close();
  await receiver?.close();
});
beforeEach(async () => {
  await api.sql`delete from hdb_catalog.hdb_scheduled_events`;
  receiver.requests.length = 0;
  replies.clear();
  logged.length = 0;
});

async function create(args: { readonly [key: string]: JsonLike }): Promise<string> {
  const { status, body } = await api.command('create_scheduled_event', {
    webhook: '{{RECEIVER}}/hook',
    schedule_at: new Date().toISOString(),
    ...args,
  });
  expect({ status, body }).toEqual({
    status: 200,
    body: { message: 'success', event_id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  });
  return (body as { event_id: string }).event_id;
}

type Event = {
  readonly id: string;
  readonly status: string;
  readonly tries: number;
  readonly [key: string]: unknown;
};

async function events(args: { readonly [key: string]: JsonLike } = {}): Promise<readonly Event[]> {
  const { body } = await api.command('get_scheduled_events', { type: 'one_off', ...args });
  return (body as { events: readonly Event[] }).events;
}

/** The event once nothing more happens to it. */
async function ended(id: string): Promise<Event> {
  for (;;) {
    const event = (await events()).find((one) => one.id === id);
    if (event === undefined) throw new Error('no such event');
    if (['delivered', 'error', 'dead'].includes(event.status)) return event;
    await new Promise((done) => setTimeout(done, 15));
  }
}

async function invocations(id: string): Promise<readonly { [key: string]: unknown }[]> {
  const { body } = await api.command('get_scheduled_event_invocations', { type: 'one_off', event_id: id });
  return (body as { invocations: readonly { [key: string]: unknown }[] }).invocations;
}

const utc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/;

test('an event is delivered when it is due, and recorded', async () => {
  const at = new Date(Date.now() + 300);
  const id = await create({
    schedule_at: at.toISOString(),
    payload: { big: 12345678901234567000, text: 'ä' },
    headers: [
      { name: 'X-Plain', value: 'p' },
      { name: 'X-Token', value_from_env: 'TOKEN' },
      { name: 'Content-Type', value: 'text/plain' },
    ],
    comment: 'a comment',
    retry_conf: { num_retries: 3 },
  });
  expect(await ended(id)).toEqual({
    id,
    webhook_conf: '{{RECEIVER}}/hook',
    scheduled_time: expect.stringMatching(utc),
    retry_conf: { num_retries: 3, retry_interval_seconds: 10, timeout_seconds: 60, tolerance_seconds: 21600 },
    payload: { big: 12345678901234567000, text: 'ä' },
    header_conf: [
      { name: 'X-Plain', value: 'p' },
      { name: 'X-Token', value_from_env: 'TOKEN' },
      { name: 'Content-Type', value: 'text/plain' },
    ],
    status: 'delivered',
    tries: 1,
    created_at: expect.stringMatching(utc),
    next_retry_at: null,
    comment: 'a comment',
    request_transform: null,
    response_transform: null,
  });
  expect(Date.now()).toBeGreaterThanOrEqual(at.getTime());
  expect(receiver.requests).toHaveLength(1);
  const [request] = receiver.requests;
  expect(request).toMatchObject({
    method: 'POST',
    url: '/hook',
    headers: {
      'x-plain': 'p',
      'x-token': 'from-environment',
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^hasura-graphql-engine\//),
    },
  });
  const [{ created_at: createdAt } = { created_at: '' }] = await events();
  const sent = {
    id,
    scheduled_time: at.toISOString().replace(/0+Z$/, 'Z').replace('.Z', 'Z'),
    created_at: createdAt,
    payload: { big: 12345678901234567000, text: 'ä' },
    comment: 'a comment',
  };
  expect(JSON.parse(request?.body ?? '')).toEqual(sent);
  expect(await invocations(id)).toEqual([
    {
      id: expect.any(String),
      event_id: id,
      status: 200,
      request: {
        payload: sent,
        headers: [
          { name: 'Content-Type', value: 'application/json' },
          { name: 'User-Agent', value: expect.any(String) },
          { name: 'X-Plain', value: 'p' },
          { name: 'X-Token', value_from_env: 'TOKEN' },
        ],
        version: '1',
      },
      response: {
        type: 'webhook_response',
        data: { body: '{"ok":true}', headers: expect.any(Array), status: 200 },
        version: '1',
      },
      created_at: expect.stringMatching(utc),
    },
  ]);
  await expect
    .poll(() => logged.filter(({ type }) => type.startsWith('scheduled-trigger')))
    .toEqual([
      expect.objectContaining({
        type: 'scheduled-trigger',
        level: 'info',
        detail: expect.objectContaining({ context: { event_id: id } }),
      }),
    ]);
  expect(JSON.stringify(logged)).not.toContain('from-environment');
});

test('without a payload null is sent', async () => {
  const id = await create({});
  await ended(id);
  expect(JSON.parse(receiver.requests[0]?.body ?? '')).toMatchObject({ payload: null });
  expect(JSON.parse(receiver.requests[0]?.body ?? '')).not.toHaveProperty('comment');
});

test('failures are tried again, and then given up', async () => {
  replies.set('/fail', () => ({ status: 500, body: 'no' }));
  const id = await create({
    webhook: '{{RECEIVER}}/fail',
    retry_conf: { num_retries: 2, retry_interval_seconds: 0.1 },
  });
  expect(await ended(id)).toMatchObject({ status: 'error', tries: 3, next_retry_at: null });
  expect(receiver.requests).toHaveLength(3);
  const made = await invocations(id);
  expect(made.map(({ status, response }) => ({ status, response }))).toEqual(
    Array(3).fill({
      status: 500,
      response: { type: 'client_error', data: { message: 'no' }, version: '1' },
    }),
  );
  // newest first
  const times = made.map(({ created_at: at }) => String(at));
  expect(times).toEqual([...times].sort().reverse());
});

test('a receiver may say when it is to be asked again, also after the last try', async () => {
  let calls = 0;
  replies.set('/later', () => {
    calls++;
    return calls === 1 ? { status: 503, headers: { 'retry-after': '1' } } : {};
  });
  const id = await create({ webhook: '{{RECEIVER}}/later' });
  await expect.poll(async () => (await events())[0]?.['next_retry_at']).toMatch(utc);
  expect(await ended(id)).toMatchObject({ status: 'delivered', tries: 2 });
});

test('a receiver that does not answer in time, or is not there, has failed', async () => {
  replies.set('/slow', () => new Promise((done) => setTimeout(() => done({}), 5000).unref()));
  const slow = await create({ webhook: '{{RECEIVER}}/slow', retry_conf: { timeout_seconds: 0.1 } });
  const absent = await create({ webhook: 'http://127.0.0.1:1/' });
  expect(await ended(slow)).toMatchObject({ status: 'error', tries: 1 });
  expect(await ended(absent)).toMatchObject({ status: 'error', tries: 1 });
  for (const id of [slow, absent]) {
    expect(await invocations(id)).toMatchObject([{ status: null, response: { type: 'client_error' } }]);
  }
});

test('what is too late is dead, and nobody is called', async () => {
  const old = await create({ schedule_at: '2020-01-01T00:00:00Z' });
  const strict = await create({
    schedule_at: new Date(Date.now() - 5000).toISOString(),
    retry_conf: { tolerance_seconds: 4 },
  });
  expect(await ended(old)).toMatchObject({ status: 'dead', tries: 0 });
  expect(await ended(strict)).toMatchObject({ status: 'dead', tries: 0 });
  expect(receiver.requests).toEqual([]);
  expect(await invocations(old)).toEqual([]);
});

test('a retry that comes too late is dead, too', async () => {
  replies.set('/fail', () => ({ status: 500 }));
  const id = await create({
    webhook: '{{RECEIVER}}/fail',
    retry_conf: { num_retries: 5, retry_interval_seconds: 0.3, tolerance_seconds: 0.2 },
  });
  expect(await ended(id)).toMatchObject({ status: 'dead', tries: 1 });
});

test('variables that are missing fail the attempts, however late the event is', async () => {
  const id = await create({
    webhook: '{{NOWHERE}}/x',
    headers: [{ name: 'a', value_from_env: 'NOTHING' }],
    schedule_at: '2020-01-01T00:00:00Z',
    retry_conf: { num_retries: 1, retry_interval_seconds: 0 },
  });
  expect(await ended(id)).toMatchObject({ status: 'error', tries: 2 });
  const made = await invocations(id);
  expect(made).toHaveLength(2);
  expect(made[0]).toMatchObject({
    response: {
      type: 'client_error',
      data: {
        message:
          'Error creating the request. The value for environment variables not found: NOTHING, NOWHERE',
      },
    },
  });
});

test('one slow receiver does not keep others waiting', async () => {
  let release = () => {};
  const held = new Promise<WebhookReply>((done) => {
    release = () => done({});
  });
  replies.set('/held', () => held);
  const slow = await create({ webhook: '{{RECEIVER}}/held' });
  await expect.poll(() => receiver.requests.length).toBe(1);
  expect(await events()).toMatchObject([{ id: slow, status: 'locked', next_retry_at: null }]);
  expect(await ended(await create({}))).toMatchObject({ status: 'delivered' });
  release();
  expect(await ended(slow)).toMatchObject({ status: 'delivered', tries: 1 });
});

test('many are delivered, each once', async () => {
  await api.sql`insert into hdb_catalog.hdb_scheduled_events (webhook_conf, scheduled_time, retry_conf, payload, header_conf)
    select to_json(${`${receiver.url}/hook`}::text), now(), null, to_json(n), null from generate_series(1, 1500) as n`;
  await create({});
  await expect
    .poll(async () => (await events({ status: ['delivered'], get_rows_count: true, limit: 0 })).length, {
      timeout: 100,
    })
    .toBe(0);
  await expect
    .poll(
      async () => {
        const { body } = await api.command('get_scheduled_events', {
          type: 'one_off',
          status: ['delivered'],
          get_rows_count: true,
          limit: 0,
        });
        return body;
      },
      { timeout: 20_000 },
    )
    .toEqual({ events: [], count: 1501 });
  const payloads = receiver.requests.map(({ body }) => JSON.parse(body).payload);
  expect(payloads).toHaveLength(1501);
  expect(new Set(payloads).size).toBe(1501);
});

test('events are listed by their time, in pages, by status', async () => {
  const later = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
  const third = await create({ schedule_at: later(3) });
  const first = await create({ schedule_at: later(1) });
  const second = await create({ schedule_at: later(2) });
  const ids = async (args: { readonly [key: string]: JsonLike }) => (await events(args)).map(({ id }) => id);
  expect(await ids({})).toEqual([first, second, third]);
  expect(await ids({ limit: 1, offset: 1 })).toEqual([second]);
  expect(await ids({ offset: 2 })).toEqual([third]);
  expect(await ids({ status: ['dead', 'error'] })).toEqual([]);
  expect(await ids({ status: ['scheduled'] })).toEqual([first, second, third]);
  const { body } = await api.command('get_scheduled_events', {
    type: 'one_off',
    limit: 1,
    get_rows_count: true,
  });
  expect(body).toMatchObject({ count: 3, events: [{ id: first }] });
  expect(
    await api.command('get_scheduled_event_invocations', { type: 'one_off', get_rows_count: true }),
  ).toEqual({
    status: 200,
    body: { invocations: [], count: 0 },
  });
});

test('an event that is deleted takes its invocations along; one that is not there can be deleted', async () => {
  const id = await create({});
  await ended(id);
  for (let time = 0; time < 2; time++) {
    expect(await api.command('delete_scheduled_event', { type: 'one_off', event_id: id })).toEqual({
      status: 200,
      body: { message: 'success' },
    });
  }
  expect(await events()).toEqual([]);
  expect(await api.sql`select * from hdb_catalog.hdb_scheduled_event_invocation_logs`).toEqual([]);
});

test('an event that is deleted while it is delivered leaves nothing behind', async () => {
  let release = () => {};
  const held = new Promise<WebhookReply>((done) => {
    release = () => done({});
  });
  replies.set('/held', () => held);
  const id = await create({ webhook: '{{RECEIVER}}/held' });
  await expect.poll(() => receiver.requests.length).toBe(1);
  await api.command('delete_scheduled_event', { type: 'one_off', event_id: id });
  release();
  expect(await ended(await create({}))).toMatchObject({ status: 'delivered' });
  expect(logged.filter(({ level }) => level === 'error')).toEqual([]);
});

test.each<[string, { readonly [key: string]: JsonLike }, string, string]>([
  [
    'create_scheduled_event',
    { schedule_at: '2030-01-01T00:00:00Z' },
    '$.args',
    "the key 'webhook' was not present",
  ],
  ['create_scheduled_event', { webhook: 'x' }, '$.args', "the key 'schedule_at' was not present"],
  [
    'create_scheduled_event',
    { webhook: { from_env: 'X' }, schedule_at: '2030-01-01T00:00:00Z' },
    '$.args.webhook',
    'parsing Text failed, expected String, but encountered Object',
  ],
  [
    'create_scheduled_event',
    { webhook: 'x', schedule_at: 'tomorrow' },
    '$.args.schedule_at',
    'parsing UTCTime failed, "tomorrow" is no time as ISO 8601 has it',
  ],
  [
    'create_scheduled_event',
    { webhook: 'x', schedule_at: '2030-02-30T00:00:00Z' },
    '$.args.schedule_at',
    'parsing UTCTime failed, there is no such time as "2030-02-30T00:00:00Z"',
  ],
  [
    'create_scheduled_event',
    { webhook: 'x', schedule_at: '2030-01-01T00:00:00Z', retry_conf: { num_retries: -1 } },
    '$.args.retry_conf',
    'num_retries cannot be a negative value',
  ],
  [
    'create_scheduled_event',
    { webhook: 'x', schedule_at: '2030-01-01T00:00:00Z', headers: [{ name: 'a' }] },
    '$.args.headers[0]',
    'expecting value or value_from_env keys',
  ],
  ['get_scheduled_events', { type: 'cron' }, '$.args', "the key 'trigger_name' was not present"],
  [
    'get_scheduled_events',
    { type: 'one_off', status: ['odd'] },
    '$.args.status[0]',
    'unexpected status: odd',
  ],
  ['get_scheduled_event_invocations', { type: 'cron' }, '$.args', "the key 'trigger_name' was not present"],
  ['delete_scheduled_event', { type: 'one_off' }, '$.args', "the key 'event_id' was not present"],
])('%s %j is refused', async (type, args, path, error) => {
  expect(await api.command(type, args)).toEqual({ status: 400, body: { path, error, code: 'parse-failed' } });
});

test.each([
  ['2030-01-02T03:04:05Z', '2030-01-02T03:04:05Z'],
  ['2030-01-02T03:04:05.123456Z', '2030-01-02T03:04:05.123456Z'],
  ['2030-01-02 03:04:05+02:30', '2030-01-02T00:34:05Z'],
  ['2030-01-02T03:04-0100', '2030-01-02T04:04:00Z'],
  ['2030-01-02T23:04-01', '2030-01-03T00:04:00Z'],
])('%s is %s', async (given, stored) => {
  await create({ schedule_at: given });
  expect(await events()).toMatchObject([{ scheduled_time: stored }]);
});

test('only administrators may use the commands, also at the older endpoint', async () => {
  const asked = await api
    .as('user')
    .request('/v1/query', { type: 'get_scheduled_events', args: { type: 'one_off' } });
  expect(await asked.json()).toMatchObject({ code: 'access-denied' });
  const { status, body } = await api.command('get_scheduled_events', { type: 'one_off' }, '/v1/query');
  expect({ status, body }).toEqual({ status: 200, body: { events: [] } });
});

test('calls and ends are counted', async () => {
  replies.set('/fail', () => ({ status: 500 }));
  await ended(await create({}));
  await ended(await create({ webhook: '{{RECEIVER}}/fail' }));
  const text = await (await api.request('/v1/metrics', undefined)).text();
  const value = (name: string, status: string) =>
    Number(new RegExp(`^${name}\\{status="${status}"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  expect(value('hasura_oneoff_events_invocation_total', 'success')).toBeGreaterThan(0);
  expect(value('hasura_oneoff_events_invocation_total', 'failed')).toBeGreaterThan(0);
  expect(value('hasura_oneoff_events_processed_total', 'success')).toBeGreaterThan(0);
  expect(value('hasura_oneoff_events_processed_total', 'failed')).toBeGreaterThan(0);
});
