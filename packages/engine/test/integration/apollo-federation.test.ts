/** A subgraph of an Apollo federation. Source: spec/remote-schemas.md 11. */
import { buildASTSchema, parse, validateSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, graphqlError, type Project, project } from '../support/project.ts';

let api: Project;
let user: Caller;

const federated = { enable: 'v1' };
const path = '$.selectionSet._entities.args.representations';

beforeAll(async () => {
  api = await project({
    engine: { enableApolloFederation: true },
    tables: `
      create table person (id bigint primary key, name text not null, mail text, boss bigint references person (id));
      comment on table person is 'People, with """quotes""" \\ and more';
      insert into person values (1, 'Ann', 'a@x', null), (2, 'Bo', 'b@x', 1), (3, 'Cy', null, 1), (9007199254740993, 'Big', null, null);
      create table seat (room text, number int, note text, primary key (room, number));
      insert into seat values ('a', 1, 'window'), ('a', 2, 'door');
      create table plain (id int primary key);
      create table partly (id int primary key, owner int, note text);
      insert into partly values (1, 1, 'mine'), (2, 2, 'other')`,
    metadata: {
      sources: [
        {
          name: 'default',
          kind: 'postgres',
          configuration: { connection_info: { database_url: { from_env: 'HASURA_GRAPHQL_DATABASE_URL' } } },
          tables: [
            {
              table: { schema: 'public', name: 'person' },
              apollo_federation_config: federated,
              object_relationships: [{ name: 'leader', using: { foreign_key_constraint_on: 'boss' } }],
              select_permissions: [
                { role: 'user', permission: { columns: ['id', 'name'], filter: { id: { _lt: 3 } } } },
                { role: 'nameless', permission: { columns: ['name'], filter: {} } },
                { role: 'closed', permission: { columns: ['id'], filter: {}, query_root_fields: [] } },
              ],
            },
            { table: { schema: 'public', name: 'seat' }, apollo_federation_config: federated },
            { table: { schema: 'public', name: 'plain' } },
            {
              table: { schema: 'public', name: 'partly' },
              apollo_federation_config: federated,
              select_permissions: [
                { role: 'noted', permission: { columns: ['note'], filter: {} } },
                { role: 'owned', permission: { columns: ['id'], filter: { owner: { _eq: 1 } } } },
              ],
            },
          ],
        },
      ],
      inherited_roles: [{ role_name: 'both', role_set: ['noted', 'owned'] }],
    },
  });
  user = api.as('user');
});

afterAll(() => api?.close());

const everything = `query ($some: [_Any!]!) { _entities(representations: $some) {
  __typename ... on person { id name leader { name } } ... on seat { room number note } ... on partly { id note }
} }`;

describe('_entities', () => {
  test('finds rows of several types in the given order, null where there is none', async () => {
    const some = [
      { __typename: 'seat', room: 'a', number: 2 },
      { __typename: 'person', id: 2 },
      { __typename: 'person', id: 99 },
      { __typename: 'person', id: '2', name: 'ignored' },
      { __typename: 'person', id: null },
      { __typename: 'seat', number: 1, room: 'a' },
    ];
    const bo = { __typename: 'person', id: 2, name: 'Bo', leader: { name: 'Ann' } };
    expect(await api.query(everything, { some })).toEqual({
      data: {
        _entities: [
          { __typename: 'seat', room: 'a', number: 2, note: 'door' },
          bo,
          null,
          bo,
          null,
          { __typename: 'seat', room: 'a', number: 1, note: 'window' },
        ],
      },
    });
  });

  test('takes representations from the document, keeps their digits, and no representation at all', async () => {
    const text = `query ($name: String!) { _entities(representations: [{__typename: $name, id: 9007199254740993}]) { ... on person { id name } } }`;
    expect(await api.queryText(text, { name: 'person' })).toBe(
      '{"data":{"_entities":[{"id":9007199254740993,"name":"Big"}]}}',
    );
    expect(await api.query(everything, { some: [] })).toEqual({ data: { _entities: [] } });
  });

  test('obeys the rule of the role', async () => {
    const some = [1, 2, 3].map((id) => ({ __typename: 'person', id }));
    const document =
      'query ($some: [_Any!]!) { _entities(representations: $some) { ... on person { name } } }';
    expect(await user.query(document, { some })).toEqual({
      data: { _entities: [{ name: 'Ann' }, { name: 'Bo' }, null] },
    });
    expect(
      await user.query(
        'query ($some: [_Any!]!) { _entities(representations: $some) { ... on person { mail } } }',
        {
          some,
        },
      ),
    ).toMatchObject({ errors: [{ message: "field 'mail' not found in type: 'person'" }] });
  });

  test('is not there for roles without the whole key, or that may not begin at the table', async () => {
    const missing = graphqlError(
      'validation-failed',
      '$.selectionSet._entities',
      "field '_entities' not found in type: 'query_root'",
    );
    const document = '{ _entities(representations: []) { __typename } }';
    expect(await api.as('nameless').query(document)).toEqual(missing);
    expect(await api.as('closed').query(document)).toEqual(missing);
    expect(await api.as('stranger').query(document)).toEqual(missing);
  });

  test('does not find rows by a key that is hidden on them', async () => {
    const some = [1, 2].map((id) => ({ __typename: 'partly', id }));
    const document =
      'query ($some: [_Any!]!) { _entities(representations: $some) { ... on partly { id note } } }';
    expect(await api.as('both').query(document, { some })).toEqual({
      data: { _entities: [{ id: 1, note: 'mine' }, null] },
    });
  });

  test('refuses what is no representation', async () => {
    const faultOf = (one: unknown) => api.query(everything, { some: [one] as never });
    const refused = (message: string) => graphqlError('validation-failed', path, message);
    expect(await faultOf({ id: 1 })).toEqual(refused('__typename key not found'));
    expect(await faultOf({ __typename: 1 })).toEqual(refused('__typename can only be a string value'));
    expect(await faultOf('person')).toEqual(refused('representations is expecting a list of objects only'));
    expect(await faultOf({ __typename: 'person' })).toEqual(refused('cannot find id in _Any type'));
    expect(await faultOf({ __typename: 'plain', id: 1 })).toEqual(
      refused('plain is not found in selection set or apollo federation is not enabled for the type'),
    );
    expect(await faultOf({ __typename: 'person', id: 'x' })).toMatchObject({
      errors: [{ extensions: { code: 'data-exception' } }],
    });
    expect(await api.query('{ _entities(representations: []) }')).toEqual(
      graphqlError(
        'validation-failed',
        '$.selectionSet._entities.selectionSet',
        "missing selection set for '_Entity'",
      ),
    );
  });
});

describe('_service', () => {
  const sdlOf = async (caller: Caller): Promise<string> => {
    const { data } = (await caller.query('{ _service { __typename sdl } }')) as {
      data: { _service: { __typename: string; sdl: string } };
    };
    expect(data._service.__typename).toBe('_Service');
    return data._service.sdl;
  };
  const directive = 'directive @key(fields: String!) repeatable on OBJECT | INTERFACE\n';

  test('defines the whole schema but the parts of the federation', async () => {
    const sdl = await sdlOf(api);
    const schema = buildASTSchema(parse(directive + sdl));
    expect(validateSchema(schema)).toEqual([]);
    expect(sdl).toContain('type person @key(fields: "id") {');
    expect(sdl).toContain('type seat @key(fields: "room number") {');
    expect(sdl).toContain('type plain {');
    expect(schema.getType('person')?.description).toBe('People, with """quotes""" \\ and more');
    expect(Object.keys(schema.getTypeMap()).filter((name) => /^_[^_]/.test(name))).toEqual([]);
    expect(Object.keys(schema.getQueryType()?.getFields() ?? {}).sort()).toEqual([
      'partly',
      'partly_aggregate',
      'partly_by_pk',
      'person',
      'person_aggregate',
      'person_by_pk',
      'plain',
      'plain_aggregate',
      'plain_by_pk',
      'seat',
      'seat_aggregate',
      'seat_by_pk',
    ]);
  });

  test('shows a role its own part', async () => {
    const sdl = await sdlOf(user);
    expect(validateSchema(buildASTSchema(parse(directive + sdl)))).toEqual([]);
    expect(sdl).not.toContain('mail');
    expect(sdl).not.toContain('seat');
    expect(await sdlOf(api.as('nameless'))).toContain('type person {');
  });

  test('follows the metadata', async () => {
    const table = { schema: 'public', name: 'seat' };
    await api.command('pg_set_apollo_federation_config', { table, apollo_federation_config: null });
    expect(await sdlOf(api)).toContain('type seat {');
    await api.command('pg_set_apollo_federation_config', { table, apollo_federation_config: federated });
    expect(await sdlOf(api)).toContain('type seat @key(fields: "room number") {');
  });
});

test('a server that is no subgraph has none of it', async () => {
  const alone = await project({ tables: 'create table t (id int primary key)', metadata: [{ table: 't' }] });
  try {
    expect(await alone.query('{ _service { sdl } }')).toMatchObject({
      errors: [{ message: "field '_service' not found in type: 'query_root'" }],
    });
  } finally {
    await alone.close();
  }
});
