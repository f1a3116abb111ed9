import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { compress, gzipWish, shouldCompress } from './compression.ts';

test.each([
  [null, 'no'],
  ['', 'no'],
  ['br, deflate', 'no'],
  ['gzip', 'allowed'],
  ['GZip', 'allowed'],
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

test.each([1, 3])('what is compressed is the body, in %i pieces', async (count) => {
  const bodies = [
    Buffer.alloc(3_000_000, 'ab'),
    Buffer.from('é'.repeat(1_500_000)),
    Buffer.from('end'),
  ].slice(0, count);
  const whole = Buffer.concat(bodies);
  expect(gunzipSync(await compress(bodies, whole.length)).equals(whole)).toBe(true);
});
