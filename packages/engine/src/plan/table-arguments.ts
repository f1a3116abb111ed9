import { always, type BooleanExpression, type ColumnPair, type GuardedRows } from '../permissions/index.ts';
import type { Path } from '../support/index.ts';
import { fault, type PlanContext } from './context.ts';
import { argumentOf, type GivenArgument } from './field-arguments.ts';
import { inputObjectOf } from './input-object-of.ts';
import { planOrderBy } from './order-by.ts';
import { type NamedColumn, readColumns } from './select-columns.ts';
import { strictLimit, strictOffset, strictValue } from './strict-scalars.ts';
import type { OrderItem, RowSet } from './types.ts';
import { planBooleanExpression } from './where.ts';

/**
 * `where`, `order_by`, `limit`, `offset` and `distinct_on` of a field, applied to guarded rows. `path` is the field's.
 * Source: spec/graphql-api.md 4.
 */
export function planRowSet(
  rows: GuardedRows,
  join: readonly ColumnPair[],
  given: readonly GivenArgument[],
  path: Path,
  context: PlanContext,
): RowSet {
  const where = planWhere(given, context);
  const orderBy = argumentOf(given, 'order-by');
  const limit = argumentOf(given, 'limit');
  const offset = argumentOf(given, 'offset');
  const distinctOn = argumentOf(given, 'distinct-on');
  const items =
    orderBy === null ? [] : planOrderBy(orderBy.input, orderBy.definition.type, orderBy.path, context);
  const columns =
    distinctOn === null
      ? []
      : readColumns(distinctOn.definition.type, distinctOn.input, distinctOn.path, context);
  if (items.length > 0) checkDistinct(columns, items, path.child('args'));
  return {
    rows,
    join,
    where,
    distinctOn: columns.map(({ operand }) => operand),
    orderBy: items,
    limit: limit === null ? null : strictValue(limit.input, strictLimit, limit.path),
    offset: offset === null ? null : strictValue(offset.input, strictOffset, offset.path),
  };
}

/** The rows as they are, without arguments: those of an object relationship. */
export function plainRowSet(
  rows: GuardedRows,
  join: readonly ColumnPair[],
  where: BooleanExpression = always,
): RowSet {
  return { rows, join, where, distinctOn: [], orderBy: [], limit: null, offset: null };
}

/** The `where` argument; without one, every row. */
export function planWhere(given: readonly GivenArgument[], context: PlanContext): BooleanExpression {
  const where = argumentOf(given, 'where');
  if (where === null) return always;
  return planBooleanExpression(where.input, inputObjectOf(where.definition), where.path, context);
}

/** As many leading order items as distinct columns are plain columns, and name all of those. Source: spec/graphql-api.md 4.3. */
function checkDistinct(columns: readonly NamedColumn[], orderBy: readonly OrderItem[], path: Path): void {
  const leading = new Set<string>();
  for (const { by } of orderBy.slice(0, columns.length)) {
    const isColumn = by.kind === 'operand' && by.operand.kind === 'column';
    if (!isColumn) throw mismatch(path);
    leading.add(by.operand.column.name);
  }
  if (columns.some(({ column }) => !leading.has(column.name))) throw mismatch(path);
}

function mismatch(path: Path): Error {
  return fault(path, '"distinct_on" columns must match initial "order_by" columns');
}
