/** What a role may use of a service. Source: spec/remote-schemas.md 7. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { GraphqlServer } from '../../support/graphql-server.ts';
import { graphqlError, type Project } from '../../support/project.ts';
import { projectWith, startAnimals } from './support.ts';

let animals: GraphqlServer;
let api: Project;

const schema = `
  interface Animal { id: ID! name: String }
  type Cat implements Animal { id: ID! name: String }
  type Person { id: ID! pets: [Animal!]! }
  enum Size { SMALL LARGE }
  input Range { from: Int @preset(value: "x-hasura-from") to: Int! @preset(value: 5) }
  input Filter { size: Size range: Range tenant: String @preset(value: "x-hasura-tenant") }
  scalar Anything
  type Store { items(size: Size @preset(value: LARGE), owner: String @preset(value: "x-hasura-user-id")): [String!]! }
  type Query {
    store(name: String, tenant: String @preset(value: "x-hasura-tenant"), filter: Filter): Store
    animals(where: Filter, limit: Int @preset(value: 10)): [Animal!]!
    person(id: ID! @preset(value: "x-hasura-user-id")): Person
    echo(filter: Filter, size: Size @preset(value: "x-hasura-size"), text: String @preset(value: "x-hasura-text", static: true)): String
  }`;

beforeAll(async () => {
  animals = await startAnimals();
  api = await projectWith(animals, {
    permissions: [{ role: 'user', definition: { schema } }],
    engine: { enableRemoteSchemaPermissions: true },
  });
});
beforeEach(() => animals.forget());
afterAll(async () => {
  await api?.close();
  await animals?.close();
});

const session = {
  'x-hasura-user-id': '1',
  'x-hasura-tenant': 'acme',
  'x-hasura-from': '2',
  'x-hasura-size': 'LARGE',
};
const user = () => api.as('user', session);

test.each([
  ['{ broken }', '$.selectionSet.broken', "field 'broken' not found in type: 'query_root'"],
  ['mutation { rename(id: 1, name: "x") { id } }', '$', 'no mutations exist'],
  [
    '{ person { name } }',
    '$.selectionSet.person.selectionSet.name',
    "field 'name' not found in type: 'Person'",
  ],
  ['{ person(id: 2) { id } }', '$.selectionSet.person', "'person' has no argument named 'id'"],
  [
    '{ animals(where: {tenant: "other"}) { id } }',
    '$.selectionSet.animals.args.where.tenant',
    "field 'tenant' not found in type: 'Filter'",
  ],
])('%s is not there', async (document, path, message) => {
  expect(await user().query(document)).toEqual(graphqlError('validation-failed', path, message));
});

test('a role without permission sees nothing, the administrator all', async () => {
  expect(await api.as('other').query('{ person { id } }')).toEqual(
    graphqlError(
      'validation-failed',
      '$.selectionSet.person',
      "field 'person' not found in type: 'query_root'",
    ),
  );
  expect(await api.query('{ person(id: 1) { name } }')).toEqual({ data: { person: { name: 'Ann' } } });
});

test('introspection shows what is permitted, without presets', async () => {
  const answer = (await user().query(
    '{ __schema { types { name fields { name args { name } } inputFields { name } } } }',
  )) as { data: { __schema: { types: { name: string; fields: unknown; inputFields: unknown }[] } } };
  const find = (name: string) => answer.data.__schema.types.find((type) => type.name === name);
  expect(['Dog', 'Range', 'Found', 'Cat'].map((name) => find(name)?.name)).toEqual([
    undefined,
    undefined,
    undefined,
    'Cat',
  ]);
  expect(find('Filter')?.inputFields).toEqual([{ name: 'size' }]);
  expect(find('query_root')?.fields).toContainEqual({ name: 'person', args: [] });
});

test('presets are sent', async () => {
  expect(await user().query('{ person { id } }')).toEqual({ data: { person: { id: '1' } } });
  await user().query('{ echo(filter: {size: SMALL}) }');
  expect(animals.operations).toEqual([
    {
      query: 'query ($x_hasura_user_id: ID!) { person(id: $x_hasura_user_id) { id  } }',
      variables: { x_hasura_user_id: '1' },
    },
    {
      query:
        'query ($x_hasura_from: Int,$x_hasura_tenant: String,$x_hasura_size: Size) { echo(filter: {size: SMALL,range: {from: $x_hasura_from,to: 5},tenant: $x_hasura_tenant},size: $x_hasura_size,text: "x-hasura-text")  }',
      variables: { x_hasura_from: 2, x_hasura_tenant: 'acme', x_hasura_size: 'LARGE' },
    },
  ]);
});

test('variables are sent with the presets in them', async () => {
  await user().query('query ($filter: Filter) { animals(where: $filter) { id } }', {
    filter: { size: 'SMALL' },
  });
  expect(animals.operations).toEqual([
    {
      query: 'query ($filter: Filter) { animals(where: $filter,limit: 10) { id  } }',
      variables: { filter: { size: 'SMALL', range: { from: 2, to: 5 }, tenant: 'acme' } },
    },
  ]);
});

test.each([
  ['{ animals { id } }', undefined],
  ['{ animals(where: null) { id } }', undefined],
  ['query ($w: Filter) { animals(where: $w) { id } }', { w: null }],
  ['query ($w: Filter) { animals(where: $w) { id } }', {}],
])(
  'what is preset in an argument is not got around by leaving it out: %s %j',
  async (document, variables) => {
    await user().query(document, variables);
    expect(animals.operations[0]?.query).toContain(
      'where: {range: {from: $x_hasura_from,to: 5},tenant: $x_hasura_tenant}',
    );
  },
);

test('objects of types that are not permitted show the fields of the interface', async () => {
  expect(await user().query('{ person { pets { id __typename ... on Dog { tricks } } } }')).toEqual({
    data: {
      person: {
        pets: [
          { id: '2', __typename: 'Cat' },
          { id: '3', __typename: 'Animal' },
        ],
      },
    },
  });
  expect(animals.operations[0]?.query).not.toContain('tricks');
});

test('presets hold on the way of a relationship, too', async () => {
  const place = { source: 'default', table: 'note', name: 'items' };
  const created = await api.command('pg_create_remote_relationship', {
    ...place,
    definition: {
      to_remote_schema: {
        remote_schema: 'animals',
        lhs_fields: ['text'],
        remote_field: { store: { arguments: { name: '$text' }, field: { items: { arguments: {} } } } },
      },
    },
  });
  expect(created).toMatchObject({ status: 200 });
  try {
    const answer = (await user().query('{ note { items } }')) as { data: { note: { items: string[] }[] } };
    expect(answer.data.note.map(({ items }) => items.map((item) => JSON.parse(item)))).toEqual([
      [
        {
          name: 'one',
          tenant: 'acme',
          filter: { range: { from: 2, to: 5 }, tenant: 'acme' },
          size: 'LARGE',
          owner: '1',
        },
      ],
    ]);
  } finally {
    await api.command('pg_delete_remote_relationship', place);
  }
});

test.each([
  [{ ...session, 'x-hasura-from': 'two' }, 'coercion-error', '"two" cannot be coerced into an Int value'],
  [{ ...session, 'x-hasura-size': 'HUGE' }, 'coercion-error', '"HUGE" is not one of the valid enum values'],
  [{ ...session, 'x-hasura-size': 'a b' }, 'coercion-error', '"a b" is not a valid GraphQL name'],
  [{ 'x-hasura-user-id': '1' }, 'not-found', '"x-hasura-from" session variable expected, but not found'],
])('%j cannot be sent', async (variables, code, message) => {
  expect(await api.as('user', variables).query('{ echo }')).toEqual(graphqlError(code, '$', message));
  expect(animals.operations).toEqual([]);
});

test('permissions come and go', async () => {
  const place = { remote_schema: 'animals', role: 'new' };
  const add = (text: string, role = 'new') =>
    api.command('add_remote_schema_permissions', { ...place, role, definition: { schema: text } });
  expect(await add('type Query { broken: Int }')).toEqual({
    status: 400,
    body: {
      code: 'validation-failed',
      path: '$.args',
      error:
        'validation for the given role-based schema failed because expected type of "broken"("Object field") to be String but received Int',
    },
  });
  expect((await add('type Query { broken: String }', 'admin')).body).toMatchObject({
    code: 'constraint-violation',
    error: 'cannot define permission for admin role',
  });
  expect(await add('type Query { broken: String }')).toMatchObject({ status: 200 });
  expect((await add('type Query { broken: String }')).body).toMatchObject({
    code: 'already-exists',
    error: 'permissions for role: "new" for remote schema:"animals" already exists',
  });
  expect(await api.as('new').query('{ broken }')).toMatchObject({ errors: [{ message: 'out of order' }] });
  expect(await api.command('drop_remote_schema_permissions', place)).toMatchObject({ status: 200 });
  expect((await api.command('drop_remote_schema_permissions', place)).body).toMatchObject({
    code: 'not-exists',
    error: `permissions for role: "new" for remote schema:"animals" doesn't exist`,
  });
  expect(await api.as('new').query('{ broken }')).toMatchObject({
    errors: [{ extensions: { code: 'validation-failed' } }],
  });
});

test('without the switch permissions are neither taken nor looked at', async () => {
  const open = await projectWith(animals, { permissions: [{ role: 'user', definition: { schema } }] });
  try {
    expect(await open.as('user').query('{ person(id: 1) { name } }')).toEqual({
      data: { person: { name: 'Ann' } },
    });
    const answer = await open.command('add_remote_schema_permissions', {
      remote_schema: 'animals',
      role: 'new',
      definition: { schema: 'type Query { broken: String }' },
    });
    expect(answer.body).toMatchObject({
      code: 'constraint-violation',
      error:
        'remote schema permissions can only be added when remote schema permissions are enabled in the graphql-engine',
    });
  } finally {
    await open.close();
  }
});
