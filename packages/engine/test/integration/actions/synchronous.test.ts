/** Actions that answer at once. Source: spec/actions.md 5-8, 10. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at, graphqlError } from '../../support/project.ts';
import { type ActionProject, actionProject } from './support.ts';

let actions: ActionProject;
let answer: { status?: number; body: unknown; headers?: Record<string, string | string[]> };

const action = (name: string, definition: object, roles: readonly string[] = ['user']) => ({
  name,
  definition: { handler: '{{HANDLERS}}/answer', type: 'query', ...definition },
  permissions: roles.map((role) => ({ role })),
});

beforeAll(async () => {
  actions = await actionProject(
    {
      '/answer': () => answer,
      '/slow': () => new Promise((done) => setTimeout(() => done({ body: 1 }), 3000).unref()),
      '/insert': async () => {
        await actions.api.sql`insert into users values (9, 'New', 1, 's9') on conflict do nothing`;
        return { body: { id: 9 }, headers: { 'Set-Cookie': ['a=1', 'b=2'] } };
      },
    },
    {
      custom_types: {
        scalars: [{ name: 'Anything' }],
        enums: [{ name: 'Color', values: [{ value: 'RED' }, { value: 'BLUE', description: 'b' }] }],
        input_objects: [
          {
            name: 'Input',
            fields: [
              { name: 'color', type: 'Color!' },
              { name: 'note', type: 'String' },
              { name: 'more', type: '[Input!]' },
            ],
          },
        ],
        objects: [
          {
            name: 'Person',
            description: 'Somebody',
            fields: [
              { name: 'id', type: 'Int!' },
              { name: 'color', type: 'Color' },
              { name: 'friend', type: 'Person' },
              { name: 'friends', type: '[Person!]' },
            ],
            relationships: [
              { name: 'user', type: 'object', remote_table: 'users', field_mapping: { id: 'id' } },
              {
                name: 'mates',
                type: 'array',
                remote_table: { schema: 'public', name: 'users' },
                field_mapping: { id: 'team' },
              },
            ],
          },
        ],
      },
      actions: [
        action(
          'person',
          {
            output_type: 'Person',
            arguments: [
              { name: 'input', type: 'Input' },
              { name: 'any', type: 'Anything' },
              { name: 'ids', type: '[ID!]' },
              { name: 'at', type: 'timestamptz' },
            ],
          },
          ['user', 'counter', 'stranger'],
        ),
        action('people', { output_type: '[Person!]' }),
        action('text', { output_type: 'String!' }),
        action('anything', { output_type: 'Anything' }),
        action('numbers', { output_type: '[Int]' }),
        action('slow', { output_type: 'Int', handler: '{{HANDLERS}}/slow', timeout: 1 }),
        action('gone', { output_type: 'Int', handler: 'http://127.0.0.1:1/' }),
        action('add_user', { type: 'mutation', output_type: 'Person!', handler: '{{HANDLERS}}/insert' }),
        action('forwarding', {
          output_type: 'Anything',
          forward_client_headers: true,
          headers: [
            { name: 'x-key', value_from_env: 'KEY' },
            { name: 'X-Own', value: 'own-{{KEY}}' },
            { name: 'User-Agent', value: 'mine' },
          ],
        }),
        action('transformed', {
          output_type: 'Anything',
          arguments: [{ name: 'id', type: 'Int!' }],
          request_transform: {
            version: 2,
            method: 'PUT',
            url: '{{$base_url}}/../answer',
            query_params: { id: '{{$body.input.id}}' },
            body: {
              action: 'transform',
              template: '{"id": {{$body.input.id}}, "user": {{$session_variables["x-hasura-role"]}}}',
            },
            request_headers: {
              add_headers: { 'x-id': '{{$body.input.id}}' },
              remove_headers: ['user-agent'],
            },
          },
          response_transform: {
            version: 2,
            body: {
              action: 'transform',
              template:
                '{{ if ($response.status == 418) }} {"message": {{$body.why}}} {{ else }} {{ $body.data }} {{ end }}',
            },
          },
        }),
        action('badly_transformed', {
          output_type: 'Int',
          request_transform: { version: 2, body: { action: 'transform', template: '{{$body.nothing}}' } },
        }),
      ],
      inherited_roles: [{ role_name: 'heir', role_set: ['user', 'counter'] }],
    },
    { devMode: false },
  );
  answer = { body: { id: 1 } };
});
afterAll(() => actions?.close());

const user = () => actions.api.as('user', { 'x-hasura-team': 1, 'x-hasura-user-id': 7 });
const failure = (message: string, code = 'unexpected') => graphqlError(code, '$', message);

describe('the handler is told', () => {
  test('the action, the input, the session and the query', async () => {
    const query =
      'query ($c: Color!, $any: Anything) { person(input: {color: $c, more: {color: RED, note: null}}, any: $any, ids: [1, "x"]) { id } }';
    const any = { nested: [1, { a: null }] };
    expect(await user().query(query, { c: 'BLUE', any })).toEqual({ data: { person: { id: 1 } } });
    expect(actions.lastPayload()).toEqual({
      action: { name: 'person' },
      input: { input: { color: 'BLUE', more: [{ color: 'RED', note: null }] }, any, ids: ['1', 'x'] },
      session_variables: { 'x-hasura-role': 'user', 'x-hasura-team': '1', 'x-hasura-user-id': '7' },
      request_query: query,
    });
    const { method, headers } = actions.handlers.requests.at(-1) ?? {};
    expect(method).toBe('POST');
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^hasura-graphql-engine\//),
    });
    expect(headers).not.toHaveProperty('x-hasura-admin-secret');
  });

  test('values as the client gave them, after a look at their types', async () => {
    await user().query('{ person(at: "2020-01-01T00:00:00Z") { id } }');
    expect(actions.lastPayload()).toMatchObject({ input: { at: '2020-01-01T00:00:00Z' } });
    const calls = actions.handlers.requests.length;
    for (const given of [
      'input: {color: GREEN}',
      'input: {note: "x"}',
      'ids: [null]',
      'input: {color: RED, nope: 1}',
      'none: 1',
    ]) {
      expect(await user().query(`{ person(${given}) { id } }`), given).toMatchObject({
        errors: [{ extensions: { code: 'validation-failed' } }],
      });
    }
    expect(actions.handlers.requests.length).toBe(calls);
  });

  test("the client's headers, when they are forwarded; they win over those of the metadata", async () => {
    const headers = {
      Authorization: 'Bearer t',
      Cookie: 'c=1',
      Origin: 'http://o',
      'x-own': "client's",
      'x-hasura-user-id': '1',
      traceparent: '00-a-b-01',
    };
    await user().request('/v1/graphql', { query: '{ forwarding }' }, { headers });
    const sent = actions.handlers.requests.at(-1)?.headers ?? {};
    expect(sent).toMatchObject({
      authorization: 'Bearer t',
      cookie: 'c=1',
      'x-key': 'from-environment',
      'x-own': "client's",
      'x-forwarded-origin': 'http://o',
      traceparent: '00-a-b-01',
      'user-agent': expect.stringMatching(/^hasura-graphql-engine/),
    });
    expect(Object.keys(sent).filter((name) => name.startsWith('x-hasura'))).toEqual([]);
    await user().request('/v1/graphql', { query: '{ text }' }, { headers });
    expect(actions.handlers.requests.at(-1)?.headers).toMatchObject({ traceparent: '00-a-b-01' });
    expect(actions.handlers.requests.at(-1)?.headers).not.toHaveProperty('authorization');
  });

  test('what the transform makes of it', async () => {
    answer = { body: { data: { ok: true } } };
    expect(await user().query('{ transformed(id: 5) }')).toEqual({ data: { transformed: { ok: true } } });
    expect(actions.handlers.requests.at(-1)).toMatchObject({
      method: 'PUT',
      url: '/answer?id=5',
      body: '{"id":5,"user":"user"}',
    });
    expect(actions.handlers.requests.at(-1)?.headers).toMatchObject({ 'x-id': '5' });
    expect(actions.handlers.requests.at(-1)?.headers).not.toHaveProperty('user-agent');
    answer = { status: 418, body: { why: 'a teapot' } };
    expect(await user().query('{ transformed(id: 5) }')).toEqual(failure('a teapot'));
    answer = { body: {} };
    expect(await user().query('{ transformed(id: 5) }')).toEqual(failure('Response Transformation Failed'));
    const calls = actions.handlers.requests.length;
    expect(await user().query('{ badly_transformed }')).toEqual(failure('Request Transformation Failed'));
    expect(actions.handlers.requests.length).toBe(calls);
  });
});

describe('the answer', () => {
  test.each<[string, unknown, unknown]>([
    [
      'person { __typename a: id color friend { id friends { i: id } } }',
      { id: 1, color: 'RED', friend: { id: 2, friends: [{ id: 3 }, null] }, extra: 1 },
      { person: { __typename: 'Person', a: 1, color: 'RED', friend: { id: 2, friends: [{ i: 3 }, null] } } },
    ],
    ['person { id color friend { id } }', { id: 1 }, { person: { id: 1, color: null } }],
    ['person { id }', null, { person: null }],
    ['people { id }', [{ id: 1 }, { id: 2 }], { people: [{ id: 1 }, { id: 2 }] }],
    ['anything', { any: ['thing', 1.5] }, { anything: { any: ['thing', 1.5] } }],
    ['numbers', [1, null], { numbers: [1, null] }],
  ])('%s', async (selection, body, data) => {
    answer = { body };
    expect(await user().query(`{ ${selection} }`)).toEqual({ data });
  });

  test.each<[string, unknown, string]>([
    ['text', null, 'got null for the action webhook response'],
    ['text', 1, 'got scalar String for the action webhook response, expecting String'],
    ['text', true, 'got scalar Boolean for the action webhook response, expecting String'],
    ['text', {}, 'got object for the action webhook response, expecting String'],
    ['numbers', ['x'], 'got scalar String for the action webhook response, expecting Int'],
    ['numbers', 1, 'expecting array for the action webhook response'],
    ['person { id }', [{ id: 1 }], 'got array for the action webhook response, expecting Person'],
    ['person { id }', 'x', 'got scalar String for the action webhook response, expecting Person'],
    ['person { color }', { color: 'RED' }, 'field "id" expected in webhook response, but not found'],
    ['person { color }', { id: null }, 'expecting not null value for field "id"'],
    ['people { id }', [null], 'got null for the action webhook response'],
    ['text', 'not JSON', 'not a valid json response from webhook'],
  ])('%s ← %j is refused', async (selection, body, message) => {
    answer = { body: body === 'x' ? '"x"' : body };
    expect(await user().query(`{ ${selection} }`)).toEqual(failure(message));
  });

  test.each<[object, object]>([
    [{ message: 'm' }, { path: '$', code: 'unexpected' }],
    [
      { message: 'm', code: 'c' },
      { path: '$', code: 'c' },
    ],
    [{ message: 'm', extensions: {} }, {}],
    [
      { message: 'm', extensions: { code: 'e', foo: 'bar' } },
      { code: 'e', foo: 'bar' },
    ],
    [{ message: 'm', code: 'c', extensions: { code: 'e' } }, { code: 'e' }],
  ])('a refusal of the handler: %j', async (body, extensions) => {
    answer = { status: 422, body };
    expect(await user().query('{ text }')).toEqual({ errors: [{ message: 'm', extensions }] });
  });

  test('failures tell the administrator more', async () => {
    answer = { status: 500, body: 'oops' };
    expect(await user().query('{ text }')).toEqual(failure('not a valid json response from webhook'));
    answer = { status: 500, body: {} };
    expect(await user().query('{ text }')).toEqual(failure('internal error'));
    expect(await actions.api.query('{ text }')).toMatchObject({
      errors: [
        {
          message: 'internal error',
          extensions: {
            internal: {
              error: 'expecting 2xx or 4xx status code, but found 500',
              request: { url: '{{HANDLERS}}/answer' },
              response: { status: 500 },
            },
          },
        },
      ],
    });
    expect(await user().query('{ slow }')).toEqual(failure('http exception when calling webhook'));
    expect(await actions.api.query('{ gone }')).toMatchObject({
      errors: [
        {
          extensions: {
            internal: { error: { type: 'http_exception', request: { host: '127.0.0.1', port: 1 } } },
          },
        },
      ],
    });
    answer = { body: { id: 1 } };
  });
});

describe('permissions', () => {
  test('an action that the role may not run does not exist for it', async () => {
    const nobody = actions.api.as('nobody');
    expect(await nobody.query('{ person { id } }')).toEqual(
      graphqlError('validation-failed', at('person'), "field 'person' not found in type: 'query_root'"),
    );
    expect(
      await actions.api.as('heir', { 'x-hasura-team': 1 }).query('{ text person { id } }'),
    ).toMatchObject({ errors: [{ message: expect.stringMatching(/^got object/) }] });
  });

  test('related rows are those that the role may read, with the columns that it may read', async () => {
    const selection = '{ person { id user { name } mates(order_by: {id: desc}, limit: 5) { id name } } }';
    expect(await user().query(selection)).toEqual({
      data: {
        person: {
          id: 1,
          user: { name: 'Ann' },
          mates: [
            { id: 2, name: 'Bo' },
            { id: 1, name: 'Ann' },
          ],
        },
      },
    });
    const other = actions.api.as('user', { 'x-hasura-team': 2 });
    expect(await other.query(selection)).toEqual({ data: { person: { id: 1, user: null, mates: [] } } });
    expect(await user().query('{ person { user { secret } } }')).toEqual(
      graphqlError(
        'validation-failed',
        at('person', 'user', 'secret'),
        "field 'secret' not found in type: 'users'",
      ),
    );
    expect(await user().query('{ person { mates_aggregate { aggregate { count } } } }')).toMatchObject({
      errors: [{ extensions: { code: 'validation-failed' } }],
    });
    expect(
      await actions.api.as('counter').query('{ person { mates_aggregate { aggregate { count } } } }'),
    ).toEqual({
      data: { person: { mates_aggregate: { aggregate: { count: 2 } } } },
    });
    expect(await actions.api.as('stranger').query('{ person { id user { id } } }')).toEqual(
      graphqlError('validation-failed', at('person', 'user'), "field 'user' not found in type: 'Person'"),
    );
    expect(await user().query('{ person { user(limit: 1) { id } } }')).toEqual(
      graphqlError('validation-failed', at('person', 'user'), "'user' has no argument named 'limit'"),
    );
  });

  test('relationships of lists and of nested objects are found together', async () => {
    answer = { body: [{ id: 1, friend: { id: 2 } }, { id: 3, friend: null }, { id: 44 }] };
    expect(await user().query('{ people { u: user { name } friend { user { name } } } }')).toEqual({
      data: {
        people: [
          { u: { name: 'Ann' }, friend: { user: { name: 'Bo' } } },
          { u: null, friend: null },
          { u: null },
        ],
      },
    });
    answer = { body: { id: 1 } };
  });
});

test('a mutation sees what its handler has written, and passes its cookies on', async () => {
  const response = await user().request('/v1/graphql', {
    query: 'mutation { add_user { id user { name } } }',
  });
  expect(await response.json()).toEqual({ data: { add_user: { id: 9, user: { name: 'New' } } } });
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  answer = { body: { id: 1 }, headers: { 'Set-Cookie': 'c=3' } };
  const query = await user().request('/v1/graphql', { query: '{ person { id } }' });
  expect(query.headers.getSetCookie()).toEqual([]);
});

test('Relay has actions that change something', async () => {
  const ask = async (query: string) => (await user().request('/v1beta1/relay', { query })).json();
  expect(await ask('mutation { add_user { id user { id name } mates { name } } }')).toEqual({
    data: { add_user: { id: 9, user: { id: expect.stringMatching(/^[\w=]+$/), name: 'New' }, mates: [] } },
  });
  expect(await ask('{ person { id } }')).toMatchObject({
    errors: [{ extensions: { code: 'validation-failed' } }],
  });
});

test('each of several fields is a call of its own', async () => {
  const before = actions.handlers.requests.length;
  answer = { body: { id: 2 } };
  expect(
    await user().query(
      '{ a: person { id } b: person { user { name } } users(where: {id: {_eq: 1}}) { id } }',
    ),
  ).toEqual({
    data: { a: { id: 2 }, b: { user: { name: 'Bo' } }, users: [{ id: 1 }] },
  });
  expect(actions.handlers.requests.length).toBe(before + 2);
});

test('introspection shows the declared types', async () => {
  expect(
    await user().query('{ __type(name: "Person") { kind description fields { name type { kind name } } } }'),
  ).toEqual({
    data: {
      __type: {
        kind: 'OBJECT',
        description: 'Somebody',
        fields: [
          { name: 'color', type: { kind: 'ENUM', name: 'Color' } },
          { name: 'friend', type: { kind: 'OBJECT', name: 'Person' } },
          { name: 'friends', type: { kind: 'LIST', name: null } },
          { name: 'id', type: { kind: 'NON_NULL', name: null } },
          { name: 'mates', type: { kind: 'NON_NULL', name: null } },
          { name: 'user', type: { kind: 'OBJECT', name: 'users' } },
        ],
      },
    },
  });
});
