import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { openClient } from '../engine-client/index.ts';
import { exportProject } from '../metadata-commands/index.ts';
import { createRecorded, dumpAll } from '../migrations/index.ts';
import { checkedEndpoint, initialFiles, newConfig, readConfig, writeFiles } from '../project/index.ts';
import { fetchMetadata, type Session, sourcesOf } from '../session/index.ts';
import type { Terminal } from '../terminal/index.ts';
import { messageOf, UserError } from '../user-error.ts';

export type InitRequest = {
  /** Null: not said. */
  readonly directory: string | null;
  readonly endpoint: string | null;
  readonly adminSecret: string | null;
  /** True: take over what the server has without asking. */
  readonly fetches: boolean;
};

/**
 * Makes a project; with an endpoint it takes over metadata and schemas from there. Source: spec/cli.md 5.1.
 * @throws UserError before anything has been made
 */
export async function initProject(
  terminal: Terminal,
  request: InitRequest,
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const endpoint = checkedEndpoint(request.endpoint ?? 'http://localhost:8080');
  const given =
    request.directory ??
    (terminal.isInteractive ? await terminal.ask('Name of project directory ?', 'hasura') : 'hasura');
  const root = resolve(given);
  checkPlace(root, given);
  const takesOver =
    request.endpoint !== null && (request.fetches || (await wantsTakeOver(terminal, endpoint)));
  if (takesOver && isFilled(join(root, 'metadata'))) {
    throw new UserError(
      `${join(root, 'metadata')} holds files already, which those of the server would replace. Make the project without --endpoint, then look at 'postern metadata diff'`,
    );
  }
  for (const folder of ['metadata', 'migrations', 'seeds'])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'config.yaml'), newConfig(endpoint, request.adminSecret), {
    flag: 'wx',
    mode: 0o600,
  });
  const metadata = join(root, 'metadata');
  writeFiles(metadata, new Map([...initialFiles()].filter(([name]) => !existsSync(join(metadata, name)))));
  if (takesOver) {
    const flags = { endpoint, admin_secret: request.adminSecret ?? undefined };
    const config = readConfig(root, flags, environment);
    const client = openClient(config);
    try {
      await takeOver({ config, terminal, client });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      terminal.log.error(`taking over from ${endpoint} failed: ${error.message}`);
    } finally {
      client.close();
    }
  }
  if (root === process.cwd()) {
    terminal.log.info(
      'hasura project initialised. execute the following command to continue:\n postern console',
    );
  } else {
    terminal.log.info(
      `directory created. execute the following commands to continue:\n\n  cd ${root}\n  postern console`,
    );
  }
}

function checkPlace(root: string, given: string): void {
  if (dirname(root) === root) {
    throw new UserError("can't initialise hasura project in filesystem root: filesystem boundary hit");
  }
  if (existsSync(join(root, 'config.yaml'))) {
    throw new UserError(
      root === process.cwd()
        ? 'current working directory is already a hasura project directory'
        : `directory '${given}' already exists`,
    );
  }
  // `init .` makes a project of a folder that may hold other things
  if (root !== process.cwd() && isFilled(root)) {
    throw new UserError(`directory '${given}' already exists`);
  }
}

function isFilled(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).length > 0;
}

async function wantsTakeOver(terminal: Terminal, endpoint: string): Promise<boolean> {
  return (
    !terminal.isInteractive ||
    terminal.confirm(`Initialize project with metadata & migrations from ${endpoint} ?`)
  );
}

/** Metadata, and for each database a migration of what it holds now, recorded as applied. */
async function takeOver(session: Session): Promise<void> {
  const { terminal, client } = session;
  await exportProject(session);
  for (const { name } of sourcesOf(await fetchMetadata(session))) {
    try {
      const sql = await terminal.during(`Creating migration of database: ${name}...`, () =>
        dumpAll(client, name),
      );
      if (sql.trim() === '') continue;
      const version = await createRecorded(session, name, 'init', sql);
      terminal.log.info('Created Migrations', { database: name, name: 'init', version });
    } catch (error) {
      terminal.log.error(`creating a migration of database ${name} failed: ${messageOf(error)}`);
    }
  }
}
