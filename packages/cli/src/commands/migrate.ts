import type { CommandOption } from '../command.ts';
import { commandGroup } from './command-group.ts';
import { databaseOptions } from './options.ts';

const allDatabases: CommandOption = {
  flags: '--all-databases',
  description: 'all of them, one after the other',
};

/** Source: spec/cli.md 5.3. */
export const migrateCommands = commandGroup(
  {
    name: 'migrate',
    options: [
      ...databaseOptions,
      {
        flags: '--disable-auto-state-migration',
        description: 'leave records of config version 2 alone',
        isHidden: true,
      },
    ],
    load: () => import('../migrations/index.ts'),
  },
  [
    {
      name: 'create',
      parameters: '<name>',
      summary: 'Make the files of a new migration',
      options: [
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
      choose: (room) => room.runCreate,
    },
    {
      name: 'apply',
      summary: 'Apply what is in the project and not recorded, or roll back',
      options: [
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
      choose: (room) => room.runApply,
    },
    {
      name: 'status',
      summary: 'Show which migrations are in the project, and which are applied',
      options: [allDatabases, { flags: '-o, --output <format>', description: 'json, on stdout' }],
      choose: (room) => room.runStatus,
    },
    {
      name: 'squash',
      summary: 'Join migrations into one',
      options: [
        { flags: '--from <version>', description: 'the first of them' },
        { flags: '--to <version>', description: 'the last of them (default: the latest)' },
        { flags: '--name <name>', description: 'of the new one (default: squashed)' },
        { flags: '--delete-source', description: 'delete the originals without asking' },
      ],
      choose: (room) => room.runSquash,
    },
    {
      name: 'delete',
      summary: 'Delete migrations from the project and from the record; no SQL is run',
      options: [
        { flags: '--all', description: 'all of the database' },
        { flags: '--version <version>', description: 'only this one' },
        { flags: '--server', description: 'from the record only' },
        { flags: '--force', description: 'do not ask' },
      ],
      choose: (room) => room.runDelete,
    },
  ],
);
