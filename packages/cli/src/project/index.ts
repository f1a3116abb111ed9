/**
 * A project folder in the layout of the Hasura CLI, config version 3: metadata, migrations and seeds.
 *
 * In: the folder, or a metadata document. Out: plain values, or the texts of files. Promise: nothing is sent; a file that is wrong is named in the error.
 */
export { type ExportedFiles, exportMetadata, initialFiles, metadataYaml } from './export-metadata.ts';
export { readMetadata, readMetadataFolder } from './metadata-files.ts';
export { documentOrder, metadataObjects } from './metadata-objects.ts';
export { type Migration, readMigrations, readSeeds } from './sql-files.ts';
