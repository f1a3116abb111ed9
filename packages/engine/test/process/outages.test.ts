/** PostgreSQL goes away and comes back under a running engine. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/index.ts';
import { type MortalPostgres, mortalPostgres } from './mortal-postgres.ts';
import { type PosternProcess, startPostern, until } from './postern-process.ts';

/** From the moment in which PostgreSQL takes connections again. */
const backWithinMs = 2_000;

let postgres: MortalPostgres;
let metadata: TestDatabase;
const processes: PosternProcess[] = [];

beforeAll(async () => {
  [postgres, metadata] = await Promise.all([mortalPostgres(), createTestDatabase()]);
});
afterEach(() => {
  for (const running of processes.splice(0)) running.kill();
});
afterAll(async () => {
  await postgres?.remove();
  await metadata?.drop();
});

async function start(environment: Record<string, string>): Promise<PosternProcess> {
  const postern = await startPostern({ HASURA_GRAPHQL_DATABASE_URL: postgres.url, ...environment });
  processes.push(postern);
  return postern;
}

async function setUp(postern: PosternProcess): Promise<void> {
  const sql = `drop table if exists notes; create table notes (id int primary key, body text);
    insert into notes select n, 'note ' || n from generate_series(1, 3) n`;
  const made = await postern.command('run_sql', { sql, cascade: true }, '/v2/query');
  const tracked = await postern.command('pg_track_table', { table: 'notes' });
  expect([made.status, tracked.status, tracked.text]).toEqual([200, 200, '{"message":"success"}']);
}

const read = 'query { notes(order_by: {id: asc}) { id } }';
const write = 'mutation { update_notes_by_pk(pk_columns: {id: 2}, _set: {body: "x"}) { id } }';
const right = ['{"data":{"notes":[{"id":1},{"id":2},{"id":3}]}}', '{"data":{"update_notes_by_pk":{"id":2}}}'];

/** Four clients that ask without pause; every answer is right or an error with a code, and the HTTP connection never breaks. */
function lightLoad(postern: PosternProcess) {
  const outcomes: ('right' | 'refused')[] = [];
  const odd: string[] = [];
  let isOver = false;
  const work = Array.from({ length: 4 }, async (_, client) => {
    while (!isOver) {
      const answer = await postern.request('/v1/graphql', { query: client === 0 ? write : read });
      const code: unknown = answer?.body?.errors?.[0]?.extensions?.code;
      if (right.includes(JSON.stringify(answer?.body))) outcomes.push('right');
      else if (answer?.status === 200 && code === 'postgres-error') {
        outcomes.push('refused');
        // as a client that waits before it tries again, so that a refusing engine is not all that runs
        await new Promise((resolve) => setTimeout(resolve, 5));
      } else odd.push(answer?.text ?? 'no answer');
    }
  });
  return {
    odd,
    /** Waits for `count` outcomes of a kind from now on. */
    async see(kind: 'right' | 'refused', count: number, timeoutMs?: number) {
      const from = outcomes.length;
      await until(
        `${count} requests are ${kind}`,
        () => outcomes.slice(from).filter((outcome) => outcome === kind).length >= count || odd.length > 0,
        timeoutMs,
      );
      expect(odd).toEqual([]);
      return outcomes.slice(from);
    },
    async end() {
      isOver = true;
      await Promise.all(work);
    },
  };
}

test.each([
  ['stopped', () => postgres.stop()],
  ['killed', () => postgres.kill()],
] as const)(
  'PostgreSQL is %s and comes back: errors meanwhile, then right answers again',
  async (_, goAway) => {
    const postern = await start({});
    await setUp(postern);
    const load = lightLoad(postern);
    await load.see('right', 20);
    await goAway();
    await load.see('refused', 8);
    // the metadata lives there, too
    expect(await postern.request('/healthz')).toMatchObject({ status: 500 });
    await postgres.start();
    await load.see('right', 20, backWithinMs);
    // nothing lags behind: no request fails any more
    const after = await load.see('right', 50);
    expect(new Set(after)).toEqual(new Set(['right']));
    await load.end();
    expect(load.odd).toEqual([]);
    expect(postern.process.exitCode).toBeNull();
    expect(await postern.request('/healthz')).toMatchObject({ status: 200, text: 'OK' });
    // changes go on, too
    const tracked = await postern.command('pg_untrack_table', { table: 'notes' });
    expect(tracked).toMatchObject({ status: 200 });
  },
);

test('a source that is down at the start is inconsistent, and recovers by itself', async () => {
  const apart = { HASURA_GRAPHQL_METADATA_DATABASE_URL: metadata.url };
  const before = await start(apart);
  await setUp(before);
  expect(await before.stop()).toEqual([0, null]);
  await postgres.stop();
  const postern = await start(apart);
  expect((await postern.command('get_inconsistent_metadata', {})).body).toMatchObject({
    is_consistent: false,
    inconsistent_objects: [{ type: 'source', name: 'source default' }],
  });
  expect(await postern.request('/healthz')).toMatchObject({
    status: 200,
    text: expect.stringContaining('inconsistent'),
  });
  expect(await postern.query(read)).toMatchObject({
    errors: [{ extensions: { code: 'validation-failed' } }],
  });
  // the engine goes on taking commands
  const version = (await postern.command('get_catalog_state', {})).status;
  expect(version).toBe(200);
  await postgres.start();
  await until('the source is served again', async () => {
    return JSON.stringify(await postern.query(read)) === right[0];
  });
  expect((await postern.command('get_inconsistent_metadata', {})).body).toMatchObject({
    is_consistent: true,
  });
  expect(await postern.request('/healthz')).toMatchObject({ status: 200, text: 'OK' });
  // log lines are written in bunches, the last ones at the end
  expect(await postern.stop()).toEqual([0, null]);
  expect(postern.log()).toContain('sources can be read again');
});

test('an engine whose source is down ends at once', async () => {
  await postgres.stop();
  try {
    const postern = await start({ HASURA_GRAPHQL_METADATA_DATABASE_URL: metadata.url });
    expect(await postern.stop()).toEqual([0, null]);
  } finally {
    await postgres.start();
  }
});
