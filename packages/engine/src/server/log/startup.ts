import { urlWithoutPassword } from '../../authentication/index.ts';
import type { CorsPolicy, ServeConfiguration } from '../configuration/index.ts';
import type { Logger } from './logger.ts';

/** One startup line. Source: spec/server.md 5.2. */
export function logStartup(
  logger: Logger,
  kind: string,
  info: unknown,
  level: 'info' | 'warn' = 'info',
): void {
  logger.log('startup', level, { kind, info });
}

/** The `server_configuration` line: every setting that matters, secrets only as set or not. */
export function logConfiguration(logger: Logger, configuration: ServeConfiguration): void {
  logStartup(logger, 'server_configuration', {
    port: configuration.port,
    server_host: configuration.host,
    transaction_isolation: configuration.isolation,
    admin_secret_set: configuration.allAdminSecrets.length > 0,
    auth_hook: configuration.authHook === null ? null : urlWithoutPassword(configuration.authHook),
    auth_hook_mode: configuration.authHook === null ? null : configuration.authHookMode,
    jwt_secret: configuration.jwtConfigurations.length > 0,
    unauth_role: configuration.unauthorizedRole,
    cors_config: {
      disabled: configuration.disableCors,
      ws_read_cookie: configuration.disableCors ? configuration.wsReadCookie : null,
      allowed_origins: describeOrigins(configuration.corsPolicy),
    },
    enable_console: configuration.enableConsole,
    console_assets_dir: configuration.consoleAssetsDir,
    console_sentry_dsn: configuration.consoleSentryDsn,
    enable_telemetry: configuration.enableTelemetry,
    use_prepared_statements: configuration.usePreparedStatements,
    stringify_numeric_types: configuration.stringifyNumericTypes,
    'v1-boolean-null-collapse': configuration.v1BooleanNullCollapse,
    enabled_apis: [...configuration.enabledApis],
    live_query_options: {
      batch_size: configuration.liveQueryBatchSize,
      refetch_delay: configuration.liveQueryIntervalMs / 1000,
    },
    enable_allowlist: configuration.enableAllowlist,
    enabled_log_types: [...configuration.enabledLogTypes],
    log_level: configuration.logLevel,
    remote_schema_permissions: configuration.enableRemoteSchemaPermissions,
    websocket_compression_options: configuration.wsCompression ? 'PermessageDeflate' : 'NoCompression',
    websocket_keep_alive: configuration.wsKeepAliveMs / 1000,
    infer_function_permissions: configuration.inferFunctionPermissions,
    enable_maintenance_mode: configuration.enableMaintenanceMode,
    experimental_features: [...configuration.experimentalFeatures],
    events_fetch_batch_size: configuration.eventsFetchBatchSize,
    graceful_shutdown_timeout: configuration.gracefulShutdownTimeoutMs / 1000,
    websocket_connection_init_timeout: configuration.wsInitTimeoutMs / 1000,
    enable_metadata_query_logging: configuration.logsMetadataQueries,
    http_log_query_only_on_error: configuration.logsQueryOnlyOnError,
  });
}

function describeOrigins(policy: CorsPolicy): unknown {
  if (policy.kind === 'everyone') return '*';
  const wildcards = policy.wildcards.map(({ scheme, host, port }) => ({
    scheme,
    host,
    port: port === '' ? null : Number(port.slice(1)),
  }));
  return { fqdns: [...policy.origins], wildcards };
}
