import {
  type Catalog,
  type CatalogTable,
  type ForeignKey,
  type QualifiedName,
  qualifiedKey,
} from '../../catalog/index.ts';
import { describeType } from '../../permissions/index.ts';
import { type Json, type JsonObject, type Path, RequestError } from '../../support/index.ts';
import type { Draft } from '../draft.ts';

/** `get_source_tables`: all relations but partitions, by schema and name. Source: spec/metadata-api.md 3.1. */
export function sourceTables(draft: Draft, source: string, path: Path): Json {
  return [...requireCatalog(draft, source, path).tables.values()]
    .filter(({ isPartition }) => !isPartition)
    .sort((first, second) => compare(first.schema, second.schema) || compare(first.name, second.name))
    .map(nameJson);
}

/** `get_table_info`: null when there is no such table. */
export function tableInfo(draft: Draft, source: string, name: QualifiedName, path: Path): Json {
  const table = requireCatalog(draft, source, path).tables.get(qualifiedKey(name));
  if (table === undefined) return null;
  return {
    name: nameJson(table),
    type: table.kind.includes('view') ? 'view' : 'table',
    insertable: table.isInsertable,
    updatable: table.isUpdatable,
    deletable: table.isDeletable,
    primary_key: table.primaryKey === null ? null : [...table.primaryKey.columns],
    foreign_keys: Object.fromEntries(table.foreignKeys.map((key) => [key.name, foreignKeyJson(key)])),
    columns: table.columns.map((column) => ({
      name: column.name,
      type: describeType(column.type),
      nullable: column.isNullable,
      description: column.comment,
      insertable: table.isInsertable && isWritable(column),
      updatable: table.isUpdatable && isWritable(column),
    })),
  };
}

interface SuggestionArguments {
  readonly source: string;
  readonly tables: readonly QualifiedName[] | null;
  readonly omit_tracked: boolean;
}

/** `suggest_relationships`: a pair for each foreign key between tracked tables. Source: spec/metadata-api.md 3.3. */
export function suggestRelationships(draft: Draft, args: SuggestionArguments, path: Path): Json {
  const catalog = requireCatalog(draft, args.source, path);
  const tracked = draft.model.sources.get(args.source)?.tables ?? new Map<string, never>();
  const wanted = args.tables === null ? null : new Set(args.tables.map(qualifiedKey));
  const relationships: JsonObject[] = [];
  for (const table of catalog.tables.values()) {
    if (!tracked.has(qualifiedKey(table))) continue;
    for (const key of table.foreignKeys) {
      const targetKey = qualifiedKey(key.foreignTable);
      if (!tracked.has(targetKey)) continue;
      if (wanted !== null && !wanted.has(qualifiedKey(table)) && !wanted.has(targetKey)) continue;
      for (const suggestion of suggestionsFor(table, key)) {
        if (!args.omit_tracked || !isTracked(draft, args.source, suggestion))
          relationships.push(suggestion.json);
      }
    }
  }
  return { relationships };
}

interface Suggestion {
  readonly table: QualifiedName;
  readonly target: QualifiedName;
  readonly columns: readonly string[];
  readonly targetColumns: readonly string[];
  readonly json: JsonObject;
}

function suggestionsFor(table: CatalogTable, key: ForeignKey): readonly [Suggestion, Suggestion] {
  const own = { table: nameJson(table), columns: [...key.columns], constraint_name: key.name };
  const other = { table: nameJson(key.foreignTable), columns: [...key.foreignColumns] };
  const isUnique = table.uniqueKeys.some(
    ({ columns, isPartial }) => isPartial !== true && columns.every((column) => key.columns.includes(column)),
  );
  return [
    {
      table,
      target: key.foreignTable,
      columns: key.columns,
      targetColumns: key.foreignColumns,
      json: { type: 'object', from: own, to: other },
    },
    {
      table: key.foreignTable,
      target: table,
      columns: key.foreignColumns,
      targetColumns: key.columns,
      json: { type: isUnique ? 'object' : 'array', from: other, to: own },
    },
  ];
}

function isTracked(
  draft: Draft,
  source: string,
  { table, target, columns, targetColumns }: Suggestion,
): boolean {
  const relationships =
    draft.model.sources.get(source)?.tables.get(qualifiedKey(table))?.relationships.values() ?? [];
  for (const relationship of relationships) {
    if (qualifiedKey(relationship.target) !== qualifiedKey(target)) continue;
    const isSame =
      relationship.mapping.length === columns.length &&
      relationship.mapping.every(({ from, to }) => {
        const index = columns.indexOf(from.name);
        return index >= 0 && targetColumns[index] === to.name;
      });
    if (isSame) return true;
  }
  return false;
}

function requireCatalog(draft: Draft, source: string, path: Path): Catalog {
  const connected = draft.sources.get(source);
  if (connected === undefined) {
    throw new RequestError('not-exists', path, `source with name "${source}" does not exist`);
  }
  if (connected.catalog !== null) return connected.catalog;
  throw new RequestError('unexpected', path, `source with name "${source}" is inconsistent`);
}

function isWritable({ isGenerated, identity }: CatalogTable['columns'][number]): boolean {
  return !isGenerated && identity !== 'always';
}

function foreignKeyJson({ foreignTable, columns, foreignColumns }: ForeignKey): JsonObject {
  const mapping = columns.map((column, index) => [column, foreignColumns[index] ?? null] as const);
  return { foreign_table: nameJson(foreignTable), column_mapping: Object.fromEntries(mapping) };
}

function nameJson({ name, schema }: QualifiedName): JsonObject {
  return { name, schema };
}

function compare(first: string, second: string): number {
  return first < second ? -1 : first > second ? 1 : 0;
}
