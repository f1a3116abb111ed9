import { expect, test } from 'vitest';
import { LiveQueries } from './live-queries.ts';
import type { LiveOperation, Subscriber } from './types.ts';

/** An operation whose answer the test decides, and that counts its runs. */
function operation(key: string) {
  const state = { answer: 'a', fault: null as Error | null, runs: 0, running: 0, mostRunning: 0, delayMs: 0 };
  const live: LiveOperation = {
    key,
    async run() {
      state.runs++;
      state.mostRunning = Math.max(state.mostRunning, ++state.running);
      const { answer, fault } = state;
      await new Promise((resolve) => setTimeout(resolve, state.delayMs));
      state.running--;
      if (fault !== null) throw fault;
      return [Buffer.from(answer)];
    },
  };
  return { live, state };
}

function recorder(accepts = () => true) {
  const events: string[] = [];
  const subscriber: Subscriber = {
    onAnswer(answer) {
      if (!accepts()) return false;
      events.push(Buffer.concat(answer).toString());
      return true;
    },
    onError: (error) => events.push(`error: ${(error as Error).message}`),
  };
  return { events, subscriber };
}

const liveQueries = () => new LiveQueries({ intervalMs: 5, maxConcurrentPolls: 2 });
const settle = (runs: () => number) => {
  const target = runs() + 3;
  return expect.poll(runs, { interval: 2 }).toBeGreaterThan(target);
};

test('tells the first answer at once and then only what changed', async () => {
  const queries = liveQueries();
  const { live, state } = operation('k');
  const { events, subscriber } = recorder();
  const stop = queries.subscribe(live, subscriber);
  await settle(() => state.runs);
  expect(events).toEqual(['a']);
  state.answer = 'b';
  await settle(() => state.runs);
  expect(events).toEqual(['a', 'b']);
  stop();
  const { runs } = state;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(state.runs).toBe(runs);
  expect(queries.stats(false)).toEqual({ pollers: 0, subscribers: 0 });
});

test('equal operations share one poller; a newcomer does not wait for the interval', async () => {
  const queries = new LiveQueries({ intervalMs: 60_000, maxConcurrentPolls: 2 });
  const { live, state } = operation('k');
  const first = recorder();
  const second = recorder();
  const stopFirst = queries.subscribe(live, first.subscriber);
  await expect.poll(() => first.events).toEqual(['a']);
  queries.subscribe({ ...live }, second.subscriber);
  await expect.poll(() => second.events).toEqual(['a']);
  expect(state.runs).toBe(2);
  expect(first.events).toEqual(['a']);
  stopFirst();
  expect(queries.stats(true)).toMatchObject({ pollers: 1, subscribers: 1, details: [{ subscribers: 1 }] });
  queries.close();
});

test('an error goes to everybody on every poll, and the next good answer is told again', async () => {
  const queries = liveQueries();
  const { live, state } = operation('k');
  const { events, subscriber } = recorder();
  queries.subscribe(live, subscriber);
  await expect.poll(() => events).toEqual(['a']);
  state.fault = new Error('gone');
  await expect.poll(() => events.length).toBeGreaterThan(3);
  state.fault = null;
  await expect.poll(() => events.at(-1)).toBe('a');
  expect(new Set(events.slice(1, -1))).toEqual(new Set(['error: gone']));
  queries.close();
});

test('an answer that was not taken is offered again', async () => {
  const queries = liveQueries();
  const { live, state } = operation('k');
  let isCongested = true;
  const { events, subscriber } = recorder(() => !isCongested);
  queries.subscribe(live, subscriber);
  await settle(() => state.runs);
  expect(events).toEqual([]);
  isCongested = false;
  await expect.poll(() => events).toEqual(['a']);
  queries.close();
});

test('no more polls at the same time than allowed', async () => {
  const queries = liveQueries();
  const { live, state } = operation('');
  state.delayMs = 10;
  for (let i = 0; i < 6; i++) queries.subscribe({ ...live, key: `k${i}` }, recorder().subscriber);
  await settle(() => state.runs);
  expect(state.mostRunning).toBe(2);
  queries.close();
});

test('no more subscribers than allowed; who leaves makes room', () => {
  const queries = new LiveQueries({ intervalMs: 5, maxConcurrentPolls: 2, maxSubscribers: 2 });
  const { live } = operation('k');
  const stop = queries.subscribe(live, recorder().subscriber);
  queries.subscribe(live, recorder().subscriber);
  expect(() => queries.subscribe(live, recorder().subscriber)).toThrow('more than 2 subscriptions');
  stop();
  stop();
  queries.subscribe(live, recorder().subscriber);
  expect(() => queries.subscribe(live, recorder().subscriber)).toThrow('more than 2 subscriptions');
  queries.close();
});

test('no more text and values than allowed, a plan counting once; who leaves makes room', () => {
  const queries = new LiveQueries({ intervalMs: 5, maxConcurrentPolls: 2, maxCharacters: 100 });
  const subscribe = (key: string, size?: { readonly document: number; readonly values: number }) => {
    const { live } = operation(key);
    return queries.subscribe(size === undefined ? live : { ...live, size }, recorder().subscriber);
  };
  const refused = 'too much text and too many values';
  const stop = subscribe('k', { document: 0, values: 60 });
  subscribe('k');
  expect(() => subscribe('k', { document: 0, values: 40 })).toThrow(refused);
  subscribe('k', { document: 0, values: 39 });
  expect(() => subscribe('other')).toThrow(refused);
  stop();
  stop();
  const stopped = subscribe('plan', { document: 5, values: 2 });
  const same = subscribe('plan', { document: 1, values: 1 });
  expect(() => subscribe('k', { document: 0, values: 2 })).toThrow(refused);
  stopped();
  // the plan is still in use
  expect(() => subscribe('k', { document: 0, values: 9 })).toThrow(refused);
  same();
  subscribe('k', { document: 0, values: 60 });
  expect(() => subscribe('k')).toThrow(refused);
  queries.close();
});
