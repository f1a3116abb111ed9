import http from 'node:http';
import https from 'node:https';
import { throughProxy } from './proxy.ts';
import { type Endpoint, wayTo } from './way-to.ts';

/** A larger answer is refused. */
const maximumBytes = 512 * 1024 * 1024;
/** Waits before further attempts, where a request may be sent again. */
const pausesMs: readonly number[] = [200, 1_000];
/** A server that is asked only for its state answers within this time. */
const shortTimeoutMs = 30_000;

export type Transport = {
  send(request: HttpRequest): Promise<HttpResponse>;
  close(): void;
};

export type HttpRequest = {
  readonly method: 'GET' | 'POST';
  /** Below the endpoint, e.g. `v1/metadata`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Sent again when it changes nothing that was not meant twice; others only when they did not reach the server. */
  readonly mayRepeat: boolean;
  /** False: the server may take as long as it needs. */
  readonly isShort: boolean;
};

export type HttpResponse = {
  readonly status: number;
  readonly text: string;
  readonly location: string | null;
};

/**
 * Requests to one server.
 * @throws UserError when the file of certificates cannot be read
 */
export function openTransport(options: Endpoint): Transport {
  const { openAgent, proxy } = wayTo(options);
  const kept = openAgent(true);
  // the server may end a connection that was kept just when a request goes out on it, and it would be unknown whether it arrived
  const fresh = openAgent(false);
  return {
    async send(request) {
      for (let attempt = 0; ; attempt++) {
        const pauseMs = pausesMs[attempt];
        try {
          const response = await sendOnce(
            new URL(`${options.endpoint}/${request.path}`),
            request,
            request.mayRepeat ? kept : fresh,
            proxy,
          );
          if (!request.mayRepeat || !isOverloaded(response.status) || pauseMs === undefined) return response;
        } catch (error) {
          const wasSent = codeOf(error) !== 'ECONNREFUSED';
          if (pauseMs === undefined || (wasSent && !request.mayRepeat) || isForGood(error)) throw error;
        }
        await new Promise((go) => setTimeout(go, pauseMs));
      }
    },
    close: () => kept.destroy(),
  };
}

/** `proxy`: for requests that are not encrypted; others go through the agent's tunnel. */
function sendOnce(
  url: URL,
  request: HttpRequest,
  agent: http.Agent,
  proxy: URL | null,
): Promise<HttpResponse> {
  const detour = proxy === null ? {} : throughProxy(url, proxy);
  return new Promise((resolve, reject) => {
    const sent = (url.protocol === 'https:' ? https : http).request(
      url,
      {
        ...detour,
        method: request.method,
        agent,
        headers: {
          ...detour.headers,
          accept: 'application/json',
          ...request.headers,
          ...(request.body === null
            ? {}
            : {
                'content-type': 'application/json',
                'content-length': String(Buffer.byteLength(request.body)),
              }),
        },
        ...(request.isShort ? { timeout: shortTimeoutMs } : {}),
      },
      (response) => {
        const pieces: Buffer[] = [];
        let bytes = 0;
        response.on('data', (piece: Buffer) => {
          bytes += piece.length;
          if (bytes > maximumBytes)
            sent.destroy(new Error(`the answer is larger than ${maximumBytes} bytes`));
          else pieces.push(piece);
        });
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            text: Buffer.concat(pieces).toString('utf8'),
            location: response.headers.location ?? null,
          }),
        );
        response.on('error', reject);
      },
    );
    sent.on('timeout', () =>
      sent.destroy(
        Object.assign(new Error(`no answer within ${shortTimeoutMs / 1_000} s`), { code: 'ETIMEDOUT' }),
      ),
    );
    sent.on('error', reject);
    sent.end(request.body ?? undefined);
  });
}

/** Says that it may be asked again. */
export function isOverloaded(status: number): boolean {
  return status === 502 || status === 503 || status === 504;
}

/** Names that do not exist and certificates that are not trusted stay so. */
function isForGood(error: unknown): boolean {
  return /^(ENOTFOUND|CERT_|ERR_TLS|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_INVALID)/.test(codeOf(error));
}

export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
