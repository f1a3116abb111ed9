/** Native queries in the place of a table, and the statements that ask PostgreSQL whether one fits. Source: spec/graphql-api.md 10. */
import type { NativeCode, NativeQueryCall, PgType, Value } from '../plan/index.ts';
import { InvariantError } from '../support/index.ts';
import { declaredCode, finish, finishInline, identifier, join, type SqlFragment, sql } from './fragment.ts';
import { renderValue } from './value.ts';

/**
 * `(<code>)` with the arguments' values as parameters. The line break ends a comment that the code may end with; that the code is one statement in itself,
 * whose end is not inside of it, is known from `nativeQueryChecks`.
 */
export function renderNativeQuery({ code, values }: NativeQueryCall): SqlFragment {
  return sql`(${renderCode(code, values)}
)`;
}

/** What a native query is checked for. */
export interface NativeQueryCandidate {
  readonly code: NativeCode;
  readonly arguments: readonly {
    readonly name: string;
    readonly type: PgType;
    readonly input: Value['input'];
  }[];
  /** What its rows must have. */
  readonly columns: readonly string[];
}

/**
 * Statements that PostgreSQL prepares if the query fits, and refuses otherwise: the code by itself, then the columns of its rows. `name` is that of the
 * prepared statements.
 */
export function nativeQueryChecks(candidate: NativeQueryCandidate, name: string): readonly string[] {
  const columns = candidate.columns.map((column) => sql`_0.${identifier(column)}`);
  const list = columns.length === 0 ? sql`1` : join(columns, sql`, `);
  const call = callOf(candidate);
  return [
    sql`prepare ${identifier(name)} as ${renderCode(call.code, call.values)}`,
    sql`prepare ${identifier(`${name}_rows`)} as select ${list} from ${renderNativeQuery(call)} as _0`,
  ].map((statement) => finish(statement).text);
}

/**
 * A statement for the types of the columns of a query that fits: a row with two columns for each, its type's OID and name. The code is part of it, and because
 * of a join that nothing meets not run.
 */
export function nativeQueryTypes(candidate: NativeQueryCandidate): string {
  const types = candidate.columns.flatMap((column, index) => {
    const type = sql`pg_catalog.pg_typeof(_0.${identifier(column)})::oid`;
    return [
      sql`${type}::text as ${identifier(`oid_${index}`)}`,
      sql`(select typname from pg_catalog.pg_type where oid = ${type}) as ${identifier(`name_${index}`)}`,
    ];
  });
  const rows = renderNativeQuery(callOf(candidate));
  return finishInline(
    sql`select ${join(types, sql`, `)} from (select 1) as _1 left join ${rows} as _0 on false`,
    () => null,
  );
}

/** The candidate as it is called, whatever its arguments are. */
function callOf(candidate: NativeQueryCandidate): NativeQueryCall {
  const values = new Map(
    candidate.arguments.map((argument): [string, Value] => [
      argument.name,
      {
        // any variable will do: only the place counts
        source: { kind: 'session', variable: argument.name },
        type: argument.type,
        isArray: false,
        input: argument.input,
      },
    ]),
  );
  return { query: '', code: candidate.code, values };
}

function renderCode(code: NativeCode, values: ReadonlyMap<string, Value>): SqlFragment {
  return join(
    code.map((part) => {
      if (part.kind === 'sql') return declaredCode(part.text);
      const value = values.get(part.name);
      if (value === undefined) throw new InvariantError(`a native query lacks its argument "${part.name}"`);
      return renderValue(value);
    }),
    sql``,
  );
}
