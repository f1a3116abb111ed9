import type { LiveOperation, Subscriber } from './live-queries.ts';
import type { Semaphore } from './semaphore.ts';
import { Sleep } from './sleep.ts';

type Stream = NonNullable<LiveOperation['stream']>;

interface Place {
  readonly stream: Stream;
  readonly subscriber: Subscriber;
  /** Where this subscriber has come to; null at the start. */
  cursor: string | null;
  /** When it wants its next batch, by `performance.now()`. */
  dueAt: number;
}

/**
 * Serves the subscribers of one stream, each from where it has come to: at every interval one batch for all who stand at the same place. A batch that a
 * subscriber does not take, or that fails, is asked for again. Source: spec/graphql-api.md 14.6.
 */
export class StreamPoller {
  readonly #onPoll: LiveOperation['onPoll'];
  readonly #intervalMs: number;
  readonly #polls: Semaphore;
  readonly #onEmpty: () => void;
  readonly #places = new Set<Place>();
  readonly #end = new AbortController();
  readonly #sleep = new Sleep();
  #pollCount = 0;
  #lastPollMs: number | null = null;
  #isFailing = false;

  constructor(
    { onPoll }: LiveOperation,
    options: { readonly intervalMs: number; readonly polls: Semaphore; readonly onEmpty: () => void },
  ) {
    this.#onPoll = onPoll;
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

  add(stream: Stream, subscriber: Subscriber, cursor: string | null): () => void {
    const place: Place = { stream, subscriber, cursor, dueAt: 0 };
    this.#places.add(place);
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
      const groups = this.#dueGroups();
      await Promise.all(groups.map((group) => this.#polls.run(() => this.#poll(group))));
      if (signal.aborted) return;
      let next = Number.POSITIVE_INFINITY;
      for (const { dueAt } of this.#places) next = Math.min(next, dueAt);
      const now = performance.now();
      // one who came while the batches ran is due at once
      if (next > now) await this.#sleep.for(Math.min(this.#intervalMs, next - now));
    }
  }

  /** Those who are due, and with them all who stand at the same places, so that they go on together. */
  #dueGroups(): readonly (readonly Place[])[] {
    const now = performance.now();
    const groups = new Map<string, Place[]>();
    for (const place of this.#places) {
      const key = placeKey(place);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [place]);
      else group.push(place);
    }
    return [...groups.values()].filter((group) => group.some(({ dueAt }) => dueAt <= now));
  }

  async #poll(group: readonly Place[]): Promise<void> {
    const [first] = group;
    const { signal } = this.#end;
    if (first === undefined || signal.aborted) return;
    const startedAt = performance.now();
    for (const place of group) place.dueAt = startedAt + this.#intervalMs;
    try {
      const { answer, cursor } = await first.stream.batch(first.cursor, signal);
      this.#noteEnd(startedAt, false);
      for (const place of group) {
        if (!this.#places.has(place)) continue;
        if (cursor === null) place.subscriber.onNothing?.();
        else if (place.subscriber.onAnswer(answer, cursor)) place.cursor = cursor;
      }
    } catch (error) {
      this.#noteEnd(startedAt, true);
      for (const place of group) if (this.#places.has(place)) place.subscriber.onError(error);
    }
    this.#onPoll?.(this.#lastPollMs ?? 0, performance.now() - startedAt);
  }

  #noteEnd(startedAt: number, hasFailed: boolean): void {
    this.#pollCount++;
    this.#lastPollMs = performance.now() - startedAt;
    this.#isFailing = hasFailed;
  }
}

function placeKey({ cursor, stream }: Place): string {
  return cursor === null ? `start ${stream.start}` : `after ${cursor}`;
}
