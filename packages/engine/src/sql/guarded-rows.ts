import type { BooleanExpression, ColumnPair, GuardedRows } from '../plan/index.ts';
import { InvariantError, unreachable } from '../support/index.ts';
import { renderBooleanExpression } from './boolean-expression.ts';
import { identifier, join, qualifiedName, type SqlFragment, sql } from './fragment.ts';
import { renderNativeQuery } from './native-query.ts';
import { renderCall } from './operand.ts';
import { type RowScope, rowScope } from './row.ts';

/** `"public"."article" as _1`, or a call or a query in the table's place; `outer` is the row that the rows belong to, null at the root. */
export function renderRowSource(rows: GuardedRows, row: SqlFragment, outer: SqlFragment | null): SqlFragment {
  return sql`${renderPlace(rows, outer)} as ${row}`;
}

function renderPlace({ table, source }: GuardedRows, outer: SqlFragment | null): SqlFragment {
  switch (source.kind) {
    case 'table':
      return qualifiedName(table);
    case 'function':
      return renderCall(source.call, outer);
    case 'native-query':
      return renderNativeQuery(source.call);
    case 'nowhere':
      throw new InvariantError(`the logical model "${table.name}" is read without a native query`);
    default:
      return unreachable(source);
  }
}

/**
 * The condition under which a row of `rows` belongs to the outer row, may be seen, and satisfies the given conditions; null when there is nothing to
 * check. This is the only place that turns rows into a condition, so the guard's filter is always part of it.
 */
export function renderRowCondition(
  rows: GuardedRows,
  row: RowScope,
  outer: { readonly row: SqlFragment; readonly join: readonly ColumnPair[] } | null,
  conditions: readonly BooleanExpression[],
): SqlFragment | null {
  const parts: SqlFragment[] = [];
  for (const { from, to } of outer?.join ?? []) {
    parts.push(sql`(${row.current}.${identifier(to.name)} = ${outerRow(outer)}.${identifier(from.name)})`);
  }
  if (!isTrue(rows.filter)) {
    parts.push(renderBooleanExpression(rows.filter, rowScope(row.aliases, row.current)));
  }
  for (const condition of conditions) {
    if (!isTrue(condition)) parts.push(renderBooleanExpression(condition, row));
  }
  return parts.length === 0 ? null : join(parts, sql` and `);
}

/** ` where …`, or nothing. */
export function whereClause(condition: SqlFragment | null): SqlFragment {
  return condition === null ? sql`` : sql` where ${condition}`;
}

function outerRow(outer: { readonly row: SqlFragment } | null): SqlFragment {
  return outer?.row ?? sql``;
}

function isTrue(expression: BooleanExpression): boolean {
  return (
    (expression.kind === 'constant' && expression.value) ||
    (expression.kind === 'and' && expression.operands.every(isTrue))
  );
}
