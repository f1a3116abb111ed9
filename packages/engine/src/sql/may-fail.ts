import type { ComparisonOperator } from '../permissions/index.ts';
import type { BooleanExpression, Operand } from '../plan/index.ts';
import { unreachable } from '../support/index.ts';

/**
 * Whether a client's condition that stands beside the filter of a rule may tell by an error that it was tried on a row which the filter hides. Functions of computed fields
 * fail as they like, and so do JSON paths that lead to texts which are no dates. PostGIS fails where a shape has another reference system than the one that it is compared
 * with; it is dear enough to be tried last, unless the filter looks at other rows. What the client's values alone decide is read before any row (`read-first.ts`).
 */
export function mayTellByError(condition: BooleanExpression, filter: BooleanExpression): boolean {
  return has(condition, mayFail) || (has(condition, isOfAnySystem) && has(filter, isCostly));
}

type Leaf = Extract<BooleanExpression, { kind: 'comparison' | 'null-test' | 'exists' | 'aggregate-test' }>;

/** Whether any part of the expression is so, below `exists` too, but for the filters of other rules. */
function has(expression: BooleanExpression, is: (leaf: Leaf) => boolean): boolean {
  switch (expression.kind) {
    case 'constant':
      return false;
    case 'and':
    case 'or':
      return expression.operands.some((operand) => has(operand, is));
    case 'not':
      return has(expression.operand, is);
    case 'comparison':
    case 'null-test':
      return is(expression);
    case 'exists':
      return is(expression) || has(expression.where, is);
    case 'aggregate-test':
      return is(expression) || has(expression.filter, is);
    default:
      return unreachable(expression);
  }
}

function mayFail(leaf: Leaf): boolean {
  switch (leaf.kind) {
    case 'comparison':
      return operandMayFail(leaf.left) || pathOperators.has(leaf.operator);
    case 'null-test':
      return operandMayFail(leaf.operand);
    case 'exists':
      return leaf.rows.source.kind === 'function';
    case 'aggregate-test':
      return leaf.rows.source.kind === 'function' || leaf.aggregate.operands.some(operandMayFail);
    default:
      return unreachable(leaf);
  }
}

/** Longitudes and latitudes; geometries of other reference systems may have none, and become no geographies. */
function isWgs84(operand: Operand): boolean {
  return operand.kind === 'column' && operand.column.srid === 4326;
}

/** Templates for dates are read when a path has led to a text. */
const pathOperators: ReadonlySet<ComparisonOperator> = new Set(['json-path-exists', 'json-path-match']);

function isCostly(leaf: Leaf): boolean {
  return leaf.kind === 'exists' || leaf.kind === 'aggregate-test' || mayFail(leaf);
}

/** A cell that shows on some rows only is computed there only. */
function operandMayFail(operand: Operand): boolean {
  switch (operand.kind) {
    case 'column':
    case 'aggregate-result':
      return false;
    case 'call':
      return operand.visibleWhen === null;
    case 'cast':
      return (
        (operand.type.name === 'geography' && !isWgs84(operand.operand)) || operandMayFail(operand.operand)
      );
    default:
      return unreachable(operand);
  }
}

/** A shape in a column that is not bound to one reference system. */
function isOfAnySystem(leaf: Leaf): boolean {
  if (leaf.kind !== 'comparison' || !leaf.operator.startsWith('st-')) return false;
  return leaf.left.kind === 'column' && leaf.left.column.srid === undefined;
}
