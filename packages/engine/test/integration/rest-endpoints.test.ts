import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documentOf, type JsonLike, type Project, project } from '../support/project.ts';

const queries: Readonly<Record<string, string>> = {
  all: '{ notes(order_by: {id: asc}) { id text } }',
  by_id: 'query ($id: Int!) { notes_by_pk(id: $id) { id text } }',
  by_text:
    'query ($text: String = "a", $limit: Int) { notes(where: {text: {_eq: $text}}, limit: $limit) { id } }',
  by_flag: 'query ($done: Boolean) { notes(where: {done: {_eq: $done}}) { id } }',
  by_ids: 'query ($ids: [Int!]!) { notes(where: {id: {_in: $ids}}) { id } }',
  ordered:
    'query ($order: order_by! = desc, $id: Int) { notes(order_by: {id: $order}, where: {id: {_eq: $id}}) { id } }',
  several: 'query First { notes { id } } query Second { notes { text } }',
  add: 'mutation ($id: Int!, $text: String!) { insert_notes_one(object: {id: $id, text: $text}) { id } }',
  by_price: 'query ($price: numeric!) { notes(where: {price: {_eq: $price}}) { id price } }',
};

const endpoint = (name: string, url: string, query: string, ...methods: string[]): JsonLike => ({
  name,
  url,
  methods,
  definition: { query: { collection_name: 'rest', query_name: query } },
});

const tables = `
  create table notes (id int primary key, text text, done boolean, price numeric);
  insert into notes values (1, 'a', true, 12345678901234567890.10), (2, 'b', false, 1), (3, 'a/b c', null, null)`;

const notes = {
  table: { schema: 'public', name: 'notes' },
  select_permissions: [{ role: 'user', permission: { columns: ['id', 'text'], filter: { id: { _eq: 1 } } } }],
};

let api: Project;
beforeAll(async () => {
  api = await project({
    tables,
    metadata: {
      ...documentOf([notes]),
      query_collections: [
        {
          name: 'rest',
          definition: { queries: Object.entries(queries).map(([name, query]) => ({ name, query })) },
        },
      ],
      rest_endpoints: [
        endpoint('all', 'notes', 'all', 'GET'),
        endpoint('add', 'notes', 'add', 'POST', 'PUT'),
        endpoint('one', 'notes/:id', 'by_id', 'GET', 'POST'),
        endpoint('special', '5/literal/x', 'all', 'GET'),
        endpoint('variable', ':id/other/x', 'by_id', 'GET'),
        endpoint('variable_text', 'text/:text', 'by_text', 'GET'),
        endpoint('text', '/text', 'by_text', 'GET', 'POST', 'PATCH'),
        endpoint('flag', 'flag', 'by_flag', 'GET'),
        endpoint('ids', 'ids', 'by_ids', 'GET', 'POST'),
        endpoint('price', 'price/:price', 'by_price', 'GET'),
        { ...(endpoint('ordered', 'ordered', 'ordered', 'POST') as object), comment: 'In order.' },
      ],
    },
  });
});
afterAll(() => api?.close());

async function call(path: string, init: RequestInit & { readonly json?: JsonLike } = {}, caller = api) {
  const { json, ...rest } = init;
  const response = await caller.request(`/api/rest/${path}`, json, rest);
  return { status: response.status, body: await response.json() };
}

const ids = (...found: readonly number[]) => ({ status: 200, body: { notes: found.map((id) => ({ id })) } });

describe('the answer', () => {
  test('is the bare data, as the role sees it', async () => {
    expect(await call('notes', {}, api.as('user') as Project)).toEqual({
      status: 200,
      body: { notes: [{ id: 1, text: 'a' }] },
    });
  });

  test('keeps the digits of PostgreSQL', async () => {
    const response = await api.request('/api/rest/price/12345678901234567890.10');
    expect(await response.text()).toBe('{"notes":[{"id":1,"price":12345678901234567890.10}]}');
  });

  test('of a fault is flat, with its true status', async () => {
    expect(await call('notes', {}, api.as('stranger') as Project)).toEqual({
      status: 400,
      body: {
        code: 'validation-failed',
        path: '$.selectionSet.notes',
        error: "field 'notes' not found in type: 'query_root'",
      },
    });
  });

  test('to a caller without credentials is a refusal before all else', async () => {
    const response = await api.withHeaders({}).request('/api/rest/nowhere');
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
      401,
      'access-denied',
    ]);
  });
});

describe('an endpoint is found', () => {
  test.each([
    ['notes/1', 200],
    ['/notes/1/', 200],
    ['5/literal/x', 200],
    ['5/other/x', 200],
    ['text/a', 200],
    ['nowhere', 404],
    ['notes/1/2', 404],
    ['5', 404],
    ['', 404],
  ])('%s → %s', async (path, status) => {
    expect((await call(path)).status).toBe(status);
  });

  test('by its method', async () => {
    expect((await call('notes', { json: { id: 7, text: 'new' } })).body).toEqual({
      insert_notes_one: { id: 7 },
    });
    await api.sql`delete from notes where id = 7`;
    expect(await call('notes', { method: 'DELETE' })).toEqual({
      status: 405,
      body: { path: '$', error: 'Allowed methods: GET, POST, PUT', code: 'method-not-allowed' },
    });
    expect(await call('nowhere')).toEqual({
      status: 404,
      body: { path: '$', error: 'Endpoint not found', code: 'not-found' },
    });
  });

  test.each([
    ['OPTIONS', 'Method OPTIONS not supported.'],
    ['HEAD', 'Method HEAD not supported.'],
    ['PURGE', 'Nonstandard method not allowed for REST endpoints'],
  ])('not by methods that none can have, wherever they lead: %s', async (method, error) => {
    for (const path of ['notes', 'nowhere']) {
      const response = await api.request(`/api/rest/${path}`, undefined, { method });
      const body = method === 'HEAD' ? { path: '$', error, code: 'bad-request' } : await response.json();
      expect([response.status, body]).toEqual([400, { path: '$', error, code: 'bad-request' }]);
    }
  });
});

describe('variables', () => {
  test('of the path beat those of the body, which beat those of the query string', async () => {
    expect((await call('notes/2?id=1', { json: { id: 3 } })).body).toMatchObject({ notes_by_pk: { id: 2 } });
    expect(await call('text?text=b', { json: { text: 'a' } })).toEqual(ids(1));
    expect(await call('text?text=b')).toEqual(ids(2));
  });

  test('are decoded', async () => {
    expect(await call('text/a%2Fb%20c')).toEqual(ids(3));
    expect(await call('text?text=a%2Fb+c')).toEqual(ids(3));
    expect(await call('text/%zz')).toEqual(ids());
  });

  test('may come as an HTML form', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await call('text', { method: 'POST', body: 'text=b&limit=5', headers })).toEqual(ids(2));
  });

  test('that are not given have their default, or are missed', async () => {
    expect(await call('text')).toEqual(ids(1));
    expect(await call('text?limit=')).toEqual(ids(1));
    expect(await call('ids')).toEqual({
      status: 400,
      body: {
        code: 'validation-failed',
        path: '$',
        error: 'expecting a value for non-nullable variable: "ids"',
      },
    });
  });

  test('of Boolean are true by a bare name', async () => {
    expect(await call('flag?done')).toEqual(ids(1));
    expect(await call('flag?done=false')).toEqual(ids(2));
  });

  test('keep their type in a body', async () => {
    expect(await call('ids', { json: { ids: [1, 2] } })).toEqual(ids(1, 2));
  });

  test.each([
    [
      'ids?ids=[1,2]',
      'List variables are not currently supported in URL or Query parameters. (Variable ids, with value "[1,2]")',
    ],
    ['text?other=1', 'Unexpected variable other'],
  ])('%s is refused', async (path, error) => {
    expect(await call(path)).toEqual({ status: 400, body: { path: '$', error, code: 'bad-request' } });
  });

  test.each(['[1]', '"text"', '{', ''])('are not in the body %j', async (body) => {
    const headers = { 'content-type': 'application/json' };
    expect(await call('text?text=b', { method: 'POST', body, headers })).toEqual(ids(2));
  });

  test('are in a JSON object, whatever its type is said to be', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await call('text', { method: 'POST', body: '{"text":"b"}', headers })).toEqual(ids(2));
  });

  test('have names of GraphQL; other fields are overlooked', async () => {
    expect(await call('text?text=b&utm-source=mail&1=2')).toEqual(ids(2));
    expect(await call('text', { json: { text: 'b', 'a b': 1 } })).toEqual(ids(2));
  });
});

describe('declarations that do not fit', () => {
  const create = (name: string, url: string, query = 'all') =>
    api.command('create_rest_endpoint', endpoint(name, url, query, 'GET'));

  test('an endpoint that another one hides', async () => {
    expect(await create('hidden', '5/:x/x')).toMatchObject({
      status: 400,
      body: {
        code: 'invalid-configuration',
        path: '$.args',
        error: 'Ambiguous URL paths: 5/:x/x, 5/literal/x, :id/other/x',
        internal: [{ conflicts: [{ name: 'hidden' }, { name: 'special' }, { name: 'variable' }] }],
      },
    });
  });

  test.each([
    [
      'no query',
      'x1',
      'missing',
      'Inconsistent object: in endpoint n: query with name missing does not exist in collection rest',
    ],
    [
      'several operations',
      'x2',
      'several',
      'Inconsistent object: in endpoint n: query with name several has multiple definitions.',
    ],
    ['a variable twice', 'x/:a/:a/b', 'all', 'Duplicate variables found in endpoint path: x/:a/:a/b'],
    ['an empty segment', 'x//a', 'all', 'Empty segments or unnamed variables are not allowed: x//a'],
  ])('%s', async (_what, url, query, error) => {
    expect(await create('n', url, query)).toMatchObject({
      status: 400,
      body: {
        code: 'invalid-configuration',
        error,
        internal: [{ type: 'rest_endpoint', name: 'rest_endpoint n' }],
      },
    });
  });

  test('a subscription', async () => {
    await api.command('add_query_to_collection', {
      collection_name: 'rest',
      query_name: 'live',
      query: 'subscription { notes { id } }',
    });
    expect((await create('n', 'live', 'live')).body).toMatchObject({
      error: 'Inconsistent object: in endpoint n: query with name live is a subscription',
    });
  });

  test('a query that the schema does not answer, and its uses', async () => {
    const add = (query: string) =>
      api.command('add_query_to_collection', { collection_name: 'rest', query_name: 'wrong', query });
    expect(await add('{ notes { id nothing } others { id } }')).toMatchObject({
      status: 500,
      body: {
        code: 'unexpected',
        error: 'cannot continue due to newly found inconsistent metadata',
        internal: [
          {
            type: 'query_collections',
            name: 'query_collections wrong in rest',
            definition: { name: 'wrong', query: '{ notes { id nothing } others { id } }' },
            reason: `Inconsistent object: In query collection "rest" the query "wrong" is invalid with the following error(s): "$.notes.nothing: field 'nothing' not found in object 'notes'", "$.others: field 'others' not found in object 'query_root'"`,
          },
        ],
      },
    });
    expect((await add('{ notes')).body).toEqual({
      error: 'parsing the graphql query failed',
      path: '$.args.query',
      code: 'parse-failed',
    });
  });

  test('are told when a column goes, named by their uses, and can be dropped', async () => {
    const document = {
      ...documentOf([notes]),
      query_collections: [{ name: 'c', definition: { queries: [{ name: 'q', query: '{ gone { id } }' }] } }],
      allowlist: [{ collection: 'c', scope: { global: true } }],
      rest_endpoints: [
        {
          name: 'e',
          url: ':x/y',
          methods: ['GET'],
          definition: { query: { collection_name: 'c', query_name: 'q' } },
        },
        {
          name: 'f',
          url: 'x/:y',
          methods: ['GET'],
          definition: { query: { collection_name: 'c', query_name: 'q' } },
        },
      ],
    };
    const other = await project({ tables });
    const { body } = await other.command('replace_metadata', {
      allow_inconsistent_metadata: true,
      metadata: document,
    } as JsonLike);
    expect(body).toMatchObject({
      is_consistent: false,
      inconsistent_objects: [
        {
          reason: `Inconsistent object: In query collection "c" the query "q" is invalid with the following error(s): "$.gone: field 'gone' not found in object 'query_root'". This query is being used in the following REST endpoint(s): "e", "f". This query is in allowlist.`,
        },
        { reason: 'Ambiguous URL paths: :x/y, x/:y' },
      ],
    });
    await other.command('drop_inconsistent_metadata', {});
    expect(Object.keys((await other.command('export_metadata', {})).body as object)).toEqual([
      'version',
      'sources',
    ]);
    expect((await other.command('get_inconsistent_metadata', {})).body).toMatchObject({
      is_consistent: true,
    });
    await other.close();
  });
});

test('OpenAPI names paths, parameters and types', async () => {
  const response = await api.request('/api/swagger/json');
  const document = (await response.json()) as { paths: Record<string, Record<string, unknown>> };
  expect(document.paths['/api/rest/notes/{id}']?.['get']).toMatchObject({
    parameters: [
      { name: 'x-hasura-admin-secret' },
      { name: 'id', in: 'path', required: true, schema: { type: 'integer' } },
    ],
  });
  expect(document.paths['/api/rest/ids']?.['post']).toMatchObject({
    parameters: [{ name: 'x-hasura-admin-secret' }],
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: {
            properties: {
              ids: {
                type: 'array',
                nullable: false,
                items: { type: 'integer', nullable: false, title: 'Int' },
              },
            },
          },
        },
      },
    },
  });
  const ordered = document.paths['/api/rest/ordered']?.['post'] as {
    description: string;
    parameters: { name: string }[];
    requestBody: { content: JsonLike };
  };
  expect(ordered.description).toMatch(/^In order\.\*\*\*\nThe GraphQl query/);
  expect(ordered.parameters.map(({ name }) => name)).toEqual(['x-hasura-admin-secret', 'id', 'order']);
  // a default beside a reference would be overlooked
  expect(ordered.requestBody.content).toMatchObject({
    'application/json': {
      schema: { properties: { order: { title: 'order_by', nullable: false, default: 'desc' } } },
    },
  });
  const forUser = await api.as('user').request('/api/swagger/json');
  expect([forUser.status, await forUser.json()]).toEqual([
    400,
    { path: '$', error: 'You have to be an admin to access this endpoint', code: 'access-denied' },
  ]);
});
