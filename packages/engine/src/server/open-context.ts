import { createAuthenticator } from '../authentication/index.ts';
import { createOperationIdentifier } from '../graphql/index.ts';
import { createMetrics, type Metrics } from '../metrics/index.ts';
import { createRuntime, type Peers, type Runtime } from '../runtime/index.ts';
import { LiveQueries } from '../subscriptions/index.ts';
import { Tracing } from '../tracing/index.ts';
import { type ServeConfiguration, StartError } from './configuration/index.ts';
import type { ServerContext } from './context.ts';
import { contractVersion } from './endpoints/version.ts';
import { Logger } from './log/logger.ts';
import { logConfiguration, logStartup } from './log/startup.ts';
import { runtimeOptions } from './runtime-options.ts';

/**
 * Everything behind the front doors: logger, runtime, authenticator, live queries. `writeLog` receives whole lines.
 * @throws StartError when credentials or databases cannot be set up
 */
export async function openContext(
  configuration: ServeConfiguration,
  options: { readonly writeLog?: (lines: string) => void; readonly peers?: Peers } = {},
): Promise<ServerContext> {
  const logger = new Logger({
    level: configuration.logLevel,
    enabledTypes: configuration.enabledLogTypes,
    ...(options.writeLog === undefined ? {} : { write: options.writeLog }),
  });
  let runtime: Runtime | null = null;
  try {
    logConfiguration(logger, configuration);
    if (configuration.allAdminSecrets.length === 0) {
      logStartup(logger, 'no_admin_secret', 'WARNING: No admin secret provided', 'warn');
    }
    const metrics = configuration.enabledApis.has('metrics')
      ? await createMetrics({ namesOperations: configuration.metricsNameOperations })
      : null;
    const identify = createOperationIdentifier({ maximumBytes: identitiesBytes });
    runtime = await createRuntime({
      ...runtimeOptions(configuration, logger, { metrics, identify }),
      peers: options.peers,
    });
    const authenticator = await createAuthenticator(
      {
        adminSecrets: configuration.allAdminSecrets,
        unauthorizedRole: configuration.unauthorizedRole,
        trustsVisitors: configuration.trustsVisitors,
        jwt: configuration.jwtConfigurations,
        hook:
          configuration.authHook === null
            ? null
            : {
                url: configuration.authHook,
                mode: configuration.authHookMode,
                sendRequestBody: configuration.authHookSendsRequestBody,
              },
      },
      {
        log: ({ type, level, detail }) => logger.log(type, level, detail),
        version: contractVersion,
        allowsAddress: configuration.callableAddresses,
      },
    );
    const liveQueries = new LiveQueries({
      intervalMs: configuration.liveQueryIntervalMs,
      batchSize: configuration.liveQueryBatchSize,
      streamIntervalMs: configuration.streamingIntervalMs,
      streamBatchSize: configuration.streamingBatchSize,
      skipsUnchanged: configuration.skipUnchangedPolls,
      maxConcurrentPolls: Math.max(1, Math.floor(configuration.maxConnections / configuration.workers / 2)),
    });
    if (metrics !== null) observeState(metrics, runtime, liveQueries);
    if (metrics !== null) options.peers?.answer('metrics', () => metrics.report());
    const tracing = await openTracing(configuration, runtime, logger, metrics);
    return {
      configuration,
      runtime,
      authenticator,
      liveQueries,
      logger,
      identify,
      metrics,
      tracing,
      peers: options.peers ?? null,
    };
  } catch (error) {
    await runtime?.close({ deadlineMs: 1000 });
    logger.close();
    if (error instanceof StartError) throw error;
    throw new StartError(`Fatal Error: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** Memory for the names of recent operations. */
const identitiesBytes = 8 * 1024 * 1024;

/** Traces as the metadata in force says. */
async function openTracing(
  configuration: ServeConfiguration,
  runtime: Runtime,
  logger: Logger,
  metrics: Metrics | null,
): Promise<Tracing> {
  const tracing = new Tracing({
    environment: configuration.environment,
    allowsAddress: configuration.callableAddresses,
    keepsSql: configuration.traceSqlQuery,
    events: {
      onSent: (count) => metrics?.spansSent(count),
      onDropped: (reason, count) => metrics?.spansDropped(reason, count),
    },
    log: (level, message, error) => logger.log('tracing-log', level, { message, error }),
  });
  runtime.onModelChange(() => tracing.configure(runtime.telemetry()));
  await tracing.configure(runtime.telemetry());
  return tracing;
}

function observeState(metrics: Metrics, runtime: Runtime, liveQueries: LiveQueries): void {
  metrics.readStatesFrom({
    databases: () => runtime.databases(),
    sourceHealth: () => runtime.sourceHealth(),
    pollers: () => liveQueries.health(),
    cache: () => runtime.cacheStats(),
    deliveries: () => runtime.deliveries(),
  });
}

/** Ends what `openContext` began. */
export async function closeContext(context: ServerContext, deadlineMs: number): Promise<void> {
  context.liveQueries.close();
  context.authenticator.close();
  await context.runtime.close({ deadlineMs });
  await context.tracing.close(deadlineMs);
  context.logger.close();
}
