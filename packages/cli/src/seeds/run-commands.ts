import type { CommandContext } from '../command.ts';
import { chooseSources, isSet, type Session, texts } from '../session/index.ts';
import { UserError } from '../user-error.ts';
import { applySeeds, newSeed } from './seeds.ts';

/** `seed create <name>`. */
export async function runCreate(session: Session, { argv, options }: CommandContext): Promise<void> {
  const [source] = await chooseSources(session, options, { what: 'seeds', allowsAll: false });
  if (source === undefined) throw new UserError('no database is connected to the server');
  const path = await newSeed(session, source, argv[0] ?? '', texts(options, 'fromTable'));
  session.terminal.log.info('created seed file successfully', { file: path });
}

/** `seed apply`. */
export async function runApply(session: Session, { options }: CommandContext): Promise<void> {
  const names = texts(options, 'file');
  const isAll = isSet(options, 'allDatabases');
  if (isAll && names.length > 0) {
    throw new UserError('cannot use --file in conjunction with --all-databases');
  }
  const sources = await chooseSources(session, options, { what: 'seeds', allowsAll: true });
  await applySeeds(session, sources, names, isAll || sources.length > 1);
}
