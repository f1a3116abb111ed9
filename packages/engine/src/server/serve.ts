import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Peers } from '../runtime/index.ts';
import { BodyBudget } from './body-budget.ts';
import { type ServeConfiguration, StartError } from './configuration/index.ts';
import { logStartup } from './log/startup.ts';
import { nodeListener } from './node-listener.ts';
import { closeContext, openContext } from './open-context.ts';
import { asksForWebSocket, serveWithoutUpgrade } from './plain-upgrade.ts';
import { createRouter } from './routes.ts';
import { createWebSockets } from './websocket/upgrade.ts';

export interface ServeOptions {
  readonly configuration: ServeConfiguration;
  /** Receives log lines, one or more at a time; standard output when absent. */
  readonly writeLog?: (lines: string) => void;
  /** The other processes that share the port. */
  readonly peers?: Peers;
  /** How long a client may take nothing of its answer; two minutes unless it is given. */
  readonly stalledMs?: number;
}

export interface RunningServer {
  /** The port that it listens on, also when any free one was asked for. */
  readonly port: number;
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  /**
   * Stops: no new connections, requests in flight are answered, sockets are closed. Requests get 30 seconds, or the graceful shutdown
   * timeout when that is shorter. A second call waits for the first.
   */
  close(): Promise<void>;
}

/** Connections kept by clients and proxies for a minute, so that a proxy does not send into a closing one. */
const keepAliveMs = 65_000;
/** Receiving a body may take this long. */
const requestMs = 300_000;
const defaultStalledMs = 120_000;
/** Requests in flight get this long when the server stops. Source: spec/server.md 9. */
const drainMs = 30_000;
/** All bodies together may take this many times the limit of one. */
const budgetFactor = 4;

/**
 * Starts everything and listens; resolves once requests are answered.
 * @throws StartError
 */
export async function serve({ configuration, ...options }: ServeOptions): Promise<RunningServer> {
  const startedAt = performance.now();
  const context = await openContext(configuration, options);
  const { logger } = context;
  let isDraining = false;
  const server = createServer(
    {
      maxHeaderSize: configuration.maxHeaderBytes,
      headersTimeout: configuration.serverTimeoutMs,
      requestTimeout: Math.max(requestMs, configuration.serverTimeoutMs),
      keepAliveTimeout: keepAliveMs,
    },
    nodeListener({
      router: createRouter(configuration),
      context,
      budget: new BodyBudget(configuration.maxBodyBytes * budgetFactor),
      isDraining: () => isDraining,
      stalledMs: options.stalledMs ?? defaultStalledMs,
    }),
  );
  const webSockets = createWebSockets(context, () => isDraining);
  server.on('upgrade', (message, socket, head) => {
    if (asksForWebSocket(message)) webSockets.handleUpgrade(message, socket, head);
    else serveWithoutUpgrade(server, message, socket, head);
  });
  server.on('clientError', answerBrokenRequest);
  context.metrics?.readStatesFrom({
    httpConnections: async () => (await connectionsOf(server)) - webSockets.size,
    webSocketConnections: () => webSockets.size,
  });
  try {
    await listen(server, configuration);
  } catch (error) {
    await closeContext(context, 1000);
    throw error;
  }
  const { port } = server.address() as AddressInfo; // a server that listens on a port has one
  logStartup(logger, 'server', {
    message: 'Starting API server',
    port,
    time_taken: (performance.now() - startedAt) / 1000,
  });
  logger.flush();

  const stop = async (): Promise<void> => {
    isDraining = true;
    logger.log('unstructured', 'info', 'Gracefully shutting down server');
    const deadlineMs = Math.min(drainMs, configuration.gracefulShutdownTimeoutMs);
    webSockets.closeAll({ code: 1012, reason: 'shutting server down' });
    const deadline = setTimeout(() => {
      webSockets.terminateAll();
      server.closeAllConnections();
    }, deadlineMs);
    // idle connections are closed by this, too; those in use end with their answer
    await new Promise<void>((resolve) => server.close(() => resolve()));
    clearTimeout(deadline);
    // deliveries of events and calls of actions get all of it
    await closeContext(context, configuration.gracefulShutdownTimeoutMs);
  };
  let stopped: Promise<void> | null = null;
  return {
    port,
    url: `http://${hostOf(configuration.host)}:${port}`,
    close() {
      stopped ??= stop();
      return stopped;
    },
  };
}

function listen(server: Server, { port, host }: ServeConfiguration): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'the port is in use' : error.message;
      reject(new StartError(`Fatal Error: cannot listen on port ${port}: ${reason}`, { cause: error }));
    });
    server.listen({ port, ...interfacesOf(host) }, () => resolve());
  });
}

/** Where to listen: an address, or one of the signs for all of them that Hasura knows (its web server's `HostPreference`). */
function interfacesOf(host: string): { readonly host?: string; readonly ipv6Only?: boolean } {
  switch (host) {
    case '*':
    case '*4':
    case '*6':
      return {};
    case '!4':
      return { host: '0.0.0.0' };
    case '!6':
      return { host: '::', ipv6Only: true };
    default:
      return { host };
  }
}

/** How this machine reaches it. */
function hostOf(host: string): string {
  if (host === '!6') return '[::1]';
  if (/^[*!]/.test(host)) return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve) =>
    server.getConnections((error, count) => resolve(error === null ? count : 0)),
  );
}

/** What is not HTTP, or has headers beyond the limit, gets a status line and the end of the connection. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
}
