import { parseServeConfiguration, serve as serveEngine } from '@postern/engine/server';
import type { Command } from '../command.ts';
import { consoleAssets } from '../console-assets.ts';
import { onStopSignal } from '../stop-signal.ts';

/** The engine alone, configured by Hasura's flags and variables (`postern serve --help` lists them). */
export const serve: Command = {
  name: 'serve',
  summary: 'Start the engine; its flags and HASURA_GRAPHQL_… variables are listed by `serve --help`',
  options: [],
  passesArgumentsThrough: true,
  async run({ argv, environment, repository }) {
    const server = await serveEngine(
      parseServeConfiguration(argv, { ...consoleAssets(repository), ...environment }),
    );
    onStopSignal(() => server.close());
  },
};
