import { isMapping, mappingsIn, type Value } from '../document/index.ts';
import { UserError } from '../user-error.ts';
import { fetchMetadata, isSet, type Options, type Session, text } from './session.ts';

export type Source = { readonly name: string; readonly kind: string };

/** Kinds that take SQL. */
const sqlKinds: readonly string[] = ['postgres', 'pg', 'mssql', 'citus', 'cockroach', 'bigquery', 'alloy'];

/** Whether migrations can be applied to it. */
export function takesSql({ kind }: Source): boolean {
  return sqlKinds.includes(kind);
}

export type SourceRequest = {
  /** What is to be done, for messages: `migrations`, `seeds`. */
  readonly what: string;
  readonly allowsAll: boolean;
};

/**
 * The sources that the flags, or the user, choose; asks the server which there are.
 * @throws UserError when none is chosen, or one cannot be used
 */
export async function chooseSources(
  session: Session,
  options: Options,
  { what, allowsAll }: SourceRequest,
): Promise<readonly Source[]> {
  const named = text(options, 'databaseName');
  const isAll = allowsAll && isSet(options, 'allDatabases');
  const { terminal, config } = session;
  const mayAsk = terminal.isInteractive && config.isInteractive;
  if (named === undefined && !isAll && !mayAsk) throw new UserError('--database-name flag is required');
  const sources = sourcesOf(await fetchMetadata(session));
  const usable = sources.filter(takesSql);
  if (isAll) {
    for (const { name, kind } of sources) {
      if (!sqlKinds.includes(kind))
        terminal.log.warn(`${what} on database '${name}' of kind '${kind}' is not supported`);
    }
    if (usable.length === 0) terminal.log.warn('no database is connected to the server');
    return usable;
  }
  const name = named ?? (await ask(session, usable, allowsAll));
  if (name === null) return usable;
  const source = sources.find((each) => each.name === name);
  if (source === undefined) {
    const known = sources.map((each) => each.name).join(', ');
    throw new UserError(
      `database not found: error determining database kind for '${name}', check if database exists on hasura${known === '' ? '' : ` (it has: ${known})`}`,
    );
  }
  if (!sqlKinds.includes(source.kind)) {
    throw new UserError(`${what} on database '${name}' of kind '${source.kind}' is not supported`);
  }
  return [source];
}

export function sourcesOf(metadata: Value): Source[] {
  return mappingsIn(isMapping(metadata) ? metadata.get('sources') : []).map((source) => ({
    name: String(source.get('name')),
    kind: String(source.get('kind')),
  }));
}

/** Null: all of them. */
async function ask(
  { terminal }: Session,
  sources: readonly Source[],
  allowsAll: boolean,
): Promise<string | null> {
  const all = 'All (all available databases)';
  const names = [...(allowsAll ? [all] : []), ...sources.map(({ name }) => name)];
  if (sources.length === 0) throw new UserError('no database is connected to the server');
  const chosen = await terminal.choose('Select a database to use', names);
  return chosen === all && allowsAll ? null : chosen;
}
