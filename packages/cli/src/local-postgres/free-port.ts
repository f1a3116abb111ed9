import { createServer } from 'node:net';

/** A TCP port of 127.0.0.1 that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const port = await tryToListen(0, '127.0.0.1');
  if (port === null) throw new Error('this machine has no free TCP port');
  return port;
}

/** May we listen on this port? `host` undefined means all addresses, as a server does that is reachable from outside. */
export async function isPortFree(port: number, host?: string): Promise<boolean> {
  return (await tryToListen(port, host)) !== null;
}

function tryToListen(port: number, host: string | undefined): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null));
    });
  });
}
