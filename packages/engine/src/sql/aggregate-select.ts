import type {
  AggregateColumnItem,
  AggregateFieldItem,
  AggregateItem,
  AggregateSelect,
  Operand,
  RowSet,
} from '../plan/index.ts';
import { unreachable } from '../support/index.ts';
import { aggregateOf } from './aggregate-call.ts';
import { integer, join, type SqlFragment, sql } from './fragment.ts';
import { type Member, renderObject } from './json-object.ts';
import { renderOperand } from './operand.ts';
import { formatted, operandType, renderOutput, typeNameValue } from './output.ts';
import { type Aliases, rowScope } from './row.ts';
import { projectsAfterSort, renderRowSet } from './row-set.ts';
import type { JsonQuery } from './select.ts';

/**
 * Aggregates and nodes over one and the same set of rows. The inner select has a column for each thing that is aggregated (`a`, `b` …) and one for
 * each list of nodes; the rule's limit cuts the nodes by row number and leaves the aggregates alone.
 * Source: spec/graphql-api.md 5.3, spec/permissions.md 5.
 */
export function renderAggregateSelect(
  { set, permissionLimit, output }: AggregateSelect,
  outer: SqlFragment | null,
  aliases: Aliases,
): JsonQuery {
  const base = aliases.next();
  const result = aliases.next();
  const columns = new InputColumns(result);
  const isCut = permissionLimit !== null && output.some(({ kind }) => kind === 'nodes');
  const members = output.map((item) => ({
    key: item.key,
    value: renderItem(item, { base, columns, aliases, nodesLimit: isCut ? permissionLimit : null }),
  }));
  const rowSet = { set: withoutIdleOrder(set, output), row: base, outer, aliases, permissionLimit: null };
  const nodes = output.flatMap((item) => (item.kind === 'nodes' ? item.output : []));
  const list = columns.list(set.distinctOn.length > 0);
  const rows =
    isCut || projectsAfterSort(set, nodes, null)
      ? sql`select ${list} from (${renderRowSet({ ...rowSet, list: sql`${base}.*` })}) as ${base}`
      : renderRowSet({ ...rowSet, list });
  return {
    expression: renderObject(members, aliases),
    // Where nothing is aggregated but type names are asked for, this makes one row of all.
    from: output.some(aggregates) ? sql`(${rows}) as ${result}` : sql`(${rows}) as ${result} having true`,
    mayBeMissing: false,
  };
}

function aggregates(item: AggregateItem): boolean {
  if (item.kind !== 'aggregate') return item.kind === 'nodes';
  return item.output.some(
    (field) =>
      field.kind === 'count' ||
      (field.kind === 'function' && field.output.some(({ kind }) => kind === 'value')),
  );
}

/** Without nodes and without a cut the order makes no difference, so nothing is sorted. */
function withoutIdleOrder(set: RowSet, output: readonly AggregateItem[]): RowSet {
  const matters =
    set.limit !== null ||
    set.offset !== null ||
    set.distinctOn.length > 0 ||
    output.some(({ kind }) => kind === 'nodes');
  return matters ? set : { ...set, orderBy: [] };
}

interface ItemContext {
  /** The rows before aggregation. */
  readonly base: SqlFragment;
  readonly columns: InputColumns;
  readonly aliases: Aliases;
  readonly nodesLimit: number | null;
}

/** The columns of the inner select; equal operands share one. */
class InputColumns {
  readonly #row: SqlFragment;
  readonly #columns: SqlFragment[] = [];
  readonly #known = new Map<unknown, SqlFragment>();

  constructor(row: SqlFragment) {
    this.#row = row;
  }

  add(value: SqlFragment): SqlFragment {
    const name = columnName(this.#columns.length);
    this.#columns.push(sql`${value} as ${name}`);
    return sql`${this.#row}.${name}`;
  }

  operand(operand: Operand, { base, aliases }: ItemContext): SqlFragment {
    const key = operand.kind === 'column' && operand.visibleWhen === null ? operand.column : operand;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const column = this.add(renderOperand(operand, rowScope(aliases, base)));
    this.#known.set(key, column);
    return column;
  }

  /** Without columns an empty list, which PostgreSQL takes except after DISTINCT. */
  list(isDistinct: boolean): SqlFragment {
    return this.#columns.length === 0 && isDistinct ? sql`null` : join(this.#columns, sql`, `);
  }
}

function columnName(index: number): SqlFragment {
  return sql`c${integer(index)}`;
}

function renderItem(item: AggregateItem, context: ItemContext): SqlFragment {
  switch (item.kind) {
    case 'typename':
      return typeNameValue(item.value);
    case 'aggregate':
      return renderObject(
        item.output.map((field) => ({ key: field.key, value: renderField(field, context) })),
        context.aliases,
      );
    case 'nodes': {
      const { base, columns, aliases, nodesLimit } = context;
      const node = renderObject(renderOutput(item.output, base, aliases), aliases);
      if (nodesLimit === null) return sql`coalesce(json_agg(${columns.add(node)}), '[]')`;
      const shown = columns.add(
        sql`case when row_number() over () <= ${integer(nodesLimit)} then ${node} end`,
      );
      return sql`coalesce(json_agg(${shown}) filter (where ${shown} is not null), '[]')`;
    }
    default:
      return unreachable(item);
  }
}

function renderField(item: AggregateFieldItem, context: ItemContext): SqlFragment {
  switch (item.kind) {
    case 'typename':
      return typeNameValue(item.value);
    case 'count':
      return aggregateOf(
        'count',
        item.operands.map((operand) => context.columns.operand(operand, context)),
        item.isDistinct,
      );
    case 'function':
      return renderObject(
        item.output.map(
          (column): Member => ({
            key: column.key,
            value: renderColumn(item.function, column, context),
          }),
        ),
        context.aliases,
      );
    default:
      return unreachable(item);
  }
}

function renderColumn(functionName: string, item: AggregateColumnItem, context: ItemContext): SqlFragment {
  if (item.kind === 'typename') return typeNameValue(item.value);
  const aggregate = aggregateOf(functionName, [context.columns.operand(item.operand, context)], false);
  return formatted(aggregate, item.format, operandType(item.operand));
}
