/**
 * What a source's tables are apart from their permissions: columns, names, relationships, computed fields. It changes seldom, so a model whose
 * structure is that of the model before it takes it over, object by object.
 */
import type { Catalog, EnumValues } from '../catalog/index.ts';
import type { SourceMetadata, TableMetadata } from '../metadata/index.ts';
import { buildComputedFields } from './computed-fields.ts';
import { buildLogicalModels, type LogicalModelBuilder } from './logical-models.ts';
import { makeNaming } from './naming.ts';
import { buildNativeQueries, type NativeQueryFaults } from './native-queries.ts';
import { buildRelationships } from './relationships.ts';
import type { SourceBuilder } from './source-builder.ts';
import { buildTables } from './tables.ts';
import type { Inconsistency, Naming } from './types.ts';

export interface StructureInput {
  readonly source: SourceMetadata;
  readonly catalog: Catalog;
  readonly enumValues: ReadonlyMap<string, EnumValues>;
  readonly convention: Naming['convention'];
  readonly nativeQueryFaults: NativeQueryFaults;
}

export interface Structure
  extends Pick<SourceBuilder, 'name' | 'catalog' | 'naming' | 'tables' | 'nativeQueries'> {
  /** Those of the metadata by name; queries may have others of their own. */
  readonly logicalModels: ReadonlyMap<string, LogicalModelBuilder>;
  readonly input: StructureInput;
  readonly inconsistencies: readonly Inconsistency[];
}

export function buildStructure(input: StructureInput): Structure {
  const { source, catalog, enumValues, convention, nativeQueryFaults } = input;
  const inconsistencies: Inconsistency[] = [];
  const builder: SourceBuilder = {
    name: source.name,
    metadata: source,
    catalog,
    naming: makeNaming(source.customization, convention),
    tables: new Map(),
    nativeQueries: new Map(),
    report: (inconsistency) => void inconsistencies.push(inconsistency),
  };
  buildTables(builder, enumValues);
  const logicalModels = buildLogicalModels(builder);
  buildNativeQueries(builder, logicalModels, nativeQueryFaults);
  for (const table of builder.tables.values()) buildRelationships(builder, table);
  for (const table of builder.tables.values()) buildComputedFields(builder, table);
  const { name, naming, tables, nativeQueries } = builder;
  return { input, name, catalog, naming, tables, nativeQueries, logicalModels, inconsistencies };
}

/**
 * Whether building from `input` would give the structure that is there. Metadata and catalogue are immutable, so parts of them that are the same
 * object are equal; enum values are read anew each time and compared by content.
 */
export function isStructureOf(structure: Structure, input: StructureInput): boolean {
  const known = structure.input;
  const { source } = input;
  return (
    known.catalog === input.catalog &&
    known.convention === input.convention &&
    known.source.name === source.name &&
    known.source.customization === source.customization &&
    isSameList(known.source.native_queries, source.native_queries) &&
    isSameList(known.source.logical_models, source.logical_models) &&
    isSameFaults(known.nativeQueryFaults, input.nativeQueryFaults) &&
    known.source.tables.length === source.tables.length &&
    known.source.tables.every((table, index) => isSameStructure(table, source.tables[index])) &&
    printEnums(known.enumValues) === printEnums(input.enumValues)
  );
}

/** Permissions of logical models are part of them; that they change is rare enough to build everything anew. */
function isSameList<T>(one: readonly T[] = [], other: readonly T[] = []): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}

function isSameFaults(one: NativeQueryFaults, other: NativeQueryFaults): boolean {
  return one.size === other.size && [...one].every(([query, fault]) => other.get(query) === fault);
}

function isSameStructure(one: TableMetadata, other: TableMetadata | undefined): boolean {
  if (one === other) return true;
  return (
    other !== undefined &&
    one.table.schema === other.table.schema &&
    one.table.name === other.table.name &&
    one.is_enum === other.is_enum &&
    one.configuration === other.configuration &&
    one.apollo_federation_config === other.apollo_federation_config &&
    one.object_relationships === other.object_relationships &&
    one.array_relationships === other.array_relationships &&
    one.computed_fields === other.computed_fields
  );
}

function printEnums(enums: ReadonlyMap<string, EnumValues>): string {
  if (enums.size === 0) return '';
  const printed = [...enums].map(([table, content]) => [
    table,
    content.kind === 'values' ? content.values : content.error.message,
  ]);
  return JSON.stringify(printed);
}
