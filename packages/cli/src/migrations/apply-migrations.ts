import { existsSync } from 'node:fs';
import { changeRecord } from '../engine-client/index.ts';
import { listMigrations, readMigration, sourceFolder } from '../project/index.ts';
import type { Session, Source } from '../session/index.ts';
import { table, watchInterruption } from '../terminal/index.ts';
import { messageOf, UserError } from '../user-error.ts';
import { type ApplyRequest, planSteps, type Step } from './plan-steps.ts';
import { recordedMigrations } from './prepare-state.ts';

export type ApplyOptions = {
  readonly request: ApplyRequest;
  /** Only the record changes. */
  readonly isSkipped: boolean;
  /** Only shows the steps. */
  readonly isDry: boolean;
  readonly copiesOld: boolean;
};

/**
 * Applies or rolls back migrations of one database after the other; where one fails the others go on.
 * @throws UserError that names the databases where something failed
 */
export async function applyMigrations(
  session: Session,
  sources: readonly Source[],
  options: ApplyOptions,
  isAll: boolean,
): Promise<void> {
  const { log } = session.terminal;
  const failed: string[] = [];
  for (const source of sources) {
    try {
      const count = await applyTo(session, source, options);
      if (options.isDry) continue;
      if (count === 0) log.info(`nothing to apply on database: ${source.name}`);
      else log.info(isAll ? `migrations applied on database: ${source.name}` : 'migrations applied');
    } catch (error) {
      if (!(error instanceof UserError) || error instanceof Interrupted) throw error;
      log.error(`skipping applying migrations on database '${source.name}', encountered: \n${error.message}`);
      failed.push(source.name);
    }
  }
  if (failed.length > 0)
    throw new UserError(`applying migrations failed on database(s): ${failed.join(',')}`);
}

/** The user wants no further database either. */
class Interrupted extends UserError {}

/** Returns the number of steps. */
async function applyTo(session: Session, source: Source, options: ApplyOptions): Promise<number> {
  const { terminal, config } = session;
  const folder = sourceFolder(config.migrationsFolder, source.name);
  if (!existsSync(folder)) {
    throw new UserError(
      `expected to find a migrations directory for database '${source.name}' in ${config.migrationsFolder}, but encountered error: ${folder} does not exist. 'postern migrate create' makes it`,
    );
  }
  const recorded = await recordedMigrations(session, source, options.copiesOld);
  const { steps, shortBy } = planSteps(options.request, listMigrations(folder), recorded, options.isSkipped);
  if (options.isDry) {
    const rows = steps.map(({ version, direction, name }) => [version, direction, name]);
    terminal.print(table([['VERSION', 'TYPE', 'NAME'], ...rows]));
    return steps.length;
  }
  // read before anything runs, so that a file that cannot be read leaves nothing half done
  const texts = steps.map(({ file }) => (file === null ? null : readMigration(file)));
  const interruption = watchInterruption(terminal);
  try {
    await terminal.during(`Applying migrations on database: ${source.name}...`, async () => {
      for (const [at, step] of steps.entries()) {
        await applyStep(session, source, step, texts[at] ?? null);
        // also after the last one: what would come next, another database or a step of `deploy`, is not wanted either
        if (interruption.isAsked)
          throw new Interrupted(`interrupted after ${at + 1} of ${steps.length} migrations`);
      }
    });
  } finally {
    interruption.forget();
  }
  if (shortBy > 0) throw new UserError(`limit ${shortBy} short`);
  return steps.length;
}

async function applyStep(
  { client, terminal, config }: Session,
  source: Source,
  { version, name, direction }: Step,
  sql: string | null,
): Promise<void> {
  const fields = { name, version, type: direction };
  if (sql !== null) {
    try {
      await client.runSql({ source: source.name, sql, isInTransaction: config.usesTransactions });
    } catch (error) {
      throw new UserError(`${version}_${name} (${direction}): ${messageOf(error)}`, { cause: error });
    }
  }
  try {
    await changeRecord(client, source.name, (versions) => {
      if (direction === 'up') versions.set(version, false);
      else versions.delete(version);
    });
  } catch (error) {
    if (sql === null) throw error;
    throw new UserError(
      `${version}_${name} (${direction}) was run, but could not be recorded: ${messageOf(error)}\nRecord it by: postern migrate apply --skip-execution --version ${version} --type ${direction} --database-name ${source.name}`,
      { cause: error },
    );
  }
  terminal.log.info(
    sql === null ? 'migration recorded' : direction === 'up' ? 'migration applied' : 'migration rolled back',
    fields,
  );
}
