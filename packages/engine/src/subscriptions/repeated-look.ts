import type { Semaphore } from './semaphore.ts';
import { Sleep } from './sleep.ts';

export interface LookOptions {
  readonly intervalMs: number;
  /** Shared by all pollers. */
  readonly polls: Semaphore;
  /** The last subscriber has left. */
  readonly onEmpty: () => void;
}

/** What pollers of both kinds share: their subscribers, the loop that ends with the last of them, and what became of the looks. */
export abstract class RepeatedLook<Place> {
  protected readonly intervalMs: number;
  protected readonly polls: Semaphore;
  protected readonly places = new Set<Place>();
  protected readonly sleep = new Sleep();
  readonly #onEmpty: () => void;
  readonly #end = new AbortController();
  #pollCount = 0;
  #lastPollMs: number | null = null;
  #isFailing = false;

  constructor({ intervalMs, polls, onEmpty }: LookOptions) {
    this.intervalMs = intervalMs;
    this.polls = polls;
    this.#onEmpty = onEmpty;
    void this.#loop();
  }

  /** The last look failed. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  get size(): number {
    return this.places.size;
  }

  close(): void {
    this.places.clear();
    this.#end.abort();
    this.sleep.wake();
  }

  stats(): { subscribers: number; polls: number; last_poll_seconds: number | null } {
    return {
      subscribers: this.places.size,
      polls: this.#pollCount,
      last_poll_seconds: this.#lastPollMs === null ? null : this.#lastPollMs / 1000,
    };
  }

  /** Looks where it is time, and waits for the next time. Never rejects. */
  protected abstract round(): Promise<void>;

  /** Aborted when nobody is left. */
  protected get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Wakes the loop for the newcomer; the function that comes back takes it out again. */
  protected join(place: Place): () => void {
    this.places.add(place);
    this.sleep.wake();
    return () => {
      if (!this.places.delete(place) || this.places.size > 0) return;
      this.#onEmpty();
      this.close();
    };
  }

  /** Notes the end of a look; gives its milliseconds. */
  protected noteEnd(startedAt: number, hasFailed: boolean): number {
    const durationMs = performance.now() - startedAt;
    this.#pollCount++;
    this.#lastPollMs = durationMs;
    this.#isFailing = hasFailed;
    return durationMs;
  }

  async #loop(): Promise<void> {
    // the one who made the poller adds the first subscriber before the first look
    await Promise.resolve();
    while (!this.#end.signal.aborted) await this.round();
  }
}
