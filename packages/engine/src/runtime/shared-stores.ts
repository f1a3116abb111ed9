import { createHash } from 'node:crypto';
import { createMemoryRateStore, createRedisRateStore, type RateStore } from '../api-limits/index.ts';
import { openRedis, type RedisClient } from '../redis/index.ts';
import { createMemoryStore, createRedisStore, ResponseCache } from '../response-cache/index.ts';
import type { RedisAddress, RuntimeOptions } from './types.ts';

/** What engines of one deployment share where they have a Redis, and each has for itself otherwise. */
export interface SharedStores {
  readonly rates: RateStore;
  readonly answers: ResponseCache;
  close(): void;
}

/** @param deployment the random id that is stored with the metadata; who knows it can tell what the keys of answers are made of */
export async function openSharedStores(options: RuntimeOptions, deployment: string): Promise<SharedStores> {
  const { cacheRedis, rateLimitRedis, responseCache, processes } = options;
  const connections: RedisClient[] = [];
  const connect = async (address: RedisAddress, purpose: string): Promise<RedisClient> => {
    const redis = await openRedis({
      ...address,
      purpose,
      log: ({ level, message, error }) => options.log({ level, type: 'redis', detail: { message, error } }),
    });
    connections.push(redis);
    return redis;
  };
  // not the id itself, which anybody who sees Redis would learn
  const name = createHash('sha256').update(`redis ${deployment}`).digest('hex').slice(0, 16);
  const ownRates = createMemoryRateStore();
  try {
    const [answersRedis, ratesRedis] = await Promise.all([
      cacheRedis === null || responseCache.maximumTtlSeconds === 0
        ? null
        : connect(cacheRedis, 'response cache'),
      rateLimitRedis === null ? null : connect(rateLimitRedis, 'rate limits'),
    ]);
    return {
      rates:
        ratesRedis === null
          ? ownRates
          : createRedisRateStore({ redis: ratesRedis, deployment: name, fallback: ownRates }),
      answers: new ResponseCache({
        ...responseCache,
        secret: deployment,
        store:
          answersRedis === null
            ? createMemoryStore({ maximumBytes: Math.floor(responseCache.maximumBytes / processes) })
            : createRedisStore({ redis: answersRedis, deployment: name }),
      }),
      close: () => closeAll(connections),
    };
  } catch (error) {
    closeAll(connections);
    throw error;
  }
}

function closeAll(connections: readonly RedisClient[]): void {
  for (const connection of connections) connection.close();
}
