import type { CommandContext } from '../command.ts';
import { createMigration, readText, sourceFolder } from '../project/index.ts';
import {
  chooseSources,
  fetchMetadata,
  isSet,
  type Options,
  type Session,
  type Source,
  sourcesOf,
  text,
  texts,
} from '../session/index.ts';
import { UserError } from '../user-error.ts';
import { createRecorded } from './create-recorded.ts';
import { dumpSchema } from './dump-schema.ts';

/** `migrate create <name>`: empty files, given SQL, or what the database holds now. */
export async function runCreate(session: Session, { argv, options }: CommandContext): Promise<void> {
  const { terminal, config, client } = session;
  for (const flag of ['metadataFromFile', 'metadataFromServer']) {
    if (options[flag] !== undefined)
      throw new UserError('metadata is no longer part of migrations: use "postern metadata export"');
  }
  const name = argv[0] ?? '';
  const fromServer = isSet(options, 'fromServer') || isSet(options, 'sqlFromServer');
  const files = fromServer ? {} : givenFiles(options);
  const source = await sourceForNew(session, options, fromServer);
  if (fromServer) {
    const schemas = texts(options, 'schema').flatMap((list) => list.split(','));
    const up = await terminal.during('Dumping the schema...', () =>
      dumpSchema(client, source.name, schemas.length === 0 ? ['public'] : schemas),
    );
    if (up.trim() === '')
      throw new UserError(`the schemas of database '${source.name}' hold nothing to make a migration of`);
    created(session, name, await createRecorded(session, source.name, name, up));
    return;
  }
  if ('up' in files !== 'down' in files) {
    const [there, missing] = 'up' in files ? ['an up', 'a down'] : ['a down', 'an up'];
    terminal.log.warn(`you are creating ${there} migration without ${missing} migration`);
  }
  const folder = sourceFolder(config.migrationsFolder, source.name);
  created(session, name, createMigration(folder, name, { up: '', down: '', ...files }, Date.now()));
}

function created({ terminal }: Session, name: string, version: string): void {
  terminal.log.info('Created Migrations');
  terminal.log.info('Migrations files created', { name, version });
}

function givenFiles(options: Options): { up?: string; down?: string } {
  const [file, up, down] = [text(options, 'sqlFromFile'), text(options, 'upSql'), text(options, 'downSql')];
  if (file !== undefined && up !== undefined)
    throw new UserError('only one of --sql-from-file and --up-sql can be set');
  return {
    ...(file === undefined ? {} : { up: readText(file) }),
    ...(up === undefined ? {} : { up }),
    ...(down === undefined ? {} : { down }),
  };
}

/** A migration may be made before its database is connected. */
async function sourceForNew(session: Session, options: Options, mustExist: boolean): Promise<Source> {
  const name = text(options, 'databaseName');
  if (name !== undefined && !mustExist) {
    const known = sourcesOf(await fetchMetadata(session)).find((each) => each.name === name);
    if (known === undefined) session.terminal.log.warn(`database '${name}' is not connected to hasura`);
    return known ?? { name, kind: 'postgres' };
  }
  const [source] = await chooseSources(session, options, { what: 'migrations', allowsAll: false });
  if (source === undefined) throw new UserError('no database is connected to the server');
  return source;
}
