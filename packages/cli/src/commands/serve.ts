import type { Command } from '../command.ts';

export const serve: Command = {
  name: 'serve',
  summary: 'Start the engine (`postern serve --help` lists its flags and variables)',
  options: [],
  passesArgumentsThrough: true,
  run: async (context) => (await import('../serve/run-serve.ts')).runServe(context),
};
