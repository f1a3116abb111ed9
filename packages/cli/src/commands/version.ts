import about from '../../package.json' with { type: 'json' };
import type { Command } from '../command.ts';
import { serverOptions } from './options.ts';

/** In a project it tells the server's version, too, when that answers. */
export const version: Command = {
  name: 'version',
  summary: "Print the version, and in a project the server's",
  options: serverOptions,
  passesArgumentsThrough: false,
  async run(context) {
    context.print(`postern ${about.version}`);
    const { openConfig } = await import('../session/index.ts');
    const { openClient } = await import('../engine-client/index.ts');
    try {
      const config = openConfig(context);
      const client = openClient(config);
      try {
        context.print(`engine ${await client.version()} (${config.endpoint})`);
      } finally {
        client.close();
      }
    } catch {
      // no project here, or no server there: the version of the command is all there is to say
    }
  },
};
