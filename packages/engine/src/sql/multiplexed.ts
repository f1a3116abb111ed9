import type { ParameterSource } from '../permissions/index.ts';
import { finish, integer, join, replaceParameters, type SqlFragment, sql } from './fragment.ts';
import { readFirst } from './read-first.ts';
import { Aliases } from './row.ts';
import { renderNestedSelect, renderStreamSelect } from './select.ts';
import type { SelectPlan } from './statement.ts';

/**
 * One statement that answers the same root fields for many sets of values. A row per set: its place among the sets, counted from 1, then the columns
 * that `renderSelects` (or `renderStream`) gives for it.
 */
export interface MultiplexedStatement {
  readonly text: string;
  /** `$1`, `$2`, …: a `text[]` with an element for each set, or, where it is shared, the one text that all of them have. */
  readonly parameters: readonly MultiplexedParameter[];
}

export interface MultiplexedParameter {
  readonly source: ParameterSource;
  readonly isShared: boolean;
}

/**
 * Every value becomes a column of `_subs`, from whose one row alone the set's answer is made. `isShared` tells by the number of a parameter, counted
 * from 0, whether all sets have the same value. Null when nothing tells one set from another. Source for the shape: spec/graphql-api.md 14.5, 17.6.
 */
export function renderMultiplexed(
  plans: readonly SelectPlan[],
  isShared: (index: number) => boolean = () => false,
): MultiplexedStatement | null {
  const aliases = new Aliases();
  const answers = renderAnswers(plans, aliases);
  const condition = readFirst(aliases);
  const parameters: MultiplexedParameter[] = [];
  const numbers = new Map<string, number>();
  const given: SqlFragment[] = [];
  const names: SqlFragment[] = [];
  const values: SqlFragment[] = [];
  const parts = [answers.columns, answers.from, condition ?? sql``];
  const [columns = sql``, from = sql``, where = sql``] = replaceParameters(parts, (source, cast, key) => {
    const index = numbers.get(key) ?? parameters.length;
    if (!numbers.has(key)) {
      numbers.set(key, index);
      parameters.push({ source, isShared: isShared(index) });
      if (!isShared(index)) {
        given.push(sql`${placeholder(index)}::text[]`);
        names.push(valueName(index));
        values.push(sql`(_given.${valueName(index)})::${cast} as ${valueName(index)}`);
      }
    }
    return isShared(index) ? sql`(${placeholder(index)})::${cast}` : sql`_subs.${valueName(index)}`;
  });
  if (given.length === 0) return null;
  const inOrder = sql`unnest(${join(given, sql`, `)}) with ordinality as _given(${join([...names, sql`number`], sql`, `)})`;
  // without the offset PostgreSQL may compute a value anew for every row that it is compared with
  const sets = sql`(select ${join([sql`_given.number`, ...values], sql`, `)} from ${inOrder} offset 0) as _subs`;
  const { text } = finish(
    sql`select _subs.number, ${columns} from ${sets}${from}${condition === null ? sql`` : sql` where ${where}`}`,
  );
  return { text, parameters };
}

/** What is asked for each set, and what beside the sets it is read from. */
function renderAnswers(
  plans: readonly SelectPlan[],
  aliases: Aliases,
): { readonly columns: SqlFragment; readonly from: SqlFragment } {
  const [only] = plans;
  if (only?.select.kind === 'rows' && only.select.stream !== null) {
    const { expression, cursor, from } = renderStreamSelect(only.select, only.select.stream, aliases);
    const batch = sql`select ${expression} as rows, ${cursor} as cursor from ${from}`;
    return { columns: sql`_batch.rows, _batch.cursor`, from: sql` cross join lateral (${batch}) as _batch` };
  }
  const columns = plans.map(({ select }) => renderNestedSelect(select, null, aliases));
  return { columns: join(columns, sql`, `), from: sql`` };
}

function placeholder(index: number): SqlFragment {
  return sql`$${integer(index + 1)}`;
}

function valueName(index: number): SqlFragment {
  return sql`value_${integer(index)}`;
}
