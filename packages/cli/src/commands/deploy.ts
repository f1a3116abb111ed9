import type { Command } from '../command.ts';
import { inSession } from './in-session.ts';
import { serverOptions } from './options.ts';

export const deploy: Command = {
  name: 'deploy',
  summary: 'Apply metadata and migrations of all databases',
  options: [
    ...serverOptions,
    { flags: '--with-seeds', description: 'and the seeds' },
    { flags: '--no-transaction', description: 'run migrations outside of a transaction' },
  ],
  passesArgumentsThrough: false,
  run: inSession(async () => (await import('../deploy/index.ts')).runDeploy),
};
