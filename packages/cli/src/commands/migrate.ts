import type { Command, CommandOption } from '../command.ts';
import { inSession, type Run } from './in-session.ts';
import { databaseOptions, serverOptions } from './options.ts';

type Room = typeof import('../migrations/index.ts');

const allDatabases: CommandOption = {
  flags: '--all-databases',
  description: 'all of them, one after the other',
};

/** A command of the group `migrate`; what it does is loaded when it is run. */
function migrateCommand(
  name: string,
  summary: string,
  options: readonly CommandOption[],
  choose: (room: Room) => Run,
  more: Partial<Command> = {},
): Command {
  return {
    name: `migrate ${name}`,
    summary,
    options: [
      ...serverOptions,
      ...databaseOptions,
      {
        flags: '--disable-auto-state-migration',
        description: 'leave records of config version 2 alone',
        isHidden: true,
      },
      ...options,
    ],
    passesArgumentsThrough: false,
    ...more,
    run: inSession(async () => choose(await import('../migrations/index.ts'))),
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
  (room) => room.runCreate,
  { parameters: '<name>' },
);

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
  (room) => room.runApply,
);

const status = migrateCommand(
  'status',
  'Show which migrations are in the project, and which are applied',
  [allDatabases, { flags: '-o, --output <format>', description: 'json, on stdout' }],
  (room) => room.runStatus,
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
  (room) => room.runSquash,
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
  (room) => room.runDelete,
);

export const migrateCommands: readonly Command[] = [create, apply, status, squash, deleteCommand];
