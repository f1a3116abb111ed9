import type { CommandContext } from '../command.ts';
import { chooseSources, isSet, type Options, type Session, text } from '../session/index.ts';
import { UserError } from '../user-error.ts';
import { deleteMigrations } from './delete-migrations.ts';
import { checkedVersion } from './run-apply.ts';

/** `migrate delete`. All of them only with `--force` or when the user says so. */
export async function runDelete(session: Session, { options }: CommandContext): Promise<void> {
  const version = text(options, 'version');
  const isAll = isSet(options, 'all');
  if (!isAll && version === undefined)
    throw new UserError('at least one flag [--all , --version] should be set');
  if (isAll && version !== undefined) throw new UserError('only one of [--all , --version] should be set');
  const checked = version === undefined ? null : checkedVersion(version);
  const [source] = await chooseSources(session, options, { what: 'migrations', allowsAll: false });
  if (source === undefined) throw new UserError('no database is connected to the server');
  await confirmDeletion(session, options, isAll);
  const versions = await deleteMigrations(session, source, checked, isSet(options, 'server'));
  session.terminal.log.info('Deleted migrations', { database: source.name, versions: versions.join(',') });
}

async function confirmDeletion(
  { terminal, config }: Session,
  options: Options,
  isAll: boolean,
): Promise<void> {
  if (isSet(options, 'force') || !isAll) return;
  if (!terminal.isInteractive || !config.isInteractive) {
    throw new UserError('this deletes all migrations; say so by --force where nobody can be asked');
  }
  if (!(await terminal.confirm("clear all migrations of database and it's history on the server?"))) {
    throw new UserError('nothing was deleted');
  }
}
