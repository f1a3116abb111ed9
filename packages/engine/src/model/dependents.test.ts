import { expect, test } from 'vitest';
import { Dependents } from './dependents.ts';

test('who looked something up is found by it, those that were added later among them', () => {
  const dependents = new Dependents([
    ['article', ['author', 'tag']],
    ['comment', ['article', 'author']],
  ]);
  dependents.add('tag', ['author']);
  dependents.add('tag', ['author']);
  expect([...dependents.of(['author'])]).toEqual(['article', 'comment', 'tag']);
  expect([...dependents.of(['tag', 'article'])]).toEqual(['article', 'comment']);
  expect([...dependents.of(['nobody'])]).toEqual([]);
});

test('what is added again and again makes it overgrown, not what it began with', () => {
  const entries = Array.from({ length: 20_000 }, (_, index) => [`t${index}`, ['hub']] as const);
  const dependents = new Dependents(entries);
  expect(dependents.isOvergrown).toBe(false);
  for (const [dependent, on] of entries) dependents.add(dependent, on);
  expect(dependents.isOvergrown).toBe(false);
  for (const [dependent, on] of entries) dependents.add(dependent, on);
  expect(dependents.isOvergrown).toBe(true);
});
