import { connect, type Socket } from 'node:net';
import type { Address, ConnectionSettings } from '../settings.ts';
import { DatabaseConnectionError } from '../types.ts';
import { requestTls, startTls } from './tls.ts';

/** After this much silence the kernel asks whether the server is still there. */
const KEEP_ALIVE_MS = 30_000;

/** Whether to encrypt: `never`, `if-offered`, or fail without. */
export type Encryption = 'never' | 'if-offered' | 'always';

/**
 * The attempts that an sslmode stands for, in order. `allow` begins without encryption, `prefer` falls back to it when the
 * handshake fails. Source: PostgreSQL manual, "SSL Mode Descriptions".
 */
export function encryptionAttempts(address: Address, settings: ConnectionSettings): readonly Encryption[] {
  if (address.host.startsWith('/')) return ['never']; // sslmode does not apply to unix sockets
  switch (settings.tls.mode) {
    case 'disable':
      return ['never'];
    case 'allow':
      return ['never', 'always'];
    case 'prefer':
      return ['if-offered', 'never'];
    default:
      return ['always'];
  }
}

/** A socket to the server, encrypted as asked. The caller owns it, its error events included. */
export async function openSocket(
  address: Address,
  settings: ConnectionSettings,
  encryption: Encryption,
  signal: AbortSignal,
): Promise<Socket> {
  const socket = await connectSocket(address, signal);
  if (encryption === 'never') return socket;
  const destroy = (): void => void socket.destroy();
  signal.addEventListener('abort', destroy, { once: true });
  try {
    if (await requestTls(socket)) return await startTls(socket, address.host, settings.tls);
    if (encryption === 'if-offered') return socket;
    throw new DatabaseConnectionError('server does not support SSL, but SSL was required');
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', destroy);
  }
}

function connectSocket(address: Address, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = address.host.startsWith('/')
      ? connect({ path: `${address.host}/.s.PGSQL.${address.port}` })
      : connect({
          host: address.host,
          port: address.port,
          noDelay: true,
          keepAlive: true,
          keepAliveInitialDelay: KEEP_ALIVE_MS,
        });
    const done = (): void => {
      socket.off('connect', onConnect);
      socket.off('error', onError);
      signal.removeEventListener('abort', onAbort);
    };
    const onConnect = (): void => {
      done();
      resolve(socket);
    };
    const onError = (error: Error): void => {
      done();
      reject(error);
    };
    const onAbort = (): void => {
      done();
      socket.on('error', () => {});
      socket.destroy();
      reject(signal.reason);
    };
    socket.on('connect', onConnect);
    socket.on('error', onError);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}
