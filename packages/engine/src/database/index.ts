/**
 * PostgreSQL behind one small interface. In: a URL and pool settings, statements with text parameters. Out: the bytes or texts that
 * PostgreSQL sent, never converted. Promises: connections are bounded and renewed when they break, short statements share them, a transaction
 * owns one; errors are `DatabaseError` (PostgreSQL refused the statement) or `DatabaseConnectionError` (no connection, or it was lost).
 */
export { openDatabase } from './open-database.ts';
export { type ProgramConnection, programConnection } from './program-environment.ts';
export { quoteIdentifier } from './quote-identifier.ts';
export { type ReplicaEvent, Replicas } from './replicas.ts';
export * from './types.ts';
