import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { messageOf } from '../user-error.ts';
import { throughProxy } from './proxy.ts';
import { type Endpoint, wayTo } from './way-to.ts';

/** Of one connection only (RFC 9110, 7.6.1); the next one has its own. */
const hopHeaders: readonly string[] = [
  'connection',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
];

/** Passes what a browser asks on to an engine. */
export type Forwarder = {
  request(incoming: IncomingMessage, response: ServerResponse): void;
  /** A WebSocket. */
  upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
};

/**
 * Requests go to the same path below the endpoint with the headers that they have: no secret is added.
 * @throws UserError when the file of certificates cannot be read
 */
export function openForwarder(options: Endpoint): Forwarder {
  const { openAgent, proxy } = wayTo(options);
  const agent = openAgent(true);
  const module = options.endpoint.startsWith('https:') ? https : http;
  const send = (incoming: IncomingMessage, more: http.OutgoingHttpHeaders): http.ClientRequest => {
    const url = new URL(options.endpoint + (incoming.url ?? '/'));
    const detour = proxy === null ? {} : throughProxy(url, proxy);
    const kept = Object.entries(incoming.headers).filter(([name]) => !hopHeaders.includes(name));
    return module.request(url, {
      ...detour,
      method: incoming.method ?? 'GET',
      agent,
      headers: { ...Object.fromEntries(kept), ...more, ...detour.headers },
    });
  };
  return {
    request(incoming, response) {
      const sent = send(incoming, {});
      sent.on('response', (answer) => {
        const kept = Object.entries(answer.headers).filter(([name]) => !hopHeaders.includes(name));
        response.writeHead(answer.statusCode ?? 502, Object.fromEntries(kept));
        answer.pipe(response);
        answer.on('error', () => response.destroy());
      });
      sent.on('error', (error) => {
        if (response.headersSent) response.destroy();
        else answerBadGateway(response, options.endpoint, error);
      });
      response.on('close', () => sent.destroy());
      incoming.pipe(sent);
    },
    upgrade(incoming, socket, head) {
      const sent = send(incoming, {
        connection: 'Upgrade',
        upgrade: incoming.headers.upgrade ?? 'websocket',
      });
      socket.on('error', () => sent.destroy());
      sent.on('upgrade', (answer, other, first) => {
        const lines = answer.rawHeaders.flatMap((name, at) =>
          at % 2 === 0 ? [`${name}: ${answer.rawHeaders[at + 1]}`] : [],
        );
        socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
        if (first.length > 0) socket.write(first);
        if (head.length > 0) other.write(head);
        other.on('error', () => socket.destroy());
        other.on('close', () => socket.destroy());
        socket.on('close', () => other.destroy());
        other.pipe(socket).pipe(other);
      });
      // the engine has refused it, or is not there
      sent.on('response', () => socket.destroy());
      sent.on('error', () => socket.destroy());
      sent.end();
    },
    close: () => agent.destroy(),
  };
}

function answerBadGateway(response: ServerResponse, endpoint: string, error: unknown): void {
  response.writeHead(502, { 'content-type': 'application/json' });
  const message = `the engine at ${endpoint} is not reached: ${messageOf(error)}`;
  response.end(JSON.stringify({ errors: [{ message, extensions: { code: 'unexpected', path: '$' } }] }));
}
