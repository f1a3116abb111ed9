import { buildClientSchema, type IntrospectionQuery, printType, validateSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { fullIntrospection } from '../../test/support/introspect.ts';
import { parseDocument, selectOperation } from '../graphql/index.ts';
import { introspectionFields } from '../schema/introspection-types.ts';
import { field, interfaceType, queryRootType, objectType, unionType } from '../schema/lazy-types.ts';
import { nullable, required } from '../schema/type-references.ts';
import { reachableTypes } from '../schema/reachable-types.ts';
import { strictScalars } from '../schema/scalars.ts';
import type { Field, InterfaceType, ObjectType, RoleSchema } from '../schema/types.ts';
import { Path, RequestError } from '../support/index.ts';
import { collectFieldsOf } from './collect-fields.ts';
import type { PlanContext } from './context.ts';

const text = (name: string): Field =>
  field(name, null, required(strictScalars.String), { kind: 'introspection' });

const named: InterfaceType = interfaceType(
  'Named',
  'has a name',
  () => [text('name')],
  () => [person, place],
);
const person: ObjectType = objectType(
  'Person',
  null,
  () => [text('name'), text('mail')],
  () => [named],
);
const place: ObjectType = objectType(
  'Place',
  null,
  () => [text('name'), text('area')],
  () => [named],
);
const found = unionType('Found', null, () => [place, person]);

const queryRoot = queryRootType(
  () => [
    field('named', null, nullable(named), { kind: 'introspection' }),
    field('found', null, nullable(found), { kind: 'introspection' }),
  ],
  // what stands there needs no more of the context than this
  introspectionFields({ role: 'admin' } as Parameters<typeof introspectionFields>[0]),
);
const types = reachableTypes([queryRoot]);
const schema: RoleSchema = {
  role: 'admin',
  queryRoot,
  mutationRoot: null,
  subscriptionRoot: null,
  isLarge: false,
  findType: (name) => types.get(name) ?? null,
  allTypes: () => [...types.values()],
  eachType: () => types.values(),
  namingOf: () => null,
};

/** `key:name` of each field that is selected when a value of `abstract` is a `concrete`. */
function selectedOf(abstract: typeof named | typeof found, concrete: ObjectType, document: string): string[] {
  const operation = selectOperation(parseDocument(document), null);
  const context: PlanContext = {
    schema,
    operation,
    variables: new Map(),
    options: {
      stringifyNumericTypes: false,
      v1BooleanNullCollapse: false,
      noNullUnboundVariableDefault: false,
    },
    structuralVariables: new Set(),
    shapes: new Map(),
    effort: { left: 1000, depth: 0 },
  };
  return collectFieldsOf(abstract, concrete, [operation.selectionSet], Path.root, context).map(
    ({ responseKey, field: definition }) => `${responseKey}:${definition?.name ?? '__typename'}`,
  );
}

function faultOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof RequestError) return `${error.path}: ${error.message}`;
    throw error;
  }
  return 'no fault';
}

describe('selections on abstract types', () => {
  test('fields of the interface, and fragments on the concrete type, apply', () => {
    const document = '{ __typename name ... on Person { m: mail } ...p } fragment p on Place { area }';
    expect(selectedOf(named, person, document)).toEqual(['__typename:__typename', 'name:name', 'm:mail']);
    expect(selectedOf(named, place, document)).toEqual(['__typename:__typename', 'name:name', 'area:area']);
  });

  test('fragments on an interface that the concrete type implements apply, also within a union', () => {
    const document =
      '{ ... on Named { name } ... on Found { ... { ... on Place { area } } } ... on Other { x } }';
    expect(selectedOf(found, place, document)).toEqual(['name:name', 'area:area']);
    expect(selectedOf(found, person, document)).toEqual(['name:name']);
  });

  test('fields of concrete types need a fragment', () => {
    expect(faultOf(() => selectedOf(named, person, '{ mail }'))).toBe(
      "$.selectionSet.mail: field 'mail' not found in type: 'Place'",
    );
    expect(faultOf(() => selectedOf(found, person, '{ name }'))).toBe(
      "$.selectionSet.name: field 'name' not found in type: 'Found'",
    );
    expect(faultOf(() => selectedOf(found, person, '{ ... on Person { ... on Named { mail } } }'))).toBe(
      "$.selectionSet.mail: field 'mail' not found in type: 'Place'",
    );
  });
});

describe('introspection of abstract types', () => {
  test('tells interfaces, unions and their possible types', () => {
    const introspection: IntrospectionQuery = fullIntrospection(schema);
    const built = buildClientSchema(introspection);
    expect(validateSchema(built)).toEqual([]);
    const printed = ['Named', 'Person', 'Found'].map((name) => {
      const type = built.getType(name);
      return type === undefined ? `no ${name}` : printType(type);
    });
    expect(printed).toEqual([
      '"""has a name"""\ninterface Named {\n  name: String!\n}',
      'type Person implements Named {\n  mail: String!\n  name: String!\n}',
      'union Found = Person | Place',
    ]);
    expect(introspection.__schema.types.find(({ name }) => name === 'Named')).toMatchObject({
      kind: 'INTERFACE',
      interfaces: [],
      possibleTypes: [{ name: 'Person' }, { name: 'Place' }],
    });
  });
});
