import { createSeed, listSeeds, namedSeeds, sourceFolder } from '../project/index.ts';
import type { Session, Source } from '../session/index.ts';
import { editText } from '../terminal/index.ts';
import { UserError } from '../user-error.ts';

const seedKinds: readonly string[] = ['postgres', 'pg', 'citus', 'mssql'];

/**
 * Runs the seed files of the databases, every time. `names` empty: all files. Source: spec/cli.md 5.4.
 * @throws UserError that begins with `operation failed`
 */
export async function applySeeds(
  session: Session,
  sources: readonly Source[],
  names: readonly string[],
  isAll: boolean,
): Promise<void> {
  const { log } = session.terminal;
  for (const source of sources) {
    try {
      const count = await applyTo(session, source, names, isAll);
      if (!isAll) log.info('Seeds planted');
      else if (count > 0) log.info(`Seed data planted for database: ${source.name}`);
      else log.info(`No seed data to plant for database: ${source.name}`);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new UserError(`operation failed \n${isAll ? `${source.name}: ` : ''}${error.message}`, {
        cause: error,
      });
    }
  }
}

async function applyTo(
  { client, config, terminal }: Session,
  { name, kind }: Source,
  names: readonly string[],
  isAll: boolean,
): Promise<number> {
  if (!seedKinds.includes(kind)) {
    if (isAll) return 0;
    throw new UserError(`seeds on database '${name}' of kind '${kind}' is not supported`);
  }
  const folder = sourceFolder(config.seedsFolder, name);
  const files = names.length === 0 ? listSeeds(folder) : namedSeeds(folder, names);
  if (files.length === 0 && !isAll) throw new UserError(`no SQL files found in ${folder}`);
  const list = files
    .filter(({ text }) => text.trim() !== '')
    .map(({ text }) => ({ source: name, sql: text }));
  if (list.length === 0) return 0;
  await terminal.during(`Applying seeds on database: ${name}...`, () => client.runAll(list));
  for (const { path } of files) terminal.log.debug('seed applied', { file: path });
  return list.length;
}

/** Makes a seed file with the rows of tables, or with what the user writes in an editor. Returns its path. */
export async function newSeed(
  session: Session,
  { name: source, kind }: Source,
  name: string,
  tables: readonly string[],
): Promise<string> {
  const { client, config, terminal } = session;
  if (!seedKinds.includes(kind)) {
    throw new UserError(`seeds on database '${source}' of kind '${kind}' is not supported`);
  }
  const text =
    tables.length === 0
      ? written(session)
      : await terminal.during('Creating seed file...', () =>
          client.dump(source, [
            '--no-owner',
            '--no-acl',
            '--data-only',
            '--column-inserts',
            ...tables.flatMap((table) => ['--table', tablePattern(table)]),
          ]),
        );
  return createSeed(sourceFolder(config.seedsFolder, source), name, text, Date.now());
}

/** `t` or `schema.t`, as pg_dump takes them without looking for patterns. */
function tablePattern(table: string): string {
  const parts = table.split('.');
  const [first = '', second] = parts;
  if (parts.length > 2 || parts.includes('')) throw new UserError(`invalid schema/table provided "${table}"`);
  const quote = (part: string): string => `"${part.replaceAll('"', '""')}"`;
  return second === undefined ? `${quote('public')}.${quote(first)}` : `${quote(first)}.${quote(second)}`;
}

function written({ terminal, config }: Session): string {
  if (!terminal.isInteractive || !config.isInteractive) {
    throw new UserError(
      'there is no terminal to write the seed on: name tables by --from-table, or make the file yourself',
    );
  }
  return editText('', '.sql');
}
