import { expect, test } from 'vitest';
import { DatabaseConnectionError, DatabaseError } from '../database/index.ts';
import { LiveQueries, type LiveQueryOptions } from './live-queries.ts';
import type { LiveOperation, Poll, Subscriber } from './types.ts';

/** Operations of one group, whose answer is their value; the statements that are run for them. */
function group() {
  const state = {
    statements: [] as string[],
    refuses: (_value: string): Error | null => null,
    /** More sets than this at once take too long. */
    most: Number.POSITIVE_INFINITY,
    suffix: '',
    polls: [] as Poll[],
  };
  const answer = (value: string) => {
    const error = state.refuses(value);
    if (error !== null) throw error;
    return [Buffer.from(value + state.suffix)];
  };
  const of = (value: string): LiveOperation => ({
    key: value,
    async run() {
      state.statements.push(value);
      return answer(value);
    },
    together: {
      group: 'g',
      values: () => [value],
      async run(sets) {
        state.statements.push(sets.join());
        if (sets.length > state.most) throw databaseError('57014');
        return sets.map(([each]) => ({ answer: answer(each ?? ''), cursor: null }));
      },
    },
    onPoll: (poll) => state.polls.push(poll),
  });
  return { state, of };
}

function databaseError(sqlState: string): Error {
  return new Error('translated', { cause: new DatabaseError({ sqlState, message: 'refused' }) });
}

function recorder() {
  const events: string[] = [];
  const subscriber: Subscriber = {
    onAnswer(answer) {
      events.push(Buffer.concat(answer).toString());
      return true;
    },
    onError: (error) => events.push(`error: ${(error as Error).message}`),
  };
  return { events, subscriber };
}

function subscribeAll(queries: LiveQueries, of: (value: string) => LiveOperation, values: readonly string[]) {
  return values.map((value) => {
    const { events, subscriber } = recorder();
    const stop = queries.subscribe(of(value), subscriber);
    return { value, events, stop };
  });
}

const liveQueries = (options: Partial<LiveQueryOptions> = {}) =>
  new LiveQueries({ intervalMs: 10, batchSize: 3, maxConcurrentPolls: 1, ...options });

test('one statement for a batch, and everybody the own answer when it has changed', async () => {
  const queries = liveQueries();
  const { state, of } = group();
  const clients = subscribeAll(queries, of, ['a', 'b', 'c', 'd', 'b']);
  await expect.poll(() => state.polls.some(({ cohorts }) => cohorts === 4)).toBe(true);
  for (const { value, events } of clients) expect(events).toEqual([value]);
  expect(queries.stats(true)).toMatchObject({
    pollers: 1,
    subscribers: 5,
    details: [{ subscribers: 5, cohorts: 4 }],
  });
  state.suffix = '!';
  await expect.poll(() => clients.every(({ events }) => events.length === 2)).toBe(true);
  for (const { value, events } of clients) expect(events).toEqual([value, `${value}!`]);
  expect(new Set(state.statements.filter((sets) => sets.includes(',')))).toContain('a,b,c');
  const [round] = state.polls.filter(({ cohorts }) => cohorts === 4);
  expect(round).toMatchObject({ subscribers: 5, batches: [{ cohorts: 3 }, { cohorts: 1 }] });
  for (const { stop } of clients) stop();
  expect(queries.stats(false)).toEqual({ pollers: 0, subscribers: 0 });
});

test('who fails fails alone, is looked at alone, and comes back', async () => {
  const queries = liveQueries({ batchSize: 4 });
  const { state, of } = group();
  const clients = subscribeAll(queries, of, ['a', 'b', 'c', 'd']);
  await expect.poll(() => clients.every(({ events }) => events.length === 1)).toBe(true);
  state.refuses = (value) => (value === 'c' ? databaseError('42501') : null);
  state.suffix = '!';
  await expect.poll(() => clients[2]?.events.length).toBeGreaterThan(3);
  for (const { value, events } of clients) {
    if (value !== 'c') expect(events).toEqual([value, `${value}!`]);
    else expect(new Set(events.slice(1))).toEqual(new Set(['error: translated']));
  }
  const latest = state.statements.slice(-6);
  expect(latest).toContain('c');
  expect(latest).toContain('a,b,d');
  expect(queries.health()['live-query']).toEqual({ running: 1, failing: 1 });
  state.refuses = () => null;
  await expect.poll(() => clients[2]?.events.at(-1)).toBe('c!');
  await expect.poll(() => state.statements.slice(-2).some((sets) => sets.length === 7)).toBe(true);
  queries.close();
});

test('who raises what a server says when it goes down takes nobody along', async () => {
  const queries = liveQueries({ batchSize: 4 });
  const { state, of } = group();
  const clients = subscribeAll(queries, of, ['a', 'b', 'c', 'd']);
  await expect.poll(() => clients.every(({ events }) => events.length === 1)).toBe(true);
  for (const sqlState of ['57P01', '08006', '53300']) {
    state.refuses = (value) => (value === 'c' ? databaseError(sqlState) : null);
    state.suffix = sqlState;
    await expect.poll(() => clients[2]?.events.at(-1)).toBe('error: translated');
    await expect.poll(() => clients[3]?.events.at(-1)).toBe(`d${sqlState}`);
  }
  for (const { value, events } of clients) {
    if (value !== 'c') expect(events).not.toContain('error: translated');
  }
  queries.close();
});

test('what is nobody’s fault is told to everybody after one statement', async () => {
  const queries = liveQueries();
  const { state, of } = group();
  const clients = subscribeAll(queries, of, ['a', 'b', 'c']);
  await expect.poll(() => clients.every(({ events }) => events.length === 1)).toBe(true);
  const cause = new DatabaseConnectionError('going down', { sqlState: '57P01' });
  state.refuses = () => new Error('translated', { cause });
  const before = state.statements.length;
  await expect.poll(() => clients.every(({ events }) => events.length > 3)).toBe(true);
  expect(new Set(state.statements.slice(before))).toEqual(new Set(['a,b,c']));
  queries.close();
});

test('a batch that takes too long becomes smaller', async () => {
  const queries = liveQueries({ batchSize: 4 });
  const { state, of } = group();
  const clients = subscribeAll(queries, of, ['a', 'b', 'c', 'd']);
  await expect.poll(() => clients.every(({ events }) => events.length === 1)).toBe(true);
  state.most = 2;
  state.suffix = '!';
  await expect.poll(() => clients.every(({ events }) => events.length === 2)).toBe(true);
  for (const { value, events } of clients) expect(events).toEqual([value, `${value}!`]);
  expect(state.statements).toContain('a,b');
  queries.close();
});

test('streams that stand at different places are asked for together, and each goes on by itself', async () => {
  const queries = liveQueries();
  const asked: string[] = [];
  const batchAfter = (value: string) => {
    const rows = [1, 2, 3, 4].filter((row) => row > Number(value)).slice(0, 2);
    const last = rows.at(-1);
    return { answer: [Buffer.from(rows.join())], cursor: last === undefined ? null : String(last) };
  };
  const from = (start: string): LiveOperation => ({
    key: 'numbers',
    run: () => Promise.reject(new Error('a stream is not run as a whole')),
    stream: { start, batch: async (cursor) => batchAfter(cursor ?? start) },
    together: {
      group: 'numbers',
      values: (cursor) => [cursor ?? start],
      async run(sets) {
        asked.push(sets.join());
        return sets.map(([value]) => batchAfter(value ?? ''));
      },
    },
  });
  const clients = ['0', '1', '3'].map((start) => {
    const { events, subscriber } = recorder();
    queries.subscribe(from(start), subscriber);
    return events;
  });
  await expect.poll(() => clients.map((events) => events.join(' '))).toEqual(['1,2 3,4', '2,3 4', '4']);
  expect(asked[0]).toBe('0,1,3');
  queries.close();
});
