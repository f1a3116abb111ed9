import { changeRecord } from '../engine-client/index.ts';
import { createMigration, deleteVersion, sourceFolder } from '../project/index.ts';
import type { Session } from '../session/index.ts';

/**
 * Makes a migration of what a database holds already, recorded as applied. Returns its version.
 * @throws UserError when it cannot be made or recorded; no file of it is left then
 */
export async function createRecorded(
  { client, config }: Pick<Session, 'client' | 'config'>,
  source: string,
  name: string,
  up: string,
): Promise<string> {
  const folder = sourceFolder(config.migrationsFolder, source);
  const version = createMigration(folder, name, { up }, Date.now());
  try {
    await changeRecord(client, source, (versions) => {
      versions.set(version, false);
    });
  } catch (error) {
    // left there, it would be applied to the database that it comes from
    deleteVersion(folder, version);
    throw error;
  }
  return version;
}
