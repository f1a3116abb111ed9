import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf, UserError } from '../user-error.ts';

/** A file that will be replaced: its new text lies beside it until all of them are written. */
type Replacement = {
  readonly path: string;
  readonly beside: string;
  /** Null: there was no file. */
  readonly before: Buffer | null;
};

/**
 * Writes files below a folder; those that are as they should be are left alone. Returns the paths of the others.
 * All or none: every text lies on the disk before the first file is replaced, and what was replaced comes back should another fail.
 * @throws UserError that names the file; the folder is as before
 */
export function writeFiles(folder: string, files: ReadonlyMap<string, string>): string[] {
  const mark = randomBytes(4).toString('hex');
  const made: string[] = [];
  const staged: Replacement[] = [];
  const written: string[] = [];
  let replaced = 0;
  let at = folder;
  try {
    makeFolder(folder, made);
    for (const [name, text] of files) {
      at = join(folder, name);
      const path = linkedPath(at);
      const before = contentOf(path);
      if (before?.equals(Buffer.from(text)) === true) continue;
      makeFolder(dirname(path), made);
      const beside = `${path}.${mark}.new`;
      staged.push({ path, beside, before });
      writeFileSync(beside, text, { flag: 'wx', mode: 0o644 });
      if (before !== null) chmodSync(beside, statSync(path).mode & 0o777);
      written.push(name);
    }
    for (const { path, beside } of staged) {
      at = path;
      renameSync(beside, path);
      replaced++;
    }
  } catch (error) {
    const lost = [...putBack(staged, replaced), ...removeFolders(made)];
    throw new UserError(
      `${at} cannot be written: ${messageOf(error)}. ${lost.length === 0 ? 'No file was changed' : `Look at ${lost.join(', ')}: not all files are as before`}`,
      { cause: error },
    );
  }
  return written;
}

/** Where a link leads, so that the link stays one. */
function linkedPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function contentOf(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Makes a folder and those above it; remembers which there were not. */
function makeFolder(path: string, made: string[]): void {
  const missing: string[] = [];
  for (let each = path; statSync(each, { throwIfNoEntry: false }) === undefined; each = dirname(each)) {
    missing.unshift(each);
  }
  for (const each of missing) {
    mkdirSync(each, { recursive: true });
    made.push(each);
  }
}

/** Returns the files that are not as before. */
function putBack(staged: readonly Replacement[], replaced: number): string[] {
  return staged.flatMap(({ path, beside, before }, at) => {
    try {
      if (at >= replaced) rmSync(beside, { force: true });
      else if (before === null) rmSync(path);
      else writeFileSync(path, before);
      return [];
    } catch {
      return [path];
    }
  });
}

/** Returns those that could not be removed. */
function removeFolders(made: readonly string[]): string[] {
  return [...made].reverse().flatMap((path) => {
    try {
      rmdirSync(path);
      return [];
    } catch {
      return [path];
    }
  });
}
