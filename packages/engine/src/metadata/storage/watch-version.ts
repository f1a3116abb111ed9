import type { Database } from '../../database/index.ts';

/** The channel on which a replica tells the others that it changed the metadata: by the version's number, or by a message that is none. */
export const notificationChannel = 'postern_metadata';

export interface WatchOptions {
  /** Between two looks at the stored version; 0: never look. */
  readonly intervalMs: number;
  /** Called, and awaited, while the stored version is another than the one that was read or written last. */
  readonly onVersion: (version: number) => Promise<void> | void;
  /** Called with messages from replicas, this one among them; they may be lost, as where a pooler does not pass notifications on. */
  readonly onMessage?: (text: string) => void;
  /** Called when messages may have been lost because the connection to the database broke. */
  readonly onGap?: () => void;
  /** Called when the database does not answer or `onVersion` fails; the next look tries again. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Looks at the stored version at intervals and, sooner, when a notification comes. Looks never overlap.
 * @returns ends the watching, after the look that is under way
 */
export async function watchVersion(
  database: Database,
  storedVersion: () => Promise<number>,
  knownVersion: () => number,
  { intervalMs, onVersion, onMessage = () => {}, onGap = () => {}, onError = () => {} }: WatchOptions,
): Promise<() => Promise<void>> {
  if (intervalMs === 0) return async () => {};
  let isStopped = false;
  let isAskedAgain = false;
  /** A version was noticed and `onVersion` has not got through with it, although it may have read it. */
  let isBehind = false;
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;

  async function look(): Promise<void> {
    try {
      do {
        isAskedAgain = false;
        const version = await storedVersion();
        if (!isStopped && (isBehind || version !== knownVersion())) {
          isBehind = true;
          await onVersion(version);
          isBehind = false;
        }
      } while (isAskedAgain && !isStopped);
    } catch (error) {
      onError(error);
    }
  }

  function start(): void {
    if (isStopped) return;
    if (running !== null) {
      isAskedAgain = true;
      return;
    }
    if (timer !== null) clearTimeout(timer);
    running = look().finally(() => {
      running = null;
      if (isStopped) return;
      timer = setTimeout(start, intervalMs);
      timer.unref();
    });
  }

  let stopListening: (() => Promise<void>) | null = null;
  try {
    stopListening = await database.listen(
      notificationChannel,
      (payload) => {
        if (/^\d+$/.test(payload)) start();
        else onMessage(payload);
      },
      () => {
        start();
        onGap();
      },
    );
  } catch (error) {
    // Poolers in transaction mode do not pass notifications on; looking at intervals is enough.
    onError(error);
  }
  start();
  return async () => {
    isStopped = true;
    if (timer !== null) clearTimeout(timer);
    await stopListening?.();
    await running;
  };
}
