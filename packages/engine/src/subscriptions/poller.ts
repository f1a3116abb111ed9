import { createHash } from 'node:crypto';
import type { Bytes } from '../database/index.ts';
import type { LiveOperation, Subscriber } from './live-queries.ts';
import type { Semaphore } from './semaphore.ts';
import { Sleep } from './sleep.ts';

interface Place {
  readonly subscriber: Subscriber;
  /** Of the answer that this subscriber has; null before the first and after an error. */
  digest: string | null;
}

/**
 * Runs one operation again and again and tells its subscribers what is new to them. A newcomer does not wait for the interval: it wakes the
 * poller, and gets an answer of a poll that began after it came.
 */
export class Poller {
  readonly #operation: LiveOperation;
  readonly #intervalMs: number;
  readonly #polls: Semaphore;
  readonly #onEmpty: () => void;
  readonly #places = new Set<Place>();
  readonly #end = new AbortController();
  readonly #sleep = new Sleep();
  /** Newcomers since the last poll began. */
  #hasNewcomers = false;
  #pollCount = 0;
  #lastPollMs: number | null = null;
  #isFailing = false;

  constructor(
    operation: LiveOperation,
    options: { readonly intervalMs: number; readonly polls: Semaphore; readonly onEmpty: () => void },
  ) {
    this.#operation = operation;
    this.#intervalMs = options.intervalMs;
    this.#polls = options.polls;
    this.#onEmpty = options.onEmpty;
    void this.#loop();
  }

  /** The last look failed. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  get size(): number {
    return this.#places.size;
  }

  add(subscriber: Subscriber): () => void {
    const place: Place = { subscriber, digest: null };
    this.#places.add(place);
    this.#hasNewcomers = true;
    this.#sleep.wake();
    return () => {
      if (!this.#places.delete(place) || this.#places.size > 0) return;
      this.#onEmpty();
      this.close();
    };
  }

  close(): void {
    this.#places.clear();
    this.#end.abort();
    this.#sleep.wake();
  }

  stats(): { subscribers: number; polls: number; last_poll_seconds: number | null } {
    return {
      subscribers: this.#places.size,
      polls: this.#pollCount,
      last_poll_seconds: this.#lastPollMs === null ? null : this.#lastPollMs / 1000,
    };
  }

  /** Never rejects. */
  async #loop(): Promise<void> {
    // the one who made the poller adds the first subscriber before the first poll
    await Promise.resolve();
    const { signal } = this.#end;
    while (!signal.aborted) {
      await this.#polls.run(() => this.#poll());
      if (!signal.aborted && !this.#hasNewcomers) await this.#sleep.for(this.#intervalMs);
    }
  }

  async #poll(): Promise<void> {
    if (this.#end.signal.aborted) return;
    this.#hasNewcomers = false;
    // those who come while the statement runs are served by the next one
    const places = [...this.#places];
    const startedAt = performance.now();
    let answer: Bytes | null = null;
    let fault: unknown;
    try {
      answer = await this.#operation.run(this.#end.signal);
    } catch (error) {
      fault = error;
    }
    this.#pollCount++;
    this.#lastPollMs = performance.now() - startedAt;
    if (this.#end.signal.aborted) return;
    this.#isFailing = answer === null;
    if (answer === null) this.#tellError(places, fault);
    else this.#tellAnswer(places, answer);
    this.#operation.onPoll?.(this.#lastPollMs, performance.now() - startedAt);
  }

  #tellAnswer(places: readonly Place[], answer: Bytes): void {
    const digest = digestOf(answer);
    for (const place of places) {
      if (!this.#places.has(place) || place.digest === digest) continue;
      if (place.subscriber.onAnswer(answer)) place.digest = digest;
    }
  }

  #tellError(places: readonly Place[], error: unknown): void {
    for (const place of places) {
      if (!this.#places.has(place)) continue;
      place.digest = null;
      place.subscriber.onError(error);
    }
  }
}

function digestOf(answer: Bytes): string {
  const hash = createHash('sha256');
  for (const piece of answer) hash.update(piece);
  return hash.digest('base64');
}
