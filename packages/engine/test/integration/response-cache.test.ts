import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createEngine } from '../../src/index.ts';
import {
  type Caller,
  graphqlError,
  type JsonLike,
  type Project,
  project,
  sourceOf,
} from '../support/project.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis-server.ts';

const tables = `
  create table notes (id int primary key, owner int, org int, text text);
  insert into notes select id, id % 4, id % 3, 'note ' || id from generate_series(1, 24) as id;
  create function by_session(hasura_session json) returns setof notes language sql stable as
    $$ select id, owner, org, hasura_session ->> 'x-hasura-anything' from notes where id < 3 $$;
  create function by_setting() returns setof notes language sql stable as
    $$ select id, owner, org, current_setting('hasura.user', true) from notes where id < 3 $$;
  create function seen_as(note notes, hasura_session json) returns text language sql stable as
    $$ select note.id || ' as ' || coalesce(hasura_session ->> 'x-hasura-name', 'nobody') $$;
  create table faults (id int primary key, divisor int);
  insert into faults values (1, 0);
  create view quotients as select id, 1 / divisor as value from faults;
  create sequence runs;
  create view counted as select nextval('runs')::int as run from (select pg_sleep(0.3)) as sleep;
  create view endless as select 1 as id from (select pg_sleep(20)) as sleep;
  create table others (id int primary key, text text);
  insert into others values (1, 'other');
  create table tops (id int primary key);
  insert into tops values (1);`;

const select = (role: string, permission: JsonLike) => ({ role, permission });

const metadata = {
  sources: [
    {
      ...sourceOf([
        {
          table: 'notes',
          computed_fields: [
            { name: 'seen_as', definition: { function: 'seen_as', session_argument: 'hasura_session' } },
          ],
          select_permissions: [
            select('user', {
              columns: ['id', 'owner', 'text'],
              computed_fields: ['seen_as'],
              filter: { owner: { _eq: 'X-Hasura-User-Id' } },
            }),
            select('member', {
              columns: ['id', 'text'],
              filter: { org: { _in: 'X-Hasura-Orgs' } },
              allow_aggregations: true,
            }),
            select('reader', { columns: ['id', 'text'], filter: {}, limit: 5 }),
            select('twin', { columns: ['id', 'text'], filter: {}, limit: 5 }),
          ],
          insert_permissions: [
            { role: 'user', permission: { columns: ['id'], check: {}, backend_only: true } },
          ],
        },
        { table: 'faults' },
        { table: 'quotients' },
        { table: 'counted', select_permissions: [select('user', { columns: '*', filter: {} })] },
        { table: 'endless', select_permissions: [select('user', { columns: '*', filter: {} })] },
        {
          table: 'tops',
          remote_relationships: [
            {
              name: 'others',
              definition: {
                to_source: {
                  source: 'second',
                  table: { schema: 'public', name: 'others' },
                  relationship_type: 'array',
                  field_mapping: { id: 'id' },
                },
              },
            },
          ],
        },
      ]),
      functions: [
        {
          function: { schema: 'public', name: 'by_session' },
          configuration: { session_argument: 'hasura_session' },
        },
        { function: { schema: 'public', name: 'by_setting' } },
      ],
    },
    sourceOf([{ table: 'others' }], 'second'),
  ],
  inherited_roles: [{ role_name: 'both', role_set: ['user', 'member'] }],
};

interface Answer {
  readonly text: string;
  readonly key: string | null;
  readonly family: string | null;
  readonly maxAge: string | null;
  readonly warning: string | null;
}

async function ask(
  caller: Caller,
  query: string,
  variables?: JsonLike,
  operationName?: string,
): Promise<Answer> {
  const response = await caller.request('/v1/graphql', { query, variables, operationName });
  const { headers } = response;
  return {
    text: await response.text(),
    key: headers.get('x-hasura-query-cache-key'),
    family: headers.get('x-hasura-query-family-cache-key'),
    maxAge: headers.get('cache-control'),
    warning: headers.get('warning'),
  };
}

const stores: [string, () => Promise<TestRedis | null>][] = [['in memory', async () => null]];
if (hasRedis) stores.push(['in Redis', () => startRedis()]);

describe.each(stores)('answers %s', (_where, startStore) => {
  let api: Project;
  let redis: TestRedis | null;
  beforeAll(async () => {
    redis = await startStore();
    api = await project({ tables, metadata, engine: redis === null ? {} : { redisUrl: redis.url } });
  });
  afterAll(async () => {
    await api?.close();
    await redis?.stop();
  });
  afterEach(async () => {
    await api.request('/pro/cache/clear', {});
  });

  test('the second time an answer comes from the cache, under all that says so', async () => {
    const query = 'query q @cached(ttl: 50) { notes(where: {id: {_eq: 1}}) { text } }';
    const user = api.as('user', { 'x-hasura-user-id': 1 });
    const first = await ask(user, query);
    expect(first).toMatchObject({
      text: '{"data":{"notes":[{"text":"note 1"}]}}',
      maxAge: null,
      warning: null,
    });
    await api.sql`update notes set text = 'changed' where id = 1`;
    const second = await ask(user, query.replaceAll(' ', '\n '));
    expect(second).toEqual({ ...first, maxAge: expect.stringMatching(/^max-age=(50|4\d)$/) });
    expect((await ask(user, query.replace('50', '50, refresh: true'))).text).toContain('changed');
    expect((await ask(user, query)).text).toContain('changed');
    await api.sql`update notes set text = 'note 1' where id = 1`;
    expect((await ask(user, query.replace('@cached(ttl: 50)', ''))).text).toContain('note 1');
    expect(await ask(user, query.replace('50', '0'))).toMatchObject({ key: null, maxAge: null });
  });

  test('nobody gets an answer that another session would have had', async () => {
    const callers = [
      api,
      ...[1, 2].flatMap((id) => [
        api.as('user', { 'x-hasura-user-id': id, 'x-hasura-name': 'a' }),
        api.as('user', { 'x-hasura-user-id': id, 'x-hasura-name': 'b' }),
        api.as('user', { 'x-hasura-user-id': id, 'x-hasura-use-backend-only-permissions': 'true' }),
      ]),
      api.as('user'),
      api.as('member', { 'x-hasura-orgs': '{0,1}', 'x-hasura-user-id': 1 }),
      api.as('member', { 'x-hasura-orgs': '{2}', 'x-hasura-user-id': 1 }),
      api.as('both', { 'x-hasura-orgs': '{0}', 'x-hasura-user-id': 1 }),
      api.as('both', { 'x-hasura-orgs': '{0}', 'x-hasura-user-id': 2 }),
      api.as('both', { 'x-hasura-orgs': '{1}', 'x-hasura-user-id': 2 }),
      api.as('reader'),
      api.as('twin'),
      api.as('stranger', { 'x-hasura-user-id': 1 }),
      api.withHeaders({}),
    ];
    const document = 'query a @cached { notes { id } } query b @cached { notes { text } }';
    const order = 'query ($by: [notes_order_by!]) @cached { notes(order_by: $by, limit: 3) { id } }';
    const some =
      'query ($id: Int, $with: Boolean!) @cached { notes(where: {id: {_lte: $id}}) { id text @include(if: $with) } }';
    const operations: [string, (JsonLike | undefined)?, string?][] = [
      ['query @cached { notes { id } }'],
      ['query @cached { notes(limit: 2) { id } }'],
      ['query @cached { notes(limit: 3) { id } }'],
      ['query @cached { n: notes { id } }'],
      ['query @cached { notes { id owner } }'],
      ['query @cached { notes { __typename id } }'],
      ['query @cached { notes_aggregate { aggregate { count } } }'],
      ['query @cached { notes(where: {id: {_lt: 4}}) { id seen_as } }'],
      ['query @cached { by_session { id text } }'],
      ['query @cached { by_setting { id text } }'],
      ['query @cached { __typename }'],
      ['query @cached { __type(name: "mutation_root") { fields { name } } }'],
      ['query @cached { __type(name: "notes") { fields { name } } }'],
      [document, undefined, 'a'],
      [document, undefined, 'b'],
      [order, { by: { id: 'desc' } }],
      [order, { by: { id: 'asc' } }],
      [order, { by: [{ text: 'asc' }, { id: 'desc' }] }],
      [order, {}],
      ...[1, 5, 9, null].flatMap((id): [string, JsonLike][] => [
        [some, { id, with: true }],
        [some, { with: false, id }],
      ]),
    ];
    // asked as different sessions in turn, so that each finds what the ones before have left
    let fromCache = 0;
    for (let round = 0; round < 2; round++) {
      for (const [query, variables, operationName] of operations) {
        const answers = await Promise.all(
          callers.map(async (caller) => ({
            cached: await ask(caller, query, variables, operationName),
            plain: await ask(caller, query.replaceAll('@cached', ''), variables, operationName),
          })),
        );
        for (const [index, { cached, plain }] of answers.entries()) {
          expect(cached.text, `caller ${index}, round ${round}: ${query}`).toBe(plain.text);
          if (cached.maxAge !== null) fromCache++;
        }
        // equal keys, equal answers
        const byKey = new Map<string, string>();
        for (const { cached } of answers) {
          if (cached.key === null) continue;
          expect(byKey.get(cached.key) ?? cached.text).toBe(cached.text);
          byKey.set(cached.key, cached.text);
        }
      }
    }
    // what was answered without error in the first round was found in the second
    expect(fromCache).toBeGreaterThan(operations.length * 8);
  });

  test('the whole session counts where a function sees it, only what is used elsewhere', async () => {
    const as = (anything: string) => api.as('user', { 'x-hasura-user-id': 1, 'x-hasura-anything': anything });
    const keyOf = async (query: string, anything: string) => (await ask(as(anything), query)).key;
    const seen = 'query @cached { notes(limit: 1) { seen_as } }';
    expect(await keyOf(seen, 'x')).not.toBe(await keyOf(seen, 'y'));
    const unseen = 'query @cached { notes(limit: 1) { id } }';
    expect(await keyOf(unseen, 'x')).toBe(await keyOf(unseen, 'y'));
    expect((await ask(as('z'), unseen)).maxAge).not.toBeNull();
  });

  test('roles with the same rules do not share answers, but families', async () => {
    const query = 'query @cached { notes { id } }';
    const [reader, twin] = [await ask(api.as('reader'), query), await ask(api.as('twin'), query)];
    expect(reader.key).not.toBe(twin.key);
    expect(reader.family).toBe(twin.family);
    expect(twin.maxAge).toBeNull();
  });

  test('a changed rule, and any other change of the metadata, drops what was stored', async () => {
    const query = 'query @cached { notes(order_by: {id: asc}) { id } }';
    const reader = api.as('reader');
    const drop = () =>
      api.command('pg_drop_select_permission', { source: 'default', table: 'notes', role: 'reader' });
    const create = (permission: JsonLike) =>
      api.command('pg_create_select_permission', {
        source: 'default',
        table: 'notes',
        role: 'reader',
        permission,
      });
    expect((await ask(reader, query)).text).toContain('"id":1');
    await drop();
    expect((await ask(reader, query)).text).toContain('errors');
    await create({ columns: ['id', 'text'], filter: { id: { _gt: 20 } }, limit: 5 });
    expect(await ask(reader, query)).toMatchObject({
      text: expect.stringContaining('"id":21'),
      maxAge: null,
    });
    expect((await ask(reader, query)).maxAge).not.toBeNull();
    await api.command('pg_untrack_table', { source: 'default', table: 'counted' });
    expect((await ask(reader, query)).maxAge).toBeNull();
    await api.command('replace_metadata', { version: 3, ...metadata } as JsonLike);
    expect((await ask(reader, query)).text).toContain('"id":1');
  });

  test('errors are not stored', async () => {
    const query = 'query @cached { quotients { value } }';
    expect(await ask(api, query)).toMatchObject({ text: expect.stringContaining('division by zero') });
    await api.sql`update faults set divisor = 1`;
    expect(await ask(api, query)).toMatchObject({
      text: '{"data":{"quotients":[{"value":1}]}}',
      maxAge: null,
    });
    await api.sql`update faults set divisor = 0`;
    expect((await ask(api, query)).text).toBe('{"data":{"quotients":[{"value":1}]}}');
  });

  test('what the request lacks is told before anything is looked up', async () => {
    const query = 'query ($id: Int!) @cached { notes(where: {id: {_eq: $id}}) { id } }';
    const user = api.as('user', { 'x-hasura-user-id': 1 });
    await ask(user, query, { id: 1 });
    expect((await ask(user, query, {})).text).toContain('expecting a value for non-nullable variable');
    expect((await ask(user, query, { id: 'x' })).text).toContain('errors');
    expect((await ask(api.as('user'), query, { id: 1 })).text).toContain('missing session variable');
  });

  test('answers are cleared by key, by family, or all, by administrators', async () => {
    const query = 'query ($id: Int) @cached { notes(where: {id: {_eq: $id}}) { id } }';
    const isStored = async (id: number) => (await ask(api, query, { id })).maxAge !== null;
    const fill = async () => {
      for (const id of [1, 2]) await ask(api, query, { id });
      await ask(api, 'query @cached { faults { id } }');
    };
    const clear = async (search: string, caller: Caller = api) => {
      const response = await caller.request(`/pro/cache/clear${search}`, {});
      return [response.status, await response.json()];
    };
    const success = [200, { message: 'success' }];
    await fill();
    const { key, family } = await ask(api, query, { id: 1 });
    expect(await clear(`?key=${key}`)).toEqual(success);
    expect([await isStored(1), await isStored(2)]).toEqual([false, true]);
    expect(await clear(`?family=${family}`)).toEqual(success);
    expect([await isStored(1), await isStored(2)]).toEqual([false, false]);
    expect((await ask(api, 'query @cached { faults { id } }')).maxAge).not.toBeNull();
    expect(await clear('')).toEqual(success);
    expect([await isStored(1), await isStored(2)]).toEqual([false, false]);
    expect(await clear('', api.as('user'))).toEqual([
      400,
      expect.objectContaining({ code: 'access-denied' }),
    ]);
    expect(await clear('?key=nonsense')).toEqual([400, expect.objectContaining({ code: 'bad-request' })]);
  });

  test('those who ask at the same time cost one statement', async () => {
    const query = 'query @cached { counted { run } }';
    const user = api.as('user', { 'x-hasura-user-id': 1 });
    const [before] = await api.sql`select last_value from runs`;
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(user, query)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    const [after] = await api.sql`select last_value - ${before?.['last_value']} as runs from runs`;
    expect(Number(after?.['runs'])).toBeLessThanOrEqual(1);
  });

  test('a time limit holds, and PostgreSQL stops', async () => {
    await api.command('set_api_limits', { time_limit: { global: 0.3 } });
    const user = api.as('user', { 'x-hasura-user-id': 1 });
    expect((await ask(user, 'query @cached { endless { id } }')).text).toContain('time-limit-exceeded');
    const sleeping = () => api.sql`
      select pid from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`;
    await expect.poll(sleeping, { timeout: 5000 }).toEqual([]);
    await api.command('remove_api_limits', {});
  });

  test('other places: batches and REST endpoints use the cache, joins to other sources do not', async () => {
    const query = 'query @cached { faults { id } }';
    await ask(api, query);
    await api.sql`insert into faults values (2, 1)`;
    const batch = await api.request('/v1/graphql', [{ query }, { query: '{ faults { id } }' }]);
    expect(batch.headers.get('cache-control')).toBeNull();
    expect(batch.headers.get('x-hasura-query-cache-key')).toBeNull();
    expect(await batch.json()).toEqual([
      { data: { faults: [{ id: 1 }] } },
      { data: { faults: [{ id: 1 }, { id: 2 }] } },
    ]);
    await api.command('create_query_collection', {
      name: 'c',
      definition: { queries: [{ name: 'q', query }] },
    });
    await api.command('create_rest_endpoint', {
      name: 'e',
      url: 'e',
      methods: ['GET', 'POST'],
      definition: { query: { collection_name: 'c', query_name: 'q' } },
    });
    await api.request('/api/rest/e');
    await api.sql`delete from faults where id = 2`;
    const get = await api.request('/api/rest/e');
    expect(await get.json()).toEqual({ faults: [{ id: 1 }, { id: 2 }] });
    expect(get.headers.get('x-hasura-query-cache-key')).toMatch(/^[0-9a-f]{64}$/);
    expect(get.headers.get('cache-control')).toBeNull();
    const post = await api.request('/api/rest/e', {});
    expect(post.headers.get('cache-control')).toMatch(/^max-age=/);
    const join = 'query @cached { tops { id others { text } } }';
    expect(await ask(api, join)).toMatchObject({
      text: '{"data":{"tops":[{"id":1,"others":[{"text":"other"}]}]}}',
      key: null,
    });
    await api.sql`update others set text = 'changed'`;
    expect((await ask(api, join)).text).toContain('changed');
  });

  test.each([
    [
      'mutation @cached { delete_faults(where: {id: {_eq: 9}}) { affected_rows } }',
      "directive 'cached' is not allowed on a mutation",
    ],
    [
      'query ($t: Int!) @cached(ttl: $t) { faults { id } }',
      "the argument 'ttl' of 'cached' must be a literal, not a variable",
    ],
    [
      'query ($r: Boolean!) @cached(refresh: $r) { faults { id } }',
      "the argument 'refresh' of 'cached' must be a literal, not a variable",
    ],
  ])('%s is refused', async (query, message) => {
    const variables = {
      ...(query.includes('$t') ? { t: 1 } : {}),
      ...(query.includes('$r') ? { r: true } : {}),
    };
    expect(await api.query(query, variables)).toEqual(
      graphqlError('validation-failed', query.startsWith('mutation') ? '$' : '$.cached', message),
    );
  });
});

describe.skipIf(!hasRedis)('while Redis is away', () => {
  let api: Project;
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
    api = await project({ tables, metadata, engine: { redisUrl: redis.url } });
  });
  afterAll(async () => {
    await api?.close();
    await redis?.stop();
  });
  const query = 'query @cached { faults { id } }';
  const failed = { text: '{"data":{"faults":[{"id":1}]}}', maxAge: null, warning: '199 - cache-store-error' };
  const isCached = async () => (await ask(api, query)).maxAge !== null;

  test('answers come with a warning: at once when it has ended, after a moment when it hangs, from it when it is back', async () => {
    await expect.poll(isCached, { timeout: 10_000 }).toBe(true);
    redis.pause();
    const began = performance.now();
    expect(await Promise.all([1, 2, 3].map(() => ask(api, query)))).toMatchObject([failed, failed, failed]);
    for (let time = 0; time < 20; time++) expect(await ask(api, query)).toMatchObject(failed);
    expect(performance.now() - began).toBeLessThan(5000);
    redis.resume();
    await expect.poll(isCached, { timeout: 10_000 }).toBe(true);
    await redis.stop();
    await expect.poll(() => ask(api, query), { timeout: 10_000 }).toMatchObject(failed);
    const clearing = await api.request('/pro/cache/clear', {});
    expect([clearing.status, await clearing.json()]).toEqual([
      500,
      { code: 'unexpected', error: 'the cache cannot be reached', path: '$' },
    ]);
    await redis.start();
    await expect.poll(isCached, { timeout: 10_000 }).toBe(true);
  });

  test('a Redis without memory left costs no answer', async () => {
    const full = await startRedis(['--maxmemory', '1']);
    let log = '';
    const engine = {
      redisUrl: full.url,
      writeLog: (lines: string) => {
        log += lines;
      },
    };
    const small = await project({ tables, metadata, engine });
    for (let time = 0; time < 3; time++) expect(await ask(small, query)).toMatchObject(failed);
    await small.close();
    await full.stop();
    // told, but not for every request
    expect(log.split('refuses a command')).toHaveLength(2);
  });
});

test.skipIf(!hasRedis)(
  'a copy of a project on the same Redis, with the same id, version and rules, has answers of its own',
  async () => {
    const redis = await startRedis();
    const first = await project({ tables, metadata, engine: { redisUrl: redis.url } });
    const copy = await project({ tables, metadata });
    await copy.engine.close();
    await copy.sql`update notes set text = 'of the copy'`;
    const [version] = await first.sql`select hasura_uuid from hdb_catalog.hdb_version`;
    await copy.sql`update hdb_catalog.hdb_version set hasura_uuid = ${version?.['hasura_uuid']}`;
    const engine = await createEngine({
      databaseUrl: copy.database.url,
      adminSecret: 'test-secret',
      redisUrl: redis.url,
    });
    const query = 'query @cached { notes_by_pk(id: 1) { text } }';
    const askCopy = async () => {
      const headers = { 'x-hasura-admin-secret': 'test-secret' };
      const init = { method: 'POST', headers, body: JSON.stringify({ query }) };
      return (await engine.fetch(new Request('http://postern.test/v1/graphql', init))).text();
    };
    for (let time = 0; time < 2; time++) {
      expect((await ask(first, query)).text).toContain('note 1');
      expect(await askCopy()).toContain('of the copy');
    }
    expect((await ask(first, query)).maxAge).not.toBeNull();
    await engine.close();
    await copy.database.drop();
    await first.close();
    await redis.stop();
  },
);

test('with a longest time of 0 the directive has no effect', async () => {
  const api = await project({ tables, metadata, engine: { cacheMaxTtlSeconds: 0 } });
  const query = 'query @cached { faults { id } }';
  for (let time = 0; time < 2; time++) {
    expect(await ask(api, query)).toEqual({
      text: '{"data":{"faults":[{"id":1}]}}',
      key: null,
      family: null,
      maxAge: null,
      warning: null,
    });
  }
  await api.close();
});

test('an engine that may have missed a clearing, because its connection broke, clears everything', async () => {
  const api = await project({ tables, metadata: [{ table: 'notes' }] });
  const other = await createEngine({ databaseUrl: api.database.url, adminSecret: 'test-secret' });
  const askOther = async () => {
    const request = new Request('http://postern.test/v1/graphql', {
      method: 'POST',
      headers: { 'x-hasura-admin-secret': 'test-secret' },
      body: JSON.stringify({ query: 'query @cached { notes_by_pk(id: 1) { text } }' }),
    });
    return (await other.fetch(request)).text();
  };
  expect(await askOther()).toContain('note 1');
  await api.sql`update notes set text = 'changed' where id = 1`;
  expect(await askOther()).toContain('note 1');
  await api.sql`select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen "postern_metadata"' and datname = current_database()`;
  await expect.poll(askOther, { timeout: 5000 }).toContain('changed');
  await other.close();
  await api.close();
});
