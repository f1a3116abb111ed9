import type { ParameterSource, Table } from '../permissions/index.ts';
import type { BooleanExpression, GuardedRows } from '../plan/index.ts';
import { InvariantError } from '../support/index.ts';
import { renderBooleanExpression } from './boolean-expression.ts';
import { finish, finishInline, join, parameter, qualifiedName, type SqlFragment, sql } from './fragment.ts';
import { renderRowCondition, renderRowSource, whereClause } from './guarded-rows.ts';
import { Aliases, rowScope } from './row.ts';
import type { Statement } from './statement.ts';

/** What is asked of one row: whether conditions hold on it as it is stored, or as it would be. */
export interface TruthQuery {
  readonly table: Table;
  /** Guarded rows of the table, at most one of which satisfies `key`; null: the row is not there yet. */
  readonly stored: { readonly rows: GuardedRows; readonly key: BooleanExpression } | null;
  /** JSON objects of columns with their new values. Each gives a row as it would be, triggers and defaults aside. */
  readonly changes: readonly ParameterSource[];
  readonly conditions: readonly RowCondition[];
}

export interface RowCondition {
  readonly expression: BooleanExpression;
  /** Index in `changes`; null: the row as it is stored. */
  readonly change: number | null;
}

/** One statement for all queries. Its row has a JSON array of true, false and null for each, in the order of the conditions, or NULL where there is no such row. */
export function renderTruths(queries: readonly TruthQuery[]): Statement {
  const aliases = new Aliases();
  const columns = queries.map((query) => sql`(${renderQuery(query, aliases)})`);
  return {
    ...finish(sql`select ${join(columns, sql`, `)}`),
    keys: queries.map((_query, index) => String(index)),
  };
}

/** A condition on a row of the alias `_0` with its values written in, for people to read. */
export function renderCondition(
  condition: BooleanExpression,
  textOf: (source: ParameterSource) => string | null,
): string {
  const aliases = new Aliases();
  const row = aliases.next();
  return finishInline(renderBooleanExpression(condition, rowScope(aliases, row)), textOf);
}

function renderQuery({ table, stored, changes, conditions }: TruthQuery, aliases: Aliases): SqlFragment {
  const storedRow = stored === null ? null : aliases.next();
  const found = aliases.next();
  const base = storedRow === null ? sql`null::${qualifiedName(table)}` : sql`${found}.found`;
  const changed = changes.map((change) => ({ change, row: aliases.next() }));
  const sources = changed.map(
    ({ change, row }) =>
      sql`lateral jsonb_populate_record(${base}, ${parameter(change, sql`jsonb`)}) as ${row}`,
  );
  if (stored !== null && storedRow !== null) {
    const row = aliases.next();
    const condition = renderRowCondition(stored.rows, rowScope(aliases, row), null, [stored.key]);
    // `offset 0`: only a row that is found meets the changes, which PostgreSQL may refuse
    const rows = sql`(select ${row} as found from ${renderRowSource(stored.rows, row, null)}${whereClause(condition)} offset 0) as ${found}`;
    sources.unshift(rows, sql`lateral jsonb_populate_record(${found}.found, '{}') as ${storedRow}`);
  }
  const truths = conditions.map(({ expression, change }) => {
    const row = change === null ? storedRow : changed[change]?.row;
    if (row === null || row === undefined)
      throw new InvariantError('a condition on a row that is not asked about');
    return renderBooleanExpression(expression, rowScope(aliases, row));
  });
  return sql`select array_to_json(array[${join(truths, sql`, `)}]::boolean[]) from ${join(sources, sql`, `)}`;
}
