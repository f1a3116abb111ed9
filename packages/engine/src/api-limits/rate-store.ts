import { LRUCache } from 'lru-cache';

export interface RateDecision {
  readonly isAllowed: boolean;
  /** When the same number of requests will be allowed, counted from now. */
  readonly retryAfterSeconds: number;
}

/** Counts requests. Engines that share a store share their limits. */
export interface RateStore {
  /** Counts `cost` requests for the key, unless there were more than `maximum` in a minute then. */
  take(key: string, cost: number, maximum: number): RateDecision | Promise<RateDecision>;
}

/** A sliding minute in steps of a second. One second more than the minute is looked at, as the first one is only partly in it. */
export const windowSeconds = 61;

/** So many callers are remembered, at some 400 bytes each; beyond, those that came longest ago start anew. */
const maximumKeys = 50_000;

interface Window {
  /** Requests of each second, by second modulo the window. */
  readonly counts: Uint32Array;
  /** The last second for which `counts` is right. */
  second: number;
  total: number;
}

/** Counts in this process's memory. `now` is a clock in milliseconds. */
export function createMemoryRateStore(now: () => number = Date.now): RateStore {
  const windows = new LRUCache<string, Window>({ max: maximumKeys });
  return {
    take(key, cost, maximum) {
      const second = Math.floor(now() / 1000);
      let window = windows.get(key);
      if (window === undefined) {
        window = { counts: new Uint32Array(windowSeconds), second, total: 0 };
        windows.set(key, window);
      }
      advance(window, second);
      if (window.total + cost > maximum) {
        return { isAllowed: false, retryAfterSeconds: secondsUntil(window, window.total + cost - maximum) };
      }
      add(window, window.second, cost);
      return { isAllowed: true, retryAfterSeconds: 0 };
    },
  };
}

/** Forgets what has left the window. A clock that goes back stands still. */
function advance(window: Window, second: number): void {
  const steps = Math.min(second - window.second, windowSeconds);
  for (let step = 1; step <= steps; step++) {
    const slot = (window.second + step) % windowSeconds;
    window.total -= window.counts[slot] ?? 0;
    window.counts[slot] = 0;
  }
  if (second > window.second) window.second = second;
}

function add(window: Window, second: number, cost: number): void {
  const slot = second % windowSeconds;
  window.counts[slot] = (window.counts[slot] ?? 0) + cost;
  window.total += cost;
}

/** Seconds until `excess` requests have left the window; a whole window when there are not so many. */
function secondsUntil({ counts, second }: Window, excess: number): number {
  let left = excess;
  for (let step = 1; step < windowSeconds; step++) {
    left -= counts[(second + step) % windowSeconds] ?? 0;
    if (left <= 0) return step;
  }
  return windowSeconds;
}
