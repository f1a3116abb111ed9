import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { UserError } from '../command.ts';
import {
  accountForRoot,
  type Cluster,
  canReach,
  embeddedBinaries,
  type PostgresBinaries,
  startCluster,
  systemBinaries,
} from '../local-postgres/index.ts';

/** Where the data goes when root's PostgreSQL user cannot enter the clone. */
const FOLDER_OUTSIDE = '/var/lib';

/** The PostgreSQL that `postern dev` brings along, or the system's where there is none for this platform. */
export function devBinaries(): PostgresBinaries {
  const binaries = embeddedBinaries() ?? systemBinaries();
  if (binaries !== null) return binaries;
  throw new UserError(
    `There is no PostgreSQL for ${process.platform} on ${process.arch} among the npm packages, and none is installed. Install PostgreSQL, or use \`postern serve\` with DATABASE_URL.`,
  );
}

/** Starts the cluster of a state folder; its data stays when it is stopped. */
export function startDevCluster(binaries: PostgresBinaries, stateFolder: string): Promise<Cluster> {
  return startCluster({ binaries, folder: clusterFolder(stateFolder), durable: true });
}

/** Makes the database if it is not there, and gives its URL. */
export async function ensureDatabase(serverUrl: string, name: string): Promise<string> {
  const sql = postgres(serverUrl, { max: 1, onnotice: () => {} });
  try {
    const existing = await sql`select 1 from pg_database where datname = ${name}`;
    if (existing.length === 0) await sql`create database ${sql(name)}`;
  } finally {
    await sql.end({ timeout: 5 });
  }
  const url = new URL(serverUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.href;
}

/** Removes all data, also where it lies outside of the state folder. */
export function removeClusterFolder(stateFolder: string): void {
  const folder = join(stateFolder, 'postgres');
  const link = linkTarget(folder);
  if (link !== null) rmSync(link, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}

/**
 * `postgres` in the state folder. Root's PostgreSQL runs as another user; where that user cannot enter the clone (below /root, for example)
 * `postgres` is a link to a folder outside.
 */
function clusterFolder(stateFolder: string): string {
  const folder = join(stateFolder, 'postgres');
  const account = accountForRoot();
  const target = linkTarget(folder);
  if (target !== null && existsSync(target)) return target;
  if (account === null || canReach(stateFolder, account)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(FOLDER_OUTSIDE, { recursive: true });
  const outside = mkdtempSync(join(FOLDER_OUTSIDE, 'postern-'));
  chmodSync(outside, 0o711);
  symlinkSync(outside, folder);
  return outside;
}

function linkTarget(path: string): string | null {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : null;
}
