import { expect, test } from 'vitest';
import type { Bytes } from '../database/index.ts';
import { createKeyMaker } from './answer-key.ts';
import { createWishReader } from './cached-directive.ts';
import { type AnswerStore, createMemoryStore, ResponseCache, type ResponseCacheOptions } from './index.ts';

const wishes = createWishReader();

test.each([
  ['{ a }', null],
  ['query @cached { a }', { ttlSeconds: 60, refresh: false }],
  ['query q @ # comment\n cached(ttl: 5) { a }', { ttlSeconds: 5, refresh: false }],
  ['query q @cached(refresh: true, ttl: 7) { a }', { ttlSeconds: 7, refresh: true }],
  ['{ cached }', null],
  ['mutation @cached { a }', null],
  ['{ a', null],
])('%j', (query, wish) => {
  if (wish === null) expect(wishes(query, null)).toBeNull();
  else expect(wishes(query, null)).toMatchObject(wish);
});

test('white space, commas, comments and the directive do not tell operations apart; everything else does', () => {
  const textOf = (query: string, name: string | null = null) => wishes(query, name)?.text;
  const text = textOf('query q($x: Int = 1) @cached { a(b: [1, 2]) { ...f } } fragment f on t { c }');
  for (const same of [
    'query q($x:Int=1)@cached(ttl:5,refresh:true){a(b:[1 2]){...f}}#cached\nfragment f on t{c}',
  ]) {
    expect(textOf(same)).toBe(text);
  }
  for (const other of [
    'query r($x: Int = 1) @cached { a(b: [1, 2]) { ...f } } fragment f on t { c }',
    'query q($x: Int = 2) @cached { a(b: [1, 2]) { ...f } } fragment f on t { c }',
    'query q($x: Int! = 1) @cached { a(b: [1, 2]) { ...f } } fragment f on t { c }',
    'query q($x: Int = 1) @cached { a(b: [1, 3]) { ...f } } fragment f on t { c }',
    'query q($x: Int = 1) @cached { a(b: [1, 2]) { ...f } } fragment f on t { d }',
    'query q($x: Int = 1) @cached { k: a(b: [1, 2]) { ...f } } fragment f on t { c }',
  ]) {
    expect(textOf(other)).toBeDefined();
    expect(textOf(other)).not.toBe(text);
  }
  const two = 'query q @cached { a } query r @cached { b }';
  expect(textOf(two, 'q')).not.toBe(textOf(two, 'r'));
});

test('every part of the origin changes the key, none but the operation its family', () => {
  const origin = {
    scope: 's',
    session: { role: 'user', usesBackendOnly: false },
    text: 't',
    variables: { a: 1, b: 'x' },
    identity: 'i',
  };
  const keyOf = createKeyMaker('secret');
  const { key, family } = keyOf(origin);
  expect(createKeyMaker('secret')(origin)).toEqual({ key, family });
  expect(keyOf({ ...origin, variables: { b: 'x', a: 1 } }).key).toBe(key);
  const others = [
    { ...origin, scope: 's2' },
    { ...origin, session: { role: 'user2', usesBackendOnly: false } },
    { ...origin, session: { role: 'user', usesBackendOnly: true } },
    { ...origin, variables: { a: '1', b: 'x' } },
    { ...origin, variables: { a: 1, b: 'x', c: null } },
    { ...origin, variables: null },
    { ...origin, identity: 'i2' },
    // parts that look the same when they are put together
    { ...origin, scope: 'su', session: { role: 'ser', usesBackendOnly: false } },
    { ...origin, text: 't3', variables: null, identity: '13{"a":1,"b":"x"}i' },
  ].map(keyOf);
  const keys = [key, ...others.map((other) => other.key), createKeyMaker('another')(origin).key];
  expect(new Set(keys).size).toBe(keys.length);
  for (const other of others.slice(0, -1)) expect(other.family).toBe(family);
  expect(keyOf({ ...origin, text: 't2' }).family).not.toBe(family);
});

function cacheWith(options: Partial<ResponseCacheOptions> = {}) {
  const cache = new ResponseCache({
    store: createMemoryStore({ maximumBytes: 1_000_000 }),
    secret: 'secret',
    maximumTtlSeconds: 3600,
    maximumEntryBytes: 1000,
    bucketBytes: 10_000,
    bucketBytesPerSecond: 0,
    ...options,
  });
  let made = 0;
  const ask = async (
    query: string,
    { run, signal }: { run?: (signal: AbortSignal) => Promise<Bytes>; signal?: AbortSignal } = {},
  ) => {
    const wish = cache.wishOf(query, null);
    if (wish === null) throw new Error('no wish');
    const headers: Record<string, string> = {};
    const session = { role: 'user', usesBackendOnly: false };
    const bytes = await cache.answer({
      wish,
      origin: { scope: '1', session, variables: null, identity: '[]' },
      run: run ?? (async () => [Buffer.from(`answer ${++made}`)]),
      signal,
      onHeader: (name, value) => {
        headers[name] = value;
      },
    });
    return { text: Buffer.concat(bytes).toString(), headers };
  };
  return { cache, ask };
}

const plain = 'query @cached(ttl: 100) { a }';
const key = expect.stringMatching(/^[0-9a-f]{64}$/);
const keys = { 'X-Hasura-Query-Cache-Key': key, 'X-Hasura-Query-Family-Cache-Key': key };

test('the second time it is the first answer, with what is left of its time', async () => {
  const { ask, cache } = cacheWith();
  expect(await ask(plain)).toEqual({ text: 'answer 1', headers: keys });
  const second = await ask(plain);
  expect(second).toEqual({ text: 'answer 1', headers: { ...keys, 'Cache-Control': expect.any(String) } });
  expect(second.headers['Cache-Control']).toMatch(/^max-age=(100|9\d)$/);
  expect(cache.stats()).toEqual({ hits: 1, misses: 1 });
});

test('refresh stores anew, for those who do not refresh, too', async () => {
  const { ask } = cacheWith();
  await ask(plain);
  expect((await ask('query @cached(ttl: 100, refresh: true) { a }')).text).toBe('answer 2');
  expect((await ask(plain)).text).toBe('answer 2');
});

test('an answer is not older than its query wants it, whoever stored it, and the operator has the last word', async () => {
  let now = 0;
  const store = createMemoryStore({ maximumBytes: 100_000, now: () => now });
  const { ask } = cacheWith({ store, maximumTtlSeconds: 50 });
  await ask(plain);
  now = 20_000;
  expect(await ask('query @cached(ttl: 30) { a }')).toMatchObject({
    text: 'answer 1',
    headers: { 'Cache-Control': 'max-age=10' },
  });
  expect((await ask(plain)).headers).toMatchObject({ 'Cache-Control': 'max-age=30' });
  expect((await ask('query @cached(ttl: 20) { a }')).text).toBe('answer 2');
  now = 41_000;
  expect((await ask(plain)).text).toBe('answer 3');
  now = 91_000;
  expect((await ask(plain)).text).toBe('answer 4');
});

test('switched off, or asked for no time at all, there is no wish', () => {
  expect(cacheWith({ maximumTtlSeconds: 0 }).cache.wishOf(plain, null)).toBeNull();
  expect(cacheWith().cache.wishOf('query @cached(ttl: 0) { a }', null)).toBeNull();
  expect(cacheWith().cache.wishOf('query @cached(ttl: -1) { a }', null)).toBeNull();
});

test('failures are not stored', async () => {
  const { ask } = cacheWith();
  await expect(ask(plain, { run: () => Promise.reject(new Error('no')) })).rejects.toThrow('no');
  expect((await ask(plain)).text).toBe('answer 1');
});

test('what is too large, or too much, is answered and not stored', async () => {
  const large = cacheWith();
  const run = async () => [Buffer.alloc(500), Buffer.alloc(501)];
  for (let time = 0; time < 2; time++) {
    const { headers } = await large.ask(plain, { run });
    expect(headers).toEqual({ ...keys, Warning: '199 - cache-store-size-limit-exceeded' });
  }
  const much = cacheWith({ bucketBytes: 10 });
  expect((await much.ask(plain)).headers).toEqual(keys);
  const { headers } = await much.ask('query @cached { b }');
  expect(headers).toEqual({ ...keys, Warning: '199 - cache-store-capacity-exceeded' });
});

test.each(['find', 'add'] as const)('a store that cannot %s costs no answer', async (method) => {
  const working = createMemoryStore({ maximumBytes: 100_000 });
  const store: AnswerStore = { ...working, [method]: () => Promise.reject(new Error('down')) };
  const { ask } = cacheWith({ store });
  for (let time = 1; time <= 2; time++) {
    expect(await ask(plain)).toEqual({
      text: `answer ${time}`,
      headers: { ...keys, Warning: '199 - cache-store-error' },
    });
  }
});

function slowRun() {
  let finish = (_text: string): void => {};
  let runs = 0;
  let aborted = 0;
  const run = (signal: AbortSignal): Promise<Bytes> => {
    runs++;
    return new Promise((resolve, reject) => {
      finish = (text) => resolve([Buffer.from(text)]);
      signal.addEventListener('abort', () => {
        aborted++;
        reject(signal.reason);
      });
    });
  };
  return { run, finish: (text: string) => finish(text), counts: () => ({ runs, aborted }) };
}

test('those who ask at the same time wait for one run, which ends early only when all have left', async () => {
  const { ask } = cacheWith();
  const slow = slowRun();
  const leaving = [new AbortController(), new AbortController(), new AbortController()];
  const [first, second, third] = leaving.map(({ signal }) => ask(plain, { run: slow.run, signal }));
  await expect.poll(() => slow.counts().runs).toBe(1);
  leaving[0]?.abort(new Error('left'));
  await expect(first).rejects.toThrow('left');
  slow.finish('for two');
  expect((await second)?.text).toBe('for two');
  expect((await third)?.text).toBe('for two');
  expect(slow.counts()).toEqual({ runs: 1, aborted: 0 });
  expect((await ask(plain)).text).toBe('for two');
});

test('a run that all have left is ended, and the next one begins anew', async () => {
  const { ask } = cacheWith();
  const slow = slowRun();
  const leaving = new AbortController();
  const asked = [0, 1].map(() => ask(plain, { run: slow.run, signal: leaving.signal }));
  await expect.poll(() => slow.counts().runs).toBe(1);
  leaving.abort(new Error('left'));
  for (const each of asked) await expect(each).rejects.toThrow('left');
  expect(slow.counts()).toEqual({ runs: 1, aborted: 1 });
  expect((await ask(plain)).text).toBe('answer 1');
  await expect(ask('query @cached { b }', { signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow(
    'gone',
  );
});

test('a refresh, and who comes after a clearing, do not wait for what was begun before', async () => {
  const { ask, cache } = cacheWith();
  const slow = slowRun();
  const old = ask(plain, { run: slow.run });
  await expect.poll(() => slow.counts().runs).toBe(1);
  expect((await ask('query @cached(ttl: 100, refresh: true) { a }')).text).toBe('answer 1');
  slow.finish('old');
  expect((await old).text).toBe('old');
  expect((await ask(plain)).text).toBe('answer 1');
  const older = ask('query @cached { b }', { run: slow.run });
  await expect.poll(() => slow.counts().runs).toBe(2);
  await cache.clear({ kind: 'all' });
  expect((await ask('query @cached { b }')).text).toBe('answer 2');
  slow.finish('older');
  expect((await older).text).toBe('older');
  expect((await ask('query @cached { b }')).text).toBe('answer 2');
});
