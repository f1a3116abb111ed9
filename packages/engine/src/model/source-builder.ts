/** What the builders of one source share: the catalogue they look into, what was made so far, and the list of what does not fit. */
import { type Catalog, type QualifiedName, qualifiedKey } from '../catalog/index.ts';
import type { SourceMetadata, TableMetadata } from '../metadata/index.ts';
import type { TableReference } from '../permissions/index.ts';
import type { NativeQueryBuilder } from './native-queries.ts';
import type {
  Inconsistency,
  Naming,
  QueryRelationship,
  TrackedComputedField,
  TrackedRelationship,
  TrackedTable,
} from './types.ts';

/** Something found by its key. */
export interface Lookup<T> {
  get(key: string): T | undefined;
}

/** `T`: how much of each table is there already. */
export interface SourceBuilder<T = BareTable> {
  readonly name: string;
  readonly metadata: SourceMetadata;
  readonly catalog: Catalog;
  readonly naming: Naming;
  /** Consistent tables by `qualifiedKey`. */
  readonly tables: Lookup<T>;
  /** Consistent native queries by the name of their field. */
  readonly nativeQueries: Lookup<NativeQueryBuilder>;
  readonly report: (inconsistency: Inconsistency) => void;
}

/** A table apart from what may lead elsewhere. */
export type BareTable = Omit<TrackedTable, 'relationships' | 'queryRelationships' | 'computedFields'>;

/** A table whose relationships and computed fields are still being filled in; handed out as a `TrackedTable` afterwards. */
export interface TableBuilder extends TrackedTable {
  readonly metadata: TableMetadata;
  readonly relationships: Map<string, TrackedRelationship>;
  readonly queryRelationships: Map<string, QueryRelationship>;
  readonly computedFields: Map<string, TrackedComputedField>;
}

/** The table's name alone: relationships and computed fields do not hold what they lead to. */
export function referenceTo({ source, schema, name }: TableReference): TableReference {
  return { source, schema, name };
}

export function findTable<T>({ tables }: { readonly tables: Lookup<T> }, name: QualifiedName): T | undefined {
  return tables.get(qualifiedKey(name));
}
