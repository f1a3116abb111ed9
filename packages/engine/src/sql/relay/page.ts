import type { ConnectionSelect, OrderItem, OutputItem } from '../../plan/index.ts';
import { integer, join, type SqlFragment, sql } from '../fragment.ts';
import { renderRowSource, renderValueBehind, whereClause } from '../guarded-rows.ts';
import { renderObject } from '../json-object.ts';
import { comparisonMayFail } from '../may-fail.ts';
import { orderClause, renderOrderValues } from '../order.ts';
import { renderOutput } from '../output.ts';
import { type Aliases, rowScope } from '../row.ts';
import { renderSetParts } from '../row-set.ts';
import { renderBeyond, renderCursor, type SortedCell } from './cursor.ts';

/** What is made of each row of the page, as columns of the page's subselects; each is made only when it is asked for. */
export class PageColumns {
  readonly #page: SqlFragment;
  readonly nodes: (readonly OutputItem[])[] = [];
  hasCursor = false;

  constructor(page: SqlFragment) {
    this.#page = page;
  }

  cursor(): SqlFragment {
    this.hasCursor = true;
    return sql`${this.#page}.cursor`;
  }

  node(output: readonly OutputItem[]): SqlFragment {
    const name = nodeColumn(this.nodes.length);
    this.nodes.push(output);
    return sql`${this.#page}.${name}`;
  }
}

function nodeColumn(index: number): SqlFragment {
  return sql`node${integer(index)}`;
}

function sortColumn(index: number): SqlFragment {
  return sql`k${integer(index)}`;
}

export function isFromEnd({ slice }: ConnectionSelect): boolean {
  return slice?.from === 'end';
}

export interface PageContext {
  /** The alias of the page's rows. */
  readonly page: SqlFragment;
  readonly outer: SqlFragment | null;
  readonly aliases: Aliases;
  /** How many rows the page takes; null: all. */
  readonly size: SqlFragment | null;
  readonly takesOneMore: boolean;
}

/** `(…) as _0`: the rows of the page, numbered from where it begins, and one more where that tells something. */
export function renderPage(
  select: ConnectionSelect,
  columns: PageColumns,
  context: PageContext,
): SqlFragment {
  const { page, aliases, size, takesOneMore } = context;
  const numbered = aliases.next();
  const limit = size === null ? sql`` : sql` limit ${takesOneMore ? sql`(${size})::bigint + 1` : size}`;
  const row = aliases.next();
  const parts = renderParts(select, columns, context, limit, row);
  const cells = sortedCells(select, row);
  const cursor = columns.hasCursor ? [sql`${renderCursor(cells)} as cursor`] : [];
  const list = [...columns.nodes.map((_, index) => sql`${row}.${nodeColumn(index)}`), ...cursor];
  const order = orderClause(
    cells.map(({ cell, item }) => ({ value: cell, item: isFromEnd(select) ? reversed(item) : item })),
  );
  const rows = sql`select ${join(list, sql`, `)} from ${parts}${order}${limit}`;
  return sql`(select ${numbered}.*, row_number() over () as number from (${rows}) as ${numbered}) as ${page}`;
}

/** `(…) as _1 where …`: the rows beyond the cursor; those of two conditions together, each as many as the page takes. */
function renderParts(
  select: ConnectionSelect,
  columns: PageColumns,
  { outer, aliases, size }: PageContext,
  limit: SqlFragment,
  row: SqlFragment,
): SqlFragment {
  const { cursor } = select;
  const base = () =>
    renderBase(select, outer, aliases, (baseRow) =>
      columns.nodes.map(
        (output, index) =>
          sql`${renderObject(renderOutput(output, baseRow, aliases), aliases)} as ${nodeColumn(index)}`,
      ),
    );
  const conditionsOn = (partRow: SqlFragment): readonly (SqlFragment | null)[] =>
    cursor === null ? [null] : renderBeyond(sortedCells(select, partRow), cursor, cursor.side, false);
  const conditions = conditionsOn(row);
  if (size === null || conditions.length === 1) {
    const condition = conditions.flatMap((each) => each ?? []);
    return sql`(${base()}) as ${row}${condition.length === 0 ? sql`` : sql` where (${join(condition, sql` or `)})`}`;
  }
  const parts = conditions.map((_, index) => {
    const partRow = aliases.next();
    const order = orderClause(
      sortedCells(select, partRow).map(({ cell, item }) => ({
        value: cell,
        item: isFromEnd(select) ? reversed(item) : item,
      })),
    );
    const condition = conditionsOn(partRow)[index] ?? null;
    return sql`(select ${partRow}.* from (${base()}) as ${partRow}${whereClause(condition)}${order}${limit})`;
  });
  return sql`(${join(parts, sql` union all `)}) as ${row}`;
}

function reversed<T extends { readonly direction: 'asc' | 'desc'; readonly nulls: 'first' | 'last' }>(
  item: T,
): T {
  return {
    ...item,
    direction: item.direction === 'asc' ? 'desc' : 'asc',
    nulls: item.nulls === 'first' ? 'last' : 'first',
  };
}

/**
 * Whether there are rows right at the cursor or on the other side of it. Looked for from the cursor on, so that an index that serves the page serves this.
 */
export function renderRowsBeyond(
  select: ConnectionSelect,
  side: 'after' | 'before',
  { outer, aliases }: Pick<PageContext, 'outer' | 'aliases'>,
): SqlFragment {
  const { cursor } = select;
  if (cursor === null || cursor.side === side) return sql`false`;
  const conditionsOn = (row: SqlFragment) => renderBeyond(sortedCells(select, row), cursor, side, true);
  const found = conditionsOn(aliases.next()).map((_, index) => {
    const row = aliases.next();
    const order = orderClause(
      sortedCells(select, row).map(({ cell, item }) => ({
        value: cell,
        item: side === 'before' ? reversed(item) : item,
      })),
    );
    const base = renderBase(select, outer, aliases, () => []);
    return sql`(select true from (${base}) as ${row}${whereClause(conditionsOn(row)[index] ?? null)}${order} limit 1) is not null`;
  });
  return sql`(${join(found, sql` or `)})`;
}

function sortedCells({ set, keys }: ConnectionSelect, row: SqlFragment): readonly SortedCell[] {
  return set.orderBy.flatMap((item, index) => {
    const key = keys[index];
    return key === undefined ? [] : [{ item, key, cell: sql`${row}.${sortColumn(index)}` }];
  });
}

/** All rows of the connection under their guard, with what they are sorted by (`k0`, `k1` …) and the given columns. */
function renderBase(
  { set, cursor }: ConnectionSelect,
  outer: SqlFragment | null,
  aliases: Aliases,
  columnsOf: (row: SqlFragment) => readonly SqlFragment[],
): SqlFragment {
  const row = aliases.next();
  const { condition, cellOf } = renderSetParts(set, row, outer, aliases);
  const order = renderOrderValues(set.orderBy, row, aliases, cellOf);
  // what is compared with a cursor may be computed on any row that is there
  const sorted = order.values.map((value, index) =>
    cursor === null || comparesWithoutFail(set.orderBy[index])
      ? value
      : renderValueBehind(set.rows, value, rowScope(aliases, row)),
  );
  const list = [...sorted.map((value, index) => sql`${value} as ${sortColumn(index)}`), ...columnsOf(row)];
  const isDistinct = set.distinctOn.length > 0;
  const distinct = isDistinct ? sql` distinct on (${join(set.distinctOn.map(cellOf), sql`, `)})` : sql``;
  const clause = isDistinct
    ? orderClause(
        order.values.flatMap((value, index) => {
          const item = set.orderBy[index];
          return item === undefined ? [] : [{ value, item }];
        }),
      )
    : sql``;
  return sql`select${distinct} ${join(list, sql`, `)} from ${renderRowSource(set.rows, row, outer)}${order.joins}${whereClause(condition)}${clause}`;
}

function comparesWithoutFail(item: OrderItem | undefined): boolean {
  return (
    item?.by.kind === 'operand' && item.by.operand.kind === 'column' && !comparisonMayFail(item.by.operand)
  );
}
