/** What services are asked, and what becomes of their answers. Source: spec/remote-schemas.md 4 to 6. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GraphqlServer } from '../../support/graphql-server.ts';
import { graphqlError, type Project } from '../../support/project.ts';
import { projectWith, startAnimals } from './support.ts';

let animals: GraphqlServer;
let api: Project;

beforeAll(async () => {
  animals = await startAnimals();
  api = await projectWith(animals, {
    definition: {
      forward_client_headers: true,
      headers: [
        { name: 'x-key', value_from_env: 'KEY' },
        { name: 'x-hasura-fixed', value: 'configured' },
      ],
    },
  });
});
beforeEach(() => {
  animals.answerWith(null);
  animals.forget();
});
afterAll(async () => {
  await api?.close();
  await animals?.close();
});

const sent = () => animals.operations.map(({ query }) => query);

describe('the operation that is sent', () => {
  test('has the selected field only, printed on one line', async () => {
    const answer = await api.query('{ note { id } someone: person(id: 1) { id  called: name } }');
    expect(answer).toEqual({ data: { note: [{ id: 1 }], someone: { id: '1', called: 'Ann' } } });
    expect(animals.operations).toEqual([
      { query: 'query  { someone: person(id: 1) { id  called: name  } }' },
    ]);
  });

  test('has the variables that it uses, and the name of the operation', async () => {
    const document = `query Both($id: ID!, $other: ID!, $first: Int) {
      a: person(id: $id) { name }
      b: person(id: $other) { pets { ... on Dog { tricks(first: $first) } } }
    }`;
    await api.query(document, { id: 'x', other: 1, first: 3 }, 'Both');
    expect([...animals.operations].sort((left, right) => (left.query < right.query ? -1 : 1))).toEqual([
      {
        query: 'query Both($id: ID!) { a: person(id: $id) { name  } }',
        variables: { id: 'x' },
        operationName: 'Both',
      },
      {
        query:
          'query Both($other: ID!,$first: Int) { b: person(id: $other) { pets { __hasura_internal_typename: __typename  ... on Dog{ tricks(first: $first)  } } } }',
        variables: { other: 1, first: 3 },
        operationName: 'Both',
      },
    ]);
  });

  test('has literals as they are written, and what the service makes of them is its matter', async () => {
    await api.query(
      '{ echo(value: {a: [1, "x", null], b: 1.50}, size: LARGE, filter: {range: {to: 3}, names: "one"}, text: "q\\"uote") }',
    );
    expect(sent()).toEqual([
      'query  { echo(value: {a: [1,"x",null],b: 1.50},size: LARGE,filter: {range: {to: 3},names: ["one"]},text: "q\\"uote")  }',
    ]);
    animals.forget();
    const answer = await api.query('{ animals(limit: "two") { id } }');
    expect(answer).toMatchObject({
      data: null,
      errors: [{ message: 'Int cannot represent non-integer value: "two"' }],
    });
  });

  test('has fields of an interface once, and fragments for types of which more is selected', async () => {
    const answer = await api.query(`{
      animals { ...Named ... on Cat { lives } ... on Dog { owner { name } } ... on Nothing { id } }
    }
    fragment Named on Animal { name __typename }`);
    expect(answer).toEqual({
      data: {
        animals: [
          { name: 'Tom', __typename: 'Cat', lives: 9 },
          { name: 'Rex', __typename: 'Dog', owner: { name: 'Ann' } },
        ],
      },
    });
    expect(sent()).toEqual([
      'query  { animals { name  __typename  ... on Cat{ lives  } ... on Dog{ owner { name  } } } }',
    ]);
  });

  test('names no types but those that the client names', async () => {
    expect(await api.query('{ find(id: 2) { ... on Animal { name } ... on Person { id } } }')).toEqual({
      data: { find: { name: 'Tom' } },
    });
    expect(sent()).toEqual([
      'query  { find(id: 2) { __hasura_internal_typename: __typename  ... on Person{ id  } ... on Animal{ name  } } }',
    ]);
  });

  test.each([
    ['{ animals { nothing } }', 'animals', 'nothing', 'Cat'],
    ['{ animals { lives } }', 'animals', 'lives', 'Dog'],
    ['{ animals { ... on Animal { lives } } }', 'animals', 'lives', 'Dog'],
    ['{ find(id: 1) { lives } }', 'find', 'lives', 'Person'],
  ])('%s lacks a field', async (document, root, name, type) => {
    const path = `$.selectionSet.${root}.selectionSet.${name}`;
    expect(await api.query(document)).toEqual(
      graphqlError('validation-failed', path, `field '${name}' not found in type: '${type}'`),
    );
    expect(animals.operations).toEqual([]);
  });

  test('is refused where fragments that name each other would make it grow without end', async () => {
    const levels = Array.from({ length: 30 }, (_, level) => {
      const below = `owner { pets { ...F${level + 1} } }`;
      return `fragment F${level} on Animal { ... on Dog { a: ${below} b: ${below} } ... on Cat { name } id }`;
    });
    const document = `{ animals { ...F0 } } ${levels.join('\n')} fragment F30 on Animal { id }`;
    expect(await api.query(document)).toMatchObject({
      errors: [{ extensions: { code: 'validation-failed' } }],
    });
    expect(animals.operations).toEqual([]);
  });

  test('asks for something even where nothing is left to be selected', async () => {
    expect(await api.query('{ find(id: 1) { ... on Cat { lives } } }')).toEqual({ data: { find: {} } });
    expect(await api.query('{ person(id: 1) { id @include(if: false) } }')).toEqual({ data: { person: {} } });
  });
});

test('headers: defaults, configured ones, the session, then the client', async () => {
  await api
    .withHeaders({
      'x-hasura-admin-secret': 'test-secret',
      'x-hasura-role': 'user',
      'x-hasura-user-id': '7',
      'x-hasura-fixed': 'client',
      'x-key': 'client',
      'x-other': 'client',
      authorization: 'Bearer a',
      'user-agent': 'browser',
      cookie: 'c=1',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    })
    .query('{ broken }');
  expect(animals.requests[0]?.headers).toMatchObject({
    'content-type': 'application/json',
    'user-agent': 'hasura-graphql-engine/v2.48.0',
    'x-key': 'from-environment',
    'x-hasura-fixed': 'configured',
    'x-hasura-role': 'user',
    'x-hasura-user-id': '7',
    'x-other': 'client',
    'x-forwarded-user-agent': 'browser',
    authorization: 'Bearer a',
    cookie: 'c=1',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  });
  expect(animals.requests[0]?.headers).not.toHaveProperty('x-hasura-admin-secret');
});

describe('answers', () => {
  test('errors of the service are passed on as they are, and nothing else is', async () => {
    const errors = [{ message: 'no', path: ['x', 1], extensions: { big: 1 }, locations: [] }];
    animals.answerWith({
      status: 500,
      body: { data: { broken: 'something' }, errors, extensions: { secret: 1 } },
    });
    expect(await api.query('{ note { id } broken }')).toEqual({ data: null, errors });
  });

  test('digits and the order of keys stay', async () => {
    animals.answerWith({ body: '{"data":{"echo":{"b":12345678901234567890,"a":1.10,"2":0}}}' });
    expect(await api.queryText('{ echo }')).toBe(
      '{"data":{"echo":{"b":12345678901234567890,"a":1.10,"2":0}}}',
    );
  });

  test('what was not asked for does not come through', async () => {
    animals.answerWith({ body: { data: { person: { secret: 1, id: '1' }, other: 2 } } });
    expect(await api.query('{ person(id: 1) { id } }')).toEqual({ data: { person: { id: '1' } } });
  });

  test.each([
    ['{"errors":[]}', 'Empty "errors" field in response from remote'],
    ['{"errors":"no"}', 'Invalid "errors" field in response from remote'],
    ['{}', 'Missing "data" field with no errors in response from remote'],
    ['{"data":null}', 'Received null "data" field with no errors in response from remote'],
    ['{"data":{}}', 'expecting key broken'],
    ['<html>', 'Remote server response is not valid JSON'],
  ])('%s is no answer', async (body, message) => {
    animals.answerWith({ body });
    expect(await api.query('{ broken }')).toEqual(graphqlError('remote-schema-error', '$', message));
  });

  test('cookies reach the client, each of them', async () => {
    animals.answerWith({ headers: { 'set-cookie': ['a=1', 'b=2'] }, body: { data: { broken: null } } });
    const response = await api.request('/v1/graphql', { query: '{ broken }' });
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });
});

test('mutations run one after the other, and fail together', async () => {
  const document = `mutation { one: rename(id: 1, name: "Eve") { name } two: rename(id: 1, name: "Ann") { name } }`;
  expect(await api.query(document)).toEqual({ data: { one: { name: 'Eve' }, two: { name: 'Ann' } } });
  expect(sent()).toEqual([
    'mutation  { one: rename(id: 1,name: "Eve") { name  } }',
    'mutation  { two: rename(id: 1,name: "Ann") { name  } }',
  ]);
});

test.each([
  ['{ person(id: 1, foo: 2) { id } }', '$.selectionSet.person', "'person' has no argument named 'foo'"],
  ['{ person { id } }', '$.selectionSet.person.args.id', "missing required field 'id'"],
  [
    '{ animals(where: {range: {upto: 1}}) { id } }',
    '$.selectionSet.animals.args.where.range.upto',
    "field 'upto' not found in type: 'Range'",
  ],
  [
    '{ person(id: 1) { age } }',
    '$.selectionSet.person.selectionSet.age',
    "field 'age' not found in type: 'Person'",
  ],
  ['{ animals }', '$.selectionSet.animals.selectionSet', "missing selection set for 'Animal'"],
])('%s is refused here', async (document, path, message) => {
  expect(await api.query(document)).toEqual(graphqlError('validation-failed', path, message));
  expect(animals.operations).toEqual([]);
});

test('fields of services cannot be explained', async () => {
  const response = await api.request('/v1/graphql/explain', { query: { query: '{ note { id } broken }' } });
  expect([response.status, await response.json()]).toEqual([
    400,
    { error: 'only hasura queries can be explained', path: '$', code: 'invalid-params' },
  ]);
});

test('a service that takes too long is given up', async () => {
  const slow = await projectWith(animals, { definition: { timeout_seconds: 1 } });
  try {
    animals.answerWith(null);
    const stalled = new Promise<never>(() => {});
    animals.answerWith(stalled as never);
    const answer = await slow.query('{ broken }');
    expect(answer).toMatchObject({
      errors: [
        {
          message: 'HTTP exception occurred while sending the request to "{{ANIMALS}}"',
          extensions: { code: 'remote-schema-error', internal: { message: 'Response timeout' } },
        },
      ],
    });
  } finally {
    await slow.close();
  }
});

test('rows are joined below fields of an interface', async () => {
  const place = { remote_schema: 'animals', type_name: 'Person', name: 'notes' };
  const created = await api.command('create_remote_schema_remote_relationship', {
    ...place,
    definition: {
      to_source: {
        relationship_type: 'array',
        source: 'default',
        table: 'note',
        field_mapping: { id: 'id' },
      },
    },
  });
  expect(created).toMatchObject({ status: 200 });
  try {
    const selection = 'keeper { notes { text } }';
    const answer = [{ keeper: { notes: [{ text: 'one' }] } }, { keeper: null }];
    expect(await api.query(`{ animals { ${selection} } }`)).toEqual({ data: { animals: answer } });
    expect(await api.query(`{ find(id: 2) { ... on Animal { ${selection} } } }`)).toEqual({
      data: { find: answer[0] },
    });
  } finally {
    await api.command('delete_remote_schema_remote_relationship', place);
  }
});

describe('customized', () => {
  let renamed: Project;
  beforeAll(async () => {
    renamed = await projectWith(animals, {
      definition: {
        customization: {
          root_fields_namespace: 'zoo',
          type_names: { prefix: 'Z', mapping: { Dog: 'Hound' } },
          field_names: [
            { parent_type: 'Person', prefix: 'p_' },
            { parent_type: 'Query', mapping: { person: 'someone' } },
          ],
        },
      },
    });
  });
  afterAll(() => renamed?.close());

  test('names are ours, and the service gets its own', async () => {
    const document = `query ($where: ZFilter) {
      zoo { __typename someone(id: 1) { p_name __typename p_pets { ... on Hound { tricks __typename } } }
            animals(where: $where) { __typename } } }`;
    expect(await renamed.query(document, { where: { size: 'SMALL' } })).toEqual({
      data: {
        zoo: {
          __typename: 'zooQuery',
          someone: {
            p_name: 'Ann',
            __typename: 'ZPerson',
            p_pets: [{}, { tricks: ['sit', 'roll'], __typename: 'Hound' }],
          },
          animals: [{ __typename: 'ZCat' }, { __typename: 'Hound' }],
        },
      },
    });
    expect(new Set(sent())).toEqual(
      new Set([
        'query  { someone: person(id: 1) { p_name: name  __typename  p_pets: pets { __hasura_internal_typename: __typename  ... on Dog{ tricks  __typename  } } } }',
        'query ($where: Filter) { animals(where: $where) { __typename  } }',
      ]),
    );
  });

  test('mutations are below the namespace, too', async () => {
    expect(await renamed.query('mutation { zoo { rename(id: 1, name: "Ann") { p_id } } }')).toEqual({
      data: { zoo: { rename: { p_id: '1' } } },
    });
  });
});
