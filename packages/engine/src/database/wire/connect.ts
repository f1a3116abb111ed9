import type { Address, ConnectionSettings } from '../settings.ts';
import { DatabaseConnectionError } from '../types.ts';
import { type Encryption, encryptionAttempts, openSocket } from './socket.ts';
import { startSession } from './start-session.ts';
import { type ConnectionOwner, WireConnection } from './wire-connection.ts';

/**
 * Opens a session on the first of the addresses that gives one, within the time that the settings allow for each.
 * Rejects with a `DatabaseConnectionError`.
 */
export async function connect(settings: ConnectionSettings, owner: ConnectionOwner): Promise<WireConnection> {
  let failure: unknown = null;
  for (const address of settings.addresses) {
    for (const encryption of encryptionAttempts(address, settings)) {
      try {
        return await attempt(address, encryption, settings, owner);
      } catch (error) {
        // The first failure of an address is the one to tell, a fallback's only repeats it.
        failure ??= error;
        if (!isWorthFallback(error)) break;
      }
    }
  }
  throw toConnectionError(failure);
}

async function attempt(
  address: Address,
  encryption: Encryption,
  settings: ConnectionSettings,
  owner: ConnectionOwner,
): Promise<WireConnection> {
  const deadline = AbortSignal.timeout(settings.connectTimeoutMs);
  const socket = await openSocket(address, settings, encryption, deadline);
  const expire = (): void => void socket.destroy(new DatabaseConnectionError('timeout expired'));
  deadline.addEventListener('abort', expire, { once: true });
  try {
    const session = await startSession(socket, settings);
    if (settings.requiresWritable && isReadOnly(session.parameters)) {
      throw new DatabaseConnectionError('session is read-only');
    }
    const { processId, secretKey } = session;
    return new WireConnection(socket, settings, { address, encryption, processId, secretKey }, owner);
  } catch (error) {
    socket.on('error', () => {}); // the failure is known already
    socket.destroy();
    throw error;
  } finally {
    deadline.removeEventListener('abort', expire);
  }
}

/** The server reports both since PostgreSQL 14. */
function isReadOnly(parameters: ReadonlyMap<string, string>): boolean {
  return (
    parameters.get('in_hot_standby') === 'on' || parameters.get('default_transaction_read_only') === 'on'
  );
}

/** A refused encryption, or a refusal because of its lack (28000, pg_hba.conf), may go away with the other choice; a closed port does not. */
function isWorthFallback(error: unknown): boolean {
  if (error instanceof DatabaseConnectionError) return error.sqlState === null || error.sqlState === '28000';
  if (error instanceof AggregateError || (error instanceof Error && error.name === 'TimeoutError'))
    return false;
  return !(error instanceof Error && 'syscall' in error && error.syscall === 'connect');
}

function toConnectionError(error: unknown): DatabaseConnectionError {
  if (error instanceof DatabaseConnectionError) return error;
  if (error instanceof AggregateError) {
    // Node tries each address of a name and collects the failures.
    const messages = error.errors.map((one: unknown) => (one instanceof Error ? one.message : String(one)));
    return new DatabaseConnectionError([...new Set(messages)].join('; '), { cause: error });
  }
  if (error instanceof Error && error.name === 'TimeoutError')
    return new DatabaseConnectionError('timeout expired', { cause: error });
  return new DatabaseConnectionError(error instanceof Error ? error.message : String(error), {
    cause: error,
  });
}
