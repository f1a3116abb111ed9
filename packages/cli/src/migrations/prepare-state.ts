import { isList, type Value } from '../document/index.ts';
import {
  type CliState,
  changeRecord,
  checkState,
  isStateCopied,
  readState,
  recordedVersions,
} from '../engine-client/index.ts';
import { compareVersions } from '../project/index.ts';
import type { Session, Source } from '../session/index.ts';
import { messageOf } from '../user-error.ts';

/**
 * The versions that are recorded for a source, oldest first. What a project of config version 2 has recorded in the database itself is taken over
 * once. Source: spec/cli.md 3.1.
 * @throws UserError when migrations are switched off or one was left half done
 */
export async function recordedMigrations(
  session: Session,
  source: Source,
  copiesOld = true,
): Promise<string[]> {
  let state = await readState(session.client);
  checkState(state, source.name);
  if (copiesOld && !isStateCopied(state) && source.name === 'default')
    state = await takeOverOld(session, source, state);
  return recordedVersions(state, source.name).sort(compareVersions);
}

/** A failure is only told: migrations can be recorded by hand, too. */
async function takeOverOld(session: Session, source: Source, state: CliState): Promise<CliState> {
  try {
    return (await copyOldRecords(session, source)) > 0 ? await readState(session.client) : state;
  } catch (error) {
    session.terminal.log.debug(`looking for records of config version 2: ${messageOf(error)}`);
    return state;
  }
}

/**
 * Records for a source what the tables of config version 2, in the source itself, say is applied. Returns how many migrations that are.
 * @throws UserError when the source is not reached
 */
export async function copyOldRecords({ client, terminal }: Session, source: Source): Promise<number> {
  const isThere = await client.runSql({
    source: source.name,
    sql: `select to_regclass('hdb_catalog.schema_migrations') is not null`,
    isInTransaction: true,
  });
  if (firstCells(isThere)[0] !== 't') return 0;
  const rows = await client.runSql({
    source: source.name,
    sql: 'select version::text from hdb_catalog.schema_migrations where not dirty',
    isInTransaction: true,
  });
  const old = firstCells(rows);
  if (old.length === 0) return 0;
  await changeRecord(client, source.name, (versions) => {
    for (const version of old) versions.set(version, false);
  });
  terminal.log.info(`took over ${old.length} records of migrations from hdb_catalog.schema_migrations`);
  return old.length;
}

/** Of all rows but the first, which has the names of the columns. */
function firstCells(rows: readonly Value[]): string[] {
  return rows.slice(1).map((row) => String(isList(row) ? row[0] : row));
}
