import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { firstHeader, type RawHeaders } from '../../authentication/index.ts';
import { Path, RequestError } from '../../support/index.ts';
import { clientAddress } from '../client-address.ts';
import { isAllowedOrigin, type ServeConfiguration } from '../configuration/index.ts';
import type { ServerContext } from '../context.ts';
import { graphqlError, notFoundError } from '../error-body.ts';
import { jsonType, textType } from '../exchange.ts';
import { WebSocketLog } from '../log/websocket-log.ts';
import { Connection } from './connection.ts';
import { type Close, chooseSubProtocol, subProtocolNamed } from './sub-protocol.ts';

/** A message may be this large. */
const maximumMessageBytes = 16 * 1024 * 1024;

/** All WebSockets of a server. */
export interface WebSockets {
  /** For the `upgrade` event of node:http. */
  readonly handleUpgrade: (message: IncomingMessage, socket: Duplex, head: Buffer) => void;
  closeAll(close: Close): void;
  /** Ends what `closeAll` has not ended. */
  terminateAll(): void;
  readonly size: number;
}

/** Handshakes and what becomes of them. Source: spec/graphql-api.md 14.1, spec/authentication.md 11.1. */
export function createWebSockets(context: ServerContext, isDraining: () => boolean): WebSockets {
  const { configuration, runtime } = context;
  const connections = new Set<Connection>();
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: maximumMessageBytes,
    perMessageDeflate: configuration.wsCompression,
    handleProtocols: chooseSubProtocol,
  });
  const closeAll = (close: Close): void => {
    for (const connection of connections) connection.close(close);
  };
  runtime.onModelChange(() => {
    if (configuration.closesWebSocketsOnMetadataChange) {
      closeAll({ code: 1012, reason: 'Server state changed, restarting the server' });
    } else {
      for (const connection of connections) connection.replan();
    }
  });
  return {
    handleUpgrade(message, socket, head) {
      socket.on('error', () => socket.destroy());
      const path = (message.url ?? '/').split('?', 1)[0] ?? '/';
      if (isDraining()) return refuseWhileStopping(socket);
      const log = new WebSocketLog(context, randomUUID());
      const error = refusalOf(message, path, configuration);
      if (error !== null) {
        log.rejected(error);
        return refuse(socket, error);
      }
      const dropsCookie = doesDropCookie(message.rawHeaders, configuration);
      server.handleUpgrade(message, socket, head, (webSocket) => {
        const connection = new Connection(webSocket, {
          protocol: subProtocolNamed(webSocket.protocol),
          handshakeHeaders: rememberedHeaders(message.rawHeaders, dropsCookie),
          hasFlatErrors: path === '/v1alpha1/graphql',
          api: path === '/v1beta1/relay' ? 'relay' : 'graphql',
          clientAddress: clientAddress(
            message.rawHeaders,
            message.socket.remoteAddress ?? null,
            configuration,
          ),
          context,
          log,
        });
        log.accepted(dropsCookie ? cookieNote : null);
        connections.add(connection);
        webSocket.on('close', () => connections.delete(connection));
      });
    },
    closeAll,
    terminateAll() {
      for (const connection of connections) connection.terminate();
    },
    get size() {
      return connections.size;
    },
  };
}

function refusalOf(
  message: IncomingMessage,
  path: string,
  configuration: ServeConfiguration,
): RequestError | null {
  if (path !== '/v1/graphql' && path !== '/v1alpha1/graphql' && path !== '/v1beta1/relay') {
    return new RequestError(
      'not-found',
      Path.root,
      "only '/v1/graphql', '/v1alpha1/graphql' and '/v1beta1/relay' are supported on websockets",
      { status: 404 },
    );
  }
  if (!configuration.enabledApis.has('graphql')) return notFoundError;
  const origin = firstHeader(message.rawHeaders, 'origin');
  if (origin === null || configuration.disableCors || isAllowedOrigin(configuration.corsPolicy, origin))
    return null;
  return new RequestError(
    'access-denied',
    Path.root,
    'received origin header does not match configured CORS domains',
  );
}

const statusTexts: Readonly<Record<number, string>> = { 400: 'Bad Request', 404: 'Not Found' };

function refuse(socket: Duplex, error: RequestError): void {
  end(socket, `${error.status} ${statusTexts[error.status] ?? ''}`, jsonType, graphqlError(error, false));
}

function refuseWhileStopping(socket: Duplex): void {
  end(socket, '503 Service Unavailable\r\nRetry-After: 0', textType, 'Server is shutting down');
}

function end(socket: Duplex, head: string, contentType: string, body: string): void {
  socket.end(
    `HTTP/1.1 ${head}\r\nConnection: close\r\nContent-Type: ${contentType}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

const handshakeOnly: ReadonlySet<string> = new Set([
  'sec-websocket-key',
  'sec-websocket-version',
  'upgrade',
  'connection',
]);

/** Whether cookies do not count, because any page of the web may have opened the socket. */
function doesDropCookie(headers: RawHeaders, configuration: ServeConfiguration): boolean {
  return configuration.disableCors && !configuration.wsReadCookie && firstHeader(headers, 'origin') !== null;
}

const cookieNote =
  'the cookie is not read, because CORS is disabled and any page may have opened this socket; where something else checks origins, set HASURA_GRAPHQL_WS_READ_COOKIE';

/** The handshake's headers that count for authentication. */
function rememberedHeaders(headers: RawHeaders, dropsCookie: boolean): RawHeaders {
  const remembered: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string; // i < length
    const lowerName = name.toLowerCase();
    if (handshakeOnly.has(lowerName) || (dropsCookie && lowerName === 'cookie')) continue;
    remembered.push(name, headers[i + 1] as string);
  }
  return remembered;
}
