import type { ParameterSource } from '../permissions/index.ts';
import type { RootPlan } from '../plan/index.ts';
import { InvariantError } from '../support/index.ts';
import { finish, finishInline, join, type SqlFragment, sql } from './fragment.ts';
import { afterReading } from './read-first.ts';
import { Aliases } from './row.ts';
import { renderNestedSelect, renderSelect, renderStreamSelect } from './select.ts';

/** A root field that one SELECT answers. */
export type SelectPlan = Extract<RootPlan, { kind: 'select' }>;

/** SQL with typed bind parameters. Its one row has a column per key, in that order, each a finished JSON value or NULL, which stands for `null`. */
export interface Statement {
  readonly text: string;
  /** Where the text of `$1`, `$2`, … comes from. */
  readonly parameters: readonly ParameterSource[];
  readonly keys: readonly string[];
}

/**
 * One statement for all given root fields, which must belong to one source: one round trip and one snapshot.
 * A column of type `json` is sent as its text, so a cast to text would only copy it.
 */
export function renderSelects(plans: readonly SelectPlan[]): Statement {
  return { ...finish(selectStatement(plans)), keys: plans.map(({ key }) => key) };
}

/** The same SQL with the values written into it, for people to read and for EXPLAIN. Source: spec/graphql-api.md 15. */
export function renderExplain(
  plans: readonly SelectPlan[],
  textOf: (source: ParameterSource) => string | null,
): string {
  return finishInline(selectStatement(plans), textOf);
}

/**
 * One batch of a streaming subscription: two columns, the rows and the cursor after them (NULL for an empty batch: the old cursor stays).
 * @throws InvariantError for a plan that does not stream
 */
export function renderStream(plan: SelectPlan): Statement {
  return { ...finish(streamStatement(plan)), keys: [plan.key] };
}

/** Whether the field is a stream, which stands alone in its statement. */
export function isStream({ select }: SelectPlan): boolean {
  return select.kind === 'rows' && select.stream !== null;
}

function streamStatement({ name, select }: SelectPlan): SqlFragment {
  if (select.kind !== 'rows' || select.stream === null) {
    throw new InvariantError(`field ${name} is not a stream`);
  }
  const aliases = new Aliases();
  const { expression, cursor, from } = renderStreamSelect(select, select.stream, aliases);
  return afterReading(sql`select ${expression}, ${cursor} from ${from}`, aliases);
}

function selectStatement(plans: readonly SelectPlan[]): SqlFragment {
  const aliases = new Aliases();
  const [only] = plans;
  if (only !== undefined && isStream(only)) return streamStatement(only);
  if (only !== undefined && plans.length === 1) {
    const { expression, from, mayBeMissing } = renderSelect(only.select, null, aliases);
    const query = sql`select ${expression} from ${from}`;
    // the answer is always one row
    return afterReading(mayBeMissing ? sql`select (${query})` : query, aliases);
  }
  const columns = plans.map(({ select }) => renderNestedSelect(select, null, aliases));
  return afterReading(sql`select ${join(columns, sql`, `)}`, aliases);
}
