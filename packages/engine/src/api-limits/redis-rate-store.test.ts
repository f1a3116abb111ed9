import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasRedis, startRedis, type TestRedis } from '../../test/support/redis-server.ts';
import { openRedis, type RedisClient } from '../redis/index.ts';
import { createMemoryRateStore, createRedisRateStore } from './index.ts';

describe.skipIf(!hasRedis)('requests counted in Redis', () => {
  let server: TestRedis;
  const clients: RedisClient[] = [];
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await server?.stop();
  });

  async function storeOf(deployment: string) {
    const redis = await openRedis({
      url: server.url,
      usesTls: false,
      tlsHostname: null,
      caPath: null,
      purpose: 'rate limit',
      log: () => {},
    });
    clients.push(redis);
    return createRedisRateStore({ redis, deployment, fallback: createMemoryRateStore() });
  }

  test('engines of one deployment share a limit, others do not', async () => {
    const [first, second, other] = [await storeOf('a'), await storeOf('a'), await storeOf('b')];
    const decisions = await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? first : second).take('k', 1, 7)),
    );
    expect(decisions.filter(({ isAllowed }) => isAllowed)).toHaveLength(7);
    const refused = await first.take('k', 1, 7);
    expect(refused.isAllowed).toBe(false);
    expect(refused.retryAfterSeconds).toBeGreaterThan(50);
    expect(refused.retryAfterSeconds).toBeLessThanOrEqual(61);
    expect(await other.take('k', 7, 7)).toEqual({ isAllowed: true, retryAfterSeconds: 0 });
    expect(await first.take('another', 1, 7)).toEqual({ isAllowed: true, retryAfterSeconds: 0 });
    expect(await first.take('too much at once', 8, 7)).toEqual({ isAllowed: false, retryAfterSeconds: 61 });
  });

  test('what is refused is not counted, and seconds that have left the minute do not count', async () => {
    const store = await storeOf('c');
    const redis = clients.at(-1) as RedisClient; // storeOf has added it
    await store.take('k', 2, 4);
    expect((await store.take('k', 3, 4)).isAllowed).toBe(false);
    expect((await store.take('k', 2, 4)).isAllowed).toBe(true);
    // as if they had come 30 and 61 seconds ago
    const shift = (seconds: number) => ({
      lua: `
        local key = redis.call('KEYS', 'postern:c:rate:*')[1]
        for _, field in ipairs(redis.call('HKEYS', key)) do
          local count = redis.call('HGET', key, field)
          redis.call('HDEL', key, field)
          redis.call('HSET', key, field - ${seconds}, count)
        end`,
    });
    await redis.run(shift(30), [], []);
    const refused = await store.take('k', 1, 4);
    expect(refused.isAllowed).toBe(false);
    expect(refused.retryAfterSeconds).toBeGreaterThanOrEqual(29);
    expect(refused.retryAfterSeconds).toBeLessThanOrEqual(31);
    await redis.run(shift(31), [], []);
    expect((await store.take('k', 4, 4)).isAllowed).toBe(true);
  });

  test('while Redis is away each engine counts for itself', async () => {
    const store = await storeOf('d');
    expect((await store.take('k', 2, 2)).isAllowed).toBe(true);
    await server.stop();
    await expect.poll(async () => (await store.take('k', 1, 2)).isAllowed, { timeout: 10_000 }).toBe(true);
    await store.take('k', 1, 2);
    expect((await store.take('k', 1, 2)).isAllowed).toBe(false);
    await server.start();
    await expect.poll(async () => (await store.take('new', 0, 2)).isAllowed).toBe(true);
    await expect.poll(async () => (await store.take('k', 2, 2)).isAllowed, { timeout: 10_000 }).toBe(true);
  });
});
