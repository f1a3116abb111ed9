import type { Column } from '../permissions/index.ts';
import type { Operand, OutputItem, RowSet, StreamCursor, Value } from '../plan/index.ts';
import { integer, join, type SqlFragment, sql } from './fragment.ts';
import { renderRowCondition, renderRowSource, renderValueBehind, whereClause } from './guarded-rows.ts';
import { comparisonMayFail } from './may-fail.ts';
import { renderOperand } from './operand.ts';
import { renderOrder } from './order.ts';
import { type Aliases, rowScope } from './row.ts';
import { renderValue } from './value.ts';

export interface RowSetOptions {
  readonly set: RowSet;
  /** The alias that the set's rows get. */
  readonly row: SqlFragment;
  /** The row that the set belongs to; null at the root. */
  readonly outer: SqlFragment | null;
  readonly aliases: Aliases;
  /** What to select of each row. */
  readonly list: SqlFragment;
  /** At most so many rows, after the client's own limit and offset. */
  readonly permissionLimit: number | null;
  readonly stream?: StreamCursor | null;
}

/** `select … from … where … order by … limit …`: the rows of the set, in its order. */
export function renderRowSet(options: RowSetOptions): SqlFragment {
  const { set, row, outer, aliases, list, stream = null } = options;
  const { condition, cellOf } = renderSetParts(set, row, outer, aliases);
  const order = renderOrder(set.orderBy, row, aliases, cellOf);
  const from = sql`${renderRowSource(set.rows, row, outer)}${order.joins}`;
  const distinct =
    set.distinctOn.length === 0 ? sql`` : sql` distinct on (${join(set.distinctOn.map(cellOf), sql`, `)})`;
  if (stream !== null) {
    return sql`select ${list} from ${from}${renderStreamTail(stream, condition, options)}`;
  }
  const limit = rowLimit(set.limit, options.permissionLimit);
  return sql`select${distinct} ${list} from ${from}${whereClause(condition)}${order.clause}${
    limit === null ? sql`` : sql` limit ${limit}`
  }${set.offset === null ? sql`` : sql` offset ${renderValue(set.offset)}`}`;
}

/** The condition on the rows of a set, and how an operand on them is rendered: the same text at each use. */
export function renderSetParts(
  set: RowSet,
  row: SqlFragment,
  outer: SqlFragment | null,
  aliases: Aliases,
): { readonly condition: SqlFragment | null; readonly cellOf: (operand: Operand) => SqlFragment } {
  const scope = rowScope(aliases, row);
  const condition = renderRowCondition(
    set.rows,
    scope,
    outer === null ? null : { row: outer, join: set.join },
    [set.where],
  );
  const cells = new Map<Column, SqlFragment>();
  // PostgreSQL wants the distinct expressions to begin the order, and tells expressions apart by the aliases in them
  const cellOf = (operand: Operand): SqlFragment => {
    if (operand.kind !== 'column') return renderOperand(operand, scope);
    const cell = cells.get(operand.column) ?? renderOperand(operand, scope);
    cells.set(operand.column, cell);
    return cell;
  };
  return { condition, cellOf };
}

/**
 * PostgreSQL computes costly columns after the sort only under a LIMIT, and never after DISTINCT ON. Where it would not, the rows are sorted in a
 * subselect of their own, so that nested selects run once per row of the answer and their results are not sorted along.
 */
export function projectsAfterSort(
  set: RowSet,
  output: readonly OutputItem[],
  permissionLimit: number | null,
): boolean {
  if (!output.some(isCostly)) return false;
  if (set.distinctOn.length > 0) return true;
  return set.orderBy.length > 0 && set.limit === null && permissionLimit === null;
}

function isCostly(item: OutputItem): boolean {
  return item.kind === 'select' || (item.kind === 'value' && item.operand.kind === 'call');
}

/** Rows after the cursor; those that equal the last one are all delivered, so that none is skipped. Source: spec/graphql-api.md 14.6. */
function renderStreamTail(
  stream: StreamCursor,
  condition: SqlFragment | null,
  { set, row, aliases, permissionLimit }: RowSetOptions,
): SqlFragment {
  const cursor = renderOperand(stream.operand, rowScope(aliases, row));
  const isAscending = stream.direction === 'asc';
  // without a starting point nothing matches
  const after =
    stream.initialValue === null
      ? sql`false`
      : sql`(${cursor} ${isAscending ? sql`>` : sql`<`} ${renderValue(positionOf(stream.initialValue))})`;
  const afterBehind = comparisonMayFail(stream.operand)
    ? renderValueBehind(set.rows, after, rowScope(aliases, row))
    : after;
  const size = rowLimit(stream.batchSize, permissionLimit) ?? sql`0`;
  return sql`${whereClause(condition === null ? afterBehind : sql`${condition} and ${afterBehind}`)} order by ${cursor} ${
    isAscending ? sql`asc` : sql`desc`
  } fetch first (${size}) rows with ties`;
}

/** The statement is the same for every batch. */
function positionOf(initial: Value): Value {
  return { ...initial, source: { kind: 'stream-cursor', initial: initial.source } };
}

/** The smaller of both limits. A literal is written into the text: with a parameter PostgreSQL would plan for a tenth of all rows. */
export function rowLimit(limit: Value | null, permissionLimit: number | null): SqlFragment | null {
  if (limit === null) return permissionLimit === null ? null : integer(permissionLimit);
  const given = literalNumber(limit);
  if (given !== null) return integer(Math.min(given, permissionLimit ?? given));
  const value = renderValue(limit);
  return permissionLimit === null ? value : sql`least(${value}, ${integer(permissionLimit)})`;
}

function literalNumber({ source }: Value): number | null {
  if (source.kind !== 'literal' || source.text === null || !/^\d{1,15}$/.test(source.text)) return null;
  return Number(source.text);
}
