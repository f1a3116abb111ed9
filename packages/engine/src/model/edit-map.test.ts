import { expect, test } from 'vitest';
import { editMap } from './edit-map.ts';

const map = new Map([
  ['a', 1],
  ['b', 2],
  ['c', 3],
]);
const edit = (
  edits: readonly (readonly [string, number | undefined])[],
  keys: string,
  isAsBefore: boolean,
) => [...editMap(map, new Map(edits), { keys: [...keys], isAsBefore })];

test('without edits it is the map that was there', () => {
  expect(editMap(map, new Map(), { keys: ['a', 'b', 'c'], isAsBefore: true })).toBe(map);
});

test('what is set keeps its place, what is new takes its own, what is taken out is gone', () => {
  const entries = [['b', 5]] as const;
  expect(edit(entries, 'abc', true)).toEqual([
    ['a', 1],
    ['b', 5],
    ['c', 3],
  ]);
  expect(edit([['b', undefined]], 'abc', true)).toEqual([
    ['a', 1],
    ['c', 3],
  ]);
  // it was there without an entry
  expect(edit([['x', 9]], 'axbc', true)).toEqual([
    ['a', 1],
    ['x', 9],
    ['b', 2],
    ['c', 3],
  ]);
  expect(edit([], 'cba', false)).toEqual([
    ['c', 3],
    ['b', 2],
    ['a', 1],
  ]);
  expect([...map]).toEqual([
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ]);
});
