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

test('the types of a table come together', () => {
  const forgetting = new SchemaContext(model, 'admin', { ...options, forgetsTables: true });
  const names = Array.from(
    walkTypes(rootsOf(forgetting), true),
    ({ name }) => /^t\d+(?=_|$)/.exec(name)?.[0],
  );
  const ofTables = names.filter((name) => name !== undefined);
  const changes = ofTables.filter((name, index) => name !== ofTables[index - 1]).length;
  expect(changes).toBeLessThan(6 * 12);
});
