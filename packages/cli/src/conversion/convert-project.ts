import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  isList,
  isMapping,
  type Mapping,
  mappingOf,
  mappingsIn,
  readYaml,
  type Value,
} from '../document/index.ts';
import {
  changeConfigFile,
  exportMetadata,
  type ProjectConfig,
  readMetadataFolder,
  readText,
  resolveIncludes,
  sourceFolder,
  writeFiles,
} from '../project/index.ts';
import { messageOf, UserError } from '../user-error.ts';

type Move = { readonly from: string; readonly to: string };

/** What a database is connected with when the server does not say it. */
const usualConfiguration = mappingOf([
  [
    'connection_info',
    mappingOf([
      ['database_url', mappingOf([['from_env', 'HASURA_GRAPHQL_DATABASE_URL']])],
      ['isolation_level', 'read-committed'],
      ['use_prepared_statements', false],
    ]),
  ],
]);

/**
 * Makes a project of config version 3 of one of version 2, whose one database gets the name. What can be refused is refused before anything has changed, and
 * config.yaml says 3 at the end: until then the same command goes on where it stopped.
 * @throws UserError
 */
export function convertProject(config: ProjectConfig, onServer: Mapping, database: string): void {
  const { files } = exportMetadata(convertedMetadata(config, onServer, database));
  const moves = [
    ...movesOf(config.migrationsFolder, database, (name) => /^[0-9]+_/.test(name)),
    ...movesOf(config.seedsFolder, database, (name) => /\.(sql|SQL)$/.test(name)),
  ];
  writeFiles(config.metadataFolder, files);
  moveAll(moves);
  changeConfigFile(config.root, [[['version'], 3]]);
  for (const name of ['tables.yaml', 'functions.yaml'])
    rmSync(join(config.metadataFolder, name), { force: true });
}

/** The tables and functions that stood at the top are those of the one database. */
function convertedMetadata(
  { metadataFolder, root }: ProjectConfig,
  onServer: Mapping,
  database: string,
): Mapping {
  const known = mappingsIn(onServer.get('sources')).find((source) => source.get('name') === database);
  const source = mappingOf([
    ['kind', 'postgres'],
    ['configuration', usualConfiguration],
    ...(known ?? []),
    ['name', database],
    ['tables', listIn(join(metadataFolder, 'tables.yaml'), root)],
    ['functions', listIn(join(metadataFolder, 'functions.yaml'), root)],
  ]);
  const others = readMetadataFolder(metadataFolder, root);
  return mappingOf([...others, ['version', onServer.get('version')], ['sources', [source]]]);
}

function listIn(path: string, root: string): Value {
  if (!existsSync(path)) return [];
  try {
    const list = resolveIncludes(readYaml(readText(path)), path, root);
    if (list === null) return [];
    if (isList(list) && list.every((each) => isMapping(each))) return list;
  } catch (error) {
    throw new UserError(`${path}: ${messageOf(error)}`, { cause: error });
  }
  throw new UserError(`${path}: a list of mappings is expected`);
}

/** Everything directly in the folder that belongs to the one database. */
function movesOf(folder: string, database: string, isPart: (name: string) => boolean): Move[] {
  const target = sourceFolder(folder, database);
  return readdirSync(folder)
    .filter((name) => isPart(name) && join(folder, name) !== target)
    .map((name) => {
      const move = { from: join(folder, name), to: join(target, name) };
      if (existsSync(move.to))
        throw new UserError(`${move.from} cannot be moved: ${move.to} is there already`);
      return move;
    });
}

/** All of them or none. */
function moveAll(moves: readonly Move[]): void {
  const done: Move[] = [];
  try {
    for (const move of moves) {
      mkdirSync(dirname(move.to), { recursive: true });
      renameSync(move.from, move.to);
      done.push(move);
    }
  } catch (error) {
    for (const { from, to } of done.reverse()) renameSync(to, from);
    throw new UserError(`${basename(moves[done.length]?.from ?? '')} cannot be moved: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
