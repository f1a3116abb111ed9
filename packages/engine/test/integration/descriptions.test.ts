/** Where the comments of columns and the names of tables stand in the descriptions of the schema. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Project, project } from '../support/project.ts';

let api: Project;
beforeAll(async () => {
  api = await project({
    tables: `
      create schema shop;
      create table shop.item (id int primary key, price numeric, parent int references shop.item);
      comment on column shop.item.price is 'In euros';`,
    metadata: [
      {
        table: { schema: 'shop', name: 'item' },
        array_relationships: [
          {
            name: 'parts',
            using: {
              foreign_key_constraint_on: { table: { schema: 'shop', name: 'item' }, column: 'parent' },
            },
          },
        ],
      },
    ],
  });
});
afterAll(() => api?.close());

interface Described {
  readonly name: string;
  readonly description: string | null;
  readonly fields: readonly Described[] | null;
  readonly inputFields: readonly Described[] | null;
}

async function types(): Promise<readonly Described[]> {
  const part = '{ name description }';
  const answer = await api.query(
    `{ __schema { types { name description fields ${part} inputFields ${part} } } }`,
  );
  return (answer as { data: { __schema: { types: readonly Described[] } } }).data.__schema.types;
}

test('a comment stands wherever the column is read or written, but not where it is compared or only ordered by', async () => {
  const commented = (await types()).filter(({ fields, inputFields }) =>
    (fields ?? inputFields ?? []).some(
      ({ name, description }) => name === 'price' && description === 'In euros',
    ),
  );
  const functions = ['avg', 'max', 'min', 'stddev', 'stddev_pop', 'stddev_samp', 'sum', 'var_pop'];
  const all = [...functions, 'var_samp', 'variance'].flatMap((name) => [
    `${name}_fields`,
    `${name}_order_by`,
  ]);
  const inputs = ['inc_input', 'insert_input', 'set_input', 'stream_cursor_value_input'];
  expect(commented.map(({ name }) => name).sort()).toEqual(
    ['shop_item', ...[...all, ...inputs].map((name) => `shop_item_${name}`)].sort(),
  );
});

test('a cursor tells the name in GraphQL, other types that in PostgreSQL', async () => {
  const found = new Map((await types()).map(({ name, description }) => [name, description]));
  expect(found.get('shop_item_stream_cursor_input')).toBe('Streaming cursor of the table "shop_item"');
  expect(found.get('shop_item_select_column')).toBe('select columns of table "shop.item"');
});
