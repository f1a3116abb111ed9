import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { graphqlError, type JsonLike, type Project, project } from '../support/project.ts';

const permissions = [{ role: 'user', permission: { columns: '*', filter: {} } }];

let api: Project;
beforeAll(async () => {
  api = await project({
    tables: `
      create table notes (id int primary key, parent int references notes, text text);
      insert into notes values (1, null, 'a');
      create view slow as select 1 as id from (select pg_sleep(20)) as sleep;
      create function sleeps() returns trigger language plpgsql as $$ begin perform pg_sleep(20); return new; end $$;
      create table slow_writes (id int primary key);
      create trigger sleeps before insert on slow_writes for each row execute function sleeps()`,
    metadata: [
      {
        table: 'notes',
        object_relationships: [{ name: 'up', using: { foreign_key_constraint_on: 'parent' } }],
        select_permissions: permissions,
      },
      { table: 'slow', select_permissions: permissions },
      {
        table: 'slow_writes',
        insert_permissions: [{ role: 'user', permission: { columns: '*', check: {} } }],
        select_permissions: permissions,
      },
    ],
  });
});
afterAll(() => api?.close());
afterEach(async () => {
  await api.command('remove_api_limits', {});
});

async function limit(limits: JsonLike): Promise<void> {
  expect(await api.command('set_api_limits', limits)).toEqual({ status: 200, body: { message: 'success' } });
}

const user = () => api.as('user');
const up = (levels: number): string => (levels === 0 ? 'id' : `id up { ${up(levels - 1)} }`);
const deep = (levels: number) => `{ notes { ${up(levels - 1)} } }`;

test('depth is limited, by role before all roles, and not for the administrator', async () => {
  await limit({ depth_limit: { global: 3, per_role: { user: 2, other: 1 } } });
  expect(await user().query(deep(2))).toHaveProperty('data');
  expect(await user().query(deep(3))).toEqual(
    graphqlError(
      'depth-limit-exceeded',
      '$',
      'the query depth of 3 exceeds the limit of 2 for the role "user"',
    ),
  );
  expect(await api.query(deep(9))).toHaveProperty('data');
  expect(await user().query('{ __schema { types { fields { type { ofType { name } } } } } }')).toHaveProperty(
    'data',
  );
});

test('depth is counted through fragments, of the operation that is asked', async () => {
  await limit({ depth_limit: { global: 1 } });
  const document = `query a { notes { ...f } } query b { notes { id } } fragment f on notes { up { id } }`;
  expect(await user().query(document, undefined, 'b')).toHaveProperty('data');
  expect(await user().query(document, undefined, 'a')).toHaveProperty('errors');
});

test('nodes are limited; a fragment counts as often as it is spread', async () => {
  await limit({ node_limit: { global: 3 } });
  expect(await user().query('{ a: notes { id } b: notes { id } c: notes { id } }')).toHaveProperty('data');
  expect(
    await user().query('{ a: notes { ...f } b: notes { ...f } } fragment f on notes { up { id } }'),
  ).toEqual(
    graphqlError(
      'node-limit-exceeded',
      '$',
      'the query has 4 nodes, more than the limit of 3 for the role "user"',
    ),
  );
  const doubling = Array.from(
    { length: 60 },
    (_, n) => `fragment f${n} on notes { a: up { ...f${n + 1} } b: up { ...f${n + 1} } }`,
  );
  expect(
    await user().query(`{ notes { ...f0 } } ${doubling.join(' ')} fragment f60 on notes { id }`),
  ).toMatchObject({
    errors: [{ extensions: { code: 'node-limit-exceeded' } }],
  });
});

test('the size of a batch is limited', async () => {
  await limit({ batch_limit: { global: 2 } });
  const batch = async (length: number) => {
    const response = await user().request('/v1/graphql', Array(length).fill({ query: '{ notes { id } }' }));
    return response.json();
  };
  expect(await batch(2)).toHaveLength(2);
  expect(await batch(3)).toEqual(
    graphqlError(
      'batch-limit-exceeded',
      '$',
      'the batch has 3 operations, more than the limit of 2 for the role "user"',
    ),
  );
});

test.each([
  ['a query', '{ slow { id } }'],
  ['a mutation', 'mutation { insert_slow_writes_one(object: {id: 1}) { id } }'],
])('the time of %s is limited, and PostgreSQL stops', async (_what, operation) => {
  await limit({ time_limit: { global: 0.3 } });
  expect(await user().query(operation)).toEqual(
    graphqlError(
      'time-limit-exceeded',
      '$',
      'the operation took longer than the limit of 0.3 seconds for the role "user"',
    ),
  );
  const sleeping = () => api.sql`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and state = 'active' and wait_event = 'PgSleep'`;
  await expect.poll(sleeping, { timeout: 5000 }).toEqual([{ count: 0 }]);
  expect(await api.sql`select count(*)::int as written from slow_writes`).toEqual([{ written: 0 }]);
});

test('requests of a minute are limited; each operation of a batch is one', async () => {
  await limit({ rate_limit: { global: { max_reqs_per_min: 3, unique_params: ['x-hasura-user-id'] } } });
  const ask = (id: number) =>
    api.as('user', { 'x-hasura-user-id': id }).request('/v1/graphql', { query: '{ notes { id } }' });
  const one = api.as('user', { 'x-hasura-user-id': 1 });
  expect((await one.request('/v1/graphql', Array(2).fill({ query: '{ notes { id } }' }))).status).toBe(200);
  expect((await ask(1)).status).toBe(200);
  const refused = await ask(1);
  expect([refused.status, await refused.json()]).toEqual([
    429,
    graphqlError(
      'rate-limit-exceeded',
      '$',
      'too many requests for the role "user": the limit is 3 per minute',
    ),
  ]);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await ask(2)).status).toBe(200);
  expect(await api.query('{ notes { id } }')).toHaveProperty('data');
});

test('the administrator has no limits', async () => {
  const none = { global: 0 };
  await limit({
    batch_limit: none,
    depth_limit: none,
    node_limit: none,
    rate_limit: { global: { max_reqs_per_min: 0, unique_params: null } },
    time_limit: none,
  });
  const response = await api.request('/v1/graphql', [{ query: deep(3) }]);
  expect(await response.json()).toMatchObject([{ data: {} }]);
  expect((await user().request('/v1/graphql', { query: deep(3) })).status).toBe(429);
});

test('limits may be switched off', async () => {
  await limit({ disabled: true, depth_limit: { global: 0 } });
  expect(await user().query(deep(5))).toHaveProperty('data');
});

test.each(['address', ['x-hasura-role'], ['user-id'], [1]])('unique_params %j is refused', async (unique) => {
  expect(
    await api.command('set_api_limits', {
      rate_limit: { global: { max_reqs_per_min: 1, unique_params: unique } },
    } as JsonLike),
  ).toMatchObject({
    status: 400,
    body: {
      code: 'parse-failed',
      path: '$.args.rate_limit.global.unique_params',
      error: "Not a valid value. Should be either: 'IP' or a list of Hasura session variables",
    },
  });
});

test('an address is asked for in small letters, too', async () => {
  await limit({ rate_limit: { global: { max_reqs_per_min: 1, unique_params: 'ip' } } });
  expect((await api.command('export_metadata', {})).body).toMatchObject({
    api_limits: { rate_limit: { global: { unique_params: 'IP' } } },
  });
  await limit({});
});

test('introspection is switched off for roles, but __typename', async () => {
  const roles = ['user', 'admin', 'user'];
  await api.command('set_graphql_schema_introspection_options', { disabled_for_roles: roles });
  expect((await api.command('export_metadata', {})).body).toMatchObject({
    graphql_schema_introspection: { disabled_for_roles: ['admin', 'user'] },
  });
  for (const field of ['__schema { queryType { name } }', '__type(name: "notes") { name }']) {
    const [name] = field.split(/[ (]/);
    expect(await user().query(`{ ${field} }`)).toEqual(
      graphqlError(
        'validation-failed',
        `$.selectionSet.${name}`,
        'introspection is disabled for role: "user"',
      ),
    );
  }
  expect(await user().query('{ __typename notes { __typename } }')).toHaveProperty('data');
  expect(await api.query('{ __schema { queryType { name } } }')).toHaveProperty('data');
  await api.command('set_graphql_schema_introspection_options', { disabled_for_roles: [] });
});
