import { expect, test } from 'vitest';
import type { Metadata, RestEndpointMetadata } from '../../metadata/index.ts';
import { inconsistentEndpoints } from './check-endpoints.ts';

function withEndpoints(
  ...urls: readonly (readonly [string, ...RestEndpointMetadata['methods']])[]
): Metadata {
  return {
    version: 3,
    sources: [],
    query_collections: [{ name: 'c', definition: { queries: [{ name: 'q', query: '{ a }' }] } }],
    rest_endpoints: urls.map(([url, ...methods], index) => ({
      name: `e${index}`,
      url,
      methods,
      definition: { query: { collection_name: 'c', query_name: 'q' } },
    })),
  };
}

test.each<[string, Metadata, readonly string[]]>([
  ['different paths', withEndpoints(['a', 'GET'], ['/b', 'GET'], ['a/:x', 'GET']), []],
  ['different methods', withEndpoints([':x', 'GET'], ['b', 'POST']), []],
  [
    'a variable beside literals',
    withEndpoints(['simple', 'GET', 'POST'], ['with_arg', 'GET'], ['other', 'PUT'], [':conflicting', 'GET']),
    ['Ambiguous URL paths: :conflicting, simple, with_arg'],
  ],
  [
    'an empty segment',
    withEndpoints(['foo//bar', 'GET']),
    ['Empty segments or unnamed variables are not allowed: foo//bar'],
  ],
  [
    'an unnamed variable',
    withEndpoints(['foo/:/bar', 'GET']),
    ['Empty segments or unnamed variables are not allowed: foo/:/bar'],
  ],
  [
    'a variable twice',
    withEndpoints(['foo/:id/bar/:id', 'GET']),
    ['Duplicate variables found in endpoint path: foo/:id/bar/:id'],
  ],
  [
    'no collection',
    { ...withEndpoints(['a', 'GET']), query_collections: [] },
    ['Inconsistent object: in endpoint e0: collection with name c does not exist'],
  ],
])('%s', (_what, metadata, reasons) => {
  expect(inconsistentEndpoints(metadata).map(({ reason }) => reason)).toEqual(reasons);
});
