import type { Mapping, Value } from '../document/index.ts';
import { changeRecord, checkState, isMigrationMode, readState } from '../engine-client/index.ts';
import { exportProject } from '../metadata-commands/index.ts';
import { createMigration, deleteVersion, sourceFolder } from '../project/index.ts';
import type { Session } from '../session/index.ts';
import { messageOf } from '../user-error.ts';
import { ApiError, apiErrorOf } from './api-error.ts';
import { commandRuns, isSql, type MigrationRequest, sqlOf } from './migration-request.ts';

/**
 * Makes a migration of a change, carries it out, records it and writes the metadata to the project. Returns the name of the migration's folder.
 * @throws ApiError; the files are gone then, unless some of the SQL was carried out: it is recorded, and what failed is told
 */
export async function migrate(session: Session, request: MigrationRequest): Promise<string> {
  const { client, config } = session;
  const state = await readState(client);
  if (!isMigrationMode(state)) {
    throw new ApiError(400, 'migration_mode_disabled', 'Migration mode is disabled');
  }
  checkState(state, request.database);
  const folder = sourceFolder(config.migrationsFolder, request.database);
  const files = { up: sqlOf(request.up), down: sqlOf(request.down) };
  const version = created(folder, request.name, files);
  let fault: unknown = null;
  if (!request.isSkipped) {
    const { hasRunSql, error } = await carryOut(session, request.up);
    fault = error;
    if (fault !== null && !hasRunSql) {
      deleteVersion(folder, version);
      throw apiErrorOf(fault);
    }
  }
  // without SQL nothing but metadata has changed, which is in its own files
  if (files.up.trim() === '' && files.down.trim() === '') deleteVersion(folder, version);
  else {
    await changeRecord(client, request.database, (versions) => {
      versions.set(version, false);
    });
  }
  await exportProject(session);
  const name = `${version}_${request.name}`;
  if (fault !== null) {
    const told = apiErrorOf(fault);
    throw new ApiError(
      told.status,
      told.code,
      `the SQL was run and is recorded as ${name}; then: ${told.message}`,
    );
  }
  return name;
}

/** Changes the metadata, without a migration, and writes it to the project. Returns what the engine answers. */
export async function changeMetadata(session: Session, commands: readonly Mapping[]): Promise<Value> {
  if (isMigrationMode(await readState(session.client)) && commands.some(isSql)) {
    throw new ApiError(
      400,
      'migration_mode_enabled',
      'Migration mode is enabled: SQL belongs to /apis/migrate',
    );
  }
  const { answers, error } = await carryOut(session, commands);
  await exportProject(session);
  if (error !== null) throw apiErrorOf(error);
  return answers;
}

function created(folder: string, name: string, files: { up: string; down: string }): string {
  try {
    return createMigration(folder, name, files, Date.now());
  } catch (error) {
    throw new ApiError(500, 'create_file_error', messageOf(error));
  }
}

type Carried = {
  readonly answers: readonly Value[];
  /** Some of the requests before the one that failed had SQL. */
  readonly hasRunSql: boolean;
  /** Null: all went well. */
  readonly error: unknown;
};

/** One request after the other; each is carried out as a whole or not at all. */
async function carryOut({ client }: Session, commands: readonly Mapping[]): Promise<Carried> {
  const answers: Value[] = [];
  let hasRunSql = false;
  for (const run of commandRuns(commands)) {
    try {
      answers.push(await client.bulk(run.api, run.commands));
    } catch (error) {
      return { answers, hasRunSql, error };
    }
    hasRunSql ||= run.commands.some(isSql);
  }
  return { answers, hasRunSql, error: null };
}
