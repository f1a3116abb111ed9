import { expect, test } from 'vitest';
import { StatementSpeeds } from './statement-speeds.ts';

const text = (index: number, characters: number) => `${index}`.padEnd(characters);

test('knows how long statements took lately, and takes one that it does not know for slow', () => {
  const speeds = new StatementSpeeds();
  expect([speeds.isSlow('a'), speeds.isQuick('a')]).toEqual([true, false]);
  speeds.record('a', 0.5);
  expect([speeds.isSlow('a'), speeds.isQuick('a')]).toEqual([false, true]);
  for (let time = 0; time < 20; time++) speeds.record('a', 50);
  expect([speeds.isSlow('a'), speeds.isQuick('a')]).toEqual([true, false]);
});

test.each([
  { what: 'many', count: 5000, characters: 10, kept: 1024 },
  { what: 'long ones', count: 200, characters: 100_000, kept: 40 },
  { what: 'ones beyond all measure', count: 20, characters: 300_000, kept: 0 },
])('remembers no more than there is room for: $what', ({ count, characters, kept }) => {
  const speeds = new StatementSpeeds();
  for (let index = 0; index < count; index++) speeds.record(text(index, characters), 0.1);
  const known = Array.from({ length: count }, (_, index) => speeds.isQuick(text(index, characters)));
  expect(known).toEqual(known.map((_, index) => index >= count - kept));
});
