/**
 * Helpers that three or more folders use: lossless JSON, error classes, error paths, small guards.
 * Nothing here knows GraphQL, SQL or HTTP.
 */
export { InvariantError, unreachable } from './invariant-error.ts';
export {
  bareObject,
  isFaithful,
  isJsonObject,
  type Json,
  JsonNumber,
  type JsonObject,
  parseJson,
  type ParseOptions,
  passedOnJson,
  stringifyJson,
} from './json.ts';
export { describeKind, type JsonKind } from './json-kind.ts';
export { Path } from './path.ts';
export { type ErrorCode, RequestError } from './request-error.ts';
export { during, type Span } from './span.ts';
