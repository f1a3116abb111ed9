import type { Catalog } from '../catalog/index.ts';
import { readCatalog } from '../catalog/index.ts';
import {
  type Database,
  DatabaseConnectionError,
  DatabaseError,
  type DatabaseOptions,
  openDatabase,
} from '../database/index.ts';
import type { Metadata, SourceMetadata } from '../metadata/index.ts';
import { Path, RequestError } from '../support/index.ts';
import { resolveConnection } from './resolve-connection.ts';
import type { RuntimeOptions } from './types.ts';

/** A source as it stands: connected and read, or the reason why not. */
export interface ConnectedSource {
  readonly name: string;
  /** Null when its settings cannot be resolved. */
  readonly database: Database | null;
  readonly catalog: Catalog | null;
  readonly error: RequestError | null;
  /** Equal for equal connection settings, which share a database. */
  readonly connectionKey: string;
}

export type ConnectedSources = ReadonlyMap<string, ConnectedSource>;

/** Connections of a source that went away are closed after this long, so that requests in flight can end. */
const retirementMs = 10_000;

/**
 * The databases behind the sources. `prepare` connects and reads what a metadata document needs without touching what is in force; `commit` puts
 * it in force and retires what is no longer used; `discard` forgets it.
 */
export class SourceRegistry {
  readonly #options: RuntimeOptions;
  #current: ConnectedSources = new Map();
  readonly #retiring = new Set<Promise<void>>();

  constructor(options: RuntimeOptions) {
    this.#options = options;
  }

  get current(): ConnectedSources {
    return this.#current;
  }

  /**
   * @param mustRead whether a source's catalogue must be read again although its connection has not changed
   * @param from the sources to go on from: those in force, or those of a draft
   */
  async prepare(
    metadata: Metadata,
    mustRead: (source: string) => boolean,
    from: ConnectedSources = this.#current,
  ): Promise<ConnectedSources> {
    const sources = await Promise.all(
      metadata.sources.map((source) =>
        this.#prepareSource(source, from.get(source.name), mustRead(source.name)),
      ),
    );
    return new Map(sources.map((source) => [source.name, source]));
  }

  commit(prepared: ConnectedSources): void {
    const previous = this.#current;
    this.#current = prepared;
    this.#retire(previous, prepared);
  }

  /** Closes what `prepared` has connected beyond `kept` and beyond what is in force. */
  discard(prepared: ConnectedSources, kept: ConnectedSources = this.#current): void {
    this.#retire(prepared, kept);
  }

  async close(deadlineMs: number): Promise<void> {
    const databases = new Set([...this.#current.values()].map((source) => source.database));
    await Promise.all([
      ...this.#retiring,
      ...[...databases].map((database) => database?.close({ deadlineMs })),
    ]);
  }

  async #prepareSource(
    source: SourceMetadata,
    existing: ConnectedSource | undefined,
    mustRead: boolean,
  ): Promise<ConnectedSource> {
    const { name } = source;
    let settings: DatabaseOptions;
    try {
      if (source.kind !== 'postgres' && source.kind !== 'pg') {
        throw new RequestError(
          'not-supported',
          Path.root,
          `sources of kind "${source.kind}" are not supported`,
        );
      }
      settings = {
        ...resolveConnection(source.configuration.connection_info, this.#options),
        applicationName: 'postern',
      };
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      return { name, database: null, catalog: null, error, connectionKey: '' };
    }
    const connectionKey = JSON.stringify(settings);
    if (existing?.connectionKey === connectionKey && existing.catalog !== null && !mustRead) return existing;
    let database: Database | null = existing?.connectionKey === connectionKey ? existing.database : null;
    try {
      database ??= openDatabase(settings);
      return { name, database, catalog: await readCatalog(database), error: null, connectionKey };
    } catch (error) {
      return { name, database, catalog: null, error: connectionFailure(error), connectionKey };
    }
  }

  #retire(from: ConnectedSources, kept: ConnectedSources): void {
    const inUse = new Set([...kept.values(), ...this.#current.values()].map((source) => source.database));
    for (const { database } of from.values()) {
      if (database === null || inUse.has(database)) continue;
      const closing = database
        .close({ deadlineMs: retirementMs })
        .finally(() => this.#retiring.delete(closing));
      this.#retiring.add(closing);
    }
  }
}

/** Why a source could not be read, as the inconsistency report shows it. */
function connectionFailure(error: unknown): RequestError {
  if (error instanceof DatabaseConnectionError || error instanceof DatabaseError) {
    return new RequestError('postgres-error', Path.root, 'connection error', {
      status: 500,
      internal: error.message,
      cause: error,
    });
  }
  throw error;
}
