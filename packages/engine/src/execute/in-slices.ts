/** What a request may hold up all others at a time. */
const sliceMs = 15;

/**
 * Hands on what work in short steps makes, with time for other requests in between.
 * @param work each step gives a piece, or null
 * @param onPiece what it returns is waited for
 * @throws what a step or `onPiece` throws, or the signal's reason
 */
export async function inSlices<T>(
  work: Iterable<T | null>,
  signal: AbortSignal | undefined,
  onPiece: (piece: T) => void | Promise<void>,
): Promise<void> {
  let end = performance.now() + sliceMs;
  for (const piece of work) {
    if (piece !== null) await onPiece(piece);
    if (performance.now() < end) continue;
    await new Promise(setImmediate);
    signal?.throwIfAborted();
    end = performance.now() + sliceMs;
  }
}
