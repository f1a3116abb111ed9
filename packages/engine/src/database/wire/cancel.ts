import type { Address, ConnectionSettings } from '../settings.ts';
import { CANCEL_REQUEST_CODE } from './messages.ts';
import { type Encryption, openSocket } from './socket.ts';

const CANCEL_TIMEOUT_MS = 5_000;

export interface CancelTarget {
  readonly address: Address;
  readonly encryption: Encryption;
  readonly processId: number;
  readonly secretKey: number;
}

/**
 * Asks the server to cancel what the session runs; resolves once the server has taken the request (it closes the socket after it
 * has sent the signal). A request that cannot be delivered is given up silently: the statement then just ends by itself.
 * Source: PostgreSQL manual, "Canceling Requests in Progress".
 */
export async function sendCancel(target: CancelTarget, settings: ConnectionSettings): Promise<void> {
  if (target.processId === 0) return;
  const deadline = AbortSignal.timeout(CANCEL_TIMEOUT_MS);
  const request = Buffer.alloc(16);
  request.writeInt32BE(16, 0);
  request.writeInt32BE(CANCEL_REQUEST_CODE, 4);
  request.writeInt32BE(target.processId, 8);
  request.writeInt32BE(target.secretKey, 12);
  try {
    const socket = await openSocket(target.address, settings, target.encryption, deadline);
    await new Promise<void>((resolve) => {
      socket.on('error', () => {});
      socket.on('close', () => resolve());
      socket.on('data', () => {}); // reads to the end, so that the close is seen
      socket.resume();
      socket.setTimeout(CANCEL_TIMEOUT_MS, () => socket.destroy());
      socket.write(request);
    });
  } catch {
    // Not delivered: see above.
  }
}
