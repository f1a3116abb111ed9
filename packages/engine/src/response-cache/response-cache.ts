import type { Bytes } from '../database/index.ts';
import { type AnswerOrigin, createKeyMaker } from './answer-key.ts';
import { type CacheWish, createWishReader } from './cached-directive.ts';
import { SharedRuns } from './shared-runs.ts';
import type { AnswerKey, AnswerStore, Clearing, Found } from './types.ts';
import { WriteBudget } from './write-budget.ts';

export interface ResponseCacheOptions {
  readonly store: AnswerStore;
  /** The key of the hashes that clients see; the same in all engines of a deployment. */
  readonly secret: string;
  /** Answers live no longer, whatever is asked for; 0: nothing is stored, the directive has no effect. */
  readonly maximumTtlSeconds: number;
  readonly maximumEntryBytes: number;
  /** How much is stored at a stretch, and in the long run. */
  readonly bucketBytes: number;
  readonly bucketBytesPerSecond: number;
}

/** One request for an answer that may come from the cache. */
export interface CachedRequest {
  readonly wish: CacheWish;
  readonly origin: Omit<AnswerOrigin, 'text'>;
  /** Makes the answer; rejects when there is none, which is then not stored. */
  readonly run: (signal: AbortSignal) => Promise<Bytes>;
  readonly signal: AbortSignal | undefined;
  /** Takes headers that tell the client about the cache. */
  readonly onHeader: (name: string, value: string) => void;
}

type Warning = 'cache-store-size-limit-exceeded' | 'cache-store-capacity-exceeded' | 'cache-store-error';

interface Made {
  readonly bytes: Bytes;
  readonly warning: Warning | null;
}

/** Answers of `@cached` queries. Source: spec/server.md 7. */
export class ResponseCache {
  readonly #options: ResponseCacheOptions;
  readonly #readWish = createWishReader();
  readonly #keyOf: (origin: AnswerOrigin) => AnswerKey;
  readonly #budget: WriteBudget;
  readonly #runs = new SharedRuns<Made>();
  #hits = 0;
  #misses = 0;

  constructor(options: ResponseCacheOptions) {
    this.#options = options;
    this.#keyOf = createKeyMaker(options.secret);
    this.#budget = new WriteBudget({
      bytesPerSecond: options.bucketBytesPerSecond,
      maximumBytes: options.bucketBytes,
    });
  }

  /** Whether other engines see the answers, too: then the scope of keys must mean the same to all of them. */
  get isShared(): boolean {
    return this.#options.store.isShared;
  }

  /** Null: the operation is to be answered without the cache. */
  wishOf(query: string, operationName: string | null): CacheWish | null {
    if (this.#options.maximumTtlSeconds === 0) return null;
    const wish = this.#readWish(query, operationName);
    return wish === null || wish.ttlSeconds <= 0 ? null : wish;
  }

  /** The stored answer, or a new one, which is stored. A store that fails costs a bounded wait and is told in a header. */
  async answer({ wish, origin, run, signal, onHeader }: CachedRequest): Promise<Bytes> {
    const { maximumTtlSeconds } = this.#options;
    const key = this.#keyOf({ ...origin, text: wish.text });
    onHeader('X-Hasura-Query-Cache-Key', key.key);
    onHeader('X-Hasura-Query-Family-Cache-Key', key.family);
    const ttlMs = Math.min(wish.ttlSeconds, maximumTtlSeconds) * 1000;
    const found = await this.#find(key);
    const answer = found?.answer ?? null;
    // stored by a request that asked for a longer life, it may be too old for this one
    const remainingMs = answer === null ? 0 : Math.min(answer.remainingMs, ttlMs - answer.ageMs);
    if (answer !== null && remainingMs > 0 && !wish.refresh) {
      this.#hits++;
      onHeader('Cache-Control', `max-age=${Math.floor(remainingMs / 1000)}`);
      return [answer.bytes];
    }
    this.#misses++;
    const make = async (ending: AbortSignal, isCurrent: () => boolean): Promise<Made> => {
      const bytes = await run(ending);
      // a refresh that has begun since will store something newer, or has done so
      return { bytes, warning: isCurrent() ? await this.#add(key, bytes, ttlMs, found) : null };
    };
    // who comes after a clearing does not wait for what was begun before it
    const runKey = `${key.key} ${found?.epoch ?? ''}`;
    const made = await this.#runs.share(runKey, make, { signal, isNew: wish.refresh });
    if (made.warning !== null) onHeader('Warning', `199 - ${made.warning}`);
    return made.bytes;
  }

  /** Rejects when the store cannot be reached. */
  async clear(clearing: Clearing): Promise<void> {
    await this.#options.store.clear(clearing);
  }

  /** A store of this process's own forgets; in a shared one the answers of other models are not found any more. */
  modelChanged(): void {
    const { store } = this.#options;
    if (!store.isShared) void store.clear({ kind: 'all' });
  }

  stats(): { readonly hits: number; readonly misses: number } {
    return { hits: this.#hits, misses: this.#misses };
  }

  /** Null: the store has failed. */
  async #find(key: AnswerKey): Promise<Found | null> {
    try {
      return await this.#options.store.find(key);
    } catch {
      return null;
    }
  }

  async #add(key: AnswerKey, bytes: Bytes, ttlMs: number, found: Found | null): Promise<Warning | null> {
    const { store, maximumEntryBytes } = this.#options;
    let size = 0;
    for (const piece of bytes) size += piece.length;
    if (size > Math.min(maximumEntryBytes, store.maximumBytes)) return 'cache-store-size-limit-exceeded';
    if (found === null) return 'cache-store-error';
    if (!this.#budget.take(size)) return 'cache-store-capacity-exceeded';
    try {
      await store.add(key, joined(bytes, size), ttlMs, found.epoch);
      return null;
    } catch {
      return 'cache-store-error';
    }
  }
}

/** A copy with memory of its own: the pieces are parts of larger buffers that would be kept alive. */
function joined(bytes: Bytes, size: number): Buffer {
  const buffer = Buffer.allocUnsafeSlow(size);
  let position = 0;
  for (const piece of bytes) {
    buffer.set(piece, position);
    position += piece.length;
  }
  return buffer;
}
