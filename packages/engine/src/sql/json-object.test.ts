import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/index.ts';
import {
  aggregate,
  cell,
  guarded,
  int4,
  list,
  nested,
  root,
  set,
  table,
  text,
  value,
} from '../../test/support/plans.ts';
import { renderSelects } from './index.ts';

const t = table('t', { id: int4, name: text });

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
  await db.sql(`create table t (id int primary key, name text); insert into t values (1, null)`);
});
afterAll(() => db.drop());

async function answerOf(plan: Parameters<typeof root>[1]): Promise<unknown> {
  const { text: statement } = renderSelects([root('t', plan)]);
  const [row] = await db.sql(statement);
  return Object.values(row ?? {})[0];
}

const longKey = (index: number) => `${'k'.repeat(64)}${index}`;
const members = (count: number, key: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => value(key(index), cell(t, index % 2 === 0 ? 'id' : 'name')));
const expected = (count: number, key: (index: number) => string) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [key(index), index % 2 === 0 ? 1 : null]));

// 50 pairs are what a function takes, 1,664 what a select list takes
test.each([0, 1, 50, 51, 1600, 1601, 5000])(
  'an object of %d members, with short and with long keys',
  async (count) => {
    const short = (index: number) => `m${index}`;
    expect(await answerOf(list(set(guarded(t)), members(count, short)))).toEqual([expected(count, short)]);
    expect(await answerOf(list(set(guarded(t)), members(count, longKey)))).toEqual([
      expected(count, longKey),
    ]);
    expect(
      await answerOf(
        aggregate(set(guarded(t)), [{ key: 'nodes', kind: 'nodes', output: members(count, longKey) }]),
      ),
    ).toEqual({ nodes: [expected(count, longKey)] });
  },
);

test('many nested members', async () => {
  const output = Array.from({ length: 120 }, (_, index) =>
    nested(longKey(index), list(set(guarded(t)), members(1, longKey))),
  );
  const [row] = (await answerOf(list(set(guarded(t)), output))) as Record<string, unknown>[];
  expect(Object.keys(row ?? {}).length).toBe(120);
  expect(row?.[longKey(119)]).toEqual([{ [longKey(0)]: 1 }]);
});
