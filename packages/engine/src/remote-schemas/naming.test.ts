import { buildSchema, introspectionFromSchema } from 'graphql';
import { expect, test } from 'vitest';
import type { RemoteSchemaCustomization } from '../metadata/index.ts';
import { parseTypeSystem } from './fetch-type-system.ts';
import { createRemoteNaming } from './naming.ts';

const typeSystem = parseTypeSystem(
  JSON.stringify({
    data: introspectionFromSchema(
      buildSchema(`
        interface Character { id: ID! name: String! }
        type Droid implements Character { id: ID! name: String! primaryFunction: String }
        type CharacterQuery { hero(episode: Int!): Character }
        schema { query: CharacterQuery }`),
    ),
  }),
);

const namingOf = (customization?: RemoteSchemaCustomization) => createRemoteNaming(customization, typeSystem);

test('types take prefix and suffix unless they are mapped, built in or roots', () => {
  const naming = namingOf({
    type_names: { prefix: 'P_', suffix: '_s', mapping: { Droid: 'Android', Int: 'MyInt' } },
  });
  expect(
    ['Character', 'Droid', 'Int', 'String', 'CharacterQuery'].map((name) => naming.typeName(name)),
  ).toEqual(['P_Character_s', 'Android', 'MyInt', 'String', 'CharacterQuery']);
  expect(naming.originalTypeName('Android')).toBe('Droid');
});

test('a namespace renames the roots', () => {
  const naming = namingOf({ root_fields_namespace: 'foo', type_names: { prefix: 'P_' } });
  expect(naming.namespace).toBe('foo');
  expect(naming.typeName('CharacterQuery')).toBe('fooCharacterQuery');
});

test('fields are renamed by the type that has them', () => {
  const entry = { prefix: 'p_', suffix: '_s', mapping: { id: 'ident' } };
  const naming = namingOf({
    field_names: [
      { parent_type: 'Character', ...entry },
      { parent_type: 'Droid', ...entry },
    ],
  });
  expect(naming.fieldName('Droid', 'name')).toBe('p_name_s');
  expect(naming.fieldName('Droid', 'id')).toBe('ident');
  expect(naming.fieldName('CharacterQuery', 'hero')).toBe('hero');
});

test.each<[string, RemoteSchemaCustomization]>([
  [
    'Remote schema customization inconsistency: field name mapping for field "name" of interface "Character" is inconsistent with mapping for type "Droid". Interface field name maps to "name". Type field name maps to "primaryFunction".',
    {
      field_names: [{ parent_type: 'Droid', mapping: { name: 'primaryFunction', primaryFunction: 'name' } }],
    },
  ],
  [
    'Type name mappings are not distinct; the following types appear more than once: "Foo"',
    { type_names: { mapping: { Character: 'Foo', Droid: 'Foo' } } },
  ],
  [
    'Field name mappings for object type "Droid" are not distinct; the following fields appear more than once: "name"',
    { field_names: [{ parent_type: 'Droid', mapping: { primaryFunction: 'name' } }] },
  ],
  ['"1x" is not a valid GraphQL name', { type_names: { mapping: { Droid: '1x' } } }],
])('%s', (message, customization) => {
  expect(() => namingOf(customization)).toThrow(message);
});
