import { buildSchema, introspectionFromSchema } from 'graphql';
import { expect, test } from 'vitest';
import { parseTypeSystem } from '../fetch-type-system.ts';
import { canonicalTypeSystem } from './canonical.ts';
import { restrictTypeSystem } from './restrict.ts';

const typeSystem = parseTypeSystem(
  JSON.stringify({
    data: introspectionFromSchema(
      buildSchema(`
        scalar Custom
        type User { user_id: Int name(upper: Boolean = false): String custom: Custom }
        interface Named { name: String }
        type Message implements Named { id: Int! name: String text: String }
        type Photo { width: Int }
        union Result = Message | Photo
        enum Status { READ SENT }
        input IntCompare { eq: Int = 1 gt: Int }
        input Where { id: IntCompare status: Status tenant: String owner: ID! }
        type Query {
          hello: String
          user(id: Int!): User
          users(ids: [Int]!): [User]
          messages(where: Where, limit: Int = 10): [Message]
          find(id: Int!): Result
          named: [Named]
          custom(value: Custom): Custom
        }
        type Mutation { touch: Int }`),
    ),
  }),
);

const restrict = (text: string) => restrictTypeSystem(typeSystem, text);

test('only what is listed remains', () => {
  const { types, roots } = restrict(
    'type Query { hello: String user(id: Int!): User } type User { user_id: Int }',
  );
  expect(roots).toEqual({ query: 'Query', mutation: null, subscription: null });
  const user = types.get('User');
  expect(user?.kind === 'object' && [...user.fields.keys()]).toEqual(['user_id']);
  expect(types.has('Message')).toBe(false);
});

test.each([
  ['type Query { hello: String } type Mutation { touch: Int }', 'Mutation'],
  ['schema { query: Query } type Query { hello: String } type Mutation { touch: Int }', null],
  [
    'schema { query: Query mutation: Mutation } type Query { hello: String } type Mutation { touch: Int }',
    'Mutation',
  ],
])('mutations of %s', (text, mutation) => {
  expect(restrict(text).roots).toEqual({ query: 'Query', mutation, subscription: null });
});

test('an interface has the listed objects', () => {
  const { types } = restrict(
    'type Query { named: [Named] } interface Named { name: String } type Message implements Named { name: String }',
  );
  expect(types.get('Named')).toMatchObject({ possibleTypes: ['Message'] });
});

test('presets hide arguments and keep what they send', () => {
  const { types } = restrict(`
    type Query {
      user(id: Int! @preset(value: "X-Hasura-User-Id")): User
      messages(where: Where @preset(value: {id: {eq: 1}, status: SENT, tenant: "x-hasura-tenant", owner: 7})): [Message]
      custom(value: Custom @preset(value: "x-hasura-a", static: true)): Custom
    }
    input Where { id: IntCompare status: Status tenant: String owner: ID! }
    input IntCompare { eq: Int = 1 }
    enum Status { SENT }
    scalar Custom
    type User { user_id: Int }
    type Message { id: Int! }`);
  const query = types.get('Query');
  const presets =
    query?.kind === 'object'
      ? [...query.fields.values()].map((field) => [...field.arguments.values()][0]?.preset)
      : [];
  expect(presets).toEqual([
    { kind: 'session', variable: 'x-hasura-user-id', target: { kind: 'Int', typeName: 'Int' } },
    {
      kind: 'object',
      members: new Map<string, unknown>([
        ['id', { kind: 'object', members: new Map([['eq', { kind: 'literal', value: 1 }]]) }],
        ['status', { kind: 'enum', name: 'SENT' }],
        [
          'tenant',
          { kind: 'session', variable: 'x-hasura-tenant', target: { kind: 'text', typeName: 'String' } },
        ],
        ['owner', { kind: 'literal', value: 7 }],
      ]),
    },
    { kind: 'literal', value: 'x-hasura-a' },
  ]);
});

const query = 'type Query { hello: String }';

test.each([
  [
    `${query} input IntCompare { eq: Boolean = 1 }`,
    'expected type of "eq"("Input object argument") to be Int but received Boolean',
  ],
  ['type Query { hello: Int }', 'expected type of "hello"("Object field") to be String but received Int'],
  [`${query} enum Occupation { A }`, '"Enum": "Occupation" does not exist in the upstream remote schema'],
  [`${query} type Nobody { a: Int }`, '"Object": "Nobody" does not exist in the upstream remote schema'],
  [
    `${query} input IntCompare { eq: Int = 2 }`,
    'expected default value of input value: "eq"of input object "IntCompare" to be 1 but received 2',
  ],
  [
    `${query} input IntCompare { lte: Int }`,
    'input argument "lte" does not exist in the input object:"IntCompare"',
  ],
  [
    'type Query { user: User } type User { user_id: Int }',
    'field: "user" expects the following non nullable arguments to be present: "id"',
  ],
  [
    `${query} interface Named { timestamp: String }`,
    'field "timestamp" does not exist in the "Interface": "Named"',
  ],
  [
    `${query} union Result = Photo | User type Photo { width: Int } type User { user_id: Int }`,
    'union "Result" contains members which do not exist in the members of the remote schema union :"User"',
  ],
  [
    `${query} type User implements FullName { user_id: Int }`,
    'custom interfaces are not supported. Object"User" implements the following custom interfaces: "FullName"',
  ],
  [
    `${query} interface Named { name: String } type User implements Named { user_id: Int }`,
    'custom interfaces are not supported. Object"User" implements the following custom interfaces: "Named"',
  ],
  [
    `${query} type User implements Named { user_id: Int }`,
    'object "User" is trying to implement the following interfaces that do not exist in the corresponding upstream remote object: "Named"',
  ],
  [
    `${query} enum Status { IDLE }`,
    'enum "Status" contains the following enum values that do not exist in the corresponding upstream remote enum: "IDLE"',
  ],
  [`${query} schema { query: Query } schema { query: Query }`, 'multiple schema definitions found'],
  [
    `${query} enum Status { IDLE LOST }`,
    'enum "Status" contains the following enum values that do not exist in the corresponding upstream remote enum: "IDLE" and "LOST"',
  ],
  [
    `${query} input Where { tenant: String }`,
    'field: "Where" expects the following non nullable arguments to be present: "owner"',
  ],
  [
    `${query} input Where { tenant: String @preset(value: "a") @preset(value: "b") owner: ID! }`,
    'found multiple preset directives at "Input object argument" "Where"',
  ],
  [`${query} scalar Custom scalar Custom`, 'duplicate type names found: "Custom"'],
  ['type Query { hello: String hello: String }', 'duplicate fields: "hello"found in the "Object" "Query"'],
  [
    'type Query { users(ids: [Int]!, ids: [Int]!): [User] } type User { user_id: Int }',
    'duplicate arguments: "ids"found in the field: "users"',
  ],
  [`${query} enum Status { SENT SENT }`, 'duplicate enum values: "SENT" found in the "Status" enum'],
  [
    'type Query @preset(value: 1) { hello: String }',
    'Preset directives can be defined only on INPUT_FIELD_DEFINITION or ARGUMENT_DEFINITION',
  ],
  [
    'type Query { messages(limit: Int = 10 @preset): [Message] } type Message { id: Int! }',
    'no arguments found in the preset directive',
  ],
  [
    'type Query { messages(limit: Int = 10 @preset(static: true)): [Message] } type Message { id: Int! }',
    'preset argument "value" not found at "limit"',
  ],
  [
    `${query} input Where { status: Status @preset(value: LOST) owner: ID! } enum Status { READ }`,
    '"LOST" not found in the enum: "Status"',
  ],
  [
    `${query} input Where { id: IntCompare @preset(value: 2) owner: ID! } input IntCompare { eq: Int = 1 }`,
    'expected preset value "2" of type "IntCompare" to be an input object value',
  ],
  [
    `${query} input Where { id: IntCompare @preset(value: {lte: 2}) owner: ID! } input IntCompare { eq: Int = 1 }`,
    '"lte" does not exist in the input object "IntCompare"',
  ],
  [
    'type Query { users(ids: [Int]! @preset(value: "x-hasura-ids")): [User] } type User { user_id: Int }',
    'illegal preset value at "ids". Session arguments can only be set for singleton values',
  ],
  [
    'type Query { user(id: Int! @preset(value: 1, static: "yes")): User } type User { user_id: Int }',
    'expected preset static value to be a Boolean value',
  ],
  [
    `${query} input Where { status: Status @preset(value: READ) owner: ID! } enum Status { SENT }`,
    '"READ" not found in the enum: "Status"',
  ],
  [
    `${query} input Where { status: Status @preset(value: READ) owner: ID! }`,
    'expected "Status" to be an input type, but it\'s an output type',
  ],
  [
    'type Query { messages(limit: Int): [Message] } type Message { id: Int! }',
    'expected default value of input value: "limit"of input object "messages" to be 10 but received ',
  ],
  [
    'type Query { user(id: Int): User } type User { user_id: Int }',
    'field: "user" expects the following non nullable arguments to be present: "id"',
  ],
  [
    'type Query { custom(value: Custom @preset(value: {a: 1})): Custom } scalar Custom',
    'expected preset value "{a: 1}" of type "Custom" to be a scalar value',
  ],
  [
    'type Query { hello: String @deprecated(because: "old") }',
    'the following directive argument(s) defined in the directive: "deprecated" defined with the type name: "Query" of type "Object field" do not exist in the corresponding upstream directive: "because"',
  ],
  [
    'type Query { nothing: Int nobody: Int } enum Status { IDLE }',
    'field "nothing" does not exist in the "Object": "Query"',
  ],
])('%s', (text, reason) => {
  expect(() => restrict(text)).toThrow(
    expect.objectContaining({
      code: 'validation-failed',
      message: `validation for the given role-based schema failed because ${reason}`,
    }),
  );
});

test('several reasons are listed', () => {
  expect(() => restrict('type Query { hello: Int nothing: Int }')).toThrow(
    'validation for the given role-based schema failed for the following reasons:\n • expected type of "hello"("Object field") to be String but received Int\n • field "nothing" does not exist in the "Object": "Query"\n',
  );
});

test('text that is no document is refused', () => {
  expect(() => restrict('type Query {')).toThrow(expect.objectContaining({ code: 'parse-failed' }));
});

test('a type that is used has to be listed', () => {
  expect(() => restrict('type Query { user(id: Int!): User }')).toThrow(
    'Could not find type with name "User"',
  );
});

test('order does not matter when schemas are compared', () => {
  const text = (schema: string) => canonicalTypeSystem(restrict(schema));
  const one = text(
    'type Query { hello: String user(id: Int! @preset(value: 1)): User } type User { user_id: Int }',
  );
  expect(
    text('type User { user_id: Int } type Query { user(id: Int! @preset(value: 1)): User hello: String }'),
  ).toBe(one);
  expect(
    text('type User { user_id: Int } type Query { user(id: Int! @preset(value: 2)): User hello: String }'),
  ).not.toBe(one);
});
