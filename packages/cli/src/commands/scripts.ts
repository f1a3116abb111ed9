import type { Command } from '../command.ts';
import { serverOptions } from './options.ts';

export const updateProject: Command = {
  name: 'scripts update-project-v3',
  summary: 'Make a project of config version 3 of one of version 2',
  options: [
    ...serverOptions,
    { flags: '--database-name <name>', description: 'whose migrations and seeds they are' },
    { flags: '--force', description: 'do not ask' },
    { flags: '--move-state-only', description: 'take over which migrations are applied, and nothing else' },
  ],
  passesArgumentsThrough: false,
  run: async (context) => (await import('../conversion/index.ts')).runUpdate(context),
};
