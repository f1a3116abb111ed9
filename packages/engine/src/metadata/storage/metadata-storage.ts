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
import { decodeMetadata, emptyMetadata, storedBytes } from '../document.ts';
import type { Metadata } from '../types.ts';
import { prepareCatalog } from './prepare-catalog.ts';
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
    const [row] = await this.#database.queryRows({
      text: 'select metadata::text as metadata, resource_version from hdb_catalog.hdb_metadata where id = 1',
      parameters: [],
    });
    if (row === undefined) throw new InvariantError('hdb_catalog.hdb_metadata has no row');
    const json = parseJson(row['metadata'] ?? '', { sharesEqual: true });
    const metadata = decodeMetadata(json, Path.root, { unknownKeys: 'keep' });
    const resourceVersion = Number(row['resource_version']);
    this.#knownVersion = resourceVersion;
    return { metadata, resourceVersion };
  }

  async write(metadata: Metadata, options: WriteOptions): Promise<number> {
    const { expectedVersion, rereadSources = [], rereadRemoteSchemas = [] } = options;
    const next = expectedVersion + 1;
    const notification = stringifyJson({
      metadata: true,
      remote_schemas: rereadRemoteSchemas,
      sources: rereadSources,
      data_connectors: [],
    });
    const bytes = storedBytes(metadata);
    const isLarge = bytes.reduce((length, piece) => length + piece.length, 0) > largeLength;
    const writeIn = async (connection: Connection): Promise<void> => {
      const [row] = await connection.queryRows({
        text: `update hdb_catalog.hdb_metadata set metadata = $1::json, resource_version = $2::integer
          where id = 1 and resource_version = $3::integer returning resource_version`,
        parameters: [bytes, String(next), String(expectedVersion)],
      });
      if (row === undefined) throw versionConflict(expectedVersion);
      await connection.queryRows({
        text: `insert into hdb_catalog.hdb_schema_notifications (id, notification, resource_version, instance_id)
          values (1, $1::json, $2::integer, $3::uuid)
          on conflict (id) do update set notification = excluded.notification,
            resource_version = excluded.resource_version, instance_id = excluded.instance_id, updated_at = now()`,
        parameters: [notification, String(next), this.#instanceId],
      });
      await options.also?.(connection);
      await connection.queryRows({
        text: 'select pg_notify($1, $2)',
        parameters: [notificationChannel, String(next)],
      });
    };
    try {
      if (options.within === undefined) {
        await this.#database.transaction({ isolation: 'repeatable-read' }, async (connection) => {
          await connection.queryRows({ text: lockTimeout, parameters: [] });
          if (isLarge) await connection.queryRows({ text: largeSettings, parameters: [] });
          await writeIn(connection);
        });
        this.#knownVersion = next;
      } else {
        await writeIn(options.within);
      }
    } catch (error) {
      // Another write was committed between our snapshot and our update.
      if (error instanceof DatabaseError && error.sqlState === serializationFailure)
        throw versionConflict(expectedVersion);
      throw error;
    }
    return next;
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

/** Somebody may hold the row without end, e.g. the very statement after which it is to be written, sent by another name of this database. */
const lockTimeout = `select set_config('lock_timeout', '10s', true)`;

/** Bytes of a document whose compression takes time. */
const largeLength = 4 * 1024 * 1024;

/**
 * For this transaction only, and each only where the server knows it.
 *
 * A plan of its own for each value copies the value into the plan, which takes a fifth of the whole time of the statement (version 12, `plan_cache_mode`).
 *
 * The usual method takes longer to compress a document of many megabytes than all else together; version 14, as most are built, has another.
 * The column stays as it was made. Source: PostgreSQL manual, `default_toast_compression`.
 */
const largeSettings = `select set_config(name, value, true)
  from pg_catalog.pg_settings join (values ('default_toast_compression', 'lz4'), ('plan_cache_mode', 'force_generic_plan')) as wanted (name, value)
  using (name) where value = any (enumvals)`;

const serializationFailure = '40001';
/** A class of error codes. */
const dataException = '22';

/** The refusal of a change that was meant for another version than the stored one. Source: spec/metadata-api.md 1.4. */
export function versionConflict(expectedVersion: number): RequestError {
  return new RequestError(
    'conflict',
    Path.root,
    `metadata resource version referenced (${expectedVersion}) did not match current version`,
    { status: 409 },
  );
}
