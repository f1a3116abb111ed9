import { join } from 'node:path';
import type { CommandContext } from '../command.ts';
import { copyOldRecords } from '../migrations/index.ts';
import { member, readConfigFile } from '../project/index.ts';
import {
  fetchMetadata,
  isSet,
  type Session,
  type Source,
  sourcesOf,
  text,
  withSession,
} from '../session/index.ts';
import { UserError } from '../user-error.ts';
import { convertProject } from './convert-project.ts';

/** `scripts update-project-v3`. Source: spec/cli.md 2.6, 3.1. */
export function runUpdate(context: CommandContext): Promise<void> {
  // the project is what it will be: only its own file says that it is of version 2
  return withSession(context, (session) => update(session, context), { version: '3' });
}

async function update(session: Session, { options }: CommandContext): Promise<void> {
  const { config, terminal } = session;
  const version = member(readConfigFile(join(config.root, 'config.yaml')), 'version') ?? '1';
  const onlyRecords = isSet(options, 'moveStateOnly');
  if (version === '3' && !onlyRecords) throw new UserError('the project has config version 3 already');
  if (version !== '2' && version !== '3') {
    throw new UserError(
      `a project of config version ${version} cannot be converted; make a new one: postern init --endpoint ${config.endpoint}`,
    );
  }
  const isForced = isSet(options, 'force');
  const name = text(options, 'databaseName');
  if (isForced && name === undefined) throw new UserError('--database-name is required when --force is set');
  const metadata = await fetchMetadata(session);
  const source = await chosen(session, sourcesOf(metadata), name);
  if (!onlyRecords && !isForced) await confirm(session, source);
  const count = await copyOldRecords(session, source);
  if (onlyRecords) {
    terminal.log.info(count === 0 ? 'the database holds no records of config version 2' : 'records moved');
    return;
  }
  convertProject(config, metadata, source.name);
  terminal.log.info('the project has config version 3 now. Look at it by: postern metadata diff', {
    database: source.name,
  });
}

async function chosen(
  { terminal, config }: Session,
  sources: readonly Source[],
  name: string | undefined,
): Promise<Source> {
  if (name !== undefined) {
    const known = sources.find((each) => each.name === name);
    if (known !== undefined) return known;
    const names = sources.map((each) => each.name).join(', ');
    throw new UserError(`the server has no database '${name}'${names === '' ? '' : ` (it has: ${names})`}`);
  }
  const [only, ...others] = sources;
  if (only === undefined) throw new UserError('no database is connected to the server');
  if (others.length === 0) return only;
  if (!terminal.isInteractive || !config.isInteractive)
    throw new UserError('--database-name flag is required');
  const answer = await terminal.choose(
    'Select the database of the migrations and seeds',
    sources.map((each) => each.name),
  );
  return sources.find((each) => each.name === answer) ?? only;
}

async function confirm({ terminal, config }: Session, source: Source): Promise<void> {
  if (!terminal.isInteractive || !config.isInteractive) {
    throw new UserError(
      `this moves the migrations and seeds of the project to folders of database '${source.name}'; say so by --force --database-name ${source.name} where nobody can be asked`,
    );
  }
  const question = `Move migrations and seeds to folders of database '${source.name}', and write the metadata anew?`;
  if (!(await terminal.confirm(question))) throw new UserError('nothing was changed');
}
