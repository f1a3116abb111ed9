/**
 * A small in-memory judge of boolean expressions over one row, in SQL's three-valued logic: what the rules mean, independent of SQL text.
 * Knows integer and boolean columns, `eq`, `neq`, `gt`, `lt`, null tests and session variables.
 */
import type { BooleanExpression, Operand, RightOperand } from '../../src/permissions/index.ts';

export type Cell = number | null;
export type Row = Readonly<Record<string, Cell>>;
export type Session = Readonly<Record<string, string>>;

/** True, false, or null for unknown. */
export function evaluate(expression: BooleanExpression, row: Row, session: Session): boolean | null {
  switch (expression.kind) {
    case 'constant':
      return expression.value;
    case 'and':
      return conjunction(expression.operands.map((operand) => evaluate(operand, row, session)));
    case 'or':
      return negate(
        conjunction(expression.operands.map((operand) => negate(evaluate(operand, row, session)))),
      );
    case 'not':
      return negate(evaluate(expression.operand, row, session));
    case 'null-test':
      return (cellOf(expression.operand, row, session) === null) === expression.isNull;
    case 'comparison': {
      const left = cellOf(expression.left, row, session);
      const right = rightCell(expression.right, session);
      if (expression.isNullSafe && right === null) {
        if (expression.operator === 'eq') return left === null ? true : null;
        return left === null ? null : true;
      }
      if (left === null || right === null) return null;
      switch (expression.operator) {
        case 'eq':
          return left === right;
        case 'neq':
          return left !== right;
        case 'gt':
          return left > right;
        case 'lt':
          return left < right;
        default:
          throw new Error(`not judged here: ${expression.operator}`);
      }
    }
    default:
      throw new Error(`not judged here: ${expression.kind}`);
  }
}

function cellOf(operand: Operand, row: Row, session: Session): Cell {
  if (operand.kind !== 'column') throw new Error(`not judged here: ${operand.kind}`);
  const isHidden = operand.visibleWhen !== null && evaluate(operand.visibleWhen, row, session) !== true;
  return isHidden ? null : (row[operand.column.name] ?? null);
}

function rightCell(right: RightOperand, session: Session): Cell {
  if (right.kind !== 'value') throw new Error(`not judged here: ${right.kind}`);
  const { source } = right.value;
  if (source.kind === 'literal') return source.text === null ? null : Number(source.text);
  if (source.kind === 'session') return Number(session[source.variable]);
  throw new Error(`not judged here: ${source.kind}`);
}

function conjunction(values: readonly (boolean | null)[]): boolean | null {
  if (values.includes(false)) return false;
  return values.includes(null) ? null : true;
}

function negate(value: boolean | null): boolean | null {
  return value === null ? null : !value;
}
