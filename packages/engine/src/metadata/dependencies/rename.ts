/** Names changed everywhere at once, after the database or the user renamed something. Source: spec/metadata-api.md 6. */
import type { QualifiedName } from '../../catalog/index.ts';
import { isJsonObject, type Json, type JsonObject } from '../../support/index.ts';
import { dictionary, Place } from '../codec/index.ts';
import { permissionsOfModels, withModelPermissions } from '../edit.ts';
import { isSameName, nameKey, qualifiedName } from '../names.ts';
import { mapRules } from '../permission-rules.ts';
import type {
  ColumnSelection,
  CustomTypes,
  EventTriggerOperation,
  Metadata,
  RelationshipMetadata,
  RelationshipUsing,
  SourceMetadata,
  TableMetadata,
} from '../types.ts';
import type { CatalogFacts } from './catalog-facts.ts';
import { type ExpressionNames, rewriteExpression } from './expression-names.ts';
import { relationshipsOf } from './relationships.ts';

interface NameChanges {
  column(source: string, table: QualifiedName, name: string): string;
  relationship(source: string, table: QualifiedName, name: string): string;
  table(source: string, table: QualifiedName): QualifiedName;
  source(name: string): string;
}

const nothing: NameChanges = {
  column: (_source, _table, name) => name,
  relationship: (_source, _table, name) => name,
  table: (_source, table) => table,
  source: (name) => name,
};

/** What was renamed in the database of one source, all of it in terms of the old names. */
export interface DatabaseRenames {
  readonly source: string;
  readonly tables?: readonly { readonly from: QualifiedName; readonly to: QualifiedName }[];
  /** `table` is the table's old name. */
  readonly columns?: readonly {
    readonly table: QualifiedName;
    readonly from: string;
    readonly to: string;
  }[];
}

/**
 * Follows several renames at once, so that names may be swapped and every relationship is still found by the names it had.
 * @param catalog the database as it was before
 */
export function renameInDatabase(
  metadata: Metadata,
  { source: of, tables = [], columns = [] }: DatabaseRenames,
  catalog: CatalogFacts,
): Metadata {
  const newTable = new Map(tables.map(({ from, to }) => [nameKey(from), to]));
  const newColumn = new Map(columns.map(({ table, from, to }) => [columnKey(table, from), to]));
  return applyNames(metadata, catalog, {
    ...nothing,
    column: (source, table, name) => (source === of ? (newColumn.get(columnKey(table, name)) ?? name) : name),
    table: (source, table) => (source === of ? (newTable.get(nameKey(table)) ?? table) : table),
  });
}

function columnKey(table: QualifiedName, column: string): string {
  return `${nameKey(table)}\u0000${column}`;
}

export function renameColumn(
  metadata: Metadata,
  {
    source,
    ...column
  }: {
    readonly source: string;
    readonly table: QualifiedName;
    readonly from: string;
    readonly to: string;
  },
  catalog: CatalogFacts,
): Metadata {
  return renameInDatabase(metadata, { source, columns: [column] }, catalog);
}

export function renameTable(
  metadata: Metadata,
  {
    source,
    ...table
  }: {
    readonly source: string;
    readonly from: QualifiedName;
    readonly to: QualifiedName;
  },
  catalog: CatalogFacts,
): Metadata {
  return renameInDatabase(metadata, { source, tables: [table] }, catalog);
}

export function renameRelationship(
  metadata: Metadata,
  at: { readonly source: string; readonly table: QualifiedName; readonly from: string; readonly to: string },
  catalog: CatalogFacts,
): Metadata {
  return applyNames(metadata, catalog, {
    ...nothing,
    relationship: (source, table, name) =>
      name === at.from && source === at.source && isSameName(table, at.table) ? at.to : name,
  });
}

export function renameSource(metadata: Metadata, from: string, to: string, catalog: CatalogFacts): Metadata {
  return applyNames(metadata, catalog, { ...nothing, source: (name) => (name === from ? to : name) });
}

/** The table's own configuration of a column that is gone; permissions and the like that use it are dependants. */
export function dropColumn(
  metadata: Metadata,
  at: { readonly source: string; readonly table: QualifiedName; readonly column: string },
): Metadata {
  return {
    ...metadata,
    sources: metadata.sources.map((source) =>
      source.name !== at.source
        ? source
        : {
            ...source,
            tables: source.tables.map((table) => {
              const columns = table.configuration?.column_config;
              if (!isSameName(table.table, at.table) || columns?.[at.column] === undefined) return table;
              const left = Object.entries(columns).filter(([name]) => name !== at.column);
              return { ...table, configuration: { ...table.configuration, column_config: dictionary(left) } };
            }),
          },
    ),
  };
}

function applyNames(metadata: Metadata, catalog: CatalogFacts, changes: NameChanges): Metadata {
  const { custom_types: types, remote_schemas: schemas } = metadata;
  return {
    ...metadata,
    sources: metadata.sources.map((source) => renameInSource(source, catalog, changes)),
    ...(types === undefined ? {} : { custom_types: renameInTypes(types, changes) }),
    ...(schemas === undefined
      ? {}
      : {
          remote_schemas: schemas.map((schema) =>
            schema.remote_relationships === undefined
              ? schema
              : {
                  ...schema,
                  remote_relationships: schema.remote_relationships.map((entry) => ({
                    ...entry,
                    relationships: entry.relationships.map((relationship) => ({
                      ...relationship,
                      definition: renameInRemote(relationship.definition, null, changes),
                    })),
                  })),
                },
          ),
        }),
  };
}

function renameInSource(source: SourceMetadata, catalog: CatalogFacts, changes: NameChanges): SourceMetadata {
  const relationships = relationshipsOf(source, catalog);
  const names: ExpressionNames = {
    column: (table, name) => changes.column(source.name, table, name),
    relationship: (table, name) => changes.relationship(source.name, table, name),
    computedField: (_table, name) => name,
    table: (table) => changes.table(source.name, table),
  };
  const named = renameInModels(source, (expression) =>
    rewriteExpression(expression, noTable, relationships, names),
  );
  return {
    ...named,
    name: changes.source(source.name),
    tables: source.tables.map((table) =>
      renameInTable(source.name, table, changes, (expression) =>
        rewriteExpression(expression, table.table, relationships, names),
      ),
    ),
    ...(named.native_queries === undefined
      ? {}
      : {
          native_queries: named.native_queries.map((query) => ({
            ...query,
            ...renamedList('object_relationships', query.object_relationships, (item) =>
              renameTarget(item, source.name, changes),
            ),
            ...renamedList('array_relationships', query.array_relationships, (item) =>
              renameTarget(item, source.name, changes),
            ),
          })),
        }),
  };
}

type RenameExpression = (expression: JsonObject) => JsonObject;

/** Conditions on logical models name tables of the database by `_exists` only; their columns are of no table. */
function renameInModels(source: SourceMetadata, expression: RenameExpression): SourceMetadata {
  return permissionsOfModels(source).reduce(
    (changed, model) =>
      withModelPermissions(changed, model, (permissions) =>
        permissions?.map((entry) => ({
          ...entry,
          permission: mapRules(entry.permission, (rule) => renameInRule(rule, (name) => name, expression)),
        })),
      ),
    source,
  );
}

/** No table of a database is called so. */
const noTable: QualifiedName = { schema: '', name: '' };

function renameInTable(
  source: string,
  metadata: TableMetadata,
  changes: NameChanges,
  expression: RenameExpression,
): TableMetadata {
  const { table, configuration } = metadata;
  const column = (name: string): string => changes.column(source, table, name);
  const columns = configuration?.column_config;
  const relationship = (item: RelationshipMetadata): RelationshipMetadata => ({
    ...item,
    name: changes.relationship(source, table, item.name),
    using: renameUsing(item.using, source, table, changes),
  });
  return {
    ...metadata,
    table: changes.table(source, table),
    ...(columns === undefined
      ? {}
      : { configuration: { ...configuration, column_config: renameKeys(columns, column) } }),
    ...renamedList('object_relationships', metadata.object_relationships, relationship),
    ...renamedList('array_relationships', metadata.array_relationships, relationship),
    ...renamedList('remote_relationships', metadata.remote_relationships, (item) => ({
      ...item,
      definition: renameInRemote(item.definition, column, changes),
    })),
    ...renamedList('event_triggers', metadata.event_triggers, (trigger) => ({
      ...trigger,
      definition: {
        ...trigger.definition,
        ...renamedOperation('insert', trigger.definition.insert, column),
        ...renamedOperation('update', trigger.definition.update, column),
        ...renamedOperation('delete', trigger.definition.delete, column),
      },
    })),
    ...renamedList('insert_permissions', metadata.insert_permissions, (entry) => ({
      ...entry,
      permission: mapRules(entry.permission, (rule) => renameInRule(rule, column, expression)),
    })),
    ...renamedList('select_permissions', metadata.select_permissions, (entry) => ({
      ...entry,
      permission: mapRules(entry.permission, (rule) => renameInRule(rule, column, expression)),
    })),
    ...renamedList('update_permissions', metadata.update_permissions, (entry) => ({
      ...entry,
      permission: mapRules(entry.permission, (rule) => renameInRule(rule, column, expression)),
    })),
    ...renamedList('delete_permissions', metadata.delete_permissions, (entry) => ({
      ...entry,
      permission: mapRules(entry.permission, (rule) => renameInRule(rule, column, expression)),
    })),
  };
}

interface PermissionParts {
  readonly columns?: ColumnSelection;
  readonly filter?: JsonObject;
  readonly check?: JsonObject | null;
  readonly set?: JsonObject;
}

function renameInRule<P extends PermissionParts>(
  permission: P,
  column: (name: string) => string,
  expression: RenameExpression,
): P {
  const { columns, filter, check, set } = permission;
  return {
    ...permission,
    ...(columns === undefined ? {} : { columns: renameSelection(columns, column) }),
    ...(filter === undefined ? {} : { filter: expression(filter) }),
    ...(check === undefined || check === null ? {} : { check: expression(check) }),
    ...(set === undefined ? {} : { set: renameKeys(set, column) }),
  };
}

function renameUsing(
  using: RelationshipUsing,
  source: string,
  own: QualifiedName,
  changes: NameChanges,
): RelationshipUsing {
  if ('manual_configuration' in using) {
    const { manual_configuration: manual } = using;
    const { remote_table: target } = manual;
    return {
      manual_configuration: {
        ...manual,
        column_mapping: dictionary(
          Object.entries(manual.column_mapping).map(([from, to]) => [
            changes.column(source, own, from),
            target === undefined ? to : changes.column(source, target, to),
          ]),
        ),
        ...(target === undefined ? {} : { remote_table: changes.table(source, target) }),
      },
    };
  }
  const on = using.foreign_key_constraint_on;
  if (typeof on === 'string') return { foreign_key_constraint_on: changes.column(source, own, on) };
  if (!('table' in on)) {
    return { foreign_key_constraint_on: on.map((name) => changes.column(source, own, name)) };
  }
  return {
    foreign_key_constraint_on: {
      table: changes.table(source, on.table),
      ...(on.column === undefined ? {} : { column: changes.column(source, on.table, on.column) }),
      ...(on.columns === undefined
        ? {}
        : { columns: on.columns.map((name) => changes.column(source, on.table, name)) }),
    },
  };
}

/** Of a native query's relationship only the other side is a table. */
function renameTarget(
  item: RelationshipMetadata,
  source: string,
  changes: NameChanges,
): RelationshipMetadata {
  if (!('manual_configuration' in item.using)) return item;
  const { manual_configuration: manual } = item.using;
  const { remote_table: target } = manual;
  if (target === undefined) return item;
  return {
    ...item,
    using: {
      manual_configuration: {
        ...manual,
        column_mapping: dictionary(
          Object.entries(manual.column_mapping).map(([from, to]) => [
            from,
            changes.column(source, target, to),
          ]),
        ),
        remote_table: changes.table(source, target),
      },
    },
  };
}

/** @param column renames the table's own columns; null when the relationship starts at a remote schema */
function renameInRemote(
  definition: JsonObject,
  column: ((name: string) => string) | null,
  changes: NameChanges,
): JsonObject {
  const own = column ?? ((name: string) => name);
  const toSource = definition['to_source'];
  if (isJsonObject(toSource)) {
    const source = String(toSource['source']);
    const target = qualifiedName.decode(toSource['table'] ?? '', new Place());
    const mapping = isJsonObject(toSource['field_mapping']) ? toSource['field_mapping'] : {};
    return {
      ...definition,
      to_source: {
        ...toSource,
        field_mapping: dictionary<Json>(
          Object.entries(mapping).map(([from, to]) => [
            own(from),
            typeof to === 'string' ? changes.column(source, target, to) : to,
          ]),
        ),
        source: changes.source(source),
        table: qualifiedName.encode(changes.table(source, target)),
      },
    };
  }
  const toSchema = definition['to_remote_schema'];
  if (isJsonObject(toSchema)) {
    return {
      ...definition,
      to_remote_schema: {
        ...toSchema,
        ...renamedFields('lhs_fields', toSchema['lhs_fields'], own),
        remote_field: renameVariables(toSchema['remote_field'] ?? null, own),
      },
    };
  }
  return {
    ...definition,
    ...renamedFields('hasura_fields', definition['hasura_fields'], own),
    remote_field: renameVariables(definition['remote_field'] ?? null, own),
  };
}

/** In the arguments of remote fields a text that begins with `$` names a field of the left side. */
function renameVariables(value: Json, own: (name: string) => string): Json {
  if (typeof value === 'string') return value.startsWith('$') ? `$${own(value.slice(1))}` : value;
  if (Array.isArray(value)) return (value as readonly Json[]).map((item) => renameVariables(item, own));
  if (!isJsonObject(value)) return value;
  return dictionary<Json>(
    Object.entries(value).map(([name, member]) => [name, renameVariables(member, own)]),
  );
}

/** The objects' relationships to tables; their fields are those of the types, not columns. */
function renameInTypes(types: CustomTypes, changes: NameChanges): CustomTypes {
  if (types.objects === undefined) return types;
  return {
    ...types,
    objects: types.objects.map((object) =>
      object.relationships === undefined
        ? object
        : {
            ...object,
            relationships: object.relationships.map((relationship) => {
              const source = relationship.source ?? 'default';
              const renamed = changes.source(source);
              return {
                ...relationship,
                field_mapping: dictionary(
                  Object.entries(relationship.field_mapping).map(([from, to]) => [
                    from,
                    changes.column(source, relationship.remote_table, to),
                  ]),
                ),
                remote_table: changes.table(source, relationship.remote_table),
                ...(renamed === source ? {} : { source: renamed }),
              };
            }),
          },
    ),
  };
}

function renamedList<K extends string, T>(
  key: K,
  items: readonly T[] | undefined,
  rename: (item: T) => T,
): { readonly [P in K]?: readonly T[] } {
  const member: Readonly<Record<string, readonly T[]>> =
    items === undefined ? {} : { [key]: items.map(rename) };
  // A computed key of a type parameter is beyond the checker; the only key is `key`.
  return member as { readonly [P in K]?: readonly T[] };
}

function renamedOperation<K extends string>(
  key: K,
  operation: EventTriggerOperation | undefined,
  column: (name: string) => string,
): { readonly [P in K]?: EventTriggerOperation } {
  if (operation === undefined) return {};
  const { columns, payload } = operation;
  return {
    [key]: {
      columns: renameSelection(columns, column),
      ...(payload === undefined ? {} : { payload: renameSelection(payload, column) }),
    },
  } as { readonly [P in K]?: EventTriggerOperation };
}

function renamedFields(key: string, fields: Json | undefined, column: (name: string) => string): JsonObject {
  if (!Array.isArray(fields)) return {};
  return { [key]: fields.map((field: Json) => (typeof field === 'string' ? column(field) : field)) };
}

function renameSelection(columns: ColumnSelection, column: (name: string) => string): ColumnSelection {
  return columns === '*' ? '*' : columns.map(column);
}

function renameKeys<T>(
  members: Readonly<Record<string, T>>,
  rename: (key: string) => string,
): Readonly<Record<string, T>> {
  return dictionary(Object.entries(members).map(([key, value]) => [rename(key), value]));
}
