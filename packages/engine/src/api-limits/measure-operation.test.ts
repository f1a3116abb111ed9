import { expect, test } from 'vitest';
import { parseDocument, selectOperation } from '../graphql/index.ts';
import { createMeasure, measureOperation } from './measure-operation.ts';

test.each([
  ['{ __typename }', 0, 0],
  ['{ a { b } }', 1, 1],
  ['{ a { b { c } } d { e } }', 2, 3],
  ['{ a { b } a { c } }', 1, 2],
  ['{ ... on q { a { ... { b { c } } } } }', 2, 2],
  ['{ ...f ...f } fragment f on q { a { ...g } } fragment g on t { b { c } }', 2, 4],
  ['{ __schema { types { fields { name } } } a { b } }', 1, 4],
])('%s has depth %i and %i nodes', (query, depth, nodes) => {
  expect(measureOperation(selectOperation(parseDocument(query), null))).toEqual({ depth, nodes });
});

test('operations of one document are apart', () => {
  const measure = createMeasure();
  const document = 'query a { a { b { c } } } query b { a { b } }';
  const depths = ['a', 'b', 'a'].map((name) => measure(document, name).depth);
  expect(depths).toEqual([2, 1, 2]);
});
