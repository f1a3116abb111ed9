import type { Bytes } from '../database/index.ts';
import { Poller } from './poller.ts';
import { Semaphore } from './semaphore.ts';
import { StreamPoller } from './stream-poller.ts';

/** An operation that can be run as often as its answer is wanted. */
export interface LiveOperation {
  /** Equal keys answer equally, so that one poller can serve all of them. */
  readonly key: string;
  readonly run: (signal?: AbortSignal) => Promise<Bytes>;
  /** Of a stream, which is never run as a whole. Streams of equal keys differ in where they begin at most. */
  readonly stream?: {
    /** Equal texts begin at equal places. */
    readonly start: string;
    /** The rows after the cursor (null: after the start), and the cursor after those; null when there are none. */
    readonly batch: (
      cursor: string | null,
      signal?: AbortSignal,
    ) => Promise<{ readonly answer: Bytes; readonly cursor: string | null }>;
  };
  /**
   * Told of every look for a new answer: how long its statement took, and all of it, and for how many subscribers it was. Of equal operations the first
   * one's is told.
   */
  readonly onPoll?: (statementMs: number, totalMs: number, subscribers: number) => void;
}

/** Who wants to know. */
export interface Subscriber {
  /**
   * A new answer, complete. False: not taken now (the connection is congested); the next poll offers what is current then. `cursor`: where a stream
   * has come to with it.
   */
  onAnswer(answer: Bytes, cursor?: string): boolean;
  /** A look at a stream has found nothing new. */
  onNothing?(): void;
  /** A poll failed; the subscription goes on. */
  onError(error: unknown): void;
}

export interface LiveQueryStats {
  readonly pollers: number;
  readonly subscribers: number;
  /** Only in the extended form. */
  readonly details?: readonly {
    readonly subscribers: number;
    readonly polls: number;
    readonly last_poll_seconds: number | null;
  }[];
}

export interface PollerHealth {
  readonly running: number;
  readonly failing: number;
}

/** All live queries of a server. */
export class LiveQueries {
  readonly #pollers = new Map<string, Poller | StreamPoller>();
  readonly #intervalMs: number;
  readonly #streamIntervalMs: number;
  readonly #polls: Semaphore;

  constructor(options: {
    readonly intervalMs: number;
    /** The same as the other unless it is given. */
    readonly streamIntervalMs?: number;
    /** Polls that run at the same time at most; leave connections for queries. */
    readonly maxConcurrentPolls: number;
  }) {
    this.#intervalMs = options.intervalMs;
    this.#streamIntervalMs = options.streamIntervalMs ?? options.intervalMs;
    this.#polls = new Semaphore(options.maxConcurrentPolls);
  }

  /** Begins to serve a subscriber; the function that comes back ends it. `cursor`: where a stream goes on instead of at its start. */
  subscribe(operation: LiveOperation, subscriber: Subscriber, cursor: string | null = null): () => void {
    const { key, stream } = operation;
    const known = this.#pollers.get(key);
    const options = {
      intervalMs: stream === undefined ? this.#intervalMs : this.#streamIntervalMs,
      polls: this.#polls,
      onEmpty: () => this.#pollers.delete(key),
    };
    if (stream !== undefined) {
      const poller = known instanceof StreamPoller ? known : new StreamPoller(operation, options);
      this.#pollers.set(key, poller);
      return poller.add(stream, subscriber, cursor);
    }
    const poller = known instanceof Poller ? known : new Poller(operation, options);
    this.#pollers.set(key, poller);
    return poller.add(subscriber);
  }

  stats(isExtended: boolean): LiveQueryStats {
    const pollers = [...this.#pollers.values()];
    const subscribers = pollers.reduce((sum, poller) => sum + poller.size, 0);
    const summary = { pollers: pollers.length, subscribers };
    return isExtended ? { ...summary, details: pollers.map((poller) => poller.stats()) } : summary;
  }

  /** How many pollers there are of each kind, and how many failed last. */
  health(): Readonly<Record<'live-query' | 'streaming', PollerHealth>> {
    const streams = [...this.#pollers.values()].filter((poller) => poller instanceof StreamPoller);
    const others = [...this.#pollers.values()].filter((poller) => poller instanceof Poller);
    return { 'live-query': healthOf(others), streaming: healthOf(streams) };
  }

  close(): void {
    for (const poller of this.#pollers.values()) poller.close();
    this.#pollers.clear();
  }
}

function healthOf(pollers: readonly { readonly isFailing: boolean }[]): PollerHealth {
  return { running: pollers.length, failing: pollers.filter(({ isFailing }) => isFailing).length };
}
