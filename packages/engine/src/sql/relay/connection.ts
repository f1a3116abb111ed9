import type { ConnectionItem, ConnectionSelect, EdgeItem, PageInfoItem } from '../../plan/index.ts';
import { unreachable } from '../../support/index.ts';
import { join, type SqlFragment, sql } from '../fragment.ts';
import { type Member, renderObject } from '../json-object.ts';
import { typeNameValue } from '../output.ts';
import type { Aliases } from '../row.ts';
import { rowLimit } from '../row-set.ts';
import type { JsonQuery } from '../select.ts';
import { cursorValues } from './cursor.ts';
import { isFromEnd, PageColumns, type PageContext, renderPage, renderRowsBeyond } from './page.ts';

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
  const context: AnswerContext = {
    select,
    columns: new PageColumns(page),
    page,
    outer,
    aliases,
    size: rowLimit(select.slice?.size ?? null, select.permissionLimit),
    takesOneMore: asksForMore(select.output),
  };
  if (select.cursor !== null) aliases.readFirst.push(...cursorValues(select.keys, select.cursor));
  const members = select.output.map((item) => ({ key: item.key, value: renderItem(item, context) }));
  const expression = renderObject(members, aliases);
  // the columns are known only now
  const from = renderPage(select, context.columns, context);
  return {
    expression,
    // where nothing is aggregated this makes one row of all
    from: select.output.some(aggregates) ? from : sql`${from} having true`,
    mayBeMissing: false,
  };
}

interface AnswerContext extends PageContext {
  readonly select: ConnectionSelect;
  readonly columns: PageColumns;
}

/** Whether it matters if rows follow the page. */
function asksForMore(output: readonly ConnectionItem[]): boolean {
  return output.some(
    (item) =>
      item.kind === 'page-info' &&
      item.output.some(
        (part) => part.kind === 'part' && (part.part === 'hasNextPage' || part.part === 'hasPreviousPage'),
      ),
  );
}

function aggregates(item: ConnectionItem): boolean {
  if (item.kind === 'page-info') return item.output.some(({ kind }) => kind === 'part');
  return item.kind === 'edges';
}

function renderItem(item: ConnectionItem, context: AnswerContext): SqlFragment {
  switch (item.kind) {
    case 'typename':
      return typeNameValue(item.value);
    case 'edges':
      return renderEdges(item.output, context);
    case 'page-info':
      return renderObject(
        item.output.map((part): Member => ({ key: part.key, value: renderPart(part, context) })),
        context.aliases,
      );
    default:
      return unreachable(item);
  }
}

function renderEdges(output: readonly EdgeItem[], context: AnswerContext): SqlFragment {
  const { select, columns, page, aliases } = context;
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
  return sql`coalesce(json_agg(${renderObject(members, aliases)}${order})${onPage(context)}, '[]')`;
}

function renderPart(item: PageInfoItem, context: AnswerContext): SqlFragment {
  if (item.kind === 'typename') return typeNameValue(item.value);
  const isTurned = isFromEnd(context.select);
  switch (item.part) {
    case 'startCursor':
      return renderCursorAt(isTurned ? 'highest' : 'lowest', context);
    case 'endCursor':
      return renderCursorAt(isTurned ? 'lowest' : 'highest', context);
    case 'hasNextPage':
      return renderHasMore('after', context);
    case 'hasPreviousPage':
      return renderHasMore('before', context);
    default:
      return unreachable(item.part);
  }
}

function renderCursorAt(number: 'lowest' | 'highest', context: AnswerContext): SqlFragment {
  const { columns, page } = context;
  const order = number === 'lowest' ? sql`asc` : sql`desc`;
  return sql`coalesce((array_agg(${columns.cursor()} order by ${page}.number ${order})${onPage(context)})[1], '')`;
}

/** Of an empty page nothing comes before or after. */
function renderHasMore(side: 'after' | 'before', context: AnswerContext): SqlFragment {
  const { select, size } = context;
  const reasons: SqlFragment[] = [];
  if ((side === 'before') === isFromEnd(select) && size !== null) reasons.push(sql`count(*) > ${size}`);
  const { cursor } = select;
  if (cursor !== null && cursor.side !== side) reasons.push(renderRowsBeyond(select, side, context));
  if (reasons.length === 0) return sql`false`;
  return sql`(count(*)${onPage(context)} > 0 and (${join(reasons, sql` or `)}))`;
}

/** Leaves out the one row more. */
function onPage({ page, size, takesOneMore }: AnswerContext): SqlFragment {
  return size !== null && takesOneMore ? sql` filter (where ${page}.number <= ${size})` : sql``;
}
