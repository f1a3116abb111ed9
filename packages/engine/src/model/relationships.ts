/**
 * Relationships between tracked tables of one source, over foreign keys or declared by hand. Source: spec/graphql-api.md 6; spec/metadata-api.md 4.2.
 */
import { type ForeignKey, type QualifiedName, qualifiedKey } from '../catalog/index.ts';
import type { RelationshipMetadata, RelationshipUsing } from '../metadata/index.ts';
import { type ColumnPair, describeName } from '../permissions/index.ts';
import { inconsistentRelationship } from './inconsistency.ts';
import {
  type BareTable,
  findTable,
  referenceTo,
  type SourceBuilder,
  type TableBuilder,
} from './source-builder.ts';
import type { QueryRelationship, TrackedRelationship, TrackedTable } from './types.ts';

/** Fills `table.relationships` and reports each that does not fit. */
export function buildRelationships(builder: SourceBuilder, table: TableBuilder): void {
  for (const [kind, declared] of [
    ['object', table.metadata.object_relationships] as const,
    ['array', table.metadata.array_relationships] as const,
  ]) {
    for (const relationship of declared ?? []) {
      const conflict = findNameConflict(table, relationship.name);
      const fault = conflict ?? buildRelationship(builder, table, kind, relationship);
      if (fault === null) continue;
      const reason =
        typeof fault !== 'string'
          ? fault.missing
          : (conflict ??
            `in table "${describeName(table)}": in relationship "${relationship.name}": ${fault}`);
      builder.report(inconsistentRelationship(builder.name, table.catalog, kind, relationship, reason));
    }
  }
}

/** Why a relationship does not fit: what is wrong with it, or what it needs is `missing`, which is told without naming the relationship. */
export type RelationshipFault = string | { readonly missing: string };

/** Adds the relationship to the table, or to the rows of a native query; why it does not fit, null when it does. */
export function buildRelationship(
  builder: SourceBuilder,
  table: TableBuilder,
  kind: 'object' | 'array',
  { name, using }: RelationshipMetadata,
): RelationshipFault | null {
  const conflict = findNameConflict(table, name);
  if (conflict !== null) return conflict;
  if ('manual_configuration' in using && using.manual_configuration.remote_table === undefined) {
    const found = resolveQuery(builder, table, using.manual_configuration);
    if (isFault(found)) return found;
    table.queryRelationships.set(name, { name, kind, ...found });
    return null;
  }
  const found = resolve(builder, table, kind, using);
  if (isFault(found)) return found;
  table.relationships.set(name, { name, kind, ...found });
  return null;
}

/** Why a relationship or computed field cannot have the name; null when it can. Columns, relationships and computed fields share one space. */
export function findNameConflict(table: TrackedTable, name: string): string | null {
  if (table.columns.has(name)) return 'field definition conflicts with postgres column';
  for (const column of table.columns.values()) {
    if (column.graphqlName === name) {
      return `field definition conflicts with custom field name for postgres column "${column.name}"`;
    }
  }
  const { relationships, queryRelationships, computedFields } = table;
  if (relationships.has(name) || queryRelationships.has(name) || computedFields.has(name)) {
    return `conflicting definitions for field "${name}"`;
  }
  return null;
}

type Kind = TrackedRelationship['kind'];

type ManualConfiguration = Extract<
  RelationshipUsing,
  { manual_configuration: unknown }
>['manual_configuration'];

type Resolved = Omit<TrackedRelationship, 'name' | 'kind'>;

function isFault(found: object | string): found is RelationshipFault {
  return typeof found === 'string' || 'missing' in found;
}

function resolve(
  builder: SourceBuilder,
  table: TableBuilder,
  kind: Kind,
  using: RelationshipUsing,
): Resolved | RelationshipFault {
  if ('manual_configuration' in using) return resolveManual(builder, table, kind, using.manual_configuration);
  const on = using.foreign_key_constraint_on;
  if (typeof on === 'string' || isNameList(on)) {
    return resolveOwnKey(builder, table, typeof on === 'string' ? [on] : on);
  }
  const columns = on.columns ?? (on.column === undefined ? [] : [on.column]);
  return resolveForeignKey(builder, table, kind, on.table, columns);
}

function isNameList(on: unknown): on is readonly string[] {
  return Array.isArray(on);
}

/** The foreign key is on this table. */
function resolveOwnKey(
  builder: SourceBuilder,
  table: TableBuilder,
  columns: readonly string[],
): Resolved | RelationshipFault {
  const key = soleKey(table.catalog.foreignKeys.filter((candidate) => isOn(candidate, columns)));
  if (typeof key === 'string') return key;
  const target = findTable(builder, key.foreignTable);
  if (target === undefined) return notTracked(key.foreignTable);
  const mapping = pair(table, key.columns, target, key.foreignColumns);
  if (isFault(mapping)) return mapping;
  return {
    target: referenceTo(target),
    mapping,
    isNullable: mapping.some(({ from }) => from.isNullable),
    insertionOrder: 'before-parent',
    constraint: key.name,
  };
}

/** The foreign key is on the other table. */
function resolveForeignKey(
  builder: SourceBuilder,
  table: TableBuilder,
  kind: Kind,
  other: QualifiedName,
  columns: readonly string[],
): Resolved | RelationshipFault {
  const target = findTable(builder, other);
  if (target === undefined) return `table "${describeName(other)}" does not exist in source: ${builder.name}`;
  const here = qualifiedKey(table.catalog);
  const key = soleKey(
    target.catalog.foreignKeys.filter(
      (candidate) => isOn(candidate, columns) && qualifiedKey(candidate.foreignTable) === here,
    ),
  );
  if (typeof key === 'string') return key;
  const mapping = pair(table, key.foreignColumns, target, key.columns);
  if (isFault(mapping)) return mapping;
  return {
    target: referenceTo(target),
    mapping,
    isNullable: kind === 'object',
    insertionOrder: 'after-parent',
    constraint: key.name,
  };
}

function resolveManual(
  builder: SourceBuilder,
  table: TableBuilder,
  kind: Kind,
  manual: ManualConfiguration,
): Resolved | RelationshipFault {
  if (manual.remote_table === undefined) return 'a table is missing';
  const target = findTable(builder, manual.remote_table);
  if (target === undefined) return notTracked(manual.remote_table);
  const from = Object.keys(manual.column_mapping);
  const mapping = pair(table, from, target, Object.values(manual.column_mapping));
  if (isFault(mapping)) return mapping;
  const isAfter = kind === 'array' || manual.insertion_order === 'after_parent';
  return {
    target: referenceTo(target),
    mapping,
    isNullable: kind === 'object',
    insertionOrder: isAfter ? 'after-parent' : 'before-parent',
    constraint: null,
  };
}

function resolveQuery(
  builder: SourceBuilder,
  table: TableBuilder,
  { remote_native_query: name = '', column_mapping: columns }: ManualConfiguration,
): Pick<QueryRelationship, 'target' | 'mapping'> | RelationshipFault {
  const target = builder.nativeQueries.get(name);
  if (target === undefined) return { missing: `native query "${name}" is not tracked` };
  const mapping = pair(table, Object.keys(columns), target.row, Object.values(columns));
  return isFault(mapping) ? mapping : { target, mapping };
}

function pair(
  table: TableBuilder,
  from: readonly string[],
  target: Pick<BareTable, 'schema' | 'name' | 'columns'>,
  to: readonly string[],
): readonly ColumnPair[] | RelationshipFault {
  const pairs: ColumnPair[] = [];
  for (const [index, name] of from.entries()) {
    const targetName = to[index] ?? '';
    const near = table.columns.get(name);
    const far = target.columns.get(targetName);
    if (near === undefined) return columnMissing(name, table);
    if (far === undefined) return columnMissing(targetName, target);
    pairs.push({ from: near, to: far });
  }
  return pairs;
}

function isOn(key: ForeignKey, columns: readonly string[]): boolean {
  return key.columns.length === columns.length && key.columns.every((column) => columns.includes(column));
}

function soleKey(candidates: readonly ForeignKey[]): ForeignKey | string {
  const [key] = candidates;
  if (key === undefined) return 'no foreign constraint exists on the given column(s)';
  if (candidates.length > 1) return 'more than one foreign key constraint exists on the given column(s)';
  return key;
}

function notTracked(table: QualifiedName): RelationshipFault {
  return { missing: `table "${describeName(table)}" is not tracked` };
}

function columnMissing(name: string, table: QualifiedName): RelationshipFault {
  return { missing: `table "${describeName(table)}" has no field named "${name}"` };
}
