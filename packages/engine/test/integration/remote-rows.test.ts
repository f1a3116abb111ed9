/** Relationships from a table to tables of another source. Source: spec/remote-schemas.md 8 to 10, spec/graphql-api.md 6.3. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Caller,
  graphqlError,
  type JsonLike,
  type Project,
  project,
  sourceOf,
} from '../support/project.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

let api: Project;
let shop: TestDatabase;
let user: Caller;

const toSource = (kind: string, source: string, table: string, mapping: JsonLike): JsonLike => ({
  to_source: { relationship_type: kind, source, table, field_mapping: mapping },
});

beforeAll(async () => {
  shop = await createTestDatabase();
  await shop.sql(`
    create table orders (id int primary key, customer int, total numeric, note text);
    insert into orders values (1, 1, 10.50, 'a'), (2, 1, 20.00, 'secret'), (3, 2, 5, 'b'), (4, 7, 1, 'c');
    create sequence asked;
    create table coupon_row (code text primary key, percent int);
    insert into coupon_row values ('HALF', 50);
    create view coupon as select code, percent from coupon_row where nextval('asked') > 0`);
  api = await project({
    tables: `
      create table customer (id bigint primary key, name text, coupon text, twin int);
      insert into customer values (1, 'Ann', 'HALF', 2), (2, 'Bo', 'NONE', null), (3, 'Cy', null, 1);
      create table visit (id int primary key, customer_id bigint references customer (id));
      insert into visit values (1, 1), (2, 1), (3, 3);
      create function shouted(one customer) returns text language sql stable as $$ select upper(one.coupon) $$`,
    metadata: {
      sources: [
        sourceOf([
          {
            table: 'customer',
            configuration: { column_config: { twin: { custom_name: 'pair' } } },
            computed_fields: [{ name: 'shouted', definition: { function: 'shouted' } }],
            remote_relationships: [
              { name: 'orders', definition: toSource('array', 'shop', 'orders', { id: 'customer' }) },
              { name: 'misled', definition: toSource('object', 'shop', 'orders', { coupon: 'id' }) },
              { name: 'discount', definition: toSource('object', 'shop', 'coupon', { coupon: 'code' }) },
              {
                name: 'shouted_discount',
                definition: toSource('object', 'shop', 'coupon', { shouted: 'code' }),
              },
              { name: 'twin_orders', definition: toSource('array', 'shop', 'orders', { twin: 'customer' }) },
              { name: 'pair_orders', definition: toSource('array', 'shop', 'orders', { pair: 'customer' }) },
            ],
            select_permissions: [
              { role: 'user', permission: { columns: ['name'], filter: { id: { _lt: 3 } } } },
              { role: 'outsider', permission: { columns: ['name'], filter: {} } },
            ],
            insert_permissions: [{ role: 'user', permission: { columns: ['id', 'name'], check: {} } }],
          },
          {
            table: 'visit',
            object_relationships: [{ name: 'customer', using: { foreign_key_constraint_on: 'customer_id' } }],
            select_permissions: [{ role: 'user', permission: { columns: ['id'], filter: {} } }],
          },
        ]),
        {
          ...sourceOf(
            [
              {
                table: 'orders',
                remote_relationships: [
                  {
                    name: 'buyer',
                    definition: toSource('object', 'default', 'customer', { customer: 'id' }),
                  },
                ],
                select_permissions: [
                  {
                    role: 'user',
                    permission: {
                      columns: ['id', 'total'],
                      filter: { note: { _ne: 'X-Hasura-Hidden' } },
                      allow_aggregations: true,
                    },
                  },
                ],
              },
              {
                table: 'coupon',
                select_permissions: [{ role: 'user', permission: { columns: '*', filter: {} } }],
              },
            ],
            'shop',
          ),
          configuration: { connection_info: { database_url: shop.url } },
        },
      ],
    },
  });
  user = api.as('user', { 'x-hasura-hidden': 'secret' });
});
afterAll(async () => {
  await api?.close();
  await shop?.drop();
});

test('rows of the other source appear below, in the order asked for, digits kept', async () => {
  const text = await api.queryText(
    '{ customer(order_by: {id: asc}) { name orders(order_by: {id: desc}) { id total } id } }',
  );
  expect(text.replaceAll(/,\s+/g, ',')).toBe(
    '{"data":{"customer":[{"name":"Ann","orders":[{"id":2,"total":20.00},{"id":1,"total":10.50}],"id":1},' +
      '{"name":"Bo","orders":[{"id":3,"total":5}],"id":2},{"name":"Cy","orders":[],"id":3}]}}',
  );
});

test('an object that is not there is null, and so is everything that a null leads to', async () => {
  expect(
    await api.query(
      '{ customer(order_by: {id: asc}) { discount { percent } shouted_discount { code } twin_orders { id } } }',
    ),
  ).toEqual({
    data: {
      customer: [
        { discount: { percent: 50 }, shouted_discount: { code: 'HALF' }, twin_orders: [{ id: 3 }] },
        { discount: null, shouted_discount: null, twin_orders: null },
        {
          discount: null,
          shouted_discount: null,
          twin_orders: expect.arrayContaining([{ id: 1 }, { id: 2 }]),
        },
      ],
    },
  });
});

test('a column that has another name in GraphQL joins by either', async () => {
  expect(await api.query('{ customer_by_pk(id: 1) { pair twin_orders { id } pair_orders { id } } }')).toEqual(
    {
      data: { customer_by_pk: { pair: 2, twin_orders: [{ id: 3 }], pair_orders: [{ id: 3 }] } },
    },
  );
});

test('there and back again, through fragments, aliases and nested lists', async () => {
  const document = `query ($most: Int!) {
    visit(order_by: {id: asc}) { id customer { ...buys } }
    customer_by_pk(id: 2) { again: orders(where: {total: {_gt: 1}}) { buyer { name orders(limit: $most) { id } } } }
  }
  fragment buys on customer { first: orders(order_by: {id: asc}, limit: $most) { id buyer { name } __typename } }`;
  const first = [{ id: 1, buyer: { name: 'Ann' }, __typename: 'orders' }];
  expect(await api.query(document, { most: 1 })).toEqual({
    data: {
      visit: [
        { id: 1, customer: { first } },
        { id: 2, customer: { first } },
        { id: 3, customer: { first: [] } },
      ],
      customer_by_pk: { again: [{ buyer: { name: 'Bo', orders: [{ id: 3 }] } }] },
    },
  });
});

describe('a role', () => {
  test('is not told a value that it does not see because the value does not fit the other column', async () => {
    const refusal = (message: string) =>
      graphqlError('data-exception', '$', expect.stringContaining(message) as unknown as string);
    expect(await user.query('{ customer(where: {name: {_eq: "Ann"}}) { misled { id } } }')).toEqual(
      refusal('what rows are joined by'),
    );
    expect(await user.query('{ customer { orders(where: {total: {_eq: "x"}}) { id } } }')).toEqual(
      refusal('invalid input syntax for type numeric: "x"'),
    );
  });

  test('sees the rows and columns that its rule there shows, without seeing the joined columns here', async () => {
    expect(
      await user.query(
        '{ customer(order_by: {name: asc}) { name orders { id } orders_aggregate { aggregate { count } nodes { buyer { name } } } } }',
      ),
    ).toEqual({
      data: {
        customer: [
          {
            name: 'Ann',
            orders: [{ id: 1 }],
            orders_aggregate: { aggregate: { count: 1 }, nodes: [{ buyer: { name: 'Ann' } }] },
          },
          {
            name: 'Bo',
            orders: [{ id: 3 }],
            orders_aggregate: { aggregate: { count: 1 }, nodes: [{ buyer: { name: 'Bo' } }] },
          },
        ],
      },
    });
    expect(await user.query('{ orders(where: {id: {_eq: 4}}) { buyer { name } } }')).toEqual({
      data: { orders: [{ buyer: null }] },
    });
  });

  test('cannot name a column of the other table that its rule does not list', async () => {
    expect(await user.query('{ customer { orders { note } } }')).toMatchObject({
      errors: [{ message: "field 'note' not found in type: 'orders'" }],
    });
  });

  test('that may not read the other table has no such field', async () => {
    expect(await api.as('outsider').query('{ customer { orders { id } } }')).toMatchObject({
      errors: [{ message: "field 'orders' not found in type: 'customer'" }],
    });
  });

  test('is told of a session variable that only the other source needs, before anything runs', async () => {
    const write = 'mutation { insert_customer_one(object: {id: 9, name: "Di"}) { name orders { id } } }';
    expect(await api.as('user').query(write)).toMatchObject({
      errors: [{ message: 'missing session variable: "x-hasura-hidden"' }],
    });
    expect(await api.sql`select count(*)::int as n from customer where id = 9`).toEqual([{ n: 0 }]);
  });
});

test('what a mutation returns may lead to another source', async () => {
  await shop.sql('insert into orders values (50, 50, 1, null)');
  const write = `mutation { insert_customer(objects: {id: 50, name: "Ed"}) { affected_rows returning { name orders { id buyer { name } } } } }`;
  expect(await api.query(write)).toEqual({
    data: {
      insert_customer: {
        affected_rows: 1,
        returning: [{ name: 'Ed', orders: [{ id: 50, buyer: { name: 'Ed' } }] }],
      },
    },
  });
  await api.sql`delete from customer where id = 50`;
  await shop.sql('delete from orders where id = 50');
});

test('equal values are looked up once', async () => {
  await api.sql`insert into visit select g, 1 from generate_series(100, 2100) as g`;
  await shop.sql('alter sequence asked restart');
  try {
    const answer = await api.query(
      '{ visit(where: {id: {_gte: 100}}) { customer { discount { percent } } } }',
    );
    const { visit } = (answer as { data: { visit: unknown[] } }).data;
    expect(visit.length).toBe(2001);
    expect(visit[2000]).toEqual({ customer: { discount: { percent: 50 } } });
    expect(await shop.sql('select last_value::int as n from asked')).toEqual([{ n: 1 }]);
  } finally {
    await api.sql`delete from visit where id >= 100`;
  }
});

test('what has begun ends with the connections that it began with', async () => {
  await api.sql`create view slow_customer as select id, name, pg_sleep(0.4)::text as slept from customer where id = 1`;
  const shopInfo = (most: number): JsonLike => ({
    name: 'shop',
    replace_configuration: true,
    configuration: {
      connection_info: { database_url: shop.url, pool_settings: { max_connections: most } },
    },
  });
  await api.command('pg_track_table', { table: 'slow_customer' });
  await api.command('pg_create_remote_relationship', {
    table: 'slow_customer',
    name: 'orders',
    definition: toSource('array', 'shop', 'orders', { id: 'customer' }),
  });
  const slow = api.query('{ slow_customer { slept orders(order_by: {id: asc}) { id } } }');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await api.command('pg_add_source', shopInfo(7))).toMatchObject({ status: 200 });
  expect(await slow).toEqual({ data: { slow_customer: [{ slept: '', orders: [{ id: 1 }, { id: 2 }] }] } });
});

test('more values than a statement takes are refused there, too', async () => {
  const many = Array.from({ length: 70_000 }, (_, id) => `{id: {_eq: ${id}}}`).join(' ');
  expect(await api.query(`{ customer { orders(where: {_or: [${many}]}) { id } } }`)).toMatchObject({
    errors: [{ message: 'the query has more than 65535 values' }],
  });
});

test('they are not for filters, and not for subscriptions', async () => {
  expect(await api.query('{ customer(where: {orders: {}}) { id } }')).toMatchObject({
    errors: [{ message: "field 'orders' not found in type: 'customer_bool_exp'" }],
  });
});

describe('what does not fit is listed', () => {
  test.each([
    [toSource('array', 'nowhere', 'orders', { id: 'customer' }), 'source not found: "nowhere"'],
    [
      toSource('array', 'shop', 'nothing', { id: 'customer' }),
      'table "nothing" does not exist in source: shop',
    ],
    [toSource('array', 'shop', 'orders', { ix: 'customer' }), '"ix" does not exist'],
  ])('%j', async (definition, reason) => {
    const { status, body } = await api.command('pg_create_remote_relationship', {
      table: 'visit',
      name: 'broken',
      definition,
    });
    expect({ status, body }).toMatchObject({
      status: 400,
      body: {
        code: 'invalid-configuration',
        error: `Inconsistent object: in table "visit": in remote relationship "broken": ${reason}`,
      },
    });
  });
});

test('queries with rows of other sources are not explained', async () => {
  const explain = async (query: string) => {
    const response = await api.request('/v1/graphql/explain', { query: { query } });
    return [response.status, await response.json()];
  };
  expect(await explain('{ visit { customer { name orders { id } } } }')).toEqual([
    400,
    { error: 'queries with remote relationships cannot be explained', path: '$', code: 'invalid-params' },
  ]);
  expect(await explain('{ customer { name } }')).toMatchObject([200, [{ field: 'customer' }]]);
});
