/**
 * Transforms of webhooks. In: `request_transform` and `response_transform` as the metadata has them, read once; then requests and answers. Out: the
 * request that is sent instead, the text that counts as the answer, or a `TransformError` with all that failed. Nothing here calls anybody.
 * Source: spec/actions.md 11, spec/events.md C.
 */
export { readRequestTransform, readResponseTransform, TransformShapeError } from './read-transform.ts';
export { TransformError } from './transform-error.ts';
export { bodyText, transformRequest } from './transform-request.ts';
export { transformResponse } from './transform-response.ts';
export type {
  HeaderPairs,
  RequestContext,
  RequestTransform,
  ResponseContext,
  ResponseTransform,
  TransformedRequest,
} from './types.ts';
