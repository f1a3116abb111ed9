import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { BackOff } from './back-off.ts';
import { forwardLines } from './forward-lines.ts';

test('short lives make the wait longer up to ten seconds, a long one makes it short again', () => {
  const backOff = new BackOff();
  const waits = Array.from({ length: 9 }, () => backOff.next(5));
  expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  expect(backOff.next(30_000)).toBe(100);
  expect(backOff.next(0)).toBe(200);
});

test('what is printed in pieces is passed on in whole lines, the unfinished one at the end', async () => {
  const from = new PassThrough();
  const passed: string[] = [];
  forwardLines(from, (lines) => passed.push(lines.toString()));
  for (const piece of ['a', 'b\nc', 'd\ne\nf', 'g']) {
    from.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(passed).toEqual(['ab\n', 'cd\ne\n']);
  from.destroy();
  await new Promise((resolve) => from.once('close', resolve));
  expect(passed).toEqual(['ab\n', 'cd\ne\n', 'fg']);
});
