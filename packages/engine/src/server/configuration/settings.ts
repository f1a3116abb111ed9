import {
  type JwtConfiguration,
  parseJwtConfiguration,
  parseJwtConfigurations,
} from '../../authentication/index.ts';
import { type AddressRule, allAddresses, parseAddressRule } from '../../network/index.ts';
import type { ExperimentalFeature } from '../../runtime/index.ts';
import { type CorsPolicy, parseCorsPolicy } from './cors-setting.ts';
import {
  boolean,
  httpUrl,
  integer,
  jsonStrings,
  oneOf,
  type Parser,
  secondsAsMs,
  setOf,
  text,
} from './parsers.ts';

/** One thing that the operator can set. */
export interface Setting<T> {
  readonly group: string;
  /** `--name`; null: only by environment. */
  readonly flag: string | null;
  /** One letter, with its dash. */
  readonly short?: string;
  /** A switch may stand alone and then means `true`. */
  readonly isSwitch?: boolean;
  /** Variables in order of precedence. */
  readonly env: readonly string[];
  readonly parse: Parser<T>;
  readonly default: T;
  /** The default in words, where the value does not show itself. */
  readonly defaultText?: string;
  readonly doc: string;
  /** Known, so that a project can be moved unchanged, but without effect here. */
  readonly isOnlyAccepted?: boolean;
}

type Extras<T> = Partial<Pick<Setting<T>, 'short' | 'isSwitch' | 'defaultText' | 'isOnlyAccepted'>>;

export type LogType =
  | 'startup'
  | 'query-log'
  | 'http-log'
  | 'websocket-log'
  | 'webhook-log'
  | 'execution-log'
  | 'livequery-poller-log'
  | 'action-handler-log'
  | 'data-connector-log'
  | 'jwk-refresh-log'
  | 'validate-insert-input-log';

export type ApiName = 'metadata' | 'graphql' | 'pgdump' | 'developer' | 'config' | 'metrics';

const logTypes = [
  'startup',
  'query-log',
  'http-log',
  'websocket-log',
  'webhook-log',
  'execution-log',
  'livequery-poller-log',
  'action-handler-log',
  'data-connector-log',
  'jwk-refresh-log',
  'validate-insert-input-log',
] as const satisfies readonly LogType[];

const apiNames = [
  'metadata',
  'graphql',
  'pgdump',
  'developer',
  'config',
  'metrics',
] as const satisfies readonly ApiName[];

const experimentalFeatures = [
  'inherited_roles',
  'optimize_permission_filters',
  'naming_convention',
  'streaming_subscriptions',
  'apollo_federation',
  'hide_update_many_fields',
  'hide_aggregation_predicates',
  'hide_stream_fields',
  'group_by_aggregations',
  'disable_postgres_arrays',
  'no_null_unbound_variable_default',
  'remove_empty_subscription_responses',
  'bigquery_string_numeric_input',
] as const satisfies readonly ExperimentalFeature[];

const mebibyte = 1024 * 1024;

/**
 * Every setting of `postern serve`: the only place where flags, variables and defaults are written down; docs/environment.md is made from it.
 * Source: spec/server.md 4, spec/authentication.md 2. Names without a `HASURA_GRAPHQL_` variable of Hasura's are ours.
 */
export const settings = {
  // 4.1
  databaseUrl: optional(
    'Databases',
    '--database-url',
    ['HASURA_GRAPHQL_DATABASE_URL', 'DATABASE_URL'],
    text,
    'Connection of the source `default`, and of the metadata unless that has its own.',
  ),
  metadataDatabaseUrl: optional(
    'Databases',
    '--metadata-database-url',
    'HASURA_GRAPHQL_METADATA_DATABASE_URL',
    text,
    'Where the metadata is kept.',
    { defaultText: 'the database URL' },
  ),
  databaseHost: optional(
    'Databases',
    '--host',
    [],
    text,
    'With `--user` and `--dbname`: instead of the database URL.',
  ),
  databasePort: given('Databases', '--port', [], integer(1, 65535), 5432, 'Port of that database.'),
  databaseUser: optional('Databases', '--user', [], text, 'User of that database.'),
  databasePassword: given('Databases', '--password', [], text, '', 'Password of that user.'),
  databaseName: optional('Databases', '--dbname', [], text, 'Name of that database.'),
  retries: given(
    'Databases',
    '--retries',
    'HASURA_GRAPHQL_NO_OF_RETRIES',
    integer(0),
    1,
    'Further attempts to connect after a failed one.',
  ),
  maxConnections: given(
    'Databases',
    '--connections',
    'HASURA_GRAPHQL_PG_CONNECTIONS',
    integer(1),
    50,
    'Connections per database at most.',
    { short: '-c' },
  ),
  stripes: given(
    'Databases',
    '--stripes',
    'HASURA_GRAPHQL_PG_STRIPES',
    integer(1),
    1,
    'Pools per database.',
    { short: '-s', isOnlyAccepted: true },
  ),
  idleTimeoutMs: given(
    'Databases',
    '--timeout',
    'HASURA_GRAPHQL_PG_TIMEOUT',
    secondsAsMs,
    180_000,
    'Seconds after which an idle connection is closed.',
    { defaultText: '180' },
  ),
  connectionLifetimeMs: given(
    'Databases',
    '--conn-lifetime',
    'HASURA_GRAPHQL_PG_CONN_LIFETIME',
    secondsAsMs,
    600_000,
    'Seconds after which a connection is replaced; 0: never.',
    { defaultText: '600' },
  ),
  poolTimeoutMs: optional(
    'Databases',
    '--pool-timeout',
    'HASURA_GRAPHQL_PG_POOL_TIMEOUT',
    secondsAsMs,
    'Seconds that a request waits for a free connection.',
    { defaultText: 'for ever' },
  ),
  usePreparedStatements: given(
    'Databases',
    '--use-prepared-statements',
    'HASURA_GRAPHQL_USE_PREPARED_STATEMENTS',
    boolean,
    true,
    'Prepare statements; set to false behind a pooler in transaction mode.',
  ),
  isolation: given(
    'Databases',
    '--tx-iso',
    'HASURA_GRAPHQL_TX_ISOLATION',
    oneOf(
      ['read-committed', 'repeatable-read', 'serializable'],
      'Only expecting one of: read-committed / repeatable-read / serializable',
    ),
    'read-committed',
    'Isolation of transactions: `read-committed`, `repeatable-read` or `serializable`.',
    { short: '-i' },
  ),
  metadataExtensionsSchema: given(
    'Databases',
    '--metadata-database-extensions-schema',
    'HASURA_GRAPHQL_METADATA_DATABASE_EXTENSIONS_SCHEMA',
    text,
    'public',
    'Schema of pgcrypto in the metadata database; the extension is not needed here.',
    { isOnlyAccepted: true },
  ),

  // 4.2
  adminSecret: optional(
    'Authentication',
    '--admin-secret',
    'HASURA_GRAPHQL_ADMIN_SECRET',
    text,
    'Who sends it in `x-hasura-admin-secret` may do everything. Without it everybody may.',
  ),
  accessKey: optional(
    'Authentication',
    '--access-key',
    'HASURA_GRAPHQL_ACCESS_KEY',
    text,
    'Older name of the admin secret.',
  ),
  adminSecrets: optional(
    'Authentication',
    '--admin-secrets',
    'HASURA_GRAPHQL_ADMIN_SECRETS',
    jsonStrings,
    'Several admin secrets as a JSON array, for changing them without downtime; the single one is then ignored.',
  ),
  unauthorizedRole: optional(
    'Authentication',
    '--unauthorized-role',
    'HASURA_GRAPHQL_UNAUTHORIZED_ROLE',
    text,
    'Role of requests without credentials.',
  ),
  trustsVisitors: given(
    'Authentication',
    '--trust-unauthorized-session-variables',
    'POSTERN_TRUST_UNAUTHORIZED_SESSION_VARIABLES',
    boolean,
    false,
    'Requests without credentials bring their own session variables as headers, as in Hasura v2. Off, they have none but the role.',
    { isSwitch: true },
  ),
  jwtSecret: optional<JwtConfiguration>(
    'Authentication',
    '--jwt-secret',
    'HASURA_GRAPHQL_JWT_SECRET',
    parseJwtConfiguration,
    'How JSON web tokens are verified and read, a JSON object.',
  ),
  jwtSecrets: optional<readonly JwtConfiguration[]>(
    'Authentication',
    '--jwt-secrets',
    'HASURA_GRAPHQL_JWT_SECRETS',
    parseJwtConfigurations,
    'Several of those objects as a JSON array; the single one is then ignored.',
  ),
  authHook: optional(
    'Authentication',
    '--auth-hook',
    'HASURA_GRAPHQL_AUTH_HOOK',
    httpUrl,
    'Webhook that decides about every request.',
  ),
  authHookMode: given(
    'Authentication',
    '--auth-hook-mode',
    ['HASURA_GRAPHQL_AUTH_HOOK_MODE', 'HASURA_GRAPHQL_AUTH_HOOK_TYPE'],
    oneOf(['GET', 'POST'], 'Only expecting GET / POST'),
    'GET',
    'How the webhook is called: `GET` or `POST`.',
  ),
  authHookSendsRequestBody: given(
    'Authentication',
    '--auth-hook-send-request-body',
    'HASURA_GRAPHQL_AUTH_HOOK_SEND_REQUEST_BODY',
    boolean,
    true,
    'Show the webhook the GraphQL request (mode `POST` only).',
  ),
  preserves401: given(
    'Authentication',
    '--preserve-401-errors',
    'HASURA_GRAPHQL_PRESERVE_401_ERRORS',
    boolean,
    false,
    'Answer 401 instead of 200 on `/v1/graphql` when credentials are missing or wrong.',
    { isSwitch: true },
  ),
  enableAllowlist: given(
    'Authentication',
    '--enable-allowlist',
    'HASURA_GRAPHQL_ENABLE_ALLOWLIST',
    boolean,
    false,
    'Only allow listed operations to roles other than admin.',
    { isSwitch: true },
  ),
  allowlistRoleScopes: given(
    'Authentication',
    '--allowlist-role-scopes',
    'POSTERN_ALLOWLIST_ROLE_SCOPES',
    boolean,
    false,
    'Entries of the allow list that name roles count for these roles. Off, they count for nobody, as in the community edition of Hasura v2.',
    { isSwitch: true },
  ),
  trustsForwardedAddresses: given(
    'Authentication',
    '--trust-forwarded-addresses',
    'POSTERN_TRUST_FORWARDED_ADDRESSES',
    boolean,
    false,
    'A proxy in front sets `X-Real-IP` or `X-Forwarded-For`: rate limits count clients by it. Off, they count the addresses that connect.',
    { isSwitch: true },
  ),
  callableAddresses: given<AddressRule>(
    'Authentication',
    '--callable-addresses',
    'POSTERN_CALLABLE_ADDRESSES',
    parseAddressRule,
    allAddresses,
    'Addresses that webhooks and remote schemas may have: `any`; `not-local`: neither this machine nor where clouds hand out its credentials; `public`: nor private networks. Exceptions follow after commas: `public,10.1.0.0/16`.',
    { defaultText: 'any' },
  ),

  // 4.3
  port: given(
    'HTTP',
    '--server-port',
    ['HASURA_GRAPHQL_SERVER_PORT', 'PORT'],
    integer(0, 65535),
    8080,
    'Port to listen on; 0: any free one.',
  ),
  host: given(
    'HTTP',
    '--server-host',
    'HASURA_GRAPHQL_SERVER_HOST',
    text,
    '*',
    'Address to listen on; `*`: all.',
  ),
  workers: given(
    'HTTP',
    '--workers',
    'POSTERN_WORKERS',
    integer(1, 512),
    1,
    'Processes that share the port; one that ends unexpectedly is started again. The limits of connections to databases hold for all of them together. Only for the command.',
  ),
  serverTimeoutMs: given(
    'HTTP',
    '--server-timeout',
    'HASURA_GRAPHQL_SERVER_TIMEOUT',
    secondsAsMs,
    30_000,
    'Seconds within which a client has to send its request headers.',
    { defaultText: '30' },
  ),
  maxHeaderBytes: given(
    'HTTP',
    '--max-total-header-length',
    'HASURA_GRAPHQL_MAX_TOTAL_HEADER_LENGTH',
    integer(1024),
    mebibyte,
    'Bytes of request headers at most.',
  ),
  maxBodyBytes: given(
    'HTTP',
    '--max-request-body-bytes',
    'POSTERN_MAX_REQUEST_BODY_BYTES',
    integer(1024),
    64 * mebibyte,
    'Bytes of a request body at most. All bodies being received may take four times as much.',
  ),
  enabledApis: given<ReadonlySet<ApiName>>(
    'HTTP',
    '--enabled-apis',
    'HASURA_GRAPHQL_ENABLED_APIS',
    setOf(
      apiNames,
      () =>
        'Only expecting list of comma separated API types metadata / graphql / pgdump / developer / config / metrics',
    ),
    new Set(['metadata', 'graphql', 'pgdump', 'config'] as const),
    'Which APIs are served, separated by commas.',
    { defaultText: 'metadata,graphql,pgdump,config' },
  ),
  corsPolicy: given<CorsPolicy>(
    'HTTP',
    '--cors-domain',
    'HASURA_GRAPHQL_CORS_DOMAIN',
    parseCorsPolicy,
    { kind: 'everyone' },
    'Origins that browsers may call from, separated by commas: `https://a.com, https://*.b.com, http://localhost:3000`.',
    { defaultText: '*' },
  ),
  disableCors: given(
    'HTTP',
    '--disable-cors',
    'HASURA_GRAPHQL_DISABLE_CORS',
    boolean,
    false,
    'No CORS handling at all.',
    { isSwitch: true },
  ),
  wsReadCookie: given(
    'WebSockets',
    '--ws-read-cookie',
    'HASURA_GRAPHQL_WS_READ_COOKIE',
    boolean,
    false,
    'Read the cookies of WebSocket handshakes although CORS is disabled.',
    { isSwitch: true },
  ),
  wsCompression: given(
    'WebSockets',
    '--websocket-compression',
    'HASURA_GRAPHQL_CONNECTION_COMPRESSION',
    boolean,
    false,
    'Offer per-message compression.',
    { isSwitch: true },
  ),
  wsKeepAliveMs: given(
    'WebSockets',
    '--websocket-keepalive',
    'HASURA_GRAPHQL_WEBSOCKET_KEEPALIVE',
    secondsAsMs,
    5000,
    'Seconds between keep-alive messages.',
    { defaultText: '5' },
  ),
  wsInitTimeoutMs: given(
    'WebSockets',
    '--websocket-connection-init-timeout',
    'HASURA_GRAPHQL_WEBSOCKET_CONNECTION_INIT_TIMEOUT',
    secondsAsMs,
    3000,
    'Seconds within which a client has to send `connection_init`.',
    { defaultText: '3' },
  ),
  closesWebSocketsOnMetadataChange: given(
    'WebSockets',
    '--disable-close-websockets-on-metadata-change',
    'HASURA_GRAPHQL_CLOSE_WEBSOCKETS_ON_METADATA_CHANGE',
    boolean,
    true,
    'Close all WebSockets when the metadata changed, so that clients subscribe anew. The flag switches it off.',
  ),
  enableConsole: given(
    'Console',
    '--enable-console',
    'HASURA_GRAPHQL_ENABLE_CONSOLE',
    boolean,
    false,
    'Serve the console at `/console`.',
    { isSwitch: true },
  ),
  consoleAssetsDir: optional(
    'Console',
    '--console-assets-dir',
    'HASURA_GRAPHQL_CONSOLE_ASSETS_DIR',
    text,
    'Folder of the built console.',
  ),
  consoleSentryDsn: optional(
    'Console',
    '--console-sentry-dsn',
    'HASURA_CONSOLE_SENTRY_DSN',
    text,
    'Error reports of the console.',
    { isOnlyAccepted: true },
  ),
  enableTelemetry: given(
    'Console',
    '--enable-telemetry',
    'HASURA_GRAPHQL_ENABLE_TELEMETRY',
    boolean,
    true,
    'There is no telemetry.',
    { isOnlyAccepted: true },
  ),

  // 4.4
  stringifyNumericTypes: given(
    'GraphQL',
    '--stringify-numeric-types',
    'HASURA_GRAPHQL_STRINGIFY_NUMERIC_TYPES',
    boolean,
    false,
    '`bigint`, `numeric` and `double precision` as JSON strings.',
    { isSwitch: true },
  ),
  v1BooleanNullCollapse: given(
    'GraphQL',
    '--v1-boolean-null-collapse',
    'HASURA_GRAPHQL_V1_BOOLEAN_NULL_COLLAPSE',
    boolean,
    false,
    'A comparison with null is true, as in Hasura 1.',
    { isSwitch: true },
  ),
  nullChecks: given(
    'GraphQL',
    '--null-checks',
    'POSTERN_NULL_CHECKS',
    oneOf(['fail', 'pass'], 'Should be either "fail" or "pass"'),
    'fail',
    'Whether a permission’s check that is NULL refuses the row (`fail`), or lets it pass as Hasura v2 does (`pass`).',
  ),
  nullInNonNullableVariables: given(
    'GraphQL',
    '--null-in-nonnullable-variables',
    'HASURA_GRAPHQL_BACKWARDS_COMPAT_NULL_IN_NONNULLABLE_VARIABLES',
    boolean,
    false,
    'Allow null for variables of a non-null type.',
    { isSwitch: true },
  ),
  remoteSchemaSkipNulls: given(
    'GraphQL',
    '--remote-schema-skip-nulls',
    'HASURA_GRAPHQL_REMOTE_SCHEMA_SKIP_NULLS',
    boolean,
    false,
    'Leave nulls out of remote schema answers.',
    { isSwitch: true, isOnlyAccepted: true },
  ),
  remoteSchemaPrioritizeData: given(
    'GraphQL',
    '--remote-schema-prioritize-data',
    'HASURA_GRAPHQL_REMOTE_SCHEMA_PRIORITIZE_DATA',
    boolean,
    false,
    'Prefer data to errors in remote schema answers.',
    { isSwitch: true, isOnlyAccepted: true },
  ),
  configuredHeaderPrecedence: given(
    'GraphQL',
    '--configured-header-precedence',
    'HASURA_GRAPHQL_CONFIGURED_HEADER_PRECEDENCE',
    boolean,
    false,
    'Configured headers win over forwarded ones.',
    { isSwitch: true, isOnlyAccepted: true },
  ),
  enableRemoteSchemaPermissions: given(
    'GraphQL',
    '--enable-remote-schema-permissions',
    'HASURA_GRAPHQL_ENABLE_REMOTE_SCHEMA_PERMISSIONS',
    boolean,
    false,
    'Roles see of a remote schema only what is permitted.',
    { isSwitch: true, isOnlyAccepted: true },
  ),
  inferFunctionPermissions: given(
    'GraphQL',
    '--infer-function-permissions',
    'HASURA_GRAPHQL_INFER_FUNCTION_PERMISSIONS',
    boolean,
    true,
    'Who may read the table that a stable function returns may call the function.',
  ),
  defaultNamingConvention: given(
    'GraphQL',
    '--default-naming-convention',
    'HASURA_GRAPHQL_DEFAULT_NAMING_CONVENTION',
    oneOf(['hasura-default', 'graphql-default'], 'Should be either "hasura-default" or "graphql-default"'),
    'hasura-default',
    'How GraphQL names are formed: `hasura-default` or `graphql-default`.',
  ),
  enableApolloFederation: given(
    'GraphQL',
    '--enable-apollo-federation',
    'HASURA_GRAPHQL_ENABLE_APOLLO_FEDERATION',
    boolean,
    false,
    'Be a subgraph of an Apollo federation.',
    { isSwitch: true, isOnlyAccepted: true },
  ),
  disableNativeQueryValidation: given(
    'GraphQL',
    '--disable-native-query-validation',
    'HASURA_GRAPHQL_DISABLE_NATIVE_QUERY_VALIDATION',
    boolean,
    false,
    'Do not check native queries against the database.',
    { isSwitch: true, isOnlyAccepted: true },
  ),
  experimentalFeatures: given<ReadonlySet<ExperimentalFeature>>(
    'GraphQL',
    '--experimental-features',
    'HASURA_GRAPHQL_EXPERIMENTAL_FEATURES',
    setOf(
      experimentalFeatures,
      (unknown) =>
        `Unknown experimental feature ${JSON.stringify(unknown)}; known are: ${experimentalFeatures.join(', ')}`,
    ),
    new Set(),
    `Experimental features, separated by commas: ${experimentalFeatures.join(', ')}.`,
    { defaultText: 'none' },
  ),
  devMode: given(
    'GraphQL',
    '--dev-mode',
    'HASURA_GRAPHQL_DEV_MODE',
    boolean,
    false,
    'Show internal details of errors to everybody.',
    { isSwitch: true },
  ),
  adminInternalErrors: given(
    'GraphQL',
    '--admin-internal-errors',
    'HASURA_GRAPHQL_ADMIN_INTERNAL_ERRORS',
    boolean,
    true,
    'Show internal details of errors to the admin role.',
  ),
  queryPlanCacheSize: optional(
    'GraphQL',
    '--query-plan-cache-size',
    'HASURA_GRAPHQL_QUERY_PLAN_CACHE_SIZE',
    integer(0),
    'Size of the plan cache.',
    { isOnlyAccepted: true },
  ),
  traceSqlQuery: given(
    'GraphQL',
    '--trace-sql-query',
    'HASURA_GRAPHQL_ENABLE_QUERY_TRACING',
    boolean,
    false,
    'Spans for statements.',
    { isSwitch: true, isOnlyAccepted: true },
  ),

  // 4.5
  liveQueryIntervalMs: given(
    'Subscriptions, events, replicas',
    '--live-queries-multiplexed-refetch-interval',
    'HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_REFETCH_INTERVAL',
    integer(1),
    1000,
    'Milliseconds between two looks for changes of a live query.',
  ),
  liveQueryBatchSize: given(
    'Subscriptions, events, replicas',
    '--live-queries-multiplexed-batch-size',
    'HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_BATCH_SIZE',
    integer(1),
    100,
    'Subscribers that one statement serves at most.',
    { isOnlyAccepted: true },
  ),
  streamingIntervalMs: given(
    'Subscriptions, events, replicas',
    '--streaming-queries-multiplexed-refetch-interval',
    'HASURA_GRAPHQL_STREAMING_QUERIES_MULTIPLEXED_REFETCH_INTERVAL',
    integer(1),
    1000,
    'The same for streaming subscriptions.',
    { isOnlyAccepted: true },
  ),
  streamingBatchSize: given(
    'Subscriptions, events, replicas',
    '--streaming-queries-multiplexed-batch-size',
    'HASURA_GRAPHQL_STREAMING_QUERIES_MULTIPLEXED_BATCH_SIZE',
    integer(1),
    100,
    'The same for streaming subscriptions.',
    { isOnlyAccepted: true },
  ),
  eventsHttpPoolSize: given(
    'Subscriptions, events, replicas',
    '--events-http-pool-size',
    'HASURA_GRAPHQL_EVENTS_HTTP_POOL_SIZE',
    integer(1),
    100,
    'Event deliveries at the same time.',
    { isOnlyAccepted: true },
  ),
  eventsFetchIntervalMs: given(
    'Subscriptions, events, replicas',
    '--events-fetch-interval',
    'HASURA_GRAPHQL_EVENTS_FETCH_INTERVAL',
    integer(0),
    1000,
    'Milliseconds between two looks for events.',
    { isOnlyAccepted: true },
  ),
  eventsFetchBatchSize: given(
    'Subscriptions, events, replicas',
    '--events-fetch-batch-size',
    'HASURA_GRAPHQL_EVENTS_FETCH_BATCH_SIZE',
    integer(0),
    100,
    'Events fetched at once; 0: none.',
    { isOnlyAccepted: true },
  ),
  asyncActionsFetchIntervalMs: given(
    'Subscriptions, events, replicas',
    '--async-actions-fetch-interval',
    'HASURA_GRAPHQL_ASYNC_ACTIONS_FETCH_INTERVAL',
    integer(0),
    1000,
    'Milliseconds between two looks for asynchronous actions.',
    { isOnlyAccepted: true },
  ),
  asyncActionsFetchBatchSize: given(
    'Subscriptions, events, replicas',
    '--async-actions-fetch-batch-size',
    'HASURA_GRAPHQL_ASYNC_ACTIONS_FETCH_BATCH_SIZE',
    integer(1),
    10,
    'Asynchronous actions fetched at once.',
    { isOnlyAccepted: true },
  ),
  gracefulShutdownTimeoutMs: given(
    'Subscriptions, events, replicas',
    '--graceful-shutdown-timeout',
    'HASURA_GRAPHQL_GRACEFUL_SHUTDOWN_TIMEOUT',
    secondsAsMs,
    60_000,
    'Seconds that work in progress gets when the server stops; HTTP requests get 30 at most.',
    { defaultText: '60' },
  ),
  schemaSyncIntervalMs: given(
    'Subscriptions, events, replicas',
    '--schema-sync-poll-interval',
    'HASURA_GRAPHQL_SCHEMA_SYNC_POLL_INTERVAL',
    integer(0),
    1000,
    'Milliseconds between two looks whether another replica changed the metadata; 0: never.',
  ),
  enableMaintenanceMode: given(
    'Subscriptions, events, replicas',
    '--enable-maintenance-mode',
    'HASURA_GRAPHQL_ENABLE_MAINTENANCE_MODE',
    boolean,
    false,
    'Tolerate an older catalogue.',
    { isSwitch: true, isOnlyAccepted: true },
  ),
  metadataDefaults: optional(
    'Subscriptions, events, replicas',
    '--metadata-defaults',
    'HASURA_GRAPHQL_METADATA_DEFAULTS',
    text,
    'Defaults of metadata, a JSON object.',
    { isOnlyAccepted: true },
  ),

  // 4.6
  enabledLogTypes: given<ReadonlySet<LogType>>(
    'Logs',
    '--enabled-log-types',
    'HASURA_GRAPHQL_ENABLED_LOG_TYPES',
    setOf(
      logTypes,
      (unknown) => `Unknown log type ${JSON.stringify(unknown)}; known are: ${logTypes.join(', ')}`,
    ),
    new Set(['startup', 'http-log', 'webhook-log', 'websocket-log', 'jwk-refresh-log'] as const),
    `What is logged, separated by commas: ${logTypes.join(', ')}.`,
    { defaultText: 'startup,http-log,webhook-log,websocket-log,jwk-refresh-log' },
  ),
  logLevel: given(
    'Logs',
    '--log-level',
    'HASURA_GRAPHQL_LOG_LEVEL',
    oneOf(['debug', 'info', 'warn', 'error'], 'Valid log levels: debug, info, warn or error'),
    'info',
    'The lowest level that is logged: `debug`, `info`, `warn` or `error`.',
  ),
  logsMetadataQueries: given(
    'Logs',
    '--enable-metadata-query-logging',
    'HASURA_GRAPHQL_ENABLE_METADATA_QUERY_LOGGING',
    boolean,
    false,
    'Log the bodies of metadata calls in full.',
    { isSwitch: true },
  ),
  logsQueryOnlyOnError: given(
    'Logs',
    '--http-log-query-only-on-error',
    'HASURA_GRAPHQL_HTTP_LOG_QUERY_ONLY_ON_ERROR',
    boolean,
    false,
    'Log GraphQL requests in full only when they fail.',
    { isSwitch: true },
  ),
  triggersErrorLogLevel: given(
    'Logs',
    '--enable-triggers-error-log-level',
    'HASURA_GRAPHQL_ENABLE_TRIGGERS_ERROR_LOG_LEVEL',
    boolean,
    false,
    'Log failed event deliveries as errors.',
    { isSwitch: true, isOnlyAccepted: true },
  ),

  // 8.1
  metricsSecret: optional(
    'Metrics',
    '--metrics-secret',
    'HASURA_GRAPHQL_METRICS_SECRET',
    text,
    'Who sends this as `Authorization: Bearer …` may read `/v1/metrics`; the administrator may, too.',
  ),
  metricsNameOperations: given(
    'Metrics',
    '--metrics-enable-high-cardinality-labels',
    'HASURA_GRAPHQL_METRICS_ENABLE_HIGH_CARDINALITY_LABELS',
    boolean,
    true,
    'Metrics have names and hashes of operations as labels, up to 1,000 operations.',
  ),
};

/** The value of every setting. */
export type Settings = { readonly [Name in keyof typeof settings]: (typeof settings)[Name]['default'] };

function given<T>(
  group: string,
  flag: string | null,
  env: string | readonly string[],
  parse: Parser<T>,
  defaultValue: NoInfer<T>,
  doc: string,
  extras: Extras<T> = {},
): Setting<T> {
  return {
    group,
    flag,
    env: typeof env === 'string' ? [env] : env,
    parse,
    default: defaultValue,
    doc,
    ...extras,
  };
}

function optional<T>(
  group: string,
  flag: string | null,
  env: string | readonly string[],
  parse: Parser<T>,
  doc: string,
  extras: Extras<T | null> = {},
): Setting<T | null> {
  return { group, flag, env: typeof env === 'string' ? [env] : env, parse, default: null, doc, ...extras };
}
