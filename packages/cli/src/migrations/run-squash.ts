import type { CommandContext } from '../command.ts';
import { chooseSources, isSet, type Session, text } from '../session/index.ts';
import { UserError } from '../user-error.ts';
import { checkedVersion } from './run-apply.ts';
import { forgetSquashed, squashMigrations } from './squash-migrations.ts';

/** `migrate squash`. The originals are deleted when the flag or the user says so. */
export async function runSquash(session: Session, { options }: CommandContext): Promise<void> {
  const { terminal, config } = session;
  const from = text(options, 'from');
  if (from === undefined) throw new UserError('required flag(s) "from" not set');
  const to = text(options, 'to');
  terminal.log.warn('this command is experimental, so look at the result before you go on');
  const [source] = await chooseSources(session, options, { what: 'migrations', allowsAll: false });
  if (source === undefined) throw new UserError('no database is connected to the server');
  const squashed = await squashMigrations(session, source, {
    from: checkedVersion(from),
    to: to === undefined || to === '-1' ? null : checkedVersion(to),
    name: text(options, 'name') ?? 'squashed',
  });
  const [first, last] = [squashed.versions[0], squashed.versions.at(-1)];
  terminal.log.info(`Created '${squashed.created}' after squashing '${first}' till '${last}'`);
  const deletes =
    isSet(options, 'deleteSource') ||
    (terminal.isInteractive &&
      config.isInteractive &&
      (await terminal.confirm(`The originals are in ${squashed.backup}. Delete them?`)));
  if (!deletes) {
    terminal.log.info(`the originals are in ${squashed.backup}`);
    return;
  }
  await forgetSquashed(session, source, squashed);
  terminal.log.info('deleted the originals');
}
