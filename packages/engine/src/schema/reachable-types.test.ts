import { expect, test } from 'vitest';
import { handMadeModel } from '../../test/support/hand-made-model.ts';
import { SchemaContext } from './context.ts';
import { reachableTypes, walkTypes } from './reachable-types.ts';
import { mutationRoot, queryRoot, subscriptionRoot } from './roots.ts';
import { typeDefinition } from './type-definition.ts';
import { schemaFeatures } from '../../test/support/stages.ts';

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
  features: schemaFeatures,
};
const rootsOf = (context: SchemaContext) => [
  queryRoot(context),
  mutationRoot(context),
  subscriptionRoot(context),
];

test.each([
  ['graphql', true],
  ['graphql', false],
  ['relay', true],
  ['relay', false],
] as const)(
  'types that are let go and made anew are each given once, and are those that are kept: %s, names compared: %s',
  (api, mayTypesOfTablesMeet) => {
    const kept = reachableTypes(rootsOf(new SchemaContext(model, 'admin', { ...options, api })));
    const expected = Array.from(kept.values(), typeDefinition);
    expect(expected.length).toBeGreaterThan(12 * 40);
    const forgetting = new SchemaContext(model, 'admin', { ...options, api, forgetsTables: true });
    const given = Array.from(
      walkTypes(rootsOf(forgetting), { forgets: true, mayTypesOfTablesMeet }),
      typeDefinition,
    );
    expect(given.toSorted()).toEqual(expected.toSorted());
  },
);

test('the order is that of names, not of the metadata', () => {
  const walk = (given: typeof tables) => {
    const context = new SchemaContext(handMadeModel({ tables: given }), 'admin', {
      ...options,
      forgetsTables: true,
    });
    return Array.from(walkTypes(rootsOf(context), { forgets: true }), ({ name }) => name);
  };
  const expected = walk(tables);
  expect(walk(tables.toReversed())).toEqual(expected);
  expect(
    walk(tables.map((table) => ({ ...table, relationships: table.relationships.toReversed() }))),
  ).toEqual(expected);
});

test('of two types with one name the first is told', () => {
  const tables = [
    { name: 'a', columns: 'id int4!' },
    { name: 'a_order_by', columns: 'id int4!, more text' },
  ];
  const context = new SchemaContext(handMadeModel({ tables }), 'admin', { ...options, forgetsTables: true });
  const names = Array.from(walkTypes(rootsOf(context), { forgets: true }), ({ name }) => name);
  expect(names.filter((name) => name === 'a_order_by')).toHaveLength(1);
  expect(names).toEqual([...new Set(names)]);
});
