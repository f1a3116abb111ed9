import { LeasedConnection } from './leased-connection.ts';
import type { Pool } from './pool.ts';
import type { PoolSettings } from './settings.ts';
import {
  type Connection,
  DatabaseConnectionError,
  DatabaseError,
  type IsolationLevel,
  type TransactionOptions,
} from './types.ts';
import type { WireConnection } from './wire/wire-connection.ts';

const ISOLATION: Readonly<Record<IsolationLevel, string>> = {
  'read-committed': 'read committed',
  'repeatable-read': 'repeatable read',
  serializable: 'serializable',
};

/** A cancelled transaction's statement may take a moment to end; after that the connection is given up. */
const ROLLBACK_TIMEOUT_MS = 10_000;

/** Runs `body` between BEGIN and COMMIT on a connection of its own; ROLLBACK when it rejects. */
export async function runTransaction<T>(
  pool: Pool,
  settings: PoolSettings,
  options: TransactionOptions,
  body: (connection: Connection) => Promise<T>,
): Promise<T> {
  return withLease(pool, settings, async (connection, wire) => {
    const isolation = ISOLATION[options.isolation ?? settings.isolation];
    // Without READ ONLY the server's default holds: a hot standby refuses READ WRITE.
    await connection.command(`begin isolation level ${isolation}${options.readOnly ? ' read only' : ''}`);
    let result: T;
    try {
      result = await body(connection);
    } catch (error) {
      await rollback(connection, wire);
      throw error;
    }
    const { commandTag } = await connection.command('commit');
    // COMMIT of a failed transaction is a rollback without an error.
    if (commandTag === 'ROLLBACK') {
      throw new DatabaseError({
        sqlState: '25P02',
        message: 'current transaction is aborted, commands ignored until end of transaction block',
      });
    }
    return result;
  });
}

/** Runs `body` on a connection of its own and makes the connection as new before it serves others. */
export async function withLease<T>(
  pool: Pool,
  settings: PoolSettings,
  body: (connection: LeasedConnection, wire: WireConnection) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const wire = await pool.lease(signal);
  const connection = new LeasedConnection(wire, settings.usePreparedStatements);
  try {
    return await body(connection, wire);
  } finally {
    if (connection.hasRunScript && !wire.isClosed) await discardSession(connection, wire);
    connection.end();
    pool.release(wire);
  }
}

async function rollback(connection: LeasedConnection, wire: WireConnection): Promise<void> {
  const timer = setTimeout(
    () => wire.destroy(new DatabaseConnectionError('the transaction could not be rolled back in time')),
    ROLLBACK_TIMEOUT_MS,
  );
  try {
    await connection.command('rollback');
  } catch {
    // The connection is lost, and with it the transaction; the caller gets the error that led here.
  } finally {
    clearTimeout(timer);
  }
}

/** Undoes SET, SET ROLE, LISTEN, temporary tables, advisory locks. A connection that cannot be cleaned is not used again. */
async function discardSession(connection: LeasedConnection, wire: WireConnection): Promise<void> {
  try {
    if (wire.isInTransaction) await connection.command('rollback');
    await connection.command('discard all');
    wire.forgetStatements();
  } catch (cause) {
    wire.destroy(new DatabaseConnectionError('the session could not be cleaned', { cause }));
  }
}
