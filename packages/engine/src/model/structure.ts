/**
 * What a source's tables are apart from their permissions: columns, names, relationships, computed fields. What has not changed since the model before
 * is taken over from it, table by table.
 */
import type { Catalog, EnumValues } from '../catalog/index.ts';
import type { SourceMetadata } from '../metadata/index.ts';
import { buildLogicalModels, type LogicalModelBuilder } from './logical-models.ts';
import { makeNaming } from './naming.ts';
import { buildNativeQueries, type NativeQueryBuilder, type NativeQueryFaults } from './native-queries.ts';
import type { BareTable, SourceBuilder, TableBuilder } from './source-builder.ts';
import { type ConnectedTable, connectTable } from './table-fields.ts';
import { type BareTables, bareTableOf, buildTables } from './tables.ts';
import type { Inconsistency, Naming } from './types.ts';

export interface StructureInput {
  readonly source: SourceMetadata;
  readonly catalog: Catalog;
  readonly enumValues: ReadonlyMap<string, EnumValues>;
  readonly convention: Naming['convention'];
  readonly nativeQueryFaults: NativeQueryFaults;
}

export interface Structure {
  readonly name: string;
  readonly catalog: Catalog;
  readonly naming: Naming;
  /** Consistent tables by `qualifiedKey`; the same map as before when all of them are the same. */
  readonly tables: ReadonlyMap<string, TableBuilder>;
  /** Consistent native queries by the name of their field; likewise. */
  readonly nativeQueries: ReadonlyMap<string, NativeQueryBuilder>;
  /** Those of the metadata by name; queries may have others of their own. */
  readonly logicalModels: ReadonlyMap<string, LogicalModelBuilder>;
  /** In the order in which they were found: in tables, in what native queries are of, in relationships and computed fields. */
  readonly inconsistencies: readonly Inconsistency[];
  readonly parts: StructureParts;
}

/** What the next structure is compared with. */
interface StructureParts {
  readonly input: StructureInput;
  readonly bare: BareTables;
  readonly queries: Queries;
  /** By `qualifiedKey`. */
  readonly connected: ReadonlyMap<string, ConnectedTable>;
}

interface Queries {
  readonly nativeQueries: ReadonlyMap<string, NativeQueryBuilder>;
  readonly logicalModels: ReadonlyMap<string, LogicalModelBuilder>;
  readonly inconsistencies: readonly Inconsistency[];
}

/**
 * The structure of `input`.
 * @param before the one before the change
 */
export function buildStructure(input: StructureInput, before?: Structure): Structure {
  const { source, catalog, enumValues, convention } = input;
  const known = before !== undefined && hasSameGround(before.parts.input, input) ? before : undefined;
  const base = {
    name: source.name,
    metadata: source,
    catalog,
    naming: known?.naming ?? makeNaming(source.customization, convention),
  };
  const bare = buildTables(base, enumValues, known?.parts.bare);
  const bareTables = { get: (key: string): BareTable | undefined => bareTableOf(bare.outcomes.get(key)) };
  const keepsQueries = known !== undefined && hasSameQueries(known.parts.input, input, bare.isAsBefore);
  const queries = keepsQueries
    ? known.parts.queries
    : buildQueries(base, bareTables, input.nativeQueryFaults);
  const builder = { ...base, tables: bareTables, nativeQueries: queries.nativeQueries, report: () => {} };
  const connected = new Map<string, ConnectedTable>();
  for (const [key, { metadata, outcome }] of bare.outcomes) {
    if (!('columns' in outcome)) continue;
    connected.set(key, connectTable(builder, outcome, metadata, known?.parts.connected.get(key)));
  }
  const tables = new Map([...connected].map(([key, { table }]) => [key, table]));
  const all = [...connected.values()];
  return {
    ...base,
    tables: known !== undefined && isSameMap(known.tables, tables) ? known.tables : tables,
    nativeQueries: queries.nativeQueries,
    logicalModels: queries.logicalModels,
    inconsistencies: [
      ...[...bare.outcomes.values()].flatMap(({ outcome }) => ('columns' in outcome ? [] : [outcome])),
      ...queries.inconsistencies,
      ...all.flatMap(({ inRelationships }) => inRelationships),
      ...all.flatMap(({ inComputedFields }) => inComputedFields),
    ],
    parts: { input, bare, queries, connected },
  };
}

function buildQueries(
  base: Omit<SourceBuilder, 'tables' | 'nativeQueries' | 'report'>,
  tables: SourceBuilder['tables'],
  faults: NativeQueryFaults,
): Queries {
  const inconsistencies: Inconsistency[] = [];
  const nativeQueries = new Map<string, NativeQueryBuilder>();
  const report = (inconsistency: Inconsistency): void => void inconsistencies.push(inconsistency);
  const builder = { ...base, tables, nativeQueries, report };
  const logicalModels = buildLogicalModels(builder);
  buildNativeQueries(builder, logicalModels, faults);
  return { nativeQueries, logicalModels, inconsistencies };
}

/**
 * Whether anything of the other can be taken over. Metadata and catalogue are immutable, so parts of them that are the same object are equal.
 */
function hasSameGround(known: StructureInput, { source, catalog, convention }: StructureInput): boolean {
  return (
    known.catalog.tables === catalog.tables &&
    known.catalog.functions === catalog.functions &&
    known.catalog.types === catalog.types &&
    known.convention === convention &&
    known.source.name === source.name &&
    known.source.customization === source.customization
  );
}

/** Whether the native queries and logical models are the same. Queries with relationships look tables up. */
function hasSameQueries(
  known: StructureInput,
  { source, nativeQueryFaults }: StructureInput,
  hasSameTables: boolean,
): boolean {
  return (
    isSameList(known.source.native_queries, source.native_queries) &&
    isSameList(known.source.logical_models, source.logical_models) &&
    isSameFaults(known.nativeQueryFaults, nativeQueryFaults) &&
    (hasSameTables ||
      (source.native_queries ?? []).every(
        ({ object_relationships: objects = [], array_relationships: arrays = [] }) =>
          objects.length + arrays.length === 0,
      ))
  );
}

/** Permissions of logical models are part of them. */
function isSameList<T>(one: readonly T[] = [], other: readonly T[] = []): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}

function isSameFaults(one: NativeQueryFaults, other: NativeQueryFaults): boolean {
  return one.size === other.size && [...one].every(([query, fault]) => other.get(query) === fault);
}

/** The same in the same order. */
function isSameMap<T>(one: ReadonlyMap<string, T>, other: ReadonlyMap<string, T>): boolean {
  if (one.size !== other.size) return false;
  const [values, others] = [one.values(), other.values()];
  for (const value of values) if (value !== others.next().value) return false;
  return true;
}
