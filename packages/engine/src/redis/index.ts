/**
 * What engines share outside of PostgreSQL. In: a Redis URL, Lua scripts with their keys and values. Out: their answers. Promise: no wait longer than half
 * a second; while Redis is away calls fail at once, and a log line says so once; the driver is loaded only when a URL is given.
 */
export { openRedis } from './open-redis.ts';
export type * from './types.ts';
