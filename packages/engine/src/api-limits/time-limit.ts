import { Path, RequestError } from '../support/index.ts';

/** Timers wait no longer than this. Source: Node.js documentation, `setTimeout`. */
const longestMs = 2_147_483_647;

/**
 * Runs work that stops when its signal is aborted: after the limit, or when the caller's own signal is. A mutation that was about to be committed at that
 * moment may have been committed, as when a connection is lost.
 * @throws RequestError `time-limit-exceeded` when the work failed after the limit
 */
export async function runWithin<T>(
  seconds: number,
  role: string,
  signal: AbortSignal | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), Math.min(seconds * 1000, longestMs));
  try {
    return await run(signal === undefined ? limit.signal : AbortSignal.any([signal, limit.signal]));
  } catch (error) {
    if (!limit.signal.aborted) throw error;
    const unit = seconds === 1 ? 'second' : 'seconds';
    throw new RequestError(
      'time-limit-exceeded',
      Path.root,
      `the operation took longer than the limit of ${seconds} ${unit} for the role "${role}"`,
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}
