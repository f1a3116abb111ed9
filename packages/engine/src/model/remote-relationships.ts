/**
 * Relationships of tables that lead to tables of any source and to fields of remote schemas. Source: spec/remote-schemas.md 8, 9.
 */
import { qualifiedKey } from '../catalog/index.ts';
import type {
  Metadata,
  RemoteFieldDefinition,
  RemoteRelationshipMetadata,
  ToSourceDefinition,
} from '../metadata/index.ts';
import { remoteFieldDefinition, toSourceDefinition } from '../metadata/index.ts';
import { describeName } from '../permissions/index.ts';
import { findRemoteFieldFault, type RemoteTypeSystem } from '../remote-schemas/index.ts';
import type { JsonObject } from '../support/index.ts';
import {
  conflictingRemoteRelationship,
  inconsistentRemoteRelationship,
  inconsistentRemoteTypeRelationship,
} from './inconsistency.ts';
import { isGraphqlName } from './naming.ts';
import { findNameConflict } from './relationships.ts';
import type {
  Inconsistency,
  RemoteFieldRelationship,
  RemoteJoinValue,
  RemoteRowsRelationship,
  Source,
  TableRemoteFieldRelationship,
  TableRemoteRelationship,
  TrackedColumn,
  TrackedTable,
} from './types.ts';

export type RemoteRelationships = ReadonlyMap<
  TrackedTable,
  ReadonlyMap<string, TableRemoteRelationship | TableRemoteFieldRelationship>
>;

export interface RemoteTargets {
  readonly sources: ReadonlyMap<string, Source>;
  /** Everything that each remote schema has, by its name. */
  readonly remoteSchemas: ReadonlyMap<string, RemoteTypeSystem>;
}

/** Those that fit, by the table that they start at; the others are reported. */
export function buildRemoteRelationships(
  metadata: Metadata,
  targets: RemoteTargets,
  report: (inconsistency: Inconsistency) => void,
): RemoteRelationships {
  const byTable = new Map<
    TrackedTable,
    Map<string, TableRemoteRelationship | TableRemoteFieldRelationship>
  >();
  for (const source of metadata.sources) {
    for (const declared of source.tables) {
      if (declared.remote_relationships === undefined) continue;
      const table = targets.sources.get(source.name)?.tables.get(qualifiedKey(declared.table));
      // the table, or its source, stands in the list for all that belongs to it
      if (table === undefined) continue;
      for (const relationship of declared.remote_relationships) {
        const built = build(relationship.name, relationship.definition, table, targets);
        if (typeof built === 'string') {
          const reason = `in table "${describeName(declared.table)}": in remote relationship "${relationship.name}": ${built}`;
          report(inconsistentRemoteRelationship(source.name, declared.table, relationship, reason));
          continue;
        }
        const conflict = findNameConflict(table, relationship.name);
        if (conflict !== null) {
          report(conflictingRemoteRelationship(source.name, declared.table, relationship, conflict));
          continue;
        }
        const known = byTable.get(table) ?? new Map();
        byTable.set(table, known.set(built.name, built));
      }
    }
  }
  return byTable;
}

export type RemoteTypeRelationship = RemoteRowsRelationship | RemoteFieldRelationship;

/** By the name of the remote schema, then by the service's name of the object type that they start at. */
export type RemoteTypeRelationships = ReadonlyMap<
  string,
  ReadonlyMap<string, readonly RemoteTypeRelationship[]>
>;

/** The same for relationships that start at types of remote schemas. */
export function buildRemoteTypeRelationships(
  metadata: Metadata,
  targets: RemoteTargets,
  report: (inconsistency: Inconsistency) => void,
): RemoteTypeRelationships {
  const bySchema = new Map<string, Map<string, RemoteTypeRelationship[]>>();
  for (const { name: schema, remote_relationships: declared } of metadata.remote_schemas ?? []) {
    const byType = new Map<string, RemoteTypeRelationship[]>();
    for (const { type_name: typeName, relationships } of declared ?? []) {
      const built: RemoteTypeRelationship[] = [];
      for (const relationship of relationships) {
        const found = buildOnType(relationship, typeName, schema, built, targets);
        if (typeof found !== 'string') built.push(found);
        else report(inconsistentRemoteTypeRelationship(schema, typeName, relationship, found));
      }
      byType.set(typeName, built);
    }
    bySchema.set(schema, byType);
  }
  return bySchema;
}

function buildOnType(
  { name, definition }: RemoteRelationshipMetadata,
  typeName: string,
  schema: string,
  earlier: readonly RemoteTypeRelationship[],
  { sources, remoteSchemas }: RemoteTargets,
): RemoteTypeRelationship | string {
  const system = remoteSchemas.get(schema);
  if (system === undefined) return `remote schema with name "${schema}" not found`;
  const type = system.types.get(typeName);
  if (type === undefined) return `no type named "${typeName}" defined in remote schema "${schema}"`;
  if (type.kind !== 'object') {
    return 'remote relationships on a remote schema can only be defined on object types';
  }
  if (!isGraphqlName(name)) return `"${name}" is not valid GraphQL name`;
  if (type.fields.has(name) || earlier.some((other) => other.name === name)) {
    return `field with name "${name}" already exists in type "${typeName}"`;
  }
  const joinable = [...type.fields.values()].filter((field) => field.arguments.size === 0);
  const names = joinable.map((field) => field.name);
  const toRows = toSourceDefinition(definition);
  if (toRows !== null) {
    const fields = Object.keys(toRows.field_mapping);
    const to = findTarget(toRows.source, toRows.table, Object.values(toRows.field_mapping), sources);
    if (typeof to === 'string') return to;
    const unknown = fields.find((field) => !names.includes(field));
    if (unknown !== undefined) return `"${unknown}" does not exist`;
    return { name, kind: toRows.relationship_type, fields, ...to };
  }
  const toField = remoteFieldDefinition(definition);
  if (toField === null) return 'it leads neither to a source nor to a remote schema';
  const { fields, remoteSchema, steps } = toField;
  const target = remoteSchemas.get(remoteSchema);
  if (target === undefined) return `remote schema with name "${remoteSchema}" not found`;
  const unknown = fields.find((field) => !names.includes(field));
  if (unknown !== undefined) return missingField(schema, unknown, names);
  const fault = findRemoteFieldFault(steps, target, new Set(fields));
  return fault ?? { name, kind: 'remote-field', fields, remoteSchema, steps };
}

/** A text says what is wrong. */
function build(
  name: string,
  definition: JsonObject,
  table: TrackedTable,
  { sources, remoteSchemas }: RemoteTargets,
): TableRemoteRelationship | TableRemoteFieldRelationship | string {
  if (!isGraphqlName(name)) return `"${name}" is not valid GraphQL name`;
  const toRows = toSourceDefinition(definition);
  if (toRows !== null) return buildRows(name, toRows, table, sources);
  const toField = remoteFieldDefinition(definition);
  return toField === null
    ? 'it leads neither to a source nor to a remote schema'
    : buildField(name, toField, table, remoteSchemas);
}

function buildRows(
  name: string,
  {
    relationship_type: kind,
    source: sourceName,
    table: targetName,
    field_mapping: mapping,
  }: ToSourceDefinition,
  table: TrackedTable,
  sources: ReadonlyMap<string, Source>,
): TableRemoteRelationship | string {
  const to = findTarget(sourceName, targetName, Object.values(mapping), sources);
  if (typeof to === 'string') return to;
  const left = findJoinValues(table, Object.keys(mapping), (unknown) => `"${unknown}" does not exist`);
  if (typeof left === 'string') return left;
  return { name, kind, fields: Object.keys(mapping), left, ...to };
}

/** The table that a relationship leads to and its columns, or why there is none. */
export function findTarget(
  sourceName: string,
  tableName: ToSourceDefinition['table'],
  columnNames: readonly string[],
  sources: ReadonlyMap<string, Source>,
): { readonly target: TrackedTable; readonly columns: readonly TrackedColumn[] } | string {
  const source = sources.get(sourceName);
  if (source === undefined) return `source not found: "${sourceName}"`;
  const target = source.tables.get(qualifiedKey(tableName));
  if (target === undefined) {
    return `table "${describeName(tableName)}" does not exist in source: ${sourceName}`;
  }
  if (columnNames.length === 0) return 'field_mapping names no field';
  const columns: TrackedColumn[] = [];
  for (const name of columnNames) {
    const column = target.columns.get(name);
    if (column === undefined) return `"${name}" does not exist`;
    if (column.enumReference !== null) return 'relationships to enum fields are not supported yet';
    columns.push(column);
  }
  return { target, columns };
}

function buildField(
  name: string,
  { fields, remoteSchema, steps }: RemoteFieldDefinition,
  table: TrackedTable,
  remoteSchemas: ReadonlyMap<string, RemoteTypeSystem>,
): TableRemoteFieldRelationship | string {
  const system = remoteSchemas.get(remoteSchema);
  if (system === undefined) return `remote schema with name "${remoteSchema}" not found`;
  const left = findJoinValues(table, fields, (unknown) =>
    missingField(describeName(table), unknown, joinableNames(table)),
  );
  if (typeof left === 'string') return left;
  const fault = findRemoteFieldFault(steps, system, new Set(fields));
  return fault ?? { name, kind: 'remote-field', fields, left, remoteSchema, steps };
}

/** @param describe what is wrong about a name that the table does not have */
function findJoinValues(
  table: TrackedTable,
  names: readonly string[],
  describe: (unknown: string) => string,
): readonly RemoteJoinValue[] | string {
  const found: RemoteJoinValue[] = [];
  for (const name of names) {
    const value = findJoinValue(table, name);
    if (value === null) return describe(name);
    found.push(value);
  }
  return found;
}

/** A column by its own name, else by its GraphQL name, or a scalar computed field that needs nothing from the client. */
function findJoinValue(table: TrackedTable, name: string): RemoteJoinValue | null {
  const named = table.columns.get(name);
  if (named !== undefined) return { kind: 'column', column: named };
  for (const column of table.columns.values()) {
    if (column.graphqlName === name) return { kind: 'column', column };
  }
  const field = table.computedFields.get(name);
  if (field === undefined || field.returns.kind !== 'scalar' || field.arguments.length > 0) return null;
  return { kind: 'computed-field', field };
}

function joinableNames(table: TrackedTable): readonly string[] {
  const names = [...table.columns.keys()];
  const computed = [...table.computedFields.keys()].filter((name) => findJoinValue(table, name) !== null);
  return [...names, ...computed];
}

/** Source of the odd spacing and quotes: spec/remote-schemas.md 9. */
function missingField(entity: string, name: string, allowed: readonly string[]): string {
  const listed = allowed.map((each) => `"${each}"`);
  const last = listed.pop();
  const text = listed.length > 1 ? `${listed.join(', ')}, or ${last}` : [...listed, last].join(' or ');
  const help = last === undefined ? '' : `, the allowed fields are ${text}`;
  return `field with name "${name}"is not provided by the lhs entity""${entity}"for defining a join condition${help}"`;
}
