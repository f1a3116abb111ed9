import type { ColumnRow } from './queries/columns.ts';
import type { ForeignKeyRow } from './queries/foreign-keys.ts';
import type { RelationRow } from './queries/relations.ts';
import type { UniqueKeyRow } from './queries/unique-keys.ts';
import {
  type CatalogColumn,
  type CatalogTable,
  type ForeignKey,
  type PgType,
  type QualifiedName,
  qualifiedKey,
  type TableKind,
  type UniqueKey,
} from './types.ts';

const KINDS: Readonly<Record<RelationRow['kind'], TableKind>> = {
  r: 'table',
  p: 'partitioned-table',
  f: 'foreign-table',
  v: 'view',
  m: 'materialized-view',
};

// Bits of pg_relation_is_updatable.
const UPDATE = 4;
const INSERT = 8;
const DELETE = 16;

export interface TableRows {
  readonly relations: readonly RelationRow[];
  readonly columns: readonly ColumnRow[];
  readonly uniqueKeys: readonly UniqueKeyRow[];
  readonly foreignKeys: readonly ForeignKeyRow[];
}

/** Puts columns and keys to their tables; the result is in order of schema and name. */
export function readTables(
  rows: TableRows,
  nameByOid: ReadonlyMap<number, QualifiedName>,
  types: ReadonlyMap<number, PgType>,
): Map<string, CatalogTable> {
  const columnsByOid = readColumns(rows.columns, types);
  const keysByOid = readUniqueKeys(rows.uniqueKeys, columnsByOid);
  const foreignKeysByOid = readForeignKeys(rows.foreignKeys, columnsByOid, nameByOid);
  const tables = new Map<string, CatalogTable>();
  for (const row of rows.relations) {
    const oid = Number(row.oid);
    const events = Number(row.events);
    const uniqueKeys = keysByOid.get(oid) ?? NONE;
    const table: CatalogTable = {
      oid,
      schema: nameByOid.get(oid)?.schema ?? row.schema,
      name: row.name,
      kind: KINDS[row.kind],
      isPartition: row.is_partition === 't',
      comment: row.comment,
      columns: columnsByOid.get(oid) ?? NONE,
      primaryKey: uniqueKeys.find((key) => key.isPrimary) ?? null,
      uniqueKeys,
      foreignKeys: foreignKeysByOid.get(oid) ?? NONE,
      isInsertable: (events & INSERT) !== 0,
      isUpdatable: (events & UPDATE) !== 0,
      isDeletable: (events & DELETE) !== 0,
    };
    tables.set(qualifiedKey(table), table);
  }
  return tables;
}

const NONE: readonly never[] = [];

function readColumns(
  rows: readonly ColumnRow[],
  types: ReadonlyMap<number, PgType>,
): Map<number, CatalogColumn[]> {
  const byOid = new Map<number, CatalogColumn[]>();
  // Tables repeat the names of columns: `id`, `created_at`. One string serves all.
  const names = new Map<string, string>();
  for (const row of rows) {
    const type = types.get(Number(row.type));
    if (type === undefined) continue; // made after the types were read, on a connection without a snapshot
    let name = names.get(row.name);
    if (name === undefined) {
      name = row.name;
      names.set(name, name);
    }
    append(byOid, Number(row.relation), {
      name,
      position: Number(row.position),
      type,
      isNullable: row.is_required === 'f',
      hasDefault: row.has_expression === 't' && row.generated === '',
      identity: row.identity === 'a' ? 'always' : row.identity === 'd' ? 'by-default' : null,
      isGenerated: row.generated !== '',
      ...(row.srid === null ? {} : { srid: Number(row.srid) }),
      ...(row.generated === 'v' ? { isVirtual: true } : {}),
      ...(row.is_nondeterministic === 't' ? { isNondeterministic: true } : {}),
      comment: row.comment,
    });
  }
  return byOid;
}

function readUniqueKeys(
  rows: readonly UniqueKeyRow[],
  columnsByOid: ReadonlyMap<number, readonly CatalogColumn[]>,
): Map<number, UniqueKey[]> {
  const byOid = new Map<number, UniqueKey[]>();
  for (const row of rows) {
    const oid = Number(row.relation);
    const positions = row.columns.split(' ').filter((position) => position !== '0');
    const columns = positions.length === 0 ? [] : namesAt(columnsByOid.get(oid), positions.join(' '));
    if (columns === null) continue;
    append(byOid, oid, {
      name: row.name,
      columns,
      isPrimary: row.is_primary === 't',
      isConstraint: row.is_constraint === 't',
      ...(row.is_partial === 't' ? { isPartial: true } : {}),
    });
  }
  return byOid;
}

function readForeignKeys(
  rows: readonly ForeignKeyRow[],
  columnsByOid: ReadonlyMap<number, readonly CatalogColumn[]>,
  nameByOid: ReadonlyMap<number, QualifiedName>,
): Map<number, ForeignKey[]> {
  const rowByOid = new Map(rows.map((row) => [row.oid, row]));
  const byOid = new Map<number, ForeignKey[]>();
  for (const row of rows) {
    // A key to a partitioned table is derived for each partition that it could lead to; only the declared target is kept.
    if (rootOf(row, rowByOid).foreign_relation !== row.foreign_relation) continue;
    const oid = Number(row.relation);
    const foreignOid = Number(row.foreign_relation);
    const foreignTable = nameByOid.get(foreignOid);
    const columns = namesAt(columnsByOid.get(oid), row.columns);
    const foreignColumns = namesAt(columnsByOid.get(foreignOid), row.foreign_columns);
    // A key into a schema that the catalogue leaves out.
    if (foreignTable === undefined || columns === null || foreignColumns === null) continue;
    append(byOid, oid, { name: row.name, columns, foreignTable, foreignColumns });
  }
  return byOid;
}

function rootOf(row: ForeignKeyRow, rowByOid: ReadonlyMap<string, ForeignKeyRow>): ForeignKeyRow {
  const parent = rowByOid.get(row.parent);
  return parent === undefined ? row : rootOf(parent, rowByOid);
}

/** The names of the columns with these numbers (`'1 3'`), or null when one of them is not there. */
function namesAt(columns: readonly CatalogColumn[] | undefined, positions: string): string[] | null {
  if (columns === undefined) return null;
  const names: string[] = [];
  for (const text of positions.split(' ')) {
    const position = Number(text);
    const guess = columns[position - 1]; // right as long as no column was dropped
    const column = guess?.position === position ? guess : columns.find((one) => one.position === position);
    if (column === undefined) return null;
    names.push(column.name);
  }
  return names;
}

function append<Value>(lists: Map<number, Value[]>, key: number, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
