/**
 * Calling other people's HTTP services: handlers of actions, validators of input, upstream GraphQL services, receivers of events.
 * In: URL templates, header configurations, the client's headers. Out: an answer read to its end, or a `WebhookError` that says how it failed.
 * Promises that every wait and every body has a bound, that no header of ours is sent twice by accident, and that secrets of the engine are not forwarded.
 * Source: spec/actions.md 3, 7.2-7.4.
 */
export { guardedLookup, refuseLiteralAddress } from './address-guard.ts';
export { createWebhookClient } from './client.ts';
export { environmentValue, resolveHeaders } from './configured-headers.ts';
export { describeFailure } from './describe-failure.ts';
export { forwardedHeaders, traceHeaders } from './forwarded-headers.ts';
export {
  defaultHeaders,
  encodeHeaderValue,
  fromRawHeaders,
  type HeaderList,
  mergeHeaders,
} from './headers.ts';
export { isOfB3, isOfTraceContext, readTraceParent, type TraceParent } from './trace-parent.ts';
export type { WebhookAnswer, WebhookClient, WebhookClientOptions, WebhookRequest } from './types.ts';
export { type Environment, fillTemplate, resolveUrl } from './url-template.ts';
export { WebhookError, type WebhookFailure } from './webhook-error.ts';
