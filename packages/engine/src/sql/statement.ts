import type { ParameterSource } from '../permissions/index.ts';
import type { RootPlan } from '../plan/index.ts';
import { InvariantError } from '../support/index.ts';
import { finish, finishInline, join, literal, replaceParameters, type SqlFragment, sql } from './fragment.ts';
import { renderObject } from './json-object.ts';
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

/** Where a value lies in the variables of a cohort. Source: spec/graphql-api.md 14.5. */
export interface CohortValue {
  readonly source: ParameterSource;
  /** Two elements: the section, then the name of the variable or the number of the literal. */
  readonly path: readonly [section: 'query' | 'session' | 'synthetic', key: string];
}

/** `$1` is a `uuid[]` of result ids, `$2` a `json[]` of the variables of each; a row per cohort: result id, then `{"<key>": …}`. */
export interface MultiplexedStatement {
  readonly text: string;
  readonly values: readonly CohortValue[];
}

/** One statement that answers the same operation for many sets of variables. Source for the shape: spec/graphql-api.md 14.5. */
export function renderMultiplexed(plans: readonly SelectPlan[]): MultiplexedStatement {
  const values: CohortValue[] = [];
  const numbered = new Map<string, CohortValue>();
  const aliases = new Aliases();
  const members = plans.map(({ key, select }) => ({ key, value: renderNestedSelect(select, null, aliases) }));
  const answer = replaceParameters(renderObject(members, aliases), (source, sameSource, isArray) => {
    let value = numbered.get(sameSource);
    if (value === undefined) {
      value = { source, path: cohortPath(source, isArray, values) };
      values.push(value);
      numbered.set(sameSource, value);
    }
    const [section, key] = value.path;
    return sql`_subs.result_vars #>> array[${literal(section)}, ${literal(key)}]`;
  });
  const { text } = finish(
    sql`select _subs.result_id, ${answer} as result from unnest($1::uuid[], $2::json[]) as _subs(result_id, result_vars)`,
  );
  return { text, values };
}

/** Lists count as literals, since a list variable is made into one array value. */
function cohortPath(
  source: ParameterSource,
  isArray: boolean,
  earlier: readonly CohortValue[],
): CohortValue['path'] {
  const isTaken = (section: string, key: string) =>
    earlier.some(({ path }) => path[0] === section && path[1] === key);
  const nextNumber = String(earlier.filter(({ path }) => path[0] === 'synthetic').length);
  switch (source.kind) {
    case 'literal':
      return ['synthetic', nextNumber];
    case 'session':
      return ['session', source.variable];
    case 'session-object':
      return ['session', ''];
    case 'rows-to-join':
      throw new InvariantError('a cohort joins no rows of other sources');
    case 'stream-cursor':
      throw new InvariantError('a stream has no cohorts');
    case 'variable': {
      if (isArray) return ['synthetic', nextNumber];
      // a variable that is used with two types has a text for each
      let key = source.name;
      for (let use = 2; isTaken('query', key); use++) key = `${source.name}:${use}`;
      return ['query', key];
    }
  }
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
