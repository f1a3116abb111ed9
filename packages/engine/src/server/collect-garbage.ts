import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bodies of this size come with metadata of thousands of tables; reading one leaves several times its size behind. */
export const largeBodyBytes = 8 * 1024 * 1024;

/** Until then the answer has been written, and whoever waits for it goes on. */
const delayMs = 500;

let timer: NodeJS.Timeout | null = null;
let collect: (() => void) | null = null;

/**
 * Gives the memory of a large request back soon. V8 would keep it until it needs the room, hence for ever in an engine that is otherwise busy with small
 * requests. It stops the process for the time of one full collection, so it is for rare requests only.
 */
export function collectGarbageSoon(): void {
  if (timer !== null) return;
  timer = setTimeout(() => {
    timer = null;
    collect ??= exposedCollector();
    collect();
  }, delayMs);
  timer.unref();
}

/** Source: Node.js documentation, `v8.setFlagsFromString`: the collector is exposed to contexts that are made afterwards. */
function exposedCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const collector: unknown = runInNewContext('gc');
  return typeof collector === 'function' ? () => collector() : () => {};
}
