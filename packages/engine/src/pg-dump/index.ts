/**
 * Dumps of a source by PostgreSQL's own program. In: a connection, options of `pg_dump`. Out: SQL. Promise: no secret on a command line, no option that
 * writes to this machine, bounded size and time.
 */
export { cleanDump } from './clean-output.ts';
export { runPgDump } from './run-pg-dump.ts';
