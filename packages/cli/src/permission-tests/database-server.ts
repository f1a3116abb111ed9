import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { UserError } from '../command.ts';
import { embeddedBinaries, startCluster, systemBinaries } from '../local-postgres/index.ts';

/** A PostgreSQL in which throwaway databases are made. All of them are dropped by `close`. */
export type DatabaseServer = {
  /** A new database; with the content of `template`, to which nobody may be connected. */
  create(template?: ThrowawayDatabase): Promise<ThrowawayDatabase>;
  drop(database: ThrowawayDatabase): Promise<void>;
  /** May be called more than once. */
  close(): Promise<void>;
};

export type ThrowawayDatabase = { readonly name: string; readonly url: string };

/**
 * The server of `databaseUrl`, whose database is only connected to in order to make others; without it, a PostgreSQL of its own that is
 * removed afterwards.
 */
export async function openDatabaseServer(databaseUrl: string | null): Promise<DatabaseServer> {
  if (databaseUrl !== null) return serverAt(databaseUrl, async () => {});
  const binaries = embeddedBinaries() ?? systemBinaries();
  if (binaries === null) {
    throw new UserError(
      `There is no PostgreSQL for ${process.platform} on ${process.arch} among the npm packages, and none is installed. Name a server with --database-url.`,
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'postern-permissions-'));
  const cluster = await startCluster({ binaries, folder, durable: false, settings: { jit: 'off' } });
  return serverAt(cluster.url, () => cluster.stop());
}

async function serverAt(url: string, stop: () => Promise<void>): Promise<DatabaseServer> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const existing = new Set<string>();
  // a name by which what a killed run has left can be told
  const run = `postern_permissions_${randomBytes(4).toString('hex')}`;
  let count = 0;
  const drop = async (name: string): Promise<void> => {
    await sql`drop database if exists ${sql(name)} with (force)`;
    existing.delete(name);
  };
  let closing: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    try {
      for (const name of existing) await drop(name);
    } finally {
      await sql.end({ timeout: 5 });
      await stop();
    }
  };
  try {
    await sql`select 1`;
  } catch (error) {
    await stop();
    throw new UserError(
      `The database server cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return {
    async create(template) {
      const name = `${run}_${++count}`;
      existing.add(name);
      if (template === undefined) await sql`create database ${sql(name)} template template0 encoding 'UTF8'`;
      else await sql`create database ${sql(name)} template ${sql(template.name)}`;
      const address = new URL(url);
      address.pathname = `/${name}`;
      return { name, url: address.href };
    },
    drop: ({ name }) => drop(name),
    close: () => (closing ??= end()),
  };
}
