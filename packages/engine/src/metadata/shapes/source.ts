import { isJsonObject, type Json, type JsonObject } from '../../support/index.ts';
import {
  boolean,
  type Codec,
  defaulted,
  dictionary,
  expectMember,
  expectObject,
  isEmptyObject,
  json,
  jsonObject,
  lastWinsList,
  list,
  nonEmptyText,
  object,
  oneOf,
  optional,
  type Place,
  record,
  refine,
  required,
  text,
  uniqueList,
} from '../codec/index.ts';
import { graphqlName, nameKey, qualifiedName, roleEntry } from '../names.ts';
import type {
  FunctionMetadata,
  LogicalModelMetadata,
  NativeQueryMetadata,
  SourceMetadata,
} from '../types.ts';
import { permissionEntry, selectPermission } from './permission.ts';
import { arrayRelationship, objectRelationship } from './relationship.ts';
import {
  healthCheck,
  isEmptyCustomization,
  queryTags,
  sourceConfiguration,
  sourceCustomization,
} from './source-configuration.ts';
import { tableMetadata } from './table.ts';

const functionRootFields = refine(
  object('FunctionCustomRootFields', {
    function: optional(graphqlName),
    function_aggregate: optional(graphqlName),
  }),
  (fields, place) => {
    const { function: rows, function_aggregate: aggregate } = fields;
    return rows == null || rows !== aggregate
      ? fields
      : place.fail(`the following custom root field names are duplicated: "${rows}" and "${rows}"`);
  },
);

export const functionConfiguration = object('FunctionConfig', {
  custom_name: optional(graphqlName),
  custom_root_fields: optional(functionRootFields, isEmptyObject),
  exposed_as: optional(oneOf('exposed_as', ['query', 'mutation'])),
  response: optional(json),
  session_argument: optional(text),
});

export const functionMetadata: Codec<FunctionMetadata> = object('FunctionMetadata', {
  function: required(qualifiedName),
  configuration: optional(functionConfiguration, isEmptyObject),
  permissions: optional(uniqueList('function permissions', roleEntry, ({ role }) => role)),
  comment: optional(text),
});

/** `{"scalar"}`, `{"logical_model"}` or `{"array"}`; the older flat form has the scalar's name in `type`. */
function decodeFieldType(field: JsonObject, place: Place): JsonObject {
  const type = field['type'];
  if (type === undefined) {
    const { name: _name, description: _description, ...rest } = field;
    return Object.keys(rest).length === 0 ? place.fail("the key 'type' was not present") : rest;
  }
  if (typeof type === 'string') return { nullable: field['nullable'] ?? false, scalar: type };
  return expectObject('LogicalModelType', type, place.child('type'));
}

type LogicalModelField = LogicalModelMetadata['fields'][number];

const logicalModelField: Codec<LogicalModelField> = {
  decode(value, place) {
    const given = expectObject('LogicalModelField', value, place);
    const name = nonEmptyText.decode(
      given['name'] ?? place.fail("the key 'name' was not present"),
      place.child('name'),
    );
    const description = given['description'] ?? null;
    return {
      name,
      type: decodeFieldType(given, place),
      ...(description === null ? {} : { description: text.decode(description, place.child('description')) }),
    };
  },
  encode: ({ name, type, description }) =>
    dictionary<Json>([
      ...(description === undefined ? [] : [['description', description] as const]),
      ['name', name],
      ['type', jsonObject('LogicalModelType').encode(type)],
    ]),
};

/** A list, or an object keyed by field name. */
export const logicalModelFields: Codec<readonly LogicalModelField[]> = {
  decode(value, place) {
    if (Array.isArray(value)) return list(logicalModelField).decode(value, place);
    return Object.entries(expectObject('LogicalModelFields', value, place)).map(([name, field]) =>
      logicalModelField.decode(
        { ...expectObject('LogicalModelField', field, place.child(name)), name },
        place.child(name),
      ),
    );
  },
  encode: (fields) => list(logicalModelField).encode(fields),
};

export const logicalModel: Codec<LogicalModelMetadata> = object('LogicalModelMetadata', {
  description: optional(text),
  fields: required(logicalModelFields),
  name: required(nonEmptyText),
  select_permissions: optional(
    uniqueList('select permissions', permissionEntry(selectPermission), ({ role }) => role),
  ),
});

const inlineModel = object('InlineLogicalModel', {
  description: optional(text),
  fields: required(logicalModelFields),
  name: optional(nonEmptyText),
  select_permissions: optional(
    uniqueList('select permissions', permissionEntry(selectPermission), ({ role }) => role),
  ),
});

/** The name of a logical model, or the model itself. */
const returnedModel: Codec<Json> = {
  decode: (value, place) =>
    typeof value === 'string' ? value : (inlineModel.decode(value, place) as unknown as Json),
  encode: (value) =>
    typeof value === 'string'
      ? value
      : inlineModel.encode(value as unknown as ReturnType<typeof inlineModel.decode>),
};

const nativeQueryArgument = object('NullableScalarType', {
  description: optional(text),
  nullable: defaulted(boolean, false),
  type: required(text),
});

const nativeQueryFields: Codec<NativeQueryMetadata> = object('NativeQueryMetadata', {
  arguments: defaulted(record(nativeQueryArgument), {}),
  array_relationships: optional(uniqueList('array relationships', arrayRelationship, ({ name }) => name)),
  code: required(text),
  description: optional(text),
  object_relationships: optional(uniqueList('object relationships', objectRelationship, ({ name }) => name)),
  returns: required(returnedModel),
  root_field_name: required(nonEmptyText),
});

/** `"type": "query"` says nothing, and is not kept. Source: spec/graphql-api.md 10. */
export const nativeQuery: Codec<NativeQueryMetadata> = {
  decode(value, place) {
    if (!isJsonObject(value) || value['type'] !== 'query') return nativeQueryFields.decode(value, place);
    const { type: _type, ...given } = value;
    return nativeQueryFields.decode(given, place);
  },
  encode: (query) => nativeQueryFields.encode(query),
};

const postgresKinds = ['postgres', 'citus', 'cockroach'];

const sourceKind: Codec<string> = {
  decode(value, place) {
    const kind = text.decode(value, place);
    if (kind === 'pg') return 'postgres';
    return postgresKinds.includes(kind)
      ? kind
      : place.fail(`sources of kind "${kind}" are not supported; expected ${postgresKinds.join(', ')}`);
  },
  encode: (kind) => kind,
};

const sourceFields = object('SourceMetadata', {
  name: required(nonEmptyText),
  kind: defaulted(sourceKind, 'postgres'),
  tables: required(lastWinsList(tableMetadata, ({ table }) => nameKey(table))),
  functions: optional(lastWinsList(functionMetadata, (item) => nameKey(item.function))),
  native_queries: optional(uniqueList('native queries', nativeQuery, ({ root_field_name: name }) => name)),
  stored_procedures: optional(list(jsonObject('StoredProcedureMetadata'))),
  logical_models: optional(uniqueList('logical models', logicalModel, ({ name }) => name)),
  configuration: required(sourceConfiguration),
  query_tags: optional(queryTags),
  customization: optional(sourceCustomization, isEmptyCustomization),
  health_check: optional(healthCheck),
});

/**
 * In stored documents a source of a kind that this engine does not know is kept as it is, so that an engine which knows it finds it again; it has no
 * tables here, and is inconsistent.
 */
export const sourceMetadata: Codec<SourceMetadata> = {
  decode(value, place) {
    if (place.unknownKeys !== 'keep' || !isJsonObject(value)) return sourceFields.decode(value, place);
    const { kind } = value;
    if (typeof kind !== 'string' || kind === 'pg' || postgresKinds.includes(kind)) {
      return sourceFields.decode(value, place);
    }
    const name = nonEmptyText.decode(expectMember(value, 'name', place), place.child('name'));
    return {
      name,
      kind,
      tables: [],
      configuration: { connection_info: { database_url: '' } },
      foreign: value,
    };
  },
  encode: (source) => source.foreign ?? sourceFields.encode(source),
};

/** `default` first, the others by name. */
export const sources = lastWinsList(sourceMetadata, ({ name }) => (name === 'default' ? '' : name));
