import type {
  DeleteMutation,
  InsertMutation,
  MutationOutput,
  OutputItem,
  UpdateMutation,
} from '../../plan/index.ts';
import { unreachable } from '../../support/index.ts';
import { type FinishedSql, finish, join, type SqlFragment, sql } from '../fragment.ts';
import { renderObject } from '../json-object.ts';
import { renderOutput } from '../output.ts';
import { Aliases } from '../row.ts';
import { renderAnswer } from './answer.ts';
import { renderOutcome, renderRowOutcome } from './outcome.ts';
import {
  noFixedValues,
  renderDeleteWrite,
  renderInsertWrite,
  renderUpdateWrite,
  type Write,
} from './write.ts';

/** One table's rows, written by one statement. */
export type SingleWrite = InsertMutation | UpdateMutation | DeleteMutation;

/**
 * Writes and answers from the written rows. One row: the JSON of the answer, then what nobody needs; none for an answer that is null.
 * Fails with SQLSTATE 22P02 and `CHECK_FAILURE` in its message when a row does not pass its check.
 */
export function renderAnsweringWrite(mutation: SingleWrite): FinishedSql {
  const aliases = new Aliases();
  const write = renderWrite(mutation, aliases);
  return finish(returnAnswer(write, mutation.output, aliases));
}

export function renderWrite(mutation: SingleWrite, aliases: Aliases): Write {
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

function returnAnswer(write: Write, output: MutationOutput, aliases: Aliases): SqlFragment {
  if (output.kind === 'row') return returnRow(write, output.output, aliases);
  const written = aliases.next();
  const answer = renderAnswer(output, write.row, written, sql`count(*)`, aliases);
  return returning(write, { columns: answer.columns, written, results: [answer.expression] }, aliases);
}

/** `<write> returning <object>, <outcome>`: at most one row, unless others inherit from the table; then the first one is the answer, and each is checked. */
function returnRow(
  { statement, row, check }: Write,
  output: readonly OutputItem[],
  aliases: Aliases,
): SqlFragment {
  const object = renderObject(renderOutput(output, row, aliases), aliases);
  return check === null
    ? sql`${statement} returning ${object}`
    : sql`${statement} returning ${object}, ${renderRowOutcome(check)}`;
}

export interface Returning {
  /** Made of each written row, with aliases. */
  readonly columns: readonly SqlFragment[];
  /** The alias of the written rows' list. */
  readonly written: SqlFragment;
  /** Of the statement's one row. */
  readonly results: readonly SqlFragment[];
  readonly needsRow?: boolean;
}

/** `with _1 as (<write> returning …) select <results>, <outcome> from _1`: one row, unless the outcome fails. */
export function returning(
  { statement, check }: Write,
  { columns, written, results, needsRow = false }: Returning,
  aliases: Aliases,
): SqlFragment {
  const list = [...columns];
  let passes: SqlFragment | null = null;
  if (check !== null) {
    const column = aliases.next();
    list.push(sql`${check} as ${column}`);
    passes = sql`${written}.${column}`;
  }
  if (list.length === 0) list.push(sql`1 as ${aliases.next()}`);
  const outcome = renderOutcome(passes, needsRow);
  const selected = outcome === null ? results : [...results, outcome];
  return sql`with ${written} as (${statement} returning ${join(list, sql`, `)}) select ${join(selected, sql`, `)} from ${written}`;
}
