/**
 * Rows with related rows: first the rows they refer to, then each row by itself, then the rows that refer to it. Source: spec/graphql-api.md 8.2,
 * spec/permissions.md 6.4.
 */
import type { Bytes } from '../../database/index.ts';
import type { Column } from '../../permissions/index.ts';
import type { InsertRow, InsertRows, NestedInsert, NullChecks } from '../../plan/index.ts';
import { type FixedValues, type MutationStatement, renderInsertOfRows } from '../../sql/index.ts';
import { type Path, RequestError } from '../../support/index.ts';
import { textOf } from '../text-of.ts';
import { hasRelatedRows } from './program.ts';

export interface NestedInsertServices {
  /** Runs a statement that writes rows; `path` is where its faults are reported. */
  readonly run: (statement: MutationStatement, path: Path) => Promise<readonly (Bytes | null)[]>;
}

export interface WrittenRows {
  /** Rows of all tables. */
  readonly affected: number;
  /** The rows of this table as elements of an array in PostgreSQL's text form, in the order in which they were written. */
  readonly rows: readonly string[];
  /** Of the first row: the texts of the columns that were asked for. */
  readonly keys: FixedValues;
}

export async function insertNested(
  rows: InsertRows,
  nullChecks: NullChecks,
  services: NestedInsertServices,
  fixed: FixedValues = new Map(),
  keys: readonly Column[] = [],
): Promise<WrittenRows> {
  if (rows.values.kind === 'columns' || !hasRelatedRows(rows)) {
    return write(rows, null, fixed, keys, nullChecks, services, rows.path);
  }
  let affected = 0;
  const texts: string[] = [];
  let firstKeys: FixedValues | null = null;
  for (const row of rows.values.rows) {
    const written = await insertRow(rows, row, nullChecks, services, fixed, keys);
    affected += written.affected;
    texts.push(...written.rows);
    if (written.rows.length > 0) firstKeys ??= written.keys;
  }
  return { affected, rows: texts, keys: firstKeys ?? new Map() };
}

async function insertRow(
  rows: InsertRows,
  row: InsertRow,
  nullChecks: NullChecks,
  services: NestedInsertServices,
  fixed: FixedValues,
  keys: readonly Column[],
): Promise<WrittenRows> {
  let affected = 0;
  const determined = new Map(fixed);
  for (const nested of row.before) {
    const written = await insertNested(nested.rows, nullChecks, services, new Map(), columnsOf(nested, 'to'));
    if (written.rows.length === 0) throw withoutParent(nested);
    affected += written.affected;
    for (const { from, to } of nested.relationship.mapping)
      determined.set(from, written.keys.get(to) ?? null);
  }
  const wanted = [...new Set([...keys, ...row.after.flatMap((nested) => columnsOf(nested, 'from'))])];
  const own = await write(rows, row, determined, wanted, nullChecks, services, row.path);
  affected += own.affected;
  if (own.rows.length === 0 && row.after.length > 0) {
    throw new RequestError(
      'not-supported',
      row.path,
      `cannot proceed to insert array relations since insert to table "${printName(rows.table)}" affects zero rows`,
    );
  }
  for (const nested of row.after) {
    const values = new Map<Column, string | null>();
    for (const { from, to } of nested.relationship.mapping) values.set(to, own.keys.get(from) ?? null);
    affected += (await insertNested(nested.rows, nullChecks, services, values)).affected;
  }
  return { affected, rows: own.rows, keys: own.keys };
}

async function write(
  rows: InsertRows,
  row: InsertRow | null,
  fixed: FixedValues,
  keys: readonly Column[],
  nullChecks: NullChecks,
  { run }: NestedInsertServices,
  path: Path,
): Promise<WrittenRows> {
  const [count, texts, , ...found] = await run(renderInsertOfRows(rows, row, fixed, keys, nullChecks), path);
  const inside = textOf(texts)?.slice(1, -1) ?? '';
  return {
    affected: Number(textOf(count)),
    rows: inside === '' ? [] : [inside],
    keys: new Map(keys.map((column, index) => [column, textOf(found[index])])),
  };
}

function withoutParent({ relationship, rows, path }: NestedInsert): RequestError {
  return new RequestError(
    'not-supported',
    path,
    `cannot proceed to insert object relation "${relationship.name}" since insert to table "${printName(rows.table)}" affects zero rows`,
  );
}

function columnsOf({ relationship }: NestedInsert, side: 'from' | 'to'): readonly Column[] {
  return relationship.mapping.map((pair) => pair[side]);
}

function printName({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return schema === 'public' ? name : `${schema}.${name}`;
}
