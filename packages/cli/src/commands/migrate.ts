import { readFileSync } from 'node:fs';
import type { Command, CommandContext, CommandOption } from '../command.ts';
import type { ApplyRequest } from '../migrations/index.ts';
import { createMigration, sourceFolder } from '../project/index.ts';
import {
  chooseSources,
  fetchMetadata,
  isSet,
  type Options,
  type Session,
  type Source,
  serverOptions,
  sourcesOf,
  text,
  texts,
  withSession,
} from '../session/index.ts';
import { writeJson } from '../document/index.ts';
import { messageOf, UserError } from '../user-error.ts';

type Room = typeof import('../migrations/index.ts');

const databaseOptions: readonly CommandOption[] = [
  { flags: '--database-name <name>', description: 'the database, as it is called in the metadata' },
  { flags: '--disable-interactive', description: 'ask nothing' },
  {
    flags: '--disable-auto-state-migration',
    description: 'leave records of config version 2 alone',
    isHidden: true,
  },
];
const allDatabases: CommandOption = {
  flags: '--all-databases',
  description: 'all of them, one after the other',
};

/** A command of the group `migrate`; what it does is loaded when it is run. */
function migrateCommand(
  name: string,
  summary: string,
  options: readonly CommandOption[],
  run: (room: Room, session: Session, context: CommandContext) => Promise<void>,
  more: Partial<Command> = {},
): Command {
  return {
    name: `migrate ${name}`,
    summary,
    options: [...serverOptions, ...databaseOptions, ...options],
    passesArgumentsThrough: false,
    ...more,
    run: (context) =>
      withSession(context, async (session) => run(await import('../migrations/index.ts'), session, context)),
  };
}

const create = migrateCommand(
  'create',
  'Make the files of a new migration',
  [
    { flags: '--from-server', description: 'with what the database holds now; recorded as applied' },
    { flags: '--sql-from-server', description: 'old name of --from-server', isHidden: true },
    {
      flags: '--schema <names>',
      description: 'schemas for --from-server, with commas (default: public)',
      isRepeatable: true,
    },
    { flags: '--sql-from-file <file>', description: 'with the content of a file as up.sql' },
    { flags: '--up-sql <sql>', description: 'with this as up.sql' },
    { flags: '--down-sql <sql>', description: 'with this as down.sql' },
    { flags: '--metadata-from-file <file>', description: 'no longer there', isHidden: true },
    { flags: '--metadata-from-server', description: 'no longer there', isHidden: true },
  ],
  async (room, session, { argv, options }) => {
    const { terminal, config, client } = session;
    for (const flag of ['metadataFromFile', 'metadataFromServer']) {
      if (options[flag] !== undefined)
        throw new UserError('metadata is no longer part of migrations: use "postern metadata export"');
    }
    const name = argv[0] ?? '';
    const fromServer = isSet(options, 'fromServer') || isSet(options, 'sqlFromServer');
    const files = fromServer ? {} : givenFiles(options);
    const source = await sourceForNew(session, options, fromServer);
    if (fromServer) {
      const schemas = texts(options, 'schema').flatMap((list) => list.split(','));
      const up = await terminal.during('Dumping the schema...', () =>
        room.dumpSchema(client, source.name, schemas.length === 0 ? ['public'] : schemas),
      );
      if (up.trim() === '')
        throw new UserError(`the schemas of database '${source.name}' hold nothing to make a migration of`);
      const version = createMigration(
        sourceFolder(config.migrationsFolder, source.name),
        name,
        { up },
        Date.now(),
      );
      const { changeRecord } = await import('../engine-client/index.ts');
      await changeRecord(client, source.name, (versions) => {
        versions.set(version, false);
      });
      created(session, name, version);
      return;
    }
    if ('up' in files !== 'down' in files) {
      const [there, missing] = 'up' in files ? ['an up', 'a down'] : ['a down', 'an up'];
      terminal.log.warn(`you are creating ${there} migration without ${missing} migration`);
    }
    const folder = sourceFolder(config.migrationsFolder, source.name);
    created(session, name, createMigration(folder, name, { up: '', down: '', ...files }, Date.now()));
  },
  { parameters: '<name>' },
);

function created({ terminal }: Session, name: string, version: string): void {
  terminal.log.info('Created Migrations');
  terminal.log.info('Migrations files created', { name, version });
}

function givenFiles(options: Options): { up?: string; down?: string } {
  const [file, up, down] = [text(options, 'sqlFromFile'), text(options, 'upSql'), text(options, 'downSql')];
  if (file !== undefined && up !== undefined)
    throw new UserError('only one of --sql-from-file and --up-sql can be set');
  return {
    ...(file === undefined ? {} : { up: readText(file) }),
    ...(up === undefined ? {} : { up }),
    ...(down === undefined ? {} : { down }),
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError(messageOf(error), { cause: error });
  }
}

/** A migration may be made before its database is connected. */
async function sourceForNew(session: Session, options: Options, mustExist: boolean): Promise<Source> {
  const name = text(options, 'databaseName');
  if (name !== undefined && !mustExist) {
    const known = sourcesOf(await fetchMetadata(session)).find((each) => each.name === name);
    if (known === undefined) session.terminal.log.warn(`database '${name}' is not connected to hasura`);
    return known ?? { name, kind: 'postgres' };
  }
  const [source] = await chooseSources(session, options, { what: 'migrations', allowsAll: false });
  if (source === undefined) throw new UserError('no database is connected to the server');
  return source;
}

const apply = migrateCommand(
  'apply',
  'Apply what is in the project and not recorded, or roll back',
  [
    { flags: '--up <number>', description: 'so many more, or "all" (default: all)' },
    { flags: '--down <number>', description: 'roll back so many, or "all"' },
    { flags: '--goto <version>', description: 'go up or down to this version' },
    { flags: '--version <version>', description: 'only this one, in the direction of --type' },
    { flags: '--type <direction>', description: 'up or down (default: up)' },
    { flags: '--skip-execution', description: 'change the record, run nothing' },
    { flags: '--dry-run', description: 'show what would be run' },
    allDatabases,
    { flags: '--no-transaction', description: 'run the statements outside of a transaction' },
    { flags: '--progressbar-logs', description: 'accepted', isHidden: true },
  ],
  async (room, session, { options }) => {
    const request = applyRequest(options);
    const isAll = isSet(options, 'allDatabases');
    const sources = await chooseSources(session, options, { what: 'migrations', allowsAll: true });
    await room.applyMigrations(
      session,
      sources,
      {
        request,
        isSkipped: isSet(options, 'skipExecution'),
        isDry: isSet(options, 'dryRun'),
        copiesOld: !isSet(options, 'disableAutoStateMigration'),
      },
      isAll || sources.length > 1,
    );
  },
);

/** @throws UserError when the flags do not fit together. Source: spec/cli.md 5.3 */
function applyRequest(options: Options): ApplyRequest {
  const [up, down, version, goto] = ['up', 'down', 'version', 'goto'].map((name) => text(options, name));
  const given = [up, down, version, goto].filter((value) => value !== undefined);
  if (given.length > 1) {
    throw new UserError(
      'error validating flags: only one migration type can be applied at a time (--up, --down, --type or --goto)',
    );
  }
  const [isSkipped, isDry, isAll] = ['skipExecution', 'dryRun', 'allDatabases'].map((name) =>
    isSet(options, name),
  );
  if (isSkipped === true && isDry === true) {
    throw new UserError('both --skip-execution and --dry-run flags cannot be used together');
  }
  if (isSkipped === true && up === undefined && down === undefined && version === undefined) {
    throw new UserError('--skip-execution flag can be set only with --version, --up, --down flags');
  }
  if (isAll === true && isDry === true) {
    throw new UserError('both --all-databases and --dry-run flags cannot be used together');
  }
  if (isAll === true && (goto !== undefined || version !== undefined)) {
    throw new UserError('cannot use --goto or --version in conjunction with --all-databases');
  }
  const direction = text(options, 'type') ?? 'up';
  if (direction !== 'up' && direction !== 'down')
    throw new UserError(`invalid migration type ${direction}: use up or down`);
  if (up !== undefined) return { kind: 'up', limit: steps(up) };
  if (down !== undefined) return { kind: 'down', limit: steps(down) };
  if (goto !== undefined) return { kind: 'goto', version: checkedVersion(goto) };
  if (version !== undefined) return { kind: 'one', version: checkedVersion(version), direction };
  return { kind: 'up', limit: null };
}

function steps(given: string): number | null {
  if (given === 'all') return null;
  if (!/^[0-9]{1,9}$/.test(given)) throw new UserError(`not a valid input for steps/version: ${given}`);
  return Number(given);
}

function checkedVersion(given: string): string {
  if (!/^[0-9]+$/.test(given)) throw new UserError(`not a valid input for steps/version: ${given}`);
  return String(BigInt(given));
}

const status = migrateCommand(
  'status',
  'Show which migrations are in the project, and which are applied',
  [allDatabases, { flags: '-o, --output <format>', description: 'json, on stdout' }],
  async (room, session, { options }) => {
    const format = text(options, 'output');
    if (format !== undefined && format !== 'json') {
      throw new UserError(`output format '${format}' is not supported. supported formats: json`);
    }
    const sources = await chooseSources(session, options, { what: 'migrations', allowsAll: true });
    const found = [];
    for (const source of sources) {
      found.push({
        source,
        status: await room.migrationStatus(session, source, !isSet(options, 'disableAutoStateMigration')),
      });
    }
    if (format === 'json') {
      session.terminal.print(
        writeJson(
          new Map(
            found.map(
              ({ source, status: list }) =>
                [source.name, list.map((each) => new Map(Object.entries(each)))] as const,
            ),
          ),
          2,
        ),
      );
      return;
    }
    for (const { source, status: list } of found) session.terminal.print(room.statusTable(source, list));
  },
);

const squash = migrateCommand(
  'squash',
  'Join migrations into one',
  [
    { flags: '--from <version>', description: 'the first of them' },
    { flags: '--to <version>', description: 'the last of them (default: the latest)' },
    { flags: '--name <name>', description: 'of the new one (default: squashed)' },
    { flags: '--delete-source', description: 'delete the originals without asking' },
  ],
  async (room, session, { options }) => {
    const { terminal, config } = session;
    const from = text(options, 'from');
    if (from === undefined) throw new UserError('required flag(s) "from" not set');
    const to = text(options, 'to');
    terminal.log.warn('this command is experimental, so look at the result before you go on');
    const [source] = await chooseSources(session, options, { what: 'migrations', allowsAll: false });
    if (source === undefined) throw new UserError('no database is connected to the server');
    const squashed = await room.squashMigrations(session, source, {
      from: checkedVersion(from),
      to: to === undefined || to === '-1' ? null : checkedVersion(to),
      name: text(options, 'name') ?? 'squashed',
    });
    const [first, last] = [squashed.versions[0], squashed.versions.at(-1)];
    terminal.log.info(`Created '${squashed.created}' after squashing '${first}' till '${last}'`);
    const deletes =
      isSet(options, 'deleteSource') ||
      (terminal.isInteractive &&
        config.isInteractive &&
        (await terminal.confirm(`The originals are in ${squashed.backup}. Delete them?`)));
    if (!deletes) {
      terminal.log.info(`the originals are in ${squashed.backup}`);
      return;
    }
    await room.forgetSquashed(session, source, squashed);
    terminal.log.info('deleted the originals');
  },
);

const deleteCommand = migrateCommand(
  'delete',
  'Delete migrations from the project and from the record; no SQL is run',
  [
    { flags: '--all', description: 'all of the database' },
    { flags: '--version <version>', description: 'only this one' },
    { flags: '--server', description: 'from the record only' },
    { flags: '--force', description: 'do not ask' },
  ],
  async (room, session, { options }) => {
    const version = text(options, 'version');
    const isAll = isSet(options, 'all');
    if (!isAll && version === undefined)
      throw new UserError('at least one flag [--all , --version] should be set');
    if (isAll && version !== undefined) throw new UserError('only one of [--all , --version] should be set');
    const checked = version === undefined ? null : checkedVersion(version);
    const [source] = await chooseSources(session, options, { what: 'migrations', allowsAll: false });
    if (source === undefined) throw new UserError('no database is connected to the server');
    await confirmDeletion(session, options, isAll);
    const versions = await room.deleteMigrations(session, source, checked, isSet(options, 'server'));
    session.terminal.log.info('Deleted migrations', { database: source.name, versions: versions.join(',') });
  },
);

async function confirmDeletion(
  { terminal, config }: Session,
  options: Options,
  isAll: boolean,
): Promise<void> {
  if (isSet(options, 'force') || !isAll) return;
  if (!terminal.isInteractive || !config.isInteractive) {
    throw new UserError('this deletes all migrations; say so by --force where nobody can be asked');
  }
  if (!(await terminal.confirm("clear all migrations of database and it's history on the server?"))) {
    throw new UserError('nothing was deleted');
  }
}

export const migrateCommands: readonly Command[] = [create, apply, status, squash, deleteCommand];
