import type { LiveOperation, Subscriber } from './live-queries.ts';
import { type LookOptions, RepeatedLook } from './repeated-look.ts';

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
export class StreamPoller extends RepeatedLook<Place> {
  readonly #onPoll: LiveOperation['onPoll'];

  constructor({ onPoll }: LiveOperation, options: LookOptions) {
    super(options);
    this.#onPoll = onPoll;
  }

  add(stream: Stream, subscriber: Subscriber, cursor: string | null): () => void {
    return this.join({ stream, subscriber, cursor, dueAt: 0 });
  }

  protected async round(): Promise<void> {
    const groups = this.#dueGroups();
    await Promise.all(groups.map((group) => this.polls.run(() => this.#poll(group))));
    if (this.signal.aborted) return;
    let next = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.places) next = Math.min(next, dueAt);
    const now = performance.now();
    // one who came while the batches ran is due at once
    if (next > now) await this.sleep.for(Math.min(this.intervalMs, next - now));
  }

  /** Those who are due, and with them all who stand at the same places, so that they go on together. */
  #dueGroups(): readonly (readonly Place[])[] {
    const now = performance.now();
    const groups = new Map<string, Place[]>();
    for (const place of this.places) {
      const key = placeKey(place);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [place]);
      else group.push(place);
    }
    return [...groups.values()].filter((group) => group.some(({ dueAt }) => dueAt <= now));
  }

  async #poll(group: readonly Place[]): Promise<void> {
    const [first] = group;
    const { signal } = this;
    if (first === undefined || signal.aborted) return;
    const startedAt = performance.now();
    for (const place of group) place.dueAt = startedAt + this.intervalMs;
    let statementMs: number;
    try {
      const { answer, cursor } = await first.stream.batch(first.cursor, signal);
      statementMs = this.noteEnd(startedAt, false);
      for (const place of group) {
        if (!this.places.has(place)) continue;
        if (cursor === null) place.subscriber.onNothing?.();
        else if (place.subscriber.onAnswer(answer, cursor)) place.cursor = cursor;
      }
    } catch (error) {
      statementMs = this.noteEnd(startedAt, true);
      for (const place of group) if (this.places.has(place)) place.subscriber.onError(error);
    }
    this.#onPoll?.(statementMs, performance.now() - startedAt, group.length);
  }
}

function placeKey({ cursor, stream }: Place): string {
  return cursor === null ? `start ${stream.start}` : `after ${cursor}`;
}
