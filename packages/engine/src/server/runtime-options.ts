import type { OperationIdentifier } from '../graphql/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { RuntimeOptions } from '../runtime/index.ts';
import type { ServeConfiguration } from './configuration/index.ts';
import { contractVersion } from './endpoints/version.ts';
import type { Logger } from './log/logger.ts';

/** The part of a configuration that concerns the runtime. */
export function runtimeOptions(
  configuration: ServeConfiguration,
  logger: Logger,
  { metrics, identify }: { readonly metrics: Metrics | null; readonly identify: OperationIdentifier },
): RuntimeOptions {
  return {
    databaseUrl: configuration.databaseUrl,
    metadataDatabaseUrl: configuration.metadataDatabaseUrl,
    isMaintenanceMode: configuration.enableMaintenanceMode,
    readReplicaUrls: configuration.readReplicaUrls,
    connectionsPerReadReplica: configuration.connectionsPerReadReplica,
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
    experimentalFeatures: configuration.enableApolloFederation
      ? new Set([...configuration.experimentalFeatures, 'apollo_federation'])
      : configuration.experimentalFeatures,
    schemaSyncIntervalMs: configuration.schemaSyncIntervalMs,
    cacheRedis:
      configuration.redisUrl === null
        ? null
        : {
            url: configuration.redisUrl,
            usesTls: configuration.redisUsesTls,
            tlsHostname: configuration.redisTlsHostname,
            caPath: configuration.redisCaPath,
          },
    rateLimitRedis:
      configuration.rateLimitRedisUrl === null
        ? null
        : {
            url: configuration.rateLimitRedisUrl,
            usesTls: configuration.rateLimitRedisUsesTls,
            tlsHostname: configuration.rateLimitRedisTlsHostname,
            caPath: configuration.redisCaPath,
          },
    responseCache: {
      maximumTtlSeconds: configuration.cacheMaxTtlSeconds,
      maximumEntryBytes: configuration.cacheMaxEntryMegabytes * 1_000_000,
      maximumBytes: configuration.cacheMaxMegabytes * 1_000_000,
      bucketBytes: configuration.cacheBucketBytes,
      bucketBytesPerSecond: configuration.cacheBucketBytesPerSecond,
    },
    environment: configuration.environment,
    configuredHeadersFirst: configuration.configuredHeaderPrecedence,
    asyncActions: {
      intervalMs: configuration.asyncActionsFetchIntervalMs,
      batchSize: configuration.asyncActionsFetchBatchSize,
    },
    eventTriggers: {
      intervalMs: configuration.eventsFetchIntervalMs,
      batchSize: configuration.eventsFetchBatchSize,
    },
    observeEvents: metrics?.events,
    scheduledTriggers: { intervalMs: configuration.scheduledTriggersFetchIntervalMs },
    logsTriggerFailuresAsErrors: configuration.triggersErrorLogLevel,
    maximumDeliveries: configuration.eventsHttpPoolSize,
    observeScheduledEvents: metrics?.scheduledEvents,
    remoteSchemaPermissions: configuration.enableRemoteSchemaPermissions,
    metadataDefaults: configuration.metadataDefaults,
    disableNativeQueryValidation: configuration.disableNativeQueryValidation,
    remoteSchemaSkipNulls: configuration.remoteSchemaSkipNulls,
    remoteSchemaPrioritizeData: configuration.remoteSchemaPrioritizeData,
    version: contractVersion,
    secretFilesPrefix: configuration.secretFilesPrefix,
    allowsAddress: configuration.callableAddresses,
    identify,
    observeDatabase: metrics === null ? undefined : (database) => metrics.databaseObserver(database),
    log: ({ type, level, detail }) => logger.log(type, level, detail),
  };
}
