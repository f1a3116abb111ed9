import type { Json } from '../support/index.ts';
import type { WebhookRequest } from './types.ts';
import type { WebhookError } from './webhook-error.ts';

/** A call that had no answer, for those who may see internals. Path and query of the address are left out: they may hold what is secret. */
export function describeFailure(
  error: WebhookError,
  { url, method }: Pick<WebhookRequest, 'url' | 'method'>,
  timeoutMs: number,
): Json {
  if (error.failure === 'invalid-url') return { type: 'invalid_url', message: error.message };
  const { hostname, port, protocol } = new URL(url);
  const isSecure = protocol === 'https:';
  return {
    type: 'http_exception',
    message: error.message,
    request: {
      host: hostname,
      port: port === '' ? (isSecure ? 443 : 80) : Number(port),
      secure: isSecure,
      method,
      responseTimeout: `ResponseTimeoutMicro ${timeoutMs * 1000}`,
    },
  };
}
