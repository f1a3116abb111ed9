/**
 * The promise on which cached plans rest: requests that agree in their structural variables, and in whether each other variable is absent, null or
 * present, have the same plan. Random requests, each planned again with other values in the places that shall not matter.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { handMadeModel } from '../../test/support/hand-made-model.ts';
import { pgType } from '../../test/support/pg-types.ts';
import { outlinePlan } from '../../test/support/plan-outline.ts';
import { planQuery } from '../../test/support/plan-query.ts';
import type { Json, JsonObject } from '../support/index.ts';

const model = handMadeModel({
  tables: [
    {
      name: 'author',
      columns: 'id int4!, name text!, bio jsonb, color text, place geometry, tags text[]',
      primaryKey: ['id'],
      enumReferences: { color: 'colors' },
      relationships: [{ name: 'friends', kind: 'array', target: 'author', mapping: { id: 'id' } }],
    },
    {
      name: 'colors',
      columns: 'value text!',
      primaryKey: ['value'],
      enumValues: ['red', 'blue'].map((value) => ({ value, comment: null })),
    },
  ],
  functions: [
    { name: 'search', returns: 'author', arguments: [{ name: 'a', type: pgType('text'), hasDefault: true }] },
  ],
});

const text = `query (
  $int: Int, $ints: [Int!], $text: String, $texts: [String!], $json: jsonb, $color: colors_enum, $colors: [colors_enum!],
  $place: geometry, $yes: Boolean = true, $no: Boolean! = false, $where: author_bool_exp! = {}, $order: [author_order_by!], $direction: order_by,
  $columns: [author_select_column!], $counted: [author_select_column!], $path: String, $default: Int = 7
) {
  author(
    where: {
      _and: [{ id: { _eq: $int, _in: $ints, _gt: $default } }, $where],
      name: { _eq: $text, _in: $texts, _is_null: $yes }, tags: { _eq: $texts },
      bio: { _eq: $json, _has_key: $text, _contains: { a: [$path] } },
      color: { _eq: $color, _nin: $colors }, place: { _eq: $place },
      friends_aggregate: { count: { arguments: $counted, distinct: $yes, predicate: { _lte: $int } } }
    },
    order_by: [{ name: $direction }], limit: $int, offset: $default
  ) {
    id name @include(if: $no) bio(path: $path) friends(order_by: $order) @skip(if: $no) { id } others: friends(distinct_on: $columns) { id }
    friends_aggregate { aggregate { count(columns: $counted) } }
  }
  search(args: { a: $text }, limit: $int) { id }
}`;

const words = fc.constantFrom('id', 'name', 'red', 'blue', 'a.b', '"', '');
const ints = fc.integer({ min: 0, max: 9 });
const lists = <T>(items: fc.Arbitrary<T>) => fc.oneof(items, fc.array(items, { maxLength: 3 }));
const colors = fc.constantFrom('red', 'blue');
const point = fc.constantFrom<Json>('POINT(1 2)', { type: 'Point', coordinates: [1, 2] });
const where = fc.constantFrom<Json>(
  {},
  { id: { _eq: 1 } },
  { id: { _eq: 2 } },
  { _or: [] },
  { name: { _is_null: false } },
);
const directions = fc.constantFrom('asc', 'desc', 'desc_nulls_last');
const columns = fc.constantFrom('id', 'name');

/** Values by variable; a value that is not given is absent. */
const variables = fc.record<Record<string, Json>, never>(
  {
    int: ints,
    ints: lists(ints),
    text: words,
    texts: lists(words),
    json: fc.oneof(words, ints, fc.constant<Json>({ a: [null] })),
    color: colors,
    colors: lists(colors),
    place: point,
    yes: fc.boolean(),
    no: fc.boolean(),
    where,
    order: fc.constantFrom<Json>([], { id: 'asc' }, [{ name: 'desc' }, { id: 'asc' }]),
    direction: directions,
    columns: lists(columns),
    counted: lists(columns),
    path: fc.constantFrom('a', '$.b[0]', '$'),
    default: ints,
  },
  { requiredKeys: [] },
);
const nulls = fc.subarray(['order', 'direction', 'columns']);

test('plans with equal keys are equal', () => {
  fc.assert(
    fc.property(variables, nulls, variables, (given, nullNames, others) => {
      // Operators refuse nulls, so that most variables are always there.
      const first: Record<string, Json> = Object.assign({}, defaults, given);
      for (const name of nullNames) first[name] = null;
      const planned = planQuery({ text, model, variables: first });
      const second = Object.fromEntries(
        Object.entries(first).map(([name, value]) => {
          const other = others[name];
          const matters = planned.structuralVariables.has(name) || value === null || other === undefined;
          return [name, matters ? value : other];
        }),
      );
      const again = planQuery({ text, model, variables: second });
      expect(outlinePlan(again.plan)).toBe(outlinePlan(planned.plan));
      expect(again.structuralVariables).toEqual(planned.structuralVariables);
    }),
    { numRuns: 300 },
  );
});

const defaults: JsonObject = {
  int: 1,
  ints: [1],
  text: 'x',
  texts: ['x'],
  json: 1,
  color: 'red',
  colors: ['red'],
  place: 'POINT(1 2)',
  counted: ['id'],
  yes: true,
  path: 'a',
  no: false,
  where: {},
};
