import { expect, test } from 'vitest';
import { handMadeModel } from '../../test/support/hand-made-model.ts';
import { SchemaContext } from './context.ts';
import { reachableTypes, walkTypes } from './reachable-types.ts';
import { mutationRoot, queryRoot, subscriptionRoot } from './roots.ts';
import { typeDefinition } from './type-definition.ts';

const tables = Array.from({ length: 12 }, (_, index) => ({
  name: `t${index}`,
  columns: 'id int4!, name text, data jsonb, flag bool, ratio float8, tags text[], parent int4',
  primaryKey: ['id'],
  relationships: [
    {
      name: 'parent_row',
      kind: 'object' as const,
      target: `t${(index * 5) % 12}`,
      mapping: { parent: 'id' },
    },
    {
      name: 'children',
      kind: 'array' as const,
      target: `t${(index * 7 + 1) % 12}`,
      mapping: { id: 'parent' },
    },
  ],
}));
const model = handMadeModel({ tables });
const options = {
  usesBackendOnly: false,
  features: {
    mutations: true,
    disablesPostgresArrays: false,
    hidesUpdateManyFields: false,
    hidesAggregationPredicates: false,
    hidesStreamFields: false,
  },
};
const rootsOf = (context: SchemaContext) => [
  queryRoot(context),
  mutationRoot(context),
  subscriptionRoot(context),
];

test.each(['graphql', 'relay'] as const)(
  'types that are let go and made anew are each given once, and are those that are kept: %s',
  (api) => {
    const kept = reachableTypes(rootsOf(new SchemaContext(model, 'admin', { ...options, api })));
    const expected = Array.from(kept.values(), typeDefinition);
    expect(expected.length).toBeGreaterThan(12 * 40);
    const forgetting = new SchemaContext(model, 'admin', { ...options, api, forgetsTables: true });
    const given = Array.from(walkTypes(rootsOf(forgetting), true), typeDefinition);
    expect(given.toSorted()).toEqual(expected.toSorted());
  },
);

test('the order is that of names, not of the metadata', () => {
  const walk = (given: typeof tables) => {
    const context = new SchemaContext(handMadeModel({ tables: given }), 'admin', {
      ...options,
      forgetsTables: true,
    });
    return Array.from(walkTypes(rootsOf(context), true), ({ name }) => name);
  };
  const expected = walk(tables);
  expect(walk(tables.toReversed())).toEqual(expected);
  expect(
    walk(tables.map((table) => ({ ...table, relationships: table.relationships.toReversed() }))),
  ).toEqual(expected);
});
