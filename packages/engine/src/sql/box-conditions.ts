import type { ComparisonOperator } from '../permissions/index.ts';
import type { BooleanExpression } from '../plan/index.ts';
import { identifier, type SqlFragment, sql } from './fragment.ts';
import { renderOperand } from './operand.ts';
import type { RowScope } from './row.ts';
import { renderValue } from './value.ts';

/** Operators that only shapes satisfy whose bounding boxes meet. */
const meeting: ReadonlySet<ComparisonOperator> = new Set([
  'st-contains',
  'st-crosses',
  'st-intersects',
  'st-overlaps',
  'st-touches',
  'st-within',
  'st-3d-intersects',
]);

/**
 * What has to be true of bounding boxes where the condition is to be true. It never fails, so that it may be tried on any row, and an index on the shapes leads there, which
 * is of use where the condition itself must wait for others.
 */
export function boxConditions(condition: BooleanExpression, scope: RowScope): readonly SqlFragment[] {
  if (condition.kind === 'and') {
    return condition.operands.flatMap((operand) => boxConditions(operand, scope));
  }
  if (condition.kind !== 'comparison' || !meeting.has(condition.operator)) return [];
  const { left, right } = condition;
  if (left.kind !== 'column' || left.visibleWhen !== null || right.kind !== 'value') return [];
  const { type, srid } = left.column;
  if (srid === undefined || type.name !== 'geometry') return [];
  return [
    sql`(${renderOperand(left, scope)} operator(${identifier(type.schema)}.&&) ${renderValue(right.value)})`,
  ];
}
