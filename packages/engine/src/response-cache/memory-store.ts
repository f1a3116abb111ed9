import { LRUCache } from 'lru-cache';
import type { AnswerStore, Clearing } from './types.ts';

interface Entry {
  readonly family: string;
  readonly bytes: Buffer;
  readonly storedAt: number;
  readonly expiresAt: number;
}

/** What an entry takes beside its bytes, roughly. */
const overheadBytes = 600;
/** One answer may take this part of the whole. */
const largestPart = 4;

export interface MemoryStoreOptions {
  /** All answers together; those that were used longest ago go first. */
  readonly maximumBytes: number;
  /** A clock in milliseconds. */
  readonly now?: () => number;
}

/** Answers in the memory of this process. */
export function createMemoryStore({
  maximumBytes,
  now = () => performance.now(),
}: MemoryStoreOptions): AnswerStore {
  const entries = new LRUCache<string, Entry>({
    maxSize: Math.max(1, maximumBytes),
    sizeCalculation: ({ bytes }) => bytes.length + overheadBytes,
  });
  let clearings = 0;
  return {
    maximumBytes: Math.max(0, Math.floor(maximumBytes / largestPart) - overheadBytes),
    isShared: false,
    find({ key }) {
      const entry = entries.get(key);
      const epoch = String(clearings);
      if (entry === undefined) return { answer: null, epoch };
      const at = now();
      const remainingMs = entry.expiresAt - at;
      if (remainingMs <= 0) {
        entries.delete(key);
        return { answer: null, epoch };
      }
      return { answer: { bytes: entry.bytes, ageMs: at - entry.storedAt, remainingMs }, epoch };
    },
    add({ key, family }, bytes, ttlMs, epoch) {
      if (epoch !== String(clearings)) return;
      const storedAt = now();
      entries.set(key, { family, bytes, storedAt, expiresAt: storedAt + ttlMs });
    },
    clear(clearing) {
      clearings++;
      clearEntries(entries, clearing);
    },
  };
}

function clearEntries(entries: LRUCache<string, Entry>, clearing: Clearing): void {
  if (clearing.kind === 'all') {
    entries.clear();
  } else if (clearing.kind === 'key') {
    entries.delete(clearing.key);
  } else {
    for (const [key, { family }] of [...entries.entries()])
      if (family === clearing.family) entries.delete(key);
  }
}
