/** What is tried against GraphQL servers: each is refused, or costs no more than an honest request. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parseCorsPolicy } from '../../src/server/configuration/cors-setting.ts';
import { type Caller, type Project, project } from '../support/project.ts';

let api: Project;
let user: Caller;
beforeAll(async () => {
  api = await project({
    tables: `
      create table person (id int primary key, name text, salary int, boss int references person (id));
      insert into person select n, 'p' || n, n, 1 from generate_series(1, 20) as n`,
    metadata: {
      sources: [
        {
          name: 'default',
          kind: 'postgres',
          configuration: {
            connection_info: { database_url: { from_env: 'HASURA_GRAPHQL_DATABASE_URL' } },
          },
          tables: [
            {
              table: { schema: 'public', name: 'person' },
              object_relationships: [{ name: 'superior', using: { foreign_key_constraint_on: 'boss' } }],
              array_relationships: [
                {
                  name: 'staff',
                  using: {
                    foreign_key_constraint_on: {
                      table: { schema: 'public', name: 'person' },
                      column: 'boss',
                    },
                  },
                },
              ],
              select_permissions: [{ role: 'user', permission: { columns: ['id', 'name'], filter: {} } }],
            },
          ],
        },
      ],
      api_limits: {
        disabled: false,
        depth_limit: { global: 6, per_role: {} },
        batch_limit: { global: 5, per_role: {} },
      },
      graphql_schema_introspection: { disabled_for_roles: ['closed'] },
    },
    engine: { corsPolicy: parseCorsPolicy('https://app.example') },
  });
  user = api.as('user');
});
afterAll(() => api?.close());
afterEach(async () => {
  expect(await user.query('{ person(where: {id: {_eq: 1}}) { name } }')).toEqual({
    data: { person: [{ name: 'p1' }] },
  });
});

const message = (answer: unknown): string =>
  (answer as { errors?: { message: string }[] }).errors?.[0]?.message ?? 'no error';

describe('overloading', () => {
  test('an alias for every hour of the year asks for no table more than it may', async () => {
    const aliases = Array.from({ length: 8_760 }, (_, n) => `a${n}: person_by_pk(id: 1) { id }`).join(' ');
    const answer = (await user.query(`{ ${aliases} }`)) as { data?: object };
    expect(Object.keys(answer.data ?? {})).toHaveLength(8_760);
    const more = Array.from({ length: 10_001 }, (_, n) => `a${n}: __typename`).join(' ');
    expect(message(await user.query(`{ ${more} }`))).toBe('the query has more than 10000 root fields');
  });

  test('repeated and unknown directives', async () => {
    const many = '@include(if: true) '.repeat(20_000);
    const answer = await user.query(`{ person(limit: 1) { id ${many} } }`);
    expect(message(answer)).toMatch(/directive/);
    expect(message(await user.query(`{ person(limit: 1) { id ${'@aa '.repeat(20_000)} } }`))).toMatch(
      /directive/,
    );
  });

  test('one field named a hundred thousand times is one field', async () => {
    expect(await user.query(`{ person(limit: 1) { ${'id '.repeat(100_000)} } }`)).toEqual({
      data: { person: [{ id: 1 }] },
    });
  });

  test('variables and operations that nobody uses', async () => {
    const declared = Array.from({ length: 10_000 }, (_, n) => `$v${n}: Int`).join(', ');
    expect(await user.query(`query (${declared}) { person(limit: 1) { id } }`)).toBeDefined();
    const unused = Array.from({ length: 5_000 }, (_, n) => `query q${n} { person { id } }`).join(' ');
    expect(message(await user.query(unused))).not.toBe('no error');
  });
});

describe('circles', () => {
  test('of fragments', async () => {
    const answer = await user.query(
      '{ person { ...a } } fragment a on person { ...b } fragment b on person { superior { ...a } }',
    );
    expect(message(answer)).toMatch(/cycle|spread/i);
  });

  test('of relationships, deeper than the limit', async () => {
    const inner = (depth: number): string => (depth === 0 ? 'id' : `staff { ${inner(depth - 1)} }`);
    expect(message(await user.query(`{ person { ${inner(10)} } }`))).toMatch(/depth/);
  });
});

test('introspection of fields of types of fields of types has an end', async () => {
  const inner = (depth: number): string => (depth === 0 ? 'name' : `fields { type { ${inner(depth - 1)} } }`);
  expect(message(await user.query(`{ __schema { types { ${inner(3)} } } }`))).toBe('no error');
  expect(message(await user.query(`{ __schema { types { ${inner(4)} } } }`))).toMatch(/nests more than 3/);
  const mixed = 'possibleTypes { interfaces { fields { type { inputFields { name } } } } }';
  expect(message(await user.query(`{ __type(name: "person") { ${mixed} } }`))).toMatch(/nests more than 3/);
});

describe('batches', () => {
  test('are limited, and each of their operations is counted', async () => {
    const batch = (size: number) =>
      user.request(
        '/v1/graphql',
        Array.from({ length: size }, () => ({ query: '{ person { id } }' })),
      );
    expect(await (await batch(5)).json()).toHaveLength(5);
    expect(message(await (await batch(6)).json())).toMatch(/batch/);
  });
});

describe('looking around', () => {
  test('errors suggest no names', async () => {
    for (const document of ['{ persn { id } }', '{ person { salari } }', '{ person(wher: {}) { id } }']) {
      const text = JSON.stringify(await user.query(document));
      expect(text).not.toMatch(/did you mean/i);
      expect(text).not.toMatch(/salary/);
    }
  });

  test('a hidden column and one that is not there give the same answer', async () => {
    const of = async (name: string) => JSON.stringify(await user.query(`{ person { ${name} } }`));
    expect((await of('salary')).replaceAll('salary', 'x')).toBe(
      (await of('sallly')).replaceAll('sallly', 'x'),
    );
  });

  test('introspection may be closed', async () => {
    expect(message(await api.as('closed').query('{ __schema { types { name } } }'))).toMatch(
      /introspection is disabled/,
    );
    expect(message(await api.as('closed').query('{ __type(name: "person") { name } }'))).toMatch(
      /introspection is disabled/,
    );
  });
});

describe('requests that another site makes a browser send', () => {
  const body = JSON.stringify({ query: 'mutation { delete_person(where: {}) { affected_rows } }' });
  const send = (headers: Record<string, string>, path = '/v1/graphql') =>
    api.request(path, body, { headers: { cookie: 'session=1', ...headers } });
  afterEach(async () => expect(await api.sql`select count(*)::int as n from person`).toEqual([{ n: 20 }]));

  test.each([
    'text/plain',
    'text/plain;charset=UTF-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  ])('as a form of type %s are refused', async (type) => {
    for (const path of ['/v1/graphql', '/v1/metadata', '/v2/query', '/v1/query']) {
      const response = await send({ origin: 'https://evil.example', 'content-type': type }, path);
      const text = await response.text();
      expect(text).toContain('cross-site requests must have the content type application/json');
      expect(text).toContain('access-denied');
    }
    const hidden = await send({ origin: 'null', 'content-type': type });
    expect(await hidden.text()).toContain('access-denied');
  });

  test('by GET do nothing', async () => {
    const query = encodeURIComponent('mutation { delete_person(where: {}) { affected_rows } }');
    const response = await api.request(`/v1/graphql?query=${query}`, undefined, { method: 'GET' });
    expect(await response.text()).toMatch(/errors/);
  });

  test('programs, own pages and allowed sites may send what they like', async () => {
    const read = JSON.stringify({ query: '{ person(limit: 1) { id } }' });
    const cases: Record<string, string>[] = [
      { 'content-type': 'text/plain' },
      { 'content-type': 'text/plain', origin: 'https://app.example' },
      { 'content-type': 'application/json', origin: 'https://evil.example' },
    ];
    for (const headers of cases) {
      const response = await api.request('/v1/graphql', read, { headers: { cookie: 'a=b', ...headers } });
      expect(await response.json()).toEqual({ data: { person: [{ id: 1 }] } });
    }
  });
});
