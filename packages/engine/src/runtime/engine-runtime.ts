import { randomUUID } from 'node:crypto';
import { type RequestOrigin, runWithin } from '../api-limits/index.ts';
import type { Session } from '../authentication/index.ts';
import { runDataOperation } from '../data-operations/index.ts';
import type { Bytes, Database, DatabaseOptions } from '../database/index.ts';
import {
  createExecutor,
  type ExecutionInput,
  type Executor,
  type InputValidator,
  type Planner,
  translateDatabaseError,
} from '../execute/index.ts';
import { Slots } from '../events/index.ts';
import { parseDocument, selectOperation } from '../graphql/index.ts';
import { type Metadata, type MetadataStorage, parseRequest } from '../metadata/index.ts';
import type { Model } from '../model/index.ts';
import { checkPermissions, explainPermission } from '../permission-queries/index.ts';
import { type RuleUse, rulesUsed } from '../plan/index.ts';
import { createRemoteFieldJoiner, createRemoteSchemaExecutor } from '../remote-queries/index.ts';
import { openapiDocument } from '../saved-queries/index.ts';
import { type RoleSchema, RoleSchemaCache } from '../schema/index.ts';
import { type Json, Path, RequestError, stringifyJson } from '../support/index.ts';
import { readTraceParent } from '../webhooks/index.ts';
import { ActionService } from './action-service.ts';
import { answerCached, cacheScope } from './cached-answers.ts';
import { type ChangeContext, changeMetadata } from './change-metadata.ts';
import { clearingMessage, readClearing } from './clearing-message.ts';
import { runCommand } from './command-runner.ts';
import type { CommandServices } from './command-services.ts';
import { isConsistent } from './consistency.ts';
import { readExplainRequest } from './explain-request.ts';
import type { IntrospectionStore } from './introspection-store.ts';
import { metadataInForce } from './metadata-in-force.ts';
import { EventTriggerService } from './event-trigger-service.ts';
import { createPlanner, schemaFeatures } from './planner.ts';
import { QueryTags } from './query-tags.ts';
import { resolveConnection } from './resolve-connection.ts';
import { ScheduledTriggerService } from './scheduled-trigger-service.ts';
import type { SharedStores } from './shared-stores.ts';
import { checkSources, listDatabases } from './source-health.ts';
import { databasesOf, type StateInForce, StateKeeper } from './state-keeper.ts';
import { StoredRules } from './stored-rules.ts';
import { mayTypesOfTablesMeet } from './type-conflicts.ts';
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

/** What `createRuntime` has opened; the runtime closes the database and the stores. */
export interface EngineRuntimeOptions {
  readonly options: RuntimeOptions;
  /** Where the metadata is stored. */
  readonly database: Database;
  readonly storage: MetadataStorage;
  readonly stores: SharedStores;
  readonly introspections: IntrospectionStore;
}

/** Answers requests over the state that its keeper has in force. */
export class EngineRuntime implements Runtime {
  readonly #options: RuntimeOptions;
  readonly #database: Database;
  readonly #storage: MetadataStorage;
  readonly #stores: SharedStores;
  readonly #keeper: StateKeeper;
  readonly #changes: ChangeContext;
  readonly #schemas: RoleSchemaCache;
  readonly #planner: Planner<RoleSchema>;
  readonly #executor: Executor<RoleSchema>;
  readonly #actions: ActionService;
  readonly #events: EventTriggerService;
  readonly #slots: Slots;
  readonly #scheduled: ScheduledTriggerService;
  readonly #rules: StoredRules;
  readonly #tags: QueryTags;
  /** Tells its own messages to other engines from theirs. */
  readonly #id = randomUUID();
  readonly #listeners = new Set<() => void>();
  /** Part of the keys of cached answers; of the state in force. */
  #cacheScope = '';

  constructor({ options, database, storage, stores, introspections }: EngineRuntimeOptions) {
    this.#options = options;
    this.#database = database;
    this.#storage = storage;
    this.#stores = stores;
    this.#keeper = new StateKeeper({
      runtime: options,
      storage,
      introspections,
      onState: (state, metadata) => this.#stateChanged(state, metadata),
      onMessage: (text) => this.#hear(text),
      onGap: () => this.#missed(),
    });
    const client = this.#keeper.webhooks;
    this.#schemas = new RoleSchemaCache(schemaFeatures(options), { mayTypesOfTablesMeet });
    this.#rules = new StoredRules(options, stores.rates);
    this.#tags = new QueryTags(options.identify);
    this.#planner = createPlanner(options);
    this.#actions = new ActionService({
      runtime: options,
      client,
      database,
      model: () => this.#keeper.state.model,
    });
    const slots = new Slots(options.maximumDeliveries);
    this.#slots = slots;
    this.#events = new EventTriggerService({ runtime: options, client, database, slots });
    this.#scheduled = new ScheduledTriggerService({ runtime: options, client, database, slots });
    this.#changes = {
      keeper: this.#keeper,
      storage,
      options,
      events: this.#events,
      forgetCalls: (actions) => this.#actions.clear(actions),
    };
    const remoteQueries = {
      client,
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
      readTrace: (headers) => readTraceParent(headers, true),
    });
  }

  readonly #validateInput: InputValidator = (calls, request) =>
    validateInput(calls, request, { ...this.#options, client: this.#keeper.webhooks });

  /** Rejects when what is stored cannot be read. */
  async start(): Promise<void> {
    await this.#keeper.load();
    await this.#installEventTriggers();
    this.#actions.start();
    this.#events.start();
    await this.#scheduled.start();
    warnOfOpenRemoteSchemas(this.#keeper.state.model, this.#options);
    await this.#keeper.follow();
  }

  /** What the triggers need may have been lost while no engine ran; that is no reason not to start. */
  async #installEventTriggers(): Promise<void> {
    if (this.#options.isMaintenanceMode) return;
    try {
      await this.#events.install(this.#keeper.state);
    } catch (error) {
      this.#options.log({
        level: 'error',
        type: 'event-trigger-process',
        detail: { message: 'event triggers could not be set up', error: String(error) },
      });
    }
  }

  admit(session: Session, origin: RequestOrigin): void | Promise<void> {
    return this.#rules.admit(session, origin);
  }

  readRestRequest(request: RestRequest): GraphqlRequest {
    return this.#rules.readRestRequest(request);
  }

  describeRestEndpoints(): string {
    const { metadata, model } = this.#keeper.state;
    return stringifyJson(
      openapiDocument(metadataInForce(metadata, this.#options), this.#schemas.get(model, 'admin', true)),
    );
  }

  connectionOf(source: string): DatabaseOptions {
    const found = this.#keeper.state.metadata.sources.find(({ name }) => name === source);
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
      scope: this.#cacheScope,
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

  planSubscription(request: GraphqlRequest, session: Session): LiveOperation {
    this.#rules.judge(request, session);
    return this.#executor.prepare(this.#input(request, session));
  }

  async explain(body: Json): Promise<string> {
    const { request, session } = readExplainRequest(body);
    return this.#executor.explain(this.#input(request, session));
  }

  async explainPermission(body: Json): Promise<string> {
    return stringifyJson(await explainPermission(body, this.#keeper.state));
  }

  async checkPermissions(body: Json, session: Session): Promise<string> {
    return stringifyJson(await checkPermissions(body, session, this.#keeper.state));
  }

  rulesUsed(request: GraphqlRequest, session: Session): readonly RuleUse[] {
    const { role, usesBackendOnly } = session;
    const schema = this.#schemas.get(this.#keeper.state.model, role, usesBackendOnly, request.api);
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
        ? await runCommand(command, this.#keeper.draft(), services)
        : await changeMetadata(command, services, expectedVersion, this.#changes);
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
    return isConsistent(this.#keeper.state.model) ? 'ok' : 'inconsistent';
  }

  deliveries(): number {
    return this.#slots.taken;
  }

  databases(): ReturnType<Runtime['databases']> {
    return listDatabases(this.#keeper.state.metadata, this.#keeper.state.sources, this.#options);
  }

  sourceHealth(): ReturnType<Runtime['sourceHealth']> {
    return checkSources(this.#keeper.state.metadata, this.#keeper.state.sources);
  }

  telemetry(): ReturnType<Runtime['telemetry']> {
    return metadataInForce(this.#keeper.state.metadata, this.#options).opentelemetry;
  }

  onModelChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close({ deadlineMs = 10_000 }: { readonly deadlineMs?: number } = {}): Promise<void> {
    await Promise.all([
      this.#keeper.stop(),
      this.#actions.stop(deadlineMs),
      this.#events.stop(deadlineMs),
      this.#scheduled.stop(deadlineMs),
    ]);
    await Promise.all([this.#keeper.close(deadlineMs), this.#database.close({ deadlineMs })]);
    this.#stores.close();
  }

  #input(
    request: GraphqlRequest,
    session: Session,
    options: RequestOptions = {},
  ): ExecutionInput<RoleSchema> {
    const { signal, clientSignal, clientHeaders, onPart, onPiece, onResponseHeader, requestId, span } =
      options;
    const { model, databases, readers } = this.#keeper.state;
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
      onPart,
      onPiece,
      onResponseHeader,
      span,
      tags: this.#tags.for(request, requestId),
    };
  }

  #services(session: Session, clientHeaders: readonly string[]): CommandServices {
    return {
      session,
      clientHeaders,
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
      events: this.#events,
      runScheduledEvents: (request, { metadata }, path) => this.#scheduled.run(request, metadata, path),
      other: null,
      beforeCommit: null,
      storing: null,
    };
  }

  #stateChanged(state: StateInForce, metadata: Metadata): void {
    this.#cacheScope = cacheScope(state, this.#stores.answers);
    this.#rules.putInForce(metadata);
    this.#tags.putInForce(metadata);
    if (this.#events.putInForce(state)) void this.#keeper.inTurn(() => this.#installEventTriggers());
    this.#scheduled.putInForce(metadata, state.resourceVersion);
    this.#stores.answers.modelChanged();
    for (const listener of this.#listeners) listener();
  }

  /** Answers in memory are cleared at once, and without failing. */
  #hear(message: string): void {
    const clearing = this.#stores.answers.isShared ? null : readClearing(this.#id, message);
    if (clearing !== null) void this.#stores.answers.clear(clearing);
  }

  /** Nobody knows what should have been cleared. */
  #missed(): void {
    if (!this.#stores.answers.isShared) void this.#stores.answers.clear({ kind: 'all' });
  }
}

const healthTimeoutMs = 5_000;

/** An operator who moves here with remote schemas may not know that the setting exists. */
function warnOfOpenRemoteSchemas({ remoteSchemas, roles }: Model, options: RuntimeOptions): void {
  if (options.remoteSchemaPermissions || remoteSchemas.size === 0 || roles.size === 0) return;
  options.log({
    level: 'warn',
    type: 'startup',
    detail: {
      message:
        'every role sees all of the remote schemas; HASURA_GRAPHQL_ENABLE_REMOTE_SCHEMA_PERMISSIONS=true shows only what is permitted',
      remote_schemas: [...remoteSchemas.keys()],
    },
  });
}
