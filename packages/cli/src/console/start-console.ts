import type { Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import about from '../../package.json' with { type: 'json' };
import { openForwarder } from '../engine-client/index.ts';
import type { Session } from '../session/index.ts';
import { messageOf, UserError } from '../user-error.ts';
import { createApiServer } from './api-server.ts';
import { isLoopback, ownOrigins } from './guard.ts';
import { createPageServer } from './page-server.ts';

export type ConsoleOptions = {
  readonly address: string;
  /** 0: a free one. */
  readonly consolePort: number;
  readonly apiPort: number;
  /** How the page reaches the API; null: by the address. */
  readonly apiHost: string | null;
  /** The engine as the browser reaches it; null: through the page's own address. */
  readonly dataApiUrl: string | null;
  /** Folder of the built console; null: that of the engine is passed on. */
  readonly assets: string | null;
};

export type RunningConsole = {
  /** Of the page, without the secret. */
  readonly pageUrl: string;
  readonly apiUrl: string;
  close(): Promise<void>;
};

/**
 * Starts the page and its API. Source: spec/cli.md 5.6.
 * @throws UserError when the server is not reached, or a port is taken
 */
export async function startConsole(session: Session, options: ConsoleOptions): Promise<RunningConsole> {
  const { config, client } = session;
  const { address } = options;
  const serverVersion = await client.version();
  const forwarder = openForwarder(config);
  // each of the two is told where the other listens, which is known once it does
  const origins = new Set<string>();
  const guard = { address, origins };
  const page: Record<string, unknown> = {};
  const api = createApiServer(session, guard);
  const pages = createPageServer({ assets: options.assets, page, forwarder, guard });
  const closers = [api, pages].map(closer);
  const close = async (): Promise<void> => {
    forwarder.close();
    await Promise.all(closers.map((each) => each()));
  };
  try {
    const apiPort = await listen(api, address, options.apiPort, '--api-port');
    const consolePort = await listen(pages, address, options.consolePort, '--console-port');
    for (const origin of ownOrigins(address, consolePort)) origins.add(origin);
    const name = isLoopback(address) ? 'localhost' : address;
    const pageUrl = `http://${name}:${consolePort}`;
    const apiHost = options.apiHost ?? `http://${name}`;
    Object.assign(page, {
      apiHost,
      apiPort: String(apiPort),
      cliVersion: about.version,
      serverVersion,
      dataApiUrl: options.dataApiUrl ?? pageUrl,
      adminSecret: config.adminSecret ?? '',
      isAdminSecretSet: config.adminSecret !== null,
      consoleMode: 'cli',
      consolePath: '/console',
      urlPrefix: '/console',
      assetsPath: '/console/assets',
      enableTelemetry: false,
    });
    return { pageUrl: `${pageUrl}/`, apiUrl: `${apiHost}:${apiPort}`, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Returns the port. */
function listen(server: Server, address: string, port: number, flag: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new UserError(
          `cannot listen on ${address}, port ${port}: ${messageOf(error)}. Choose another port by ${flag}`,
          {
            cause: error,
          },
        ),
      ),
    );
    // a server that listens has an address and a port
    server.listen(port, address, () => resolve((server.address() as AddressInfo).port));
  });
}

/** Ends also the connections that have become WebSockets, which the server does not count among its own. */
function closer(server: Server): () => Promise<void> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
}
