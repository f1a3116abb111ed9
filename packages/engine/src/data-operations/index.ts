/**
 * The data operations of `/v1/query` and `/v2/query`: `select`, `insert`, `update`, `delete`, `count` in their JSON language. In: a decoded request,
 * the session, the model and its databases. Out: the JSON that PostgreSQL made. Promise: each operation is one statement with the role's rules in
 * it, and one transaction.
 */
export { runDataOperation } from './run-data-operation.ts';
export type * from './types.ts';
