import { existsSync, mkdirSync } from 'node:fs';
import type { CommandContext } from '../command.ts';
import { isMapping, type Mapping, NumberText } from '../document/index.ts';
import { type EngineClient, openClient } from '../engine-client/index.ts';
import { type ConfigFlags, findProject, type ProjectConfig, readConfig } from '../project/index.ts';
import { parseLogLevel, Terminal } from '../terminal/index.ts';
import { messageOf, UserError } from '../user-error.ts';

/** What a command on a project works with. */
export type Session = {
  readonly config: ProjectConfig;
  readonly terminal: Terminal;
  readonly client: EngineClient;
};

export type Options = CommandContext['options'];

/**
 * Runs a command on a project. What the user can mend is logged as `fatal`, and the process ends with status 1. Source: spec/cli.md 5.
 * `work` begins without having talked to the server. `overrides`: values of configuration that count before all others.
 */
export async function withSession(
  context: CommandContext,
  work: (session: Session) => Promise<void>,
  overrides: ConfigFlags = {},
): Promise<void> {
  await withTerminal(context, async (terminal) => {
    const config = openConfig(context, overrides);
    const client = openClient(config);
    try {
      await work({ config, terminal, client });
    } finally {
      client.close();
    }
  });
}

/** The same for a command that needs no project. */
export async function withTerminal(
  { options }: CommandContext,
  work: (terminal: Terminal) => Promise<void>,
): Promise<void> {
  // whoever reads may have enough, as `head` has
  const endQuietly = (): never => process.exit();
  process.stdout.once('error', endQuietly);
  let terminal = new Terminal({ level: 'info', isColorWanted: true, mayAsk: false });
  try {
    terminal = new Terminal({
      level: parseLogLevel(text(options, 'logLevel') ?? 'INFO'),
      isColorWanted: options['color'] !== false,
      mayAsk: options['disableInteractive'] !== true,
    });
    await work(terminal);
  } catch (error) {
    if (!(error instanceof UserError) && !isOfFiles(error)) throw error;
    terminal.log.fatal(messageOf(error));
    process.exitCode = 1;
  } finally {
    process.stdout.off('error', endQuietly);
  }
}

/** A file or folder cannot be read or written; the message of the system names it. */
function isOfFiles(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && 'path' in error;
}

/** @throws UserError when there is no project, or its configuration is wrong */
export function openConfig(
  { options, environment }: CommandContext,
  overrides: ConfigFlags = {},
): ProjectConfig {
  const root = findProject(text(options, 'project') ?? '.');
  const flags = {
    endpoint: text(options, 'endpoint'),
    admin_secret: text(options, 'adminSecret'),
    access_key: text(options, 'accessKey'),
    insecure_skip_tls_verify: options['insecureSkipTlsVerify'] === true ? 'true' : undefined,
    certificate_authority: text(options, 'certificateAuthority'),
    disable_interactive: options['disableInteractive'] === true ? 'true' : undefined,
    'actions.kind': text(options, 'kind'),
    'actions.handler_webhook_baseurl': text(options, 'webhook'),
    no_transaction: options['transaction'] === false ? 'true' : undefined,
    ...overrides,
  };
  const config = readConfig(root, flags, environment, text(options, 'envfile') ?? null);
  for (const folder of [config.migrationsFolder, config.seedsFolder]) makeFolder(folder);
  if (config.metadataFile === null) makeFolder(config.metadataFolder);
  return config;
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    const problem = existsSync(path) ? 'a file is in its place' : messageOf(error);
    throw new UserError(`the folder ${path} cannot be made: ${problem}`, { cause: error });
  }
}

/**
 * The server's metadata.
 * @throws UserError when it is not reached, or its metadata has another format
 */
export async function fetchMetadata({ client, terminal }: Session): Promise<Mapping> {
  terminal.log.debug('server', { endpoint: client.endpoint, version: await client.version() });
  const metadata = await client.ask('export_metadata');
  const version = isMapping(metadata) ? metadata.get('version') : undefined;
  if (!isMapping(metadata) || !(version instanceof NumberText) || version.text !== '3') {
    throw new UserError(
      `config v3 can only be used with servers having metadata version >= 3; ${client.endpoint} has ${version instanceof NumberText ? version.text : 'another format'}`,
    );
  }
  return metadata;
}

export function text(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

export function texts(options: Options, name: string): readonly string[] {
  const value = options[name];
  return typeof value === 'object' ? value : [];
}

export function isSet(options: Options, name: string): boolean {
  return options[name] === true;
}
