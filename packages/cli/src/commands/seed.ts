import { commandGroup } from './command-group.ts';
import { databaseOptions } from './options.ts';

/** Source: spec/cli.md 5.4. */
export const seedCommands = commandGroup(
  {
    name: 'seed',
    options: databaseOptions,
    groupAliases: ['seeds', 'sd'],
    load: () => import('../seeds/index.ts'),
  },
  [
    {
      name: 'create',
      parameters: '<name>',
      summary: 'Make a seed file, from tables or in an editor',
      options: [
        {
          flags: '--from-table <table>',
          description: 'with the rows of this table; may be repeated',
          isRepeatable: true,
        },
      ],
      choose: (room) => room.runCreate,
    },
    {
      name: 'apply',
      summary: 'Run the seed files of a database',
      options: [
        {
          flags: '-f, --file <name>',
          description: 'only this file of the seeds; may be repeated',
          isRepeatable: true,
        },
        { flags: '--all-databases', description: 'of all databases' },
      ],
      choose: (room) => room.runApply,
    },
  ],
);
