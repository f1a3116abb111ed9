import type { BooleanExpression, ColumnPair, GuardedRows } from '../plan/index.ts';
import { InvariantError, unreachable } from '../support/index.ts';
import { renderBooleanExpression } from './boolean-expression.ts';
import { boxConditions } from './box-conditions.ts';
import { identifier, join, qualifiedName, type SqlFragment, sql } from './fragment.ts';
import { mayTellByError } from './may-fail.ts';
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
  const filter = isTrue(rows.filter)
    ? null
    : {
        expression: rows.filter,
        rendered: renderBooleanExpression(rows.filter, rowScope(row.aliases, row.current)),
      };
  if (filter !== null) parts.push(filter.rendered);
  for (const condition of conditions) {
    if (!isTrue(condition)) parts.push(renderBehind(filter, condition, row));
  }
  return parts.length === 0 ? null : join(parts, sql` and `);
}

/** The filter of a rule on a row. */
export interface RenderedFilter {
  readonly expression: BooleanExpression;
  readonly rendered: SqlFragment;
}

/**
 * A client's condition that stands beside a filter. Where trying it on a hidden row might tell something it is tried only on rows that the filter shows: PostgreSQL tests what
 * stands side by side in any order, but keeps to that of a `case`.
 */
export function renderBehind(
  filter: RenderedFilter | null,
  condition: BooleanExpression,
  scope: RowScope,
): SqlFragment {
  const rendered = renderBooleanExpression(condition, scope);
  if (filter === null || isTrue(filter.expression)) return rendered;
  if (!mayTellByError(condition, filter.expression)) return rendered;
  const behind = sql`(case when ${filter.rendered} then ${rendered} end)`;
  const boxes = boxConditions(condition, scope);
  return boxes.length === 0 ? behind : sql`(${join([...boxes, behind], sql` and `)})`;
}

/** A value that is computed only on rows that the filter of their rule shows. */
export function renderValueBehind(
  { filter }: GuardedRows,
  value: SqlFragment,
  { aliases, current }: RowScope,
): SqlFragment {
  if (isTrue(filter)) return value;
  return sql`(case when ${renderBooleanExpression(filter, rowScope(aliases, current))} then ${value} end)`;
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
