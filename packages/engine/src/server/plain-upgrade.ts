import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Whether a handshake asks for a WebSocket. */
export function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.trim().toLowerCase() === 'websocket';
}

/**
 * Serves a request that would like another protocol as if it did not say so (RFC 9110 7.8): HTTP/2 without TLS is asked for by Java's client with
 * every first request of a connection. node:http hands such requests over unread, so the head is given back without the wish, before the body.
 */
export function serveWithoutUpgrade(
  server: Server,
  message: IncomingMessage,
  socket: Duplex,
  body: Buffer,
): void {
  const request = Buffer.concat([headWithoutUpgrade(message), body]);
  const leave = (): void => {
    socket.destroy();
  };
  // nobody else listens until node:http has it back
  socket.on('error', leave);
  const giveBack = (): void => {
    const earlier = answerUnderWay(socket);
    // it was sent without waiting for the answers before it, and those come first
    if (earlier != null) {
      earlier.once('close', () => setImmediate(giveBack));
      return;
    }
    if (socket.destroyed) return;
    socket.unshift(request);
    server.emit('connection', socket);
    socket.off('error', leave);
  };
  giveBack();
}

/** node:http offers no other way to ask. Where it keeps this elsewhere, such a request waits as long as its client does. */
function answerUnderWay(socket: Duplex): ServerResponse | null | undefined {
  return (socket as { _httpMessage?: ServerResponse | null })._httpMessage;
}

function headWithoutUpgrade({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  let head = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string; // i < length
    const value = valueWithoutUpgrade(name.toLowerCase(), rawHeaders[i + 1] as string);
    if (value !== null) head += `${name}: ${value}\r\n`;
  }
  return Buffer.from(`${head}\r\n`, 'latin1');
}

/** Null: the header is left out. */
function valueWithoutUpgrade(lowerName: string, value: string): string | null {
  if (lowerName === 'upgrade' || lowerName === 'http2-settings') return null;
  if (lowerName !== 'connection') return value;
  const options = value.split(',').map((option) => option.trim());
  const kept = options.filter((option) => !/^(?:upgrade|http2-settings)?$/i.test(option));
  return kept.length === 0 ? null : kept.join(', ');
}
