import { changeRecord } from '../engine-client/index.ts';
import { deleteVersion, listMigrations, sourceFolder } from '../project/index.ts';
import type { Session, Source } from '../session/index.ts';
import { UserError } from '../user-error.ts';
import { recordedMigrations } from './prepare-state.ts';

/**
 * Takes migrations out of the record, and, unless `onlyRecord`, off the disk. No SQL is run. `version` null: all.
 * Returns the versions. Source: spec/cli.md 5.3.
 * @throws UserError when there is no such version
 */
export async function deleteMigrations(
  session: Session,
  source: Source,
  version: string | null,
  onlyRecord: boolean,
): Promise<string[]> {
  const folder = sourceFolder(session.config.migrationsFolder, source.name);
  const onDisk = listMigrations(folder).map((each) => each.version);
  const recorded = await recordedMigrations(session, source);
  const known = new Set(onlyRecord ? recorded : [...onDisk, ...recorded]);
  if (version !== null && !known.has(version)) throw new UserError(`version ${version} not found`);
  const chosen = version === null ? [...known] : [version];
  if (chosen.some((each) => recorded.includes(each))) {
    await changeRecord(session.client, source.name, (versions) => {
      for (const each of chosen) versions.delete(each);
    });
  }
  if (!onlyRecord) for (const each of chosen) deleteVersion(folder, each);
  return chosen;
}
