/**
 * A table's relationships and computed fields. They refer to other tables and to native queries by name, so that they are as they were while what
 * they look up is: a change to one table makes those anew that look it up, and no others.
 */
import { type Catalog, type CatalogFunction, qualifiedKey } from '../catalog/index.ts';
import type { TableMetadata } from '../metadata/index.ts';
import { buildComputedFields } from './computed-fields.ts';
import type { NativeQueryBuilder } from './native-queries.ts';
import { buildRelationships } from './relationships.ts';
import type { BareTable, Lookup, SourceBuilder, TableBuilder } from './source-builder.ts';
import type { Inconsistency, TrackedComputedField, TrackedRelationship } from './types.ts';

/** A finished table, what does not fit about its fields, and what they depend on. */
export interface ConnectedTable {
  readonly table: TableBuilder;
  readonly inRelationships: readonly Inconsistency[];
  readonly inComputedFields: readonly Inconsistency[];
  readonly bare: BareTable;
  readonly found: Found;
}

interface Found {
  readonly tables: Looked<BareTable>;
  readonly nativeQueries: Looked<NativeQueryBuilder>;
  /** Of the catalogue. */
  readonly functions: Looked<readonly CatalogFunction[]>;
}

/** What was looked up, with what was there; undefined: nothing. Two lists, because there are very many tables. */
interface Looked<T> {
  readonly keys: string[];
  readonly values: (T | undefined)[];
}

/**
 * The table with its fields.
 * @param before the one of the same source before the change; it is taken over when it would be the same, else those of its fields that would
 */
export function connectTable(
  builder: SourceBuilder,
  bare: BareTable,
  metadata: TableMetadata,
  before: ConnectedTable | undefined,
): ConnectedTable {
  if (before !== undefined && isCurrent(before, builder, bare, metadata)) return before;
  const [inRelationships, inComputedFields]: [Inconsistency[], Inconsistency[]] = [[], []];
  const tables: Looked<BareTable> = { keys: [], values: [] };
  const nativeQueries: Looked<NativeQueryBuilder> = { keys: [], values: [] };
  const noting: SourceBuilder = {
    ...builder,
    tables: noted(builder.tables, tables),
    nativeQueries: noted(builder.nativeQueries, nativeQueries),
    report: (inconsistency) => void inRelationships.push(inconsistency),
  };
  const table: TableBuilder = {
    ...bare,
    metadata,
    relationships: new Map(),
    queryRelationships: new Map(),
    computedFields: new Map(),
  };
  buildRelationships(noting, table);
  buildComputedFields(
    { ...noting, report: (inconsistency) => void inComputedFields.push(inconsistency) },
    table,
  );
  if (before !== undefined && before.bare === bare) {
    keepSame(table.relationships, before.table.relationships, isSameRelationship);
    if (isFoundAgain(before.found.functions, builder.catalog.functions)) {
      keepSame(table.computedFields, before.table.computedFields, isSameComputedField);
    }
  }
  return {
    table,
    inRelationships: inRelationships.length === 0 ? none : inRelationships,
    inComputedFields: inComputedFields.length === 0 ? none : inComputedFields,
    bare,
    found: {
      tables,
      nativeQueries: nativeQueries.keys.length === 0 ? nothing : nativeQueries,
      functions: functionsOf(metadata, builder.catalog),
    },
  };
}

function isCurrent(
  { bare: known, table, found }: ConnectedTable,
  builder: SourceBuilder,
  bare: BareTable,
  metadata: TableMetadata,
): boolean {
  return (
    known === bare &&
    table.metadata.object_relationships === metadata.object_relationships &&
    table.metadata.array_relationships === metadata.array_relationships &&
    table.metadata.computed_fields === metadata.computed_fields &&
    isFoundAgain(found.tables, builder.tables) &&
    isFoundAgain(found.nativeQueries, builder.nativeQueries) &&
    isFoundAgain(found.functions, builder.catalog.functions)
  );
}

/** What computed fields look up besides tables. */
function functionsOf(
  { computed_fields: declared = [] }: TableMetadata,
  { functions }: Catalog,
): Found['functions'] {
  if (declared.length === 0) return nothing;
  const keys = declared.map(({ definition }) => qualifiedKey(definition.function));
  return { keys, values: keys.map((key) => functions.get(key)) };
}

const none: readonly Inconsistency[] = [];
const nothing: Looked<never> = { keys: [], values: [] };

function isFoundAgain<T>({ keys, values }: Looked<T>, lookup: Lookup<T>): boolean {
  return keys.every((key, index) => lookup.get(key) === values[index]);
}

function noted<T>(lookup: Lookup<T>, { keys, values }: Looked<T>): Lookup<T> {
  return {
    get(key) {
      const value = lookup.get(key);
      keys.push(key);
      values.push(value);
      return value;
    },
  };
}

/** Rules are known by the fields that they use: what is equal stays the same object. */
function keepSame<T>(
  fields: Map<string, T>,
  before: ReadonlyMap<string, T>,
  isSame: (one: T, other: T) => boolean,
): void {
  for (const [name, field] of fields) {
    const known = before.get(name);
    if (known !== undefined && isSame(known, field)) fields.set(name, known);
  }
}

function isSameRelationship(one: TrackedRelationship, other: TrackedRelationship): boolean {
  return (
    one.kind === other.kind &&
    one.isNullable === other.isNullable &&
    one.insertionOrder === other.insertionOrder &&
    one.constraint === other.constraint &&
    one.target.schema === other.target.schema &&
    one.target.name === other.target.name &&
    one.mapping.length === other.mapping.length &&
    one.mapping.every(({ from, to }, index) => {
      const pair = other.mapping[index];
      return from === pair?.from && to === pair.to;
    })
  );
}

/**
 * As long as the functions are the same, a function and the arguments that are left to the client say which argument receives what, hence how it is called; and the function
 * says what it returns, which is something else only as long as the table is not tracked.
 */
function isSameComputedField(one: TrackedComputedField, other: TrackedComputedField): boolean {
  return (
    one.function.schema === other.function.schema &&
    one.function.name === other.function.name &&
    one.description === other.description &&
    one.arguments.length === other.arguments.length &&
    one.arguments.every((argument, index) => argument === other.arguments[index]) &&
    one.returns.kind === other.returns.kind
  );
}
