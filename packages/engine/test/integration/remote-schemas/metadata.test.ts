/** Remote schemas that come, go, change and do not answer. Source: spec/remote-schemas.md 2, 3, 5. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEngine } from '../../../src/index.ts';
import { type GraphqlServer, startGraphqlServer } from '../../support/graphql-server.ts';
import { type JsonLike, type Project, project } from '../../support/project.ts';

let zoo: GraphqlServer;
let api: Project;

beforeAll(async () => {
  zoo = await startGraphqlServer('type Query { size: Int cage: Cage } type Cage { id: Int }', { size: 3 });
  api = await project({
    tables: 'create table "Cage" (id int, width int); create table size (id int); create table pond (id int)',
    engine: { environment: { ...process.env, NOT_A_URL: 'nowhere', CLOSED: 'http://127.0.0.1:1/' } },
  });
});
afterAll(async () => {
  await api?.close();
  await zoo?.close();
});

const add = (definition: JsonLike, name = 'zoo') => api.command('add_remote_schema', { name, definition });
const clear = () => api.command('clear_metadata', {});

test('a remote schema comes, is reloaded, changes and goes', async () => {
  expect(await add({ url: zoo.url })).toEqual({ status: 200, body: { message: 'success' } });
  expect(await api.query('{ size }')).toEqual({ data: { size: 3 } });
  const { introspections } = zoo;
  expect(
    await api.command('update_remote_schema', {
      name: 'zoo',
      definition: { url: zoo.url, customization: { root_fields_namespace: 'z' } },
    }),
  ).toMatchObject({ status: 200 });
  expect(zoo.introspections).toBe(introspections);
  expect(await api.query('{ z { size } }')).toEqual({ data: { z: { size: 3 } } });
  expect(await api.command('reload_remote_schema', { name: 'zoo' })).toMatchObject({ status: 200 });
  expect(zoo.introspections).toBe(introspections + 1);
  expect(await api.command('introspect_remote_schema', { name: 'zoo' })).toMatchObject({
    body: { data: { __schema: { queryType: { name: 'Query' } } } },
  });
  expect(await api.command('remove_remote_schema', { name: 'zoo' })).toMatchObject({ status: 200 });
  expect(await api.query('{ z { size } }')).toMatchObject({ errors: [{}] });
});

test.each<[string, JsonLike, string, string]>([
  ['add_remote_schema', { definition: {} }, 'invalid-params', "both `url` and `url_from_env` can't be empty"],
  [
    'add_remote_schema',
    { definition: { url: 'http://a', url_from_env: 'B' } },
    'invalid-params',
    "both `url` and `url_from_env` can't be present",
  ],
  [
    'add_remote_schema',
    { definition: { url_from_env: 'NO_SUCH' } },
    'invalid-params',
    "environment variable 'NO_SUCH' not set",
  ],
  [
    'add_remote_schema',
    { definition: { url_from_env: 'NOT_A_URL' } },
    'invalid-params',
    'not a valid URI in environment variable: NOT_A_URL',
  ],
  [
    'add_remote_schema',
    { definition: { url: 'file:///etc' } },
    'invalid-params',
    'not a valid URI generated from the template: file:///etc',
  ],
  [
    'add_remote_schema',
    { definition: { url: '{{A}}/{{B}}' } },
    'unexpected',
    'Value for environment variables not found: A, B',
  ],
  [
    'add_remote_schema',
    { definition: { url: 'http://127.0.0.1:1/' } },
    'remote-schema-error',
    'HTTP exception occurred while sending the request to "http://127.0.0.1:1/"',
  ],
  [
    'add_remote_schema',
    { definition: { url_from_env: 'CLOSED' } },
    'remote-schema-error',
    'HTTP exception occurred while sending the request to "CLOSED"',
  ],
  [
    'add_remote_schema',
    {
      definition: {
        url: 'http://127.0.0.1:1/',
        customization: { field_names: [{ parent_type: 'T', mapping: { __typename: 'kind' } }] },
      },
    },
    'invalid-params',
    'attempt to customize reserved field name "__typename"',
  ],
  [
    'add_remote_schema',
    { definition: { url: 'http://a', customization: { root_fields_namespace: 'a-b' } } },
    'parse-failed',
    'a-b is not valid GraphQL name',
  ],
  [
    'add_remote_schema',
    { definition: { url: 'http://a', customization: { type_names: { mapping: { A: '1' } } } } },
    'parse-failed',
    '1 is not valid GraphQL name',
  ],
  [
    'update_remote_schema',
    { definition: { url: 'http://a' } },
    'not-exists',
    `remote schema with name "x" doesn't exist`,
  ],
  ['remove_remote_schema', {}, 'not-exists', 'no such remote schema'],
  ['reload_remote_schema', {}, 'not-exists', 'remote schema with name "x" does not exist'],
  ['introspect_remote_schema', {}, 'not-exists', 'remote schema: "x" not found'],
])('%s %j is refused: %s', async (type, args, code, error) => {
  const answer = await api.command(type, { name: 'x', ...(args as object) });
  expect(answer).toMatchObject({ status: 400, body: { code, error } });
  expect(await api.command('get_inconsistent_metadata', {})).toMatchObject({ body: { is_consistent: true } });
});

test('an update replaces the definition and the comment', async () => {
  const exported = async () => {
    const { body } = await api.command('export_metadata', {});
    return (body as { remote_schemas: unknown }).remote_schemas;
  };
  await api.command('add_remote_schema', {
    name: 'zoo',
    definition: { url: zoo.url, timeout_seconds: 5 },
    comment: 'animals',
  });
  await api.command('update_remote_schema', { name: 'zoo', definition: { url: zoo.url }, comment: 'all' });
  expect(await exported()).toEqual([{ name: 'zoo', definition: { url: zoo.url }, comment: 'all' }]);
  await api.command('update_remote_schema', { name: 'zoo', definition: { url: zoo.url } });
  expect(await exported()).toEqual([{ name: 'zoo', definition: { url: zoo.url } }]);
  await clear();
});

test('a reload that finds nobody changes nothing', async () => {
  const service = await startGraphqlServer('type Query { wind: Int }', { wind: 1 });
  try {
    await add({ url: service.url }, 'weather');
    await service.close();
    expect(await api.command('reload_remote_schema', { name: 'weather' })).toMatchObject({
      status: 500,
      body: {
        code: 'unexpected',
        path: '$.args',
        error: 'cannot continue due to newly found inconsistent metadata',
        internal: [{ type: 'remote_schema', name: 'remote_schema weather' }],
      },
    });
    expect(await api.command('get_inconsistent_metadata', {})).toMatchObject({
      body: { is_consistent: true },
    });
    expect(await api.query('{ wind }')).toMatchObject({
      errors: [{ extensions: { code: 'remote-schema-error' } }],
    });
    await api.command('reload_metadata', { reload_remote_schemas: true });
    expect(await api.command('reload_remote_schema', { name: 'weather' })).toMatchObject({ status: 200 });
  } finally {
    await clear();
  }
});

test('a service without types that fit is refused', async () => {
  zoo.answerWith(null);
  expect(
    (await add({ url: zoo.url, customization: { type_names: { mapping: { Cage: 'Query' } } } })).body,
  ).toMatchObject({
    code: 'remote-schema-error',
    error: 'Type name mappings are not distinct; the following types appear more than once: "Query"',
  });
});

test('what is in the way of tables is refused, on either side', async () => {
  await api.command('pg_track_table', { table: 'size' });
  expect((await add({ url: zoo.url })).body).toMatchObject({
    code: 'invalid-configuration',
    error: `Inconsistent object: Field cannot be overwritten by remote field 'size'`,
  });
  await clear();
  await api.command('pg_track_table', { table: 'Cage' });
  expect((await add({ url: zoo.url })).body).toMatchObject({
    code: 'invalid-configuration',
    error: expect.stringContaining(
      "Inconsistent object: Found conflicting definitions for GraphQL type 'Cage'",
    ) as string,
  });
  await clear();
  await add({ url: zoo.url });
  expect((await api.command('pg_track_table', { table: 'size' })).body).toMatchObject({
    code: 'remote-schema-conflicts',
    error: 'node size already exists in current graphql schema',
  });
  expect((await add({ url: zoo.url }, 'second')).body).toMatchObject({
    code: 'unexpected',
    error: 'cannot continue due to new inconsistent metadata',
  });
  expect(await api.command('pg_track_table', { table: 'pond' })).toMatchObject({ status: 200 });
  await clear();
});

test('equal types of two services are one type, different ones a conflict', async () => {
  const same = await startGraphqlServer('type Query { box: Cage } type Cage { id: Int }', {});
  const other = await startGraphqlServer('type Query { crate: Cage } type Cage { id: String }', {});
  try {
    await add({ url: zoo.url });
    expect(await add({ url: same.url }, 'same')).toMatchObject({ status: 200 });
    const answer = await add({ url: other.url }, 'other');
    expect(answer.body).toMatchObject({ error: 'cannot continue due to new inconsistent metadata' });
    expect(JSON.stringify(answer.body)).toContain("Found conflicting definitions for GraphQL type 'Cage'");
  } finally {
    await clear();
    await same.close();
    await other.close();
  }
});

test('an engine starts with the types of before when a service does not answer', async () => {
  const service = await startGraphqlServer('type Query { wind: Int }', { wind: 1 });
  await add({ url: service.url }, 'weather');
  await expect
    .poll(() => api.sql`select name from hdb_catalog.postern_remote_introspections`)
    .toEqual([{ name: 'weather' }]);
  await service.close();
  const second = await createEngine({ databaseUrl: api.database.url });
  try {
    const ask = async (path: string, body: unknown) =>
      (
        await second.fetch(new Request(`http://x${path}`, { method: 'POST', body: JSON.stringify(body) }))
      ).json();
    expect(
      await ask('/v1/graphql', { query: '{ __type(name: "query_root") { fields { name } } }' }),
    ).toMatchObject({
      data: { __type: { fields: [{ name: 'wind' }] } },
    });
    expect(await ask('/v1/graphql', { query: '{ wind }' })).toMatchObject({
      errors: [{ extensions: { code: 'remote-schema-error' } }],
    });
    expect(await ask('/v1/metadata', { type: 'get_inconsistent_metadata', args: {} })).toMatchObject({
      is_consistent: false,
      inconsistent_objects: [
        {
          type: 'remote_schema',
          name: 'remote_schema weather',
          reason: expect.stringContaining('stale remote schema introspection is used') as string,
        },
      ],
    });
  } finally {
    await second.close();
    await clear();
  }
});

test('other engines follow, and ask again what was asked again', async () => {
  const types = { sdl: 'type Query { wind: Int }' };
  const service = await startGraphqlServer(() => types.sdl, { wind: 1, rain: 2 });
  const second = await createEngine({ databaseUrl: api.database.url, schemaSyncIntervalMs: 50 });
  const ask = async (query: string) => {
    const body = JSON.stringify({ query });
    return (await second.fetch(new Request('http://x/v1/graphql', { method: 'POST', body }))).json();
  };
  try {
    await add({ url: service.url }, 'weather');
    await expect.poll(() => ask('{ wind }'), { timeout: 5_000 }).toEqual({ data: { wind: 1 } });
    const { introspections } = service;
    await api.command('pg_track_table', { table: 'pond' });
    await expect.poll(() => ask('{ pond { id } }'), { timeout: 5_000 }).toEqual({ data: { pond: [] } });
    expect(service.introspections).toBe(introspections);
    types.sdl = 'type Query { wind: Int rain: Int }';
    await api.command('reload_remote_schema', { name: 'weather' });
    await expect.poll(() => ask('{ rain }'), { timeout: 5_000 }).toEqual({ data: { rain: 2 } });
  } finally {
    await second.close();
    await clear();
    await service.close();
  }
});

test('a permission needs types to be held against', async () => {
  const open = await project({ engine: { enableRemoteSchemaPermissions: true } });
  try {
    const lost = { name: 'lost', definition: { url: 'http://127.0.0.1:1/' } };
    expect(
      await open.command('replace_metadata', {
        allow_inconsistent_metadata: true,
        metadata: { version: 3, sources: [], remote_schemas: [lost] },
      }),
    ).toMatchObject({ status: 200 });
    const answer = await open.command('add_remote_schema_permissions', {
      remote_schema: 'lost',
      role: 'user',
      definition: { schema: 'type Query { anything: Int }' },
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'remote-schema-error' } });
  } finally {
    await open.close();
  }
});

test('subscriptions to a service are refused', async () => {
  const service = await startGraphqlServer('type Query { a: Int } type Subscription { ticks: Int }', {});
  try {
    await add({ url: service.url }, 'ticker');
    expect(await api.query('{ __type(name: "subscription_root") { fields { name } } }')).toMatchObject({
      data: { __type: { fields: [{ name: 'ticks' }] } },
    });
    expect(await api.query('subscription { ticks }')).toMatchObject({ errors: [{}] });
  } finally {
    await clear();
    await service.close();
  }
});
