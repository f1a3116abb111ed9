/** Relationships that lead to remote schemas, and from them to tables. Source: spec/remote-schemas.md 8 to 10. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type GraphqlService, startGraphqlService } from '../support/graphql-service.ts';
import { type JsonLike, type Project, project } from '../support/project.ts';

const sdl = `
  enum Size { SMALL LARGE }
  input Range { from: Int to: Int }
  input Search { city: Int range: Range size: Size tenant: String }
  interface Place { id: Int! name: String }
  type City implements Place { id: Int! name: String mayor: Person population: Int }
  type Park implements Place { id: Int! name: String city_id: Int }
  type Person { id: Int! name: String! }
  type Country { city(id: Int!): City }
  type Query {
    city(id: Int!, size: Size): City
    cities(ids: [Int!]!): [City!]!
    search(where: Search, limit: Int): [Place]
    country(code: String!): Country
    broken(id: Int!): String
  }`;

let service: GraphqlService;
let api: Project;

const cities: Record<
  number,
  { id: number; name: string; population: number; mayor: { id: number; name: string } | null }
> = {
  1: { id: 1, name: 'Bern', population: 133_000, mayor: { id: 10, name: 'Mia' } },
  2: { id: 2, name: 'Rom', population: 2_800_000, mayor: null },
};

const toField = (fields: readonly string[], field: JsonLike): JsonLike => ({
  to_remote_schema: { remote_schema: 'places', lhs_fields: [...fields], remote_field: field },
});

beforeAll(async () => {
  service = await startGraphqlService(sdl, {
    city: ({ id, size }: { id: number; size?: string }) =>
      cities[id] && {
        ...cities[id],
        name: size === undefined ? cities[id].name : `${size} ${cities[id].name}`,
      },
    cities: ({ ids }: { ids: number[] }) => ids.flatMap((id) => cities[id] ?? []),
    search: ({
      where,
      limit,
    }: {
      where: { city: number; range?: { from: number; to: number }; size?: string };
      limit?: number;
    }) =>
      [
        { __typename: 'City', ...cities[where.city] },
        { __typename: 'Park', id: 99, name: JSON.stringify(where), city_id: 2 },
      ].slice(0, limit ?? 2),
    country: ({ code }: { code: string }) =>
      code === 'XX' ? null : { city: ({ id }: { id: number }) => cities[id] },
    broken: () => {
      throw new Error('out of order');
    },
  });
  api = await project({
    tables: `
      create table visit (id int primary key, city int, country text, owner int, ref bigint);
      insert into visit values (1, 1, 'CH', 1, 1), (2, 2, 'IT', 1, 1), (3, 1, 'CH', 2, 1), (4, null, 'CH', 2, 1), (5, 7, 'XX', 2, 1);
      create table note (id int primary key, city int, text text, owner int);
      insert into note values (1, 1, 'old town', 1), (2, 1, 'hidden', 2), (3, 2, 'forum', 1)`,
    engine: { enableRemoteSchemaPermissions: true },
    metadata: {
      remote_schemas: [
        {
          name: 'places',
          definition: {
            url: service.url,
            customization: {
              type_names: { prefix: 'P_' },
              field_names: [{ parent_type: 'City', mapping: { population: 'people' } }],
            },
          },
          permissions: [
            {
              role: 'user',
              definition: {
                schema: `
                  type City { id: Int! name: String }
                  type Query { city(id: Int!): City search(where: Search): [Place] }
                  enum Size { SMALL LARGE }
                  input Search { city: Int size: Size tenant: String @preset(value: "x-hasura-tenant") }
                  interface Place { id: Int! name: String }
                  type Park implements Place { id: Int! name: String }`,
              },
            },
          ],
          remote_relationships: [
            {
              type_name: 'City',
              relationships: [
                {
                  name: 'notes',
                  definition: {
                    to_source: {
                      relationship_type: 'array',
                      source: 'default',
                      table: { schema: 'public', name: 'note' },
                      field_mapping: { id: 'city' },
                    },
                  },
                },
                { name: 'again', definition: toField(['id'], { city: { arguments: { id: '$id' } } }) },
              ],
            },
          ],
        },
      ],
      sources: [
        {
          name: 'default',
          kind: 'postgres',
          configuration: { connection_info: { database_url: { from_env: 'HASURA_GRAPHQL_DATABASE_URL' } } },
          tables: [
            {
              table: { schema: 'public', name: 'visit' },
              remote_relationships: [
                { name: 'place', definition: toField(['city'], { city: { arguments: { id: '$city' } } }) },
                {
                  name: 'places',
                  definition: toField(['city'], { cities: { arguments: { ids: ['$city'] } } }),
                },
                {
                  name: 'around',
                  definition: toField(['city'], {
                    search: { arguments: { where: { city: '$city', range: { from: 1 } } } },
                  }),
                },
                {
                  name: 'found',
                  definition: toField(['city'], { search: { arguments: { where: { city: '$city' } } } }),
                },
                {
                  name: 'capital',
                  definition: toField(['city', 'country'], {
                    country: {
                      arguments: { code: '$country' },
                      field: { city: { arguments: { id: '$city' } } },
                    },
                  }),
                },
                { name: 'broken', definition: toField(['id'], { broken: { arguments: { id: '$id' } } }) },
              ],
              select_permissions: [
                {
                  role: 'user',
                  permission: { columns: ['id'], filter: { owner: { _eq: 'X-Hasura-User-Id' } } },
                },
                { role: 'stranger', permission: { columns: ['id'], filter: {} } },
              ],
            },
            {
              table: { schema: 'public', name: 'note' },
              select_permissions: [
                {
                  role: 'user',
                  permission: { columns: ['text'], filter: { owner: { _eq: 'X-Hasura-User-Id' } } },
                },
              ],
            },
          ],
        },
      ],
    },
  });
});
afterAll(async () => {
  await api?.close();
  await service?.close();
});
beforeEach(() => {
  service.documents.length = 0;
});

test('equal values are asked for once, in one document; null asks for nothing', async () => {
  expect(
    await api.query('{ visit(order_by: {id: asc}) { id place { name people mayor { name } } } }'),
  ).toEqual({
    data: {
      visit: [
        { id: 1, place: { name: 'Bern', people: 133_000, mayor: { name: 'Mia' } } },
        { id: 2, place: { name: 'Rom', people: 2_800_000, mayor: null } },
        { id: 3, place: { name: 'Bern', people: 133_000, mayor: { name: 'Mia' } } },
        { id: 4, place: null },
        { id: 5, place: null },
      ],
    },
  });
  expect(service.documents).toEqual([
    'query  { f0: city(id: 1) { name  people: population  mayor { name  } } f1: city(id: 2) { name  people: population  mayor { name  } } f2: city(id: 7) { name  people: population  mayor { name  } } }',
  ]);
});

test("further arguments, variables and aliases are the client's own", async () => {
  const document = `query ($size: P_Size, $most: Int) {
    visit_by_pk(id: 1) { big: place(size: $size) { name } small: place(size: SMALL) { name __typename } around(limit: $most) { __typename id } } }`;
  expect(await api.query(document, { size: 'LARGE', most: 1 })).toEqual({
    data: {
      visit_by_pk: {
        big: { name: 'LARGE Bern' },
        small: { name: 'SMALL Bern', __typename: 'P_City' },
        around: [{ __typename: 'P_City', id: 1 }],
      },
    },
  });
});

test('what is fixed of an input object is no input, and the rest is joined to it', async () => {
  const document = (where: string) =>
    `{ visit_by_pk(id: 2) { around(where: ${where}) { ... on P_Park { name } } } }`;
  const answer = (await api.query(document('{size: LARGE, range: {to: 5}}'))) as {
    data: { visit_by_pk: { around: { name?: string }[] } };
  };
  expect(JSON.parse(answer.data.visit_by_pk.around[1]?.name ?? '')).toEqual({
    city: 2,
    range: { from: 1, to: 5 },
    size: 'LARGE',
  });
  expect(await api.query(document('{city: 1}'))).toMatchObject({
    errors: [{ message: "field 'city' not found in type: 'Search_remote_rel_visitaround'" }],
  });
  expect(await api.query('{ visit_by_pk(id: 2) { place(id: 1) { id } } }')).toMatchObject({
    errors: [{ message: "'place' has no argument named 'id'" }],
  });
});

test('a path of several fields; what it breaks off at is null', async () => {
  expect(
    await api.query('{ visit(order_by: {id: asc}, where: {id: {_in: [2, 5]}}) { capital { name } } }'),
  ).toEqual({
    data: { visit: [{ capital: { name: 'Rom' } }, { capital: null }] },
  });
  expect(service.documents[0]).toContain('f1: country(code: "XX") { city(id: 7) { name  } }');
});

test('lists of one value', async () => {
  expect(await api.query('{ visit_by_pk(id: 2) { places { id } } }')).toEqual({
    data: { visit_by_pk: { places: [{ id: 2 }] } },
  });
});

test('from a service to tables, back to the service, and on', async () => {
  const document = `{ city(id: 1) { name notes(order_by: {id: asc}) { text } again { id notes_aggregate { aggregate { count } } } } }`;
  expect(await api.query(document)).toEqual({
    data: {
      city: {
        name: 'Bern',
        notes: [{ text: 'old town' }, { text: 'hidden' }],
        again: { id: 1, notes_aggregate: { aggregate: { count: 2 } } },
      },
    },
  });
  expect(await api.query('{ visit(where: {id: {_eq: 1}}) { place { notes(limit: 1) { text } } } }')).toEqual({
    data: { visit: [{ place: { notes: [{ text: 'old town' }] } }] },
  });
});

test('errors of the service fail the whole operation', async () => {
  expect(await api.query('{ visit(limit: 1) { id broken } }')).toMatchObject({
    errors: [
      {
        message: 'Errors from remote server',
        extensions: { code: 'unexpected', path: '$', internal: { errors: [{ message: 'out of order' }] } },
      },
    ],
  });
});

describe('a role', () => {
  const user = () => api.as('user', { 'x-hasura-user-id': 1, 'x-hasura-tenant': 'acme' });

  test('is limited by its rule here, and by what it may see of the service there', async () => {
    expect(await user().query('{ visit(order_by: {id: asc}) { id place { name notes { text } } } }')).toEqual(
      {
        data: {
          visit: [
            { id: 1, place: { name: 'Bern', notes: [{ text: 'old town' }] } },
            { id: 2, place: { name: 'Rom', notes: [{ text: 'forum' }] } },
          ],
        },
      },
    );
    expect(await user().query('{ visit { place { people } } }')).toMatchObject({
      errors: [{ message: "field 'people' not found in type: 'P_City'" }],
    });
  });

  test('has no field whose path or fixed arguments it may not use', async () => {
    for (const field of ['places { id }', 'capital { id }', 'broken']) {
      const name = field.split(' ')[0];
      expect(await user().query(`{ visit { ${field} } }`)).toMatchObject({
        errors: [{ message: `field '${name}' not found in type: 'visit'` }],
      });
    }
    expect(await api.as('stranger').query('{ visit { place { id } } }')).toMatchObject({
      errors: [{ message: "field 'place' not found in type: 'visit'" }],
    });
  });

  test('sends its presets beside what the row gives', async () => {
    const answer = (await user().query(
      '{ visit(where: {id: {_eq: 1}}) { found { ... on P_Park { name } } } }',
    )) as {
      data: { visit: { found: { name?: string }[] }[] };
    };
    expect(JSON.parse(answer.data.visit[0]?.found[1]?.name ?? '')).toEqual({ city: 1, tenant: 'acme' });
  });
});
