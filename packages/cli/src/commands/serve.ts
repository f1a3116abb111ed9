import { parseServeConfiguration, serve as serveEngine } from '@postern/engine/server';
import type { Command } from '../command.ts';
import { withBuiltConsole } from '../console-assets.ts';
import { withDatabaseVariable } from '../database-variable.ts';
import { serveHelp } from '../serve-help.ts';
import { onStopSignal } from '../stop-signal.ts';

/** The engine alone, configured by Hasura's flags and variables. */
export const serve: Command = {
  name: 'serve',
  summary: 'Start the engine (`postern serve --help` lists its flags and variables)',
  options: [],
  passesArgumentsThrough: true,
  async run({ argv, environment, repository, print }) {
    if (argv.includes('--help') || argv.includes('-h')) {
      print(serveHelp());
      return;
    }
    const parsed = withDatabaseVariable(parseServeConfiguration(argv, environment));
    const configuration = withBuiltConsole(parsed, repository);
    const server = await serveEngine({ configuration });
    onStopSignal(() => server.close());
  },
};
