import type { Bytes } from '../database/index.ts';
import { Poller } from './poller.ts';
import { Semaphore } from './semaphore.ts';

/** An operation that can be run as often as its answer is wanted. */
export interface LiveOperation {
  /** Equal keys answer equally, so that one poller can serve all of them. */
  readonly key: string;
  readonly run: (signal?: AbortSignal) => Promise<Bytes>;
  /** Told of every look for a new answer: how long its statement took, and all of it. Of equal operations the first one's is told. */
  readonly onPoll?: (statementMs: number, totalMs: number) => void;
}

/** Who wants to know. */
export interface Subscriber {
  /** A new answer, complete. False: not taken now (the connection is congested); the next poll offers what is current then. */
  onAnswer(answer: Bytes): boolean;
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

/** All live queries of a server. */
export class LiveQueries {
  readonly #pollers = new Map<string, Poller>();
  readonly #intervalMs: number;
  readonly #polls: Semaphore;

  constructor(options: {
    readonly intervalMs: number;
    /** Polls that run at the same time at most; leave connections for queries. */
    readonly maxConcurrentPolls: number;
  }) {
    this.#intervalMs = options.intervalMs;
    this.#polls = new Semaphore(options.maxConcurrentPolls);
  }

  /** Begins to serve a subscriber; the function that comes back ends it. */
  subscribe(operation: LiveOperation, subscriber: Subscriber): () => void {
    let poller = this.#pollers.get(operation.key);
    if (poller === undefined) {
      poller = new Poller(operation, {
        intervalMs: this.#intervalMs,
        polls: this.#polls,
        onEmpty: () => this.#pollers.delete(operation.key),
      });
      this.#pollers.set(operation.key, poller);
    }
    return poller.add(subscriber);
  }

  stats(isExtended: boolean): LiveQueryStats {
    const pollers = [...this.#pollers.values()];
    const subscribers = pollers.reduce((sum, poller) => sum + poller.size, 0);
    const summary = { pollers: pollers.length, subscribers };
    return isExtended ? { ...summary, details: pollers.map((poller) => poller.stats()) } : summary;
  }

  health(): { readonly running: number; readonly failing: number } {
    const pollers = [...this.#pollers.values()];
    return { running: pollers.length, failing: pollers.filter(({ isFailing }) => isFailing).length };
  }

  close(): void {
    for (const poller of this.#pollers.values()) poller.close();
    this.#pollers.clear();
  }
}
