import { expect, test } from 'vitest';
import { firstHeaders } from './first-headers.ts';

test('without a fragment the secret is a placeholder', () => {
  expect(JSON.parse(firstHeaders(''))).toEqual({
    'x-hasura-admin-secret': 'the admin secret',
    'x-hasura-role': 'admin',
  });
});

test('the fragment carries the secret, also one with special characters', () => {
  expect(JSON.parse(firstHeaders('#admin-secret=a%26b%20%22c%22'))['x-hasura-admin-secret']).toBe('a&b "c"');
});
