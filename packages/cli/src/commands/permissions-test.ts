import type { Command } from '../command.ts';

export const permissionsTest: Command = {
  name: 'permissions test',
  parameters: '[dir]',
  summary: 'Run the permission tests of a project (docs/permission-tests.md)',
  options: [
    {
      flags: '--database-url <url>',
      description: 'PostgreSQL to make throwaway databases in (default: one of its own)',
    },
    { flags: '--junit <file>', description: 'write the results as JUnit XML' },
    { flags: '--require-all', description: 'fail when a permission is exercised by no test' },
  ],
  passesArgumentsThrough: false,
  run: async (context) => (await import('../permission-tests/run-command.ts')).runPermissionsCommand(context),
};
