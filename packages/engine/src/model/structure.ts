/**
 * What a source's tables are apart from their permissions: columns, names, relationships, computed fields. What has not changed since the model before
 * is taken over from it, table by table.
 */
import type { Catalog, EnumValues } from '../catalog/index.ts';
import type { SourceMetadata, TableMetadata } from '../metadata/index.ts';
import { InvariantError } from '../support/index.ts';
import { Dependents } from './dependents.ts';
import { editMap } from './edit-map.ts';
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
  /** Tables by what their fields look up. */
  readonly dependents: Dependents;
}

interface Queries {
  readonly nativeQueries: ReadonlyMap<string, NativeQueryBuilder>;
  readonly logicalModels: ReadonlyMap<string, LogicalModelBuilder>;
  readonly inconsistencies: readonly Inconsistency[];
}

/** What is not as it was in the structure before. All that is said nothing about is. */
export interface StructureChanges {
  /** Keys of tables that are declared otherwise, or now, or no more. */
  readonly declared: ReadonlySet<string>;
  /** Keys of tables that are other objects, or there now, or no more. */
  readonly tables: ReadonlySet<string>;
}

/**
 * The structure of `input`, with what has changed; null: all of it.
 * @param before the one before the change
 */
export function buildStructure(
  input: StructureInput,
  before?: Structure,
): { readonly structure: Structure; readonly changes: StructureChanges | null } {
  const { source, catalog, enumValues, convention } = input;
  const known = before !== undefined && hasSameGround(before.parts.input, input) ? before : undefined;
  const base = {
    name: source.name,
    metadata: source,
    catalog,
    naming: known?.naming ?? makeNaming(source.customization, convention),
  };
  const { bare, changes } = buildTables(base, enumValues, known?.parts.bare);
  const bareTables = { get: (key: string): BareTable | undefined => bareTableOf(bare.outcomes.get(key)) };
  const hasSameTables = changes !== null && changes.outcomes.size === 0;
  const keepsQueries = known !== undefined && hasSameQueries(known.parts.input, input, hasSameTables);
  const queries = keepsQueries
    ? known.parts.queries
    : buildQueries(base, bareTables, input.nativeQueryFaults);
  const builder = { ...base, tables: bareTables, nativeQueries: queries.nativeQueries, report: () => {} };
  const connect = (key: string, connected: ConnectedTable | undefined): ConnectedTable | undefined => {
    const { metadata, outcome } = bare.outcomes.get(key) ?? {};
    if (metadata === undefined || outcome === undefined || !('columns' in outcome)) return undefined;
    return connectTable(builder, outcome, metadata, connected);
  };
  const common = { ...base, nativeQueries: queries.nativeQueries, logicalModels: queries.logicalModels };
  if (known === undefined || changes === null) {
    const connected = new Map<string, ConnectedTable>();
    for (const key of bare.keys) {
      const table = connect(key, known?.parts.connected.get(key));
      if (table !== undefined) connected.set(key, table);
    }
    const tables = new Map([...connected].map(([key, { table }]) => [key, table]));
    const inconsistencies = listInconsistencies(bare, queries, connected);
    const parts = { input, bare, queries, connected, dependents: dependentsIn(connected) };
    return { structure: { ...common, tables, inconsistencies, parts }, changes: null };
  }
  const { connected: knownTables, dependents: knownDependents } = known.parts;
  const dependents = knownDependents.isOvergrown ? dependentsIn(knownTables) : knownDependents;
  const lookedUp = [
    ...changes.outcomes,
    ...(keepsQueries ? [] : [anyQuery]),
    ...(known.catalog.functions === catalog.functions ? [] : [anyFunction]),
  ];
  const edits = new Map<string, ConnectedTable | undefined>();
  for (const key of new Set([...changes.declared, ...dependents.of(lookedUp)])) {
    const table = knownTables.get(key);
    const connected = connect(key, table);
    if (connected === table) continue;
    edits.set(key, connected);
    if (connected !== undefined) dependents.add(key, lookUpsOf(connected));
  }
  const order = { keys: bare.keys, isAsBefore: changes.isSameOrder };
  const connected = editMap(knownTables, edits, order);
  const tableEdits = new Map([...edits].map(([key, edit]) => [key, edit?.table]));
  const isAsBefore = connected === knownTables && bare.outcomes === known.parts.bare.outcomes && keepsQueries;
  return {
    structure: {
      ...common,
      tables: editMap(known.tables, tableEdits, order),
      inconsistencies: isAsBefore ? known.inconsistencies : listInconsistencies(bare, queries, connected),
      parts: { input, bare, queries, connected, dependents },
    },
    changes: { declared: changes.declared, tables: new Set(edits.keys()) },
  };
}

/** Stand for all native queries, and for all functions, among what is looked up; keys of tables look otherwise. */
const [anyQuery, anyFunction] = ['native query', 'function'];

function dependentsIn(connected: ReadonlyMap<string, ConnectedTable>): Dependents {
  return new Dependents([...connected].map(([key, table]) => [key, lookUpsOf(table)]));
}

function lookUpsOf({ found: { tables, nativeQueries, functions } }: ConnectedTable): readonly string[] {
  return [
    ...tables.keys,
    ...(nativeQueries.keys.length === 0 ? [] : [anyQuery]),
    ...(functions.keys.length === 0 ? [] : [anyFunction]),
  ];
}

function listInconsistencies(
  { outcomes }: BareTables,
  queries: Queries,
  connected: ReadonlyMap<string, ConnectedTable>,
): readonly Inconsistency[] {
  const [inTables, inRelationships, inComputedFields]: [Inconsistency[], Inconsistency[], Inconsistency[]] = [
    [],
    [],
    [],
  ];
  for (const { outcome } of outcomes.values()) if (!('columns' in outcome)) inTables.push(outcome);
  for (const table of connected.values()) {
    inRelationships.push(...table.inRelationships);
    inComputedFields.push(...table.inComputedFields);
  }
  return [...inTables, ...queries.inconsistencies, ...inRelationships, ...inComputedFields];
}

/** How the metadata declares a table of the structure; the table itself may be kept from an earlier declaration. */
export function declarationOf({ parts }: Structure, key: string): TableMetadata {
  const found = parts.bare.outcomes.get(key);
  if (found === undefined) throw new InvariantError(`no declaration of the table ${key}`);
  return found.metadata;
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

/** Whether anything of the other can be taken over. What the catalogue says is compared part by part. */
function hasSameGround(known: StructureInput, { source, convention }: StructureInput): boolean {
  return (
    known.convention === convention &&
    known.source.name === source.name &&
    known.source.customization === source.customization
  );
}

/**
 * Whether the native queries and logical models are the same: they name types, and queries with relationships look tables up. Metadata and catalogue are
 * immutable, so parts of them that are the same object are equal.
 */
function hasSameQueries(
  known: StructureInput,
  { source, catalog, nativeQueryFaults }: StructureInput,
  hasSameTables: boolean,
): boolean {
  return (
    known.catalog.types === catalog.types &&
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
