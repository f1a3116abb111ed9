/**
 * Logical models: the shapes of rows that native queries return. To rules and schemas they are tables that nothing can be written to and that are not in the
 * database. Source: spec/graphql-api.md 10; spec/permissions.md 8.8.
 */
import type { CatalogTable, PgType, QualifiedName } from '../catalog/index.ts';
import { type InheritedRoleMetadata, type LogicalModelMetadata, rootFieldKinds } from '../metadata/index.ts';
import { type DeclaredRules, inheritRules, RuleCompiler } from '../permissions/index.ts';
import { isJsonObject, type JsonObject, RequestError } from '../support/index.ts';
import { inconsistentLogicalModel, inconsistentLogicalModelPermission } from './inconsistency.ts';
import { isGraphqlName } from './naming.ts';
import { findTable, type SourceBuilder, type TableBuilder } from './source-builder.ts';
import { isReservedTypeName } from './tables.ts';
import { findType } from './type-names.ts';
import type { Comment, Inconsistency, TrackedColumn, TrackedTable } from './types.ts';

/** Who declares the model: its own entry in the metadata, or the one query that returns it. */
export type ModelPlace = 'logical-model' | 'native-query';

export interface LogicalModelBuilder extends TableBuilder {
  readonly declared: LogicalModelMetadata;
  readonly place: ModelPlace;
}

/** The consistent models by name; each that does not fit is reported. */
export function buildLogicalModels(builder: SourceBuilder): Map<string, LogicalModelBuilder> {
  const models = new Map<string, LogicalModelBuilder>();
  for (const declared of builder.metadata.logical_models ?? []) {
    const model = buildLogicalModel(builder, declared, 'logical-model');
    if (typeof model === 'string') {
      const reason = `in logical model "${declared.name}": ${model}`;
      builder.report(inconsistentLogicalModel(builder.name, declared, reason));
    } else {
      models.set(declared.name, model);
    }
  }
  return models;
}

/** In bytes; PostgreSQL cuts longer ones. */
const longestName = 63;

/** The model, or why it does not fit. */
export function buildLogicalModel(
  builder: SourceBuilder,
  declared: LogicalModelMetadata,
  place: ModelPlace,
): LogicalModelBuilder | string {
  const fault = findNameFault(builder, declared.name);
  if (fault !== null) return fault;
  const columns = new Map<string, TrackedColumn>();
  for (const { name, type: written, description } of declared.fields) {
    const type = readFieldType(builder, name, written);
    if (typeof type === 'string') return type;
    if (name === '' || name.includes('\0') || Buffer.byteLength(name) > longestName) {
      return `no column of a query can have the name "${name}"`;
    }
    if (columns.has(name)) return `the field "${name}" is defined more than once`;
    columns.set(name, {
      name,
      type,
      isNullable: written['nullable'] === true,
      isInsertable: false,
      isUpdatable: false,
      enumReference: null,
      // as declared, whatever the naming convention
      graphqlName: isGraphqlName(name) && name !== '__typename' ? name : null,
      description: description ?? null,
    });
  }
  if (columns.size === 0) return 'it has no fields';
  return { ...rowShape(builder, declared.name, columns, commentOf(declared.description)), declared, place };
}

/** Why no type can have the name; null when one can. */
export function findNameFault({ naming }: SourceBuilder, name: string): string | null {
  if (!isGraphqlName(name)) return `"${name}" is not a valid GraphQL identifier`;
  const typeName = naming.typeName({ custom: name });
  return isReservedTypeName(typeName) ? `the GraphQL type name "${typeName}" is reserved` : null;
}

/** Rows of a model under another name: those of a query with relationships of its own. */
export function rowShape(
  builder: SourceBuilder,
  name: string,
  columns: ReadonlyMap<string, TrackedColumn>,
  comment: Comment,
): TableBuilder {
  const qualified: QualifiedName = { schema: 'public', name };
  const rootField = { name: builder.naming.rootFieldName({ custom: name }), comment };
  return {
    ...qualified,
    source: builder.name,
    isLogicalModel: true,
    metadata: { table: qualified },
    catalog: notInDatabase(qualified),
    graphqlName: { custom: name },
    comment,
    columns,
    relationships: new Map(),
    queryRelationships: new Map(),
    computedFields: new Map(),
    primaryKey: null,
    rootFields: Object.fromEntries(
      rootFieldKinds.map((kind) => [kind, rootField]),
    ) as TrackedTable['rootFields'],
    enumValues: null,
  };
}

export function commentOf(description: string | undefined): Comment {
  return description === undefined ? { kind: 'none' } : { kind: 'text', text: description };
}

/**
 * The rules of a model by role, the inherited ones included. A permission that does not compile is reported and not in force.
 */
export function buildModelRules(
  structure: Pick<SourceBuilder<TrackedTable>, 'name' | 'tables'>,
  model: LogicalModelBuilder,
  heirs: readonly InheritedRoleMetadata[],
  report: (inconsistency: Inconsistency) => void,
): ReadonlyMap<string, DeclaredRules> {
  const compiler = new RuleCompiler(model, { findTable: (name) => findTable(structure, name) });
  const rules = new Map<string, DeclaredRules>();
  for (const permission of model.declared.select_permissions ?? []) {
    const { role } = permission;
    const none = { insert: null, update: null, delete: null };
    try {
      const select = compiler.select(role, permission.permission);
      rules.set(role, { rules: { ...none, select }, broken: new Set() });
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      rules.set(role, { rules: { ...none, select: null }, broken: new Set(['select']) });
      const reason = `in logical model "${model.name}": in permission for role "${role}": ${error.message}`;
      report(inconsistentLogicalModelPermission(structure.name, model, permission, reason));
    }
  }
  rules.delete('admin');
  for (const { role_name: role, role_set: names } of heirs) {
    const parents = names.map((name) => rules.get(name)).filter((parent) => parent !== undefined);
    // reading alone is always united, so that there is nothing to disagree about
    if (parents.length > 0) rules.set(role, inheritRules(role, parents, rules.get(role)));
  }
  return rules;
}

function readFieldType(builder: SourceBuilder, field: string, written: JsonObject): PgType | string {
  const { scalar, array } = written;
  if (typeof scalar === 'string') {
    return findType(builder.catalog, scalar) ?? `the type "${scalar}" of the field "${field}" does not exist`;
  }
  if (isJsonObject(array) && typeof array['scalar'] === 'string') {
    const name = `${array['scalar']}[]`;
    return findType(builder.catalog, name) ?? `the type "${name}" of the field "${field}" does not exist`;
  }
  return `the field "${field}" must be a scalar or an array of scalars: PostgreSQL sources have no nested logical models`;
}

/** What stands for the table that is not there: nothing can be written, nothing is known of keys. */
function notInDatabase(name: QualifiedName): CatalogTable {
  return {
    ...name,
    oid: 0,
    kind: 'view',
    isPartition: false,
    comment: null,
    columns: [],
    primaryKey: null,
    uniqueKeys: [],
    foreignKeys: [],
    isInsertable: false,
    isUpdatable: false,
    isDeletable: false,
  };
}
