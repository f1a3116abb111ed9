/** Makers of the entries of the list of inconsistent objects. Source: spec/metadata-api.md 4.1, 4.2; spec/permissions.md 9.3. */
import type { QualifiedName } from '../catalog/index.ts';
import type {
  ActionDefinition,
  ActionMetadata,
  ComputedFieldMetadata,
  CustomTypes,
  FunctionMetadata,
  InheritedRoleMetadata,
  LogicalModelMetadata,
  NativeQueryMetadata,
  PermissionMetadata,
  RelationshipMetadata,
  RemoteRelationshipMetadata,
  RemoteSchemaMetadata,
} from '../metadata/index.ts';
import { describeName } from '../permissions/index.ts';
import type { Json, JsonObject, RequestError } from '../support/index.ts';
import type { Inconsistency } from './types.ts';

export type Operation = 'select' | 'insert' | 'update' | 'delete';

export function inconsistentSource(source: string, reason: string, message?: Json): Inconsistency {
  return {
    ...entry('source', `source ${source}`, reason, source, { kind: 'source', source }),
    ...(message === undefined ? {} : { message }),
  };
}

export function inconsistentTable(
  source: string,
  table: QualifiedName,
  reason: string,
  message?: Json,
): Inconsistency {
  const name = `table ${describeName(table)} in source ${source}`;
  return {
    ...entry('table', name, reason, nameJson(table), { kind: 'table', source, table: nameJson(table) }),
    ...(message === undefined ? {} : { message }),
  };
}

export function inconsistentRelationship(
  source: string,
  table: QualifiedName,
  kind: 'object' | 'array',
  relationship: RelationshipMetadata,
  reason: string,
): Inconsistency {
  const type = `${kind}_relation`;
  const { name, using, comment = null } = relationship;
  const definition = { source, table: nameJson(table), name, using: withInsertionOrder(using), comment };
  return entry(type, nameInTable(type, name, table, source), reason, definition, {
    kind: 'relationship',
    source,
    table: nameJson(table),
    name,
  });
}

/** As the definition of an inconsistent relationship shows it. */
function withInsertionOrder(using: RelationshipMetadata['using']): Json {
  const shown =
    'manual_configuration' in using
      ? { manual_configuration: { insertion_order: null, ...using.manual_configuration } }
      : using;
  return shown as unknown as Json;
}

export function inconsistentRemoteRelationship(
  source: string,
  table: QualifiedName,
  { name, definition }: RemoteRelationshipMetadata,
  reason: string,
): Inconsistency {
  const type = 'remote_relationship';
  const isOlder = definition['remote_schema'] !== undefined;
  return entry(
    type,
    nameInTable(type, name, table, source),
    reason,
    { source, table: nameJson(table), name, ...(isOlder ? definition : { definition }) },
    { kind: 'remote-relationship', source, table: nameJson(table), name },
  );
}

/** The same where something else of the table has its name. */
export function conflictingRemoteRelationship(
  source: string,
  table: QualifiedName,
  relationship: RemoteRelationshipMetadata,
  conflict: string,
): Inconsistency {
  const inconsistency = inconsistentRemoteRelationship(source, table, relationship, conflict);
  // a column stays what it is; of two declared objects v2 knows not which is meant
  return conflict.startsWith('conflicting definitions')
    ? { ...inconsistency, reason: `Conflicting objects: ${conflict}` }
    : inconsistency;
}

export function inconsistentRemoteTypeRelationship(
  schema: string,
  typeName: string,
  { name, definition }: RemoteRelationshipMetadata,
  reason: string,
): Inconsistency {
  const type = 'remote_schema_remote_relationship';
  return entry(
    type,
    // the doubled kind is v2's
    `${type} remote_relationship ${name} on type ${typeName} in remote schema ${schema}`,
    `in remote relationship "${name}": ${reason}`,
    { remote_schema: schema, type_name: typeName, name, definition },
    { kind: 'other', type, name: `${schema}.${typeName}.${name}` },
  );
}

export function inconsistentComputedField(
  source: string,
  table: QualifiedName,
  field: ComputedFieldMetadata,
  reason: string,
): Inconsistency {
  const { name, comment = null } = field;
  const definition = {
    source,
    table: nameJson(table),
    name,
    definition: field.definition as unknown as Json,
    comment,
  };
  return entry('computed_field', nameInTable('computed_field', name, table, source), reason, definition, {
    kind: 'computed-field',
    source,
    table: nameJson(table),
    name,
  });
}

export function inconsistentPermission(
  source: string,
  table: QualifiedName,
  operation: Operation,
  permission: PermissionMetadata<unknown>,
  reason: string,
): Inconsistency {
  const type = `${operation}_permission`;
  const { role, comment = null } = permission;
  const definition = {
    source,
    table: nameJson(table),
    role,
    permission: withDefaults(operation, permission.permission as JsonObject),
    comment,
  };
  return entry(type, nameInTable(type, role, table, source), reason, definition, {
    kind: 'permission',
    source,
    table: nameJson(table),
    role,
    operation,
  });
}

export function inconsistentFunction(source: string, fn: FunctionMetadata, reason: string): Inconsistency {
  const name = `function ${describeName(fn.function)} in source ${source}`;
  return entry('function', name, reason, nameJson(fn.function), {
    kind: 'function',
    source,
    function: fn.function,
  });
}

export function inconsistentLogicalModel(
  source: string,
  { name }: LogicalModelMetadata,
  reason: string,
): Inconsistency {
  const title = `logical_model ${name} in source ${source}`;
  return entry('logical_model', title, reason, name, { kind: 'logical-model', source, name });
}

/** `model` may be one that a native query declares in itself. */
export function inconsistentLogicalModelPermission(
  source: string,
  model: { readonly name: string; readonly place: 'logical-model' | 'native-query' },
  { role, permission, comment = null }: PermissionMetadata<unknown>,
  reason: string,
): Inconsistency {
  const { name, place } = model;
  const type = 'select_permission';
  const definition = { source, name, role, permission: permission as unknown as Json, comment };
  const what = place === 'logical-model' ? 'logical model' : 'native query';
  return entry(type, `${type} ${role} in ${what} ${name} in source ${source}`, reason, definition, {
    kind: 'logical-model-permission',
    source,
    place,
    name,
    role,
  });
}

export function inconsistentNativeQuery(
  source: string,
  { root_field_name: name }: NativeQueryMetadata,
  reason: string,
  error?: RequestError,
): Inconsistency {
  const title = `native_query ${name} in source ${source}`;
  return {
    ...entry('native_query', title, reason, name, { kind: 'native-query', source, name }),
    ...(error === undefined ? {} : { error }),
  };
}

export function inconsistentCustomTypes(types: CustomTypes, reason: string): Inconsistency {
  return entry('custom_types', 'custom_types custom_types', reason, types as unknown as Json, {
    kind: 'other',
    type: 'custom_types',
    name: 'custom_types',
  });
}

export function inconsistentAction(
  { name, definition, comment = null }: ActionMetadata,
  reason: string,
): Inconsistency {
  return entry(
    'action',
    `action ${name}`,
    reason,
    { name, definition: withActionDefaults(definition), comment },
    {
      kind: 'other',
      type: 'action',
      name,
    },
  );
}

export function inconsistentInheritedRole(role: InheritedRoleMetadata, reason: string): Inconsistency {
  const name = `inherited_role inherited role ${role.role_name}`;
  const definition = { role_name: role.role_name, role_set: role.role_set };
  return entry('inherited_role', name, reason, definition, { kind: 'inherited-role', role: role.role_name });
}

/** Informational: the parents of an inherited role disagree about an operation, which it therefore does not have. */
export function inheritanceConflict(
  source: string,
  table: QualifiedName,
  role: string,
  operation: Operation,
): Inconsistency {
  const printed = describeName(table);
  return {
    type: 'inherited role permission inconsistency',
    name: role,
    reason: `Could not inherit permission for the role '${role}' for the entity: '${operation} permission, table: ${printed}, source: '${source}''`,
    definition: null,
    entity: { permission_type: operation, source, table: printed },
    object: null,
  };
}

export function inconsistentRemoteSchema(
  { name, definition, comment = null }: RemoteSchemaMetadata,
  reason: string,
  error?: RequestError,
): Inconsistency {
  const {
    url,
    url_from_env,
    headers = [],
    forward_client_headers = false,
    timeout_seconds = 60,
  } = definition;
  const shown = {
    name,
    definition: {
      ...(url === undefined ? { url_from_env: url_from_env ?? null } : { url }),
      headers: headers as unknown as Json,
      forward_client_headers,
      timeout_seconds,
      customization: (definition.customization ?? null) as unknown as Json,
    },
    comment,
  };
  return {
    ...entry('remote_schema', `remote_schema ${name}`, reason, shown, { kind: 'remote-schema', name }),
    ...(error === undefined ? {} : { error }),
  };
}

export function inconsistentRemoteSchemaPermission(
  remoteSchema: string,
  { role, definition, comment = null }: NonNullable<RemoteSchemaMetadata['permissions']>[number],
  error: RequestError,
): Inconsistency {
  const type = 'remote_schema_permission';
  const shown = { remote_schema: remoteSchema, role, definition: { schema: definition.schema }, comment };
  return {
    ...entry(
      type,
      `${type} ${role} permission in remote schema ${remoteSchema}`,
      `in remote schema permission for role "${role}": ${error.message}`,
      shown,
      { kind: 'remote-schema-permission', name: remoteSchema, role },
    ),
    error,
  };
}

/** As `inheritanceConflict`, about what the role may use of a service. */
export function remoteInheritanceConflict(remoteSchema: string, role: string): Inconsistency {
  return {
    type: 'inherited role permission inconsistency',
    name: role,
    reason: `Could not inherit permission for the role '${role}' for the entity: 'remote schema: '${remoteSchema}''`,
    definition: null,
    entity: { remote_schema: remoteSchema },
    object: null,
  };
}

function entry(
  type: string,
  name: string,
  reason: string,
  definition: Json,
  object: Inconsistency['object'],
): Inconsistency {
  return { type, name, reason: `Inconsistent object: ${reason}`, definition, object };
}

function nameInTable(type: string, name: string, table: QualifiedName, source: string): string {
  return `${type} ${name} in table ${describeName(table)} in source ${source}`;
}

/** The name alone: what is given may be a whole table. */
function nameJson({ schema, name }: QualifiedName): { readonly schema: string; readonly name: string } {
  return { schema, name };
}

/** As the definition of an inconsistent permission shows it: what was left out with its default. */
function withDefaults(operation: Operation, permission: JsonObject): JsonObject {
  const { rules } = permission;
  if (Array.isArray(rules)) {
    return {
      ...permission,
      rules: (rules as readonly JsonObject[]).map((rule) => withDefaults(operation, rule)),
    };
  }
  switch (operation) {
    case 'select':
      return { allow_aggregations: false, computed_fields: [], ...permission };
    case 'update':
      return { check: null, backend_only: false, ...permission };
    default:
      return { backend_only: false, ...permission };
  }
}

/** The same for an action. */
function withActionDefaults({ arguments: inputs = [], headers = [], ...definition }: ActionDefinition): Json {
  const written = {
    arguments: inputs.map((argument) => ({ description: null, ...argument })),
    forward_client_headers: false,
    headers,
    timeout: 30,
    ...definition,
  };
  return written as unknown as Json;
}
