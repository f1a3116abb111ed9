import { type Database, DatabaseConnectionError } from '../../database/index.ts';
import { announce, type DocumentWrite, storeDocument, storeFailure } from './store-document.ts';

/** The row is locked so long at most for a change that is not decided on, so that other writers need not wait for it. */
const longestHoldMs = 2_000;
/** Sending is waited for so long at most: where the database does not answer, the change is judged all the same. */
const longestSendingMs = 1_000;

/** A document in a transaction that is still open. Nobody else sees it before `commit`, and without it nobody ever does. */
export interface PendingWrite {
  /** The document is on its way, or cannot be sent. Never rejects. */
  readonly isSent: Promise<void>;
  /**
   * Stores the document, in another transaction where this one could not be held, and gives its version. Rejects with a RequestError `conflict`, or
   * the error of the database.
   */
  commit(): Promise<number>;
  /** Forgets the document, unless `commit` was called. */
  takeBack(): void;
}

/**
 * Sends a document ahead of the decision whether it is to be stored: PostgreSQL takes its time for a large one, in which the caller does the
 * rest of its work.
 * @param inFull stores the document from the beginning
 */
export function beginWrite(
  database: Database,
  write: DocumentWrite,
  inFull: () => Promise<void>,
): PendingWrite {
  const decision = deferred<'commit' | 'take-back'>();
  const sent = deferred<void>();
  const sendingTimer = setTimeout(sent.resolve, longestSendingMs);
  /** Everything is as it was before the transaction, if that has ended now. */
  let isWithoutTrace = false;
  let hold: NodeJS.Timeout | undefined;
  const stored = database
    .transaction({ isolation: 'repeatable-read' }, async (connection) => {
      await storeDocument(connection, write, { isOwn: true, onSent: sent.resolve });
      isWithoutTrace = true;
      hold = setTimeout(() => decision.resolve('take-back'), longestHoldMs);
      if ((await decision.promise) === 'take-back') throw new TakenBack();
      // what is lost until here is sent once more
      await announce(connection, write);
      isWithoutTrace = false;
    })
    .finally(() => {
      clearTimeout(hold);
      clearTimeout(sendingTimer);
      sent.resolve();
    });
  // whoever does not commit has no use for the outcome
  stored.catch(() => {});
  return {
    isSent: sent.promise,
    async commit() {
      decision.resolve('commit');
      try {
        await stored;
      } catch (error) {
        const isLost = error instanceof TakenBack || error instanceof DatabaseConnectionError;
        if (!isLost || !isWithoutTrace) throw storeFailure(error, write.expectedVersion);
        await inFull();
      }
      return write.expectedVersion + 1;
    },
    takeBack: () => decision.resolve('take-back'),
  };
}

/** Ends a transaction that is to be rolled back. */
class TakenBack extends Error {}

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((given) => {
    resolve = given;
  });
  return { promise, resolve };
}
