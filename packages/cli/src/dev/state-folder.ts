import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../command.ts';
import { processCommand } from '../local-postgres/index.ts';

/** What `postern dev` keeps between starts, in the git-ignored folder `.postern`. */
export type StateFolder = {
  readonly path: string;
  /** Made at the first start. */
  readonly adminSecret: string;
  /** Lets another `postern dev` use the folder. */
  release(): void;
};

/** Opens the folder for this process alone. */
export function openStateFolder(path: string): StateFolder {
  // others may pass through (PostgreSQL's user, when we are root), but not look around; the secret is for the owner only
  mkdirSync(path, { recursive: true, mode: 0o711 });
  const lock = join(path, 'dev.pid');
  const holder = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0;
  if (holder !== process.pid && /\bpostern\b.*\bdev\b/.test(processCommand(holder) ?? '')) {
    throw new UserError(`postern dev is already running (process ${holder}). Stop it first: kill ${holder}`);
  }
  writeFileSync(lock, `${process.pid}\n`);
  return {
    path,
    adminSecret: rememberedSecret(join(path, 'admin-secret')),
    release: () => rmSync(lock, { force: true }),
  };
}

function rememberedSecret(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const secret = randomBytes(16).toString('hex');
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  return secret;
}
