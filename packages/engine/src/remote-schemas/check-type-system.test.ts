import { buildSchema, introspectionFromSchema } from 'graphql';
import { expect, test } from 'vitest';
import type { Json } from '../support/index.ts';
import { parseTypeSystem } from './fetch-type-system.ts';

interface Described {
  kind: string;
  name: string;
  fields?: { name: string; type: unknown; args: unknown[] }[];
  interfaces?: { name: string }[];
  possibleTypes?: { name: string }[];
}

const sdl = `
  interface Character { id: ID! }
  type Droid implements Character { id: ID! }
  type Human implements Character { id: ID! friend: Character }
  union Found = Droid | Human
  type Query { hero: Character found(one: Int = 1): Found }`;

function damaged(change: (types: readonly Described[]) => void): string {
  const introspection = structuredClone(introspectionFromSchema(buildSchema(sdl))) as unknown as {
    __schema: { types: Described[] };
  };
  change(introspection.__schema.types);
  return JSON.stringify({ data: introspection } as unknown as Json);
}

function find(types: readonly Described[], name: string): Described {
  const type = types.find((candidate) => candidate.name === name);
  if (type === undefined) throw new Error(name);
  return type;
}

const fieldOf = (type: Described, name: string) => {
  const field = type.fields?.find((candidate) => candidate.name === name);
  if (field === undefined) throw new Error(name);
  return field;
};

const required = (name: string) => ({ kind: 'NON_NULL', name: null, ofType: { kind: 'SCALAR', name } });
const argument = (name: string, type: unknown) => ({ name, description: null, type, defaultValue: null });

test('a type system that fits is read', () => {
  const { types, roots } = parseTypeSystem(damaged(() => {}));
  expect(roots).toEqual({ query: 'Query', mutation: null, subscription: null });
  expect(types.get('Character')).toMatchObject({ possibleTypes: ['Droid', 'Human'] });
  expect([...types.keys()].filter((name) => name.startsWith('__'))).toEqual([]);
  const query = types.get('Query');
  expect(query?.kind === 'object' && query.fields.get('found')?.arguments.get('one')?.defaultValue).toBe('1');
});

test.each<[string, (types: readonly Described[]) => void]>([
  [
    "List of fields cannot be empty for interface 'Character'",
    (types) => {
      find(types, 'Character').fields = [];
    },
  ],
  [
    `Interface field 'Character'."id" expected, but 'Droid' does not provide it`,
    (types) => {
      find(types, 'Droid').fields = [];
    },
  ],
  [
    `Interface field argument 'Character'."id"("ifaceArg":) required, but Object field 'Droid'."id" does not provide it`,
    (types) => fieldOf(find(types, 'Character'), 'id').args.push(argument('ifaceArg', required('Int'))),
  ],
  [
    `Interface field argument 'Character'."id"("ifaceArg":) expects type Int!, but 'Human'."id"("ifaceArg":) has type String!`,
    (types) => {
      fieldOf(find(types, 'Character'), 'id').args.push(argument('ifaceArg', required('Int')));
      fieldOf(find(types, 'Droid'), 'id').args.push(argument('ifaceArg', required('Int')));
      fieldOf(find(types, 'Human'), 'id').args.push(argument('ifaceArg', required('String')));
    },
  ],
  [
    `Object field argument 'Droid'."id"("extraArg":) is of required type Int!, but is not provided by Interface field 'Character'."id"`,
    (types) => fieldOf(find(types, 'Droid'), 'id').args.push(argument('extraArg', required('Int'))),
  ],
  [
    `The type of Object field 'Droid'."id" (String!) is not the same type/sub type of Interface field 'Character'."id" (ID!)`,
    (types) => {
      fieldOf(find(types, 'Droid'), 'id').type = required('String');
    },
  ],
  [
    "Could not find interface 'U' implemented by Object type 'Droid'",
    (types) => {
      find(types, 'Droid').interfaces = [{ name: 'U' }];
    },
  ],
  [
    "List of member types cannot be empty for union type 'Found'",
    (types) => {
      find(types, 'Found').possibleTypes = [];
    },
  ],
  [
    "Union type 'Found' can only include object types. It cannot include 'Character'",
    (types) => {
      find(types, 'Found').possibleTypes = [{ name: 'Character' }];
    },
  ],
  [
    "Interface type 'Character' can only include object types. It cannot include 'Found'",
    (types) => {
      find(types, 'Character').possibleTypes = [{ name: 'Found' }];
    },
  ],
  [
    "Could not find type 'Unknown0', which is defined as a member type of Interface 'Character'",
    (types) => {
      find(types, 'Character').possibleTypes = [{ name: 'Unknown0' }];
    },
  ],
  [
    "Could not find type 'Unknown0', which is defined as a member type of Union 'Found'",
    (types) => {
      find(types, 'Found').possibleTypes = [{ name: 'Unknown0' }];
    },
  ],
  [
    'Could not find type with name "Nowhere"',
    (types) => {
      fieldOf(find(types, 'Human'), 'friend').type = { kind: 'OBJECT', name: 'Nowhere' };
    },
  ],
  [
    'expected input type, but got output type',
    (types) =>
      fieldOf(find(types, 'Query'), 'hero').args.push(argument('a', { kind: 'OBJECT', name: 'Droid' })),
  ],
])('%s', (message, change) => {
  expect(() => parseTypeSystem(damaged(change))).toThrow(
    expect.objectContaining({ code: 'remote-schema-error', message }),
  );
});

test.each([
  ['nothing', 'the answer to the introspection query is not JSON'],
  ['{"data":null}', 'the answer to the introspection query is malformed: data.__schema'],
  ['{"data":{"__schema":{"types":[{"kind":"OBJECT","name":"a b"}]}}}', 'malformed: a name in types'],
])('%s is no answer', (text, message) => {
  expect(() => parseTypeSystem(text)).toThrow(message);
});

test('a root that is no object is refused', () => {
  const text = damaged(() => {}).replace('"queryType":{"name":"Query"', '"queryType":{"name":"Found"');
  expect(() => parseTypeSystem(text)).toThrow(
    expect.objectContaining({ code: 'unexpected', message: '"Found" has to be an object type' }),
  );
});
