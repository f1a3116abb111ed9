/**
 * A project folder in the layout of the Hasura CLI, config version 3: metadata, migrations and seeds.
 *
 * In: the folder. Out: plain values. Promise: nothing is sent or changed; a file that is wrong is named in the error.
 */
export { readMetadata } from './metadata-files.ts';
export { type Migration, readMigrations, readSeeds } from './sql-files.ts';
