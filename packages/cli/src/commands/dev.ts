import type { Command } from '../command.ts';

export const dev: Command = {
  name: 'dev',
  summary: 'Start PostgreSQL, a sample project and the engine, and show queries to try',
  options: [
    { flags: '--port <number>', description: 'where to listen (default: PORT or 8080)' },
    { flags: '--project <folder>', description: 'project to serve (default: examples/blog)' },
    { flags: '--data <folder>', description: 'where the database is kept (default: .postern in the clone)' },
    { flags: '--reset', description: 'throw the data away and begin anew' },
  ],
  passesArgumentsThrough: false,
  run: async (context) => (await import('../dev/run-dev.ts')).runDev(context),
};
