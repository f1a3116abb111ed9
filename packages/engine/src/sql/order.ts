import type { ColumnPair, GuardedRows, Operand, OrderExpression, OrderItem } from '../plan/index.ts';
import { unreachable } from '../support/index.ts';
import { aggregateOf } from './aggregate-call.ts';
import { join, type SqlFragment, sql } from './fragment.ts';
import { renderRowCondition, renderRowSource, whereClause } from './guarded-rows.ts';
import { renderOperand } from './operand.ts';
import { type Aliases, rowScope } from './row.ts';

/** A way from one row to another. */
interface Step {
  readonly rows: GuardedRows;
  readonly join: readonly ColumnPair[];
}

interface JoinedRow extends Step {
  readonly parent: SqlFragment;
  readonly row: SqlFragment;
}

export interface RenderedOrder {
  /** ` left join …` for each related row that the order looks at; none of them multiplies rows. */
  readonly joins: SqlFragment;
  /** ` order by …`, or nothing. */
  readonly clause: SqlFragment;
}

/**
 * The order of a set's rows. A column of a related row comes through a join when the related row is certainly unique, which lets PostgreSQL choose how
 * to join; everything else comes through a subquery per row.
 * @param renderOwn renders an operand on `row`
 */
export function renderOrder(
  items: readonly OrderItem[],
  row: SqlFragment,
  aliases: Aliases,
  renderOwn: (operand: Operand) => SqlFragment,
): RenderedOrder {
  const { joins, values } = renderOrderValues(items, row, aliases, renderOwn);
  const terms = items.flatMap((item, index) => {
    const value = values[index];
    return value === undefined ? [] : [{ value, item }];
  });
  return { joins, clause: orderClause(terms) };
}

/** ` order by …` over values that are rendered already, or nothing. */
export function orderClause(
  terms: readonly { readonly value: SqlFragment; readonly item: Pick<OrderItem, 'direction' | 'nulls'> }[],
): SqlFragment {
  const rendered = terms.map(
    ({ value, item: { direction, nulls } }) =>
      sql`${value} ${direction === 'asc' ? sql`asc` : sql`desc`} nulls ${nulls === 'first' ? sql`first` : sql`last`}`,
  );
  return rendered.length === 0 ? sql`` : sql` order by ${join(rendered, sql`, `)}`;
}

/** What each item of the order sorts by, with the joins that it needs. */
export function renderOrderValues(
  items: readonly OrderItem[],
  row: SqlFragment,
  aliases: Aliases,
  renderOwn: (operand: Operand) => SqlFragment,
): { readonly joins: SqlFragment; readonly values: readonly SqlFragment[] } {
  const joined: JoinedRow[] = [];
  const joinRow = (parent: SqlFragment, step: Step): SqlFragment => {
    const known = joined.find(
      (other) => other.parent === parent && other.rows === step.rows && other.join === step.join,
    );
    if (known !== undefined) return known.row;
    const related = aliases.next();
    joined.push({ ...step, parent, row: related });
    return related;
  };
  const values = items.map(({ by }) => renderValueOf(by, row, aliases, joinRow, renderOwn));
  return {
    joins: join(
      joined.map((step) => renderJoin(step, aliases)),
      sql``,
    ),
    values,
  };
}

function renderValueOf(
  by: OrderExpression,
  row: SqlFragment,
  aliases: Aliases,
  joinRow: (parent: SqlFragment, step: Step) => SqlFragment,
  renderOwn: (operand: Operand) => SqlFragment,
): SqlFragment {
  if (by.kind === 'operand') return renderOwn(by.operand);
  return leadsOverUniqueRows(by)
    ? renderThroughJoins(by, row, aliases, joinRow)
    : renderThroughSubqueries(by, row, aliases);
}

function leadsOverUniqueRows(by: OrderExpression): boolean {
  switch (by.kind) {
    // a call on a row that is not there would get NULLs instead of no row
    case 'operand':
      return by.operand.kind === 'column';
    case 'related':
      return isUnique(by) && leadsOverUniqueRows(by.by);
    case 'related-aggregate':
      return false;
    default:
      return unreachable(by);
  }
}

function isUnique({ rows, join: columns }: Step): boolean {
  const key = rows.table.primaryKey;
  return (
    rows.source.kind === 'table' &&
    key !== null &&
    key.every((column) => columns.some(({ to }) => to.name === column.name))
  );
}

function renderThroughJoins(
  by: OrderExpression,
  row: SqlFragment,
  aliases: Aliases,
  joinRow: (parent: SqlFragment, step: Step) => SqlFragment,
): SqlFragment {
  return by.kind === 'related'
    ? renderThroughJoins(by.by, joinRow(row, by), aliases, joinRow)
    : renderThroughSubqueries(by, row, aliases);
}

function renderJoin(step: JoinedRow, aliases: Aliases): SqlFragment {
  const condition = renderRowCondition(
    step.rows,
    rowScope(aliases, step.row),
    { row: step.parent, join: step.join },
    [],
  );
  return sql` left join ${renderRowSource(step.rows, step.row, step.parent)} on ${condition ?? sql`true`}`;
}

function renderThroughSubqueries(by: OrderExpression, row: SqlFragment, aliases: Aliases): SqlFragment {
  if (by.kind === 'operand') return renderOperand(by.operand, rowScope(aliases, row));
  const related = aliases.next();
  const scope = rowScope(aliases, related);
  const condition = renderRowCondition(by.rows, scope, { row, join: by.join }, []);
  const from = sql`${renderRowSource(by.rows, related, row)}${whereClause(condition)}`;
  if (by.kind === 'related') {
    return sql`(select ${renderThroughSubqueries(by.by, related, aliases)} from ${from} limit 1)`;
  }
  const operands = by.operand === null ? [] : [renderOperand(by.operand, scope)];
  return sql`(select ${aggregateOf(by.function, operands, false)} from ${from})`;
}
