/** Constructors of boolean expressions that keep them small: constants are folded, single operands stand alone. */
import type { BooleanExpression } from './types.ts';

export const always: BooleanExpression = { kind: 'constant', value: true };
export const never: BooleanExpression = { kind: 'constant', value: false };

/** All hold; without operands TRUE. */
export function allOf(operands: readonly BooleanExpression[]): BooleanExpression {
  const kept = operands.filter((operand) => operand !== always);
  if (kept.includes(never)) return never;
  const [first] = kept;
  if (first === undefined) return always;
  return kept.length === 1 ? first : { kind: 'and', operands: kept };
}

/** At least one holds; without operands FALSE. */
export function anyOf(operands: readonly BooleanExpression[]): BooleanExpression {
  const kept = operands.filter((operand) => operand !== never);
  if (kept.includes(always)) return always;
  const [first] = kept;
  if (first === undefined) return never;
  return kept.length === 1 ? first : { kind: 'or', operands: kept };
}

export function notOf(operand: BooleanExpression): BooleanExpression {
  if (operand === always) return never;
  return operand === never ? always : { kind: 'not', operand };
}
