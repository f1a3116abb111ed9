/**
 * Mutations become statements that run one after another in one transaction. None of them needs anything back from the ones before: what they hand on stays in PostgreSQL
 * (slots.ts), so that all of them can be sent at once. A statement that must not have its way fails by itself (outcome.ts).
 *
 * A mutation whose answer needs only the written rows is one statement. Otherwise the answer is selected by a further one, so that related rows are seen
 * as they are after the write. Source: spec/graphql-api.md 17.4.
 */
import type { Table } from '../../permissions/index.ts';
import type { Mutation, MutationOutput, Select } from '../../plan/index.ts';
import { Path, unreachable } from '../../support/index.ts';
import { finish, join, sql } from '../fragment.ts';
import { afterReading } from '../read-first.ts';
import { Aliases } from '../row.ts';
import { renderNestedSelect } from '../select.ts';
import { answersItself, renderAnswer, showsNoRow } from './answer.ts';
import { hasRelatedRows, renderNestedInsert } from './nested-insert.ts';
import { renderAnsweringWrite, renderWrite, returning, type SingleWrite } from './single-write.ts';
import { addAffected, addRows, readAffected, rowsFrom, rowsSlot, type Slot } from './slots.ts';
import type { MutationStatement } from './types.ts';

export function renderMutation(mutation: Mutation): readonly MutationStatement[] {
  switch (mutation.kind) {
    case 'insert':
      if (!hasRelatedRows(mutation.rows)) return renderSingle(mutation, mutation.rows.path);
      return renderNested(mutation);
    case 'update':
    case 'delete':
      return renderSingle(mutation, Path.root);
    case 'update-many':
      return mutation.updates.flatMap((update) =>
        update.kind === 'nothing' ? [] : renderSingle(update, Path.root),
      );
    case 'function':
      return [renderFunctionCall(mutation.select)];
    default:
      return unreachable(mutation);
  }
}

function renderSingle(mutation: SingleWrite, path: Path): readonly MutationStatement[] {
  if (answersItself(mutation.output)) {
    return [{ ...renderAnsweringWrite(mutation), path, withoutRow: null, isAnswer: true }];
  }
  const aliases = new Aliases();
  const write = renderWrite(mutation, aliases);
  const written = aliases.next();
  const row = aliases.next();
  const slot = rowsSlot(0);
  const results = [addAffected(true), addRows(slot, sql`${written}.${row}`, true)];
  const columns = [sql`(${write.row}.*)::text as ${row}`];
  const statement = finish(returning(write, { columns, written, results }, aliases));
  return [
    { ...statement, path, withoutRow: null, isAnswer: false },
    answerFromSlots(write.table, mutation.output, [slot]),
  ];
}

function renderNested(mutation: Extract<Mutation, { kind: 'insert' }>): readonly MutationStatement[] {
  const { rows, output } = mutation;
  const { statements, slots } = renderNestedInsert(rows, mutation.nullChecks, !showsNoRow(output));
  return [...statements, answerFromSlots(rows.table, output, slots)];
}

function answerFromSlots(table: Table, output: MutationOutput, slots: readonly Slot[]): MutationStatement {
  const aliases = new Aliases();
  const row = aliases.next();
  const rows = aliases.next();
  const { expression, columns } = renderAnswer(output, row, rows, readAffected(), aliases);
  const statement =
    columns.length === 0
      ? sql`select ${expression}`
      : sql`select ${expression} from (select ${join(columns, sql`, `)} from ${rowsFrom(slots, table, row, aliases.next())}) as ${rows}`;
  return { ...finish(afterReading(statement, aliases)), path: Path.root, withoutRow: null, isAnswer: true };
}

/** A volatile function's rows. */
function renderFunctionCall(select: Select): MutationStatement {
  const aliases = new Aliases();
  const call = sql`select ${renderNestedSelect(select, null, aliases)}`;
  return { ...finish(afterReading(call, aliases)), path: Path.root, withoutRow: null, isAnswer: true };
}
