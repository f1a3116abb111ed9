import type { RuntimeOptions } from '../runtime/index.ts';
import type { ServeConfiguration } from './configuration/index.ts';
import type { Logger } from './log/logger.ts';

/** The part of a configuration that concerns the runtime. */
export function runtimeOptions(configuration: ServeConfiguration, logger: Logger): RuntimeOptions {
  return {
    databaseUrl: configuration.databaseUrl,
    metadataDatabaseUrl: configuration.metadataDatabaseUrl,
    maxConnections: configuration.maxConnections,
    idleTimeoutMs: configuration.idleTimeoutMs,
    connectionLifetimeMs: configuration.connectionLifetimeMs,
    processes: configuration.workers,
    poolTimeoutMs: configuration.poolTimeoutMs,
    retries: configuration.retries,
    isolation: configuration.isolation,
    usePreparedStatements: configuration.usePreparedStatements,
    stringifyNumericTypes: configuration.stringifyNumericTypes,
    v1BooleanNullCollapse: configuration.v1BooleanNullCollapse,
    nullInNonNullableVariables: configuration.nullInNonNullableVariables,
    nullChecks: configuration.nullChecks,
    inferFunctionPermissions: configuration.inferFunctionPermissions,
    enableAllowlist: configuration.enableAllowlist,
    allowlistRoleScopes: configuration.allowlistRoleScopes,
    defaultNamingConvention: configuration.defaultNamingConvention,
    experimentalFeatures: configuration.experimentalFeatures,
    schemaSyncIntervalMs: configuration.schemaSyncIntervalMs,
    environment: configuration.environment,
    allowsAddress: configuration.callableAddresses,
    log: ({ type, level, detail }) => logger.log(type, level, detail),
  };
}
