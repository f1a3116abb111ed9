/**
 * The types that actions are declared with. All of them fit, or none are there. Source: spec/actions.md 2.
 */
import { type Catalog, type PgType, qualifiedKey } from '../catalog/index.ts';
import type { CustomTypes as DeclaredTypes } from '../metadata/index.ts';
import { describeName } from '../permissions/index.ts';
import { baseName, type DeclaredType, isListType, readDeclaredType } from './declared-type.ts';
import { becauseOf } from './reasons.ts';
import { scalarsOfCatalog } from './scalar-names.ts';
import { isReservedTypeName } from './tables.ts';
import type { RemoteRowsRelationship, Source, TrackedColumn } from './types.ts';

/** A type that a declaration may name. */
export type CustomType =
  | { readonly kind: 'built-in-scalar'; readonly name: BuiltInScalar }
  | { readonly kind: 'postgres-scalar'; readonly name: string; readonly type: PgType }
  | CustomScalar
  | CustomEnum
  | CustomInputObject
  | CustomObject;

export type BuiltInScalar = (typeof builtInScalars)[number];

export interface CustomScalar {
  readonly kind: 'scalar';
  readonly name: string;
  readonly description: string | null;
}

export interface CustomEnum {
  readonly kind: 'enum';
  readonly name: string;
  readonly description: string | null;
  readonly values: readonly {
    readonly name: string;
    readonly description: string | null;
    readonly isDeprecated: boolean;
  }[];
}

export interface CustomInputObject {
  readonly kind: 'input-object';
  readonly name: string;
  readonly description: string | null;
  readonly fields: readonly CustomField[];
}

export interface CustomObject {
  readonly kind: 'object';
  readonly name: string;
  readonly description: string | null;
  readonly fields: readonly CustomField[];
  readonly relationships: readonly RemoteRowsRelationship[];
}

export interface CustomField {
  readonly name: string;
  readonly type: DeclaredType;
  readonly description: string | null;
}

export interface CustomTypes {
  /** A custom type, a scalar of GraphQL, or one of some source's PostgreSQL, in this order of preference; null: unknown. */
  find(name: string): CustomType | null;
}

const builtInScalars = ['Int', 'Float', 'String', 'Boolean', 'ID'] as const;

/** What declarations may refer to. */
export interface CustomTypeSurroundings {
  readonly sources: ReadonlyMap<string, Source>;
  readonly catalogs: readonly Catalog[];
}

/** Only what is always there. */
export function noCustomTypes({ catalogs }: Pick<CustomTypeSurroundings, 'catalogs'>): CustomTypes {
  return lookUp(new Map(), catalogs);
}

/** The types, or the reason why they do not fit. */
export function resolveCustomTypes(
  declared: DeclaredTypes,
  { sources, catalogs }: CustomTypeSurroundings,
): CustomTypes | string {
  const types = new Map<string, CustomType>();
  const found = lookUp(types, catalogs);
  const problems: string[] = [...duplicateTypes(declared), ...takenNames(declared, sources)];
  for (const { name, description = null } of declared.scalars ?? [])
    types.set(name, { kind: 'scalar', name, description });
  for (const each of declared.enums ?? []) types.set(each.name, resolveEnum(each, problems));
  const inputs = (declared.input_objects ?? []).map((each) => resolveInputObject(each, problems));
  const objects = (declared.objects ?? []).map((each) => resolveObject(each, sources, problems));
  for (const type of [...inputs, ...objects]) types.set(type.name, type);
  for (const type of inputs) problems.push(...unknownFieldTypes(type, inputKinds, 'input object', found));
  for (const type of objects) problems.push(...unknownFieldTypes(type, outputKinds, 'object', found));
  return problems.length === 0 ? found : becauseOf('validation for the given custom types failed', problems);
}

function lookUp(types: ReadonlyMap<string, CustomType>, catalogs: readonly Catalog[]): CustomTypes {
  return {
    find(name) {
      const custom = types.get(name);
      if (custom !== undefined) return custom;
      const builtIn = builtInScalars.find((scalar) => scalar === name);
      if (builtIn !== undefined) return { kind: 'built-in-scalar', name: builtIn };
      for (const catalog of catalogs) {
        const type = scalarsOfCatalog(catalog).get(name);
        if (type !== undefined) return { kind: 'postgres-scalar', name, type };
      }
      return null;
    },
  };
}

function* duplicateTypes({
  scalars = [],
  enums = [],
  input_objects: inputs = [],
  objects = [],
}: DeclaredTypes): Iterable<string> {
  const names = [...[...scalars, ...enums, ...inputs, ...objects].map(({ name }) => name), ...builtInScalars];
  const repeated = duplicates(names);
  if (repeated.length > 0) yield `duplicate type names: ${quoted(repeated)}`;
}

/** The schema has one type of a name, and a type of another kind would be asked in its place. */
function* takenNames(
  { scalars = [], enums = [], input_objects: inputs = [], objects = [] }: DeclaredTypes,
  sources: ReadonlyMap<string, Source>,
): Iterable<string> {
  const names = [...scalars, ...enums, ...inputs, ...objects].map(({ name }) => name);
  if (names.length === 0) return;
  const tables = tableTypeNames(sources);
  for (const name of names) {
    const table = tables.get(name);
    if (table !== undefined) yield `the type name "${name}" is that of ${table}`;
    else if (isReservedTypeName(name) && !builtInScalars.some((scalar) => scalar === name)) {
      yield `the type name "${name}" is reserved`;
    }
  }
}

/** What has each name, for messages. */
function tableTypeNames(sources: ReadonlyMap<string, Source>): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const { name: source, tables, naming } of sources.values()) {
    for (const table of tables.values()) {
      if (table.graphqlName === null) continue;
      names.set(naming.typeName(table.graphqlName), `table ${describeName(table)} in source ${source}`);
    }
  }
  return names;
}

function resolveEnum(declared: NonNullable<DeclaredTypes['enums']>[number], problems: string[]): CustomEnum {
  const { name, description = null } = declared;
  const repeated = duplicates(declared.values.map(({ value }) => value));
  if (repeated.length > 0) problems.push(`the enum type "${name}" has duplicate values: ${quoted(repeated)}`);
  const values = declared.values.map((value) => ({
    name: value.value,
    description: value.description ?? null,
    isDeprecated: value.is_deprecated === true,
  }));
  return { kind: 'enum', name, description, values };
}

function resolveInputObject(
  { name, description, fields }: NonNullable<DeclaredTypes['input_objects']>[number],
  problems: string[],
): CustomInputObject {
  const repeated = duplicates(fields.map((field) => field.name));
  if (repeated.length > 0)
    problems.push(`the input object "${name}" has duplicate fields: ${quoted(repeated)}`);
  return { kind: 'input-object', name, description: description ?? null, fields: fields.map(resolveField) };
}

type DeclaredObject = NonNullable<DeclaredTypes['objects']>[number];

function resolveObject(
  declared: DeclaredObject,
  sources: ReadonlyMap<string, Source>,
  problems: string[],
): CustomObject {
  const { name, description = null, fields, relationships = [] } = declared;
  const repeated = duplicates([...fields, ...relationships].map((member) => member.name));
  if (repeated.length > 0) problems.push(`the object "${name}" has duplicate fields: ${quoted(repeated)}`);
  if (fields.some((field) => (field.arguments ?? null) !== null)) {
    problems.push(`the object "${name}" can't have arguments`);
  }
  const usedSources = new Set(relationships.map(({ source = 'default' }) => source));
  if (usedSources.size > 1) {
    problems.push(`the object "${name}" has relationships refers to tables in multiple sources`);
  }
  const resolvedFields = fields.map(resolveField);
  const resolved = relationships.flatMap(
    (each) => resolveRelationship(each, name, resolvedFields, sources, problems) ?? [],
  );
  return { kind: 'object', name, description, fields: resolvedFields, relationships: resolved };
}

function resolveField({
  name,
  type,
  description,
}: {
  readonly name: string;
  readonly type: string;
  readonly description?: string | undefined;
}): CustomField {
  return { name, type: readDeclaredType(type), description: description ?? null };
}

function resolveRelationship(
  declared: NonNullable<DeclaredObject['relationships']>[number],
  objectName: string,
  fields: readonly CustomField[],
  sources: ReadonlyMap<string, Source>,
  problems: string[],
): RemoteRowsRelationship | null {
  const { name, type: kind, remote_table: table, source = 'default', field_mapping: mapping } = declared;
  const place = `for relationship "${name}" of object type "${objectName}"`;
  const target = sources.get(source)?.tables.get(qualifiedKey(table));
  if (target === undefined) {
    problems.push(`the remote table "${describeName(table)}" ${place} does not exist`);
    return null;
  }
  const columns: TrackedColumn[] = [];
  for (const [fieldName, columnName] of Object.entries(mapping)) {
    const field = fields.find((candidate) => candidate.name === fieldName);
    if (field === undefined) {
      problems.push(
        `the field "${fieldName}" for relationship "${name}" in object type "${objectName}" does not exist`,
      );
    } else if (isListType(field.type)) {
      problems.push(
        `the type of the field "${fieldName}" for relationship "${name}" in object type "${objectName}" is a list type`,
      );
    }
    const column = target.columns.get(columnName);
    if (column === undefined) {
      problems.push(
        `the column "${columnName}" of remote table "${describeName(table)}" ${place} does not exist`,
      );
    } else columns.push(column);
  }
  return { name, kind, fields: Object.keys(mapping), target, columns };
}

const inputKinds: ReadonlySet<CustomType['kind']> = new Set([
  'built-in-scalar',
  'postgres-scalar',
  'scalar',
  'enum',
  'input-object',
]);
const outputKinds: ReadonlySet<CustomType['kind']> = new Set([
  'built-in-scalar',
  'postgres-scalar',
  'scalar',
  'enum',
  'object',
]);

/** Two spaces, as in the original. */
function* unknownFieldTypes(
  { name, fields }: CustomInputObject | CustomObject,
  allowed: ReadonlySet<CustomType['kind']>,
  what: string,
  types: CustomTypes,
): Iterable<string> {
  for (const field of fields) {
    const type = baseName(field.type);
    const found = types.find(type);
    if (found === null || !allowed.has(found.kind)) {
      yield `the type "${type}" for field "${field.name}" in  ${what} type "${name}" does not exist`;
    }
  }
}

/** What occurs more than once, each once, sorted. */
function duplicates(names: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) repeated.add(name);
    seen.add(name);
  }
  return [...repeated].sort();
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
