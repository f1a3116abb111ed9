import cluster from 'node:cluster';
import {
  Logger,
  parseServeConfiguration,
  type ServeConfiguration,
  serve as serveEngine,
} from '@postern/engine/server';
import type { CommandContext } from '../command.ts';
import { withBuiltConsole } from '../console-assets.ts';
import { withDatabaseVariable } from '../database-variable.ts';
import { serveHelp } from '../serve-help.ts';
import { onStopSignal } from '../stop-signal.ts';
import { createWorkers, workerPeers } from '../workers/index.ts';

/** A worker closes its connections to the databases after its last request; both have the same deadline. */
const stopDeadlines = 2;
const stopGraceMs = 5_000;

/** The engine alone, configured by Hasura's flags and variables. Resolves when it listens. */
export async function runServe({ argv, environment, repository, print }: CommandContext): Promise<void> {
  if (argv.includes('--help') || argv.includes('-h')) {
    print(serveHelp());
    return;
  }
  const parsed = withDatabaseVariable(parseServeConfiguration(argv, environment));
  if (parsed.workers > 1 && cluster.isPrimary) return superviseWorkers(parsed);
  const configuration = withBuiltConsole(parsed, repository);
  const server = await serveEngine({
    configuration,
    ...(cluster.isWorker ? { peers: workerPeers() } : {}),
  });
  onStopSignal(() => server.close());
}

/** Serves nothing itself: shares the port among the workers and replaces those that end. */
async function superviseWorkers(configuration: ServeConfiguration): Promise<void> {
  const logger = new Logger({
    level: configuration.logLevel,
    enabledTypes: configuration.enabledLogTypes,
  });
  const workers = createWorkers({
    count: configuration.workers,
    stopDeadlineMs: stopDeadlines * configuration.gracefulShutdownTimeoutMs + stopGraceMs,
    onEnd: ({ worker, exitStatus, signal, restartInMs }) =>
      logger.log('startup', 'error', {
        kind: 'worker_ended',
        info: {
          message: 'a worker ended unexpectedly and is started again',
          worker,
          exit_status: exitStatus,
          signal,
          restart_in_ms: restartInMs,
        },
      }),
  });
  onStopSignal(() => workers.stop());
  const failure = await workers.start();
  // it has said why
  if (failure !== null) process.exit(failure.exitStatus ?? 1);
}
