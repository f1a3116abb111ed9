import type { Command } from '../command.ts';
import { inSession } from './in-session.ts';
import { databaseOptions, serverOptions } from './options.ts';

const room = () => import('../seeds/index.ts');

export const seedCommands: readonly Command[] = [
  {
    name: 'seed create',
    parameters: '<name>',
    summary: 'Make a seed file, from tables or in an editor',
    options: [
      ...serverOptions,
      ...databaseOptions,
      {
        flags: '--from-table <table>',
        description: 'with the rows of this table; may be repeated',
        isRepeatable: true,
      },
    ],
    groupAliases: ['seeds', 'sd'],
    passesArgumentsThrough: false,
    run: inSession(async () => (await room()).runCreate),
  },
  {
    name: 'seed apply',
    summary: 'Run the seed files of a database',
    options: [
      ...serverOptions,
      ...databaseOptions,
      {
        flags: '-f, --file <name>',
        description: 'only this file of the seeds; may be repeated',
        isRepeatable: true,
      },
      { flags: '--all-databases', description: 'of all databases' },
    ],
    passesArgumentsThrough: false,
    run: inSession(async () => (await room()).runApply),
  },
];
