/** What a request may hold up all others at a time. */
const sliceMs = 15;

/**
 * The result of work in short steps, with time for other requests in between.
 * @throws what a step throws, or the signal's reason
 */
export async function inSlices<T>(work: Iterator<void, T>, signal: AbortSignal | undefined): Promise<T> {
  for (;;) {
    const end = performance.now() + sliceMs;
    do {
      const step = work.next();
      if (step.done === true) return step.value;
    } while (performance.now() < end);
    await new Promise(setImmediate);
    signal?.throwIfAborted();
  }
}
