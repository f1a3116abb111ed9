/** Arguments of functions: arrays and domains go by the name of their type, and are written as PostgreSQL writes them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { at, graphqlError, type Project, project } from '../support/project.ts';

let api: Project;
beforeAll(async () => {
  api = await project({
    tables: `
      create domain positive as int check (value > 0);
      create table item (id int primary key, tags text[]);
      insert into item values (1, '{a}'), (2, '{b,c}'), (3, null);
      create function items_of(ids int[], low positive default 1) returns setof item language sql stable as
        $$ select * from item where id = any(ids) and id >= low order by id $$;
      create function item_has(self item, wanted text[]) returns boolean language sql stable as
        $$ select self.tags @> wanted $$;`,
    metadata: [
      {
        table: 'item',
        computed_fields: [{ name: 'has', definition: { function: 'item_has' } }],
      },
    ],
  });
  await api.command('pg_track_function', { function: 'items_of' });
});
afterAll(() => api?.close());

test('are called like their types', async () => {
  const fieldsOf = async (name: string) =>
    await api.query(
      `{ __type(name: "${name}") { inputFields { name type { kind name } } } _int4: __type(name: "_int4") { kind } }`,
    );
  expect(await fieldsOf('items_of_args')).toEqual({
    data: {
      __type: {
        inputFields: [
          { name: 'ids', type: { kind: 'SCALAR', name: '_int4' } },
          { name: 'low', type: { kind: 'SCALAR', name: 'positive' } },
        ],
      },
      _int4: { kind: 'SCALAR' },
    },
  });
  expect(await fieldsOf('has_item_args')).toMatchObject({
    data: { __type: { inputFields: [{ name: 'wanted', type: { kind: 'SCALAR', name: '_text' } }] } },
  });
});

test.each([
  ['{ items_of(args: {ids: "{1,3}"}) { id } }', undefined, [{ id: 1 }, { id: 3 }]],
  ['{ items_of(args: {ids: "{1,3}", low: "2"}) { id } }', undefined, [{ id: 3 }]],
  ['query ($ids: _int4!) { items_of(args: {ids: $ids}) { id } }', { ids: '{2}' }, [{ id: 2 }]],
  ['{ items_of(args: {ids: null}) { id } }', undefined, []],
])('%s with %j', async (query, variables, rows) => {
  expect(await api.query(query, variables)).toEqual({ data: { items_of: rows } });
});

test('of computed fields, too', async () => {
  expect(await api.query('{ item(order_by: {id: asc}) { has(args: {wanted: "{b}"}) } }')).toEqual({
    data: { item: [{ has: false }, { has: true }, { has: null }] },
  });
});

test.each([
  ['{ items_of(args: {ids: [1]}) { id } }', undefined],
  ['query ($ids: _int4!) { items_of(args: {ids: $ids}) { id } }', { ids: [1] }],
])('%s with %j is refused', async (query, variables) => {
  expect(await api.query(query, variables)).toEqual(
    graphqlError('parse-failed', `${at('items_of')}.args.args.ids`, 'A string is expected for type: _int4'),
  );
});

test('what PostgreSQL cannot read, it refuses', async () => {
  expect(await api.query('{ items_of(args: {ids: "1"}) { id } }')).toMatchObject({
    errors: [{ message: 'malformed array literal: "1"', extensions: { code: 'data-exception', path: '$' } }],
  });
  expect(await api.query('{ items_of(args: {ids: "{1}", low: "0"}) { id } }')).toMatchObject({
    errors: [
      {
        message:
          'Check constraint violation. value for domain positive violates check constraint "positive_check"',
      },
    ],
  });
});
