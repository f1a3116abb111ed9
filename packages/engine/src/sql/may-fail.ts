import type { ComparisonOperator } from '../permissions/index.ts';
import type { BooleanExpression, Operand } from '../plan/index.ts';
import { unreachable } from '../support/index.ts';
import { comparesWithoutFail } from './comparable-types.ts';

/**
 * Whether a client's condition that stands beside the filter of a rule may tell by an error that it was tried on a row which the filter hides. Functions of computed fields
 * fail as they like, and so do JSON paths that lead to texts which are no dates, and comparisons of which only the row decides whether there are any. PostGIS fails where
 * a shape has another reference system than the one that it is compared with, or where one of them crosses itself; it is dear enough to be tried last, unless the filter
 * looks at other rows or at shapes. What the client's values alone decide is read before any row (`read-first.ts`).
 */
export function mayTellByError(condition: BooleanExpression, filter: BooleanExpression): boolean {
  return has(condition, mayFail) || (has(condition, shapeMayFail) && has(filter, isCostly));
}

/** Whether comparing the operand with a value of its type may fail on some row. */
export function comparisonMayFail(operand: Operand): boolean {
  if (operandMayFail(operand)) return true;
  return (
    operand.kind === 'column' && operand.visibleWhen === null && !comparesWithoutFail(operand.column.type)
  );
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
      return (
        comparisonMayFail(leaf.left) ||
        (leaf.right.kind === 'column' && leaf.right.column.isVirtual === true) ||
        pathOperators.has(leaf.operator) ||
        isUnknownPattern(leaf)
      );
    case 'null-test':
      return operandMayFail(leaf.operand);
    case 'exists':
      return leaf.rows.source.kind === 'function';
    case 'aggregate-test':
      return (
        leaf.rows.source.kind === 'function' ||
        leaf.aggregate.operands.some(comparisonMayFail) ||
        !safeAggregates.has(leaf.aggregate.function)
      );
    default:
      return unreachable(leaf);
  }
}

/** Longitudes and latitudes; geometries of other reference systems may have none, and become no geographies. */
function isWgs84(operand: Operand): boolean {
  return operand.kind === 'column' && operand.column.srid === 4326;
}

/** Other aggregates overflow. */
const safeAggregates: ReadonlySet<string> = new Set(['count', 'max', 'min', 'bool_and', 'bool_or', 'every']);

const patternOperators: ReadonlySet<ComparisonOperator> = new Set([
  'like',
  'nlike',
  'ilike',
  'nilike',
  'similar',
  'nsimilar',
  'regex',
  'nregex',
  'iregex',
  'niregex',
]);

/** Of a pattern in a collation that knows none. */
function isUnknownPattern({ operator, left }: Extract<BooleanExpression, { kind: 'comparison' }>): boolean {
  return (
    patternOperators.has(operator) &&
    left.kind === 'column' &&
    left.visibleWhen === null &&
    left.column.isNondeterministic === true
  );
}

/** Templates for dates are read when a path has led to a text. */
const pathOperators: ReadonlySet<ComparisonOperator> = new Set(['json-path-exists', 'json-path-match']);

function isCostly(leaf: Leaf): boolean {
  if (leaf.kind === 'comparison' && leaf.operator.startsWith('st-')) return true;
  return leaf.kind === 'exists' || leaf.kind === 'aggregate-test' || mayFail(leaf);
}

/** A cell that shows on some rows only is computed there only. */
function operandMayFail(operand: Operand): boolean {
  switch (operand.kind) {
    case 'column':
      return operand.column.isVirtual === true && operand.visibleWhen === null;
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

/** A shape in a column that is not bound to one reference system, or one that is looked at in all its parts. */
function shapeMayFail(leaf: Leaf): boolean {
  if (leaf.kind !== 'comparison' || !leaf.operator.startsWith('st-')) return false;
  if (leaf.left.kind !== 'column' || leaf.left.column.srid === undefined) return true;
  return leaf.left.column.type.name === 'geometry' && !distanceOperators.has(leaf.operator);
}

const distanceOperators: ReadonlySet<ComparisonOperator> = new Set(['st-d-within', 'st-3d-d-within']);
