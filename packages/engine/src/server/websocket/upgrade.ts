import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { firstHeader, type RawHeaders } from '../../authentication/index.ts';
import { Path, RequestError } from '../../support/index.ts';
import { clientAddress } from '../client-address.ts';
import { isAllowedOrigin, type ServeConfiguration } from '../configuration/index.ts';
import type { ServerContext } from '../context.ts';
import { flatError, notFoundError } from '../error-body.ts';
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
      const error = isDraining() ? shuttingDown : refusalOf(message, path, configuration);
      if (error !== null) return refuse(socket, error);
      server.handleUpgrade(message, socket, head, (webSocket) => {
        const connection = new Connection(webSocket, {
          protocol: subProtocolNamed(webSocket.protocol),
          handshakeHeaders: rememberedHeaders(message.rawHeaders, configuration),
          hasFlatErrors: path === '/v1alpha1/graphql',
          api: path === '/v1beta1/relay' ? 'relay' : 'graphql',
          clientAddress: clientAddress(
            message.rawHeaders,
            message.socket.remoteAddress ?? null,
            configuration,
          ),
          context,
        });
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

const shuttingDown = new RequestError('unexpected', Path.root, 'Server is shutting down', { status: 503 });

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

const statusTexts: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  404: 'Not Found',
  503: 'Service Unavailable',
};

function refuse(socket: Duplex, error: RequestError): void {
  const body = flatError(error, false);
  socket.end(
    `HTTP/1.1 ${error.status} ${statusTexts[error.status] ?? ''}\r\nConnection: close\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

const handshakeOnly: ReadonlySet<string> = new Set([
  'sec-websocket-key',
  'sec-websocket-version',
  'upgrade',
  'connection',
]);

/** The handshake's headers that count for authentication: without cookies when any page of the web may have opened the socket. */
function rememberedHeaders(headers: RawHeaders, configuration: ServeConfiguration): RawHeaders {
  const dropsCookies =
    configuration.disableCors && !configuration.wsReadCookie && firstHeader(headers, 'origin') !== null;
  const remembered: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string; // i < length
    const lowerName = name.toLowerCase();
    if (handshakeOnly.has(lowerName) || (dropsCookies && lowerName === 'cookie')) continue;
    remembered.push(name, headers[i + 1] as string);
  }
  return remembered;
}
