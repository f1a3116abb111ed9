import type { ConnectionItem, ConnectionSelect, EdgeItem, Operand, PageInfoItem } from '../../plan/index.ts';
import type { Column } from '../../permissions/index.ts';
import { unreachable } from '../../support/index.ts';
import { integer, join, type SqlFragment, sql } from '../fragment.ts';
import { renderRowCondition, renderRowSource, whereClause } from '../guarded-rows.ts';
import { type Member, renderObject } from '../json-object.ts';
import { renderOperand } from '../operand.ts';
import { orderClause, renderOrderValues } from '../order.ts';
import { renderOutput, typeNameValue } from '../output.ts';
import { type Aliases, rowScope } from '../row.ts';
import type { JsonQuery } from '../select.ts';
import { rowLimit } from '../row-set.ts';
import { renderBeyond, renderCursor, type SortedCell } from './cursor.ts';

/**
 * A page of rows. From the inside out: the rows with what they are sorted by, those beyond the cursor in order up to one more than the page takes, their
 * numbers, and the JSON of all. From the end the order is turned round, and the edges are turned back. Source: spec/graphql-api.md 16.
 */
export function renderConnectionSelect(
  select: ConnectionSelect,
  outer: SqlFragment | null,
  aliases: Aliases,
): JsonQuery {
  const page = aliases.next();
  const columns = new PageColumns(page);
  const wants = wantedParts(select.output);
  const size = select.slice === null && select.permissionLimit === null ? null : sizeOf(select);
  const expression = renderObject(
    select.output.map((item) => ({ key: item.key, value: renderItem(item) })),
    aliases,
  );

  function renderItem(item: ConnectionItem): SqlFragment {
    switch (item.kind) {
      case 'typename':
        return typeNameValue(item.value);
      case 'edges':
        return renderEdges(item.output);
      case 'page-info':
        return renderObject(
          item.output.map((part): Member => ({ key: part.key, value: renderPart(part) })),
          aliases,
        );
      default:
        return unreachable(item);
    }
  }

  function renderEdges(output: readonly EdgeItem[]): SqlFragment {
    const members = output.map((item): Member => {
      switch (item.kind) {
        case 'typename':
          return { key: item.key, value: typeNameValue(item.value) };
        case 'cursor':
          return { key: item.key, value: columns.cursor() };
        case 'node':
          return { key: item.key, value: columns.node(item.output) };
        default:
          return unreachable(item);
      }
    });
    const order = isFromEnd(select) ? sql` order by ${page}.number desc` : sql``;
    return sql`coalesce(json_agg(${renderObject(members, aliases)}${order})${onPage()}, '[]')`;
  }

  function renderPart(item: PageInfoItem): SqlFragment {
    if (item.kind === 'typename') return typeNameValue(item.value);
    switch (item.part) {
      case 'startCursor':
        return cursorAt(isFromEnd(select) ? 'highest' : 'lowest');
      case 'endCursor':
        return cursorAt(isFromEnd(select) ? 'lowest' : 'highest');
      case 'hasNextPage':
        return hasMore('after');
      case 'hasPreviousPage':
        return hasMore('before');
      default:
        return unreachable(item.part);
    }
  }

  function cursorAt(number: 'lowest' | 'highest'): SqlFragment {
    const order = number === 'lowest' ? sql`asc` : sql`desc`;
    return sql`coalesce((array_agg(${columns.cursor()} order by ${page}.number ${order})${onPage()})[1], '')`;
  }

  /** Of an empty page nothing comes before or after. */
  function hasMore(side: 'after' | 'before'): SqlFragment {
    const reasons: SqlFragment[] = [];
    if ((side === 'before') === isFromEnd(select) && size !== null) reasons.push(sql`count(*) > ${size}`);
    const cursor = side === 'after' ? select.before : select.after;
    if (cursor !== null) reasons.push(renderBeyondCursor(select, side, outer, aliases));
    return reasons.length === 0
      ? sql`false`
      : sql`(count(*)${onPage()} > 0 and (${join(reasons, sql` or `)}))`;
  }

  function onPage(): SqlFragment {
    return size !== null && wants.more ? sql` filter (where ${page}.number <= ${size})` : sql``;
  }

  const from = renderPage(select, columns, { page, outer, aliases, size, takesOneMore: wants.more });
  return {
    expression,
    from: wants.rows ? from : sql`${from} having true`,
    mayBeMissing: false,
  };
}

function isFromEnd({ slice }: ConnectionSelect): boolean {
  return slice?.from === 'end';
}

function sizeOf({ slice, permissionLimit }: ConnectionSelect): SqlFragment {
  // one of both is there
  return rowLimit(slice?.size ?? null, permissionLimit) ?? sql`0`;
}

/** `rows`: something is aggregated; `more`: whether rows follow the page must be known. */
function wantedParts(output: readonly ConnectionItem[]): { readonly rows: boolean; readonly more: boolean } {
  const parts = output.flatMap((item) => (item.kind === 'page-info' ? item.output : []));
  return {
    rows: output.some(({ kind }) => kind === 'edges') || parts.some(({ kind }) => kind === 'part'),
    more: parts.some(
      (item) => item.kind === 'part' && (item.part === 'hasNextPage' || item.part === 'hasPreviousPage'),
    ),
  };
}

/** What is made of each row of the page, as columns of the page's subselects; each is made only when it is asked for. */
class PageColumns {
  readonly #page: SqlFragment;
  readonly nodes: Extract<EdgeItem, { kind: 'node' }>['output'][] = [];
  hasCursor = false;

  constructor(page: SqlFragment) {
    this.#page = page;
  }

  cursor(): SqlFragment {
    this.hasCursor = true;
    return sql`${this.#page}.cursor`;
  }

  node(output: Extract<EdgeItem, { kind: 'node' }>['output']): SqlFragment {
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

interface PageContext {
  readonly page: SqlFragment;
  readonly outer: SqlFragment | null;
  readonly aliases: Aliases;
  readonly size: SqlFragment | null;
  readonly takesOneMore: boolean;
}

/** `(…) as _0`: the rows of the page, numbered from where it begins, and one more where that tells something. */
function renderPage(
  select: ConnectionSelect,
  columns: PageColumns,
  { page, outer, aliases, size, takesOneMore }: PageContext,
): SqlFragment {
  const row = aliases.next();
  const limited = aliases.next();
  const base = renderBase(select, outer, aliases, (baseRow) =>
    columns.nodes.map(
      (output, index) =>
        sql`${renderObject(renderOutput(output, baseRow, aliases), aliases)} as ${nodeColumn(index)}`,
    ),
  );
  const cells = sortedCells(select, row);
  const cursor = columns.hasCursor ? [sql`${renderCursor(cells)} as cursor`] : [];
  const list = [...columns.nodes.map((_, index) => sql`${row}.${nodeColumn(index)}`), ...cursor];
  const limit = size === null ? sql`` : sql` limit ${takesOneMore ? sql`(${size})::bigint + 1` : size}`;
  const order = orderClause(
    select.set.orderBy.map((item, index) => ({
      value: sql`${row}.${sortColumn(index)}`,
      item: isFromEnd(select) ? reversed(item) : item,
    })),
  );
  const rows = sql`select ${join(list, sql`, `)} from (${base}) as ${row}${whereClause(beyondCursor(select, cells))}${order}${limit}`;
  return sql`(select ${limited}.*, row_number() over () as number from (${rows}) as ${limited}) as ${page}`;
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

function beyondCursor({ after, before }: ConnectionSelect, cells: readonly SortedCell[]): SqlFragment | null {
  if (after !== null) return renderBeyond(cells, after, 'after', false);
  return before === null ? null : renderBeyond(cells, before, 'before', false);
}

/** Whether there are rows on the other side of the cursor, or right at it. */
function renderBeyondCursor(
  select: ConnectionSelect,
  side: 'after' | 'before',
  outer: SqlFragment | null,
  aliases: Aliases,
): SqlFragment {
  const cursor = side === 'after' ? select.before : select.after;
  if (cursor === null) return sql`false`;
  const row = aliases.next();
  const base = renderBase(select, outer, aliases, () => []);
  const condition = renderBeyond(sortedCells(select, row), cursor, side, true);
  return sql`exists (select 1 from (${base}) as ${row} where ${condition})`;
}

function sortedCells({ set, keys }: ConnectionSelect, row: SqlFragment): readonly SortedCell[] {
  return set.orderBy.flatMap((item, index) => {
    const key = keys[index];
    return key === undefined ? [] : [{ item, key, cell: sql`${row}.${sortColumn(index)}` }];
  });
}

/** All rows of the connection under their guard, with what they are sorted by (`k0`, `k1` …) and the given columns. */
function renderBase(
  { set }: ConnectionSelect,
  outer: SqlFragment | null,
  aliases: Aliases,
  columnsOf: (row: SqlFragment) => readonly SqlFragment[],
): SqlFragment {
  const row = aliases.next();
  const scope = rowScope(aliases, row);
  const condition = renderRowCondition(
    set.rows,
    scope,
    outer === null ? null : { row: outer, join: set.join },
    [set.where],
  );
  const cells = new Map<Column, SqlFragment>();
  // as for other rows, the distinct expressions must be those of the order
  const cellOf = (operand: Operand): SqlFragment => {
    if (operand.kind !== 'column') return renderOperand(operand, scope);
    const cell = cells.get(operand.column) ?? renderOperand(operand, scope);
    cells.set(operand.column, cell);
    return cell;
  };
  const order = renderOrderValues(set.orderBy, row, aliases, cellOf);
  const list = [
    ...order.values.map((value, index) => sql`${value} as ${sortColumn(index)}`),
    ...columnsOf(row),
  ];
  const isDistinct = set.distinctOn.length > 0;
  const distinct = isDistinct ? sql` distinct on (${join(set.distinctOn.map(cellOf), sql`, `)})` : sql``;
  const sorted = isDistinct
    ? orderClause(
        order.values.flatMap((value, index) => {
          const item = set.orderBy[index];
          return item === undefined ? [] : [{ value, item }];
        }),
      )
    : sql``;
  return sql`select${distinct} ${join(list, sql`, `)} from ${renderRowSource(set.rows, row, outer)}${order.joins}${whereClause(condition)}${sorted}`;
}
