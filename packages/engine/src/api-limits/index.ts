/**
 * Limits on what other roles than the administrator may ask: depth, nodes, time, batches, requests in a minute. In: `api_limits` of the metadata, a session,
 * an operation. Out: nothing, or the refusal. Promise: a role without limits costs one look-up; operations are measured once per text; all memory is bounded.
 */
export {
  ApiLimits,
  admitRequest,
  type RequestOrigin,
  type RoleLimits,
  refuseLargeOperation,
} from './api-limits.ts';
export { createMeasure, type OperationSize } from './measure-operation.ts';
export { createMemoryRateStore, type RateDecision, type RateStore } from './rate-store.ts';
export { createRedisRateStore } from './redis-rate-store.ts';
export { runWithin } from './time-limit.ts';
