/**
 * Tracked tables with their columns and names. Relationships, computed fields and rules come later, since they refer to other tables.
 * Source: spec/graphql-api.md 2.1-2.3, 9.3; spec/metadata-api.md 4.2.
 */
import {
  type Catalog,
  type CatalogTable,
  type EnumValues,
  type QualifiedName,
  qualifiedKey,
} from '../catalog/index.ts';
import type { CommentConfiguration, CustomRootField, TableMetadata } from '../metadata/index.ts';
import { describeName, type EnumReference } from '../permissions/index.ts';
import { editMap } from './edit-map.ts';
import { enumTableFaults } from './enum-tables.ts';
import { inconsistentTable } from './inconsistency.ts';
import { isGraphqlName } from './naming.ts';
import { becauseOf } from './reasons.ts';
import type { BareTable, SourceBuilder } from './source-builder.ts';
import type {
  Comment,
  Inconsistency,
  NamePart,
  Naming,
  RootFieldKind,
  TrackedColumn,
  TrackedTable,
} from './types.ts';

/** The tables of a source as far as they do not lead anywhere. */
export interface BareTables {
  readonly catalog: Catalog;
  readonly enums: EnumTables;
  /** In the order of the metadata. */
  readonly declared: readonly TableMetadata[];
  /** Of `declared`, by `qualifiedKey`. */
  readonly keys: readonly string[];
  /** In the order of the metadata; `outcome` is why a table does not fit, else the table. */
  readonly outcomes: ReadonlyMap<string, BareOutcome>;
}

interface BareOutcome {
  readonly metadata: TableMetadata;
  readonly outcome: BareTable | Inconsistency;
}

/** What is not as it was with the tables before. All that is said nothing about is. */
export interface TableChanges {
  /** Keys of tables that are declared otherwise, or now, or no more. Those of another outcome are among them. */
  readonly declared: ReadonlySet<string>;
  /** Keys of those with another outcome than before. */
  readonly outcomes: ReadonlySet<string>;
  readonly isSameOrder: boolean;
}

/**
 * The tables of the metadata, those that do not fit the catalogue included, with what has changed; null: all of it.
 * @param before those of the same name and naming: what has not changed since is taken over, and only what has is looked at
 */
export function buildTables(
  builder: TablesBuilder,
  enumContents: ReadonlyMap<string, EnumValues>,
  before: BareTables | undefined,
): { readonly bare: BareTables; readonly changes: TableChanges | null } {
  const { catalog } = builder;
  const declared = builder.metadata.tables;
  const inCatalog =
    before === undefined ? new Set<string>() : differingKeys(before.catalog.tables, catalog.tables);
  const isEnumChanged = before?.enums.declared.some(({ table }) => inCatalog.has(qualifiedKey(table)));
  const enums = findEnumTables(builder, enumContents, isEnumChanged ? undefined : before?.enums);
  // what is an enum table shows in the columns of all that refer to it
  if (before === undefined || enums !== before.enums) {
    const keys = declared.map(({ table }) => qualifiedKey(table));
    const outcomes = new Map<string, BareOutcome>();
    for (const [index, metadata] of declared.entries()) {
      outcomes.set(keys[index] as string, { metadata, outcome: buildOne(builder, metadata, enums) }); // as many
    }
    return { bare: { catalog, enums, declared, keys, outcomes }, changes: null };
  }
  const span = differingSpan(before, declared);
  const edits = new Map<string, BareOutcome | undefined>();
  const changed = new Set<string>();
  for (const key of span.keysBefore) {
    edits.set(key, undefined);
    changed.add(key);
  }
  const candidates = [
    ...span.tables,
    ...[...inCatalog].flatMap((key) => (edits.has(key) ? [] : (before.outcomes.get(key)?.metadata ?? []))),
  ];
  for (const metadata of candidates) {
    const key = qualifiedKey(metadata.table);
    const known = before.outcomes.get(key);
    const isSame = known !== undefined && isSameBare(known.metadata, metadata) && !inCatalog.has(key);
    const outcome = isSame ? known.outcome : buildOne(builder, metadata, enums);
    edits.set(key, { metadata, outcome });
    if (isSame) changed.delete(key);
    else changed.add(key);
  }
  const order = { keys: span.keys, isAsBefore: span.keys === before.keys };
  return {
    bare: {
      catalog,
      enums,
      declared,
      keys: span.keys,
      outcomes: editMap(before.outcomes, edits, order),
    },
    changes: { declared: new Set(edits.keys()), outcomes: changed, isSameOrder: order.isAsBefore },
  };
}

interface Span {
  readonly tables: readonly TableMetadata[];
  /** What stood there before. */
  readonly keysBefore: readonly string[];
  /** All keys; the same list when they are as before. */
  readonly keys: readonly string[];
}

/** Where the lists of tables differ: before it and behind it they are alike. */
function differingSpan(
  { declared: before, keys }: Pick<BareTables, 'declared' | 'keys'>,
  after: readonly TableMetadata[],
): Span {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let [endBefore, end] = [before.length, after.length];
  while (endBefore > start && end > start && before[endBefore - 1] === after[end - 1]) {
    endBefore--;
    end--;
  }
  const tables = after.slice(start, end);
  const keysBefore = keys.slice(start, endBefore);
  const keysAfter = tables.map(({ table }) => qualifiedKey(table));
  const isAsBefore =
    keysAfter.length === keysBefore.length && keysAfter.every((key, index) => key === keysBefore[index]);
  return {
    tables,
    keysBefore,
    keys: isAsBefore ? keys : [...keys.slice(0, start), ...keysAfter, ...keys.slice(endBefore)],
  };
}

/** What is something else in the one than in the other, or only in one of them. */
function differingKeys<T>(one: ReadonlyMap<string, T>, other: ReadonlyMap<string, T>): ReadonlySet<string> {
  const differing = new Set<string>();
  if (one === other) return differing;
  for (const [key, value] of one) if (other.get(key) !== value) differing.add(key);
  for (const key of other.keys()) if (!one.has(key)) differing.add(key);
  return differing;
}

/** The table, unless it does not fit. */
export function bareTableOf(found: BareOutcome | undefined): BareTable | undefined {
  return found !== undefined && 'columns' in found.outcome ? found.outcome : undefined;
}

type TablesBuilder = Pick<SourceBuilder, 'name' | 'metadata' | 'catalog' | 'naming'>;

function isSameBare(one: TableMetadata, other: TableMetadata): boolean {
  return (
    one === other ||
    (one.is_enum === other.is_enum &&
      one.configuration === other.configuration &&
      one.apollo_federation_config === other.apollo_federation_config)
  );
}

function buildOne(
  builder: TablesBuilder,
  metadata: TableMetadata,
  enums: EnumTables,
): BareTable | Inconsistency {
  const key = qualifiedKey(metadata.table);
  const catalog = builder.catalog.tables.get(key);
  const reason =
    catalog === undefined
      ? `no such table/view exists in source: "${describeName(metadata.table)}"`
      : (enums.faults.get(key) ??
        findConfigurationFault(metadata, catalog) ??
        findEnumReferenceFault(catalog, enums.references));
  if (catalog === undefined || reason !== null) {
    return inconsistentTable(builder.name, metadata.table, reason ?? '');
  }
  const table = buildTable(builder, metadata, catalog, enums.references);
  const conflict = findColumnNameConflict(table) ?? findReservedTypeName(table, builder.naming);
  return conflict === null ? table : inconsistentTable(builder.name, metadata.table, conflict);
}

/** The names of types that every schema has. */
const reservedTypeNames: ReadonlySet<string> = new Set([
  ...['Int', 'Float', 'String', 'Boolean', 'ID'],
  ...['query_root', 'mutation_root', 'subscription_root', 'order_by', 'cursor_ordering'],
  ...['__Schema', '__Type', '__TypeKind', '__Field', '__InputValue', '__EnumValue'],
  ...['__Directive', '__DirectiveLocation'],
]);

export function isReservedTypeName(name: string): boolean {
  return reservedTypeNames.has(name);
}

function findReservedTypeName({ graphqlName }: BareTable, naming: Naming): string | null {
  const name = graphqlName === null ? null : naming.typeName(graphqlName);
  return name !== null && isReservedTypeName(name)
    ? `the GraphQL type name "${name}" is reserved: give the table a custom name`
    : null;
}

/** The GraphQL base name; null when it is no name. */
export function baseName(name: QualifiedName, customName: string | null | undefined): NamePart | null {
  if (typeof customName === 'string') return isGraphqlName(customName) ? { custom: customName } : null;
  const plain = name.schema === 'public' ? name.name : `${name.schema}_${name.name}`;
  return isGraphqlName(plain) ? plain : null;
}

export function readComment(comment: CommentConfiguration | undefined): Comment {
  if (comment === undefined || comment === null) return { kind: 'automatic' };
  return comment === '' ? { kind: 'none' } : { kind: 'text', text: comment };
}

function buildTable(
  builder: TablesBuilder,
  metadata: TableMetadata,
  catalog: CatalogTable,
  enums: ReadonlyMap<string, EnumReference>,
): BareTable {
  const { naming } = builder;
  const { configuration } = metadata;
  const columns = new Map<string, TrackedColumn>();
  for (const column of catalog.columns) {
    const config = configuration?.column_config?.[column.name];
    const canBeWritten = !column.isGenerated && column.identity !== 'always';
    const comment = readComment(config?.comment);
    columns.set(column.name, {
      name: column.name,
      type: column.type,
      isNullable: column.isNullable,
      isInsertable: canBeWritten,
      isUpdatable: canBeWritten,
      enumReference: findEnumReference(catalog, column.name, enums),
      ...(column.srid === undefined ? {} : { srid: column.srid }),
      ...(column.isVirtual === true ? { isVirtual: true } : {}),
      ...(column.isNondeterministic === true ? { isNondeterministic: true } : {}),
      graphqlName: columnName(naming, column.name, config?.custom_name),
      description:
        comment.kind === 'automatic' ? column.comment : comment.kind === 'text' ? comment.text : null,
    });
  }
  const graphqlName = baseName(catalog, configuration?.custom_name);
  const key = catalog.primaryKey?.columns.map((name) => columns.get(name));
  return {
    source: builder.name,
    schema: catalog.schema,
    name: catalog.name,
    catalog,
    graphqlName,
    comment: readComment(configuration?.comment),
    columns,
    primaryKey: key?.every((column) => column !== undefined) ? key : null,
    ...(catalog.kind === 'partitioned-table' ? { isPartitioned: true } : {}),
    rootFields: rootFields(naming, graphqlName ?? catalog.name, configuration?.custom_root_fields ?? {}),
    enumValues: metadata.is_enum ? (enums.get(qualifiedKey(catalog))?.values ?? null) : null,
    isEntity: metadata.apollo_federation_config?.enable === 'v1',
  };
}

function columnName(naming: Naming, name: string, customName: string | null | undefined): string | null {
  const graphqlName = typeof customName === 'string' ? customName : naming.fieldName(name);
  // that one asks for the type's name, whatever a column holds
  return isGraphqlName(graphqlName) && graphqlName !== '__typename' ? graphqlName : null;
}

const rootFieldParts: Readonly<Record<RootFieldKind, (base: NamePart) => readonly NamePart[]>> = {
  select: (base) => [base],
  select_by_pk: (base) => [base, 'by_pk'],
  select_aggregate: (base) => [base, 'aggregate'],
  select_stream: (base) => [base, 'stream'],
  insert: (base) => ['insert', base],
  insert_one: (base) => ['insert', base, 'one'],
  update: (base) => ['update', base],
  update_by_pk: (base) => ['update', base, 'by_pk'],
  update_many: (base) => ['update', base, 'many'],
  delete: (base) => ['delete', base],
  delete_by_pk: (base) => ['delete', base, 'by_pk'],
};

function rootFields(
  naming: Naming,
  base: NamePart,
  custom: Readonly<Record<string, CustomRootField>>,
): TrackedTable['rootFields'] {
  const entries = Object.entries(rootFieldParts).map(([kind, parts]) => {
    const { name, comment } = readCustomRootField(custom[kind]);
    const words = name === null ? parts(base) : [{ custom: name }];
    return [kind, { name: naming.rootFieldName(...words), comment: readComment(comment) }];
  });
  return Object.fromEntries(entries) as TrackedTable['rootFields'];
}

function readCustomRootField(field: CustomRootField | undefined): {
  readonly name: string | null;
  readonly comment: CommentConfiguration | undefined;
} {
  if (typeof field === 'string') return { name: field, comment: undefined };
  return { name: field?.name ?? null, comment: field?.comment };
}

// ---- what does not fit ---------------------------------------------------------------------------------------------------------

function findConfigurationFault(metadata: TableMetadata, catalog: CatalogTable): string | null {
  const { configuration } = metadata;
  for (const name of Object.keys(configuration?.column_config ?? {})) {
    if (!catalog.columns.some((column) => column.name === name)) {
      return `configuration was given for the column "${name}", but no such column exists`;
    }
  }
  const names = Object.values(configuration?.custom_root_fields ?? {})
    .map((field) => readCustomRootField(field).name)
    .filter((name) => name !== null);
  const repeated = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
  if (repeated.length === 0) return null;
  return `the following custom root field names are duplicated: ${inWords(repeated)}`;
}

function findColumnNameConflict(table: BareTable): string | null {
  const byName = new Map<string, string[]>();
  for (const { name, graphqlName } of table.columns.values()) {
    if (graphqlName === null) continue;
    const sharing = byName.get(graphqlName);
    if (sharing === undefined) byName.set(graphqlName, [name]);
    else sharing.push(name);
  }
  for (const [graphqlName, names] of byName) {
    if (names.length < 2) continue;
    const quoted = inWords(names.map((name) => `"${name}"`));
    return `the definitions of columns ${quoted} are in conflict: they are mapped to the same field name, "${graphqlName}"`;
  }
  return null;
}

/** `a`, `a and b`, `a, b and c`. */
function inWords(names: readonly string[]): string {
  const last = names[names.length - 1] ?? '';
  if (names.length < 3) return names.join(' and ');
  return `${names.slice(0, -1).join(', ')}, and ${last}`;
}

// ---- enum tables ---------------------------------------------------------------------------------------------------------------

interface EnumTables {
  /** What they were found from. */
  readonly declared: readonly TableMetadata[];
  readonly contents: string;
  /** By `qualifiedKey` of the enum table. */
  readonly references: ReadonlyMap<string, EnumReference>;
  readonly faults: ReadonlyMap<string, string>;
}

/** Taken over when nothing that makes an enum table has changed: their rows are read anew each time, and compared by content. */
function findEnumTables(
  builder: TablesBuilder,
  contents: ReadonlyMap<string, EnumValues>,
  before: EnumTables | undefined,
): EnumTables {
  const declared = builder.metadata.tables.filter(({ is_enum: isEnum }) => isEnum === true);
  const printed = printContents(contents);
  const isSame =
    before !== undefined &&
    before.contents === printed &&
    before.declared.length === declared.length &&
    before.declared.every((each, index) => isSameEnum(each, declared[index]));
  return isSame ? before : { declared, contents: printed, ...findEnumReferences(builder, contents) };
}

function isSameEnum(one: TableMetadata, other: TableMetadata | undefined): boolean {
  return (
    other !== undefined && qualifiedKey(one.table) === qualifiedKey(other.table) && isSameBare(one, other)
  );
}

function printContents(contents: ReadonlyMap<string, EnumValues>): string {
  if (contents.size === 0) return '';
  const printed = [...contents].map(([table, content]) => [
    table,
    content.kind === 'values' ? content.values : content.error.message,
  ]);
  return JSON.stringify(printed);
}

function findEnumReferences(
  builder: TablesBuilder,
  contents: ReadonlyMap<string, EnumValues>,
): Pick<EnumTables, 'references' | 'faults'> {
  const references = new Map<string, EnumReference>();
  const faults = new Map<string, string>();
  for (const metadata of builder.metadata.tables) {
    if (metadata.is_enum !== true) continue;
    const key = qualifiedKey(metadata.table);
    const catalog = builder.catalog.tables.get(key);
    if (catalog === undefined) continue;
    const content = contents.get(key) ?? { kind: 'values', values: [] };
    const reasons = enumTableFaults(catalog, content);
    if (reasons.length > 0 || content.kind === 'failed') {
      const subject = `the table "${describeName(catalog)}" cannot be used as an enum`;
      faults.set(key, becauseOf(subject, reasons));
      continue;
    }
    const name = baseName(catalog, metadata.configuration?.custom_name) ?? catalog.name;
    const typeName = builder.naming.typeName(name, 'enum');
    references.set(key, {
      table: { schema: catalog.schema, name: catalog.name },
      typeName,
      values: content.values,
    });
  }
  return { references, faults };
}

function referencedEnums(
  table: CatalogTable,
  column: string,
  enums: ReadonlyMap<string, EnumReference>,
): readonly EnumReference[] {
  if (enums.size === 0) return [];
  return table.foreignKeys
    .filter((key) => key.columns.length === 1 && key.columns[0] === column)
    .map((key) => enums.get(qualifiedKey(key.foreignTable)))
    .filter((reference) => reference !== undefined);
}

function findEnumReference(
  table: CatalogTable,
  column: string,
  enums: ReadonlyMap<string, EnumReference>,
): EnumReference | null {
  return referencedEnums(table, column, enums)[0] ?? null;
}

function findEnumReferenceFault(
  table: CatalogTable,
  enums: ReadonlyMap<string, EnumReference>,
): string | null {
  for (const { name } of table.columns) {
    const references = referencedEnums(table, name, enums);
    if (references.length < 2) continue;
    const tables = references.map((reference) => `"${describeName(reference.table)}"`).join(', ');
    return `column "${name}" in table "${describeName(table)}" references multiple enum tables (${tables})`;
  }
  return null;
}
