import { setTimeout as startTimer } from 'node:timers';
import { setTimeout } from 'node:timers/promises';
import type { Database } from '../database/index.ts';
import {
  eventTriggersOf,
  functionNamesOf,
  type Leftovers,
  OwedRemovals,
  removeTriggers,
} from '../event-triggers/index.ts';
import type { SourceMetadata } from '../metadata/index.ts';

/** A source of the document in force. */
export interface SourceInForce {
  readonly source: SourceMetadata;
  /** Null: it cannot be reached. */
  readonly database: Database | null;
}

export interface TriggerLeftoversOptions {
  /** That of the metadata. */
  readonly database: Database;
  readonly sourcesInForce: () => ReadonlyMap<string, SourceInForce>;
  readonly onError: (message: string, error: unknown) => void;
}

/** What could not be removed is tried again. */
const intervalMs = 30_000;
/** A table's lock is not waited for longer, since others wait behind. */
const lockTimeout = '5s';

/**
 * What triggers that are no more have left in databases because it could not be removed when the metadata changed: it is removed later, also after a restart.
 * Otherwise it would go on logging events that nobody fetches.
 */
export class TriggerLeftovers {
  readonly #options: TriggerLeftoversOptions;
  readonly #owed: OwedRemovals;
  /** Something is left, as far as we know. */
  #owes = false;
  #settling: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;

  constructor(options: TriggerLeftoversOptions) {
    this.#options = options;
    this.#owed = new OwedRemovals(options.database);
  }

  /** Looks for what earlier processes have left. */
  start(): void {
    void this.#settle();
  }

  /** Waits for what has begun until the deadline. Never rejects. */
  async stop(deadlineMs: number): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer ?? undefined);
    if (this.#settling === null) return;
    const deadline = new AbortController();
    const late = setTimeout(deadlineMs, undefined, { signal: deadline.signal }).catch(() => {});
    await Promise.race([this.#settling, late]);
    deadline.abort();
  }

  /** Reports that something could not be removed, and keeps it in mind. Never rejects. @param now what the source is called; null: it is no more, so there is no way to its database */
  async owe(was: string, now: string | null, gone: Leftovers, reason: unknown): Promise<void> {
    this.#report(was, reason);
    if (now === null) return;
    try {
      await this.#owed.add(now, gone);
      this.#owes = true;
      this.#settleLater();
    } catch (error) {
      this.#report(now, error);
    }
  }

  /** Tries now what is known to be owed. Never rejects. */
  async settleOwed(): Promise<void> {
    if (this.#owes) await this.#settle();
  }

  /** Triggers of that name that are made anew are not to be removed as those before. Rejects with the metadata database's error. */
  async forget(source: SourceMetadata): Promise<void> {
    const before = this.#options.sourcesInForce().get(source.name)?.source;
    const made = goneOf(source, before === undefined ? [] : [before]);
    if (made.functions.length > 0 || made.triggers.length > 0) await this.#owed.forget(source.name, made);
  }

  /** A source is no more; another one of that name is another one. Never rejects. */
  async forgetSource(name: string): Promise<void> {
    if (!this.#owes) return;
    await this.#owed.forgetSource(name).catch((error: unknown) => this.#report(name, error));
  }

  #settleLater(): void {
    if (this.#isStopped) return;
    clearTimeout(this.#timer ?? undefined);
    this.#timer = startTimer(() => void this.#settle(), intervalMs).unref();
  }

  #settle(): Promise<void> {
    this.#settling ??= this.#settleAll().finally(() => {
      this.#settling = null;
    });
    return this.#settling;
  }

  /** Removes what is owed, and says when to go on. Never rejects. */
  async #settleAll(): Promise<void> {
    try {
      const owing = await this.#owed.sources();
      this.#owes = owing.length > 0;
      for (const source of owing) {
        await this.#settleSource(source).catch((error: unknown) => this.#report(source, error));
      }
      if (this.#owes) this.#owes = (await this.#owed.sources()).length > 0;
    } catch (error) {
      this.#options.onError('what event triggers have left could not be looked for', error);
    }
    if (this.#owes) this.#settleLater();
  }

  /** A source that cannot be reached goes on owing. */
  async #settleSource(name: string): Promise<void> {
    const { source, database = null } = this.#options.sourcesInForce().get(name) ?? {};
    if (source === undefined || database === null) return;
    const wanted = wantedOf([source]);
    const release = database.hold();
    try {
      await this.#owed.settle(name, async ({ functions, triggers }) => {
        const gone = {
          functions: functions.filter((other) => !wanted.functions.has(other)),
          triggers: triggers.filter((other) => !wanted.triggers.has(other)),
        };
        await database.transaction({ isolation: 'read-committed' }, async (connection) => {
          await connection.script(`set local lock_timeout = '${lockTimeout}'`);
          await removeTriggers(gone, connection);
        });
      });
    } finally {
      release();
    }
  }

  #report(source: string, error: unknown): void {
    this.#options.onError(`what event triggers of the source "${source}" left could not be removed`, error);
  }
}

/** Functions and triggers of a source that none of those has. */
export function goneOf(source: SourceMetadata | undefined, kept: readonly SourceMetadata[]): Leftovers {
  if (source === undefined) return { functions: [], triggers: [] };
  const [was, remaining] = [wantedOf([source]), wantedOf(kept)];
  return {
    functions: [...was.functions].filter((name) => !remaining.functions.has(name)),
    triggers: [...was.triggers].filter((name) => !remaining.triggers.has(name)),
  };
}

/** What the triggers of sources need, by name. */
function wantedOf(sources: readonly SourceMetadata[]): {
  readonly functions: ReadonlySet<string>;
  readonly triggers: ReadonlySet<string>;
} {
  const triggers = new Map(sources.flatMap((source) => [...eventTriggersOf(source)]));
  return {
    functions: new Set([...triggers.values()].flatMap(functionNamesOf)),
    triggers: new Set(triggers.keys()),
  };
}
