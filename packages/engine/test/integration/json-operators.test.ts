/** Conditions on jsonb that look into it by SQL/JSON paths, and what null is to them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at, graphqlError, type Project, project } from '../support/project.ts';

let api: Project;
beforeAll(async () => {
  api = await project({
    tables: `
      create table orders (id int primary key, items jsonb);
      insert into orders values (1, '[{"sku": "a", "quantity": 7}]'), (2, '[{"sku": "b", "quantity": 2}]'), (3, '{"price": 40}'), (4, null);
      do $$ begin execute format('alter database %I set plan_cache_mode = force_generic_plan', current_database()); end $$`,
    metadata: [
      {
        table: 'orders',
        select_permissions: [
          {
            role: 'buyer',
            permission: { columns: ['id'], filter: { items: { _jsonb_path_exists: 'X-Hasura-Path' } } },
          },
          { role: 'nobody', permission: { columns: ['id', 'items'], filter: { id: { _gt: 100 } } } },
        ],
      },
    ],
  });
});
afterAll(() => api?.close());

const found = (...ids: readonly number[]) => ({ data: { orders: ids.map((id) => ({ id })) } });
const where = (operator: string, path: string) => `{items: {${operator}: ${JSON.stringify(path)}}}`;

test.each([
  ['_jsonb_path_exists', '$[*] ? (@.quantity > 5)', [1]],
  ['_jsonb_path_exists', '$.price', [3]],
  ['_jsonb_path_exists', 'strict $.price', [3]],
  ['_jsonb_path_match', '$.price < 50', [3]],
  ['_jsonb_path_match', 'exists($[*].sku)', [1, 2]],
  ['_jsonb_path_match', '$.price', []],
] as const)('%s: %s', async (operator, path, ids) => {
  const literal = `{ orders(where: ${where(operator, path)}, order_by: {id: asc}) { id } }`;
  expect(await api.query(literal)).toEqual(found(...ids));
  const variable = `query ($path: String!) { orders(where: {items: {${operator}: $path}}, order_by: {id: asc}) { id } }`;
  expect(await api.query(variable, { path })).toEqual(found(...ids));
});

test('a permission looks into columns that it does not show', async () => {
  const ask = (path: string) => api.as('buyer', { 'x-hasura-path': path }).query('{ orders { id } }');
  expect(await ask('$[*] ? (@.sku == "b")')).toEqual(found(2));
  expect(await ask('$.*.* ? (@ == 1)')).toEqual(found());
});

describe('a path that cannot be read', () => {
  test.each(['_jsonb_path_exists', '_jsonb_path_match'])(
    'is refused before any row is: %s',
    async (operator) => {
      const refused = { errors: [{ extensions: { path: '$' } }] };
      for (const caller of [api, api.as('nobody')]) {
        expect(
          await caller.query(
            `query ($id: Int!, $path: String!) { orders(where: {id: {_eq: $id}, items: {${operator}: $path}}) { id } }`,
            { id: 77, path: '$.[' },
          ),
        ).toMatchObject(refused);
      }
    },
  );

  test('null is none', async () => {
    expect(await api.query('{ orders(where: {items: {_jsonb_path_match: null}}) { id } }')).toEqual(
      graphqlError(
        'validation-failed',
        `${at('orders')}.args.where.items._jsonb_path_match`,
        "unexpected null value for type 'String'",
      ),
    );
  });
});

test('no row has null for a key', async () => {
  expect(await api.query('{ orders(where: {items: {_has_key: null}}) { id } }')).toEqual(found());
  const document = 'query ($key: String) { orders(where: {items: {_has_key: $key}}) { id } }';
  expect(await api.query(document)).toEqual(found());
  expect(await api.query(document, { key: 'price' })).toEqual(found(3));
  expect(await api.query('{ orders(where: {_not: {items: {_has_key: null}}}) { id } }')).toEqual(found());
});
