/** Scheduled events, when the engine that delivers them ends. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/index.ts';
import { startWebhookServer, type WebhookServer } from '../support/webhook-server.ts';
import { type PosternProcess, startPostern, until } from './postern-process.ts';

let database: TestDatabase;
let receiver: WebhookServer;
/** What the receiver's answer waits for. */
let held: Promise<void>;
let release: () => void;
const processes: PosternProcess[] = [];

beforeEach(async () => {
  held = new Promise((done) => {
    release = done;
  });
  receiver = await startWebhookServer(async () => {
    await held;
    return {};
  });
  database = await createTestDatabase();
});
afterEach(async () => {
  release();
  for (const running of processes.splice(0)) running.kill();
  await receiver.close();
  await database.drop();
});

async function start(environment: Record<string, string> = {}): Promise<PosternProcess> {
  const postern = await startPostern({
    HASURA_GRAPHQL_DATABASE_URL: database.url,
    POSTERN_SCHEDULED_TRIGGERS_FETCH_INTERVAL: '100',
    ...environment,
  });
  processes.push(postern);
  return postern;
}

async function create(postern: PosternProcess): Promise<void> {
  const answer = await postern.command('create_scheduled_event', {
    webhook: receiver.url,
    schedule_at: new Date().toISOString(),
  });
  expect(answer).toMatchObject({ status: 200 });
  await until('the receiver is called', () => receiver.requests.length === 1);
}

const state = () => database.sql('select status, tries from hdb_catalog.hdb_scheduled_events');
const invocations = () => database.sql('select status from hdb_catalog.hdb_scheduled_event_invocation_logs');

test('what a killed engine has taken is delivered by another one, once the time for which it was taken is over', async () => {
  const first = await start();
  await create(first);
  first.kill();
  const second = await start();
  release();
  await new Promise((done) => setTimeout(done, 500));
  expect(receiver.requests).toHaveLength(1);
  expect(await state()).toEqual([{ status: 'locked', tries: 0 }]);
  const [{ seconds } = {}] = await database.sql(
    'select extract(epoch from next_retry_at - now())::float8 as seconds from hdb_catalog.hdb_scheduled_events',
  );
  expect(seconds).toBeLessThanOrEqual(60);
  // as if the rest of it had passed
  await database.sql('update hdb_catalog.hdb_scheduled_events set next_retry_at = now()');
  await until('the event is delivered', async () => (await invocations()).length === 1);
  expect(await state()).toEqual([{ status: 'delivered', tries: 1 }]);
  expect(receiver.requests).toHaveLength(2);
  expect(await second.stop()).toEqual([0, null]);
});

test('an engine that is told to stop waits for its deliveries', async () => {
  const postern = await start();
  await create(postern);
  const stopped = postern.stop();
  await new Promise((done) => setTimeout(done, 300));
  release();
  expect(await stopped).toEqual([0, null]);
  expect(await state()).toEqual([{ status: 'delivered', tries: 1 }]);
});

test('an engine that may not wait any longer gives the event back, which the next one delivers at once', async () => {
  const postern = await start({ HASURA_GRAPHQL_GRACEFUL_SHUTDOWN_TIMEOUT: '1' });
  await create(postern);
  expect(await postern.stop()).toEqual([0, null]);
  expect(await state()).toEqual([{ status: 'scheduled', tries: 0 }]);
  expect(await invocations()).toEqual([]);
  release();
  await start();
  await until('the event is delivered', async () => (await invocations()).length === 1);
  expect(await state()).toEqual([{ status: 'delivered', tries: 1 }]);
});

test('connections to the database that break while an event is delivered do not lose what became of it', async () => {
  const postern = await start();
  await create(postern);
  await database.sql(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
  release();
  await until('the delivery is recorded', async () => (await invocations()).length === 1);
  expect(await state()).toEqual([{ status: 'delivered', tries: 1 }]);
  expect(receiver.requests).toHaveLength(1);
  expect(await postern.stop()).toEqual([0, null]);
});

test('a process with several workers delivers each event once', async () => {
  release();
  const postern = await start({ POSTERN_WORKERS: '2' });
  await database.sql(`insert into hdb_catalog.hdb_scheduled_events (webhook_conf, scheduled_time)
    select to_json('${receiver.url}'::text), now() from generate_series(1, 300)`);
  await until('all are delivered', async () => (await invocations()).length === 300);
  expect(receiver.requests).toHaveLength(300);
  expect(await postern.stop()).toEqual([0, null]);
});
