import { expect, test } from 'vitest';
import { OperationSeries } from './series.ts';
import type { OperationLabels } from './types.ts';

const query = (name: string, hash: string): OperationLabels => ({
  kind: 'query',
  name,
  parameterizedHash: hash,
});

function tally(maximum: number) {
  const series = new OperationSeries(maximum, () => ({ count: 0 }));
  return {
    count: (operation: OperationLabels | null) => series.of(operation).count++,
    read: () =>
      [...series.entries()].map(([labels, { count }]) => [
        labels.operation_type,
        labels.operation_name,
        labels.parameterized_query_hash,
        count,
      ]),
  };
}

test('equal operations share a series, also when they are different objects', () => {
  const { count, read } = tally(10);
  count(query('a', '1'));
  count(query('a', '1'));
  count(query('a', '2'));
  count(null);
  expect(read()).toEqual([
    ['query', 'a', '1', 2],
    ['query', 'a', '2', 1],
    ['unknown', '', '', 1],
  ]);
});

test('however many operations come, series are bounded; nothing is lost', () => {
  const { count, read } = tally(3);
  for (let i = 0; i < 1000; i++) count(query(`n${i}`, String(i)));
  count({ kind: 'mutation', name: 'm', parameterizedHash: 'x' });
  expect(read().slice(3)).toEqual([
    ['query', '', '', 997],
    ['mutation', '', '', 1],
  ]);
});
