/** What is wrong with custom types and actions. Source: spec/actions.md 2.2, 3, 4. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type JsonLike, type Project, project } from '../../support/project.ts';

let api: Project;

beforeAll(async () => {
  api = await project({
    tables: 'create table users (id int primary key); create schema app; create table app.notes (id int)',
    metadata: [{ table: 'users' }, { table: { schema: 'app', name: 'notes' } }],
    engine: { environment: { ...process.env, HANDLERS: 'http://h' } },
  });
});
afterAll(() => api?.close());
beforeEach(async () => {
  const { body } = await api.command('export_metadata', {});
  const args = { ...(body as { [key: string]: JsonLike }), actions: [], custom_types: {} };
  expect(await api.command('replace_metadata', args)).toMatchObject({ status: 200 });
});

const field = (name: string, type: string) => ({ name, type });
const person = (more: object = {}) => ({
  name: 'Person',
  fields: [field('id', 'Int!'), field('ids', '[Int]')],
  ...more,
});
const relationship = (more: object = {}) => ({
  name: 'user',
  type: 'object',
  remote_table: 'users',
  field_mapping: { id: 'id' },
  ...more,
});
const set = (types: object) => api.command('set_custom_types', types as JsonLike);

describe('custom types', () => {
  test.each<[string, object]>([
    [
      'duplicate type names: "A", "Int"',
      { scalars: [{ name: 'A' }, { name: 'Int' }], enums: [{ name: 'A', values: [{ value: 'X' }] }] },
    ],
    [
      'duplicate type names: "A", "B"',
      {
        enums: [{ name: 'B', values: [{ value: 'X' }] }],
        input_objects: [{ name: 'B', fields: [field('a', 'Int')] }],
        objects: [{ name: 'A', fields: [field('a', 'Int')] }],
        scalars: [{ name: 'A' }],
      },
    ],
    [
      'the enum type "E" has duplicate values: "X"',
      { enums: [{ name: 'E', values: [{ value: 'X' }, { value: 'X' }] }] },
    ],
    [
      'the type name "app_notes" is that of table app.notes in source default',
      { scalars: [{ name: 'app_notes' }] },
    ],
    ['the type name "query_root" is reserved', { scalars: [{ name: 'query_root' }] }],
    [
      'the input object "I" has duplicate fields: "a"',
      { input_objects: [{ name: 'I', fields: [field('a', 'Int'), field('a', 'Int')] }] },
    ],
    [
      'the type "Nope" for field "a" in  input object type "I" does not exist',
      { input_objects: [{ name: 'I', fields: [field('a', '[Nope!]')] }] },
    ],
    [
      'the type "Person" for field "a" in  input object type "I" does not exist',
      { objects: [person()], input_objects: [{ name: 'I', fields: [field('a', 'Person')] }] },
    ],
    [
      'the type "Nope" for field "a" in  object type "O" does not exist',
      { objects: [{ name: 'O', fields: [field('a', 'Nope')] }] },
    ],
    [
      'the object "O" can\'t have arguments',
      { objects: [{ name: 'O', fields: [{ ...field('a', 'Int'), arguments: [] }] }] },
    ],
    [
      'the object "Person" has duplicate fields: "id"',
      { objects: [person({ relationships: [relationship({ name: 'id' })] })] },
    ],
    [
      'the remote table "app.users" for relationship "user" of object type "Person" does not exist',
      {
        objects: [
          person({ relationships: [relationship({ remote_table: { schema: 'app', name: 'users' } })] }),
        ],
      },
    ],
    [
      'the field "no" for relationship "user" in object type "Person" does not exist',
      { objects: [person({ relationships: [relationship({ field_mapping: { no: 'id' } })] })] },
    ],
    [
      'the type of the field "ids" for relationship "user" in object type "Person" is a list type',
      { objects: [person({ relationships: [relationship({ field_mapping: { ids: 'id' } })] })] },
    ],
    [
      'the column "no" of remote table "app.notes" for relationship "user" of object type "Person" does not exist',
      {
        objects: [
          person({
            relationships: [
              relationship({ remote_table: { schema: 'app', name: 'notes' }, field_mapping: { id: 'no' } }),
            ],
          }),
        ],
      },
    ],
  ])('%s', async (reason, types) => {
    const message = `Inconsistent object: validation for the given custom types failed because ${reason}`;
    const { status, body } = await set(types);
    expect({ status, body }).toMatchObject({
      status: 400,
      body: {
        error: message,
        path: '$.args',
        code: 'invalid-configuration',
        internal: [{ reason: message, name: 'custom_types custom_types', type: 'custom_types' }],
      },
    });
  });

  test('several reasons are a list', async () => {
    const { body } = await set({ objects: [{ name: 'O', fields: [field('a', 'X'), field('b', 'Y')] }] });
    expect(body).toMatchObject({
      error:
        'Inconsistent object: validation for the given custom types failed for the following reasons:\n' +
        '  • the type "X" for field "a" in  object type "O" does not exist\n  • the type "Y" for field "b" in  object type "O" does not exist\n',
    });
  });

  test.each<[string, string, object]>([
    [
      '$.args.objects[0].fields[0].type',
      'not a valid GraphQL type: [Int',
      { objects: [{ name: 'O', fields: [field('a', '[Int')] }] },
    ],
    [
      '$.args.objects[0].name',
      'a-b is not valid GraphQL name',
      { objects: [{ name: 'a-b', fields: [field('a', 'Int')] }] },
    ],
    [
      '$.args.objects[0].fields',
      'parsing NonEmpty failed, unexpected empty list',
      { objects: [{ name: 'O', fields: [] }] },
    ],
  ])('%s: %s', async (path, error, types) => {
    expect(await set(types)).toEqual({ status: 400, body: { path, error, code: 'parse-failed' } });
  });

  test('PostgreSQL types may be used without a declaration', async () => {
    expect(
      await set({
        objects: [{ name: 'O', fields: [field('a', 'uuid!'), field('b', '[jsonb]'), field('c', 'bigint')] }],
      }),
    ).toMatchObject({ status: 200 });
    expect(await set({ objects: [{ name: 'O', fields: [field('a', 'int8')] }] })).toMatchObject({
      status: 400,
    });
  });

  test('a table that a type leads to stays, or takes the relationship along', async () => {
    await set({ objects: [person({ relationships: [relationship()] })] });
    expect(await api.command('pg_untrack_table', { table: 'users' })).toMatchObject({
      status: 400,
      body: { code: 'dependency-error' },
    });
    expect(await api.command('pg_untrack_table', { table: 'users', cascade: true })).toMatchObject({
      status: 200,
    });
    const { body } = await api.command('export_metadata', {});
    expect(body).toMatchObject({ custom_types: { objects: [{ name: 'Person', fields: person().fields }] } });
    expect(JSON.stringify(body)).not.toContain('relationships');
    await api.command('pg_track_table', { table: 'users' });
  });
});

describe('actions', () => {
  const create = (definition: object, name = 'act') =>
    api.command('create_action', {
      name,
      definition: { handler: '{{HANDLERS}}/x', ...definition },
    } as JsonLike);

  beforeEach(() =>
    set({
      enums: [{ name: 'E', values: [{ value: 'X' }] }],
      objects: [
        { name: 'Inner', fields: [field('a', 'Int')] },
        {
          name: 'Mixed',
          fields: [field('id', 'Int'), field('inner', 'Inner')],
          relationships: [relationship()],
        },
        {
          name: 'Wrong',
          fields: [field('inner', 'Inner')],
          relationships: [relationship({ field_mapping: { inner: 'id' } })],
        },
      ],
    }),
  );

  test.each<[string, object]>([
    [
      'the type: "Inner" is not defined in custom types or it is not a scalar/enum/input_object',
      { output_type: 'Int', arguments: [field('a', '[Inner]')] },
    ],
    [
      'the type: "Nope" is not defined in custom types or it is not a scalar/enum/input_object',
      { output_type: 'Int', arguments: [field('a', 'Nope')] },
    ],
    ['the type: "E" is not an object or scalar type defined in custom types', { output_type: 'E' }],
    ['the type: "Nope" is not an object or scalar type defined in custom types', { output_type: '[Nope]' }],
    ['Relationships cannot be defined with nested object fields: "user"', { output_type: 'Wrong' }],
    [
      'Async action relations cannot be used with object fields: "inner"',
      { output_type: 'Mixed', kind: 'asynchronous' },
    ],
    ['Value for environment variables not found: A, B', { output_type: 'Int', handler: '{{A}}/{{B}}' }],
  ])('%s', async (reason, definition) => {
    const message = `Inconsistent object: in action "act"; ${reason}`;
    expect(await create(definition)).toMatchObject({
      status: 400,
      body: {
        error: message,
        code: 'invalid-configuration',
        internal: [{ reason: message, name: 'action act', type: 'action' }],
      },
    });
  });

  test.each<[string, string, object]>([
    ['$.args.definition.timeout', 'timeout value cannot be negative', { timeout: -1 }],
    ['$.args.definition.type', 'expected mutation or query, but found x', { type: 'x' }],
    ['$.args.definition.headers[0]', 'expecting value or value_from_env keys', { headers: [{ name: 'a' }] }],
    [
      '$.args.definition.headers[0]',
      'env variables starting with "HASURA_GRAPHQL_" are not allowed in value_from_env: HASURA_GRAPHQL_ADMIN_SECRET',
      { headers: [{ name: 'a', value_from_env: 'HASURA_GRAPHQL_ADMIN_SECRET' }] },
    ],
    [
      '$.args.definition.request_transform.version',
      'expected 1 or 2, encountered 3',
      { request_transform: { version: 3 } },
    ],
    [
      '$.args.definition.response_transform.body.action',
      'invalid transform action',
      { response_transform: { version: 2, body: { action: 'x' } } },
    ],
  ])('%s: %s', async (path, error, definition) => {
    expect(await create({ output_type: 'Int', ...definition })).toEqual({
      status: 400,
      body: { path, error, code: 'parse-failed' },
    });
  });

  test('templates that cannot be read are refused with their places', async () => {
    expect(await create({ output_type: 'Int', request_transform: { url: '{{~', body: '[' } })).toMatchObject({
      status: 400,
      body: {
        code: 'validation-failed',
        error: 'request transform validation failed',
        internal: [{ error_code: 'Lex Error' }, { error_code: 'Parse Error' }],
      },
    });
  });

  test('life of an action', async () => {
    expect(await create({ output_type: 'Mixed!' })).toEqual({ status: 200, body: { message: 'success' } });
    expect(await create({ output_type: 'Int' })).toMatchObject({
      status: 400,
      body: { code: 'already-exists', error: 'action with name "act" already exists' },
    });
    const permission = { action: 'act', role: 'user' };
    expect(await api.command('create_action_permission', permission)).toMatchObject({ status: 200 });
    expect(await api.command('create_action_permission', permission)).toMatchObject({
      body: { code: 'already-exists', error: 'permission for role "user" is already defined on "act"' },
    });
    expect(await api.command('create_action_permission', { action: 'no', role: 'user' })).toMatchObject({
      body: { code: 'not-exists', error: 'action with name "no" does not exist' },
    });
    expect(
      await api.command('update_action', {
        name: 'act',
        comment: 'c',
        definition: { handler: 'http://h', output_type: 'Int', type: 'query' },
      }),
    ).toMatchObject({ status: 200 });
    expect((await api.command('export_metadata', {})).body).toMatchObject({
      actions: [
        {
          name: 'act',
          comment: 'c',
          definition: {
            handler: 'http://h',
            output_type: 'Int',
            type: 'query',
            ignored_client_headers: expect.arrayContaining(['Content-Length']),
          },
          permissions: [{ role: 'user' }],
        },
      ],
    });
    expect(await api.command('drop_action_permission', permission)).toMatchObject({ status: 200 });
    expect(await api.command('drop_action_permission', permission)).toMatchObject({
      body: { code: 'not-exists', error: 'permission for role: "user" is not defined on "act"' },
    });
    expect(await api.command('drop_action', { name: 'act' })).toMatchObject({ status: 200 });
    expect(await api.command('drop_action', { name: 'act' })).toMatchObject({
      body: { code: 'not-exists', error: 'action with name "act" does not exist' },
    });
  });

  test('a type that an action needs does not go', async () => {
    expect(await create({ output_type: 'Mixed' })).toMatchObject({ status: 200 });
    expect(await set({})).toMatchObject({
      status: 400,
      body: {
        code: 'unexpected',
        error: 'cannot continue due to new inconsistent metadata',
        internal: [{ name: 'action act' }],
      },
    });
  });

  test('an action does not take the name of a root field', async () => {
    expect(await create({ output_type: 'Int', type: 'query' }, 'users')).toMatchObject({
      status: 500,
      body: {
        code: 'unexpected',
        error: expect.stringContaining("'users' defined in [action users, table users in source default]"),
      },
    });
  });
});
