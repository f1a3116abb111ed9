/**
 * Rows with related rows: first the rows they refer to, then each row by itself, then the rows that refer to it. The keys of one statement's row are the values of the next.
 * Source: spec/graphql-api.md 8.2, spec/permissions.md 6.4.
 */
import type { Column, Table } from '../../permissions/index.ts';
import type { InsertRow, InsertRows, NestedInsert, NullChecks } from '../../plan/index.ts';
import type { Path } from '../../support/index.ts';
import { finish, identifier, type SqlFragment, sql } from '../fragment.ts';
import { Aliases } from '../row.ts';
import type { MutationStatement, Refusal } from './types.ts';
import { returning } from './single-write.ts';
import { addAffected, addRows, keySlot, readKey, rowsSlot, type Slot, storeKey } from './slots.ts';
import { type FixedValues, noFixedValues, type RowChoice, renderInsertWrite } from './write.ts';

/** Rows of one slot: a slot is written anew for each of its rows. */
const ROWS_PER_SLOT = 64;

export function hasRelatedRows({ values }: InsertRows): boolean {
  return (
    values.kind === 'rows' && values.rows.some(({ before, after }) => before.length > 0 || after.length > 0)
  );
}

/** The statements, and the slots in which the outermost rows are afterwards, in order; none unless `keepsRows`. */
export function renderNestedInsert(
  rows: InsertRows,
  nullChecks: NullChecks,
  keepsRows: boolean,
): { readonly statements: readonly MutationStatement[]; readonly slots: readonly Slot[] } {
  const progress: Progress = { statements: [], nullChecks, keySlots: 0 };
  const slots: Slot[] = [];
  rowsOf(rows).forEach((row, index) => {
    if (!keepsRows) {
      insertRow(rows, row, noDemands, progress);
      return;
    }
    const slot = rowsSlot(Math.floor(index / ROWS_PER_SLOT));
    const isFirst = slot !== slots.at(-1);
    if (isFirst) slots.push(slot);
    insertRow(rows, row, { ...noDemands, kept: { slot, isFirst } }, progress);
  });
  return { statements: progress.statements, slots };
}

interface Progress {
  readonly statements: MutationStatement[];
  readonly nullChecks: NullChecks;
  /** How many are in use. */
  keySlots: number;
}

/** What is wanted of rows by those around them. */
interface Demands {
  readonly fixed: FixedValues;
  readonly keys: readonly Key[];
  readonly withoutRow: Refusal | null;
  readonly kept: { readonly slot: Slot; readonly isFirst: boolean } | null;
}

/** A column of a written row on which others depend. */
interface Key {
  readonly column: Column;
  readonly slot: Slot;
}

const noDemands: Demands = { fixed: noFixedValues, keys: [], withoutRow: null, kept: null };

function insertRows(rows: InsertRows, demands: Demands, progress: Progress): void {
  if (hasRelatedRows(rows)) for (const row of rowsOf(rows)) insertRow(rows, row, demands, progress);
  else write(rows, { kind: 'all' }, rows.path, demands, progress);
}

function insertRow(rows: InsertRows, row: InsertRow, demands: Demands, progress: Progress): void {
  const slotsBefore = progress.keySlots;
  const fixed = new Map(demands.fixed);
  for (const nested of row.before) {
    const keys = nested.relationship.mapping.map(({ to }) => newKey(to, progress));
    insertRows(nested.rows, { ...noDemands, keys, withoutRow: withoutParent(nested) }, progress);
    nested.relationship.mapping.forEach(({ from }, index) => {
      fixed.set(from, keyValue(keys[index], from));
    });
  }
  const referred = new Set(
    row.after.flatMap(({ relationship }) => relationship.mapping.map(({ from }) => from)),
  );
  const own = [...referred].map((column) => newKey(column, progress));
  const withoutRow = row.after.length === 0 ? demands.withoutRow : withoutChildren(rows.table, row);
  write(
    rows,
    { kind: 'one', row },
    row.path,
    { ...demands, fixed, keys: [...demands.keys, ...own], withoutRow },
    progress,
  );
  for (const nested of row.after) {
    const values = new Map<Column, SqlFragment>();
    for (const { from, to } of nested.relationship.mapping) {
      values.set(
        to,
        keyValue(
          own.find(({ column }) => column === from),
          to,
        ),
      );
    }
    insertRows(nested.rows, { ...noDemands, fixed: values }, progress);
  }
  progress.keySlots = slotsBefore;
}

function write(
  rows: InsertRows,
  choice: RowChoice,
  path: Path,
  { fixed, keys, withoutRow, kept }: Demands,
  { statements, nullChecks }: Progress,
): void {
  const aliases = new Aliases();
  const insert = renderInsertWrite(rows, choice, fixed, nullChecks, aliases);
  const written = aliases.next();
  const columns: SqlFragment[] = [];
  const results = [addAffected(statements.length === 0)];
  if (kept !== null) {
    const text = aliases.next();
    columns.push(sql`(${insert.row}.*)::text as ${text}`);
    results.push(addRows(kept.slot, sql`${written}.${text}`, kept.isFirst));
  }
  for (const { column, slot } of keys) {
    const text = aliases.next();
    columns.push(sql`(${insert.row}.${identifier(column.name)})::text as ${text}`);
    results.push(storeKey(slot, sql`${written}.${text}`));
  }
  const statement = returning(insert, { columns, written, results, needsRow: withoutRow !== null }, aliases);
  statements.push({ ...finish(statement), path, withoutRow, isAnswer: false });
}

function rowsOf({ values }: InsertRows): readonly InsertRow[] {
  return values.kind === 'rows' ? values.rows : [];
}

function newKey(column: Column, progress: Progress): Key {
  return { column, slot: keySlot(progress.keySlots++) };
}

/** What a key gives to a column that refers to it. */
function keyValue(key: Key | undefined, column: Column): SqlFragment {
  return key === undefined ? sql`null` : readKey(key.slot, column.type);
}

function withoutParent({ relationship, rows, path }: NestedInsert): Refusal {
  return {
    path,
    message: `cannot proceed to insert object relation "${relationship.name}" since insert to table "${printName(rows.table)}" affects zero rows`,
  };
}

function withoutChildren(table: Table, { path }: InsertRow): Refusal {
  return {
    path,
    message: `cannot proceed to insert array relations since insert to table "${printName(table)}" affects zero rows`,
  };
}

function printName({ schema, name }: Table): string {
  return schema === 'public' ? name : `${schema}.${name}`;
}
