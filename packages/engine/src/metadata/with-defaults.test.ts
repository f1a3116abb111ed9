import { expect, test } from 'vitest';
import { emptyMetadata } from './document.ts';
import { decodeDefaults, withDefaults } from './with-defaults.ts';

const collection = (name: string, query: string) => ({
  name,
  definition: { queries: [{ name: 'q', query }] },
});

test('what is stored wins, what is not is added', () => {
  const defaults = decodeDefaults({
    query_collections: [collection('shared', '{ a }'), collection('own', '{ a }')],
    api_limits: { disabled: true, depth_limit: { global: 3 } },
    inherited_roles: [{ role_name: 'heir', role_set: ['one'] }],
  });
  const stored = {
    ...emptyMetadata,
    query_collections: [collection('own', '{ b }')],
    api_limits: { depth_limit: { global: 9 } },
  };
  expect(withDefaults(stored as never, defaults)).toEqual({
    version: 3,
    sources: [],
    query_collections: [collection('own', '{ b }'), collection('shared', '{ a }')],
    api_limits: { disabled: true, depth_limit: { global: 9 } },
    inherited_roles: [{ role_name: 'heir', role_set: ['one'] }],
  });
});

test('defaults are metadata', () => {
  expect(() => decodeDefaults({ query_collections: [{}] })).toThrow();
  expect(() => decodeDefaults([])).toThrow('metadata defaults must be a JSON object');
  expect(() => decodeDefaults({ nonsense: 1 })).toThrow();
});
