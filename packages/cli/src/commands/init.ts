import type { Command } from '../command.ts';
import { projectOptions, text, withTerminal } from '../session/index.ts';
import { UserError } from '../user-error.ts';

export const init: Command = {
  name: 'init',
  parameters: '[directory]',
  summary: 'Make a project folder: config.yaml, metadata, migrations, seeds',
  options: [
    ...projectOptions.filter(({ flags }) => !/--(project|envfile)/.test(flags)),
    { flags: '--version <number>', description: 'version of config.yaml: 3' },
    { flags: '--endpoint <url>', description: 'the server; what it has is taken over' },
    { flags: '--admin-secret <secret>', description: 'its admin secret' },
    { flags: '--directory <dir>', description: 'old way to name the directory', isHidden: true },
    { flags: '--fetch', description: 'take over without asking', isHidden: true },
  ],
  passesArgumentsThrough: false,
  run: (context) =>
    withTerminal(context, async (terminal) => {
      const { options, argv, environment } = context;
      const version = text(options, 'version') ?? '3';
      if (version !== '3') throw new UserError(`invalid config version: ${version}; 3 is supported`);
      const { initProject } = await import('../init/index.ts');
      await initProject(
        terminal,
        {
          directory: argv[0] ?? text(options, 'directory') ?? null,
          endpoint: text(options, 'endpoint') ?? null,
          adminSecret: text(options, 'adminSecret') ?? null,
          fetches: options['fetch'] === true,
        },
        environment,
      );
    }),
};
