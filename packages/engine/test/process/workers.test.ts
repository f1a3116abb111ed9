/** One engine of several processes: what one of them does is served by all, and one that dies is replaced. */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/index.ts';
import { type PosternProcess, startPostern, until } from './postern-process.ts';

const count = 3;
/** Node.js hands connections to one worker after the other. */
const inTurn = { NODE_CLUSTER_SCHED_POLICY: 'rr' };

let database: TestDatabase;
let postern: PosternProcess | null = null;

beforeEach(async () => {
  database = await createTestDatabase();
  await database.sql('create table notes (id int primary key); insert into notes values (1), (2)');
});
afterEach(async () => {
  postern?.kill();
  await database.drop();
});

async function start(environment: Record<string, string> = {}): Promise<PosternProcess> {
  postern = await startPostern({
    HASURA_GRAPHQL_DATABASE_URL: database.url,
    POSTERN_WORKERS: String(count),
    HASURA_GRAPHQL_ENABLED_APIS: 'graphql,metadata,metrics',
    ...environment,
  });
  const running = postern;
  await until('all workers listen', () => running.log().split('Starting API server').length > count);
  expect(await running.command('pg_track_table', { table: 'notes' })).toMatchObject({ status: 200 });
  return running;
}

const query = '{ notes(order_by: {id: asc}) { id } }';
const right = '{"data":{"notes":[{"id":1},{"id":2}]}}';

/** On a connection of its own, so that the workers take turns; null when the connection broke. */
function onNewConnection(
  { url, headers }: PosternProcess,
  path: string,
  body: unknown,
): Promise<string | null> {
  return new Promise((resolve) => {
    const asked = request(`${url}${path}`, { method: 'POST', headers, agent: new Agent() }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      // PostgreSQL puts line breaks between the elements of some lists
      response.once('end', () => resolve(text.replaceAll(/\s/g, '')));
      response.once('error', () => resolve(null));
    });
    asked.once('error', () => resolve(null));
    asked.end(JSON.stringify(body));
  });
}

const askOnNewConnection = (running: PosternProcess) => onNewConnection(running, '/v1/graphql', { query });

async function askAll(running: PosternProcess): Promise<Set<string | null>> {
  return new Set(await Promise.all(Array.from({ length: 4 * count }, () => askOnNewConnection(running))));
}

test('a change that is answered is served by every worker', async () => {
  const running = await start(inTurn);
  expect(await askAll(running)).toEqual(new Set([right]));
  // one command after the other, each to another worker: none is refused because its worker is behind
  for (let number = 1; number <= 4 * count; number++) {
    const name = `t${number}`;
    const commands = [
      ['/v2/query', { type: 'run_sql', args: { sql: `create table ${name} (id int primary key)` } }],
      ['/v1/metadata', { type: 'pg_track_table', args: { table: name } }],
      ['/v1/graphql', { query: `{ ${name} { id } }` }],
      ['/v1/metadata', { type: 'pg_untrack_table', args: { table: name } }],
    ] as const;
    const answers: (string | null)[] = [];
    for (const [path, body] of commands) answers.push(await onNewConnection(running, path, body));
    const success = '{"message":"success"}';
    expect(answers.slice(1)).toEqual([success, `{"data":{"${name}":[]}}`, success]);
  }
  expect(await running.stop()).toEqual([0, null]);
});

test('metrics count what all workers have done', async () => {
  const running = await start(inTurn);
  const asked = 4 * count;
  await askAll(running);
  for (let scrape = 0; scrape < count; scrape++) {
    const response = await fetch(`${running.url}/v1/metrics`, {
      headers: { ...running.headers, connection: 'close' },
    });
    const counted = (await response.text())
      .split('\n')
      .filter((line) => line.startsWith('hasura_graphql_requests_total{'))
      .map((line) => Number(line.split(' ').at(-1)));
    expect(counted.reduce((sum, number) => sum + number, 0)).toBe(asked);
  }
  expect(await running.stop()).toEqual([0, null]);
});

test('log lines stay whole, and SIGTERM ends all after what runs', async () => {
  const running = await start();
  await database.sql('create view slow as select 1 as id, pg_sleep(0.7)::text as slept');
  expect(await running.command('pg_track_table', { table: 'slow' })).toMatchObject({ status: 200 });
  const asked = running.query('{ slow { id } }');
  await until('the statement runs', async () => {
    const sleeping = `select 1 from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;
    return (await database.sql(sleeping)).length > 0;
  });
  const ended = running.stop();
  expect(await asked).toEqual({ data: { slow: [{ id: 1 }] } });
  expect(await ended).toEqual([0, null]);
  expect(running.workers()).toEqual([]);
  for (const line of running.log().split('\n'))
    if (line !== '' && !line.startsWith('✓')) expect(() => JSON.parse(line)).not.toThrow();
});

test('a worker is killed under load: nothing but its own connections breaks, and it is replaced', async () => {
  const running = await start();
  const outcomes: (string | null)[] = [];
  let isOver = false;
  const load = Array.from({ length: 6 }, async () => {
    while (!isOver) outcomes.push(await askOnNewConnection(running));
  });
  await until('there is load', () => outcomes.length > 20);
  const [victim, ...others] = running.workers();
  if (victim === undefined) throw new Error('no worker runs');
  process.kill(victim, 'SIGKILL');
  await until('a new worker listens', () => running.log().split('Starting API server').length > count + 1);
  const from = outcomes.length;
  await until('it is served again', () => outcomes.length > from + 50);
  isOver = true;
  await Promise.all(load);
  // no wrong answer at any time, and no broken connection once the worker is replaced
  expect(new Set(outcomes.filter((outcome) => outcome !== null))).toEqual(new Set([right]));
  expect(new Set(outcomes.slice(from))).toEqual(new Set([right]));
  const workers = running.workers();
  expect(workers).toHaveLength(count);
  expect(workers).toEqual(expect.arrayContaining(others));
  const line = running
    .log()
    .split('\n')
    .find((each) => each.includes('worker_ended'));
  expect(JSON.parse(line ?? 'null')).toMatchObject({
    level: 'error',
    type: 'startup',
    detail: { kind: 'worker_ended', info: { signal: 'SIGKILL', restart_in_ms: 100 } },
  });
  expect(await running.stop()).toEqual([0, null]);
});

test('workers end with the process that started them', async () => {
  const running = await start();
  const workers = running.workers();
  running.kill();
  await once(running.process, 'exit');
  await until('the workers have ended', () => workers.every((pid) => !isAlive(pid)));
  // the port is free
  const port = Number(new URL(running.url).port);
  expect(
    await new Promise((resolve) =>
      connect(port, '127.0.0.1', () => resolve('taken')).once('error', () => resolve('free')),
    ),
  ).toBe('free');
});

test('what keeps the first worker from starting is said once, and ends all', async () => {
  const failing = startPostern({
    HASURA_GRAPHQL_DATABASE_URL: `${database.url}_missing`,
    POSTERN_WORKERS: String(count),
  });
  await expect(failing).rejects.toThrow(/it ended: [^\n]*\n?.*does not exist/s);
  const message = await failing.then(
    () => '',
    (error: unknown) => String(error),
  );
  expect(message.split('Fatal Error')).toHaveLength(2);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
