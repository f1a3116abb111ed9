import { Path, RequestError } from '../support/index.ts';
import { ChangeWatch } from './change-watch.ts';
import { Poller, type PollerStats } from './poller.ts';
import { Semaphore } from './semaphore.ts';
import type { LiveOperation, Reads, Subscriber } from './types.ts';

export interface LiveQueryOptions {
  readonly intervalMs: number;
  /** Different sets of values that one statement answers at most; one unless it is given. */
  readonly batchSize?: number;
  /** The same as the others unless they are given. */
  readonly streamIntervalMs?: number;
  readonly streamBatchSize?: number;
  /** Statements that run at the same time at most; leave connections for queries. */
  readonly maxConcurrentPolls: number;
  /** Subscribers at the same time at most; more are refused. */
  readonly maxSubscribers?: number;
  /** Characters of all subscriptions together at most; who brings more is refused. */
  readonly maxCharacters?: number;
  /** Whether polls are left out when nothing can have changed. */
  readonly skipsUnchanged?: boolean;
}

export interface LiveQueryStats {
  readonly pollers: number;
  readonly subscribers: number;
  /** Only in the extended form. */
  readonly details?: readonly PollerStats[];
}

export interface PollerHealth {
  readonly running: number;
  readonly failing: number;
}

/** Unless it is given: each takes a few kilobytes. */
const defaultMaxSubscribers = 100_000;
/** Unless it is given: 2,000 for each where there are as many as there may be. A character takes some four bytes of memory. */
const defaultMaxCharacters = 200_000_000;
/** The plan and the statement of a document are kept once for all that share them, and take this much more than its text. */
const planWeight = 10;

type Kind = 'live-query' | 'streaming';

/** All live queries of a server. */
export class LiveQueries {
  readonly #pollers: Readonly<Record<Kind, Map<string, Poller>>> = {
    'live-query': new Map(),
    streaming: new Map(),
  };
  readonly #options: LiveQueryOptions;
  readonly #polls: Semaphore;
  #subscribers = 0;
  #characters = 0;
  readonly #watches = new WeakMap<Reads['database'], ChangeWatch>();

  constructor(options: LiveQueryOptions) {
    this.#options = options;
    this.#polls = new Semaphore(options.maxConcurrentPolls);
  }

  /**
   * Begins to serve a subscriber; the function that comes back ends it. `cursor`: where a stream goes on instead of at its start.
   * @throws RequestError busy: there are as many as there may be, or they hold as much
   */
  subscribe(operation: LiveOperation, subscriber: Subscriber, cursor: string | null = null): () => void {
    const { maxSubscribers = defaultMaxSubscribers, maxCharacters = defaultMaxCharacters } = this.#options;
    if (this.#subscribers >= maxSubscribers) {
      throw new RequestError('busy', Path.root, `more than ${maxSubscribers} subscriptions`);
    }
    const kind: Kind = operation.stream === undefined ? 'live-query' : 'streaming';
    const group = operation.together?.group ?? operation.key;
    const pollers = this.#pollers[kind];
    let poller = pollers.get(group);
    const { document, values } = operation.size ?? { document: 0, values: operation.key.length };
    const own = document + values;
    const shared = poller === undefined ? document * planWeight : 0;
    if (this.#characters + own + shared > maxCharacters) {
      throw new RequestError('busy', Path.root, 'the subscriptions have too much text and too many values');
    }
    if (poller === undefined) {
      poller = this.#newPoller(kind, () => {
        pollers.delete(group);
        this.#characters -= shared;
      });
      pollers.set(group, poller);
      this.#characters += shared;
    }
    const stop = poller.add(operation, subscriber, cursor);
    this.#subscribers++;
    this.#characters += own;
    let isServed = true;
    return () => {
      if (isServed) {
        this.#subscribers--;
        this.#characters -= own;
      }
      isServed = false;
      stop();
    };
  }

  stats(isExtended: boolean): LiveQueryStats {
    const pollers = Object.values(this.#pollers).flatMap((ofKind) => [...ofKind.values()]);
    const subscribers = pollers.reduce((sum, poller) => sum + poller.size, 0);
    const summary = { pollers: pollers.length, subscribers };
    return isExtended ? { ...summary, details: pollers.map((poller) => poller.stats()) } : summary;
  }

  /** How many pollers there are of each kind, and how many failed last. */
  health(): Readonly<Record<Kind, PollerHealth>> {
    return {
      'live-query': healthOf(this.#pollers['live-query']),
      streaming: healthOf(this.#pollers.streaming),
    };
  }

  close(): void {
    for (const pollers of Object.values(this.#pollers)) {
      for (const poller of pollers.values()) poller.close();
      pollers.clear();
    }
  }

  #newPoller(kind: Kind, onEmpty: () => void): Poller {
    const { intervalMs, batchSize = 1, streamIntervalMs, streamBatchSize } = this.#options;
    const isStream = kind === 'streaming';
    return new Poller({
      intervalMs: isStream ? (streamIntervalMs ?? intervalMs) : intervalMs,
      batchSize: isStream ? (streamBatchSize ?? batchSize) : batchSize,
      polls: this.#polls,
      watch: (reads) => this.#watchOver(reads),
      onEmpty,
    });
  }

  #watchOver({ database }: Reads): ChangeWatch | null {
    if (this.#options.skipsUnchanged !== true) return null;
    let watch = this.#watches.get(database);
    if (watch === undefined) {
      watch = new ChangeWatch(database);
      this.#watches.set(database, watch);
    }
    return watch;
  }
}

function healthOf(pollers: ReadonlyMap<string, Poller>): PollerHealth {
  const failing = [...pollers.values()].filter(({ isFailing }) => isFailing).length;
  return { running: pollers.size, failing };
}
