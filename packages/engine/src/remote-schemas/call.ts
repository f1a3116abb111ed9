import type { Json } from '../support/index.ts';
import { type HeaderList, type WebhookAnswer, type WebhookClient, WebhookError } from '../webhooks/index.ts';
import type { RemoteEndpoint } from './endpoint.ts';
import { remoteSchemaError } from './remote-schema-error.ts';

/** Larger answers fail the call. */
const maximumAnswerBytes = 64 * 1024 * 1024;

/**
 * Sends a GraphQL request to a service.
 * @throws RequestError `remote-schema-error` when no answer came; the WebhookError is its cause
 */
export async function callRemoteSchema(
  client: WebhookClient,
  endpoint: RemoteEndpoint,
  request: { readonly headers: HeaderList; readonly body: string; readonly signal?: AbortSignal | undefined },
): Promise<WebhookAnswer> {
  const { url, timeoutMs, shownUrl } = endpoint;
  try {
    return await client.send({
      method: 'POST',
      url,
      headers: request.headers,
      body: request.body,
      timeoutMs,
      signal: request.signal,
      maximumAnswerBytes,
    });
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    throw remoteSchemaError(
      `HTTP exception occurred while sending the request to "${shownUrl}"`,
      describeFailure(error, endpoint),
    );
  }
}

/** What those who may see internals are told. Source: spec/actions.md 8.5. */
function describeFailure(
  { failure, message }: WebhookError,
  { url, timeoutMs, shownUrl }: RemoteEndpoint,
): Json {
  if (failure === 'invalid-url') return { type: 'invalid_url', message };
  const { protocol, hostname, port } = new URL(url);
  const isSecure = protocol === 'https:';
  return {
    type: 'http_exception',
    message,
    request: {
      host: hostname,
      port: port === '' ? (isSecure ? 443 : 80) : Number(port),
      secure: isSecure,
      // the rest of the resolved URL may hold secrets
      path: pathOf(shownUrl),
      method: 'POST',
      responseTimeout: `ResponseTimeoutMicro ${timeoutMs * 1000}`,
    },
  };
}

function pathOf(template: string): string {
  return /^[a-z]+:\/\/[^/?#]*([^?#]*)/i.exec(template)?.[1] || '/';
}
