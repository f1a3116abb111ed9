/**
 * Seed files: SQL that fills a database. In: a session, a database, names of files. Out: SQL run, a file written. Promise: all files of a database go in one request;
 * nothing remembers that they were run.
 */
export { runApply, runCreate } from './run-commands.ts';
export { applySeeds } from './seeds.ts';
