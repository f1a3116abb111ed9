import { expect, test } from 'vitest';
import { type JsonObject, parseJson, RequestError } from '../support/index.ts';
import { coerceVariables, createDocumentParser, parseDocument, selectOperation } from './index.ts';

/** `code path message` of what `run` throws. */
function faultOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof RequestError) return `${error.code} ${error.path} ${error.message}`;
    throw error;
  }
  return 'no fault';
}

function operationOf(text: string, name: string | null = null) {
  return selectOperation(parseDocument(text), name);
}

function bindings(text: string, variables: string | null) {
  return Object.fromEntries(
    coerceVariables(operationOf(text), variables === null ? null : (parseJson(variables) as JsonObject)),
  );
}

test.each([
  '{ author {',
  '',
  '{ }',
  'type author { id: Int }',
  '{ author } type author { id: Int }',
  '\0',
  '{ a(x: "',
  '{ a(x: 1, x: 2) }',
  '{ a { b(x: [{y: {z: 1, z: 1}}]) } }',
  'query ($v: I = {a: 1, a: 2}) { a(x: $v) }',
  '{ ...f } fragment f on q { a @skip(if: true, if: true) }',
  '"""',
])('%j is not a valid query', (text) => {
  expect(faultOf(() => parseDocument(text))).toBe('validation-failed $.query not a valid graphql query');
});

test('too much nesting is refused before the parser recurses', () => {
  const tooDeep = 'validation-failed $.query the query is nested more deeply than 500 levels';
  for (const text of [
    `${'{a'.repeat(10_000)}${'}'.repeat(10_000)}`,
    `{a(x:${'['.repeat(100_000)}`,
    `{a(x:${'{a:'.repeat(100_000)}`,
    `query(${'$x:['.repeat(10_000)}`,
  ]) {
    expect(faultOf(() => parseDocument(text))).toBe(tooDeep);
  }
  expect(faultOf(() => operationOf(`${'{a'.repeat(500)}${'}'.repeat(500)}`))).toBe('no fault');
});

test('brackets in strings and comments do not nest', () => {
  const brackets = '{'.repeat(1000);
  expect(
    faultOf(() => parseDocument(`{ a(x: "\\"${brackets}", y: """${brackets}\\""" " """) # ${brackets}\n }`)),
  ).toBe('no fault');
});

test('100,000 aliases are read', () => {
  const fields = Array.from({ length: 100_000 }, (_, index) => `a${index}: id`).join(' ');
  expect(operationOf(`{ ${fields} }`).selectionSet.selections).toHaveLength(100_000);
});

test('a document with too many tokens is refused', () => {
  expect(faultOf(() => parseDocument(`{ ${'a '.repeat(1_100_000)} }`))).toBe(
    'validation-failed $.query not a valid graphql query',
  );
});

test('the cache gives back the same document and obeys its bound', () => {
  const parseCached = createDocumentParser({ maximumBytes: 10_000 });
  const first = parseCached('{ a }');
  expect(parseCached('{ a }')).toBe(first);
  for (let index = 0; index < 100; index++) parseCached(`{ a${index} }`);
  expect(parseCached('{ a }')).not.toBe(first);
});

test.each([
  [
    'query A { a } query B { a }',
    null,
    'validation-failed $ exactly one operation has to be present in the document when operationName is not specified',
  ],
  [
    'fragment f on t { a }',
    null,
    'validation-failed $ exactly one operation has to be present in the document when operationName is not specified',
  ],
  ['query A { a }', 'X', 'validation-failed $ no such operation found in the document: "X"'],
  [
    'query A { a } { b }',
    'A',
    'validation-failed $ operationName cannot be used when an anonymous operation exists in the document',
  ],
  ['query A { a }', null, 'no fault'],
  ['query A { a } query B { ...undefined }', 'A', 'no fault'],
])('operation of %j named %j', (text, name, fault) => {
  expect(faultOf(() => operationOf(text, name))).toBe(fault);
});

test.each([
  ['{ ...f }', 'validation-failed $.selectionSet reference to undefined fragment "f"'],
  [
    '{ author { ...f } } fragment f on author { id articles { author { ...f } } }',
    'validation-failed $.selectionSet.author.selectionSet.articles.selectionSet.author.selectionSet the fragment definition(s) f form a cycle',
  ],
  [
    '{ ...f } fragment f on query_root { ...g } fragment g on query_root { ...f }',
    'validation-failed $.selectionSet the fragment definition(s) f and g form a cycle',
  ],
  [
    '{ ...e } fragment e on q { ...f } fragment f on q { ...g } fragment g on q { ...h } fragment h on q { ...f }',
    'validation-failed $.selectionSet the fragment definition(s) f, g, and h form a cycle',
  ],
  [
    '{ a } fragment f on q { a } fragment f on q { b }',
    'parse-failed $ multiple definitions for fragment "f"',
  ],
  ['{ a } fragment f on q { ...f }', 'no fault'],
  ['query($x: Int, $x: Int) { a }', 'parse-failed $ multiple definitions for variable "x"'],
  ['{ a @skip(if: true) { b(c: [{d: $x}]) } }', 'validation-failed $ unbound variable "x"'],
  ['query($x: Int) { a @include(if: $y) }', 'validation-failed $ unbound variable "y"'],
])('%s', (text, fault) => {
  expect(faultOf(() => operationOf(text))).toBe(fault);
});

test('fragments that lead to one another many times are walked once', () => {
  const fragments = Array.from(
    { length: 100 },
    (_, n) => `fragment f${n} on t { a { ...f${n + 1} } b { ...f${n + 1} } }`,
  );
  expect(faultOf(() => operationOf(`{ ...f0 } ${fragments.join(' ')} fragment f100 on t { c }`))).toBe(
    'no fault',
  );
});

test('a chain of fragments cannot nest without bound', () => {
  const deep = (inner: string) => `${'{ a '.repeat(100)} { ${inner} } ${'}'.repeat(100)}`;
  const fragments = Array.from({ length: 10_000 }, (_, n) => `fragment f${n} on t ${deep(`...f${n + 1}`)}`);
  expect(
    faultOf(() => operationOf(`{ ...f0 } ${fragments.slice(0, 500).join(' ')} fragment f500 on t { c }`)),
  ).toMatch(/the query is nested more deeply than 500 levels$/);
});

test('variables are bound by presence', () => {
  expect(
    bindings('query($a: Int, $b: Int, $c: Int, $d: Int! = 3) { f(x: [$a, $b, $c, $d]) }', '{"a":1,"b":null}'),
  ).toEqual({
    a: { kind: 'present', value: 1 },
    b: { kind: 'null' },
    c: { kind: 'absent' },
    d: { kind: 'absent' },
  });
});

test.each([
  ['query($x: Int!) { a }', null, 'validation-failed $ expecting a value for non-nullable variable: "x"'],
  [
    'query($x: Int!) { a }',
    '{"x":null}',
    'validation-failed $ null value found for non-nullable type: "Int!"',
  ],
  [
    'query($x: [Int!]! = 1) { a }',
    '{"x":null}',
    'validation-failed $ null value found for non-nullable type: "[Int!]!"',
  ],
  ['query($x: Int) { a }', '{"x":1}', 'validation-failed $ unexpected variables in variableValues: x'],
  ['{ a }', '{"b":1,"a":2}', 'validation-failed $ unexpected variables in variableValues: b, a'],
  ['query($x: Int) { a @skip(if: true) { b(c: $x) } }', '{"x":1}', 'no fault'],
  ['query($x: Int) { ...f } fragment f on q { b(c: $x) }', '{"x":1}', 'no fault'],
  [
    'query($constructor: Int!) { b(c: $constructor) }',
    '{}',
    'validation-failed $ expecting a value for non-nullable variable: "constructor"',
  ],
])('variables of %s given %s', (text, variables, fault) => {
  expect(faultOf(() => bindings(text, variables))).toBe(fault);
});

test('null for a non-null variable passes when the operator says so', () => {
  const operation = operationOf('query($x: Int!) { a(b: $x) }');
  expect(coerceVariables(operation, { x: null }, { allowsNullInNonNullable: true }).get('x')).toEqual({
    kind: 'null',
  });
});
