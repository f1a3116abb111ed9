import type { OutputItem, RowsSelect, Select, StreamCursor } from '../plan/index.ts';
import { InvariantError, unreachable } from '../support/index.ts';
import { renderAggregateSelect } from './aggregate-select.ts';
import { literal, type SqlFragment, sql } from './fragment.ts';
import { fitsInRow, renderColumns, renderObject } from './json-object.ts';
import { renderOperand } from './operand.ts';
import { renderOutput } from './output.ts';
import { renderConnectionSelect } from './relay/connection.ts';
import { type Aliases, rowScope } from './row.ts';
import { projectsAfterSort, type RowSetOptions, renderRowSet } from './row-set.ts';

/** `select <expression> from <from>`; one JSON value, in one row unless `mayBeMissing`. */
export interface JsonQuery {
  readonly expression: SqlFragment;
  readonly from: SqlFragment;
  /** True when there may be no row, which stands for `null`. */
  readonly mayBeMissing: boolean;
}

/** The value of a select inside of a row, as a scalar subquery. */
export function renderNestedSelect(select: Select, outer: SqlFragment | null, aliases: Aliases): SqlFragment {
  const { expression, from } = renderSelect(select, outer, aliases);
  return sql`(select ${expression} from ${from})`;
}

/** One JSON value from guarded rows. `outer` is the enclosing row; null at the root. */
export function renderSelect(select: Select, outer: SqlFragment | null, aliases: Aliases): JsonQuery {
  switch (select.kind) {
    case 'rows':
      return renderRowsSelect(select, outer, aliases);
    case 'aggregate':
      return renderAggregateSelect(select, outer, aliases);
    case 'connection':
      return renderConnectionSelect(select, outer, aliases);
    default:
      return unreachable(select);
  }
}

/**
 * `json_agg` over a subselect whose columns are the response keys. The subselect sorts, and a plain aggregate takes its rows in that order.
 * Source for the shape: spec/graphql-api.md 17.6 and 17.7.
 */
function renderRowsSelect(select: RowsSelect, outer: SqlFragment | null, aliases: Aliases): JsonQuery {
  if (select.stream !== null) throw new InvariantError('a stream stands alone in its statement');
  const isList = select.cardinality === 'list';
  const base = aliases.next();
  const options: Omit<RowSetOptions, 'list'> = {
    set: select.set,
    row: base,
    outer,
    aliases,
    permissionLimit: isList ? select.permissionLimit : 1,
  };
  const rows = projectsAfterSort(select.set, select.output, options.permissionLimit)
    ? sql`select ${columnsOrNothing(select.output, base, aliases)} from (${renderRowSet({ ...options, list: sql`${base}.*` })}) as ${base}`
    : renderRowSet({ ...options, list: columnsOrNothing(select.output, base, aliases) });
  const row = aliases.next();
  const value = fitsInRow(select.output) ? sql`${row}.*` : sql`${row}.object`;
  return {
    expression: isList
      ? sql`coalesce(json_agg(${value}), '[]')`
      : fitsInRow(select.output)
        ? sql`row_to_json(${value})`
        : value,
    from: sql`(${rows}) as ${row}`,
    mayBeMissing: !isList,
  };
}

/**
 * A batch of a stream: its rows and, as a second expression, the cursor after them as `{"<column>": "<text>"}`, NULL for an empty batch.
 * Source: spec/graphql-api.md 14.6.
 */
export function renderStreamSelect(
  select: RowsSelect,
  stream: StreamCursor,
  aliases: Aliases,
): JsonQuery & { readonly cursor: SqlFragment } {
  const base = aliases.next();
  const object = renderObject(renderOutput(select.output, base, aliases), aliases);
  const position = renderOperand(stream.operand, rowScope(aliases, base));
  const rows = renderRowSet({
    set: select.set,
    row: base,
    outer: null,
    aliases,
    list: sql`${object} as object, ${position} as position`,
    permissionLimit: select.permissionLimit,
    stream,
  });
  const row = aliases.next();
  return {
    expression: sql`coalesce(json_agg(${row}.object), '[]')`,
    // the rows come in order; not every type has max and min
    cursor: sql`case when count(*) > 0 then json_build_object(${literal(stream.column)}, (array_agg((${row}.position)::text))[count(*)]) end`,
    from: sql`(${rows}) as ${row}`,
    mayBeMissing: false,
  };
}

/** The row's members as columns, or as one column `object` where they cannot be columns. */
function columnsOrNothing(output: readonly OutputItem[], row: SqlFragment, aliases: Aliases): SqlFragment {
  const members = renderOutput(output, row, aliases);
  return fitsInRow(output) ? renderColumns(members) : sql`${renderObject(members, aliases)} as object`;
}
