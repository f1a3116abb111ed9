import { expect, test } from 'vitest';
import { gzipWish, shouldCompress } from './compression.ts';

test.each([
  [null, 'no'],
  ['', 'no'],
  ['br, deflate', 'no'],
  ['gzip', 'allowed'],
  ['deflate, gzip;q=0.5, br', 'allowed'],
  ['gzip;q=0', 'no'],
  ['gzip, identity;q=0', 'required'],
  ['gzip, *;q=0', 'required'],
])('Accept-Encoding %s: %s', (header, wish) => {
  expect(gzipWish(header)).toBe(wish);
});

test('small bodies stay plain unless that is refused', () => {
  expect([699, 700].map((size) => shouldCompress('allowed', size))).toEqual([false, true]);
  expect(shouldCompress('required', 1)).toBe(true);
});
