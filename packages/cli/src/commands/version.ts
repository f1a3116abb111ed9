import about from '../../package.json' with { type: 'json' };
import type { Command } from '../command.ts';
import { serverOptions } from './options.ts';

/** Two lines of the log on stdout: its own version, and in a project the server's, when that answers. Source: spec/cli.md 5.8. */
export const version: Command = {
  name: 'version',
  summary: "Print the version, and in a project the server's",
  options: serverOptions,
  passesArgumentsThrough: false,
  async run(context) {
    const [{ openConfig }, { openClient }, { Logger }] = await Promise.all([
      import('../session/index.ts'),
      import('../engine-client/index.ts'),
      import('../terminal/index.ts'),
    ]);
    const log = new Logger({
      level: 'info',
      form: process.stdout.isTTY === true ? 'text' : 'json',
      isColored: false,
      write: (line) => process.stdout.write(line),
    });
    log.info('postern cli', { version: about.version });
    try {
      const config = openConfig(context);
      const client = openClient(config);
      try {
        log.info('graphql engine', { endpoint: config.endpoint, version: await client.version() });
      } finally {
        client.close();
      }
    } catch {
      // no project here, or no server there: the version of the command is all there is to say
    }
  },
};
