import type { Database } from '../database/index.ts';
import type { ParameterSource } from '../permissions/index.ts';
import type { RootPlan } from '../plan/index.ts';
import { isStream, renderExplain, renderMultiplexed, renderSelects, type SelectPlan } from '../sql/index.ts';
import { InvariantError, Path, RequestError, unreachable } from '../support/index.ts';
import { arrayLiteral } from './array-literal.ts';
import { type Bindings, bindParameter } from './bind.ts';
import type { Executable } from './executable.ts';
import { translateDatabaseError } from './postgres-errors.ts';

interface FieldExplanation {
  readonly field: string;
  readonly sql: string | null;
  readonly plan: readonly string[] | null;
}

/**
 * The statements of an operation, with their values written into them, and how PostgreSQL would run them. Runs nothing but EXPLAIN.
 * Source: spec/graphql-api.md 15.
 */
export async function explainOperation(
  { plan, sites }: Executable,
  bindings: Bindings,
  databases: ReadonlyMap<string, Database>,
): Promise<string> {
  switch (plan.operation) {
    case 'query': {
      const explained: FieldExplanation[] = [];
      const fields = listFields(plan.fields, '');
      if (sites.size > 0) {
        throw new RequestError(
          'invalid-params',
          Path.root,
          'queries with remote relationships cannot be explained',
        );
      }
      for (const { field, select } of fields) {
        explained.push({ field, ...(await explainField(select, bindings, databases)) });
      }
      return JSON.stringify(explained);
    }
    case 'subscription':
      return JSON.stringify(await explainSubscription(plan.fields, bindings, databases));
    case 'mutation':
      throw new RequestError('invalid-params', Path.root, 'only queries can be explained');
    default:
      return unreachable(plan.operation);
  }
}

/** Root fields in order; those of a namespace as `ns.field`, constants without a select. */
function listFields(
  fields: readonly RootPlan[],
  prefix: string,
): { readonly field: string; readonly select: SelectPlan | null }[] {
  return fields.flatMap((field) => {
    if (field.kind === 'namespace') return listFields(field.fields, `${prefix}${field.key}.`);
    if (field.kind === 'delegated') refuseDelegated(field.target.executor);
    return [{ field: `${prefix}${field.key}`, select: field.kind === 'select' ? field : null }];
  });
}

/** What others do to answer is not known here. Source: spec/server.md 1. */
function refuseDelegated(executor: Extract<RootPlan, { kind: 'delegated' }>['target']['executor']): void {
  if (executor === 'remote-schema') {
    throw new RequestError('invalid-params', Path.root, 'only hasura queries can be explained');
  }
  if (executor === 'action') {
    throw new RequestError('invalid-params', Path.root, 'query actions cannot be explained');
  }
}

async function explainField(
  select: SelectPlan | null,
  bindings: Bindings,
  databases: ReadonlyMap<string, Database>,
): Promise<Omit<FieldExplanation, 'field'>> {
  if (select === null) return { sql: null, plan: null };
  const sql = renderExplain([select], (source) => bindParameter(source, bindings));
  return { sql, plan: await explainStatement(sql, [], select.source, databases) };
}

async function explainSubscription(
  fields: readonly RootPlan[],
  bindings: Bindings,
  databases: ReadonlyMap<string, Database>,
): Promise<unknown> {
  if (fields.some((field) => field.kind === 'delegated' && field.target.executor === 'action')) {
    throw new RequestError(
      'not-supported',
      Path.root,
      'async action query fields without relationships to table cannot be explained',
    );
  }
  const selects = listFields(fields, '').flatMap(({ select }) => (select === null ? [] : [select]));
  const [first] = selects;
  if (first === undefined) return { sql: null, plan: null, variables: null };
  if (isStream(first)) {
    const sql = renderExplain([first], (source) => bindParameter(source, bindings));
    const variables = { session: {}, query: {}, synthetic: [], cursor: {} };
    return { sql, plan: await explainStatement(sql, [], first.source, databases), variables };
  }
  const statement = renderMultiplexed(selects);
  const parameters = statement?.parameters ?? [];
  const text = statement?.text ?? renderSelects(selects).text;
  const cohort = parameters.map(({ source }) => arrayLiteral([bindParameter(source, bindings)]));
  return {
    sql: text,
    plan: await explainStatement(text, cohort, first.source, databases),
    variables: cohortVariables(
      parameters.map(({ source }) => source),
      bindings,
    ),
  };
}

/** The values by where they come from. Lists count as literals, since a list variable is made into one array value. Source: spec/graphql-api.md 14.5. */
function cohortVariables(sources: readonly ParameterSource[], bindings: Bindings): unknown {
  const session: Record<string, string | null> = {};
  const query: Record<string, string | null> = {};
  const synthetic: (string | null)[] = [];
  for (const source of sources) {
    const text = bindParameter(source, bindings);
    if (source.kind === 'session') session[source.variable] = text;
    else if (source.kind === 'session-object') session[''] = text;
    else if (source.kind === 'variable' && !Array.isArray(bindings.variables?.[source.name])) {
      // a variable that is used with two types has a text for each
      let key = source.name;
      for (let use = 2; key in query; use++) key = `${source.name}:${use}`;
      query[key] = text;
    } else synthetic.push(text);
  }
  return { session, query, synthetic, cursor: {} };
}

async function explainStatement(
  sql: string,
  parameters: readonly string[],
  source: string,
  databases: ReadonlyMap<string, Database>,
): Promise<readonly string[]> {
  const database = databases.get(source);
  if (database === undefined) throw new InvariantError(`the source "${source}" is not connected`);
  const query = { text: `explain (format text) ${sql}`, parameters };
  try {
    const rows = await database.queryRows(query, { prepare: false });
    return rows.map((row) => row['QUERY PLAN'] ?? '');
  } catch (error) {
    throw translateDatabaseError(error, query);
  }
}
