/** A statement above this is not sent ahead of others on a shared connection. For statements above it the round trip is no matter. */
const SLOW_MS = 10;
/** Below this the writes and wake-ups that a connection of its own costs outweigh the wait behind others. */
const QUICK_MS = 1;
const MAX_STATEMENTS = 1024;
/** Of all texts together. A text that is longer than a part of this remains unknown. */
const MAX_CHARACTERS = 4_000_000;
const LONGEST_TEXT = MAX_CHARACTERS / 16;
/** The weight of the newest run. */
const WEIGHT = 0.2;

/** How long statements took lately, by text; bounded. */
export class StatementSpeeds {
  readonly #averageMs = new Map<string, number>();
  #characters = 0;

  /** True also for a statement that is not known yet. */
  isSlow(text: string): boolean {
    const average = this.#averageMs.get(text);
    return average === undefined || average > SLOW_MS;
  }

  isQuick(text: string): boolean {
    const average = this.#averageMs.get(text);
    return average !== undefined && average <= QUICK_MS;
  }

  record(text: string, elapsedMs: number): void {
    const average = this.#averageMs.get(text);
    if (average !== undefined) {
      this.#averageMs.set(text, average + (elapsedMs - average) * WEIGHT);
      return;
    }
    if (text.length > LONGEST_TEXT) return;
    for (const oldest of this.#averageMs.keys()) {
      if (this.#averageMs.size < MAX_STATEMENTS && this.#characters + text.length <= MAX_CHARACTERS) break;
      this.#averageMs.delete(oldest);
      this.#characters -= oldest.length;
    }
    this.#averageMs.set(text, elapsedMs);
    this.#characters += text.length;
  }
}
