import { expect, test } from 'vitest';
import { stringifyJson } from '../support/index.ts';
import { readGraphqlBody } from './graphql-request.ts';

const variablesOf = (variables: string) => {
  const { requests } = readGraphqlBody(Buffer.from(`{"query":"{x}","variables":${variables}}`));
  return stringifyJson(requests[0]?.variables ?? null);
};

test.each([
  'null',
  '{}',
  '{"id":18,"name":"a","ok":true,"none":null}',
  '{"n":1.0}',
  '{"n":1e3}',
  '{"n":-0}',
  '{"n":12345678901234567890}',
  '{"n":0.1}',
  '{"o":{"b":1.10,"2":1,"1":2}}',
  '{"l":[9007199254740993]}',
])('the variables %s lose nothing', (variables) => {
  expect(variablesOf(variables)).toBe(variables);
});

test.each(['{"a":1}', '{"a":{"b":1}}'])('the variables %s inherit nothing', (variables) => {
  const { requests } = readGraphqlBody(Buffer.from(`{"query":"{x}","variables":${variables}}`));
  expect(requests[0]?.variables?.['constructor']).toBeUndefined();
});

test('depth is refused before it costs memory', () => {
  expect(() => readGraphqlBody(Buffer.alloc(5_000_000, '['))).toThrow('more than 1000 levels of nesting');
});

test.each(['', 'a b', '1a', 'ä'])('the operation name %j is no name', (operationName) => {
  const read = () => readGraphqlBody(Buffer.from(JSON.stringify({ query: '{x}', operationName })));
  expect(read).toThrow(`${operationName} is not valid GraphQL name`);
});
