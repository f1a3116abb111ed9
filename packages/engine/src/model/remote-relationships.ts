/**
 * Relationships of tables that lead to tables of any source. Source: spec/remote-schemas.md 8, 9.
 */
import { qualifiedKey } from '../catalog/index.ts';
import type { Metadata, RemoteRelationshipMetadata, TableMetadata } from '../metadata/index.ts';
import { toSourceDefinition } from '../metadata/index.ts';
import { describeName } from '../permissions/index.ts';
import { inconsistentRemoteRelationship } from './inconsistency.ts';
import { isGraphqlName } from './naming.ts';
import type {
  Inconsistency,
  RemoteJoinValue,
  Source,
  TableRemoteRelationship,
  TrackedColumn,
  TrackedTable,
} from './types.ts';

export type RemoteRelationships = ReadonlyMap<TrackedTable, ReadonlyMap<string, TableRemoteRelationship>>;

/** Those that fit, by the table that they start at; the others are reported. */
export function buildRemoteRelationships(
  metadata: Metadata,
  sources: ReadonlyMap<string, Source>,
  report: (inconsistency: Inconsistency) => void,
): RemoteRelationships {
  const byTable = new Map<TrackedTable, Map<string, TableRemoteRelationship>>();
  for (const source of metadata.sources) {
    for (const declared of source.tables) {
      if (declared.remote_relationships === undefined) continue;
      const table = sources.get(source.name)?.tables.get(qualifiedKey(declared.table));
      for (const relationship of declared.remote_relationships) {
        const built = build(relationship, declared, table, sources);
        if (built === null) continue;
        if (typeof built === 'string' || table === undefined) {
          const reason = `in table "${describeName(declared.table)}": in remote relationship "${relationship.name}": ${built}`;
          report(inconsistentRemoteRelationship(source.name, declared.table, relationship, reason));
          continue;
        }
        const known = byTable.get(table) ?? new Map<string, TableRemoteRelationship>();
        byTable.set(table, known.set(built.name, built));
      }
    }
  }
  return byTable;
}

/** Null for one that does not lead to a table; a text says what is wrong. */
function build(
  { name, definition }: RemoteRelationshipMetadata,
  declared: TableMetadata,
  table: TrackedTable | undefined,
  sources: ReadonlyMap<string, Source>,
): TableRemoteRelationship | string | null {
  const to = toSourceDefinition(definition);
  if (to === null) return null;
  if (table === undefined) return `table "${describeName(declared.table)}" is not tracked`;
  if (!isGraphqlName(name)) return `"${name}" is not valid GraphQL name`;
  if (isTaken(table, name)) return `conflicting definitions for field "${name}"`;
  const source = sources.get(to.source);
  if (source === undefined) return `source not found: "${to.source}"`;
  const target = source.tables.get(qualifiedKey(to.table));
  if (target === undefined) return `table "${describeName(to.table)}" does not exist in source: ${to.source}`;
  const fields = Object.keys(to.field_mapping);
  if (fields.length === 0) return 'field_mapping names no field';
  const left: RemoteJoinValue[] = [];
  const columns: TrackedColumn[] = [];
  for (const field of fields) {
    const value = findJoinValue(table, field);
    if (value === null) return missingField(table, field);
    const columnName = to.field_mapping[field] ?? '';
    const column = target.columns.get(columnName);
    if (column === undefined) {
      return `column "${columnName}" does not exist in table "${describeName(to.table)}" of source "${to.source}"`;
    }
    left.push(value);
    columns.push(column);
  }
  return { name, kind: to.relationship_type, fields, left, columns, target };
}

function isTaken(table: TrackedTable, name: string): boolean {
  if (table.relationships.has(name) || table.computedFields.has(name)) return true;
  for (const column of table.columns.values()) if (column.graphqlName === name) return true;
  return false;
}

/** A column by its GraphQL name, or a scalar computed field that needs nothing from the client. */
export function findJoinValue(table: TrackedTable, name: string): RemoteJoinValue | null {
  for (const column of table.columns.values()) {
    if (column.graphqlName === name) return { kind: 'column', column };
  }
  const field = table.computedFields.get(name);
  if (field === undefined || field.returns.kind !== 'scalar' || field.arguments.length > 0) return null;
  return { kind: 'computed-field', field };
}

/** Source of the odd spacing: spec/remote-schemas.md 9. */
export function missingField(table: TrackedTable, name: string): string {
  const allowed = [...table.columns.values()].flatMap(({ graphqlName }) => graphqlName ?? []);
  for (const field of table.computedFields.values()) {
    if (findJoinValue(table, field.name) !== null) allowed.push(field.name);
  }
  const listed = allowed.map((each) => `"${each}"`);
  const last = listed.pop();
  const text = listed.length === 0 ? last : `${listed.join(', ')} or ${last}`;
  return `field with name "${name}"is not provided by the lhs entity""${describeName(table)}"for defining a join condition, the allowed fields are ${text}`;
}
