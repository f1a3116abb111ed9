import { projectFolders } from './config.ts';
import { listMigrations, readMigration, sourceFolder } from './migration-files.ts';
import { listSeeds } from './seed-files.ts';

export type Migration = {
  /** Digits only, for example `1764000000000`. */
  readonly version: string;
  readonly name: string;
  readonly up: string;
};

/** Migrations of a source with an up direction, oldest first. */
export function readMigrations(projectFolder: string, source: string): Migration[] {
  return listMigrations(sourceFolder(projectFolders(projectFolder).migrationsFolder, source)).flatMap(
    ({ version, name, up }) => (up === null ? [] : [{ version, name, up: readMigration(up) }]),
  );
}

/** The texts of all seed files of a source, in lexical order of their paths. */
export function readSeeds(projectFolder: string, source: string): string[] {
  return listSeeds(sourceFolder(projectFolders(projectFolder).seedsFolder, source)).map(({ text }) => text);
}
