import cluster from 'node:cluster';
import { existsSync } from 'node:fs';
import { parseServeConfiguration, type ServeConfiguration, serve } from '@postern/engine/server';
import type { CommandContext } from '../command.ts';
import { withDatabaseVariable } from '../database-variable.ts';
import { openClient } from '../engine-client/index.ts';
import { applyMetadata, reloadMetadata } from '../metadata-commands/index.ts';
import { applyPending } from '../migrations/index.ts';
import { configOf, type ProjectConfig } from '../project/index.ts';
import { runServe } from '../serve/run-serve.ts';
import type { Session } from '../session/index.ts';
import { Terminal } from '../terminal/index.ts';
import { UserError } from '../user-error.ts';
import { holdLock } from './hold-lock.ts';

const defaultPort = 9691;
/** Another replica may be at work for as long as its migrations take. */
const patienceMs = 30 * 60_000;

/**
 * Applies the project that lies in HASURA_GRAPHQL_METADATA_DIR and HASURA_GRAPHQL_MIGRATIONS_DIR, then serves, as the `cli-migrations` images of Hasura do.
 * Meanwhile an engine that serves only its metadata API listens on a port of this machine. Source: spec/cli.md 6.
 */
export async function runAutoApply(context: CommandContext): Promise<void> {
  const { argv, environment } = context;
  // `serve` may be written, as the command of such an image is
  const flags = argv[0] === 'serve' ? argv.slice(1) : argv;
  const folders = {
    metadata: existing(environment['HASURA_GRAPHQL_METADATA_DIR'] || '/hasura-metadata'),
    migrations: existing(environment['HASURA_GRAPHQL_MIGRATIONS_DIR'] || '/hasura-migrations'),
  };
  const isHelp = flags.includes('--help') || flags.includes('-h');
  if (cluster.isPrimary && !isHelp && (folders.metadata !== null || folders.migrations !== null)) {
    const configuration = withDatabaseVariable(parseServeConfiguration(flags, environment));
    const port = portFrom(environment['HASURA_GRAPHQL_MIGRATIONS_SERVER_PORT']);
    if (!(await applyProject(configuration, folders, port))) {
      process.exitCode = 1;
      return;
    }
  }
  await runServe({ ...context, argv: flags });
}

type Folders = { readonly metadata: string | null; readonly migrations: string | null };

/** False when it could not be applied; the log says why. */
async function applyProject(
  configuration: ServeConfiguration,
  folders: Folders,
  port: number,
): Promise<boolean> {
  const terminal = new Terminal({ level: 'info', isColorWanted: false, mayAsk: false, isServer: true });
  const { log } = terminal;
  const database = configuration.metadataDatabaseUrl ?? configuration.databaseUrl;
  if (database === null) throw new UserError('no database is named, so there is none to apply a project to');
  try {
    await holdLock(
      database,
      patienceMs,
      () => log.info('another process is applying a project; waiting for it'),
      () => whileServing(configuration, port, () => applyFolders(configuration, folders, port, terminal)),
    );
    return true;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    log.fatal(`the project could not be applied: ${error.message}`);
    return false;
  }
}

/** Nobody but this machine reaches the engine, and it serves no queries. */
async function whileServing(
  configuration: ServeConfiguration,
  port: number,
  work: () => Promise<void>,
): Promise<void> {
  const server = await serve({
    configuration: {
      ...configuration,
      host: '127.0.0.1',
      port,
      enabledApis: new Set(['metadata']),
    },
  });
  try {
    await work();
  } finally {
    await server.close();
  }
}

async function applyFolders(
  configuration: ServeConfiguration,
  { metadata, migrations }: Folders,
  port: number,
  terminal: Terminal,
): Promise<void> {
  const config = configFor(configuration, metadata, migrations, port);
  const client = openClient(config);
  const session: Session = { config, terminal, client };
  try {
    if (metadata === null) terminal.log.info('no folder of metadata: skipped');
    else await applyMetadata(session);
    if (migrations === null) {
      terminal.log.info('no folder of migrations: skipped');
      return;
    }
    await applyPending(session);
    await reloadMetadata(session);
  } finally {
    client.close();
  }
}

function configFor(
  configuration: ServeConfiguration,
  metadata: string | null,
  migrations: string | null,
  port: number,
): ProjectConfig {
  const nowhere = '';
  const values: Readonly<Record<string, string | undefined>> = {
    version: '3',
    endpoint: `http://127.0.0.1:${port}`,
    admin_secret: configuration.allAdminSecrets[0],
    disable_interactive: 'true',
    metadata_directory: metadata ?? nowhere,
    migrations_directory: migrations ?? nowhere,
    no_transaction: configuration.environment['HASURA_GRAPHQL_NO_TRANSACTION'],
  };
  return configOf(metadata ?? nowhere, (key) => values[key]);
}

function existing(folder: string): string | null {
  return existsSync(folder) ? folder : null;
}

function portFrom(given: string | undefined): number {
  if (given === undefined || given === '') return defaultPort;
  const port = Number(given);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new UserError(`HASURA_GRAPHQL_MIGRATIONS_SERVER_PORT: "${given}" is not a port number`);
}
