import { expect, test } from 'vitest';
import { resolveEndpoint } from './endpoint.ts';

const environment = {
  HOST: 'zoo.example',
  KEY: 's3cret',
  URL: 'https://other.example/graphql',
  BAD: 'nowhere',
};

test('the URL may hold secrets, what is shown does not', () => {
  const endpoint = resolveEndpoint({ url: 'https://{{HOST}}/graphql?key={{KEY}}' }, environment);
  expect(endpoint).toEqual({
    url: 'https://zoo.example/graphql?key=s3cret',
    shownUrl: 'https://{{HOST}}/graphql?key={{KEY}}',
    timeoutMs: 60_000,
    headers: [],
    forwardsClientHeaders: false,
  });
  expect(resolveEndpoint({ url_from_env: 'URL' }, environment)).toMatchObject({
    url: 'https://other.example/graphql',
    shownUrl: 'URL',
  });
});

test.each([
  [5, 5_000],
  [0, 60_000],
  [-1, 60_000],
])('a time-out of %d s is %d ms', (seconds, timeoutMs) => {
  expect(resolveEndpoint({ url: 'http://a', timeout_seconds: seconds }, {}).timeoutMs).toBe(timeoutMs);
});

test.each([
  [{}, "both `url` and `url_from_env` can't be empty"],
  [{ url: 'http://a', url_from_env: 'URL' }, "both `url` and `url_from_env` can't be present"],
  [{ url_from_env: 'NONE' }, "environment variable 'NONE' not set"],
  [{ url_from_env: 'BAD' }, 'not a valid URI in environment variable: BAD'],
  [{ url: 'ftp://{{HOST}}' }, 'not a valid URI generated from the template: ftp://{{HOST}}'],
  [{ url: 'http://{{A}}{{B}}' }, 'Value for environment variables not found: A, B'],
  [
    {
      url: 'nowhere',
      customization: { field_names: [{ parent_type: 'T', mapping: { __typename: 'kind' } }] },
    },
    'attempt to customize reserved field name "__typename"',
  ],
])('%j: %s', (definition, message) => {
  expect(() => resolveEndpoint(definition, environment)).toThrow(message);
});
