import { createHash, randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Bytes } from '../database/index.ts';
import type { ChangeWatch } from './change-watch.ts';
import { type Cohort, cohortsOf, moveTo, type Place, placeOf } from './cohorts.ts';
import { lookTogether, type Outcome } from './look-together.ts';
import type { Semaphore } from './semaphore.ts';
import { Sleep } from './sleep.ts';
import type { LiveOperation, PollBatch, Reads, Subscriber } from './types.ts';

export interface PollerOptions {
  readonly intervalMs: number;
  /** Cohorts that one statement answers at most. */
  readonly batchSize: number;
  /** Shared by all pollers. */
  readonly polls: Semaphore;
  /** The watch over a database, or null where every poll is to be run. */
  readonly watch: (reads: Reads) => ChangeWatch | null;
  /** The last subscriber has left. */
  readonly onEmpty: () => void;
}

export interface PollerStats {
  readonly subscribers: number;
  readonly cohorts: number;
  readonly polls: number;
  /** Rounds in which nothing could have changed. */
  readonly skipped_polls: number;
  readonly last_poll_seconds: number | null;
}

/** What a look could not notice is noticed by then. */
const longestSkipMs = 30_000;

/**
 * Serves the subscribers of one group of operations, live queries or streams: at every interval a statement for each batch of different sets of values,
 * and to each subscriber what is new to it. Newcomers do not wait for the interval, and do not hurry the others. A batch of a stream that was not taken, or
 * that failed, is asked for again. Source: spec/graphql-api.md 14.5, 14.6.
 */
export class Poller {
  readonly #options: PollerOptions;
  readonly #id = randomUUID();
  readonly #places = new Set<Place>();
  /** Newcomers for whom no look has begun. */
  readonly #waiting = new Set<Place>();
  readonly #sleep = new Sleep();
  readonly #end = new AbortController();
  /** Looks for newcomers that will begin. */
  #looksAhead = 0;
  #batchSize: number;
  #pollCount = 0;
  #skipCount = 0;
  #lastPollMs: number | null = null;
  #isFailing = false;

  constructor(options: PollerOptions) {
    this.#options = options;
    this.#batchSize = options.batchSize;
    // one for each statement that runs
    setMaxListeners(0, this.#end.signal);
    void this.#loop();
  }

  /** The last look failed for somebody. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  get size(): number {
    return this.#places.size;
  }

  /** Begins to serve a subscriber; the function that comes back ends it. `cursor`: where a stream goes on instead of at its start. */
  add(operation: LiveOperation, subscriber: Subscriber, cursor: string | null): () => void {
    const place = placeOf(operation, subscriber, cursor);
    this.#places.add(place);
    this.#waiting.add(place);
    this.#serveNewcomers();
    return () => {
      this.#waiting.delete(place);
      if (!this.#places.delete(place) || this.#places.size > 0) return;
      this.#options.onEmpty();
      this.close();
    };
  }

  close(): void {
    this.#places.clear();
    this.#waiting.clear();
    this.#end.abort();
    this.#sleep.wake();
  }

  stats(): PollerStats {
    return {
      subscribers: this.#places.size,
      cohorts: cohortsOf(this.#places).length,
      polls: this.#pollCount,
      skipped_polls: this.#skipCount,
      last_poll_seconds: this.#lastPollMs === null ? null : this.#lastPollMs / 1000,
    };
  }

  async #loop(): Promise<void> {
    for (;;) {
      await this.#sleep.for(this.#options.intervalMs);
      if (this.#end.signal.aborted) return;
      await this.#round();
    }
  }

  async #round(): Promise<void> {
    const version = await this.#version();
    const places = [...this.#places].filter(({ isNew }) => !isNew);
    const cohorts = cohortsOf(places).filter((cohort) => !isUnchanged(cohort, version));
    if (cohorts.length > 0) await this.#look(cohorts, version);
    else if (places.length > 0) this.#skipCount++;
  }

  /** Of what the group reads; null where its answers may change without any. */
  async #version(): Promise<string | null> {
    let reads: Reads | null = null;
    for (const { operation } of this.#places) reads ??= operation.reads ?? null;
    const watch = reads === null ? null : this.#options.watch(reads);
    if (reads === null || watch === null || !(await watch.isSteady(reads))) return null;
    return watch.version(this.#options.intervalMs / 4);
  }

  /** Those who come while all looks are under way are served together by the next one. */
  #serveNewcomers(): void {
    if (this.#looksAhead * this.#batchSize >= this.#waiting.size) return;
    this.#looksAhead++;
    void this.#options.polls.run(async () => {
      // whoever comes in the same turn comes along
      await new Promise(setImmediate);
      this.#looksAhead--;
      const cohorts = cohortsOf(this.#waiting).slice(0, this.#batchSize);
      for (const { places } of cohorts) for (const place of places) this.#waiting.delete(place);
      if (this.#waiting.size > 0) this.#serveNewcomers();
      const startedAt = performance.now();
      if (cohorts.length > 0) this.#note(startedAt, cohorts, [await this.#lookAt(cohorts, null)]);
    });
  }

  async #look(cohorts: readonly Cohort[], version: string | null): Promise<void> {
    const startedAt = performance.now();
    const isFailing = ({ places }: Cohort) => places.some((place) => place.isFailing);
    const sound = cohorts.filter((cohort) => !isFailing(cohort));
    const batches = cohorts.filter(isFailing).map((cohort) => [cohort]);
    for (let start = 0; start < sound.length; start += this.#batchSize) {
      batches.push(sound.slice(start, start + this.#batchSize));
    }
    const { polls } = this.#options;
    const done = await Promise.all(batches.map((batch) => polls.run(() => this.#lookAt(batch, version))));
    this.#note(startedAt, cohorts, done);
  }

  /** Null when the poller has ended meanwhile. */
  async #lookAt(cohorts: readonly Cohort[], version: string | null): Promise<BatchDone | null> {
    const { signal } = this.#end;
    if (signal.aborted) return null;
    const startedAt = performance.now();
    let runs = 0;
    const outcomes = await lookTogether(cohorts, signal, () => runs++);
    const statementMs = performance.now() - startedAt;
    if (signal.aborted) return null;
    const failures = outcomes.filter((outcome) => 'error' in outcome).length;
    this.#fitBatchSize(cohorts.length, runs > 1 && failures === 0);
    cohorts.forEach((cohort, index) => {
      const outcome = outcomes[index];
      if (outcome !== undefined) this.#tell(cohort, outcome, version);
    });
    return { cohorts: cohorts.length, failures, statementMs, totalMs: performance.now() - startedAt };
  }

  /** Batches that fail as a whole, though no part of them does, are too much for one statement. */
  #fitBatchSize(size: number, isTooLarge: boolean): void {
    if (isTooLarge) this.#batchSize = Math.max(1, Math.ceil(size / 2));
    else if (size === this.#batchSize && size < this.#options.batchSize) this.#batchSize++;
  }

  #tell({ places }: Cohort, outcome: Outcome, version: string | null): void {
    const at = performance.now();
    const seen = version === null ? null : { version, at };
    const digest = 'error' in outcome || outcome.look.cursor !== null ? null : digestOf(outcome.look.answer);
    for (const place of places) {
      place.isNew = false;
      place.seen = null;
      place.isFailing = 'error' in outcome && outcome.isOwn;
      if (!this.#places.has(place)) continue;
      if ('error' in outcome) {
        place.digest = null;
        place.subscriber.onError(outcome.error);
      } else if (place.operation.stream !== undefined) {
        if (tellBatch(place, outcome.look.answer, outcome.look.cursor)) place.seen = seenBy(place, seen);
      } else if (place.digest === digest || place.subscriber.onAnswer(outcome.look.answer)) {
        place.digest = digest;
        place.seen = seenBy(place, seen);
        if (outcome.look.isFinal === true) place.subscriber.onEnd?.();
      }
    }
  }

  #note(startedAt: number, cohorts: readonly Cohort[], done: readonly (BatchDone | null)[]): void {
    const batches = done.filter((batch) => batch !== null);
    if (batches.length === 0) return;
    const totalMs = performance.now() - startedAt;
    this.#pollCount++;
    this.#lastPollMs = totalMs;
    this.#isFailing = batches.some(({ failures }) => failures > 0);
    const onPoll = [...this.#places].find(({ operation }) => operation.onPoll !== undefined)?.operation
      .onPoll;
    onPoll?.({
      pollerId: this.#id,
      subscribers: cohorts.reduce((sum, { places }) => sum + places.length, 0),
      cohorts: cohorts.length,
      batches,
      totalMs,
    });
  }
}

interface BatchDone extends PollBatch {
  readonly failures: number;
}

/** Whether everybody has the answer of this version already. */
function isUnchanged({ places }: Cohort, version: string | null): boolean {
  if (version === null) return false;
  const now = performance.now();
  return places.every(({ seen }) => seen?.version === version && now - seen.at < longestSkipMs);
}

/** What depends on the clock is never seen for good. */
function seenBy({ operation }: Place, seen: Place['seen']): Place['seen'] {
  return (operation.reads ?? null) === null ? null : seen;
}

/** True when there was nothing: of a full batch nobody knows what follows. */
function tellBatch(place: Place, answer: Bytes, cursor: string | null): boolean {
  if (cursor === null) place.subscriber.onNothing?.();
  else if (place.subscriber.onAnswer(answer, cursor)) moveTo(place, cursor);
  return cursor === null;
}

function digestOf(answer: Bytes): string {
  const hash = createHash('sha256');
  for (const piece of answer) hash.update(piece);
  return hash.digest('base64');
}
