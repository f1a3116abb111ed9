/**
 * Answers operations. In: a request, the session, the model's number, and the databases; how to plan is given at the start. Out: the response's
 * bytes, those of PostgreSQL among them untouched. Promise: each operation is planned once per role and shape of its variables; a statement runs only
 * when all its values are there; what PostgreSQL refuses becomes the contract's error.
 */
export type { AnsweredPart } from './answered-part.ts';
export { bindParameter, bindParameters, checkSessionVariables } from './bind.ts';
export type * from './delegated.ts';
export { readDelegatedMembers, readDelegatedValue } from './delegated-value.ts';
export { createExecutor } from './executor.ts';
export type { InputValidator } from './mutations/run-mutation.ts';
export { sessionSettings } from './mutations/session-query.ts';
export { translateDatabaseError } from './postgres-errors.ts';
export type { StatementTags } from './query-tags.ts';
export { type OperationStatement, runStatements } from './run-statements.ts';
export type { OperationRequest } from './operation-request.ts';
export type * from './types.ts';
