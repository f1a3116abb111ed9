/** npm passes a signal on that its child, in the same terminal, has got already: a second one so soon is the same wish. */
const SAME_WISH_MS = 1_000;

/**
 * Calls `stop` once at the first SIGINT or SIGTERM and ends the process with status 0 when it is done; a second signal, a moment later,
 * ends it at once. Shells count 128 + number for a process that a signal ended, so the impatient end says 130.
 */
export function onStopSignal(stop: (signal: NodeJS.Signals) => Promise<void>): void {
  let firstAt: number | undefined;
  const handle = (signal: NodeJS.Signals): void => {
    if (firstAt !== undefined) {
      if (Date.now() - firstAt > SAME_WISH_MS) process.exit(130);
      return;
    }
    firstAt = Date.now();
    stop(signal).then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
}
