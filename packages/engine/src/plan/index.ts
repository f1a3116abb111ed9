/**
 * What is to be done. In: an operation, its variables, and what the role sees. Out: a Plan, with the role's rule in every table it
 * touches, and the variables whose values shaped it. Promise: the first fault is reported as the contract words it; every use of a
 * column obeys its grant; the time is bounded whatever the request.
 */
export type { PlanOptions, VariableShape } from './context.ts';
export { integerValue } from './integer-value.ts';
export { noRuleFor } from './mutations/no-rule.ts';
export { columnOperand, computedOperand } from './operands.ts';
export { formatOf } from './output-format.ts';
export { type PlannedOperation, type PlanRequest, planOperation } from './plan-operation.ts';
export { type RuleUse, rulesUsed } from './rules-used.ts';
export type * from './types.ts';
