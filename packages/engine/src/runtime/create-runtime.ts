import { randomUUID } from 'node:crypto';
import { type RequestOrigin, runWithin } from '../api-limits/index.ts';
import type { Session } from '../authentication/index.ts';
import { runDataOperation } from '../data-operations/index.ts';
import {
  type Bytes,
  type Connection,
  type Database,
  type DatabaseOptions,
  openDatabase,
  type Reader,
} from '../database/index.ts';
import {
  createExecutor,
  type ExecutionInput,
  type Executor,
  type InputValidator,
  type Planner,
  translateDatabaseError,
} from '../execute/index.ts';
import { parseDocument, selectOperation } from '../graphql/index.ts';
import {
  type Command,
  emptyMetadata,
  type Metadata,
  type MetadataStorage,
  openMetadataStorage,
  parseRequest,
} from '../metadata/index.ts';
import { checkPermissions, explainPermission } from '../permission-queries/index.ts';
import { type RuleUse, rulesUsed } from '../plan/index.ts';
import { createRemoteFieldJoiner, createRemoteSchemaExecutor } from '../remote-queries/index.ts';
import { openapiDocument } from '../saved-queries/index.ts';
import { type RoleSchema, RoleSchemaCache } from '../schema/index.ts';
import { type Json, Path, RequestError, stringifyJson } from '../support/index.ts';
import { createWebhookClient, type WebhookClient } from '../webhooks/index.ts';
import { ActionService } from './action-service.ts';
import { assembleModel } from './assemble-model.ts';
import { answerCached, cacheScope } from './cached-answers.ts';
import { clearingMessage, readClearing } from './clearing-message.ts';
import { type CommandServices, runCommand } from './command-runner.ts';
import { isConsistent } from './consistency.ts';
import { Draft, type EngineState, type Registries } from './draft.ts';
import { IntrospectionStore } from './introspection-store.ts';
import { readExplainRequest } from './explain-request.ts';
import { metadataInForce } from './metadata-in-force.ts';
import { createPlanner, schemaFeatures } from './planner.ts';
import { connectionsOfOne, resolveConnection } from './resolve-connection.ts';
import { type KnownServices, RemoteServiceRegistry, withAnswers } from './remote-services.ts';
import { QueryTags } from './query-tags.ts';
import { ServiceRecovery } from './service-recovery.ts';
import { SerialQueue } from './serial-queue.ts';
import { openSharedStores, type SharedStores } from './shared-stores.ts';
import { checkSources, listDatabases } from './source-health.ts';
import { SourceRecovery, unreadDatabases } from './source-recovery.ts';
import { type ConnectedSources, SourceRegistry } from './source-registry.ts';
import { StoredRules } from './stored-rules.ts';
import type {
  Clearing,
  GraphqlRequest,
  LiveOperation,
  MetadataEndpoint,
  RequestOptions,
  RestRequest,
  Runtime,
  RuntimeOptions,
} from './types.ts';
import { validateInput } from './validate-input.ts';

/**
 * Connects to the metadata database, reads what is stored there (or stores a first document), and builds the model.
 * Rejects when the metadata database cannot be used; a source that cannot be reached is an inconsistency, not a failure.
 */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const url = options.metadataDatabaseUrl ?? options.databaseUrl;
  if (url === null) {
    throw new RequestError(
      'invalid-configuration',
      Path.root,
      'no database for the metadata: set HASURA_GRAPHQL_METADATA_DATABASE_URL or HASURA_GRAPHQL_DATABASE_URL',
    );
  }
  const database = openDatabase({
    url,
    maxConnections: connectionsOfOne(options.maxConnections, options),
    idleTimeoutMs: options.idleTimeoutMs,
    connectionLifetimeMs: options.connectionLifetimeMs,
    retries: options.retries,
    applicationName: 'postern metadata',
  });
  try {
    const storage = await openMetadataStorage(database, { initial: initialMetadata(options) });
    const { id } = await storage.readCatalogState();
    const stores = await openSharedStores(options, String(id));
    try {
      const introspections = await IntrospectionStore.open(database);
      const runtime = new EngineRuntime(options, { database, storage, stores, introspections });
      await runtime.start();
      return runtime;
    } catch (error) {
      stores.close();
      throw error;
    }
  } catch (error) {
    await database.close({ deadlineMs: 0 });
    throw error;
  }
}

/** What a first start stores: the source `default` on the database that the engine was given. Source: spec/metadata-api.md 7.1. */
function initialMetadata(options: RuntimeOptions): Metadata {
  if (options.databaseUrl === null) return emptyMetadata;
  return {
    ...emptyMetadata,
    sources: [
      {
        name: 'default',
        kind: 'postgres',
        tables: [],
        configuration: {
          connection_info: {
            database_url: { from_env: 'HASURA_GRAPHQL_DATABASE_URL' },
            isolation_level: options.isolation,
            pool_settings: {
              connection_lifetime: options.connectionLifetimeMs / 1000,
              idle_timeout: options.idleTimeoutMs / 1000,
              max_connections: options.maxConnections,
              retries: options.retries,
              ...(options.poolTimeoutMs === null ? {} : { pool_timeout: options.poolTimeoutMs / 1000 }),
            },
            use_prepared_statements: options.usePreparedStatements,
          },
        },
      },
    ],
  };
}

/** The state in force, with what is derived from it for requests. */
interface CurrentState extends EngineState {
  readonly databases: ReadonlyMap<string, Database>;
  /** Part of the keys of cached answers. */
  readonly cacheScope: string;
  readonly readers: ReadonlyMap<string, Reader>;
}

class EngineRuntime implements Runtime {
  readonly #options: RuntimeOptions;
  readonly #database: Database;
  readonly #storage: MetadataStorage;
  readonly #registry: SourceRegistry;
  readonly #remoteServices: RemoteServiceRegistry;
  readonly #introspections: IntrospectionStore;
  readonly #serviceRecovery: ServiceRecovery;
  readonly #registries: Registries;
  readonly #webhooks: WebhookClient;
  readonly #schemas: RoleSchemaCache;
  readonly #planner: Planner<RoleSchema>;
  readonly #executor: Executor<RoleSchema>;
  readonly #rules: StoredRules;
  readonly #tags: QueryTags;
  readonly #stores: SharedStores;
  /** Tells its own messages to other engines from theirs. */
  readonly #id = randomUUID();
  readonly #changes = new SerialQueue();
  readonly #listeners = new Set<() => void>();
  readonly #recovery: SourceRecovery;
  readonly #actions: ActionService;
  #stopWatching: (() => Promise<void>) | null = null;
  /** Set by `start`, before anybody has the runtime. */
  #state!: CurrentState;
  #isClosing = false;
  /** Of the document in force, or of the first one while it is being loaded. */
  #network: Metadata['network'];

  constructor(
    options: RuntimeOptions,
    {
      database,
      storage,
      stores,
      introspections,
    }: {
      readonly database: Database;
      readonly storage: MetadataStorage;
      readonly stores: SharedStores;
      readonly introspections: IntrospectionStore;
    },
  ) {
    this.#options = options;
    this.#database = database;
    this.#storage = storage;
    this.#registry = new SourceRegistry(options);
    this.#webhooks = createWebhookClient({
      allowsAddress: options.allowsAddress,
      tlsAllowlist: () => this.#network?.tls_allowlist ?? [],
    });
    this.#introspections = introspections;
    this.#serviceRecovery = new ServiceRecovery({
      isNeeded: () => failedServices(this.#state.services).size > 0,
      ask: () => {
        const failed = failedServices(this.#state.services);
        return this.#askAgain((name) => failed.has(name));
      },
      onError: (error) => this.#reportRemoteSchemas('remote schemas could not be asked again', error),
    });
    this.#remoteServices = new RemoteServiceRegistry({
      client: this.#webhooks,
      runtime: options,
      stored: introspections.stored,
    });
    this.#registries = { sources: this.#registry, services: this.#remoteServices };
    this.#schemas = new RoleSchemaCache(schemaFeatures(options));
    this.#rules = new StoredRules(options, stores.rates);
    this.#stores = stores;
    this.#tags = new QueryTags(options.identify);
    this.#planner = createPlanner(options);
    this.#actions = new ActionService({
      runtime: options,
      client: this.#webhooks,
      database,
      model: () => this.#state.model,
    });
    const remoteQueries = {
      client: this.#webhooks,
      environment: options.environment,
      version: options.version,
      skipsNulls: options.remoteSchemaSkipNulls,
      prioritizesData: options.remoteSchemaPrioritizeData,
    };
    this.#executor = createExecutor({
      planner: this.#planner,
      delegated: {
        action: this.#actions.executor,
        'remote-schema': createRemoteSchemaExecutor(remoteQueries),
      },
      remoteFieldJoiner: createRemoteFieldJoiner(remoteQueries),
      validateInput: this.#validateInput,
    });
    this.#recovery = new SourceRecovery({
      sources: () => this.#state.sources,
      onAnswer: () => this.#changes.run(() => this.#readFailedSources()),
      onError: (error) =>
        options.log({
          level: 'error',
          type: 'schema-sync',
          detail: { message: 'a source could not be read again', error: String(error) },
        }),
    });
  }

  readonly #validateInput: InputValidator = (calls, request) =>
    validateInput(calls, request, { ...this.#options, client: this.#webhooks });

  async start(): Promise<void> {
    const { metadata, resourceVersion } = await this.#storage.read();
    await this.#load(metadata, resourceVersion);
    this.#actions.start();
    this.#warnOfOpenRemoteSchemas();
    this.#options.peers?.answer('metadata-changed', () => this.#follow());
    this.#stopWatching = await this.#storage.watch({
      intervalMs: this.#options.schemaSyncIntervalMs,
      onVersion: () => this.#catchUp(),
      onMessage: (text) => {
        const clearing = this.#stores.answers.isShared ? null : readClearing(this.#id, text);
        // answers in memory are cleared at once, and without failing
        if (clearing !== null) void this.#stores.answers.clear(clearing);
      },
      onError: (error) => this.#cannotFollow(error),
    });
  }

  admit(session: Session, origin: RequestOrigin): void | Promise<void> {
    return this.#rules.admit(session, origin);
  }

  readRestRequest(request: RestRequest): GraphqlRequest {
    return this.#rules.readRestRequest(request);
  }

  describeRestEndpoints(): string {
    const { metadata, model } = this.#state;
    return stringifyJson(
      openapiDocument(metadataInForce(metadata, this.#options), this.#schemas.get(model, 'admin', true)),
    );
  }

  connectionOf(source: string): DatabaseOptions {
    const found = this.#state.metadata.sources.find(({ name }) => name === source);
    if (found === undefined) throw new RequestError('not-found', Path.root, `source "${source}" not found`);
    return resolveConnection(found.configuration.connection_info, this.#options);
  }

  executeGraphql(request: GraphqlRequest, session: Session, options: RequestOptions = {}): Promise<Bytes> {
    try {
      this.#rules.judge(request, session);
    } catch (error) {
      return Promise.reject(error);
    }
    const seconds = this.#rules.timeLimit(session);
    if (seconds === null) return this.#execute(request, session, options);
    return runWithin(seconds, session.role, options.signal, (signal) =>
      this.#execute(request, session, { ...options, signal }),
    );
  }

  #execute(request: GraphqlRequest, session: Session, options: RequestOptions): Promise<Bytes> {
    const input = this.#input(request, session, options);
    const { answers } = this.#stores;
    const wish = answers.wishOf(request.query, request.operationName);
    if (wish === null) return this.#executor.execute(input);
    return answerCached(wish, input, {
      answers,
      executor: this.#executor,
      scope: this.#state.cacheScope,
      onCacheHeader: options.onCacheHeader,
    });
  }

  async clearCache(clearing: Clearing): Promise<void> {
    try {
      await this.#stores.answers.clear(clearing);
      // each process has its own answers then
      if (!this.#stores.answers.isShared) await this.#storage.tell(clearingMessage(this.#id, clearing));
    } catch (error) {
      throw new RequestError('unexpected', Path.root, 'the cache cannot be reached', {
        status: 500,
        cause: error,
      });
    }
  }

  cacheStats(): { readonly hits: number; readonly misses: number } {
    return this.#stores.answers.stats();
  }

  operationKind({ query, operationName }: GraphqlRequest): 'query' | 'mutation' | 'subscription' {
    return selectOperation(parseDocument(query), operationName).kind;
  }

  async planSubscription(request: GraphqlRequest, session: Session): Promise<LiveOperation> {
    this.#rules.judge(request, session);
    return this.#executor.prepare(this.#input(request, session));
  }

  async explain(body: Json): Promise<string> {
    const { request, session } = readExplainRequest(body);
    return this.#executor.explain(this.#input(request, session));
  }

  async explainPermission(body: Json): Promise<string> {
    return stringifyJson(await explainPermission(body, this.#state));
  }

  async checkPermissions(body: Json, session: Session): Promise<string> {
    return stringifyJson(await checkPermissions(body, session, this.#state));
  }

  rulesUsed(request: GraphqlRequest, session: Session): readonly RuleUse[] {
    const { role, usesBackendOnly } = session;
    const schema = this.#schemas.get(this.#state.model, role, usesBackendOnly, request.api);
    return rulesUsed(this.#planner.plan(request, schema).plan);
  }

  async runMetadataCommand(
    endpoint: MetadataEndpoint,
    body: Json,
    session: Session,
    { clientHeaders = [] }: Pick<RequestOptions, 'clientHeaders'> = {},
  ): Promise<string> {
    const { command, expectedVersion } = parseRequest(body, endpoint);
    if (!session.isAdmin && (endpoint !== 'v1-query' || command.isAdminOnly)) {
      throw new RequestError('access-denied', Path.root.child('args'), 'restricted access : admin only');
    }
    const services = this.#services(session, clientHeaders);
    try {
      const result = command.isReadOnly
        ? await this.#runReadOnly(command, services)
        : await this.#runChange(command, services, expectedVersion);
      return stringifyJson(result);
    } catch (error) {
      // what has no words of its own by now came from storing or reading the metadata
      throw translateDatabaseError(error, { text: 'the metadata', parameters: [] }, Path.root.child('args'));
    }
  }

  async health(): Promise<'ok' | 'inconsistent' | 'unavailable'> {
    try {
      await this.#database.queryRows(
        { text: 'select 1', parameters: [] },
        { signal: AbortSignal.timeout(healthTimeoutMs) },
      );
    } catch {
      return 'unavailable';
    }
    return isConsistent(this.#state.model) ? 'ok' : 'inconsistent';
  }

  databases(): ReturnType<Runtime['databases']> {
    return listDatabases(this.#state.metadata, this.#state.sources, this.#options);
  }

  sourceHealth(): ReturnType<Runtime['sourceHealth']> {
    return checkSources(this.#state.metadata, this.#state.sources);
  }

  telemetry(): ReturnType<Runtime['telemetry']> {
    return metadataInForce(this.#state.metadata, this.#options).opentelemetry;
  }

  onModelChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close({ deadlineMs = 10_000 }: { readonly deadlineMs?: number } = {}): Promise<void> {
    this.#isClosing = true;
    this.#serviceRecovery.stop();
    await Promise.all([this.#stopWatching?.(), this.#recovery.stop(), this.#actions.stop(deadlineMs)]);
    this.#webhooks.close();
    await Promise.all([this.#registry.close(deadlineMs), this.#database.close({ deadlineMs })]);
    this.#stores.close();
  }

  #input(
    request: GraphqlRequest,
    session: Session,
    { signal, clientSignal, clientHeaders, onResponseHeader, requestId, span }: RequestOptions = {},
  ): ExecutionInput<RoleSchema> {
    const { model, databases, readers } = this.#state;
    return {
      request,
      session,
      modelId: model.id,
      schema: () => this.#schemas.get(model, session.role, session.usesBackendOnly, request.api),
      databases,
      readers,
      clientHeaders,
      signal,
      clientSignal,
      onResponseHeader,
      span,
      tags: this.#tags.for(request, requestId),
    };
  }

  async #runReadOnly(command: Command, services: CommandServices): Promise<Json> {
    const draft = new Draft(this.#state, this.#registries, this.#options);
    return runCommand(command, draft, services);
  }

  /** The answer is given when all processes of this instance serve the change, so that whichever of them is asked next knows of it. */
  async #runChange(
    command: Command,
    services: CommandServices,
    expectedVersion: number | null,
  ): Promise<Json> {
    const { peers } = this.#options;
    const before = this.#state.resourceVersion;
    const result = await this.#changes.run(async () => {
      if (peers !== undefined) await this.#readStored();
      return this.#change(command, services, expectedVersion);
    });
    if (this.#state.resourceVersion !== before) await peers?.ask('metadata-changed');
    return result;
  }

  /** One change: run against a draft, stored with the expected version, then put in force. Nothing remains of one that fails. */
  async #change(command: Command, services: CommandServices, expectedVersion: number | null): Promise<Json> {
    const base = this.#state;
    const draft = new Draft(base, this.#registries, this.#options);
    const store = (within?: Connection): Promise<number> =>
      this.#storage.write(draft.metadata, {
        expectedVersion: expectedVersion ?? base.resourceVersion,
        rereadSources: [...draft.rereadSources],
        rereadRemoteSchemas: [...draft.rereadRemoteSchemas],
        ...(within === undefined ? {} : { within }),
      });
    const isUnchanged = () => draft.metadata === base.metadata && draft.model === base.model;
    const early: { version: number | null; isApart: boolean } = { version: null, isApart: false };
    const beforeCommit = async (source: string, connection: Connection): Promise<void> => {
      if (isUnchanged()) return;
      early.isApart = !this.#holdsMetadata(source, draft);
      early.version = await store(early.isApart ? undefined : connection);
    };
    try {
      const result = await runCommand(command, draft, { ...services, beforeCommit });
      if (isUnchanged()) return result;
      const resourceVersion = early.version ?? (await store());
      this.#storage.confirm(resourceVersion);
      this.#putInForce({
        metadata: draft.metadata,
        resourceVersion,
        model: draft.model,
        sources: draft.sources,
        services: draft.services,
      });
      await this.#actions.clear(draft.droppedActions);
      return result;
    } catch (error) {
      draft.discard();
      if (early.version !== null && early.isApart) await this.#takeBack(early.version, base);
      throw error;
    }
  }

  /** Whether the source's database is the one that the metadata is stored in. */
  #holdsMetadata(source: string, { metadata }: Draft): boolean {
    const configuration = metadata.sources.find(({ name }) => name === source)?.configuration;
    const url = this.#options.metadataDatabaseUrl ?? this.#options.databaseUrl;
    return (
      configuration !== undefined &&
      resolveConnection(configuration.connection_info, this.#options).url === url
    );
  }

  /** The source could not commit after the metadata had been stored in another database: that is stored as it was. */
  async #takeBack(version: number, base: EngineState): Promise<void> {
    const resourceVersion = await this.#storage.write(base.metadata, { expectedVersion: version });
    this.#putInForce({ ...base, resourceVersion });
  }

  #services(session: Session, clientHeaders: readonly string[]): CommandServices {
    return {
      session,
      catalogState: {
        read: () => this.#storage.readCatalogState(),
        write: (type, state) => this.#storage.writeCatalogState(type, state),
      },
      runDataOperation: (request, { model, sources }, path) =>
        runDataOperation(request, {
          session,
          model,
          databases: databasesOf(sources),
          options: {
            stringifyNumericTypes: this.#options.stringifyNumericTypes,
            nullChecks: this.#options.nullChecks,
          },
          validateInput: this.#validateInput,
          clientHeaders,
          path,
        }),
      other: null,
      beforeCommit: null,
    };
  }

  /** Another replica has changed the metadata: read it and rebuild. */
  #catchUp(): Promise<void> {
    return this.#changes.run(() => this.#readStored()).then((mustAsk) => this.#askAgain(mustAsk));
  }

  /** As `#catchUp`, for another process that waits: not for the remote schemas, which are asked afterwards. */
  async #follow(): Promise<void> {
    const mustAsk = await this.#changes.run(() => this.#readStored());
    void this.#askAgain(mustAsk).catch((error: unknown) => this.#cannotFollow(error));
  }

  #cannotFollow(error: unknown): void {
    this.#options.log({
      level: 'warn',
      type: 'schema-sync',
      detail: { message: 'changes of other replicas cannot be followed', error: String(error) },
    });
  }

  /**
   * Puts the stored metadata in force unless it is; to be run when it is its turn among the changes. Gives the remote schemas that other replicas have
   * asked again meanwhile.
   */
  async #readStored(): Promise<(remoteSchema: string) => boolean> {
    if (this.#isClosing) return () => false;
    // what was noticed may have been our own change, which was not in force then
    const { resourceVersion: known } = this.#state;
    if ((await this.#storage.readVersion()) === known) return () => false;
    const { metadata, resourceVersion } = await this.#storage.read();
    if (resourceVersion === known) return () => false;
    const askedAgain =
      this.#state.services.size === 0 ? [] : await this.#storage.readRereadRemoteSchemas(known);
    await this.#load(metadata, resourceVersion, this.#state.services);
    this.#options.log({
      level: 'info',
      type: 'schema-sync',
      detail: { message: 'metadata of another replica is in force', resource_version: resourceVersion },
    });
    return (name) => askedAgain === null || askedAgain.includes(name);
  }

  /** Asks remote schemas again while requests and changes go on, and takes over what has changed. Nothing is stored: the metadata is the same. */
  async #askAgain(mustAsk: (name: string) => boolean): Promise<void> {
    const { metadata, services: before } = this.#state;
    if (this.#isClosing || before.size === 0) return;
    const asked = await this.#remoteServices.prepare(metadata, mustAsk, before);
    await this.#changes.run(async () => {
      const { services: current, ...state } = this.#state;
      const services = withAnswers(current, { before, asked });
      if (this.#isClosing || !isChanged(current, services)) return;
      const model = await assembleModel(state.metadata, { sources: state.sources, services }, this.#options, {
        previous: state.model,
      });
      this.#putInForce({ ...state, model, services });
    });
  }

  /** Sources that could not be read answer again. Nothing is stored: the metadata is the same. */
  async #readFailedSources(): Promise<void> {
    const { metadata, resourceVersion, model, sources, services } = this.#state;
    const failed = unreadDatabases(sources).length;
    if (this.#isClosing || failed === 0) return;
    const prepared = await this.#registry.prepare(metadata, () => false);
    if (unreadDatabases(prepared).length === failed) return;
    const next = await assembleModel(metadata, { sources: prepared, services }, this.#options, {
      previous: model,
    });
    this.#putInForce({ metadata, resourceVersion, model: next, sources: prepared, services });
    const recovered = [...prepared.values()].filter(
      ({ name, catalog }) => catalog !== null && sources.get(name)?.catalog === null,
    );
    this.#options.log({
      level: 'info',
      type: 'schema-sync',
      detail: { message: 'sources can be read again', sources: recovered.map(({ name }) => name) },
    });
  }

  /** All sources are read; remote schemas are asked as far as they are not known. */
  async #load(metadata: Metadata, resourceVersion: number, known: KnownServices = new Map()): Promise<void> {
    this.#network = metadataInForce(metadata, this.#options).network;
    const [sources, services] = await Promise.all([
      this.#registry.prepare(metadata, () => true),
      this.#remoteServices.prepare(metadata, () => false, known),
    ]);
    try {
      const model = await assembleModel(metadata, { sources, services }, this.#options);
      this.#putInForce({ metadata, resourceVersion, model, sources, services });
    } catch (error) {
      this.#registry.discard(sources);
      throw error;
    }
  }

  #warnOfOpenRemoteSchemas(): void {
    const { remoteSchemas, roles } = this.#state.model;
    if (this.#options.remoteSchemaPermissions || remoteSchemas.size === 0 || roles.size === 0) return;
    this.#options.log({
      level: 'warn',
      type: 'startup',
      detail: {
        message:
          'every role sees all of the remote schemas; HASURA_GRAPHQL_ENABLE_REMOTE_SCHEMA_PERMISSIONS=true shows only what is permitted',
        remote_schemas: [...remoteSchemas.keys()],
      },
    });
  }

  #reportRemoteSchemas(message: string, error: unknown): void {
    if (this.#isClosing) return;
    this.#options.log({ level: 'warn', type: 'schema-sync', detail: { message, error: String(error) } });
  }

  #putInForce(state: EngineState): void {
    this.#state = {
      ...state,
      cacheScope: cacheScope(state, this.#stores.answers),
      databases: databasesOf(state.sources),
      readers: readersOf(state.sources),
    };
    const metadata = metadataInForce(state.metadata, this.#options);
    this.#network = metadata.network;
    this.#rules.putInForce(metadata);
    this.#tags.putInForce(metadata);
    this.#stores.answers.modelChanged();
    this.#registry.commit(state.sources);
    this.#recovery.sourcesChanged();
    this.#serviceRecovery.stateChanged();
    void this.#introspections
      .keep(state.services)
      .catch((error) => this.#reportRemoteSchemas('types of remote schemas could not be kept', error));
    for (const listener of this.#listeners) listener();
  }
}

const healthTimeoutMs = 5_000;

/** Those that another question may mend. */
function failedServices(services: KnownServices): ReadonlySet<string> {
  const failed = [...services.values()].filter(({ error, endpoint }) => error !== null && endpoint !== null);
  return new Set(failed.map(({ name }) => name));
}

function isChanged(before: KnownServices, after: KnownServices): boolean {
  return [...after].some(([name, service]) => {
    const known = before.get(name);
    return known?.text !== service.text || known?.error?.message !== service.error?.message;
  });
}

function databasesOf(sources: ConnectedSources): ReadonlyMap<string, Database> {
  const databases = new Map<string, Database>();
  for (const [name, { database }] of sources) if (database !== null) databases.set(name, database);
  return databases;
}

function readersOf(sources: ConnectedSources): ReadonlyMap<string, Reader> {
  const readers = new Map<string, Reader>();
  for (const [name, { reader }] of sources) if (reader !== null) readers.set(name, reader);
  return readers;
}
