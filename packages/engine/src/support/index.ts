/**
 * Helpers that three or more folders use: lossless JSON, error classes, error paths, small guards.
 * Nothing here knows GraphQL, SQL or HTTP.
 */
export { InvariantError, unreachable } from './invariant-error.ts';
export {
  isJsonObject,
  type Json,
  JsonNumber,
  type JsonObject,
  parseJson,
  passedOnJson,
  stringifyJson,
} from './json.ts';
export { Path } from './path.ts';
export { type ErrorCode, RequestError } from './request-error.ts';
export type { Span } from './span.ts';
