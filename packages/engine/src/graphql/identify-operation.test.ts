import { describe, expect, test } from 'vitest';
import { createOperationIdentifier } from './index.ts';

const identify = createOperationIdentifier({ maximumBytes: 100_000 });
const hash = (query: string) => identify(query, null)?.parameterizedHash;

test('names kind, name and the operation that the request means', () => {
  expect(identify('query Q { a } mutation M { b }', 'M')).toMatchObject({ kind: 'mutation', name: 'M' });
  expect(identify('{ a }', null)).toMatchObject({ kind: 'query', name: null });
  expect(identify('query Q { a } mutation M { b }', null)).toBeNull();
  expect(identify('{ a ', null)).toBeNull();
});

test('the same text is the same object, and a name is not taken for a part of the text', () => {
  expect(identify('query Q { a }', 'Q')).toBe(identify('query Q { a }', 'Q'));
  expect(identify('Q\nquery Q { a }', null)).toBeNull();
});

describe('hashes are equal', () => {
  test.each([
    ['values', '{ a(where: {id: {_eq: 1}}) { id } }', '{ a(where: {id: {_eq: "x"}}) { id } }'],
    ['a variable', '{ a(id: 1) { id } }', 'query Named($x: Int!) { a(id: $x) { id } }'],
    ['lengths of lists', '{ a(ids: [1, 2, 3]) }', '{ a(ids: []) }'],
    [
      'numbers of rows',
      'mutation { i(objects: [{x: 1}]) { n } }',
      'mutation { i(objects: [{x: 2}, {x: 3}]) { n } }',
    ],
    ['white space and comments', '{ a b }', '# c\n{ a,\n b }'],
    ['names of fragments', '{ ...f } fragment f on T { a }', '{ ...g } fragment g on T { a }'],
  ])('for different %s', (_what, first, second) => {
    expect(hash(first)).toBe(hash(second));
    expect(hash(first)).toMatch(/^[0-9a-f]{40}$/);
  });
});

describe('hashes are different', () => {
  test.each([
    ['fields', '{ a }', '{ b }'],
    ['aliases', '{ a: x }', '{ b: x }'],
    ['kinds', 'query { a }', 'subscription { a }'],
    ['arguments', '{ a(x: 1) }', '{ a(y: 1) }'],
    ['orders', '{ a(order_by: {id: asc}) { id } }', '{ a(order_by: {id: desc}) { id } }'],
    ['depths', '{ a { b } c }', '{ a { b c } }'],
    ['directives', '{ a @skip(if: true) }', '{ a }'],
    ['fragments', '{ ...f } fragment f on T { a }', '{ ...f } fragment f on T { b }'],
  ])('for different %s', (_what, first, second) => {
    expect(hash(first)).not.toBe(hash(second));
  });
});

test('many spreads of fragments within fragments take no more than their text', () => {
  const fragments = Array.from({ length: 40 }, (_, i) =>
    i === 39 ? 'fragment f39 on T { a }' : `fragment f${i} on T { ...f${i + 1} ...f${i + 1} }`,
  );
  expect(hash(`{ ...f0 } ${fragments.join('\n')}`)).toMatch(/^[0-9a-f]{40}$/);
});
