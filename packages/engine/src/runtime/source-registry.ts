import type { Catalog } from '../catalog/index.ts';
import { keepSame, readCatalog } from '../catalog/index.ts';
import {
  type Database,
  DatabaseConnectionError,
  DatabaseError,
  type DatabaseOptions,
  openDatabase,
  type Reader,
  Replicas,
} from '../database/index.ts';
import type { ConnectionInfo, Metadata, SourceMetadata } from '../metadata/index.ts';
import { Path, RequestError } from '../support/index.ts';
import { connectionLabel } from './connection-label.ts';
import { metadataInForce } from './metadata-in-force.ts';
import { resolveConnection } from './resolve-connection.ts';
import type { DatabaseLabels, RuntimeOptions } from './types.ts';

/** A source as it stands: connected and read, or the reason why not. */
export interface ConnectedSource {
  readonly name: string;
  /** Null when its settings cannot be resolved. */
  readonly database: Database | null;
  /** Answers what only reads: the replicas where there are any, else the database. Null when the database is. */
  readonly reader: Reader | null;
  readonly replicas: readonly Database[];
  readonly catalog: Catalog | null;
  readonly error: RequestError | null;
  /** Equal for equal connection settings, which share a database. */
  readonly connectionKey: string;
}

export type ConnectedSources = ReadonlyMap<string, ConnectedSource>;

/** Connections of a source that went away are closed after this long, so that requests in flight can end. */
const retirementMs = 10_000;
/** Another replica, or the primary, is asked instead of waiting for longer. */
const replicaConnectTimeoutMs = 2_000;

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
      metadataInForce(metadata, this.#options).sources.map((source) =>
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
    await Promise.all([
      ...this.#retiring,
      ...[...this.#current.values()].map((source) => closeSource(source, deadlineMs)),
    ]);
  }

  async #prepareSource(
    source: SourceMetadata,
    existing: ConnectedSource | undefined,
    mustRead: boolean,
  ): Promise<ConnectedSource> {
    const { name } = source;
    let settings: DatabaseOptions;
    let replicaSettings: readonly DatabaseOptions[];
    try {
      if (source.kind !== 'postgres' && source.kind !== 'pg') {
        throw new RequestError(
          'not-supported',
          Path.root,
          `sources of kind "${source.kind}" are not supported`,
        );
      }
      if (source.configuration.connection_template != null) {
        // without it rows would come from another database than the template says
        throw new RequestError('not-supported', Path.root, 'connection_template is not supported');
      }
      settings = {
        ...resolveConnection(source.configuration.connection_info, this.#options),
        applicationName: 'postern',
      };
      replicaSettings = readReplicasOf(source, this.#options).map((info) => ({
        ...resolveConnection(info, this.#options),
        connectTimeoutMs: replicaConnectTimeoutMs,
        applicationName: 'postern',
      }));
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      return { name, ...disconnected, catalog: null, error, connectionKey: '' };
    }
    const connectionKey = JSON.stringify([settings, replicaSettings]);
    const isSame = existing?.connectionKey === connectionKey;
    if (isSame && existing.catalog !== null && !mustRead) return existing;
    let connections: Connections = disconnected;
    try {
      connections =
        isSame && existing.database !== null
          ? connectionsOf(existing)
          : this.#open(source, settings, replicaSettings);
      const { database } = connections;
      const read = database === null ? null : await readCatalog(database);
      const known = isSame ? existing.catalog : null;
      const catalog = read === null || known === null ? read : keepSame(known, read);
      return { name, ...connections, catalog, error: null, connectionKey };
    } catch (error) {
      return { name, ...connections, catalog: null, error: connectionFailure(error), connectionKey };
    }
  }

  /** Nothing is connected yet; throws when the settings cannot be used. */
  #open(
    source: SourceMetadata,
    settings: DatabaseOptions,
    replicaSettings: readonly DatabaseOptions[],
  ): Connections {
    const { name, configuration } = source;
    const observed = (own: DatabaseOptions, info: ConnectionInfo, role: DatabaseLabels['role']) => {
      const observer = this.#options.observeDatabase?.({
        source: name,
        connectionInfo: connectionLabel(info, own.url),
        role,
      });
      return observer === undefined ? own : { ...own, observer };
    };
    const database = openDatabase(observed(settings, configuration.connection_info, 'primary'));
    if (replicaSettings.length === 0) return { database, reader: database, replicas: [] };
    const infos = readReplicasOf(source, this.#options);
    const replicas = replicaSettings.map((own, number) =>
      openDatabase(observed(own, infos[number] ?? configuration.connection_info, 'replica')),
    );
    const reader = new Replicas(database, replicas, ({ replica, isLive, error }) =>
      this.#options.log({
        level: isLive ? 'info' : 'warn',
        type: 'pg-client',
        detail: {
          message: isLive ? 'a read replica answers again' : 'a read replica is left out until it answers',
          source: name,
          replica,
          error: error?.message ?? null,
        },
      }),
    );
    return { database, reader, replicas };
  }

  #retire(from: ConnectedSources, kept: ConnectedSources): void {
    const inUse = new Set([...kept.values(), ...this.#current.values()].map((source) => source.database));
    for (const source of from.values()) {
      if (source.database === null || inUse.has(source.database)) continue;
      const closing = closeSource(source, retirementMs).finally(() => this.#retiring.delete(closing));
      this.#retiring.add(closing);
    }
  }
}

/**
 * The replicas that the metadata names; of a source on the database that the operator named and without any, those that the operator named with it.
 * Source: spec/server.md 4.1.
 */
function readReplicasOf(
  { configuration }: SourceMetadata,
  { readReplicaUrls, connectionsPerReadReplica }: RuntimeOptions,
): readonly ConnectionInfo[] {
  const { connection_info: info } = configuration;
  const declared = configuration.read_replicas ?? [];
  const { database_url: url } = info;
  const isOperators =
    typeof url === 'object' && 'from_env' in url && url.from_env === 'HASURA_GRAPHQL_DATABASE_URL';
  if (declared.length > 0 || !isOperators) return declared;
  const { max_connections: _replaced, ...pool } = info.pool_settings ?? {};
  return readReplicaUrls.map((replica) => ({
    ...info,
    database_url: replica,
    pool_settings: { ...pool, max_connections: connectionsPerReadReplica },
  }));
}

type Connections = Pick<ConnectedSource, 'database' | 'reader' | 'replicas'>;

const disconnected: Connections = { database: null, reader: null, replicas: [] };

function connectionsOf({ database, reader, replicas }: ConnectedSource): Connections {
  return { database, reader, replicas };
}

async function closeSource({ database, reader, replicas }: Connections, deadlineMs: number): Promise<void> {
  if (reader instanceof Replicas) reader.close();
  await Promise.all([database, ...replicas].map((one) => one?.close({ deadlineMs })));
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
