import type { IncomingMessage } from 'node:http';
import type { WebhookRequest } from './types.ts';

const redirects = new Set([301, 302, 303, 307, 308]);

/** What another origin may know of a request that was meant for the first one. */
const forOthers = /^(?:content-type|user-agent|accept|accept-.*|traceparent|tracestate|b3|x-b3-.*)$/i;

/**
 * The request that an answer redirects to; null when it does not. 302 and 303 make it a GET without a body, as nearly all clients do. Another origin
 * receives neither credentials nor other headers that were configured for the first one.
 */
export function afterRedirect(
  request: WebhookRequest,
  from: URL,
  { statusCode = 0, headers: { location } }: IncomingMessage,
): WebhookRequest | null {
  if (!redirects.has(statusCode) || location === undefined) return null;
  const to = URL.canParse(location, from.href) ? new URL(location, from) : null;
  if (to === null) return null;
  const kept =
    to.origin === from.origin ? request.headers : request.headers.filter(([name]) => forOthers.test(name));
  if (statusCode !== 302 && statusCode !== 303) return { ...request, url: to.href, headers: kept };
  return {
    ...request,
    url: to.href,
    method: 'GET',
    body: null,
    headers: kept.filter(([name]) => name.toLowerCase() !== 'content-type'),
  };
}
