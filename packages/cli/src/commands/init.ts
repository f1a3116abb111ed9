import type { Command } from '../command.ts';
import { projectOptions } from './options.ts';

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
    { flags: '--install-manifest', description: 'no longer there', isHidden: true },
    { flags: '--fetch', description: 'take over without asking', isHidden: true },
  ],
  passesArgumentsThrough: false,
  run: async (context) => {
    const { runInit } = await import('../init/index.ts');
    await runInit(context);
  },
};
