/**
 * Constructors of boolean expressions that keep them small: constants are folded, single operands stand alone. What needs a session variable stays, also where a
 * constant decides: a request without the variable is refused whatever it would have decided (spec/permissions.md 1.6).
 */
import { needsSessionVariable } from './needs-session.ts';
import type { BooleanExpression } from './types.ts';

export const always: BooleanExpression = { kind: 'constant', value: true };
export const never: BooleanExpression = { kind: 'constant', value: false };

/** All hold; without operands TRUE. */
export function allOf(operands: readonly BooleanExpression[]): BooleanExpression {
  return combine('and', operands, needsSessionVariable);
}

/** At least one holds; without operands FALSE. */
export function anyOf(operands: readonly BooleanExpression[]): BooleanExpression {
  return combine('or', operands, needsSessionVariable);
}

/** The same condition without what a constant decides among its outermost operands, session variables or not. */
export function fold(expression: BooleanExpression): BooleanExpression {
  if (expression.kind !== 'and' && expression.kind !== 'or') return expression;
  const operands = expression.operands.map(fold);
  const isFolded = operands.every(
    (operand, index) => operand === expression.operands[index] && operand.kind !== 'constant',
  );
  return isFolded ? expression : combine(expression.kind, operands, () => false);
}

export function notOf(operand: BooleanExpression): BooleanExpression {
  if (operand === always) return never;
  return operand === never ? always : { kind: 'not', operand };
}

function combine(
  kind: 'and' | 'or',
  operands: readonly BooleanExpression[],
  mustStay: (operand: BooleanExpression) => boolean,
): BooleanExpression {
  const [neutral, deciding] = kind === 'and' ? [always, never] : [never, always];
  const kept = operands.filter((operand) => operand !== neutral);
  if (kept.includes(deciding)) {
    const staying = kept.filter(mustStay);
    return staying.length === 0 ? deciding : { kind, operands: [deciding, ...staying] };
  }
  const [first] = kept;
  if (first === undefined) return neutral;
  return kept.length === 1 ? first : { kind, operands: kept };
}
