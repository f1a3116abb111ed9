import type { Socket } from 'node:net';
import { Path, RequestError } from '../support/index.ts';

type AbortListener = Parameters<AbortSignal['addEventListener']>[1];

const signals = new WeakMap<Socket, AbortSignal>();

/**
 * Aborted when the connection is closed; one signal for all requests of a connection, because making one costs as much as reading a request.
 */
export function closeSignal(socket: Socket): AbortSignal {
  let signal = signals.get(socket);
  if (signal === undefined) {
    const controller = new AbortController();
    signal = withLightListeners(controller.signal);
    signals.set(socket, signal);
    socket.once('close', () => controller.abort(clientGone()));
  }
  return signal;
}

/**
 * Keeps the listeners in a plain list. Every statement adds one and takes it away again; the bookkeeping of event targets for that costs more than the
 * rest of sending a small statement. There are as many at a time as a connection has statements under way, which is one as a rule.
 */
function withLightListeners(signal: AbortSignal): AbortSignal {
  const listeners: NonNullable<AbortListener>[] = [];
  signal.addEventListener('abort', (event) => {
    for (const listener of listeners.splice(0)) {
      if (typeof listener === 'function') listener.call(signal, event);
      else listener.handleEvent(event);
    }
  });
  signal.addEventListener = (type: string, listener: AbortListener): void => {
    if (type === 'abort' && listener !== null) listeners.push(listener);
  };
  signal.removeEventListener = (type: string, listener: AbortListener): void => {
    if (type !== 'abort' || listener === null) return;
    const index = listeners.lastIndexOf(listener);
    if (index === listeners.length - 1) listeners.pop();
    else if (index >= 0) listeners.splice(index, 1);
  };
  return signal;
}

function clientGone(): RequestError {
  return new RequestError('unexpected', Path.root, 'the client has gone away');
}
