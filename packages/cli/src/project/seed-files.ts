import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { UserError } from '../user-error.ts';
import { checkName } from './migration-files.ts';
import { readText } from './read-text.ts';

export type SeedFile = { readonly path: string; readonly text: string };

/** All seed files of a source's folder, also of folders below, in lexical order. Source: spec/cli.md 3. */
export function listSeeds(folder: string): SeedFile[] {
  return filesBelow(folder)
    .filter((path) => /\.(sql|SQL)$/.test(path))
    .sort()
    .map(readSeed);
}

/**
 * Those that are named, in that order; paths are relative to the folder.
 * @throws UserError
 */
export function namedSeeds(folder: string, names: readonly string[]): SeedFile[] {
  return names.map((name) => {
    const path = resolve(folder, name);
    const extension = extname(path);
    if (!['.sql', '.SQL'].includes(extension)) {
      throw new UserError(`expected extension to be one of [.sql .SQL] but got ${extension} on file ${name}`);
    }
    if (!existsSync(path)) throw new UserError(`${path} does not exist`);
    return readSeed(path);
  });
}

/** Returns the path of the new file. */
export function createSeed(folder: string, name: string, text: string, nowMs: number): string {
  checkName(name);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${nowMs}_${name}.sql`);
  // another one made within the same millisecond is not overwritten
  writeFileSync(path, text, { flag: 'wx' });
  return path;
}

function readSeed(path: string): SeedFile {
  return { path, text: readText(path) };
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
