/** Events are delivered at least once, whatever happens to the engine, the webhook or the database, and once when nothing does. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/index.ts';
import { startWebhookServer, type WebhookReply, type WebhookServer } from '../support/webhook-server.ts';
import { type MortalPostgres, mortalPostgres } from './mortal-postgres.ts';
import { type PosternProcess, startPostern, until } from './postern-process.ts';

let database: TestDatabase;
let receiver: WebhookServer;
let reply: (id: number) => WebhookReply | Promise<WebhookReply>;
const processes: PosternProcess[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  await database.sql('create table items (id int primary key)');
  reply = () => ({});
  receiver = await startWebhookServer(({ body }) => reply(rowOf(body)));
});
afterEach(async () => {
  for (const running of processes.splice(0)) running.kill();
  await receiver.close();
  await database.drop();
});

const rowOf = (body: string): number => JSON.parse(body).event.data.new.id;
/** The rows that were told of, in no order. */
const told = () => receiver.requests.map(({ body }) => rowOf(body)).sort((a, b) => a - b);
const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

async function start(url = database.url, environment: Record<string, string> = {}): Promise<PosternProcess> {
  const postern = await startPostern({
    HASURA_GRAPHQL_DATABASE_URL: url,
    HASURA_GRAPHQL_EVENTS_FETCH_INTERVAL: '50',
    RECEIVER: receiver.url,
    ...environment,
  });
  processes.push(postern);
  return postern;
}

async function createTrigger(postern: PosternProcess, retries = 0): Promise<void> {
  const answer = await postern.command('bulk', [
    { type: 'pg_track_table', args: { table: 'items' } },
    {
      type: 'pg_create_event_trigger',
      args: {
        name: 'item_made',
        table: 'items',
        webhook: '{{RECEIVER}}',
        insert: { columns: '*' },
        retry_conf: { num_retries: retries, interval_sec: 1, timeout_sec: 10 },
      },
    },
  ]);
  expect(answer).toMatchObject({ status: 200 });
}

const undelivered = async () =>
  (await database.sql('select count(*)::int as count from hdb_catalog.event_log where not delivered'))[0]?.[
    'count'
  ];

test('an engine that is killed while it delivers loses nothing: its events come back when their locks are old', async () => {
  const first = await start();
  await createTrigger(first);
  reply = () => new Promise(() => {});
  await database.sql('insert into items select generate_series(1, 150)');
  await until('deliveries are under way', () => receiver.requests.length >= 100);
  first.kill();
  const before = told();
  reply = () => ({});
  receiver.requests.length = 0;
  await start();
  // nobody else takes what is locked
  await new Promise((resolve) => setTimeout(resolve, 300));
  const [{ locked }] = (await database.sql(
    'select count(*)::int as locked from hdb_catalog.event_log where locked is not null',
  )) as [{ locked: number }];
  expect(locked).toBeGreaterThanOrEqual(before.length);
  expect(locked).toBeLessThanOrEqual(200);
  await database.sql(
    `update hdb_catalog.event_log set locked = locked - interval '31 minutes' where locked is not null`,
  );
  await until('all are delivered', async () => (await undelivered()) === 0);
  expect(told()).toEqual(range(150));
});

test('an engine that is stopped ends the deliveries in flight and gives the others back', async () => {
  const postern = await start(database.url, { HASURA_GRAPHQL_EVENTS_HTTP_POOL_SIZE: '3' });
  await createTrigger(postern);
  const finish: (() => void)[] = [];
  reply = () => new Promise((resolve) => finish.push(() => resolve({})));
  await database.sql('insert into items select generate_series(1, 20)');
  await until('deliveries are under way', () => finish.length === 3);
  const stopped = postern.stop();
  await new Promise((resolve) => setTimeout(resolve, 200));
  for (const end of finish) end();
  expect(await stopped).toEqual([0, null]);
  expect(
    await database.sql(
      'select count(*)::int as count, delivered, tries, locked from hdb_catalog.event_log group by 2, 3, 4 order by 2',
    ),
  ).toEqual([
    { count: 17, delivered: false, tries: 0, locked: null },
    { count: 3, delivered: true, tries: 1, locked: null },
  ]);
});

test('two engines share the work: every event is delivered, and only once', async () => {
  const [first] = await Promise.all([start(), start()]);
  await createTrigger(first as PosternProcess);
  reply = () => new Promise((resolve) => setTimeout(() => resolve({}), 5));
  for (let from = 1; from < 1000; from += 100) {
    await database.sql(`insert into items select generate_series(${from}, ${from + 99})`);
  }
  await until('all are delivered', async () => (await undelivered()) === 0);
  expect(told()).toEqual(range(1000));
});

test('a webhook that is away for a while gets every event when it is back', async () => {
  const postern = await start();
  await createTrigger(postern, 5);
  let isAway = true;
  reply = () => (isAway ? { status: 503 } : {});
  await database.sql('insert into items select generate_series(1, 20)');
  await until('all were tried', () => receiver.requests.length >= 20);
  isAway = false;
  await until('all are delivered', async () => (await undelivered()) === 0);
  expect(
    await database.sql('select distinct error, tries >= 2 as retried from hdb_catalog.event_log'),
  ).toEqual([{ error: false, retried: true }]);
});

test('a database that goes away between delivery and record: recorded when it is back soon, told again otherwise', async () => {
  const postgres: MortalPostgres = await mortalPostgres();
  try {
    const postern = await start(postgres.url);
    await postern.command('run_sql', { sql: 'create table items (id int primary key)' }, '/v2/query');
    await createTrigger(postern);
    let restarted: Promise<void> | null = null;
    reply = async (id) => {
      if (id === 5) {
        await postgres.kill();
        restarted = postgres.start();
      }
      return {};
    };
    await postern.command('run_sql', { sql: 'insert into items select generate_series(1, 10)' }, '/v2/query');
    await until('the database was killed', () => restarted !== null);
    await restarted;
    const state = async () => {
      const sql = `select count(*) filter (where delivered) as done, count(*) filter (where locked is not null) as locked from hdb_catalog.event_log`;
      return (await postern.command('run_sql', { sql, read_only: true }, '/v2/query')).body?.result?.[1];
    };
    await until('all that was told is recorded', async () => String(await state()) === '10,0', 30_000);
    expect(new Set(told())).toEqual(new Set(range(10)));
  } finally {
    await postgres.remove();
  }
});
