/**
 * The running engine without its transports: owns the current Model, the databases, the metadata and their changes.
 * `server/` is its user; so is anybody who mounts the engine in another program.
 */
import type { RequestOrigin } from '../api-limits/index.ts';
import type { Session } from '../authentication/index.ts';
import type { Bytes, DatabaseObserver, DatabaseOptions } from '../database/index.ts';
import type {
  AnsweredPart,
  LoggedStatement,
  OperationReads,
  StreamBatches,
  TogetherRun,
} from '../execute/index.ts';
import type { OperationIdentifier } from '../graphql/index.ts';
import type { EventObserver } from '../event-triggers/index.ts';
import type { Metadata, OpenTelemetryConfiguration } from '../metadata/index.ts';
import type { AddressRule } from '../network/index.ts';
import type { RuleUse } from '../plan/index.ts';
import type { Clearing } from '../response-cache/index.ts';
import type { ScheduledEventObserver } from '../scheduled-triggers/index.ts';
import type { Json, JsonObject, Span } from '../support/index.ts';
import type { RedisOptions } from '../redis/index.ts';

export interface GraphqlRequest {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: JsonObject | null;
  /** Which of the role's schemas is asked: the ordinary one unless it says otherwise. */
  readonly api?: 'graphql' | 'relay';
}

/** A request to `/api/rest/…`. */
export interface RestRequest {
  readonly method: string;
  /** Below `/api/rest/`, as it was sent. */
  readonly path: string;
  /** The query string, with or without `?`. */
  readonly search: string;
  readonly body: JsonObject | null;
}

export type MetadataEndpoint = 'metadata' | 'v1-query' | 'v2-query';

/** A subscription's operation, planned and bound: run it as often as its answer is wanted. */
export interface LiveOperation {
  /** Equal keys answer equally, so that one poller can serve all of them. */
  readonly key: string;
  /** For logs: what is run, of a stream for its beginning. */
  readonly statements: () => readonly LoggedStatement[];
  /** The complete response `{"data":…}`; rejects with a RequestError. */
  readonly run: (signal?: AbortSignal) => Promise<Bytes>;
  /** Whether its last run has given an answer that will never be another one. */
  readonly isOver: () => boolean;
  /** For streaming subscriptions, instead of `run`. */
  readonly stream?: StreamBatches;
  /** How it is run in one statement with others; null: by itself. */
  readonly together: TogetherRun | null;
  /** What the answer depends on besides the values; null where that cannot be told. */
  readonly reads: OperationReads | null;
}

export interface RequestOptions {
  /** Tells the request apart in logs and in the comments of statements. */
  readonly requestId?: string;
  /** The work that the request is part of, when it is traced. */
  readonly span?: Span | null;
  readonly signal?: AbortSignal | undefined;
  /** Aborted when nobody waits for the answer any more: queries end then, mutations are finished. */
  readonly clientSignal?: AbortSignal | undefined;
  /** The client's headers, names and values in turn, for webhooks to which they are forwarded. */
  readonly clientHeaders?: readonly string[];
  /** Takes headers that the client's answer shall have, such as `set-cookie`. */
  readonly onResponseHeader?: (name: string, value: string) => void;
  /** Is told what is asked of whom, for logs. */
  readonly onPart?: ((part: AnsweredPart) => void) | undefined;
  /**
   * Takes the beginning of an answer that is long to make, piece by piece; what it returns is waited for. What the promise of the answer resolves to is then the
   * rest. Only a query that describes a large schema and nothing else is answered so.
   */
  readonly onPiece?: ((piece: Uint8Array) => void | Promise<void>) | undefined;
  /** Takes headers about the answer as a cached one; they are true of this operation alone. */
  readonly onCacheHeader?: (name: string, value: string) => void;
}

export type { AnsweredPart, Clearing, LoggedStatement, RequestOrigin };

export interface Runtime {
  /** Counts a request against its caller's limits, before anything else is done for it. Throws, or rejects with, a RequestError. */
  admit(session: Session, origin: RequestOrigin): void | Promise<void>;
  /** The operation behind a request to a REST endpoint. Throws a RequestError. */
  readRestRequest(request: RestRequest): GraphqlRequest;
  /** JSON text of the OpenAPI document of the REST endpoints. */
  describeRestEndpoints(): string;
  /** How to connect to a source, with its secrets; for programs that the server starts. Throws a RequestError. */
  connectionOf(source: string): DatabaseOptions;
  /** The complete response `{"data":…}` in pieces, or what is left of it after `onPiece`. Rejects with a RequestError. */
  executeGraphql(request: GraphqlRequest, session: Session, options?: RequestOptions): Promise<Bytes>;
  /** Forgets answers of `@cached` queries. Rejects with a RequestError when Redis does not answer. */
  clearCache(clearing: Clearing): Promise<void>;
  /** How often an answer of a `@cached` query was there, and how often not. */
  cacheStats(): { readonly hits: number; readonly misses: number };
  /** What kind of operation the request asks for; rejects as `executeGraphql` would when it cannot be told. */
  operationKind(request: GraphqlRequest): 'query' | 'mutation' | 'subscription';
  /** Plans a subscription for polling, under the model in force now. Throws a RequestError. */
  planSubscription(request: GraphqlRequest, session: Session): LiveOperation;
  /** JSON text of the explain answer (spec/graphql-api.md 15). */
  explain(body: Json): Promise<string>;
  /** JSON text of the answer of `/v1/permissions/explain`, for administrators. Rejects with a RequestError. */
  explainPermission(body: Json): Promise<string>;
  /** JSON text of the answer of `/v1/permissions/check`: what the session's role may do. Rejects with a RequestError. */
  checkPermissions(body: Json, session: Session): Promise<string>;
  /** Through which rules of the session's role the request would read and write; nothing is run. Throws a RequestError. */
  rulesUsed(request: GraphqlRequest, session: Session): readonly RuleUse[];
  /** JSON text of the answer. Rejects with a RequestError. */
  runMetadataCommand(
    endpoint: MetadataEndpoint,
    body: Json,
    session: Session,
    options?: Pick<RequestOptions, 'clientHeaders'>,
  ): Promise<string>;
  /** `unavailable`: the metadata database does not answer. */
  health(): Promise<'ok' | 'inconsistent' | 'unavailable'>;
  /** How many events are being delivered now. */
  deliveries(): number;
  /** The databases of all sources and how many connections each has. */
  databases(): readonly (DatabaseLabels & { readonly connections: number })[];
  /** What the sources' own health checks say now; of a source without one, whether it could be read. */
  sourceHealth(): Promise<readonly SourceHealth[]>;
  /** What the metadata in force says about traces. */
  telemetry(): OpenTelemetryConfiguration | undefined;
  /** Called after a new model is in force; returns a function that ends it. */
  onModelChange(listener: () => void): () => void;
  close(options?: { readonly deadlineMs?: number }): Promise<void>;
}

/** Names of `HASURA_GRAPHQL_EXPERIMENTAL_FEATURES`. */
export type ExperimentalFeature =
  | 'naming_convention'
  | 'inherited_roles'
  | 'optimize_permission_filters'
  | 'streaming_subscriptions'
  | 'hide_update_many_fields'
  | 'hide_aggregation_predicates'
  | 'hide_stream_fields'
  | 'group_by_aggregations'
  | 'disable_postgres_arrays'
  | 'no_null_unbound_variable_default'
  | 'remove_empty_subscription_responses'
  | 'apollo_federation'
  | 'bigquery_string_numeric_input';

/** Where a Redis is. */
export type RedisAddress = Omit<RedisOptions, 'purpose' | 'log'>;

/** How long and how much answers of `@cached` queries are kept. */
export interface ResponseCacheLimits {
  /** 0: they are not. */
  readonly maximumTtlSeconds: number;
  readonly maximumEntryBytes: number;
  /** In memory, of all processes of this engine together; Redis has limits of its own. */
  readonly maximumBytes: number;
  readonly bucketBytes: number;
  readonly bucketBytesPerSecond: number;
}

export interface RuntimeOptions {
  /** Connection of the source `default` when the metadata is made anew; null without one. */
  readonly databaseUrl: string | null;
  /** Where the metadata is kept; `databaseUrl` when null. */
  readonly metadataDatabaseUrl: string | null;
  /** True: the metadata cannot be changed. */
  readonly isMaintenanceMode: boolean;
  /** Read replicas of `databaseUrl`, for the sources on it that name none of their own. */
  readonly readReplicaUrls: readonly string[];
  /** To each of them. */
  readonly connectionsPerReadReplica: number;
  readonly maxConnections: number;
  /** So many processes share the connections that `maxConnections` and the metadata allow; each takes its part, and at least one. */
  readonly processes: number;
  readonly idleTimeoutMs: number;
  readonly connectionLifetimeMs: number;
  readonly poolTimeoutMs: number | null;
  readonly retries: number;
  readonly isolation: 'read-committed' | 'repeatable-read' | 'serializable';
  readonly usePreparedStatements: boolean;
  readonly stringifyNumericTypes: boolean;
  readonly v1BooleanNullCollapse: boolean;
  readonly nullInNonNullableVariables: boolean;
  /** Whether a permission's check that is NULL refuses the row, or lets it pass as Hasura v2 does. */
  readonly nullChecks: 'fail' | 'pass';
  readonly inferFunctionPermissions: boolean;
  /** What is in force where the stored metadata says nothing; null: nothing. */
  readonly metadataDefaults: Metadata | null;
  /** Native queries are not checked against the database. */
  readonly disableNativeQueryValidation: boolean;
  /** Other roles than the administrator may only ask what is in the allow list. */
  readonly enableAllowlist: boolean;
  /** Entries of the allow list for some roles count, too; otherwise only those for all. */
  readonly allowlistRoleScopes: boolean;
  readonly defaultNamingConvention: 'hasura-default' | 'graphql-default';
  readonly experimentalFeatures: ReadonlySet<ExperimentalFeature>;
  /** How often the stored version is compared with ours; 0: never. */
  readonly schemaSyncIntervalMs: number;
  /** Where answers of `@cached` queries are kept; null: in memory. */
  readonly cacheRedis: RedisAddress | null;
  readonly responseCache: ResponseCacheLimits;
  /** Where requests are counted for rate limits; null: in memory. */
  readonly rateLimitRedis: RedisAddress | null;
  /** Other roles than the administrator need a permission to use a remote schema, and see of it what the permission lists. */
  readonly remoteSchemaPermissions: boolean;
  /** Arguments of remote schemas that are null are not sent. */
  readonly remoteSchemaSkipNulls: boolean;
  /** An answer of a remote schema that has data beside errors counts as one without errors. */
  readonly remoteSchemaPrioritizeData: boolean;
  /** The version of the contract, which calls to others name as their agent. */
  readonly version: string;
  /** Variables that metadata refers to by `from_env` and `{{NAME}}`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Headers that the metadata configures for a webhook win over those of the client and the defaults. */
  readonly configuredHeadersFirst: boolean;
  /** How calls of asynchronous actions are worked off; an interval of 0: not by this process. */
  readonly asyncActions: { readonly intervalMs: number; readonly batchSize: number };
  /** How events of event triggers are delivered; an interval or a batch of 0: not by this process. */
  readonly eventTriggers: { readonly intervalMs: number; readonly batchSize: number };
  /** Who is told of deliveries of events of event triggers. */
  readonly observeEvents?: EventObserver | undefined;
  /** How events of the clock are delivered; an interval of 0: not by this process. */
  readonly scheduledTriggers: { readonly intervalMs: number };
  /** Deliveries of events that fail are logged as errors. */
  readonly logsTriggerFailuresAsErrors: boolean;
  /** Events, of whatever kind, that are delivered at the same time. */
  readonly maximumDeliveries: number;
  /** Who is told of deliveries of events of the clock. */
  readonly observeScheduledEvents?: ScheduledEventObserver | undefined;
  /** Below it metadata may name files with connection strings; null: nowhere. */
  readonly secretFilesPrefix: string | null;
  /** Whether the engine may connect to the address to call a webhook or a remote schema; asked after names are resolved. */
  readonly allowsAddress: AddressRule;
  /** What operations are called in the comments of statements. */
  readonly identify: OperationIdentifier;
  /** Who is told of the connections to a source's database. */
  readonly observeDatabase?: ((database: DatabaseLabels) => DatabaseObserver) | undefined;
  /** Absent when there is one process only. */
  readonly peers?: Peers | undefined;
  /** Receives what an operator should know: a source that failed, a model rebuilt. */
  readonly log: (entry: RuntimeLogEntry) => void;
}

/** One database of a source. */
export interface DatabaseLabels {
  readonly source: string;
  /** Without secrets. */
  readonly connectionInfo: string;
  readonly role: 'primary' | 'replica';
}

export interface SourceHealth {
  readonly source: string;
  readonly status: 'ok' | 'timeout' | 'failed' | 'error';
  /** Why it is not ok. */
  readonly error: string | null;
  /** Whether the source says how it is to be checked. */
  readonly hasCheck: boolean;
}

/** The other processes of this instance. */
export interface Peers {
  /** Asks all of them. Resolves to the answers of those that answered in time; never rejects. */
  ask(topic: PeerTopic): Promise<readonly unknown[]>;
  /** Says how to answer when another one asks. */
  answer(topic: PeerTopic, answer: () => Promise<unknown>): void;
}

/** `metadata-changed`: answered when the stored metadata is in force; `metrics`: answered with what was counted. */
export type PeerTopic = 'metadata-changed' | 'metrics';

export interface RuntimeLogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Hasura's log type, e.g. `startup`, `schema-sync`, `pg-client`. */
  readonly type: string;
  readonly detail: Json;
}
