/** Who sees which rows and columns. Source: spec/permissions.md 11 A to D and F, whose numbers the tests carry. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at, type Caller, graphqlError, type Project, project } from '../support/project.ts';

const notFound = (type: string, field: string, path: string) =>
  graphqlError('validation-failed', path, `field '${field}' not found in type: '${type}'`);
const missing = (name: string) => graphqlError('not-found', '$', `missing session variable: "${name}"`);
const select = (role: string, permission: { [key: string]: never } | object) => ({
  role,
  permission: permission as never,
});

describe('visitors without a session', () => {
  let api: Project;
  let visitor: Caller;
  beforeAll(async () => {
    api = await project({
      tables: `
        create table products (id serial primary key, name text not null, price int not null, cost int, vendor_id int, is_published boolean not null default false);
        insert into products (name, price, cost, vendor_id, is_published) values
          ('Lamp',30,12,10,true), ('Chair',80,40,20,true), ('Prototype',5,1,10,false), ('Orphan',1,1,null,false)`,
      metadata: [
        {
          table: 'products',
          select_permissions: [
            select('anonymous', {
              columns: ['id', 'name', 'price'],
              filter: { is_published: { _eq: true } },
            }),
            select('manager', {
              columns: ['id', 'name', 'vendor_id'],
              filter: { vendor_id: { _eq: 'X-Hasura-Vendor-Id' } },
              allow_aggregations: true,
            }),
          ],
        },
      ],
      engine: { unauthorizedRole: 'anonymous' },
    });
    visitor = api.withHeaders({});
  });
  afterAll(() => api?.close());

  const published = {
    data: {
      products: [
        { id: 1, name: 'Lamp', price: 30 },
        { id: 2, name: 'Chair', price: 80 },
      ],
    },
  };
  const list = '{ products(order_by:{id:asc}) { id name price } }';

  test('A1 see published rows, A7 whatever role they claim', async () => {
    expect(await visitor.query(list)).toEqual(published);
    expect(await api.withHeaders({ 'x-hasura-role': 'manager' }).query(list)).toEqual(published);
  });

  test.each([
    ['A2 a column', '{ products { id cost } }', 'products', 'cost', at('products', 'cost')],
    [
      'A4 a column in where',
      '{ products(where:{is_published:{_eq:false}}) { id } }',
      'products_bool_exp',
      'is_published',
      `${at('products')}.args.where.is_published`,
    ],
    [
      'A5 aggregates',
      '{ products_aggregate { aggregate { count } } }',
      'query_root',
      'products_aggregate',
      at('products_aggregate'),
    ],
    [
      'A13 a column in order_by',
      '{ products(order_by:{cost:asc}) { id } }',
      'products_order_by',
      'cost',
      `${at('products')}.args.order_by[0].cost`,
    ],
  ])('%s that is not theirs does not exist', async (_name, query, type, field, path) => {
    expect(await visitor.query(query)).toEqual(notFound(type, field, path));
  });

  test('A3 an unpublished row is not found by its key', async () => {
    expect(await visitor.query('{ products_by_pk(id:3) { id } }')).toEqual({
      data: { products_by_pk: null },
    });
  });

  test('A6 have no mutations, A11 and introspection says so', async () => {
    expect(await visitor.query('mutation { delete_products(where:{}) { affected_rows } }')).toEqual(
      graphqlError('validation-failed', '$', 'no mutations exist'),
    );
    expect(await visitor.query('{ __schema { mutationType { name } } }')).toEqual({
      data: { __schema: { mutationType: null } },
    });
  });

  test('A8 a wrong secret is refused', async () => {
    expect(await api.withHeaders({ 'x-hasura-admin-secret': 'wrong' }).query(list)).toEqual(
      graphqlError('access-denied', '$', 'invalid x-hasura-admin-secret/x-hasura-access-key'),
    );
  });

  test('A9 the administrator sees everything', async () => {
    expect(await api.query('{ products(order_by:{id:asc}) { id cost } }')).toEqual({
      data: {
        products: [
          { id: 1, cost: 12 },
          { id: 2, cost: 40 },
          { id: 3, cost: 1 },
          { id: 4, cost: 1 },
        ],
      },
    });
  });

  test('A10 introspection shows their columns', async () => {
    expect(await visitor.query('{ __type(name:"products") { fields { name } } }')).toEqual({
      data: { __type: { fields: [{ name: 'id' }, { name: 'name' }, { name: 'price' }] } },
    });
  });

  test('C1, C2, C5 a manager sees the rows of the vendor, and nobody those of none', async () => {
    const query = '{ products(order_by:{id:asc}) { id name vendor_id } }';
    const as = (id: number) => api.as('manager', { 'x-hasura-vendor-id': id }).query(query);
    expect(await as(10)).toEqual({
      data: {
        products: [
          { id: 1, name: 'Lamp', vendor_id: 10 },
          { id: 3, name: 'Prototype', vendor_id: 10 },
        ],
      },
    });
    expect(await as(20)).toEqual({ data: { products: [{ id: 2, name: 'Chair', vendor_id: 20 }] } });
    expect(await as(99)).toEqual({ data: { products: [] } });
    expect(await api.as('manager').query(query)).toEqual(missing('x-hasura-vendor-id'));
  });

  test('C4 aggregates count visible rows, C6 other columns do not exist', async () => {
    const manager = api.as('manager', { 'x-hasura-vendor-id': 10 });
    expect(await manager.query('{ products_aggregate { aggregate { count } } }')).toEqual({
      data: { products_aggregate: { aggregate: { count: 2 } } },
    });
    expect(await manager.query('{ products { price } }')).toEqual(
      notFound('products', 'price', at('products', 'price')),
    );
  });

  test('A12 a changed filter is in force at once', async () => {
    await api.command('pg_drop_select_permission', {
      source: 'default',
      table: 'products',
      role: 'anonymous',
    });
    expect(await visitor.query('{ products { id } }')).toEqual(
      notFound('query_root', 'products', at('products')),
    );
    await api.command('pg_create_select_permission', {
      source: 'default',
      table: 'products',
      role: 'anonymous',
      permission: { columns: ['id'], filter: {} },
    });
    expect(await visitor.query('{ products(order_by:{id:asc}) { id } }')).toEqual({
      data: { products: [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }] },
    });
  });
});

test('without a role for visitors, they are refused', async () => {
  const api = await project();
  expect(await api.withHeaders({}).query('{ products { id } }')).toEqual(
    graphqlError('access-denied', '$', 'x-hasura-admin-secret/x-hasura-access-key required, but not found'),
  );
  await api.close();
});

describe('rows of a user', () => {
  let api: Project;
  beforeAll(async () => {
    api = await project({
      tables: `
        create table carts (id serial primary key, user_id int not null, note text);
        insert into carts (user_id, note) values (1,'a'), (1,'b'), (2,'c')`,
      metadata: [
        {
          table: 'carts',
          select_permissions: [
            select('user', {
              columns: '*',
              filter: { user_id: { _eq: 'X-Hasura-User-Id' } },
              allow_aggregations: true,
            }),
            select('limited', { columns: ['id'], filter: {}, limit: 2, allow_aggregations: true }),
            select('by_key', { columns: '*', filter: {}, query_root_fields: ['select_by_pk'] }),
            select('listed', { columns: ['id'], filter: { user_id: { _in: 'X-Hasura-Users' } } }),
          ],
        },
      ],
    });
  });
  afterAll(() => api?.close());
  const all = '{ carts(order_by:{id:asc}) { id user_id note } }';

  test('B1, B2, B14 are the own ones', async () => {
    const first = {
      data: {
        carts: [
          { id: 1, user_id: 1, note: 'a' },
          { id: 2, user_id: 1, note: 'b' },
        ],
      },
    };
    expect(await api.as('user', { 'x-hasura-user-id': 1 }).query(all)).toEqual(first);
    expect(await api.as('user', { 'X-HASURA-USER-ID': 1 }).query(all)).toEqual(first);
    expect(await api.as('user', { 'x-hasura-user-id': 2 }).query(all)).toEqual({
      data: { carts: [{ id: 3, user_id: 2, note: 'c' }] },
    });
  });

  test('B3, B4 the session variable must be there and fit', async () => {
    expect(await api.as('user').query(all)).toEqual(missing('x-hasura-user-id'));
    expect(await api.as('user', { 'x-hasura-user-id': 'abc' }).query(all)).toEqual(
      graphqlError('data-exception', '$', 'invalid input syntax for type integer: "abc"'),
    );
    expect(await api.as('user', { 'x-hasura-user-id': '1 or 1=1' }).query(all)).toEqual(
      graphqlError('data-exception', '$', 'invalid input syntax for type integer: "1 or 1=1"'),
    );
  });

  test('B5, B6, B7 no key, condition or count reaches others', async () => {
    const user = api.as('user', { 'x-hasura-user-id': 1 });
    expect(await user.query('{ carts_by_pk(id:3) { id } }')).toEqual({ data: { carts_by_pk: null } });
    expect(await user.query('{ carts(where:{user_id:{_eq:2}}) { id } }')).toEqual({ data: { carts: [] } });
    expect(await user.query('{ carts(where:{_or:[{user_id:{_eq:2}},{_not:{id:{_eq:0}}}]}) { id } }')).toEqual(
      {
        data: { carts: [{ id: 1 }, { id: 2 }] },
      },
    );
    expect(await user.query('{ carts_aggregate { aggregate { count } } }')).toEqual({
      data: { carts_aggregate: { aggregate: { count: 2 } } },
    });
  });

  test('B17 /v1alpha1/graphql answers with the true status', async () => {
    const response = await api.as('user').request('/v1alpha1/graphql', { query: '{ carts { id } }' });
    expect([response.status, await response.json()]).toEqual([400, missing('x-hasura-user-id')]);
  });

  test('a limit bounds rows and nodes, but not aggregates', async () => {
    const limited = api.as('limited');
    const ids = { data: { carts: [{ id: 1 }, { id: 2 }] } };
    expect(await limited.query('{ carts(order_by: {id: asc}) { id } }')).toEqual(ids);
    expect(await limited.query('{ carts(limit: 99, order_by: {id: asc}) { id } }')).toEqual(ids);
    expect(await limited.query('{ carts(limit: 1, order_by: {id: asc}) { id } }')).toEqual({
      data: { carts: [{ id: 1 }] },
    });
    expect(
      await limited.query('{ carts_aggregate(order_by: {id: asc}) { aggregate { count } nodes { id } } }'),
    ).toEqual({ data: { carts_aggregate: { aggregate: { count: 3 }, nodes: [{ id: 1 }, { id: 2 }] } } });
  });

  test('root fields may be left out', async () => {
    expect(await api.as('by_key').query('{ carts_by_pk(id: 3) { note } }')).toEqual({
      data: { carts_by_pk: { note: 'c' } },
    });
    expect(await api.as('by_key').query(all)).toEqual(notFound('query_root', 'carts', at('carts')));
  });

  test('a session variable may hold a list', async () => {
    const query = '{ carts(order_by: {id: asc}) { id } }';
    expect(await api.as('listed', { 'x-hasura-users': '{2,3}' }).query(query)).toEqual({
      data: { carts: [{ id: 3 }] },
    });
    expect(await api.as('listed', { 'x-hasura-users': '{}' }).query(query)).toEqual({ data: { carts: [] } });
  });

  test('a role without permissions has nothing', async () => {
    expect(await api.as('stranger').query(all)).toEqual(notFound('query_root', 'carts', at('carts')));
    expect(await api.as('stranger').query('{ no_queries_available }')).toEqual({
      data: { no_queries_available: expect.stringContaining('There are no queries available') },
    });
  });
});

describe('ownership in a related table', () => {
  let api: Project;
  beforeAll(async () => {
    api = await project({
      tables: `
        create table users_in_vendors (user_id int primary key, vendor_id int not null);
        create table products (id serial primary key, name text not null, added_by_user_id int not null);
        insert into users_in_vendors values (1,10),(2,10),(3,20);
        insert into products (name, added_by_user_id) values ('Lamp',1),('Chair',3),('Shelf',2),('Orphan',9)`,
      metadata: [
        { table: 'users_in_vendors' },
        {
          table: 'products',
          object_relationships: [
            {
              name: 'userInVendorByUserId',
              using: {
                manual_configuration: {
                  remote_table: 'users_in_vendors',
                  column_mapping: { added_by_user_id: 'user_id' },
                },
              },
            },
          ],
          select_permissions: [
            select('manager', {
              columns: ['id', 'name'],
              filter: { userInVendorByUserId: { vendor_id: { _eq: 'X-Hasura-Vendor-Id' } } },
            }),
          ],
        },
      ],
    });
  });
  afterAll(() => api?.close());
  const manager = (vendor: number) => api.as('manager', { 'x-hasura-vendor-id': vendor });

  test('D1, D2, D3 the rule follows the relationship', async () => {
    const query = '{ products(order_by:{id:asc}) { id name } }';
    expect(await manager(10).query(query)).toEqual({
      data: {
        products: [
          { id: 1, name: 'Lamp' },
          { id: 3, name: 'Shelf' },
        ],
      },
    });
    expect(await manager(20).query(query)).toEqual({ data: { products: [{ id: 2, name: 'Chair' }] } });
    expect(await manager(30).query(query)).toEqual({ data: { products: [] } });
  });

  test('D4, D5 which the role itself may not, until D6 it may', async () => {
    const field = 'userInVendorByUserId';
    expect(await manager(10).query(`{ products { id ${field} { vendor_id } } }`)).toEqual(
      notFound('products', field, at('products', field)),
    );
    expect(await manager(10).query(`{ products(where:{${field}:{vendor_id:{_eq:10}}}) { id } }`)).toEqual(
      notFound('products_bool_exp', field, `${at('products')}.args.where.${field}`),
    );
    const { status } = await api.command('pg_create_select_permission', {
      source: 'default',
      table: 'users_in_vendors',
      role: 'manager',
      permission: {
        columns: ['user_id', 'vendor_id'],
        filter: { vendor_id: { _eq: 'X-Hasura-Vendor-Id' } },
      },
    });
    expect(status).toBe(200);
    expect(await manager(10).query(`{ products(order_by:{id:asc}) { id ${field} { vendor_id } } }`)).toEqual({
      data: {
        products: [
          { id: 1, [field]: { vendor_id: 10 } },
          { id: 3, [field]: { vendor_id: 10 } },
        ],
      },
    });
  });

  test('D7 what refers to nothing is null', async () => {
    expect(
      await api.query('{ products(where: {id: {_eq: 4}}) { userInVendorByUserId { vendor_id } } }'),
    ).toEqual({ data: { products: [{ userInVendorByUserId: null }] } });
  });
});

describe('a private view beside a public table', () => {
  let api: Project;
  beforeAll(async () => {
    api = await project({
      tables: `
        create table user_profile (id int primary key, name text, city text, email text, phone text, address text);
        insert into user_profile values (1,'Ann','Oslo','ann@x.org','111','A st'),(2,'Ben','Rome','ben@x.org','222','B st'),(3,'Cyd','Bonn','cyd@x.org','333','C st');
        create view user_profile_private as select id as user_id, email, phone, address from user_profile`,
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
                table: 'user_profile',
                object_relationships: [
                  {
                    name: 'user_profile_private',
                    using: {
                      manual_configuration: {
                        remote_table: 'user_profile_private',
                        column_mapping: { id: 'user_id' },
                      },
                    },
                  },
                ],
                select_permissions: [
                  select('user', { columns: ['id', 'name', 'city'], filter: {} }),
                  select('profile_public', { columns: ['id', 'name', 'city'], filter: {} }),
                  select('profile_own', { columns: '*', filter: { id: { _eq: 'X-Hasura-User-Id' } } }),
                ],
              },
              {
                table: 'user_profile_private',
                select_permissions: [
                  select('user', { columns: '*', filter: { user_id: { _eq: 'X-Hasura-User-Id' } } }),
                ],
              },
            ],
          },
        ],
        inherited_roles: [{ role_name: 'both', role_set: ['profile_public', 'profile_own'] }],
      },
    });
  });
  afterAll(() => api?.close());
  const user = (id: number) => api.as('user', { 'x-hasura-user-id': id });
  const profiles = '{ user_profile(order_by:{id:asc}) { id user_profile_private { email } } }';

  test('F1, F7, F8 own details beside everybody', async () => {
    expect(await user(2).query(profiles)).toEqual({
      data: {
        user_profile: [
          { id: 1, user_profile_private: null },
          { id: 2, user_profile_private: { email: 'ben@x.org' } },
          { id: 3, user_profile_private: null },
        ],
      },
    });
    expect(await user(9).query(profiles)).toEqual({
      data: { user_profile: [1, 2, 3].map((id) => ({ id, user_profile_private: null })) },
    });
    expect(await api.as('user').query(profiles)).toEqual(missing('x-hasura-user-id'));
  });

  test('F2, F10 what the role does not have', async () => {
    expect(await user(2).query('{ user_profile { email } }')).toEqual(
      notFound('user_profile', 'email', at('user_profile', 'email')),
    );
    expect(await user(2).query('{ user_profile_private_by_pk(user_id:2) { email } }')).toEqual(
      notFound('query_root', 'user_profile_private_by_pk', at('user_profile_private_by_pk')),
    );
  });

  test('F3 the view itself', async () => {
    expect(await user(2).query('{ user_profile_private { user_id email } }')).toEqual({
      data: { user_profile_private: [{ user_id: 2, email: 'ben@x.org' }] },
    });
  });

  test('F4, F5 neither where nor order_by tells hidden values', async () => {
    expect(
      await user(2).query('{ user_profile(where:{user_profile_private:{email:{_like:"ann%"}}}) { id } }'),
    ).toEqual({ data: { user_profile: [] } });
    expect(
      await user(2).query('{ user_profile(order_by:[{user_profile_private:{email:asc}},{id:asc}]) { id } }'),
    ).toEqual({ data: { user_profile: [{ id: 2 }, { id: 1 }, { id: 3 }] } });
  });

  test('F6 a variable is needed only where it is used', async () => {
    expect(await api.as('user').query('{ user_profile(order_by:{id:asc}) { id } }')).toEqual({
      data: { user_profile: [{ id: 1 }, { id: 2 }, { id: 3 }] },
    });
  });

  test('F9 introspection', async () => {
    expect(await user(2).query('{ __type(name:"user_profile_private") { fields { name } } }')).toEqual({
      data: { __type: { fields: ['address', 'email', 'phone', 'user_id'].map((name) => ({ name })) } },
    });
  });

  test('the same by an inherited role: cells, not only rows', async () => {
    const both = api.as('both', { 'x-hasura-user-id': 2 });
    expect(await both.query('{ user_profile(order_by:{id:asc}) { id name email } }')).toEqual({
      data: {
        user_profile: [
          { id: 1, name: 'Ann', email: null },
          { id: 2, name: 'Ben', email: 'ben@x.org' },
          { id: 3, name: 'Cyd', email: null },
        ],
      },
    });
    expect(await both.query('{ user_profile(where:{email:{_like:"ann%"}}) { id } }')).toEqual({
      data: { user_profile: [] },
    });
    expect(await both.query('{ user_profile(order_by:[{email:asc},{id:asc}]) { id } }')).toEqual({
      data: { user_profile: [{ id: 2 }, { id: 1 }, { id: 3 }] },
    });
  });
});
