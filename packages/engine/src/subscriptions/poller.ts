import { createHash } from 'node:crypto';
import type { Bytes } from '../database/index.ts';
import type { LiveOperation, Subscriber } from './live-queries.ts';
import { type LookOptions, RepeatedLook } from './repeated-look.ts';

interface Place {
  readonly subscriber: Subscriber;
  /** Of the answer that this subscriber has; null before the first and after an error. */
  digest: string | null;
}

/**
 * Runs one operation again and again and tells its subscribers what is new to them. A newcomer does not wait for the interval: it wakes the
 * poller, and gets an answer of a poll that began after it came.
 */
export class Poller extends RepeatedLook<Place> {
  readonly #operation: LiveOperation;
  /** Newcomers since the last poll began. */
  #hasNewcomers = false;

  constructor(operation: LiveOperation, options: LookOptions) {
    super(options);
    this.#operation = operation;
  }

  add(subscriber: Subscriber): () => void {
    this.#hasNewcomers = true;
    return this.join({ subscriber, digest: null });
  }

  protected async round(): Promise<void> {
    await this.polls.run(() => this.#poll());
    if (!this.signal.aborted && !this.#hasNewcomers) await this.sleep.for(this.intervalMs);
  }

  async #poll(): Promise<void> {
    if (this.signal.aborted) return;
    this.#hasNewcomers = false;
    // those who come while the statement runs are served by the next one
    const places = [...this.places];
    const startedAt = performance.now();
    let answer: Bytes | null = null;
    let fault: unknown;
    try {
      answer = await this.#operation.run(this.signal);
    } catch (error) {
      fault = error;
    }
    const statementMs = this.noteEnd(startedAt, answer === null);
    if (this.signal.aborted) return;
    if (answer === null) this.#tellError(places, fault);
    else this.#tellAnswer(places, answer);
    this.#operation.onPoll?.(statementMs, performance.now() - startedAt, places.length);
  }

  #tellAnswer(places: readonly Place[], answer: Bytes): void {
    const digest = digestOf(answer);
    for (const place of places) {
      if (!this.places.has(place) || place.digest === digest) continue;
      if (place.subscriber.onAnswer(answer)) place.digest = digest;
    }
  }

  #tellError(places: readonly Place[], error: unknown): void {
    for (const place of places) {
      if (!this.places.has(place)) continue;
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
