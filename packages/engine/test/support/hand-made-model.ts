/**
 * Models from a few lines, for tests that need tables without a database: a column list such as `id int4!, tags text[]`, keys, relationships and permissions
 * in metadata's own form.
 */
import type { CatalogTable, EnumValue, FunctionArgument, PgType } from '../../src/catalog/index.ts';
import { qualifiedKey } from '../../src/catalog/index.ts';
import type {
  DeletePermission,
  InsertPermission,
  SelectPermission,
  SourceCustomization,
  UpdatePermission,
} from '../../src/metadata/index.ts';
import {
  type Comment,
  type Model,
  makeNaming,
  type NamePart,
  type Naming,
  type RootFieldKind,
  type TrackedColumn,
  type TrackedComputedField,
  type TrackedFunction,
  type TrackedRelationship,
  type TrackedTable,
} from '../../src/model/index.ts';
import { RuleCompiler, type TableRules } from '../../src/permissions/index.ts';
import { arrayOf, pgType } from './pg-types.ts';

export interface TableDefinition {
  readonly name: string;
  readonly schema?: string;
  readonly columns: string;
  readonly primaryKey?: readonly string[];
  readonly unique?: Readonly<Record<string, readonly string[]>>;
  readonly kind?: CatalogTable['kind'];
  readonly customName?: string;
  readonly comment?: Comment;
  readonly enumValues?: readonly EnumValue[];
  /** Columns that refer to an enum table, by column. */
  readonly enumReferences?: Readonly<Record<string, string>>;
  readonly relationships?: readonly RelationshipDefinition[];
  readonly computedFields?: readonly ComputedFieldDefinition[];
  readonly permissions?: Readonly<Record<string, RoleDefinition>>;
}

export interface RelationshipDefinition {
  readonly name: string;
  readonly kind: 'object' | 'array';
  readonly target: string;
  readonly mapping: Readonly<Record<string, string>>;
  readonly isNullable?: boolean;
}

export interface ComputedFieldDefinition {
  readonly name: string;
  readonly returns: { readonly scalar: string } | { readonly rows: string };
  readonly arguments?: readonly FunctionArgument[];
}

export interface RoleDefinition {
  readonly select?: SelectPermission;
  readonly insert?: InsertPermission;
  readonly update?: UpdatePermission;
  readonly delete?: DeletePermission;
}

export interface FunctionDefinition {
  readonly name: string;
  readonly returns: string;
  readonly exposedAs?: 'query' | 'mutation';
  readonly returnsSet?: boolean;
  readonly arguments?: readonly FunctionArgument[];
  readonly sessionArgument?: number;
  readonly permittedRoles?: readonly string[];
}

export interface ModelDefinition {
  readonly tables: readonly TableDefinition[];
  readonly functions?: readonly FunctionDefinition[];
  readonly customization?: SourceCustomization;
  /** Short for the customization of the root fields' namespace. */
  readonly namespace?: string;
  readonly convention?: Naming['convention'];
  readonly introspectionDisabledRoles?: readonly string[];
  /** Rules in place of those of the definition, e.g. inherited ones. */
  readonly rulesOf?: (role: string, table: TrackedTable, declared: Model['rulesOf']) => TableRules;
}

export function handMadeModel(definition: ModelDefinition): Model {
  const { customization, namespace } = definition;
  const naming = makeNaming(
    namespace === undefined
      ? customization
      : { ...customization, root_fields: { ...customization?.root_fields, namespace } },
    definition.convention ?? 'hasura-default',
  );
  const tables = new Map<string, TrackedTable>();
  const definitions = new Map<TrackedTable, TableDefinition>();
  for (const item of definition.tables) {
    const table = trackedTable(item, definition.tables, naming);
    tables.set(qualifiedKey(table), table);
    definitions.set(table, item);
  }
  const find = (name: string): TrackedTable => {
    const found = [...tables.values()].find((table) => table.name === name);
    if (found === undefined) throw new Error(`no table ${name}`);
    return found;
  };
  for (const [table, item] of definitions) connect(table, item, find);
  const functions = new Map(
    (definition.functions ?? []).map((item) => [
      item.name,
      trackedFunction(item, find(item.returns), naming),
    ]),
  );
  const none: TableRules = { select: null, insert: null, update: null, delete: null };
  const cache = new Map<string, TableRules>();
  const declared: Model['rulesOf'] = (role, table) => {
    const key = `${role} ${qualifiedKey(table)}`;
    const known = cache.get(key);
    if (known !== undefined) return known;
    const compiler = new RuleCompiler(table, { findTable: (name) => tables.get(qualifiedKey(name)) });
    const item = definitions.get(table)?.permissions?.[role];
    const made =
      role === 'admin'
        ? compiler.admin()
        : item === undefined
          ? none
          : {
              select: item.select === undefined ? null : compiler.select(role, item.select),
              insert: item.insert === undefined ? null : compiler.insert(role, item.insert),
              update: item.update === undefined ? null : compiler.update(role, item.update),
              delete: item.delete === undefined ? null : compiler.delete(role, item.delete),
            };
    cache.set(key, made);
    return made;
  };
  const custom = definition.rulesOf;
  return {
    id: nextId++,
    sources: new Map([['default', { name: 'default', tables, functions, nativeQueries: new Map(), naming }]]),
    roles: new Set(definition.tables.flatMap(({ permissions }) => Object.keys(permissions ?? {}))),
    inconsistencies: [],
    tableAt: (reference) => {
      const found = tables.get(qualifiedKey(reference));
      if (found === undefined) throw new Error(`no table ${reference.name}`);
      return found;
    },
    rulesOf: custom === undefined ? declared : (role, table) => custom(role, table, declared),
    remoteRelationshipsOf: () => new Map(),
    remoteTypeRelationshipsOf: () => [],
    mayCallFunction: (role, fn) =>
      role === 'admin' || fn.exposedAs === 'query' || fn.permittedRoles.has(role),
    customTypes: { find: () => null },
    actions: new Map(),
    introspectionDisabledRoles: new Set(definition.introspectionDisabledRoles ?? []),
    remoteSchemas: new Map(),
    remoteSchemasOf: () => [],
  };
}

let nextId = 1;

function trackedTable(item: TableDefinition, all: readonly TableDefinition[], naming: Naming): TrackedTable {
  const schema = item.schema ?? 'public';
  const columns = item.columns.split(/,\s*/).map((text, index) => {
    const [name = '', type = ''] = text.split(' ');
    return { name, type: typeOf(type), isNullable: !type.endsWith('!'), position: index + 1 };
  });
  const kind = item.kind ?? 'table';
  const isView = kind !== 'table';
  const uniqueKeys = [
    ...(item.primaryKey === undefined
      ? []
      : [{ name: `${item.name}_pkey`, columns: item.primaryKey, isPrimary: true, isConstraint: true }]),
    ...Object.entries(item.unique ?? {}).map(([name, keys]) => ({
      name,
      columns: keys,
      isPrimary: false,
      isConstraint: true,
    })),
  ];
  const base: NamePart =
    item.customName !== undefined
      ? { custom: item.customName }
      : schema === 'public'
        ? item.name
        : `${schema}_${item.name}`;
  const tracked = new Map<string, TrackedColumn>(
    columns.map((column) => {
      const enumTable = all.find(({ name }) => name === item.enumReferences?.[column.name]);
      return [
        column.name,
        {
          name: column.name,
          type: column.type,
          isNullable: column.isNullable,
          isInsertable: !isView,
          isUpdatable: !isView,
          enumReference:
            enumTable === undefined
              ? null
              : {
                  table: { schema: 'public', name: enumTable.name },
                  typeName: naming.typeName(enumTable.name, 'enum'),
                  values: enumTable.enumValues ?? [],
                },
          graphqlName: naming.fieldName(column.name),
          description: null,
        },
      ];
    }),
  );
  return {
    schema,
    name: item.name,
    source: 'default',
    catalog: {
      schema,
      name: item.name,
      oid: 0,
      kind,
      isPartition: false,
      comment: null,
      columns: columns.map((column) => ({
        ...column,
        hasDefault: false,
        identity: null,
        isGenerated: false,
        comment: null,
      })),
      primaryKey: uniqueKeys.find(({ isPrimary }) => isPrimary) ?? null,
      uniqueKeys,
      foreignKeys: [],
      isInsertable: !isView,
      isUpdatable: !isView,
      isDeletable: !isView,
    },
    graphqlName: base,
    comment: item.comment ?? { kind: 'automatic' },
    columns: tracked,
    relationships: new Map(),
    queryRelationships: new Map(),
    computedFields: new Map(),
    primaryKey:
      // The key's columns are among the table's.
      item.primaryKey?.map((name) => tracked.get(name) as TrackedColumn) ?? null,
    rootFields: rootFieldsOf(base, naming),
    enumValues: item.enumValues ?? null,
  };
}

function connect(table: TrackedTable, item: TableDefinition, find: (name: string) => TrackedTable): void {
  const relationships = table.relationships as Map<string, TrackedRelationship>;
  for (const { name, kind, target, mapping, isNullable } of item.relationships ?? []) {
    const far = find(target);
    relationships.set(name, {
      name,
      kind,
      target: { source: far.source, schema: far.schema, name: far.name },
      // The fixture's mappings name columns that exist.
      mapping: Object.entries(mapping).map(([from, to]) => ({
        from: table.columns.get(from) as TrackedColumn,
        to: far.columns.get(to) as TrackedColumn,
      })),
      isNullable: isNullable ?? true,
      insertionOrder: kind === 'object' ? 'before-parent' : 'after-parent',
      constraint: null,
    });
  }
  const computedFields = table.computedFields as Map<string, TrackedComputedField>;
  for (const field of item.computedFields ?? []) {
    const fn = { schema: 'public', name: `${table.name}_${field.name}` };
    computedFields.set(field.name, {
      name: field.name,
      function: fn,
      returns:
        'scalar' in field.returns
          ? { kind: 'scalar', type: typeOf(field.returns.scalar) }
          : { kind: 'rows', table: find(field.returns.rows) },
      arguments: field.arguments ?? [],
      call: () => ({ function: fn, arguments: [{ kind: 'row', name: null }] }),
      description: `A computed field, executes function "${fn.name}"`,
    });
  }
}

function trackedFunction(item: FunctionDefinition, returns: TrackedTable, naming: Naming): TrackedFunction {
  const exposedAs = item.exposedAs ?? 'query';
  return {
    schema: 'public',
    name: item.name,
    source: 'default',
    catalog: {
      schema: 'public',
      name: item.name,
      oid: 0,
      arguments: item.arguments ?? [],
      isVariadic: false,
      volatility: exposedAs === 'mutation' ? 'volatile' : 'stable',
      returnType: pgType(returns.name),
      returnsSet: item.returnsSet ?? true,
      comment: null,
    },
    exposedAs,
    returns,
    sessionArgument: item.sessionArgument ?? null,
    rootFields: {
      function: naming.rootFieldName(item.name),
      aggregate: naming.rootFieldName(item.name, 'aggregate'),
    },
    ownNames: {
      function: naming.fieldName(item.name),
      aggregate: naming.fieldName(item.name, 'aggregate'),
      arguments: naming.fieldName(item.name, 'args'),
    },
    graphqlName: item.name,
    comment: { kind: 'automatic' },
    permittedRoles: new Set(item.permittedRoles ?? []),
  };
}

function typeOf(text: string): PgType {
  const name = text.replace('!', '');
  return name.endsWith('[]') ? arrayOf(pgType(name.slice(0, -2))) : pgType(name);
}

function rootFieldsOf(base: NamePart, naming: Naming): TrackedTable['rootFields'] {
  const of = (...parts: readonly NamePart[]) => ({
    name: naming.rootFieldName(...parts),
    comment: { kind: 'automatic' } as const,
  });
  const names: Record<RootFieldKind, { readonly name: string; readonly comment: Comment }> = {
    select: of(base),
    select_by_pk: of(base, 'by_pk'),
    select_aggregate: of(base, 'aggregate'),
    select_stream: of(base, 'stream'),
    insert: of('insert', base),
    insert_one: of('insert', base, 'one'),
    update: of('update', base),
    update_by_pk: of('update', base, 'by_pk'),
    update_many: of('update', base, 'many'),
    delete: of('delete', base),
    delete_by_pk: of('delete', base, 'by_pk'),
  };
  return names;
}
