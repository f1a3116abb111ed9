/**
 * A project folder in the layout of the Hasura CLI, config version 3: configuration, metadata, migrations and seeds.
 *
 * In: the folder, or a metadata document. Out: plain values, or the texts of files. Promise: nothing is sent; a file that is wrong is named in the error.
 */
export { readActions, typeLists } from './action-files.ts';
export { type ConfigFlags, configOf, type ProjectConfig, readConfig } from './config.ts';
export { changeConfigFile, member, newConfig, readConfigFile } from './config-file.ts';
export { checkedEndpoint } from './endpoint.ts';
export { exportActions } from './export-actions.ts';
export { type ExportedFiles, exportMetadata, initialFiles, metadataYaml } from './export-metadata.ts';
export { inFileOrder } from './export-sources.ts';
export { findProject } from './find-project.ts';
export { resolveIncludes } from './includes.ts';
export { readMetadata, readMetadataFolder, readProjectMetadata } from './metadata-files.ts';
export { documentOrder, metadataObjects } from './metadata-objects.ts';
export {
  checkName,
  compareVersions,
  createMigration,
  type Direction,
  deleteVersion,
  listMigrations,
  type MigrationFile,
  type MigrationFiles,
  pathsOfVersion,
  readMigration,
  sourceFolder,
} from './migration-files.ts';
export { readText } from './read-text.ts';
export { createSeed, listSeeds, namedSeeds, type SeedFile } from './seed-files.ts';
export { type Migration, readMigrations, readSeeds } from './sql-of-project.ts';
export { writeFiles } from './write-files.ts';
