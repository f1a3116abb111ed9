import postgres from 'postgres';
import { readMetadata, readMigrations, readSeeds } from '../project/index.ts';

/** The name of the source that `postern dev` serves; a project's folders are named after it. */
const SOURCE = 'default';

/** State of the Hasura CLI in the engine's catalogue, so that either tool knows what the other has applied. Source: spec/cli.md 3.1. */
type CliState = { readonly migrations?: Readonly<Record<string, Readonly<Record<string, boolean>>>> };

export type AppliedSql = { readonly migrations: readonly string[]; readonly seedFiles: number };

/**
 * Applies the migrations that are not recorded yet, each in a transaction together with its record. On a database without any record, all
 * migrations and the seeds are one transaction, so that a start that was interrupted begins anew.
 */
export async function applySql(databaseUrl: string, projectFolder: string): Promise<AppliedSql> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    const state = await readCliState(sql);
    const recorded = state.migrations?.[SOURCE] ?? {};
    const pending = readMigrations(projectFolder, SOURCE).filter(
      ({ version }) => recorded[version] === undefined,
    );
    const isNew = Object.keys(recorded).length === 0;
    const seeds = isNew ? readSeeds(projectFolder, SOURCE) : [];
    const groups = isNew ? [pending] : pending.map((migration) => [migration]);
    for (const group of groups) {
      if (group.length === 0) continue;
      await sql.begin(async (transaction) => {
        for (const { up } of group) await transaction.unsafe(up);
        for (const seed of seeds) await transaction.unsafe(seed);
        await record(
          transaction,
          group.map(({ version }) => version),
        );
      });
    }
    return {
      migrations: pending.map(({ version, name }) => `${version}_${name}`),
      seedFiles: pending.length > 0 ? seeds.length : 0,
    };
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Gives the engine the project's metadata if it has none yet; changes made since (in the API, the console) are left alone. */
export async function applyMetadataOnce(
  address: string,
  adminSecret: string,
  projectFolder: string,
): Promise<boolean> {
  const current = (await metadataCommand(address, adminSecret, 'export_metadata', {})) as {
    sources?: { tables?: unknown[] }[];
  };
  if (current.sources?.some(({ tables }) => tables !== undefined && tables.length > 0)) {
    // tables may have been changed by a migration just now
    await metadataCommand(address, adminSecret, 'reload_metadata', {});
    return false;
  }
  await metadataCommand(address, adminSecret, 'replace_metadata', readMetadata(projectFolder));
  return true;
}

async function metadataCommand(
  address: string,
  adminSecret: string,
  type: string,
  args: unknown,
): Promise<unknown> {
  const response = await fetch(`${address}/v1/metadata`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hasura-admin-secret': adminSecret },
    body: JSON.stringify({ type, args }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${type} failed: ${text}`);
  return JSON.parse(text);
}

async function readCliState(sql: postgres.Sql): Promise<CliState> {
  const [row] = await sql<{ cli_state: CliState | null }[]>`select cli_state from hdb_catalog.hdb_version`;
  return row?.cli_state ?? {};
}

/** The boolean is the Hasura CLI's "dirty" flag: always false. */
async function record(sql: postgres.TransactionSql, versions: readonly string[]): Promise<void> {
  const migrations = Object.fromEntries(versions.map((version) => [version, false]));
  await sql`
    update hdb_catalog.hdb_version set cli_state = cli_state || jsonb_build_object(
      'migrations', coalesce(cli_state -> 'migrations', '{}') || jsonb_build_object(
        ${SOURCE}::text, coalesce(cli_state -> 'migrations' -> ${SOURCE}, '{}') || ${sql.json(migrations)}),
      'settings', coalesce(cli_state -> 'settings', '{"migration_mode": "true"}'),
      'isStateCopyCompleted', true)`;
}
