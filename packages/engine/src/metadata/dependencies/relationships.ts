import type { QualifiedName } from '../../catalog/index.ts';
import { nameKey } from '../names.ts';
import type { RelationshipMetadata, SourceMetadata, TableMetadata } from '../types.ts';
import type { CatalogFacts } from './catalog-facts.ts';

export interface ColumnOf {
  readonly table: QualifiedName;
  readonly column: string;
}

export interface ResolvedRelationship {
  /** Null: unknown, or a native query. */
  readonly target: QualifiedName | null;
  readonly nativeQuery: string | null;
  /** The columns on both sides that its definition names. */
  readonly columns: readonly ColumnOf[];
  /** The foreign key that it follows, with the table that has it. */
  readonly constraint: { readonly table: QualifiedName; readonly name: string } | null;
}

/** Relationships and computed fields of one source, by table and name. */
export interface Relationships {
  find(table: QualifiedName, name: string): ResolvedRelationship | null;
  /** `target`: the table whose rows it returns; null for scalar and unknown ones. */
  findComputedField(table: QualifiedName, name: string): { readonly target: QualifiedName | null } | null;
}

/** @param onLookUp is told of every table that is asked about, and how it is declared: the answers depend on that, and on the catalogue */
export function relationshipsOf(
  source: SourceMetadata,
  catalog: CatalogFacts,
  onLookUp: (key: string, declared: TableMetadata | undefined) => void = () => {},
): Relationships {
  const tables = tablesByKey(source);
  const declarationOf = (table: QualifiedName): TableMetadata | undefined => {
    const key = nameKey(table);
    const declared = tables.get(key);
    onLookUp(key, declared);
    return declared;
  };
  return {
    find(table, name) {
      const declared = declarationOf(table);
      const relationship = declared && findRelationship(declared, name);
      return relationship === undefined
        ? null
        : resolveRelationship(source.name, table, relationship, catalog);
    },
    findComputedField(table, name) {
      const field = declarationOf(table)?.computed_fields?.find((candidate) => candidate.name === name);
      return field === undefined
        ? null
        : { target: catalog.tableOfFunction(source.name, field.definition.function) };
    },
  };
}

/** The tables of a source by `nameKey`. */
export function tablesByKey({ tables }: SourceMetadata): ReadonlyMap<string, TableMetadata> {
  const known = byKey.get(tables);
  if (known !== undefined) return known;
  const made = new Map(tables.map((table) => [nameKey(table.table), table]));
  byKey.set(tables, made);
  return made;
}

const byKey = new WeakMap<readonly TableMetadata[], ReadonlyMap<string, TableMetadata>>();

export function findRelationship(table: TableMetadata, name: string): RelationshipMetadata | undefined {
  return [...(table.object_relationships ?? []), ...(table.array_relationships ?? [])].find(
    (relationship) => relationship.name === name,
  );
}

export function resolveRelationship(
  source: string,
  table: QualifiedName,
  { using }: RelationshipMetadata,
  catalog: CatalogFacts,
): ResolvedRelationship {
  if ('manual_configuration' in using) {
    const {
      column_mapping: mapping,
      remote_table: target,
      remote_native_query: query,
    } = using.manual_configuration;
    const own = Object.keys(mapping).map((column) => ({ table, column }));
    const other =
      target === undefined ? [] : Object.values(mapping).map((column) => ({ table: target, column }));
    return {
      target: target ?? null,
      nativeQuery: query ?? null,
      columns: [...own, ...other],
      constraint: null,
    };
  }
  const on = using.foreign_key_constraint_on;
  if (typeof on === 'string' || !('table' in on)) {
    const columns = typeof on === 'string' ? [on] : on;
    const key = catalog.foreignKeyOn(source, table, columns);
    return {
      target: key?.table ?? null,
      nativeQuery: null,
      columns: columns.map((column) => ({ table, column })),
      constraint: key && { table, name: key.name },
    };
  }
  const columns = on.columns ?? (on.column === undefined ? [] : [on.column]);
  const key = catalog.foreignKeyOn(source, on.table, columns);
  return {
    target: on.table,
    nativeQuery: null,
    columns: columns.map((column) => ({ table: on.table, column })),
    constraint: key && { table: on.table, name: key.name },
  };
}
