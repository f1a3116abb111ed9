import { expect, test } from 'vitest';
import { LiveQueries } from './live-queries.ts';
import type { LiveOperation, Subscriber } from './types.ts';

/** A stream over growing numbers, three at a time. */
function numbers() {
  const state = { count: 5, batches: [] as string[], fault: null as Error | null };
  const from = (start: number): LiveOperation => ({
    key: 'numbers',
    run: () => Promise.reject(new Error('a stream is not run as a whole')),
    stream: {
      start: String(start),
      async batch(cursor) {
        const at = cursor === null ? start : Number(cursor);
        state.batches.push(cursor ?? `start ${start}`);
        if (state.fault !== null) throw state.fault;
        const last = Math.min(at + 3, state.count);
        const rows = Array.from({ length: Math.max(0, last - at) }, (_, index) => at + index + 1);
        return { answer: [Buffer.from(rows.join())], cursor: rows.length === 0 ? null : String(last) };
      },
    },
  });
  return { state, from };
}

function recorder(accepts = () => true) {
  const events: string[] = [];
  const subscriber: Subscriber = {
    onAnswer(answer, cursor) {
      if (!accepts()) return false;
      events.push(`${Buffer.concat(answer)} to ${cursor}`);
      return true;
    },
    onNothing: () => events.push('nothing'),
    onError: (error) => events.push(`error: ${(error as Error).message}`),
  };
  return { events, subscriber, news: () => events.filter((event) => event !== 'nothing') };
}

const liveQueries = () => new LiveQueries({ intervalMs: 5, maxConcurrentPolls: 2 });

test('batch after batch, nothing while there is nothing, then what has come', async () => {
  const queries = liveQueries();
  const { state, from } = numbers();
  const { events, subscriber, news } = recorder();
  const stop = queries.subscribe(from(0), subscriber);
  await expect.poll(() => events.slice(0, 3)).toEqual(['1,2,3 to 3', '4,5 to 5', 'nothing']);
  state.count = 6;
  await expect.poll(news).toEqual(['1,2,3 to 3', '4,5 to 5', '6 to 6']);
  stop();
  const asked = state.batches.length;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(state.batches.length).toBe(asked);
  expect(queries.stats(false)).toEqual({ pollers: 0, subscribers: 0 });
});

test('everyone begins at the own start, and those who meet go on together', async () => {
  const queries = liveQueries();
  const { state, from } = numbers();
  const first = recorder();
  const second = recorder();
  queries.subscribe(from(0), first.subscriber);
  await expect.poll(first.news).toEqual(['1,2,3 to 3', '4,5 to 5']);
  queries.subscribe(from(4), second.subscriber);
  await expect.poll(second.news).toEqual(['5 to 5']);
  expect(queries.stats(false)).toEqual({ pollers: 1, subscribers: 2 });
  state.count = 7;
  await expect.poll(() => [first.news().at(-1), second.news().at(-1)]).toEqual(['6,7 to 7', '6,7 to 7']);
  expect(state.batches.filter((cursor) => cursor === '7').length).toBeLessThanOrEqual(
    first.events.filter((event) => event === 'nothing').length,
  );
  const before = state.batches.filter((cursor) => cursor === '5').length;
  expect(before).toBeGreaterThan(0);
  queries.close();
});

test('one who subscribes again goes on at a cursor', async () => {
  const queries = liveQueries();
  const { subscriber, news } = recorder();
  queries.subscribe(numbers().from(0), subscriber, '4');
  await expect.poll(news).toEqual(['5 to 5']);
  queries.close();
});

test('a batch that is not taken, or that fails, comes again', async () => {
  const queries = liveQueries();
  const { state, from } = numbers();
  let isCongested = true;
  const { subscriber, news } = recorder(() => !isCongested);
  queries.subscribe(from(0), subscriber);
  await expect.poll(() => state.batches.length).toBeGreaterThan(3);
  expect(new Set(state.batches)).toEqual(new Set(['start 0']));
  isCongested = false;
  await expect.poll(news).toEqual(['1,2,3 to 3', '4,5 to 5']);
  state.fault = new Error('gone');
  state.count = 6;
  await expect.poll(() => news().at(-1)).toBe('error: gone');
  expect(queries.health().streaming).toEqual({ running: 1, failing: 1 });
  state.fault = null;
  await expect.poll(() => news().at(-1)).toBe('6 to 6');
  queries.close();
});

test('newcomers, however many, do not hurry the others', async () => {
  const queries = new LiveQueries({ intervalMs: 60_000, maxConcurrentPolls: 2 });
  const { state, from } = numbers();
  const first = recorder();
  queries.subscribe(from(0), first.subscriber);
  await expect.poll(first.news).toEqual(['1,2,3 to 3']);
  const late = recorder();
  queries.subscribe(from(2), late.subscriber);
  await expect.poll(late.news).toEqual(['3,4,5 to 5']);
  expect(first.news()).toEqual(['1,2,3 to 3']);
  expect(state.batches).toEqual(['start 0', 'start 2']);
  queries.close();
});
