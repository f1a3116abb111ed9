import { createHash } from 'node:crypto';
import type { RedisClient } from '../redis/index.ts';
import { type RateDecision, type RateStore, windowSeconds } from './rate-store.ts';

export interface RedisRateStoreOptions {
  readonly redis: RedisClient;
  /** Tells deployments that share a Redis apart. */
  readonly deployment: string;
  /** Counts for this process alone while Redis does not answer. */
  readonly fallback: RateStore;
}

/**
 * The sliding minute of one key, as the store in memory counts it: a hash from second to number of requests. The clock is that of Redis, so that those
 * of the engines do not matter; a second in the future, after that clock went back, still counts.
 * Gives 1 and 0, or 0 and the seconds until the same number of requests is allowed.
 */
const takeScript = {
  lua: `
local now = tonumber(redis.call('TIME')[1])
local cost, maximum, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local fields = redis.call('HGETALL', KEYS[1])
local counts, total = {}, 0
for index = 1, #fields, 2 do
  local second, count = tonumber(fields[index]), tonumber(fields[index + 1])
  if second <= now - window then
    redis.call('HDEL', KEYS[1], fields[index])
  else
    counts[second] = count
    total = total + count
  end
end
if total + cost > maximum then
  local excess = total + cost - maximum
  for step = 1, window - 1 do
    excess = excess - (counts[now - window + step] or 0)
    if excess <= 0 then return {0, step} end
  end
  return {0, window}
end
if cost > 0 then
  redis.call('HINCRBY', KEYS[1], now, cost)
  redis.call('EXPIRE', KEYS[1], window)
end
return {1, 0}`,
};

/** Counts in Redis, for all engines of a deployment together. */
export function createRedisRateStore({ redis, deployment, fallback }: RedisRateStoreOptions): RateStore {
  return {
    async take(key, cost, maximum): Promise<RateDecision> {
      try {
        const reply = await redis.run(
          takeScript,
          [redisKey(deployment, key)],
          [cost, maximum, windowSeconds],
        );
        return readReply(reply);
      } catch {
        // the client has told why
        return fallback.take(key, cost, maximum);
      }
    },
  };
}

/** Hashed, because session variables may be long, and are nobody's business in Redis. */
function redisKey(deployment: string, key: string): string {
  return `postern:${deployment}:rate:${createHash('sha256').update(key).digest('base64url')}`;
}

function readReply(reply: unknown): RateDecision {
  const [isAllowed, retryAfterSeconds] = Array.isArray(reply) ? reply : [];
  if (typeof isAllowed !== 'number' || typeof retryAfterSeconds !== 'number') {
    throw new TypeError('Redis gave no decision');
  }
  return { isAllowed: isAllowed === 1, retryAfterSeconds };
}
