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
  /** In the order in which they were found: in tables, in what native queries are of, in relationships and computed fields. */
  readonly inconsistencies: readonly Inconsistency[];
  readonly found: {
    readonly inTables: readonly Inconsistency[];
    readonly inFields: readonly Inconsistency[];
  };
}

/**
 * The structure of `input`.
 * @param before the one before the change: it is taken over when it would be the same, its tables when only native queries or logical models differ
 */
export function buildStructure(input: StructureInput, before?: Structure): Structure {
  if (before === undefined || !hasTablesOf(before, input)) return build(input, null);
  if (hasQueriesOf(before, input)) return before;
  // a table that leads to a query holds that query
  return build(input, before.input.source.tables.some(leadsToQuery) ? null : before);
}

function build(input: StructureInput, kept: Structure | null): Structure {
  const { source, catalog, enumValues, convention, nativeQueryFaults } = input;
  const [inTables, inQueries, inFields]: [Inconsistency[], Inconsistency[], Inconsistency[]] = [[], [], []];
  const builder: SourceBuilder = {
    name: source.name,
    metadata: source,
    catalog,
    naming: kept?.naming ?? makeNaming(source.customization, convention),
    tables: kept?.tables ?? new Map(),
    nativeQueries: new Map(),
    report: (inconsistency) => void inTables.push(inconsistency),
  };
  if (kept === null) buildTables(builder, enumValues);
  const queries = {
    ...builder,
    report: (inconsistency: Inconsistency) => void inQueries.push(inconsistency),
  };
  const logicalModels = buildLogicalModels(queries);
  buildNativeQueries(queries, logicalModels, nativeQueryFaults);
  if (kept === null) {
    const fields = {
      ...builder,
      report: (inconsistency: Inconsistency) => void inFields.push(inconsistency),
    };
    for (const table of builder.tables.values()) buildRelationships(fields, table);
    for (const table of builder.tables.values()) buildComputedFields(fields, table);
  }
  const { name, naming, tables, nativeQueries } = builder;
  const found = kept?.found ?? { inTables, inFields };
  const inconsistencies = [...found.inTables, ...inQueries, ...found.inFields];
  return { input, name, catalog, naming, tables, nativeQueries, logicalModels, inconsistencies, found };
}

/**
 * Whether building from `input` would give the tables that are there. Metadata and catalogue are immutable, so parts of them that are the same
 * object are equal; enum values are read anew each time and compared by content.
 */
function hasTablesOf({ input: known }: Structure, input: StructureInput): boolean {
  const { source } = input;
  return (
    known.catalog === input.catalog &&
    known.convention === input.convention &&
    known.source.name === source.name &&
    known.source.customization === source.customization &&
    known.source.tables.length === source.tables.length &&
    known.source.tables.every((table, index) => isSameStructure(table, source.tables[index])) &&
    printEnums(known.enumValues) === printEnums(input.enumValues)
  );
}

/** The same for native queries and logical models. */
function hasQueriesOf({ input: known }: Structure, { source, nativeQueryFaults }: StructureInput): boolean {
  return (
    isSameList(known.source.native_queries, source.native_queries) &&
    isSameList(known.source.logical_models, source.logical_models) &&
    isSameFaults(known.nativeQueryFaults, nativeQueryFaults)
  );
}

function leadsToQuery({
  object_relationships: objects = [],
  array_relationships: arrays = [],
}: TableMetadata): boolean {
  return [...objects, ...arrays].some(
    ({ using }) => 'manual_configuration' in using && using.manual_configuration.remote_table === undefined,
  );
}

/** Permissions of logical models are part of them. */
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
