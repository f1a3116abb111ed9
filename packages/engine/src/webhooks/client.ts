import {
  Agent as HttpAgent,
  type ClientRequest,
  type IncomingMessage,
  request as httpRequest,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { guardedLookup, refuseLiteralAddress } from './address-guard.ts';
import { readAnswer } from './answer-body.ts';
import { fromRawHeaders } from './headers.ts';
import { afterRedirect } from './redirect.ts';
import { allowsAnyCertificate } from './tls-allowlist.ts';
import type { WebhookAnswer, WebhookClient, WebhookClientOptions, WebhookRequest } from './types.ts';
import { WebhookError } from './webhook-error.ts';

const defaultRedirects = 10;
const defaultAnswerBytes = 64 * 1024 * 1024;
/** Waits for nothing longer than this, whatever is configured. */
const longestTimeoutMs = 24 * 60 * 60 * 1000;
const defaultConnections = 100;
/** Shorter than the five seconds after which many servers close idle connections, so that a request seldom meets a closing one. */
const idleMs = 4_000;

/** A client with its own pool of connections. */
export function createWebhookClient(options: WebhookClientOptions = {}): WebhookClient {
  const { allowsAddress, tlsAllowlist = () => [], maximumConnections = defaultConnections } = options;
  const pool = {
    keepAlive: true,
    maxSockets: maximumConnections,
    maxFreeSockets: 16,
    timeout: idleMs,
    ...(allowsAddress === undefined ? {} : { lookup: guardedLookup(allowsAddress) }),
  };
  const agents = {
    http: new HttpAgent(pool),
    https: new HttpsAgent(pool),
    unverified: new HttpsAgent({ ...pool, rejectUnauthorized: false }),
  };

  async function exchange(request: WebhookRequest, signal: AbortSignal): Promise<WebhookAnswer> {
    const { maximumRedirects = defaultRedirects, maximumAnswerBytes = defaultAnswerBytes } = request;
    let next = request;
    for (let redirects = 0; ; redirects++) {
      const url = parseUrl(next.url);
      if (allowsAddress !== undefined) refuseLiteralAddress(url, allowsAddress);
      const message = await open(next, url, signal);
      const target = maximumRedirects === 0 ? null : afterRedirect(next, url, message);
      if (target === null) {
        const body = await readAnswer(message, maximumAnswerBytes);
        return { status: message.statusCode ?? 0, headers: fromRawHeaders(message.rawHeaders), body };
      }
      message.destroy();
      if (redirects >= maximumRedirects) {
        throw new WebhookError('too-many-redirects', `Too many redirects: ${redirects} redirects`);
      }
      next = target;
    }
  }

  function open(request: WebhookRequest, url: URL, signal: AbortSignal): Promise<IncomingMessage> {
    const isSecure = url.protocol === 'https:';
    const agent = !isSecure
      ? agents.http
      : allowsAnyCertificate(url, tlsAllowlist())
        ? agents.unverified
        : agents.https;
    return new Promise((resolve, reject) => {
      let sent: ClientRequest;
      try {
        sent = (isSecure ? httpsRequest : httpRequest)(url, {
          method: request.method,
          headers: groupHeaders(request),
          agent,
          signal,
        });
      } catch (error) {
        // a header or method with characters that HTTP does not allow
        reject(new WebhookError('connection-failed', `Connection failure: ${messageOf(error)}`, error));
        return;
      }
      sent.once('response', resolve);
      sent.once('error', reject);
      sent.end(request.body ?? undefined);
    });
  }

  return {
    async send(request) {
      const timeoutMs =
        request.timeoutMs === 0 ? longestTimeoutMs : Math.min(request.timeoutMs, longestTimeoutMs);
      const timeout = new AbortController();
      const timer = setTimeout(() => timeout.abort(), timeoutMs);
      const signal =
        request.signal === undefined ? timeout.signal : AbortSignal.any([timeout.signal, request.signal]);
      try {
        return await exchange(request, signal);
      } catch (error) {
        if (timeout.signal.aborted) throw new WebhookError('response-timeout', 'Response timeout', error);
        if (request.signal?.aborted === true)
          throw new WebhookError('cancelled', 'The call was cancelled', error);
        throw asWebhookError(error);
      } finally {
        clearTimeout(timer);
      }
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new WebhookError('invalid-url', 'Invalid URL');
  }
  return url;
}

/** A header that occurs several times is sent several times. */
function groupHeaders({ headers, body, method }: WebhookRequest): Record<string, string | string[]> {
  const grouped = new Map<string, { readonly name: string; readonly values: string[] }>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (key === 'content-length' || key === 'transfer-encoding') continue;
    const known = grouped.get(key);
    if (known === undefined) grouped.set(key, { name, values: [value] });
    else known.values.push(value);
  }
  const result: Record<string, string | string[]> = Object.create(null);
  for (const { name, values } of grouped.values())
    result[name] = values.length === 1 ? (values[0] as string) : values;
  if (body !== null || !/^(?:GET|HEAD)$/i.test(method))
    result['Content-Length'] = String(Buffer.byteLength(body ?? ''));
  return result;
}

function asWebhookError(error: unknown): WebhookError {
  if (error instanceof WebhookError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return new WebhookError('connection-closed', 'Connection closed', error);
  if (code === 'ETIMEDOUT') return new WebhookError('connection-timeout', 'Connection timeout', error);
  return new WebhookError('connection-failed', `Connection failure: ${messageOf(error)}`, error);
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
