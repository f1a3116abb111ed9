import type { IncomingMessage } from 'node:http';

/** Which requests a server on this machine takes. */
export type Guard = {
  /** The address it listens on. */
  readonly address: string;
  /** Origins whose pages may ask. */
  readonly origins: ReadonlySet<string>;
};

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Why a request is refused; null when it is not. Any page that the user opens can make a browser ask this machine, and with a name of its own that leads here even
 * read the answer: so the page's origin must be known, and the host must be a name of this machine.
 */
export function refusalOf({ headers }: IncomingMessage, { address, origins }: Guard): string | null {
  const { host = '', origin } = headers;
  const name = host.replace(/:\d+$/, '').toLowerCase();
  const isOpen = !isLoopback(address);
  if (!isOpen && !loopback.has(name)) return `the host ${JSON.stringify(host)} is not this machine`;
  if (origin !== undefined && !origins.has(origin)) return `pages of ${origin} may not use this API`;
  return null;
}

/** Nobody but this machine reaches such an address. */
export function isLoopback(address: string): boolean {
  return loopback.has(address.toLowerCase()) || address === '::1' || address.startsWith('127.');
}

/** The origins of pages on a port of this machine. */
export function ownOrigins(address: string, port: number): ReadonlySet<string> {
  const names = [...loopback, address.includes(':') && !address.startsWith('[') ? `[${address}]` : address];
  return new Set(names.map((name) => `http://${name}:${port}`));
}
