/**
 * Answers that are kept for a while, because their queries ask for it with `@cached`. In: a query's wish, all that its answer depends on, a way to make it.
 * Out: the stored answer or a new one, with headers that say which. Promise: a stored answer is given only where the same statements would run with the
 * same values on the same databases, for the same role; errors are not stored; memory is bounded; a store that fails costs a bounded wait and no answer.
 */
export type { CacheWish } from './cached-directive.ts';
export { createMemoryStore } from './memory-store.ts';
export { createRedisStore } from './redis-store.ts';
export { ResponseCache, type ResponseCacheOptions } from './response-cache.ts';
export type * from './types.ts';
