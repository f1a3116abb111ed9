import type { CommandContext } from '../command.ts';
import { isSet, text, withTerminal } from '../session/index.ts';
import { UserError } from '../user-error.ts';
import { initProject } from './init-project.ts';

/** `init [directory]`. */
export function runInit(context: CommandContext): Promise<void> {
  const { options, argv, environment } = context;
  return withTerminal(context, async (terminal) => {
    const version = text(options, 'version') ?? '3';
    if (version !== '3') throw new UserError(`invalid config version: ${version}; 3 is supported`);
    await initProject(
      terminal,
      {
        directory: argv[0] ?? text(options, 'directory') ?? null,
        endpoint: text(options, 'endpoint') ?? null,
        adminSecret: text(options, 'adminSecret') ?? null,
        fetches: isSet(options, 'fetch'),
      },
      environment,
    );
  });
}
