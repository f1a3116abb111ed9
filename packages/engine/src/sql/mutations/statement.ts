/**
 * Finished statements of mutations. A mutation whose answer needs only the written rows is one statement, which fails by itself when a check fails; other
 * answers are selected in a second one from the written rows, so that related rows are seen as they are after the write (spec/graphql-api.md 17.4).
 */
import type { Column, ParameterSource, Table } from '../../permissions/index.ts';
import type {
  DeleteMutation,
  InsertMutation,
  InsertRow,
  InsertRows,
  MutationOutput,
  NullChecks,
  OutputItem,
  Select,
  UpdateMutation,
} from '../../plan/index.ts';
import { unreachable } from '../../support/index.ts';
import {
  finish,
  identifier,
  join,
  literal,
  parameter,
  qualifiedName,
  type SqlFragment,
  sql,
} from '../fragment.ts';
import { type Member, renderObject } from '../json-object.ts';
import { renderOutput, typeNameValue } from '../output.ts';
import { Aliases } from '../row.ts';
import { renderNestedSelect } from '../select.ts';
import {
  type FixedValues,
  noFixedValues,
  renderDeleteWrite,
  renderInsertWrite,
  renderUpdateWrite,
  type Write,
} from './write.ts';

export type { FixedValues } from './write.ts';

export interface MutationStatement {
  readonly text: string;
  readonly parameters: readonly ParameterSource[];
}

/** One table's rows, written by one statement. */
export type SingleWrite = InsertMutation | UpdateMutation | DeleteMutation;

/** The text on which PostgreSQL fails when a row does not pass its check: no other cast is made of it. */
export const CHECK_FAILURE = 'check constraint of an insert/update permission has failed';

/** True when the answer can be made from the written rows alone. */
export function answersItself(output: MutationOutput): boolean {
  const outputs =
    output.kind === 'row'
      ? [output.output]
      : output.items.map((item) => (item.kind === 'returning' ? item.output : []));
  return outputs.flat().every((item) => item.kind !== 'select');
}

/**
 * Writes and answers. One row: the JSON of the answer, and 0.
 * Fails with SQLSTATE 22P02 and `CHECK_FAILURE` in its message when a row does not pass its check.
 */
export function renderAnsweringWrite(mutation: SingleWrite): MutationStatement {
  const aliases = new Aliases();
  const write = renderWrite(mutation, aliases);
  const written = aliases.next();
  const columns: SqlFragment[] = [];
  const answer = renderAnswer(
    mutation.output,
    (output) => {
      const column = aliases.next();
      columns.push(sql`${renderObject(renderOutput(output, write.row, aliases), aliases)} as ${column}`);
      return sql`${written}.${column}`;
    },
    aliases,
    sql`count(*)`,
  );
  return finish(returning(write, columns, written, [answer], aliases));
}

/**
 * Writes and gives the rows back. One row: their number, an array of them in PostgreSQL's text form, 0, and the text of each key column of the
 * first row.
 */
export function renderWriteOfRows(mutation: SingleWrite, keys: readonly Column[] = []): MutationStatement {
  const aliases = new Aliases();
  return finish(returnRows(renderWrite(mutation, aliases), keys, aliases));
}

/** Inserts one row by itself, or all of them, with values that other rows determine. Answers as `renderWriteOfRows`. */
export function renderInsertOfRows(
  rows: InsertRows,
  row: InsertRow | null,
  fixed: FixedValues,
  keys: readonly Column[],
  nullChecks: NullChecks,
): MutationStatement {
  const aliases = new Aliases();
  const choice = row === null ? ({ kind: 'all' } as const) : ({ kind: 'one', row } as const);
  return finish(returnRows(renderInsertWrite(rows, choice, fixed, nullChecks, aliases), keys, aliases));
}

/** What earlier statements found out; their texts are bound when the answer is asked for. */
export const writtenRows: ParameterSource = { kind: 'literal', text: 'written rows' };
export const affectedRows: ParameterSource = { kind: 'literal', text: 'affected rows' };

/** The answer from rows that were written before: parameters `writtenRows` (an array of rows as text) and `affectedRows`. */
export function renderAnswerFromRows(table: Table, output: MutationOutput): MutationStatement {
  const aliases = new Aliases();
  const row = aliases.next();
  const written = aliases.next();
  const columns: SqlFragment[] = [];
  const answer = renderAnswer(
    output,
    (items) => {
      const column = aliases.next();
      columns.push(sql`${renderObject(renderOutput(items, row, aliases), aliases)} as ${column}`);
      return sql`${written}.${column}`;
    },
    aliases,
    parameter(affectedRows, sql`bigint`),
  );
  const rowType = sql`${qualifiedName(table)}[]`;
  const list = columns.length === 0 ? sql`1 as ${aliases.next()}` : join(columns, sql`, `);
  return finish(
    sql`select ${answer} from (select ${list} from unnest(${parameter(writtenRows, rowType)}) as ${row}) as ${written}`,
  );
}

/** A volatile function's rows, in the transaction of the mutation. */
export function renderFunctionCall(select: Select): MutationStatement {
  return finish(sql`select ${renderNestedSelect(select, null, new Aliases())}`);
}

function renderWrite(mutation: SingleWrite, aliases: Aliases): Write {
  switch (mutation.kind) {
    case 'insert':
      return renderInsertWrite(mutation.rows, { kind: 'all' }, noFixedValues, mutation.nullChecks, aliases);
    case 'update':
      return renderUpdateWrite(mutation, aliases);
    case 'delete':
      return renderDeleteWrite(mutation, aliases);
    default:
      return unreachable(mutation);
  }
}

/** `rowOf` gives a column of JSON objects, one for each written row. */
function renderAnswer(
  output: MutationOutput,
  rowOf: (output: readonly OutputItem[]) => SqlFragment,
  aliases: Aliases,
  affected: SqlFragment,
): SqlFragment {
  if (output.kind === 'row') return sql`(json_agg(${rowOf(output.output)}) -> 0)`;
  const members = output.items.map((item): Member => {
    switch (item.kind) {
      case 'typename':
        return { key: item.key, value: typeNameValue(item.value) };
      case 'affected-rows':
        return { key: item.key, value: affected };
      case 'returning':
        return { key: item.key, value: sql`coalesce(json_agg(${rowOf(item.output)}), '[]')` };
      default:
        return unreachable(item);
    }
  });
  return renderObject(members, aliases);
}

function returnRows(write: Write, keys: readonly Column[], aliases: Aliases): SqlFragment {
  const written = aliases.next();
  const row = aliases.next();
  const columns = [sql`(${write.row}.*)::text as ${row}`];
  const results = [sql`count(*)`, sql`coalesce(array_agg(${written}.${row}), '{}')`];
  const firsts = keys.map(({ name }) => {
    const key = aliases.next();
    columns.push(sql`(${write.row}.${identifier(name)})::text as ${key}`);
    return sql`(array_agg(${written}.${key}))[1]`;
  });
  return returning(write, columns, written, results, aliases, firsts);
}

/** `with _1 as (<write> returning …) select <results>, <0, or failure>, <more> from _1`. */
function returning(
  { statement, check }: Write,
  columns: readonly SqlFragment[],
  written: SqlFragment,
  results: readonly SqlFragment[],
  aliases: Aliases,
  more: readonly SqlFragment[] = [],
): SqlFragment {
  const list = [...columns];
  let outcome = sql`0`;
  if (check !== null) {
    const passes = aliases.next();
    list.push(sql`${check} as ${passes}`);
    // the cast depends on the rows, so it fails only when they do
    outcome = sql`(case when coalesce(bool_and(${written}.${passes}), true) then '0' else ${literal(CHECK_FAILURE)} end)::integer`;
  }
  if (list.length === 0) list.push(sql`1 as ${aliases.next()}`);
  return sql`with ${written} as (${statement} returning ${join(list, sql`, `)}) select ${join([...results, outcome, ...more], sql`, `)} from ${written}`;
}
