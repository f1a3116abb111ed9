const firstMs = 100;
const lastMs = 10_000;
/** Who has served for so long has not ended because of how it was started. */
const settledMs = 30_000;

/** How long to wait before a process is started again: the first time hardly, twice as long after each short life, at most ten seconds. */
export class BackOff {
  #shortLives = 0;

  /** @param servedMs how long the process that has ended had been able to serve; 0 when it never was */
  next(servedMs: number): number {
    if (servedMs >= settledMs) this.#shortLives = 0;
    const waitMs = Math.min(firstMs * 2 ** this.#shortLives, lastMs);
    this.#shortLives += 1;
    return waitMs;
  }
}
