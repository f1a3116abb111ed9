import { basename, join, resolve } from 'node:path';
import { parseServeConfiguration, type RunningServer, serve } from '@postern/engine/server';
import { step } from '../../../../scripts/progress.mjs';
import { type CommandContext, UserError } from '../command.ts';
import { withBuiltConsole } from '../console-assets.ts';
import { applyMetadataOnce, applySql } from './apply-project.ts';
import { devBinaries, ensureDatabase, removeClusterFolder, startDevCluster } from './dev-database.ts';
import { openStateFolder, type StateFolder } from './state-folder.ts';
import { readTryFile, type TryFile } from './try-file.ts';
import { welcome } from './welcome.ts';
import { type Cluster, isPortFree } from '../local-postgres/index.ts';
import { onStopSignal } from '../stop-signal.ts';

const DEFAULT_PORT = 8080;

/** Everything for a first look: a PostgreSQL of its own, a project applied to it, the engine, the console, queries to paste. */
export async function runDev(context: CommandContext): Promise<void> {
  const project = resolve(text(context, 'project') ?? join(context.repository, 'examples', 'blog'));
  const tryFile = readTryFile(project);
  const port = await choosePort(context);
  const state = openStateFolder(resolve(text(context, 'data') ?? join(context.repository, '.postern')));
  const running: { cluster?: Cluster; server?: RunningServer } = {};
  const stop = async (): Promise<void> => {
    await running.server?.close();
    await running.cluster?.stop();
    state.release();
  };
  onStopSignal(() => step('Stopping', stop));
  try {
    await start(context, { project, tryFile, port, state }, running);
  } catch (error) {
    await stop();
    throw error;
  }
}

type Setup = {
  readonly project: string;
  readonly tryFile: TryFile;
  readonly port: number;
  readonly state: StateFolder;
};

/** Fills `running` as it goes, so that whoever stops us half-way stops what is there. */
async function start(
  context: CommandContext,
  { project, tryFile, port, state }: Setup,
  running: { cluster?: Cluster; server?: RunningServer },
): Promise<void> {
  if (context.options['reset'] === true) removeClusterFolder(state.path);
  const binaries = devBinaries();
  const cluster = await step(`Starting PostgreSQL ${binaries.majorVersion} (${binaries.kind})`, () =>
    startDevCluster(binaries, state.path),
  );
  running.cluster = cluster;
  void cluster.lost.then(({ reason }) => {
    process.stderr.write(
      `PostgreSQL has ended (${reason}); its log is ${join(state.path, 'postgres', 'log')}\n`,
    );
    process.exit(1);
  });
  const databaseUrl = await ensureDatabase(cluster.url, databaseName(project));
  const adminSecret = context.environment['HASURA_GRAPHQL_ADMIN_SECRET'] ?? state.adminSecret;
  const address = `http://localhost:${port}`;
  const configuration = withBuiltConsole(
    parseServeConfiguration([], engineEnvironment(context, { databaseUrl, adminSecret, port, tryFile })),
    context.repository,
  );
  running.server = await step('Starting the engine', () => serve({ configuration }));
  const sql = await step(`Applying ${basename(project)}: migrations`, () => applySql(databaseUrl, project));
  await step(`Applying ${basename(project)}: metadata`, () =>
    applyMetadataOnce(address, adminSecret, project),
  );
  for (const name of sql.migrations) process.stderr.write(`  applied ${name}\n`);
  context.print(welcome(address, adminSecret, tryFile.queries));
}

async function choosePort(context: CommandContext): Promise<number> {
  const given = text(context, 'port') ?? context.environment['PORT'];
  const port = given === undefined || given === '' ? DEFAULT_PORT : Number(given);
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new UserError(`"${given}" is not a port number`);
  if (await isPortFree(port)) return port;
  throw new UserError(
    `Port ${port} is taken by another program. Stop that, or choose another port: PORT=${port + 1} npm start`,
  );
}

/** The user's own settings (log level, CORS …) count, except for the databases: the sample must never reach one of theirs. */
function engineEnvironment(
  context: CommandContext,
  {
    databaseUrl,
    adminSecret,
    port,
    tryFile,
  }: { databaseUrl: string; adminSecret: string } & Pick<Setup, 'port' | 'tryFile'>,
): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {
    HASURA_GRAPHQL_ENABLE_CONSOLE: 'true',
    // a refused query is told to the one who asked; the terminal stays with what was printed
    HASURA_GRAPHQL_LOG_LEVEL: 'warn',
    HASURA_GRAPHQL_ENABLED_LOG_TYPES: 'startup',
    ...(tryFile.unauthorizedRole === null
      ? {}
      : { HASURA_GRAPHQL_UNAUTHORIZED_ROLE: tryFile.unauthorizedRole }),
    ...context.environment,
    HASURA_GRAPHQL_DATABASE_URL: databaseUrl,
    HASURA_GRAPHQL_ADMIN_SECRET: adminSecret,
    HASURA_GRAPHQL_SERVER_PORT: String(port),
    PORT: String(port),
  };
  delete environment['DATABASE_URL'];
  delete environment['HASURA_GRAPHQL_METADATA_DATABASE_URL'];
  return environment;
}

/** The folder's name as a database name that needs no quotes in psql. */
function databaseName(project: string): string {
  return (
    basename(project)
      .toLowerCase()
      .replace(/[^a-z0-9_]/g, '_')
      .replace(/^[^a-z]/, 'p_') || 'project'
  );
}

function text(context: CommandContext, option: string): string | undefined {
  const value = context.options[option];
  return typeof value === 'string' ? value : undefined;
}
