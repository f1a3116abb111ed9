import type { Command, CommandContext } from '../command.ts';
import type { Session } from '../session/index.ts';

export type Run = (session: Session, context: CommandContext) => Promise<void>;

/** A command on a project: its room, and all that talks to a server, is loaded when it is run. */
export function inSession(load: () => Promise<Run>): Command['run'] {
  return async (context) => {
    const [{ withSession }, run] = await Promise.all([import('../session/index.ts'), load()]);
    await withSession(context, (session) => run(session, context));
  };
}
