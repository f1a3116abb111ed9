/** Several select rules for one role on one table: a hidden cell behaves as null in whatever way it is asked for. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, graphqlError, type Project, project } from '../support/project.ts';

const own = { id: { _eq: 'X-Hasura-User-Id' } };
const rules = [
  { columns: ['id', 'name'], filter: {}, allow_aggregations: true },
  { columns: ['id', 'name', 'email', 'age', 'prefs'], computed_fields: ['initials'], filter: own },
  // Whoever follows somebody sees the age, too: a rule with a subquery.
  { columns: ['id', 'age'], filter: { followers: { follower_id: { _eq: 'X-Hasura-User-Id' } } } },
];

let api: Project;
let ben: Caller;

beforeAll(async () => {
  api = await project({
    tables: `
      create table profile (id int primary key, name text not null, email text not null, age int not null, prefs jsonb not null);
      create table follow (profile_id int not null references profile, follower_id int not null, primary key (profile_id, follower_id));
      create function initials(p profile) returns text language sql stable as $$ select left(p.name, 1) || left(p.email, 1) $$;
      create function adults(years int) returns setof profile language sql stable as $$ select * from profile where age >= years $$;
      insert into profile values
        (1, 'Ann', 'ann@x.org', 30, '{"theme": "dark"}'), (2, 'Ben', 'ben@x.org', 40, '{"theme": "light"}'),
        (3, 'Cyd', 'cyd@x.org', 50, '{"theme": "dark"}'), (4, 'Dan', 'dan@x.org', 20, '{"theme": "dark"}');
      insert into follow values (3, 2), (1, 4)`,
    metadata: {
      sources: [
        {
          name: 'default',
          kind: 'postgres',
          configuration: { connection_info: { database_url: { from_env: 'HASURA_GRAPHQL_DATABASE_URL' } } },
          tables: [
            {
              table: { schema: 'public', name: 'profile' },
              array_relationships: [
                {
                  name: 'followers',
                  using: {
                    foreign_key_constraint_on: {
                      table: { schema: 'public', name: 'follow' },
                      column: 'profile_id',
                    },
                  },
                },
              ],
              computed_fields: [
                { name: 'initials', definition: { function: { schema: 'public', name: 'initials' } } },
              ],
              select_permissions: [{ role: 'user', permission: { rules } }],
            },
            {
              table: { schema: 'public', name: 'follow' },
              object_relationships: [{ name: 'profile', using: { foreign_key_constraint_on: 'profile_id' } }],
              select_permissions: ['user', 'nobody'].map((role) => ({
                role,
                permission: { columns: '*', filter: {} },
              })),
            },
          ],
          functions: [{ function: { schema: 'public', name: 'adults' } }],
        },
      ],
      inherited_roles: [{ role_name: 'heir', role_set: ['user', 'nobody'] }],
    },
  });
  ben = api.as('user', { 'x-hasura-user-id': 2 });
});
afterAll(() => api?.close());

/** The ids, in the answer's order. */
async function ids(caller: Caller, argumentsText: string): Promise<unknown> {
  const answer = (await caller.query(`{ profile${argumentsText} { id } }`)) as {
    data?: { profile: { id: number }[] };
  };
  return answer.data?.profile.map(({ id }) => id) ?? answer;
}

describe('a cell shows where a rule that admits the row lists its column', () => {
  test('rows and cells', async () => {
    expect(await ben.query('{ profile(order_by: {id: asc}) { id name email age initials } }')).toEqual({
      data: {
        profile: [
          { id: 1, name: 'Ann', email: null, age: null, initials: null },
          { id: 2, name: 'Ben', email: 'ben@x.org', age: 40, initials: 'Bb' },
          { id: 3, name: 'Cyd', email: null, age: 50, initials: null },
          { id: 4, name: 'Dan', email: null, age: null, initials: null },
        ],
      },
    });
  });

  test('the type of a column that some rule hides is nullable, others stay as they are', async () => {
    expect(
      await ben.query('{ __type(name: "profile") { fields { name type { kind name ofType { name } } } } }'),
    ).toMatchObject({
      data: {
        __type: {
          fields: expect.arrayContaining([
            { name: 'id', type: { kind: 'NON_NULL', name: null, ofType: { name: 'Int' } } },
            { name: 'email', type: { kind: 'SCALAR', name: 'String', ofType: null } },
            { name: 'age', type: { kind: 'SCALAR', name: 'Int', ofType: null } },
          ]),
        },
      },
    });
  });

  test('a JSON path, a related row, a function and a list of keys see the same cells', async () => {
    expect(await ben.query('{ profile(order_by: {id: asc}) { prefs(path: "theme") } }')).toEqual({
      data: { profile: [{ prefs: null }, { prefs: 'light' }, { prefs: null }, { prefs: null }] },
    });
    expect(await ben.query('{ follow(order_by: {profile_id: asc}) { profile { id email age } } }')).toEqual({
      data: {
        follow: [
          { profile: { id: 1, email: null, age: null } },
          { profile: { id: 3, email: null, age: 50 } },
        ],
      },
    });
    expect(await ben.query('{ adults(args: {years: 35}, order_by: {id: asc}) { id email age } }')).toEqual({
      data: {
        adults: [
          { id: 2, email: 'ben@x.org', age: 40 },
          { id: 3, email: null, age: 50 },
        ],
      },
    });
    expect(await ben.query('{ profile_by_pk(id: 1) { name email } }')).toEqual({
      data: { profile_by_pk: { name: 'Ann', email: null } },
    });
  });
});

describe('conditions', () => {
  test.each([
    ['equality', '{email: {_eq: "ann@x.org"}}', []],
    ['a pattern', '{email: {_like: "%x.org"}}', [2]],
    ['its negation', '{_not: {email: {_eq: "ben@x.org"}}}', []],
    ['a list', '{age: {_in: [20, 30, 40, 50]}}', [2, 3]],
    ['a list that excludes', '{age: {_nin: [1]}}', [2, 3]],
    ['null', '{email: {_is_null: true}}', [1, 3, 4]],
    ['not null', '{age: {_is_null: false}}', [2, 3]],
    ['a part of JSON', '{prefs: {_contains: {theme: "dark"}}}', []],
    ['a cast', '{prefs: {_cast: {String: {_like: "%light%"}}}}', [2]],
    ['a computed field', '{initials: {_is_null: false}}', [2]],
    ['a related row', '{followers: {profile: {age: {_gt: 0}}}}', [3]],
  ])('%s', async (_name, where, expected) => {
    expect(await ids(ben, `(where: ${where}, order_by: {id: asc})`)).toEqual(expected);
  });
});

describe('order', () => {
  test('hidden cells sort as null, whatever they hold', async () => {
    expect(await ids(ben, '(order_by: [{age: asc}, {id: asc}])')).toEqual([2, 3, 1, 4]);
    expect(await ids(ben, '(order_by: [{age: desc}, {id: asc}])')).toEqual([1, 4, 3, 2]);
    expect(await ids(ben, '(order_by: [{initials: asc_nulls_first}, {id: desc}])')).toEqual([4, 3, 1, 2]);
    expect(
      await ben.query('{ follow(order_by: [{profile: {age: asc}}, {profile_id: asc}]) { profile_id } }'),
    ).toEqual({ data: { follow: [{ profile_id: 3 }, { profile_id: 1 }] } });
  });

  test('distinct rows: hidden cells are one value', async () => {
    expect(await ids(ben, '(distinct_on: age, order_by: [{age: asc}, {id: asc}])')).toEqual([2, 3, 1]);
    expect(
      await ben.query(
        '{ profile(distinct_on: [email, age], order_by: [{email: asc}, {age: asc}, {id: asc}]) { id } }',
      ),
    ).toEqual({ data: { profile: [{ id: 2 }, { id: 3 }, { id: 1 }] } });
  });
});

describe('aggregates', () => {
  test('are taken over the cells that show', async () => {
    expect(
      await ben.query(`{
        profile_aggregate {
          aggregate {
            count
            emails: count(columns: email)
            ages: count(columns: age, distinct: true)
            sum { age } min { age email } max { age } avg { age }
          }
          nodes { id }
        }
      }`),
    ).toMatchObject({
      data: {
        profile_aggregate: {
          aggregate: {
            count: 4,
            emails: 1,
            ages: 2,
            sum: { age: 90 },
            min: { age: 40, email: 'ben@x.org' },
            max: { age: 50 },
            avg: { age: 45 },
          },
        },
      },
    });
  });

  test('predicates over related rows count the cells that show', async () => {
    const filtered = await api.command('pg_create_object_relationship', {
      source: 'default',
      table: 'follow',
      name: 'follower',
      using: {
        manual_configuration: { remote_table: 'profile', column_mapping: { follower_id: 'id' } },
      },
    });
    expect(filtered.status).toBe(200);
    await api.command('pg_create_array_relationship', {
      source: 'default',
      table: 'follow',
      name: 'profiles',
      using: {
        manual_configuration: { remote_table: 'profile', column_mapping: { profile_id: 'id' } },
      },
    });
    const counted = (predicate: string) =>
      ben.query(
        `{ follow(where: {profiles_aggregate: {count: ${predicate}}}, order_by: {profile_id: asc}) { profile_id } }`,
      );
    expect(await counted('{arguments: [age], predicate: {_eq: 1}}')).toEqual({
      data: { follow: [{ profile_id: 3 }] },
    });
    expect(await counted('{filter: {age: {_eq: 30}}, predicate: {_eq: 1}}')).toEqual({
      data: { follow: [] },
    });
    expect(
      await ben.query(
        '{ follow(order_by: [{profiles_aggregate: {sum: {age: desc_nulls_last}}}]) { profile_id } }',
      ),
    ).toEqual({ data: { follow: [{ profile_id: 3 }, { profile_id: 1 }] } });
  });
});

describe('a key that some rule hides', () => {
  test('finds only the rows on which it shows', async () => {
    const answer = await api.command('pg_create_select_permission', {
      source: 'default',
      table: 'profile',
      role: 'keyless',
      permission: {
        rules: [
          { columns: ['name'], filter: {} },
          { columns: ['id', 'name'], filter: own },
        ],
      },
    });
    expect(answer).toEqual({ status: 200, body: { message: 'success' } });
    const keyless = api.as('keyless', { 'x-hasura-user-id': 2 });
    expect(
      await keyless.query('{ one: profile_by_pk(id: 1) { name } two: profile_by_pk(id: 2) { id name } }'),
    ).toEqual({
      data: { one: null, two: { id: 2, name: 'Ben' } },
    });
    expect(await keyless.query('{ profile(order_by: {name: asc}) { id name } }')).toEqual({
      data: {
        profile: [
          { id: null, name: 'Ann' },
          { id: 2, name: 'Ben' },
          { id: null, name: 'Cyd' },
          { id: null, name: 'Dan' },
        ],
      },
    });
  });
});

test('an inherited role takes over what its parent has', async () => {
  const heir = api.as('heir', { 'x-hasura-user-id': 2 });
  expect(await heir.query('{ profile(where: {email: {_is_null: false}}) { id email } }')).toEqual({
    data: { profile: [{ id: 2, email: 'ben@x.org' }] },
  });
});

test('a variable is needed where a rule that names it decides something', async () => {
  expect(await api.as('user').query('{ profile(where: {id: {_eq: 1}}) { id name } }')).toEqual({
    data: { profile: [{ id: 1, name: 'Ann' }] },
  });
  expect(await api.as('user').query('{ profile { email } }')).toEqual(
    graphqlError('not-found', '$', 'missing session variable: "x-hasura-user-id"'),
  );
});

describe('metadata', () => {
  test('an export gives back what was put in', async () => {
    const { body } = await api.command('export_metadata', {});
    const { sources } = body as {
      sources: { tables: { table: { name: string }; select_permissions: { role: string }[] }[] }[];
    };
    const permissions = sources[0]?.tables.find(({ table }) => table.name === 'profile')?.select_permissions;
    expect(permissions?.find(({ role }) => role === 'user')).toEqual({ role: 'user', permission: { rules } });
  });

  test.each([
    [{ rules: [] }, 'a permission with several rules needs at least one rule', '$.args.permission.rules'],
    [
      { rules: [{ columns: ['id'], filter: {} }], limit: 1 },
      'unexpected keys when parsing PermissionRules: ["limit"]',
      '$.args.permission',
    ],
    [{ rules: [{ columns: ['id'] }] }, "the key 'filter' was not present", '$.args.permission.rules[0]'],
  ])('%j is refused', async (permission, message, path) => {
    const { status, body } = await api.command('pg_create_select_permission', {
      source: 'default',
      table: 'profile',
      role: 'refused',
      permission,
    });
    expect({ status, body }).toMatchObject({ status: 400, body: { code: 'parse-failed', path } });
    expect((body as { error: string }).error).toContain(message);
  });

  test('one rule that does not fit takes the whole permission out of force', async () => {
    const { status, body } = await api.command('pg_create_select_permission', {
      source: 'default',
      table: 'profile',
      role: 'refused',
      permission: {
        rules: [
          { columns: ['id'], filter: {} },
          { columns: ['nowhere'], filter: {} },
        ],
      },
    });
    expect({ status, body }).toMatchObject({
      status: 400,
      body: {
        code: 'invalid-configuration',
        error:
          'Inconsistent object: in table "profile": in permission for role "refused": column "nowhere" does not exist',
      },
    });
  });

  test('a column that only a later rule names cannot be dropped, and is renamed in it', async () => {
    expect(await api.runSql('alter table profile drop column age')).toMatchObject({
      status: 400,
      body: {
        code: 'dependency-error',
        error:
          'cannot drop due to the following dependent objects: permission profile.user.select in source "default"',
      },
    });
    expect((await api.runSql('alter table profile rename column age to years')).status).toBe(200);
    expect(await ben.query('{ profile(order_by: {id: asc}) { years } }')).toEqual({
      data: { profile: [{ years: null }, { years: 40 }, { years: 50 }, { years: null }] },
    });
  });
});
