/** What tells answers apart. Both are hexadecimal, and clients get to see them. */
export interface AnswerKey {
  /** Equal only where the answers are. */
  readonly key: string;
  /** The same for all variables, roles and sessions of one operation. */
  readonly family: string;
}

export interface StoredAnswer {
  readonly bytes: Buffer;
  readonly ageMs: number;
  readonly remainingMs: number;
}

export interface Found {
  readonly answer: StoredAnswer | null;
  /** Stands for all clearings up to now: an answer that is made from here on may be stored unless another clearing comes in between. */
  readonly epoch: string;
}

export type Clearing =
  | { readonly kind: 'all' }
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'family'; readonly family: string };

/** Where answers are kept. What a store cannot do now it refuses by throwing or rejecting, within a bounded time. */
export interface AnswerStore {
  /** Larger answers are not to be added. */
  readonly maximumBytes: number;
  /** Others see its answers, too, so that keys must mean the same to all. */
  readonly isShared: boolean;
  find(key: AnswerKey): Found | Promise<Found>;
  /** Keeps the bytes, which are the store's from now on, unless they were cleared since `epoch`. */
  add(key: AnswerKey, bytes: Buffer, ttlMs: number, epoch: string): void | Promise<void>;
  clear(clearing: Clearing): void | Promise<void>;
}
