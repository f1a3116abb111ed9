/**
 * The rules. In: what the metadata declares for a role, and the tables it speaks about. Out: a compiled rule for each (role, table, operation),
 * the operator table, and the encoding of values. Promise: rows of a table can be named only through the `GuardedRows` of a rule.
 */
export { encodeList, encodeValue, inputOf } from './encode-value.ts';
export { castTargetOf, enumTableOperators, graphqlOperatorsOf, operators } from './operators.ts';
export * from './type-classes.ts';
export type * from './types.ts';
