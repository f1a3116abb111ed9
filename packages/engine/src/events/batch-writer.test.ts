import { expect, onTestFinished, test, vi } from 'vitest';
import { BatchWriter } from './batch-writer.ts';

test('what comes during a write is the next write, at most so many at once', async () => {
  const writes: (readonly number[])[] = [];
  let release = () => {};
  const writer = new BatchWriter<number>({
    maximum: 3,
    write: async (items) => {
      writes.push(items);
      if (writes.length === 1) await new Promise<void>((resolve) => (release = resolve));
    },
  });
  const first = writer.add(0);
  await new Promise(setImmediate);
  const others = [1, 2, 3, 4].map((item) => writer.add(item));
  release();
  await Promise.all([first, ...others]);
  expect(writes).toEqual([[0], [1, 2, 3], [4]]);
});

test('a write that fails rejects its own items only', async () => {
  const writer = new BatchWriter<number>({
    maximum: 1,
    write: async ([item]) => {
      if (item === 1) throw new Error('no');
    },
  });
  const results = await Promise.allSettled([writer.add(1), writer.add(2)]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
});

test('an item is tried again while the database is away, and given up in the end', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const written: number[] = [];
  const errors: unknown[] = [];
  let failures = 2;
  const writer = new BatchWriter<number>({
    write: async (items) => {
      if (failures-- > 0) throw new Error('away');
      written.push(...items);
    },
  });
  const first = writer.addPatiently(1, (error) => errors.push(error));
  await vi.advanceTimersByTimeAsync(2500);
  await first;
  expect(written).toEqual([1]);
  expect(errors).toHaveLength(2);
  failures = 4;
  const second = writer.addPatiently(2, (error) => errors.push(error));
  await Promise.all([expect(second).rejects.toThrow('away'), vi.advanceTimersByTimeAsync(10_500)]);
  expect(written).toEqual([1]);
  expect(errors).toHaveLength(5);
});
