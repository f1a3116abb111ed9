import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a service was asked. */
export interface WebhookRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** By lower-case name; of a repeated header Node's joined form. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

export interface WebhookReply {
  /** 200 unless given. */
  readonly status?: number;
  /** Sent as JSON unless it is text. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

/** A service of somebody else, over real HTTP. */
export interface WebhookServer {
  readonly url: string;
  /** All requests so far, in order. */
  readonly requests: WebhookRequest[];
  close(): Promise<void>;
}

/** @param answer what is replied; may wait */
export async function startWebhookServer(
  answer: (request: WebhookRequest) => WebhookReply | Promise<WebhookReply>,
): Promise<WebhookServer> {
  const requests: WebhookRequest[] = [];
  const server = createServer(async (message, response) => {
    let body = '';
    for await (const piece of message) body += piece;
    const { method = '', url = '', headers, rawHeaders } = message;
    const request = { method, url, headers, rawHeaders, body };
    requests.push(request);
    const reply = await answer(request);
    for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
    response.statusCode = reply.status ?? 200;
    response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? null));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
