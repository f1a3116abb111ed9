import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import { UserError } from '../user-error.ts';

/** A proxy that does not open a tunnel within this time is given up. */
const tunnelTimeoutMs = 30_000;

/**
 * The proxy for requests to `url` by HTTPS_PROXY, HTTP_PROXY and NO_PROXY, also in small letters, as Go's programs read them; null: none.
 * This machine is always reached directly.
 * @throws UserError when it is no address of a proxy: going around it could be what nobody wants
 */
export function proxyFor(url: URL, environment: Readonly<Record<string, string | undefined>>): URL | null {
  const variable = (name: string): string => environment[name] || environment[name.toLowerCase()] || '';
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const proxy = variable(name);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (proxy === '' || host === 'localhost' || host === '::1' || host.startsWith('127.')) return null;
  if (
    variable('NO_PROXY')
      .split(',')
      .some((entry) => isExempt(entry.trim().toLowerCase(), host, url.port))
  )
    return null;
  const address = proxy.includes('://') ? proxy : `http://${proxy}`;
  if (URL.canParse(address) && address.startsWith('http://')) return new URL(address);
  throw new UserError(
    `the proxy ${JSON.stringify(proxy)} of ${name} cannot be used: its address begins with http://. NO_PROXY names hosts that are reached without it`,
  );
}

/** `*`, `example.org` (and what is below it), `.example.org` (only what is below it), either with a port. */
function isExempt(entry: string, host: string, port: string): boolean {
  if (entry === '') return false;
  if (entry === '*') return true;
  const [name = '', onlyPort] = entry.split(':');
  if (onlyPort !== undefined && onlyPort !== port) return false;
  const suffix = name.replace(/^\*(?=\.)/, '');
  return suffix.startsWith('.') ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`);
}

/** What a request through the proxy needs beside its own options: the whole address as its path, and who we are. */
export function throughProxy(url: URL, proxy: URL): http.RequestOptions {
  return {
    hostname: proxy.hostname,
    port: proxy.port === '' ? 80 : proxy.port,
    path: url.href,
    headers: { host: url.host, ...authorization(proxy) },
  };
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** Encrypted connections through a tunnel that the proxy opens (CONNECT), so that it sees nothing of what is said. */
export class TunnelAgent extends https.Agent {
  readonly #proxy: URL;

  constructor(proxy: URL, options: https.AgentOptions) {
    super(options);
    this.#proxy = proxy;
  }

  override createConnection(
    options: http.RequestOptions & { readonly servername?: string },
    callback?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const target = `${options.host}:${options.port}`;
    const asked = http.request({
      host: this.#proxy.hostname,
      port: this.#proxy.port === '' ? 80 : this.#proxy.port,
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...authorization(this.#proxy) },
      timeout: tunnelTimeoutMs,
    });
    // a callback with an error has no socket
    const fail = (error: Error): void => callback?.(error, undefined as unknown as Duplex);
    asked.on('connect', (response, socket) => {
      if (response.statusCode === 200) {
        socket.setTimeout(0);
        callback?.(null, connect({ ...(options as object), socket }));
      } else {
        socket.destroy();
        fail(
          new Error(
            `the proxy ${this.#proxy.host} answered ${response.statusCode} ${response.statusMessage}`,
          ),
        );
      }
    });
    asked.on('timeout', () => asked.destroy(new Error(`the proxy ${this.#proxy.host} does not answer`)));
    asked.on('error', (error) => fail(error));
    asked.end();
    return undefined;
  }
}
