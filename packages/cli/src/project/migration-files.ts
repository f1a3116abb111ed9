import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { UserError } from '../user-error.ts';
import { fileName } from './file-names.ts';
import { readText } from './read-text.ts';

export type Direction = 'up' | 'down';

/** One version on disk. A direction whose file is missing or empty is null. */
export type MigrationFiles = {
  /** Digits only, for example `1764000000000`; the order is numeric. */
  readonly version: string;
  readonly name: string;
  readonly up: MigrationFile | null;
  readonly down: MigrationFile | null;
};

export type MigrationFile = { readonly path: string; readonly isYaml: boolean };

/** The folder of a source's migrations or seeds below `parent`. */
export function sourceFolder(parent: string, source: string): string {
  return join(parent, fileName(source));
}

/**
 * Migrations in a source's folder, oldest first; those with only empty files do not count. Source: spec/cli.md 3.
 * @throws UserError when two have one version, or a file is no text
 */
export function listMigrations(folder: string): MigrationFiles[] {
  const found = new Map<
    string,
    { version: string; name: string; up: MigrationFile | null; down: MigrationFile | null }
  >();
  for (const { path, name: flatName } of candidates(folder)) {
    const [, digits, name, direction, extension] =
      /^([0-9]+)_(.*)\.(up|down)\.(sql|yaml)$/.exec(flatName) ?? [];
    if (digits === undefined || name === undefined || (direction !== 'up' && direction !== 'down')) continue;
    if (readText(path).trim() === '') continue;
    const version = String(BigInt(digits));
    const migration = found.get(version) ?? { version, name, up: null, down: null };
    const other = migration[direction];
    if (other !== null || migration.name !== name) {
      const first = other ?? migration.up ?? migration.down;
      throw new UserError(`found duplicate migrations for version ${version}\n- ${first?.path}\n- ${path}`);
    }
    migration[direction] = { path, isYaml: extension === 'yaml' };
    found.set(version, migration);
  }
  return [...found.values()].sort((a, b) => compareVersions(a.version, b.version));
}

/** @throws UserError for a file of another kind than SQL, or that is no text */
export function readMigration({ path, isYaml }: MigrationFile): string {
  if (isYaml)
    throw new UserError(
      `${path}: migrations in YAML are not supported; write the statements into a .sql file`,
    );
  return readText(path);
}

export function compareVersions(a: string, b: string): number {
  const [left, right] = [BigInt(a), BigInt(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/**
 * Makes the folder of a new migration, with all of its files or not at all, and returns its version.
 * @throws UserError when the name cannot be part of a folder's name
 */
export function createMigration(
  folder: string,
  name: string,
  files: Readonly<Partial<Record<Direction, string>>>,
  nowMs: number,
): string {
  checkName(name);
  mkdirSync(folder, { recursive: true });
  // what does not begin with digits is no migration
  const draft = mkdtempSync(join(folder, '.creating_'));
  try {
    chmodSync(draft, 0o777 & ~process.umask());
    for (const [direction, text] of Object.entries(files))
      writeFileSync(join(draft, `${direction}.sql`), text);
    const taken = new Set(listFolders(folder).map((each) => /^([0-9]+)_/.exec(each)?.[1]));
    let version = nowMs;
    while (taken.has(String(version)) || !isMoved(draft, join(folder, `${version}_${name}`))) version++;
    return String(version);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
}

/** False: another command has made a folder of that name in the meantime. */
function isMoved(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST'))
      return false;
    throw error;
  }
}

/** @throws UserError */
export function checkName(name: string): void {
  if (name === '' || fileName(name) !== name) {
    throw new UserError(`${JSON.stringify(name)} cannot be part of a file's name; choose another name`);
  }
}

/** Everything of a version: its folder, or its flat files. */
export function pathsOfVersion(folder: string, version: string): string[] {
  return listFolders(folder)
    .filter((name) => {
      const digits = /^([0-9]+)_/.exec(name)?.[1];
      return digits !== undefined && compareVersions(digits, version) === 0;
    })
    .map((name) => join(folder, name));
}

export function deleteVersion(folder: string, version: string): void {
  for (const path of pathsOfVersion(folder, version)) rmSync(path, { recursive: true });
}

/** `<dir>/up.sql` is the file `<dir>.up.sql`; flat files of that name count, too. */
function candidates(folder: string): { path: string; name: string }[] {
  return listFolders(folder).flatMap((name) => {
    const path = join(folder, name);
    if (!statSync(path).isDirectory()) return [{ path, name }];
    return readdirSync(path)
      .filter((inner) => /^(up|down)\.(sql|yaml)$/.test(inner))
      .map((inner) => ({ path: join(path, inner), name: `${basename(name)}.${inner}` }));
  });
}

function listFolders(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}
