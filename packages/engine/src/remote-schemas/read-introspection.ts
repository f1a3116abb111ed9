import { isJsonObject, type Json, type JsonObject } from '../support/index.ts';
import { remoteSchemaError } from './remote-schema-error.ts';
import type {
  RemoteDirective,
  RemoteEnumValue,
  RemoteField,
  RemoteInputValue,
  RemoteRoots,
  RemoteType,
  RemoteTypeReference,
  RemoteTypeSystem,
} from './types.ts';

/**
 * The type system that the answer to an introspection query describes. Nothing is checked yet but its form.
 * @param answer the whole body, `{"data":{"__schema":…}}`
 * @throws RequestError `remote-schema-error`
 */
export function readIntrospection(answer: Json): RemoteTypeSystem {
  const schema = schemaOf(answer);
  const types = new Map<string, RemoteType>();
  for (const name of builtInScalars) types.set(name, { kind: 'scalar', name, description: null });
  for (const item of listOf(schema['types'], 'types')) {
    const type = readType(objectOf(item, 'types'));
    if (type !== null && !type.name.startsWith('__')) types.set(type.name, type);
  }
  const directives = new Map<string, RemoteDirective>();
  for (const item of optionalList(schema['directives'])) {
    const directive = objectOf(item, 'directives');
    const name = nameOf(directive, 'directives');
    directives.set(name, { name, arguments: readInputValues(directive['args']) });
  }
  return { types: withPossibleTypes(types), directives, roots: readRoots(schema, types) };
}

export const builtInScalars = ['Int', 'Float', 'String', 'Boolean', 'ID'] as const;

function schemaOf(answer: Json): JsonObject {
  const errors = isJsonObject(answer) ? answer['errors'] : undefined;
  if (Array.isArray(errors) && errors.length > 0) {
    throw remoteSchemaError('the introspection query was answered with errors', { errors });
  }
  const data = isJsonObject(answer) ? answer['data'] : undefined;
  const schema = isJsonObject(data) ? data['__schema'] : undefined;
  if (!isJsonObject(schema)) throw malformed('data.__schema');
  return schema;
}

/** What the service does not name counts if it has the usual name, except for queries, which every service names. */
function readRoots(schema: JsonObject, types: ReadonlyMap<string, RemoteType>): RemoteRoots {
  const usual = (name: string) => (types.get(name)?.kind === 'object' ? name : null);
  return {
    query: rootName(schema['queryType']) ?? 'Query',
    mutation: rootName(schema['mutationType']) ?? usual('Mutation'),
    subscription: rootName(schema['subscriptionType']) ?? usual('Subscription'),
  };
}

function rootName(type: Json | undefined): string | null {
  return isJsonObject(type) ? nameOf(type, 'root type') : null;
}

function readType(json: JsonObject): RemoteType | null {
  const name = nameOf(json, 'types');
  const description = textOf(json['description']);
  switch (json['kind']) {
    case 'SCALAR':
      return { kind: 'scalar', name, description };
    case 'ENUM':
      return { kind: 'enum', name, description, values: readEnumValues(json['enumValues']) };
    case 'OBJECT':
      return {
        kind: 'object',
        name,
        description,
        fields: readFields(json['fields']),
        interfaces: readMembers(json, 'interfaces'),
      };
    case 'INTERFACE':
      return {
        kind: 'interface',
        name,
        description,
        fields: readFields(json['fields']),
        possibleTypes: readMembers(json, 'possibleTypes'),
      };
    case 'UNION':
      return { kind: 'union', name, description, possibleTypes: readMembers(json, 'possibleTypes') };
    case 'INPUT_OBJECT':
      return { kind: 'input-object', name, description, fields: readInputValues(json['inputFields']) };
    default:
      throw malformed(`the kind of type "${name}"`);
  }
}

function readEnumValues(json: Json | undefined): ReadonlyMap<string, RemoteEnumValue> {
  return readNamed(json, 'enumValues', (_, named) => named);
}

function readFields(json: Json | undefined): ReadonlyMap<string, RemoteField> {
  return readNamed(json, 'fields', (field, named) => ({
    ...named,
    type: readReference(field['type']),
    arguments: readInputValues(field['args']),
  }));
}

function readInputValues(json: Json | undefined): ReadonlyMap<string, RemoteInputValue> {
  return readNamed(json, 'args', (value, named) => ({
    ...named,
    type: readReference(value['type']),
    defaultValue: textOf(value['defaultValue']),
    preset: null,
  }));
}

/** A list of things that have names; of two with one name the last stays. */
function readNamed<T>(
  json: Json | undefined,
  what: string,
  read: (value: JsonObject, named: { readonly name: string; readonly description: string | null }) => T,
): ReadonlyMap<string, T> {
  const things = new Map<string, T>();
  for (const item of optionalList(json)) {
    const value = objectOf(item, what);
    const name = nameOf(value, what);
    things.set(name, read(value, { name, description: textOf(value['description']) }));
  }
  return things;
}

/** More wrapping than this is no type that anybody has. */
const deepestWrapping = 20;

function readReference(json: Json | undefined, depth = 0): RemoteTypeReference {
  if (depth > deepestWrapping) throw malformed('a type that is wrapped without end');
  const type = objectOf(json, 'type');
  switch (type['kind']) {
    case 'LIST':
      return { kind: 'list', of: readReference(type['ofType'], depth + 1) };
    case 'NON_NULL':
      return { kind: 'non-null', of: readReference(type['ofType'], depth + 1) };
    default:
      return { kind: 'named', name: nameOf(type, 'type') };
  }
}

/** Types that cannot be wrapped. */
function readMembers(json: JsonObject, key: 'interfaces' | 'possibleTypes'): readonly string[] {
  return optionalList(json[key]).map((item) => nameOf(objectOf(item, key), key));
}

/** What services say of the objects of their interfaces counts, and so does what the objects say. */
function withPossibleTypes(types: ReadonlyMap<string, RemoteType>): ReadonlyMap<string, RemoteType> {
  return new Map(
    [...types].map(([name, type]) => {
      const complete = withImplementations(type, types);
      if (type.kind !== 'interface' || complete.kind !== 'interface') return [name, complete];
      const possibleTypes = [...new Set([...type.possibleTypes, ...complete.possibleTypes])];
      return [name, { ...complete, possibleTypes }];
    }),
  );
}

/** The interface with the objects that say that they implement it. */
export function withImplementations(type: RemoteType, types: ReadonlyMap<string, RemoteType>): RemoteType {
  if (type.kind !== 'interface') return type;
  const possibleTypes = [...types.values()].flatMap((other) =>
    other.kind === 'object' && other.interfaces.includes(type.name) ? [other.name] : [],
  );
  return { ...type, possibleTypes };
}

function nameOf(json: JsonObject, where: string): string {
  const name = json['name'];
  if (typeof name !== 'string' || !/^[_A-Za-z][_0-9A-Za-z]*$/.test(name))
    throw malformed(`a name in ${where}`);
  return name;
}

function textOf(json: Json | undefined): string | null {
  return typeof json === 'string' ? json : null;
}

function objectOf(json: Json | undefined, where: string): JsonObject {
  if (!isJsonObject(json)) throw malformed(where);
  return json;
}

function listOf(json: Json | undefined, where: string): readonly Json[] {
  if (!Array.isArray(json)) throw malformed(where);
  return json as readonly Json[];
}

function optionalList(json: Json | undefined): readonly Json[] {
  return json === undefined || json === null ? [] : listOf(json, 'a list');
}

function malformed(what: string): Error {
  return remoteSchemaError(`the answer to the introspection query is malformed: ${what}`);
}
