interface Waiting<T> {
  readonly item: T;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface BatchWriterOptions<T> {
  readonly write: (items: readonly T[]) => Promise<void>;
  /** Items of one write; 100 unless it is given. */
  readonly maximum?: number;
}

const usualMaximum = 100;
/** How long is waited after each write that fails, before the item is tried again. */
const pausesMs = [500, 2000, 8000];

/** Writes one batch at a time; what comes meanwhile is the next batch. A single item is written at once, many cost few statements. */
export class BatchWriter<T> {
  readonly #options: BatchWriterOptions<T>;
  #waiting: Waiting<T>[] = [];
  #isWriting = false;

  constructor(options: BatchWriterOptions<T>) {
    this.#options = options;
  }

  /** Resolves once the item is written; rejects when its batch could not be. */
  add(item: T): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  /** Tries again for some ten seconds, since the database may be away for a moment: each failure but the last goes to `onError`. */
  async addPatiently(item: T, onError: (error: unknown) => void): Promise<void> {
    for (const pauseMs of pausesMs) {
      try {
        return await this.add(item);
      } catch (error) {
        onError(error);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
    await this.add(item);
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    // those that end in the same turn go together
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#options.maximum ?? usualMaximum);
      try {
        await this.#options.write(batch.map(({ item }) => item));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#isWriting = false;
  }
}
