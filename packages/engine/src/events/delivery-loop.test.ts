import { afterEach, expect, test, vi } from 'vitest';
import { DeliveryLoop, type DeliveryLoopOptions } from './delivery-loop.ts';
import { Slots } from './slots.ts';

/** A queue in memory: what is fetched is gone from it until it is released. */
function queueOf(count: number) {
  const due = Array.from({ length: count }, (_, number) => number);
  return {
    due,
    fetch: async (limit: number) => due.splice(0, limit),
    release: async (events: readonly number[]) => void due.push(...events),
  };
}

let loop: DeliveryLoop<number> | undefined;
afterEach(() => loop?.stop(0));

function start(options: Partial<DeliveryLoopOptions<number>> & Pick<DeliveryLoopOptions<number>, 'process'>) {
  loop = new DeliveryLoop({
    fetch: async () => [],
    release: async () => {},
    intervalMs: 5,
    batchSize: 10,
    slots: new Slots(4),
    onError: (error) => {
      throw error;
    },
    ...options,
  });
  loop.start();
  return loop;
}

test('everything is processed once, with no more at a time than there are slots', async () => {
  const queue = queueOf(57);
  const done: number[] = [];
  let running = 0;
  let most = 0;
  start({
    ...queue,
    async process(event) {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
      done.push(event);
      return true;
    },
  });
  await vi.waitFor(() => expect(done.length).toBe(57));
  expect(new Set(done).size).toBe(57);
  expect(most).toBe(4);
});

test('no more than two batches are held, and given back when the loop stops; those in flight end', async () => {
  const queue = queueOf(100);
  const finish: (() => void)[] = [];
  const done: number[] = [];
  const running = start({
    ...queue,
    process: (event) =>
      new Promise((resolve) => {
        finish.push(() => {
          done.push(event);
          resolve(true);
        });
      }),
  });
  await vi.waitFor(() => expect(queue.due.length).toBe(80));
  const stopped = running.stop(10_000);
  for (const end of finish) end();
  await stopped;
  expect(done.length).toBe(4);
  expect(queue.due.length).toBe(96);
});

test('after the deadline those in flight are cancelled and given back', async () => {
  const queue = queueOf(3);
  const running = start({
    ...queue,
    process: (_event, signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(false))),
  });
  await vi.waitFor(() => expect(queue.due.length).toBe(0));
  await running.stop(5);
  expect([...queue.due].sort()).toEqual([0, 1, 2]);
});

test('a failure to fetch, or of one event, does not end the loop', async () => {
  vi.useFakeTimers();
  try {
    const errors: unknown[] = [];
    const done: number[] = [];
    const answers: (number[] | Error)[] = [new Error('away'), [1, 2], [3]];
    start({
      async fetch() {
        const next = answers.shift() ?? [];
        if (next instanceof Error) throw next;
        return next;
      },
      async process(event) {
        if (event === 1) throw new Error('broken');
        done.push(event);
        return true;
      },
      onError: (error) => errors.push((error as Error).message),
    });
    await vi.advanceTimersByTimeAsync(2000);
    expect(done).toEqual([2, 3]);
    expect(errors).toEqual(['away', 'broken']);
  } finally {
    vi.useRealTimers();
  }
});

test.each([{ intervalMs: 0 }, { batchSize: 0 }])('%o switches it off', async (off) => {
  const fetch = vi.fn(async () => []);
  start({ fetch, process: async () => true, ...off });
  await new Promise(setImmediate);
  expect(fetch).not.toHaveBeenCalled();
});
