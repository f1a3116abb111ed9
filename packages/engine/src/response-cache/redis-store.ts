import { randomUUID } from 'node:crypto';
import type { RedisClient, RedisReply } from '../redis/index.ts';
import type { AnswerKey, AnswerStore, Clearing, Found } from './types.ts';

export interface RedisStoreOptions {
  readonly redis: RedisClient;
  /** Tells deployments that share a Redis apart. */
  readonly deployment: string;
}

/** Larger answers would hold up those behind them on the connection. */
const maximumBytes = 16 * 1024 * 1024;
/** Tokens outlive every answer that names them by this. */
const tokenSlackMs = 60_000;

/*
 * An answer names two tokens, one of all answers and one of its family, and counts only as long as both are those in force. Clearing takes a token
 * away: that costs the same for any number of answers, and none is forgotten. A token that is missing, for whatever reason, is made anew by who needs it.
 * Keys: answer, token of all, token of the family.
 */

/** Values: a random text for new tokens. Gives the tokens in force, and, if there is an answer: its bytes, its time to live, what is left of it. */
const findScript = {
  lua: `
local tokens = {}
for index = 2, 3 do
  local token = redis.call('GET', KEYS[index])
  if not token then
    token = ARGV[1]
    redis.call('SET', KEYS[index], token, 'PX', ${tokenSlackMs})
  end
  tokens[index - 1] = token
end
local epoch = tokens[1] .. ' ' .. tokens[2]
local entry = redis.call('HMGET', KEYS[1], 'epoch', 'ttl', 'answer')
if entry[1] == epoch then
  return {epoch, entry[3], tonumber(entry[2]), redis.call('PTTL', KEYS[1])}
end
return {epoch}`,
};

/** Values: the tokens as they were found, time to live, answer. */
const addScript = {
  lua: `
local epoch = (redis.call('GET', KEYS[2]) or '') .. ' ' .. (redis.call('GET', KEYS[3]) or '')
if epoch ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'epoch', epoch, 'ttl', ARGV[2], 'answer', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
for index = 2, 3 do
  local needed = tonumber(ARGV[2]) + ${tokenSlackMs}
  if redis.call('PTTL', KEYS[index]) < needed then redis.call('PEXPIRE', KEYS[index], needed) end
end
return 1`,
};

const removeScript = { lua: `return redis.call('DEL', KEYS[1])` };

/** Answers in Redis, for all engines of a deployment. */
export function createRedisStore({ redis, deployment }: RedisStoreOptions): AnswerStore {
  // braces: in a cluster all keys of a deployment lie on one node, as scripts want it
  const prefix = `postern:{${deployment}}:answer`;
  const answerKey = (key: string): string => `${prefix}:${key}`;
  const allKey = `${prefix}s`;
  const familyKey = (family: string): string => `${prefix}-family:${family}`;
  const keysOf = ({ key, family }: AnswerKey) => [answerKey(key), allKey, familyKey(family)];
  const removedBy = (clearing: Clearing): string => {
    if (clearing.kind === 'all') return allKey;
    return clearing.kind === 'key' ? answerKey(clearing.key) : familyKey(clearing.family);
  };
  return {
    maximumBytes,
    isShared: true,
    async find(key) {
      return readFound(await redis.run(findScript, keysOf(key), [randomUUID()]));
    },
    async add(key, bytes, ttlMs, epoch) {
      await redis.run(addScript, keysOf(key), [epoch, ttlMs, bytes]);
    },
    async clear(clearing) {
      await redis.run(removeScript, [removedBy(clearing)], []);
    },
  };
}

function readFound(reply: RedisReply): Found {
  const [epoch, bytes, ttlMs, remainingMs] = Array.isArray(reply) ? (reply as readonly RedisReply[]) : [];
  if (!(epoch instanceof Buffer)) throw new TypeError('Redis gave no tokens');
  const hasAnswer = bytes instanceof Buffer && typeof ttlMs === 'number' && typeof remainingMs === 'number';
  return {
    epoch: String(epoch),
    answer:
      hasAnswer && remainingMs > 0 ? { bytes, ageMs: Math.max(0, ttlMs - remainingMs), remainingMs } : null,
  };
}
