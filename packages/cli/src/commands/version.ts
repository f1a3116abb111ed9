import about from '../../package.json' with { type: 'json' };
import type { Command } from '../command.ts';

export const version: Command = {
  name: 'version',
  summary: 'Print the version',
  options: [],
  passesArgumentsThrough: false,
  run: async ({ print }) => print(`postern ${about.version}`),
};
