import { buildClientSchema, getIntrospectionQuery, validateSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { handMadeModel } from '../../test/support/hand-made-model.ts';
import { collectQuery, fullIntrospection, introspect } from '../../test/support/introspect.ts';
import { createRoleSchema } from './index.ts';
import { schemaFeatures as features } from '../../test/support/stages.ts';

const schema = createRoleSchema(
  handMadeModel({
    tables: [
      {
        name: 'author',
        columns: 'id int4!, name text!, alias varchar',
        primaryKey: ['id'],
        comment: { kind: 'text', text: 'says "hi"\n\tand \u2028 more' },
      },
    ],
  }),
  'admin',
  { usesBackendOnly: false, features },
);

describe('introspection', () => {
  test('graphql-js builds a valid schema from it', () => {
    expect(validateSchema(buildClientSchema(fullIntrospection(schema)))).toEqual([]);
  });

  test('types are sorted, once each, and include those of introspection and the built-in scalars', () => {
    const names = fullIntrospection(schema).__schema.types.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)].sort());
    expect(names).toEqual(
      expect.arrayContaining([
        'Boolean',
        'Float',
        'ID',
        'Int',
        'String',
        '__Directive',
        '__DirectiveLocation',
        '__EnumValue',
        '__Field',
        '__InputValue',
        '__Schema',
        '__Type',
        '__TypeKind',
      ]),
    );
  });

  test('directives, with default values as text', () => {
    expect(
      introspect(
        schema,
        '{ __schema { directives { name locations isRepeatable args { name defaultValue } } } }',
      ),
    ).toEqual({
      __schema: {
        directives: [
          {
            name: 'include',
            locations: ['FIELD', 'FRAGMENT_SPREAD', 'INLINE_FRAGMENT'],
            isRepeatable: false,
            args: [{ name: 'if', defaultValue: null }],
          },
          {
            name: 'skip',
            locations: ['FIELD', 'FRAGMENT_SPREAD', 'INLINE_FRAGMENT'],
            isRepeatable: false,
            args: [{ name: 'if', defaultValue: null }],
          },
          {
            name: 'cached',
            locations: ['QUERY'],
            isRepeatable: false,
            args: [
              { name: 'refresh', defaultValue: 'false' },
              { name: 'ttl', defaultValue: '60' },
            ],
          },
        ],
      },
    });
  });

  test('aliases, order, __typename and escapes are kept', () => {
    expect(
      JSON.stringify(
        introspect(
          schema,
          '{ __type(name: "author") { d: description __typename kind fields { n: name __typename type { ofType { name ofType { name } } } } inputFields { name } enumValues { name } interfaces { name } possibleTypes { name } ofType { name } } }',
        ),
      ),
    ).toBe(
      JSON.stringify({
        __type: {
          d: 'says "hi"\n\tand \u2028 more',
          __typename: '__Type',
          kind: 'OBJECT',
          fields: [
            { n: 'alias', __typename: '__Field', type: { ofType: null } },
            { n: 'id', __typename: '__Field', type: { ofType: { name: 'Int', ofType: null } } },
            { n: 'name', __typename: '__Field', type: { ofType: { name: 'String', ofType: null } } },
          ],
          inputFields: null,
          enumValues: null,
          interfaces: [],
          possibleTypes: null,
          ofType: null,
        },
      }),
    );
  });

  test.each([
    ['specifiedByURL', getIntrospectionQuery({ specifiedByUrl: true }), '__Type'],
    ['isOneOf', getIntrospectionQuery({ oneOf: true }), '__Type'],
  ])('there is no %s', (name, query, typeName) => {
    expect(() => collectQuery(schema, query)).toThrow(`field '${name}' not found in type: '${typeName}'`);
  });

  test('the introspection types describe themselves', () => {
    expect(introspect(schema, '{ __type(name: "__Field") { fields { name } } }')).toEqual({
      __type: {
        fields: ['args', 'deprecationReason', 'description', 'isDeprecated', 'name', 'type'].map((name) => ({
          name,
        })),
      },
    });
  });

  test('types within types end at a bound instead of using up the memory', () => {
    const relationships = Array.from({ length: 20 }, (_, index) => ({
      name: `rel_${index}`,
      kind: 'object' as const,
      target: 'node',
      mapping: { id: 'id' },
    }));
    const model = handMadeModel({
      tables: [{ name: 'node', columns: 'id int4!', primaryKey: ['id'], relationships }],
    });
    const circular = createRoleSchema(model, 'admin', { usesBackendOnly: false, features });
    const deep = (levels: number): string =>
      levels === 0 ? 'name' : `fields { name type { ${deep(levels - 1)} } }`;
    expect(() => introspect(circular, `{ __type(name: "node") { ${deep(3)} } }`)).not.toThrow();
    expect(() => introspect(circular, `{ __type(name: "node") { ${deep(9)} } }`)).toThrow(
      'the answer to the introspection query is longer than 535822336 bytes',
    );
  });

  test.each([
    [null, 'query_root'],
    ['shop', 'shop_query'],
  ])(
    'a schema of thousands of types is described the same each time, although it does not keep them (namespace %s)',
    (namespace, root) => {
      const tables = Array.from({ length: 80 }, (_, index) => ({
        name: `t${index}`,
        columns: 'id int4!, name text',
        primaryKey: ['id'],
      }));
      const model = handMadeModel(namespace === null ? { tables } : { tables, namespace });
      const large = createRoleSchema(model, 'admin', { usesBackendOnly: false, features });
      const first = fullIntrospection(large);
      const names = first.__schema.types.map(({ name }) => name);
      expect(names.length).toBeGreaterThan(2000);
      expect(names).toContain(root);
      // those that are kept come sorted
      expect(names).not.toEqual(names.toSorted());
      expect(validateSchema(buildClientSchema(first))).toEqual([]);
      expect(fullIntrospection(large)).toEqual(first);
      expect(introspect(large, '{ __type(name: "t7") { fields { name } } }')).toEqual({
        __type: { fields: [{ name: 'id' }, { name: 'name' }] },
      });
    },
  );

  test('functions share their fields only within a table, and where they give the same', () => {
    const tables = Array.from({ length: 30 }, (_, index) => ({
      name: `t${index}`,
      columns: `id int4!, n${index} int8, s${index} text`,
      primaryKey: ['id'],
      relationships: [
        { name: 'all', kind: 'array' as const, target: `t${(index + 1) % 30}`, mapping: { id: 'id' } },
      ],
    }));
    const many = createRoleSchema(handMadeModel({ tables }), 'admin', { usesBackendOnly: false, features });
    const { types } = fullIntrospection(many).__schema;
    const members = new Map(
      types.map((type) => {
        const list =
          type.kind === 'OBJECT' ? type.fields : type.kind === 'INPUT_OBJECT' ? type.inputFields : [];
        return [type.name, list.map(({ name, type: of }) => `${name} ${'name' in of ? of.name : ''}`)];
      }),
    );
    for (const index of [3, 29]) {
      const floats = ['id Float', `n${index} Float`];
      expect(members.get(`t${index}_avg_fields`)).toEqual(floats);
      expect(members.get(`t${index}_variance_fields`)).toEqual(floats);
      expect(members.get(`t${index}_sum_fields`)).toEqual(['id Int', `n${index} bigint`]);
      const own = ['id Int', `n${index} bigint`, `s${index} String`];
      expect(members.get(`t${index}_max_fields`)).toEqual(own);
      expect(members.get(`t${index}_min_fields`)).toEqual(own);
      const directions = ['id order_by', `n${index} order_by`];
      expect(members.get(`t${index}_avg_order_by`)).toEqual(directions);
      expect(members.get(`t${index}_sum_order_by`)).toEqual(directions);
      expect(members.get(`t${index}_max_order_by`)).toEqual([...directions, `s${index} order_by`]);
    }
  });
});
