import postgres from 'postgres';
import { messageOf, UserError } from '../user-error.ts';

/** Of the advisory lock; the number has no other meaning. */
const lockKey = 7_305_814_402_118n;
const pauseMs = 500;

/**
 * Does the work while no other process does it on the same database: replicas that start together apply a project one after the other.
 * @throws UserError when the others take longer than `patienceMs`, or the database is not reached; what `work` throws
 */
export async function holdLock(
  databaseUrl: string,
  patienceMs: number,
  onWait: () => void,
  work: () => Promise<void>,
): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  let fault: unknown = null;
  try {
    // a lock of the transaction, which poolers between here and the database respect, too
    await sql.begin(async (transaction) => {
      await transaction`select set_config('idle_in_transaction_session_timeout', '0', true)`;
      fault = await takeLock(transaction, patienceMs, onWait)
        .then(work)
        .then(
          () => null,
          (error: unknown) => error,
        );
    });
  } catch (error) {
    throw new UserError(`the database of the metadata cannot be used: ${messageOf(error)}`, { cause: error });
  } finally {
    await sql.end({ timeout: 5 });
  }
  if (fault !== null) throw fault;
}

async function takeLock(
  transaction: postgres.TransactionSql,
  patienceMs: number,
  onWait: () => void,
): Promise<void> {
  const since = Date.now();
  for (let attempt = 0; ; attempt++) {
    const [row] =
      await transaction`select pg_try_advisory_xact_lock(${lockKey.toString()}::bigint) as "isHeld"`;
    if (row?.['isHeld'] === true) return;
    if (attempt === 0) onWait();
    if (Date.now() - since > patienceMs) {
      throw new UserError(
        `another process has been applying a project for ${Math.round(patienceMs / 60_000)} minutes`,
      );
    }
    await new Promise((go) => setTimeout(go, pauseMs));
  }
}
