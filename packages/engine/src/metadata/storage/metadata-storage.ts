import { randomUUID } from 'node:crypto';
import { type Connection, type Database, DatabaseError } from '../../database/index.ts';
import {
  InvariantError,
  type Json,
  type JsonObject,
  Path,
  parseJson,
  RequestError,
  stringifyJson,
} from '../../support/index.ts';
import { emptyMetadata } from '../document.ts';
import { readStored } from '../stored-bytes.ts';
import type { Metadata } from '../types.ts';
import { beginWrite, type PendingWrite } from './pending-write.ts';
import { prepareCatalog } from './prepare-catalog.ts';
import { announce, type DocumentWrite, storeDocument, storeFailure } from './store-document.ts';
import { notificationChannel, type WatchOptions, watchVersion } from './watch-version.ts';

export interface StoredMetadata {
  readonly metadata: Metadata;
  readonly resourceVersion: number;
}

export interface WriteOptions {
  /** The version on which the new document builds. */
  readonly expectedVersion: number;
  /** Sources and remote schemas that other replicas should introspect again. */
  readonly rereadSources?: readonly string[];
  readonly rereadRemoteSchemas?: readonly string[];
  /** An open transaction on the metadata database to write in; `confirm` must follow when it is committed. */
  readonly within?: Connection;
  /** What changes along with the document, in the same transaction. */
  readonly also?: (connection: Connection) => Promise<void>;
}

/** The metadata in `hdb_catalog`, shared by all replicas. Rejects with the database's errors where nothing else is said. */
export interface MetadataStorage {
  read(): Promise<StoredMetadata>;
  readVersion(): Promise<number>;
  /**
   * Which remote schemas were asked again by the change that made the version that is stored; null when that cannot be told because there were other
   * changes after `since`.
   */
  readRereadRemoteSchemas(since: number): Promise<readonly string[] | null>;
  /**
   * Stores the document and gives its version, which is the expected one plus 1.
   * Rejects with a RequestError `conflict` (409) when another version is stored.
   */
  write(metadata: Metadata, options: WriteOptions): Promise<number>;
  /** As `write`, in two steps: the document is sent at once, and stored or taken back when the caller has decided. One of both must follow. */
  begin(metadata: Metadata, options: Omit<WriteOptions, 'within'>): PendingWrite;
  /** What was written in the caller's transaction is committed. */
  confirm(version: number): void;
  /** Sends a message to all that watch; not a number, and no longer than 8,000 bytes. */
  tell(message: string): Promise<void>;
  /** Watches for changes by others; gives a function that ends it. */
  watch(options: WatchOptions): Promise<() => Promise<void>>;
  /** `{"id":"<uuid>","cli_state":{…},"console_state":{…}}`. */
  readCatalogState(): Promise<JsonObject>;
  writeCatalogState(type: 'cli' | 'console', state: Json): Promise<void>;
}

/**
 * Opens the metadata's storage; makes it when the database is new.
 * @param options `initial` is stored by a first start
 * @throws RequestError when the catalogue cannot be used. Source: spec/metadata-api.md 7.
 */
export async function openMetadataStorage(
  database: Database,
  options: { readonly initial?: Metadata } = {},
): Promise<MetadataStorage> {
  await prepareCatalog(database, options.initial ?? emptyMetadata);
  return new CatalogStorage(database);
}

class CatalogStorage implements MetadataStorage {
  readonly #database: Database;
  /** Tells our own notifications from those of other replicas. */
  readonly #instanceId = randomUUID();
  /** The version that was read or written last. */
  #knownVersion = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  async read(): Promise<StoredMetadata> {
    const [document, version] = await this.#database.queryBytes({
      text: 'select metadata::text, resource_version from hdb_catalog.hdb_metadata where id = 1',
      parameters: [],
    });
    const metadata = readStored(document ?? []);
    const resourceVersion = Number(Buffer.concat(version ?? []).toString());
    this.#knownVersion = resourceVersion;
    return { metadata, resourceVersion };
  }

  async write(metadata: Metadata, options: WriteOptions): Promise<number> {
    const write = this.#write(metadata, options);
    if (options.within !== undefined) {
      await storeDocument(options.within, write, { isOwn: false });
      await announce(options.within, write);
    } else {
      await this.#store(write);
      this.#knownVersion = write.expectedVersion + 1;
    }
    return write.expectedVersion + 1;
  }

  begin(metadata: Metadata, options: Omit<WriteOptions, 'within'>): PendingWrite {
    const write = this.#write(metadata, options);
    const pending = beginWrite(this.#database, write, () => this.#store(write));
    return {
      ...pending,
      commit: async () => {
        this.#knownVersion = await pending.commit();
        return this.#knownVersion;
      },
    };
  }

  #write(
    metadata: Metadata,
    { expectedVersion, rereadSources = [], rereadRemoteSchemas = [], also }: WriteOptions,
  ): DocumentWrite {
    const instanceId = this.#instanceId;
    return { metadata, expectedVersion, rereadSources, rereadRemoteSchemas, instanceId, also };
  }

  async #store(write: DocumentWrite): Promise<void> {
    try {
      await this.#database.transaction({ isolation: 'repeatable-read' }, async (connection) => {
        await storeDocument(connection, write, { isOwn: true });
        await announce(connection, write);
      });
    } catch (error) {
      throw storeFailure(error, write.expectedVersion);
    }
  }

  confirm(version: number): void {
    this.#knownVersion = version;
  }

  async tell(message: string): Promise<void> {
    await this.#database.queryRows({
      text: 'select pg_notify($1, $2)',
      parameters: [notificationChannel, message],
    });
  }

  watch(options: WatchOptions): Promise<() => Promise<void>> {
    return watchVersion(
      this.#database,
      () => this.readVersion(),
      () => this.#knownVersion,
      options,
    );
  }

  async readCatalogState(): Promise<JsonObject> {
    const [row] = await this.#database.queryRows({
      text: `select hasura_uuid::text as id, cli_state::text as cli_state, console_state::text as console_state
        from hdb_catalog.hdb_version`,
      parameters: [],
    });
    if (row === undefined) throw new InvariantError('hdb_catalog.hdb_version has no row');
    return {
      id: row['id'] ?? '',
      cli_state: parseJson(row['cli_state'] ?? '{}'),
      console_state: parseJson(row['console_state'] ?? '{}'),
    };
  }

  async writeCatalogState(type: 'cli' | 'console', state: Json): Promise<void> {
    const column = type === 'cli' ? 'cli_state' : 'console_state';
    try {
      await this.#database.queryRows({
        text: `update hdb_catalog.hdb_version set ${column} = $1::jsonb`,
        parameters: [stringifyJson(state)],
      });
    } catch (error) {
      // `jsonb` holds neither NUL nor half of a surrogate pair
      if (!(error instanceof DatabaseError) || !error.sqlState.startsWith(dataException)) throw error;
      throw new RequestError('data-exception', Path.root.child('args', 'state'), error.message);
    }
  }

  async readRereadRemoteSchemas(since: number): Promise<readonly string[] | null> {
    const [row] = await this.#database.queryRows({
      text: `select notification -> 'remote_schemas' #>> '{}' as names from hdb_catalog.hdb_schema_notifications
        where id = 1 and resource_version = $1::integer
          and resource_version = (select resource_version from hdb_catalog.hdb_metadata where id = 1)`,
      parameters: [String(since + 1)],
    });
    const names = row === undefined ? null : parseJson(row['names'] ?? 'null');
    return Array.isArray(names) ? names.filter((name: Json) => typeof name === 'string') : null;
  }

  async readVersion(): Promise<number> {
    const [row] = await this.#database.queryRows({
      text: 'select resource_version from hdb_catalog.hdb_metadata where id = 1',
      parameters: [],
    });
    if (row === undefined) throw new InvariantError('hdb_catalog.hdb_metadata has no row');
    return Number(row['resource_version']);
  }
}

/** A class of error codes. */
const dataException = '22';
