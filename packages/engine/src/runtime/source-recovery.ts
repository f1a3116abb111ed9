import type { Database } from '../database/index.ts';
import type { ConnectedSources } from './source-registry.ts';

/** Waits between looks at sources that could not be read: the first, doubled after each one that found nothing, up to the last. */
const firstWaitMs = 250;
const lastWaitMs = 15_000;
/** A database that has not answered by then does not answer. */
const probeMs = 5_000;

/** Databases of sources that are connected to but could not be read. Settings that cannot be resolved do not mend themselves. */
export function unreadDatabases(sources: ConnectedSources): readonly Database[] {
  const databases = new Set<Database>();
  for (const { database, catalog } of sources.values())
    if (catalog === null && database !== null) databases.add(database);
  return [...databases];
}

/**
 * While some source could not be read, asks its database again and again, ever less often, and calls `onAnswer` when one answers. What does not
 * answer holds up nobody: only `onAnswer` waits for its turn among the changes.
 */
export class SourceRecovery {
  readonly #sources: () => ConnectedSources;
  readonly #onAnswer: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  readonly #stopping = new AbortController();
  #waitMs = firstWaitMs;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;

  constructor(options: {
    readonly sources: () => ConnectedSources;
    /** Reads the sources again; not awaited by anything but the next look. */
    readonly onAnswer: () => Promise<void>;
    readonly onError: (error: unknown) => void;
  }) {
    this.#sources = options.sources;
    this.#onAnswer = options.onAnswer;
    this.#onError = options.onError;
  }

  /** To be called whenever other sources are in force. */
  sourcesChanged(): void {
    this.#waitMs = firstWaitMs;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#schedule();
  }

  /** No look begins any more; one under way is cut short, unless it has come as far as `onAnswer`. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#looking;
  }

  #schedule(): void {
    if (this.#stopping.signal.aborted || this.#timer !== null || this.#looking !== null) return;
    if (unreadDatabases(this.#sources()).length === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#waitMs = Math.min(this.#waitMs * 2, lastWaitMs);
      this.#looking = this.#look().finally(() => {
        this.#looking = null;
        this.#schedule();
      });
    }, this.#waitMs);
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    const answers = await Promise.all(
      unreadDatabases(this.#sources()).map((database) => this.#probe(database)),
    );
    if (!answers.includes(true) || this.#stopping.signal.aborted) return;
    await this.#onAnswer().catch(this.#onError);
  }

  async #probe(database: Database): Promise<boolean> {
    const signal = AbortSignal.any([AbortSignal.timeout(probeMs), this.#stopping.signal]);
    return database.queryRows({ text: 'select 1', parameters: [] }, { signal, prepare: false }).then(
      () => true,
      () => false,
    );
  }
}
