import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  isEmpty,
  isList,
  isMapping,
  type Mapping,
  mappingOf,
  readJson,
  readYaml,
  toPlain,
  type Value,
} from '../document/index.ts';
import { messageOf, UserError } from '../user-error.ts';
import { readActions } from './action-files.ts';
import { type ProjectFolders, projectFolders } from './config.ts';
import { resolveIncludes } from './includes.ts';
import { documentOrder, metadataObjects } from './metadata-objects.ts';
import { readText } from './read-text.ts';

/**
 * The metadata of a project as `replace_metadata` takes it, for example `{ version: 3, sources: [ … ] }`. Keys without a file are absent.
 * `root`: the project; includes stay below it.
 * @throws UserError that names the file
 */
export function readMetadataFolder(folder: string, root: string = dirname(resolve(folder))): Mapping {
  const found = new Map<string, Value>();
  for (const { file, key, isSentEmpty } of metadataObjects) {
    const path = join(folder, file);
    if (!existsSync(path)) continue;
    const value = contentOf(key, path, root);
    // an empty file says nothing
    if (value !== null && (isSentEmpty || !isEmpty(value))) found.set(key, value);
  }
  for (const [key, value] of actionsIn(folder)) found.set(key, value);
  return mappingOf(documentOrder.map((key) => [key, found.get(key)] as const));
}

/** The metadata of the project: its folder, or its one file. @throws UserError that names the file */
export function readProjectMetadata({
  metadataFile,
  metadataFolder,
  root,
}: Pick<ProjectFolders, 'metadataFile' | 'metadataFolder' | 'root'>): Mapping {
  if (metadataFile === null) return readMetadataFolder(metadataFolder, root);
  if (!existsSync(metadataFile)) {
    throw new UserError(`${metadataFile} does not exist; 'postern metadata export' makes it`);
  }
  const text = readText(metadataFile);
  let value: Value;
  try {
    value = metadataFile.endsWith('.json') ? readJson(text) : readYaml(text);
  } catch (error) {
    throw new UserError(`${metadataFile}: ${messageOf(error)}`, { cause: error });
  }
  if (isMapping(value)) return value;
  throw new UserError(`${metadataFile}: a mapping of keys is expected`);
}

/** The same as plain objects. */
export function readMetadata(projectFolder: string): Record<string, unknown> {
  return toPlain(readProjectMetadata(projectFolders(projectFolder))) as Record<string, unknown>;
}

function actionsIn(folder: string): Mapping {
  const yaml = join(folder, 'actions.yaml');
  const sdl = join(folder, 'actions.graphql');
  const declared = existsSync(yaml) ? readFile('actions', yaml, readYaml) : null;
  return existsSync(sdl)
    ? readFile('actions', sdl, (text) => readActions(declared, text))
    : readActions(declared, '');
}

function contentOf(key: string, path: string, root: string): Value {
  return readFile(key, path, (text) => {
    const value = readYaml(text);
    switch (key) {
      case 'sources':
        return resolveSources(value, path, resolve(root));
      case 'version':
        // the file is a mapping with that one key
        return isMapping(value) ? (value.get('version') ?? null) : value;
      default:
        return value;
    }
  });
}

/** Includes count only under `tables` and `functions` of a source. */
function resolveSources(sources: Value, path: string, root: string): Value {
  if (sources === null) return [];
  if (!isList(sources)) throw new Error('a list of sources is expected');
  return sources.map((source) => {
    if (!isMapping(source)) return source;
    return new Map(
      [...source].map(([key, value]) => [
        key,
        key === 'tables' || key === 'functions' ? resolveIncludes(value, resolve(path), root) : value,
      ]),
    );
  });
}

function readFile<T>(key: string, path: string, read: (text: string) => T): T {
  try {
    return read(readText(path));
  } catch (error) {
    const detail = messageOf(error);
    throw new UserError(
      `cannot build ${key} from project: error parsing metadata \nobject: ${key}\nfile: ${path}\nerror: ${detail}`,
      { cause: error },
    );
  }
}
