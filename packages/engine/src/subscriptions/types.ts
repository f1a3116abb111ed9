import type { Bytes, Reader } from '../database/index.ts';

/** An operation that can be run as often as its answer is wanted. */
export interface LiveOperation {
  /** Equal keys answer equally, so that one look serves all of them. */
  readonly key: string;
  readonly run: (signal?: AbortSignal) => Promise<Bytes>;
  /** Whether its last run has given an answer that will never be another one. */
  readonly isOver?: () => boolean;
  /** Of a stream, which is never run as a whole. Streams of equal keys differ in where they begin at most. */
  readonly stream?: {
    /** Equal texts begin at equal places. */
    readonly start: string;
    /** The rows after the cursor (null: after the start), and the cursor after those; null when there are none. */
    readonly batch: (cursor: string | null, signal?: AbortSignal) => Promise<Look>;
  };
  /** How it is run in one statement with others of its group; null: it is run by itself. */
  readonly together?: Together | null;
  /** What its answer depends on besides its values; null where an answer may change while nothing is written. */
  readonly reads?: Reads | null;
  /** Characters of its document and of its values; those of its key count as values unless it is given. */
  readonly size?: { readonly document: number; readonly values: number };
  /** Told of every poll; of the operations that a poller serves, one is told. */
  readonly onPoll?: (poll: Poll) => void;
}

/** An answer, and of a stream the cursor after it; null when there are no rows. */
export interface Look {
  readonly answer: Bytes;
  readonly cursor: string | null;
  /** There will never be another one. */
  readonly isFinal?: boolean;
}

export interface Together {
  /** Operations of equal groups have the same statement, on the same database, under the same role. */
  readonly group: string;
  readonly values: (cursor: string | null) => readonly (string | null)[];
  /** In the order of the sets of values. Rejects when one of them fails. */
  readonly run: (
    sets: readonly (readonly (string | null)[])[],
    signal?: AbortSignal,
  ) => Promise<readonly Look[]>;
}

export interface Reads {
  readonly database: Pick<Reader, 'queryRows'>;
  readonly relations: readonly Name[];
  readonly functions: readonly Name[];
}

export interface Name {
  readonly schema: string;
  readonly name: string;
}

/** One round of a poller, or its look for newcomers. */
export interface Poll {
  /** Of the poller. */
  readonly pollerId: string;
  readonly subscribers: number;
  /** Sets of values; subscribers with equal ones share an answer. */
  readonly cohorts: number;
  /** What was run at the same time. */
  readonly batches: readonly PollBatch[];
  readonly totalMs: number;
}

export interface PollBatch {
  readonly cohorts: number;
  readonly statementMs: number;
  /** Until the last subscriber was told. */
  readonly totalMs: number;
}

/** Who wants to know. */
export interface Subscriber {
  /**
   * A new answer, complete. False: not taken now (the connection is congested); the next poll offers what is current then. `cursor`: where a stream
   * has come to with it.
   */
  onAnswer(answer: Bytes, cursor?: string): boolean;
  /** The answer just given was the last one. */
  onEnd?(): void;
  /** A look at a stream has found nothing new. */
  onNothing?(): void;
  /** A poll failed; the subscription goes on. */
  onError(error: unknown): void;
}
