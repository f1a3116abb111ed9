import { dirname, extname, isAbsolute, join, relative, sep } from 'node:path';
import { isList, isMapping, readYaml, type Value } from '../document/index.ts';
import { messageOf, UserError } from '../user-error.ts';
import { readText } from './read-text.ts';

/** A string that stands for the content of a file. */
export function isInclude(text: string): boolean {
  return text.startsWith('!include ');
}

/**
 * Puts the contents of files in the place of the strings that name them, at any depth. Paths are relative to the file that names them and stay below `root`:
 * what a server's metadata says in a comment must not make files of this machine part of what is sent. Files other than `.yaml` are inserted as text.
 */
export function resolveIncludes(value: Value, file: string, root: string): Value {
  return resolve(value, { file, root, chain: [], read: new Map(), budget: { includes: mostIncludes } });
}

/** Files that include others many times over would fill the memory; a project has one for each table. */
const mostIncludes = 100_000;

type Place = {
  readonly file: string;
  readonly root: string;
  /** The files in whose contents we are. */
  readonly chain: readonly string[];
  /** What files hold that were read already. */
  readonly read: Map<string, Value>;
  /** So many includes may follow. */
  readonly budget: { includes: number };
};

function resolve(value: Value, place: Place): Value {
  if (isList(value)) return value.map((member) => resolve(member, place));
  if (isMapping(value)) {
    return new Map([...value].map(([key, member]) => [key, resolve(member, place)]));
  }
  if (typeof value !== 'string' || !isInclude(value)) return value;
  const path = join(dirname(place.file), value.slice('!include '.length).trim());
  const fault = (problem: string): UserError =>
    new UserError(`yaml tag resolver error:\ntag: !include\nfile: ${path}\nerror: ${problem}`);
  if (isOutside(path, place.root)) {
    throw fault(`it lies outside of the project (${place.root}); copy or link it into the project`);
  }
  if (place.chain.includes(path)) throw fault('it includes itself');
  if (--place.budget.includes < 0) throw fault(`there are more than ${mostIncludes} includes`);
  let content = place.read.get(path);
  try {
    content ??= contentOf(path);
  } catch (error) {
    throw fault(messageOf(error));
  }
  place.read.set(path, content);
  if (extname(path) !== '.yaml') return content;
  return resolve(content, { ...place, file: path, chain: [...place.chain, path] });
}

function contentOf(path: string): Value {
  const text = readText(path);
  return extname(path) === '.yaml' ? readYaml(text) : text;
}

function isOutside(path: string, root: string): boolean {
  const way = relative(root, path);
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
}
