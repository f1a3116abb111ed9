/**
 * The rules. In: what the metadata declares for a role, and the tables it speaks about. Out: a compiled rule for each (role, table, operation),
 * the operator table, and the encoding of values. Promise: rows of a table can be named only through the `GuardedRows` of a rule.
 */
export {
  classesOf,
  deleteRuleFor,
  firstUpdateRule,
  frontendDelete,
  frontendInsert,
  frontendUpdate,
  hasSamePresets,
  insertRuleFor,
  updateRuleFor,
  validationsOf,
} from './alternatives.ts';
export { RuleCompiler } from './compile-rules.ts';
export { encodeList, encodeValue, inputOf } from './encode-value.ts';
export {
  denyColumn,
  denyComputedField,
  denyNotInsertable,
  denyRelationship,
  type ExpressionAccess,
  roleAccess,
} from './expression-access.ts';
export { allOf, always, anyOf, never, notOf } from './expressions.ts';
export { clientArguments, functionCaller, type SpecialArguments } from './function-call.ts';
export { guardedFunction, guardedNativeQuery, guardedRows } from './guard.ts';
export { type DeclaredRules, type InheritedRules, inheritRules, type MutationKind } from './inherit.ts';
export {
  booleanType,
  builtInType,
  describeType,
  float8Type,
  jsonType,
  siblingType,
  textType,
  timestamptzType,
  uuidType,
} from './known-types.ts';
export { completePattern } from './like-pattern.ts';
export { castTargetOf, enumTableOperators, graphqlOperatorsOf, operators } from './operators.ts';
export { type ExpressionContext, parseExpression } from './parse-expression.ts';
export { parseValue, sessionVariableIn, travelsAsArray } from './parse-value.ts';
export { describeName, readQualifiedName } from './qualified-name.ts';
export * from './type-classes.ts';
export type * from './types.ts';
