import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasRedis, startRedis, type TestRedis } from '../../test/support/redis-server.ts';
import { openRedis, type RedisClient } from '../redis/index.ts';
import { type AnswerStore, createMemoryStore, createRedisStore } from './index.ts';

let last = 0;
/** A key that no other test uses, in a family of its own unless one is given. */
function newKey(family = `family ${++last}`) {
  return { key: `key ${++last}`, family };
}

async function put(store: AnswerStore, key: ReturnType<typeof newKey>, text: string, ttlMs = 60_000) {
  const { epoch } = await store.find(key);
  await store.add(key, Buffer.from(text), ttlMs, epoch);
}

async function textOf(store: AnswerStore, key: ReturnType<typeof newKey>): Promise<string | null> {
  const { answer } = await store.find(key);
  return answer === null ? null : String(answer.bytes);
}

/** What every store promises. */
function promises(open: () => AnswerStore | Promise<AnswerStore>): void {
  let store: AnswerStore;
  beforeAll(async () => {
    store = await open();
  });

  test('an answer is found until its time is over, with its age', async () => {
    const key = newKey();
    expect(await textOf(store, key)).toBeNull();
    await put(store, key, 'bytes', 1500);
    const { answer } = await store.find(key);
    expect(answer?.remainingMs).toBeLessThanOrEqual(1500);
    expect(answer?.remainingMs).toBeGreaterThan(0);
    expect((answer?.ageMs ?? 0) + (answer?.remainingMs ?? 0)).toBeCloseTo(1500, 0);
    expect(await textOf(store, newKey())).toBeNull();
    await expect.poll(() => textOf(store, key), { timeout: 5000 }).toBeNull();
  });

  test('bytes are kept as they are', async () => {
    const key = newKey();
    const bytes = Buffer.from([0, 255, 13, 10, 200]);
    const { epoch } = await store.find(key);
    await store.add(key, bytes, 1000, epoch);
    expect((await store.find(key)).answer?.bytes).toEqual(bytes);
  });

  test('one answer, a family, or all are cleared', async () => {
    const [one, two, other] = [newKey('f'), newKey('f'), newKey('g')];
    for (const key of [one, two, other]) await put(store, key, 'text');
    await store.clear({ kind: 'key', key: one.key });
    expect(await Promise.all([one, two, other].map((key) => textOf(store, key)))).toEqual([
      null,
      'text',
      'text',
    ]);
    await put(store, one, 'again');
    await store.clear({ kind: 'family', family: 'f' });
    expect(await Promise.all([one, two, other].map((key) => textOf(store, key)))).toEqual([
      null,
      null,
      'text',
    ]);
    await put(store, one, 'once more');
    expect(await textOf(store, one)).toBe('once more');
    await store.clear({ kind: 'all' });
    expect(await Promise.all([one, two, other].map((key) => textOf(store, key)))).toEqual([null, null, null]);
  });

  test.each([
    ['all are', { kind: 'all' }],
    ['its family is', { kind: 'family', family: 'h' }],
  ] as const)('what was begun before %s cleared is not stored after that', async (_what, clearing) => {
    const key = newKey('h');
    const { epoch } = await store.find(key);
    await store.clear(clearing);
    await store.add(key, Buffer.from('stale'), 1000, epoch);
    expect(await textOf(store, key)).toBeNull();
  });
}

describe('in memory', () => {
  promises(() => createMemoryStore({ maximumBytes: 1_000_000 }));

  test('memory is bounded; what was used longest ago goes first', async () => {
    const store = createMemoryStore({ maximumBytes: 100_000 });
    const keys = Array.from({ length: 50 }, () => newKey());
    for (const key of keys) {
      await put(store, key, 'x'.repeat(5_000));
      // the first one is used all the time
      await textOf(store, keys[0] as ReturnType<typeof newKey>);
    }
    const kept = await Promise.all(keys.map((key) => textOf(store, key)));
    expect(kept[0]).not.toBeNull();
    expect(kept[1]).toBeNull();
    expect(kept.filter((text) => text !== null).length).toBeLessThanOrEqual(20);
    expect(store.maximumBytes).toBeLessThan(25_000);
  });
});

describe.skipIf(!hasRedis)('in Redis', () => {
  let server: TestRedis;
  const clients: RedisClient[] = [];
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await server?.stop();
  });
  const open = async (deployment: string): Promise<AnswerStore> => {
    const redis = await openRedis({
      url: server.url,
      usesTls: false,
      tlsHostname: null,
      caPath: null,
      purpose: 'response cache',
      log: () => {},
    });
    clients.push(redis);
    return createRedisStore({ redis, deployment });
  };
  promises(() => open('one'));

  test('engines of a deployment see the same answers, and clear them for all; other deployments have their own', async () => {
    const [first, second, other] = [await open('two'), await open('two'), await open('three')];
    const key = newKey();
    await put(first, key, 'shared');
    expect(await textOf(second, key)).toBe('shared');
    expect(await textOf(other, key)).toBeNull();
    await put(other, key, 'own');
    await second.clear({ kind: 'all' });
    expect(await textOf(first, key)).toBeNull();
    expect(await textOf(other, key)).toBe('own');
  });

  test('answers whose tokens Redis has lost are not found any more, also after a clearing was forgotten', async () => {
    const store = await open('four');
    const redis = clients.at(-1) as RedisClient; // `open` has added it
    const key = newKey();
    await put(store, key, 'before');
    await store.clear({ kind: 'family', family: key.family });
    await redis
      .run({ lua: `return redis.call('DEL', unpack(redis.call('KEYS', '*{four}*family*')))` }, [], [])
      .catch(() => {});
    expect(await textOf(store, key)).toBeNull();
    await put(store, key, 'after');
    await redis.run(
      { lua: `return redis.call('DEL', unpack(redis.call('KEYS', '*{four}:answers')))` },
      [],
      [],
    );
    expect(await textOf(store, key)).toBeNull();
  });

  test('everything in Redis has a time after which it is gone', async () => {
    const store = await open('five');
    await put(store, newKey(), 'text', 5000);
    const ttls = await (clients.at(-1) as RedisClient).run(
      {
        lua: `local found = {} for _, key in ipairs(redis.call('KEYS', '*{five}*')) do table.insert(found, redis.call('PTTL', key)) end return found`,
      },
      [],
      [],
    );
    expect(ttls).toHaveLength(3);
    for (const ttl of ttls as number[]) {
      expect(ttl).toBeGreaterThan(0);
      expect(ttl).toBeLessThanOrEqual(65_000);
    }
  });
});
