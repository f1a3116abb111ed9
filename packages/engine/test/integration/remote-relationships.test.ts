/** Definitions of relationships between services and sources, and answers of services that are none. Source: spec/remote-schemas.md 8 to 10. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type GraphqlServer, startGraphqlServer } from '../support/graphql-server.ts';
import { graphqlError, type JsonLike, type Project, project, sourceOf } from '../support/project.ts';

const sdl = `
  scalar Anything
  enum Size { SMALL LARGE }
  input Range { from: Int to: Int }
  input Filter { id: Int tags: [String] extra: Anything range: Range size: Size }
  type Thing { id: Int name: String secret: String parent: Thing }
  type Query {
    thing(id: Int!): Thing
    byKey(key: ID, ratio: Float, text: String, size: Size, flag: Boolean): Thing
    match(where: Filter!): String
    any(filters: [Filter!]!): String
    take(value: Anything): String
    secret: String
  }`;

let service: GraphqlServer;
let api: Project;

const toField = (fields: readonly string[], field: JsonLike): JsonLike => ({
  to_remote_schema: { remote_schema: 'things', lhs_fields: [...fields], remote_field: field },
});
const toSource = (mapping: { readonly [key: string]: string }, table = 'note', source = 'default') => ({
  to_source: {
    relationship_type: 'array',
    source,
    table: { schema: 'public', name: table },
    field_mapping: mapping,
  },
});
const onTable = (name: string, definition: JsonLike, action = 'create') =>
  api.command(`pg_${action}_remote_relationship`, { table: 'note', name, definition });
const onType = (name: string, definition: JsonLike, action = 'create', type = 'Thing') =>
  api.command(`${action}_remote_schema_remote_relationship`, {
    remote_schema: 'things',
    type_name: type,
    name,
    definition,
  });

beforeAll(async () => {
  service = await startGraphqlServer(sdl, {
    thing: ({ id }: { id: number }) => ({ id, name: `thing ${id}`, secret: 'hidden' }),
    byKey: (given: object) => ({ id: 1, name: JSON.stringify(given) }),
    match: ({ where }: { where: object }) => JSON.stringify(where),
    any: ({ filters }: { filters: object }) => JSON.stringify(filters),
    take: ({ value }: { value: unknown }) => JSON.stringify(value),
    secret: () => 'told',
  });
  api = await project({
    tables: `
      create table colors (name text primary key);
      insert into colors values ('red');
      create table note (
        id int primary key, big bigint, text text, doc jsonb, data jsonb, owner int, color text references colors,
        price numeric);
      insert into note values
        (1, 1, 'one', '{"a": [1, {"b": "c"}]}', '{"x: 1) f9: secret #": 1}', 1, 'red', 1.50), (2, 2, 'two', null, null, 2, 'red', null)`,
    engine: { enableRemoteSchemaPermissions: true, environment: { ...process.env, THINGS: '' } },
    metadata: {
      remote_schemas: [
        {
          name: 'things',
          definition: { url: service.url },
          permissions: [
            {
              role: 'user',
              definition: {
                schema: `
                  scalar Anything
                  input Filter { id: Int tags: [String] @preset(value: ["kept"]) extra: Anything }
                  type Query { match(where: Filter!): String any(filters: [Filter!]!): String }`,
              },
            },
          ],
        },
      ],
      sources: [
        sourceOf([
          { table: 'colors', is_enum: true },
          {
            table: 'note',
            select_permissions: [
              {
                role: 'user',
                permission: { columns: ['id'], filter: { owner: { _eq: 'X-Hasura-User-Id' } } },
              },
            ],
            remote_relationships: [
              { name: 'thing', definition: toField(['big'], { thing: { arguments: { id: '$big' } } }) },
              {
                name: 'parent',
                definition: toField(['id'], {
                  thing: { arguments: { id: '$id' }, field: { parent: { arguments: {} } } },
                }),
              },
              {
                name: 'match',
                definition: toField(['id'], { match: { arguments: { where: { id: '$id' } } } }),
              },
              {
                name: 'any',
                definition: toField(['id'], {
                  any: { arguments: { filters: [{ id: '$id', range: { from: 3 } }] } },
                }),
              },
              { name: 'texts', definition: toField(['price'], { byKey: { arguments: { text: '$price' } } }) },
              { name: 'taken', definition: toField(['doc'], { take: { arguments: { value: '$doc' } } }) },
              { name: 'odd', definition: toField(['data'], { take: { arguments: { value: '$data' } } }) },
            ],
          },
        ]),
      ],
    },
  });
});
afterAll(async () => {
  await api?.close();
  await service?.close();
});
beforeEach(() => {
  service.answerWith(null);
  service.forget();
});

const names = async (): Promise<unknown> => {
  const { body } = await api.command('export_metadata', {});
  const { sources } = body as { sources: { tables: { remote_relationships?: { name: string }[] }[] }[] };
  return sources[0]?.tables.flatMap(({ remote_relationships: all = [] }) => all.map(({ name }) => name));
};

describe('commands', () => {
  const success = { status: 200, body: { message: 'success' } };

  test('creation replaces one of the same name, which update and deletion want', async () => {
    const before = await names();
    expect(await onTable('self', toSource({ id: 'owner' }))).toEqual(success);
    expect(await onTable('self', toSource({ id: 'id' }))).toEqual(success);
    expect(await names()).toEqual([...(before as string[]), 'self'].sort());
    expect(await api.query('{ note(order_by: {id: asc}) { self { id } } }')).toEqual({
      data: { note: [{ self: [{ id: 1 }] }, { self: [{ id: 2 }] }] },
    });
    expect(await onTable('self', toSource({ owner: 'id' }), 'update')).toEqual(success);
    expect(await api.command('pg_delete_remote_relationship', { table: 'note', name: 'self' })).toEqual(
      success,
    );
    expect(await onTable('self', toSource({ id: 'id' }), 'update')).toEqual({
      status: 400,
      body: { code: 'not-exists', path: '$.args', error: '"self" does not exist' },
    });
    expect(await onTable('id', toSource({ id: 'id' }), 'update')).toMatchObject({
      status: 400,
      body: { code: 'unexpected-payload', error: 'expecting a remote relationship' },
    });
  });

  test('on types of services, too', async () => {
    expect(await onType('notes', toSource({ id: 'owner' }))).toEqual(success);
    expect(await onType('notes', toSource({ id: 'id' }))).toEqual(success);
    expect(await api.query('{ thing(id: 2) { notes { id } } }')).toEqual({
      data: { thing: { notes: [{ id: 2 }] } },
    });
    expect(await api.command('pg_untrack_table', { table: 'note' })).toEqual({
      status: 400,
      body: {
        code: 'dependency-error',
        path: '$.args',
        error:
          'cannot drop due to the following dependent objects: remote_relationship notes on type Thing in remote schema things',
      },
    });
    const gone = {
      status: 400,
      body: {
        code: 'not-exists',
        path: '$.args',
        error: 'no relationship defined on remote schema ""things" with name "nothing""',
      },
    };
    expect(await onType('nothing', toSource({ id: 'id' }), 'update')).toEqual(gone);
    const place = { remote_schema: 'things', type_name: 'Thing' };
    const drop = 'delete_remote_schema_remote_relationship';
    expect(await api.command(drop, { ...place, name: 'nothing' })).toEqual(gone);
    expect(await api.command(drop, { ...place, name: 'notes' })).toEqual(success);
  });

  test.each([
    ['id', 'field definition conflicts with postgres column'],
    ['no-name', 'in table "note": in remote relationship "no-name": "no-name" is not valid GraphQL name'],
  ])('the name %s', async (name, reason) => {
    expect((await onTable(name, toSource({ id: 'id' }))).body).toMatchObject({
      code: 'invalid-configuration',
      path: '$.args',
      error: `Inconsistent object: ${reason}`,
      internal: [
        { type: 'remote_relationship', name: `remote_relationship ${name} in table note in source default` },
      ],
    });
  });

  test('the name of another relationship', async () => {
    const using = { manual_configuration: { remote_table: 'note', column_mapping: { id: 'id' } } };
    const own = { table: 'note', relationship: 'own' };
    await api.command('pg_create_object_relationship', { table: 'note', name: 'own', using });
    expect((await onTable('own', toSource({ id: 'id' }))).body).toMatchObject({
      code: 'invalid-configuration',
      path: '$.args',
      error: 'Conflicting objects: conflicting definitions for field "own"',
    });
    expect(await api.command('pg_drop_relationship', own)).toEqual(success);
  });

  test.each<[JsonLike, string, string]>([
    [
      {},
      '$.args',
      'remote relationship definition (strict format) expects exactly one of: to_source, to_remote_schema',
    ],
    [
      { ...toSource({ id: 'id' }), ...(toField([], { secret: { arguments: {} } }) as object) },
      '$.args',
      'remote relationship definition (strict format) expects exactly one of: to_source, to_remote_schema',
    ],
    [
      { remote_schema: 'things', hasura_fields: [], remote_field: { secret: { arguments: {} } } },
      '$.args',
      'remote relationship definition (strict format) expects exactly one of: to_source, to_remote_schema',
    ],
    [
      'text',
      '$.args',
      'parsing RemoteRelationshipDefinition (strict format) failed, expected Object, but encountered String',
    ],
    [
      toField([], {}),
      '$.args.remote_field',
      'Remote fields are represented by an object that maps each field name to its arguments.Expecting one single mapping, received none.',
    ],
    [
      toField([], { thing: { arguments: { id: 1 } }, secret: { arguments: {} } }),
      '$.args.remote_field',
      'Remote fields are represented by an object that maps each field name to its arguments.Expecting one single mapping, received too many.',
    ],
    [
      toField([], { thing: { arguments: { id: '$' } } }),
      '$.args.remote_field.arguments',
      'Remote fields are represented by an object that maps each field name to its arguments.Remote arguments are represented by an object that maps each argument name to its value.Empty variable name',
    ],
    [
      toField([], { thing: { arguments: { id: 1 }, field: { parent: { arguments: { id: ['$a-b'] } } } } }),
      '$.args.remote_field.arguments',
      "Remote fields are represented by an object that maps each field name to its arguments.Remote arguments are represented by an object that maps each argument name to its value.Invalid variable name 'a-b'",
    ],
  ])('%j is no definition', async (definition, path, error) => {
    const refused = { status: 400, body: { code: 'parse-failed', path, error } };
    expect(await onTable('wrong', definition)).toMatchObject({
      ...refused,
      body: { ...refused.body, error: expect.stringMatching(`${error.replace(/[()[\]$.]/g, '\\$&')}$`) },
    });
    expect(await onType('wrong', definition)).toEqual(refused);
  });

  test('a definition stands beside the name, or its older form does', async () => {
    const older = { remote_schema: 'things', hasura_fields: [], remote_field: { secret: { arguments: {} } } };
    const place = { table: 'note', name: 'older' };
    const create = (given: object) =>
      api.command('create_remote_relationship', { ...place, ...given }, '/v1/query');
    expect(await create(older)).toEqual(success);
    expect(await api.command('delete_remote_relationship', place, '/v1/query')).toEqual(success);
    for (const given of [{}, { ...older, definition: toSource({ id: 'id' }) }]) {
      expect(await create(given)).toEqual({
        status: 400,
        body: {
          code: 'parse-failed',
          path: '$',
          error: 'create_remote_relationship expects exactly one of: remote_schema, definition',
        },
      });
    }
  });

  test('documents may have both forms, but one of them at a time', async () => {
    const { body } = await api.command('export_metadata', {});
    const text = JSON.stringify(body).replace('"to_remote_schema"', '"to_nothing":1,"to_remote_schemata"');
    expect(await api.command('replace_metadata', JSON.parse(text) as JsonLike)).toMatchObject({
      status: 400,
      body: {
        code: 'parse-failed',
        error:
          'remote relationship definition (lenient format) expects exactly one of: remote_schema, to_source, to_remote_schema',
      },
    });
  });
});

describe('what does not fit', () => {
  test.each<[JsonLike, string]>([
    [toSource({ ix: 'id' }), '"ix" does not exist'],
    [toSource({ id: 'ix' }), '"ix" does not exist'],
    [toSource({ color: 'color' }), 'relationships to enum fields are not supported yet'],
    [toSource({ id: 'id' }, 'nothing'), 'table "nothing" does not exist in source: default'],
    [toSource({ id: 'id' }, 'note', 'nowhere'), 'source not found: "nowhere"'],
    [
      toField(['ix'], { thing: { arguments: { id: '$ix' } } }),
      'field with name "ix"is not provided by the lhs entity""note"for defining a join condition, the allowed fields are "id", "big", "text", "doc", "data", "owner", "color", or "price""',
    ],
    [
      toField([], { nothing: { arguments: {} } }),
      'remote field with name "nothing" and type "Query" not found',
    ],
    [
      toField([], { thing: { arguments: { id: 1 }, field: { nothing: { arguments: {} } } } }),
      'remote field with name "nothing" and type "Thing" not found',
    ],
    [
      toField(['id'], { thing: { arguments: { ix: '$id' } } }),
      'argument with name "ix" not found in remote schema',
    ],
    [toField(['id'], { thing: { arguments: { id: '$big' } } }), 'variable "big" is not found'],
    [toField([], { thing: { arguments: { id: 'one' } } }), 'expected type "Int" but got "String"'],
    [toField([], { thing: { arguments: { id: 1.5 } } }), 'expected type "Int" but got "Float"'],
    [toField([], { thing: { arguments: { id: null } } }), 'null is not allowed here'],
    [toField([], { byKey: { arguments: { ratio: 1 } } }), 'expected type "Float" but got "Int"'],
    [toField([], { byKey: { arguments: { text: true } } }), 'expected type "String" but got "Boolean"'],
    [toField([], { byKey: { arguments: { size: 'SMALL' } } }), 'expected type "Size" but got "String"'],
    [
      toField([], { byKey: { arguments: { key: true } } }),
      'Only ID, Int, uuid or String scalar types can be joined to the ID type, but received "Boolean"',
    ],
    [toField(['id'], { thing: { arguments: { id: ['$id'] } } }), 'type "Int"is not a list type'],
    [
      toField(['id'], { any: { arguments: { filters: ['$id', '$id'] } } }),
      'multiple elements in list value is not supported',
    ],
    [toField(['id'], { thing: { arguments: { id: { is: '$id' } } } }), 'type "is"not an input object type'],
    [
      toField(['id'], { match: { arguments: { where: { ix: '$id' } } } }),
      'argument with name "ix" not found in remote schema',
    ],
    [
      toField(['id'], { any: { arguments: { filters: { id: '$id' } } } }),
      'type "Filter" is invalid for stripping',
    ],
  ])('%j', async (definition, reason) => {
    const { status, body } = await onTable('wrong', definition);
    expect({ status, body }).toMatchObject({
      status: 400,
      body: {
        code: 'invalid-configuration',
        path: '$.args',
        error: `Inconsistent object: in table "note": in remote relationship "wrong": ${reason}`,
      },
    });
  });

  test('fields of types are those without arguments, named by their service', async () => {
    expect(
      (await onType('wrong', toField(['ix'], { thing: { arguments: { id: '$ix' } } }))).body,
    ).toMatchObject({
      error:
        'Inconsistent object: in remote relationship "wrong": field with name "ix"is not provided by the lhs entity""things"for defining a join condition, the allowed fields are "id", "name", "secret", or "parent""',
    });
    expect((await onType('wrong', toSource({ ix: 'id' }))).body).toMatchObject({
      internal: [
        {
          type: 'remote_schema_remote_relationship',
          name: 'remote_schema_remote_relationship remote_relationship wrong on type Thing in remote schema things',
          definition: {
            remote_schema: 'things',
            type_name: 'Thing',
            name: 'wrong',
            definition: toSource({ ix: 'id' }),
          },
        },
      ],
      error: 'Inconsistent object: in remote relationship "wrong": "ix" does not exist',
    });
  });
});

describe('values', () => {
  test('of a column of another type than the argument are sent as they are', async () => {
    expect(await api.query('{ note(order_by: {id: asc}) { thing { name } } }')).toEqual({
      data: { note: [{ thing: { name: 'thing 1' } }, { thing: { name: 'thing 2' } }] },
    });
  });

  test('numbers are told as text where text is wanted', async () => {
    expect(await api.query('{ note(order_by: {id: asc}) { texts { name } } }')).toEqual({
      data: { note: [{ texts: { name: '{"text":"1.50"}' } }, { texts: null }] },
    });
  });

  test('documents are printed, but nothing that would be more than a value', async () => {
    expect(await api.query('{ note(order_by: {id: asc}) { taken } }')).toEqual({
      data: { note: [{ taken: '{"a":[1,{"b":"c"}]}' }, { taken: null }] },
    });
    service.forget();
    expect(await api.query('{ note { odd } }')).toEqual(
      graphqlError(
        'validation-failed',
        '$',
        'variable value contains an object with key "x: 1) f9: secret #", which is not a legal GraphQL name',
      ),
    );
    expect(service.operations).toEqual([]);
  });

  test('keys of a client cannot become fields that its role lacks', async () => {
    const user = api.as('user', { 'x-hasura-user-id': 1 });
    const document = 'query ($extra: Anything) { note { match(where: {extra: $extra}) } }';
    const ask = (extra: JsonLike) => user.query(document, { extra });
    expect(await ask({ fine: 1 })).toEqual({
      data: { note: [{ match: '{"id":1,"tags":["kept"],"extra":{"fine":1}}' }] },
    });
    service.forget();
    expect(await ask({ 'a: 1}}) f1: secret f2: match(where: {id: 1, extra: {b': 1 })).toMatchObject({
      errors: [{ extensions: { code: 'validation-failed' } }],
    });
    expect(service.operations).toEqual([]);
  });

  test('what the client gives of a list is joined with what the definition gives', async () => {
    const find = async (caller: Pick<Project, 'query'>, filters: string) => {
      const answer = (await caller.query(`{ note(where: {id: {_eq: 1}}) { any(filters: ${filters}) } }`)) as {
        data: { note: { any: string }[] };
      };
      return JSON.parse(answer.data?.note[0]?.any ?? JSON.stringify(answer)) as unknown;
    };
    expect(await find(api, '[{range: {to: 5}, size: LARGE}, {tags: ["t"]}]')).toEqual([
      { range: { to: 5 }, size: 'LARGE' },
      { tags: ['t'] },
      { id: 1, range: { from: 3 } },
    ]);
  });
});

describe('the field', () => {
  const inputsOf = async (caller: Pick<Project, 'query'>, name: string) => {
    const document = `{ __type(name: "note") { fields { name description args { name type {
      kind name ofType { kind name ofType { kind name ofType { name } } } } } } } }`;
    const { data } = (await caller.query(document)) as {
      data: { __type: { fields: { name: string }[] } };
    };
    return data.__type.fields.find((field) => field.name === name);
  };

  test('has what its definition leaves, under names that no customization changes', async () => {
    const partial = 'Filter_remote_rel_notematch';
    expect(await inputsOf(api, 'match')).toEqual({
      name: 'match',
      description: null,
      args: [
        {
          name: 'where',
          type: {
            kind: 'NON_NULL',
            name: null,
            ofType: { kind: 'INPUT_OBJECT', name: partial, ofType: null },
          },
        },
      ],
    });
    expect(await inputsOf(api, 'any')).toMatchObject({
      args: [
        { type: { ofType: { kind: 'LIST', ofType: { ofType: { name: 'Filter_remote_rel_noteany' } } } } },
      ],
    });
    const document = `query ($where: ${partial}!) { note(limit: 1) { match(where: $where) } }`;
    expect(await api.query(document, { where: { size: 'LARGE' } })).toEqual({
      data: { note: [{ match: '{"id":1,"size":"LARGE"}' }] },
    });
    expect(await api.query('{ note { match } }')).toEqual(
      graphqlError(
        'validation-failed',
        '$.selectionSet.note.selectionSet.match.args.where',
        "missing required field 'where'",
      ),
    );
  });

  test('is not there for a role that lacks a member of what is fixed', async () => {
    const user = api.as('user', { 'x-hasura-user-id': 1 });
    expect(await inputsOf(user, 'match')).toMatchObject({ name: 'match' });
    expect(await inputsOf(user, 'any')).toBeUndefined();
    expect(await inputsOf(user, 'thing')).toBeUndefined();
  });
});

describe('an answer that is none', () => {
  test.each<[string, string]>([
    ['{}', '"data" field not found in remote response'],
    ['[]', 'expecting ordered object'],
    ['{"data":null}', 'expecting ordered object'],
    ['{"data":{}}', "failed to lookup key 'f0' in response"],
    ['{"data":{"f0":{}}}', "failed to lookup key 'parent' in response"],
    ['{"data":{"f0":1}}', 'unexpected non-object json value found while path not empty: parent'],
  ])('%s', async (body, message) => {
    service.answerWith({ body });
    const response = await api.request('/v1/graphql', { query: '{ note(limit: 1) { parent { id } } }' });
    expect([response.status, await response.json()]).toEqual([200, graphqlError('unexpected', '$', message)]);
    const older = await api.request('/v1alpha1/graphql', { query: '{ note(limit: 1) { parent { id } } }' });
    expect(older.status).toBe(500);
  });

  test('is told by how it fails to be JSON', async () => {
    service.answerWith({ body: '<html>' });
    expect(await api.query('{ note { thing { id } } }')).toMatchObject({
      errors: [
        {
          message: expect.stringMatching(/^Remote server response is not valid JSON: ./),
          extensions: { code: 'unexpected', path: '$' },
        },
      ],
    });
  });

  test('any errors count, whatever they are', async () => {
    for (const errors of [[], 'text', [{ message: 'no' }]]) {
      service.answerWith({ body: { data: { f0: null }, errors } });
      expect(await api.query('{ note { thing { id } } }')).toMatchObject({
        errors: [
          {
            message: 'Errors from remote server',
            extensions: { code: 'unexpected', path: '$', internal: { errors } },
          },
        ],
      });
    }
    service.answerWith({ body: { data: { f0: null, f1: null }, errors: null } });
    expect(await api.query('{ note { thing { id } } }')).toEqual({
      data: { note: [{ thing: null }, { thing: null }] },
    });
  });
});
