import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/index.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis-server.ts';
import { type PosternProcess, startPostern, until } from './postern-process.ts';

describe.skipIf(!hasRedis)('two engines with one Redis', () => {
  let redis: TestRedis;
  let database: TestDatabase;
  let engines: readonly [PosternProcess, PosternProcess];
  beforeAll(async () => {
    redis = await startRedis();
    database = await createTestDatabase();
    await database.sql(
      `create table notes (id int primary key, owner int); insert into notes values (1, 1), (2, 2)`,
    );
    const start = () =>
      startPostern({
        HASURA_GRAPHQL_DATABASE_URL: database.url,
        HASURA_GRAPHQL_REDIS_URL: redis.url,
        HASURA_GRAPHQL_RATE_LIMIT_REDIS_URL: `${redis.url}/1`,
        HASURA_GRAPHQL_SCHEMA_SYNC_POLL_INTERVAL: '100',
      });
    const first = await start();
    await first.command('pg_track_table', { source: 'default', table: 'notes' });
    await first.command('pg_create_select_permission', {
      source: 'default',
      table: 'notes',
      role: 'user',
      permission: { columns: ['id'], filter: { owner: { _eq: 'X-Hasura-User-Id' } } },
    });
    engines = [first, await start()];
  });
  afterAll(async () => {
    await Promise.all(engines?.map((engine) => engine.stop()) ?? []);
    await database?.drop();
    await redis?.stop();
  });

  const as = (role: string, id: number) => ({ 'x-hasura-role': role, 'x-hasura-user-id': String(id) });
  const query = 'query @cached { notes(order_by: {id: asc}) { id } }';

  async function ask(engine: PosternProcess, id = 1): Promise<readonly number[] | undefined> {
    // while the permission is replaced there is an error instead of data
    const answer = await engine.request('/v1/graphql', { query }, as('user', id));
    return answer?.body.data?.notes.map((note: { id: number }) => note.id);
  }

  test('an answer of one is an answer of the other, for the same session only', async () => {
    const [first, second] = engines;
    expect(await ask(first)).toEqual([1]);
    await database.sql('insert into notes values (3, 1)');
    expect(await ask(second)).toEqual([1]);
    expect(await ask(second, 2)).toEqual([2]);
    const cleared = await second.request('/pro/cache/clear', {});
    expect(cleared?.body).toEqual({ message: 'success' });
    expect(await ask(first)).toEqual([1, 3]);
    await database.sql('delete from notes where id = 3');
    expect(await ask(second)).toEqual([1, 3]);
  });

  test('after a change of the rules neither answers with what was stored before, once it knows of the change', async () => {
    const [first, second] = engines;
    await ask(first);
    await first.command('pg_drop_select_permission', { source: 'default', table: 'notes', role: 'user' });
    await first.command('pg_create_select_permission', {
      source: 'default',
      table: 'notes',
      role: 'user',
      permission: { columns: ['id'], filter: { id: { _gt: 1 } } },
    });
    expect(await ask(first)).toEqual([2]);
    await until('the other has noticed', async () => (await ask(second))?.[0] === 2);
  });

  test('they share one limit, and each has its own while Redis is away', async () => {
    const [first, second] = engines;
    const limit = (maximum: number) =>
      first.command('set_api_limits', {
        rate_limit: { global: { max_reqs_per_min: maximum, unique_params: 'IP' } },
      });
    const statusOf = async (engine: PosternProcess) =>
      (await engine.request('/v1/graphql', { query: '{ notes { id } }' }, as('user', 1)))?.status;
    await limit(6);
    // counted only by an engine that knows of the limit
    await until('the other has noticed', async () => {
      const exported = await second.request('/v1/metadata', {
        type: 'export_metadata',
        version: 2,
        args: {},
      });
      return exported?.body.metadata.api_limits !== undefined;
    });
    const statuses: (number | undefined)[] = [];
    for (let time = 0; time < 5; time++) statuses.push(await statusOf(first), await statusOf(second));
    expect(statuses.filter((status) => status === 200)).toHaveLength(6);
    expect(statuses.slice(6)).toEqual([429, 429, 429, 429]);
    await redis.stop();
    await until('Redis is missed', async () => (await statusOf(first)) === 200);
    await until('the engine counts for itself', async () => (await statusOf(first)) === 429);
    expect(await statusOf(second)).toBe(200);
    await until('it says so', () =>
      first.log().includes('Redis of the rate limits cannot be used; the engine goes on without it'),
    );
    expect((await first.request('/v1/graphql', { query }, as('admin', 1)))?.status).toBe(200);
    await redis.start();
  });
});

test('without Redis, engines on the same metadata clear what each has in its memory', async () => {
  const database = await createTestDatabase();
  await database.sql('create table notes (id int primary key); insert into notes values (1)');
  const start = () => startPostern({ HASURA_GRAPHQL_DATABASE_URL: database.url });
  const first = await start();
  await first.command('pg_track_table', { source: 'default', table: 'notes' });
  const second = await start();
  const ask = async (engine: PosternProcess) => {
    const answer = await engine.request('/v1/graphql', { query: 'query @cached { notes { id } }' });
    return answer?.body.data.notes.length;
  };
  expect([await ask(first), await ask(second)]).toEqual([1, 1]);
  await database.sql('insert into notes values (2)');
  expect([await ask(first), await ask(second)]).toEqual([1, 1]);
  expect((await first.request('/pro/cache/clear', {}))?.body).toEqual({ message: 'success' });
  expect(await ask(first)).toBe(2);
  await until('the other has been told', async () => (await ask(second)) === 2);
  await Promise.all([first.stop(), second.stop()]);
  await database.drop();
});
