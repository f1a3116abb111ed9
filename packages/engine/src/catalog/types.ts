/** What the database holds, as far as the engine uses it. Immutable; types are shared by OID. */

export interface QualifiedName {
  readonly schema: string;
  readonly name: string;
}

export interface PgType {
  readonly oid: number;
  readonly schema: string;
  /** `pg_type.typname`: `int4`, `text`, `_text`, `mood`. */
  readonly name: string;
  /** How SQL names it in a cast, without modifiers: `format_type(oid, -1)`: `integer`, `character varying`, `bpchar`, `app.mood`. */
  readonly sqlName: string;
  readonly kind: 'base' | 'enum' | 'domain' | 'composite' | 'range' | 'multirange' | 'array' | 'pseudo';
  /** The element type of an array. */
  readonly element: PgType | null;
  /** The type under a domain (one level). */
  readonly base: PgType | null;
  /** For composite types that are the row type of a relation, that relation. */
  readonly relation: QualifiedName | null;
}

export interface CatalogColumn {
  readonly name: string;
  /** `attnum`, 1-based, with gaps where columns were dropped. */
  readonly position: number;
  readonly type: PgType;
  readonly isNullable: boolean;
  readonly hasDefault: boolean;
  readonly identity: 'always' | 'by-default' | null;
  readonly isGenerated: boolean;
  /** The spatial reference system that the column is declared with; absent: any, or none. */
  readonly srid?: number;
  /** Computed whenever it is read, which may fail. */
  readonly isVirtual?: true;
  /** Of a collation that takes different texts for equal; before PostgreSQL 18 it knows no patterns. */
  readonly isNondeterministic?: true;
  readonly comment: string | null;
}

export interface UniqueKey {
  /** Name of the constraint, or of the index where there is only a unique index. */
  readonly name: string;
  /** Without the expressions that an index may have in their place. */
  readonly columns: readonly string[];
  readonly isPrimary: boolean;
  /** False for a plain unique index, which `ON CONFLICT ON CONSTRAINT` does not accept. */
  readonly isConstraint: boolean;
  /** An index of some rows only, or of expressions: several rows may have the same values in the columns. */
  readonly isPartial?: true;
}

export interface ForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly foreignTable: QualifiedName;
  readonly foreignColumns: readonly string[];
}

export type TableKind = 'table' | 'partitioned-table' | 'foreign-table' | 'view' | 'materialized-view';

export interface CatalogTable extends QualifiedName {
  readonly oid: number;
  readonly kind: TableKind;
  readonly isPartition: boolean;
  readonly comment: string | null;
  /** In `attnum` order. */
  readonly columns: readonly CatalogColumn[];
  readonly primaryKey: UniqueKey | null;
  /** All unique keys, the primary one included. */
  readonly uniqueKeys: readonly UniqueKey[];
  readonly foreignKeys: readonly ForeignKey[];
  /** From `pg_relation_is_updatable(oid, true)`. */
  readonly isInsertable: boolean;
  readonly isUpdatable: boolean;
  readonly isDeletable: boolean;
}

export interface FunctionArgument {
  /** Null for an unnamed argument. */
  readonly name: string | null;
  readonly type: PgType;
  readonly hasDefault: boolean;
}

export interface CatalogFunction extends QualifiedName {
  readonly oid: number;
  /** IN and INOUT arguments in order. */
  readonly arguments: readonly FunctionArgument[];
  readonly isVariadic: boolean;
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  readonly returnType: PgType;
  readonly returnsSet: boolean;
  readonly comment: string | null;
}

export interface EnumValue {
  readonly value: string;
  readonly comment: string | null;
}

export interface Catalog {
  /** `server_version_num`, e.g. 150018. */
  readonly serverVersion: number;
  /** By `tableKey`. */
  readonly tables: ReadonlyMap<string, CatalogTable>;
  /** Overloads under one key. */
  readonly functions: ReadonlyMap<string, readonly CatalogFunction[]>;
  readonly types: ReadonlyMap<number, PgType>;
}

/** The key of a table or function in maps: unambiguous for any name. */
export function qualifiedKey(name: QualifiedName): string {
  return JSON.stringify([name.schema, name.name]);
}
