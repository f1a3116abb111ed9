import { expect, test } from 'vitest';
import { byName, compareNames, membersByName, sortedMembers } from './members.ts';

const member = (name: string, text = name) => ({ name, text });

const lists: readonly (readonly string[])[] = [
  [],
  ['a'],
  ['a', 'b', 'c'],
  ['b', 'a', 'c'],
  ['a', 'a'],
  ['b', 'a', 'b', 'c', 'a'],
  ['B', '_a', 'a', 'Z', 'é', 'a1'],
];

test.each(lists.map((names) => [names]))('members are those of a map, in their order: %j', (names) => {
  const items = names.map((name, at) => member(name, `${at}`));
  const expected = new Map(items.toReversed().map((item) => [item.name, item]));
  const members = byName(items);
  expect(members.size).toBe(expected.size);
  for (const name of [...names, 'other', '']) {
    expect(members.get(name)).toBe(expected.get(name));
    expect(members.has(name)).toBe(expected.has(name));
  }
  const unique = items.filter((item) => expected.get(item.name) === item);
  expect([...members.values()]).toEqual(unique);
  expect([...members]).toEqual(unique.map((item) => [item.name, item]));
  expect([...members.keys()]).toEqual(unique.map(({ name }) => name));
  const told: unknown[] = [];
  members.forEach((item, name) => {
    told.push([name, item]);
  });
  expect(told).toEqual([...members.entries()]);
  // in whichever order it was asked
  expect(sortedMembers(members)).toEqual(unique.toSorted(compareNames));
  expect(sortedMembers(byName(items))).toEqual(unique.toSorted(compareNames));
  expect(sortedMembers(new Map(members))).toEqual(unique.toSorted(compareNames));
});

test('what is by name already is shared, not made anew', () => {
  const members = byName([member('a')]);
  expect(membersByName(members)).toBe(members);
  const map = new Map([['a', member('a')]]);
  expect(membersByName(map)).toBe(map);
  function* made() {
    yield member('b');
    yield member('a');
  }
  expect(sortedMembers(membersByName(made())).map(({ name }) => name)).toEqual(['a', 'b']);
});
