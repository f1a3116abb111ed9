/** Whether the types of a service fit together. Source: spec/remote-schemas.md 3; GraphQL specification 3.6, 3.7, 3.8. */
import { Path, RequestError } from '../support/index.ts';
import { remoteSchemaError } from './remote-schema-error.ts';
import { isSameType, namedTypeOf, typeText } from './type-references.ts';
import type {
  RemoteField,
  RemoteInputValue,
  RemoteInterfaceType,
  RemoteObjectType,
  RemoteType,
  RemoteTypeReference,
  RemoteTypeSystem,
  RemoteUnionType,
} from './types.ts';

type Types = RemoteTypeSystem['types'];

/** @throws RequestError about the first thing that does not fit */
export function checkTypeSystem({ types, roots }: RemoteTypeSystem): void {
  for (const root of [roots.query, roots.mutation, roots.subscription]) {
    if (root === null || types.get(root)?.kind === 'object') continue;
    throw new RequestError('unexpected', Path.root, `"${root}" has to be an object type`);
  }
  for (const type of types.values()) {
    switch (type.kind) {
      case 'object':
        checkObject(type, types);
        break;
      case 'interface':
        checkInterface(type, types);
        break;
      case 'union':
        checkUnion(type, types);
        break;
      case 'input-object':
        for (const field of type.fields.values()) checkInputType(field.type, types);
        break;
      case 'scalar':
      case 'enum':
        break;
    }
  }
}

function checkObject(type: RemoteObjectType, types: Types): void {
  checkFields(type.fields, types);
  for (const name of type.interfaces) {
    const implemented = types.get(name);
    if (implemented?.kind !== 'interface') {
      throw remoteSchemaError(`Could not find interface '${name}' implemented by Object type '${type.name}'`);
    }
    checkImplementation(type, implemented, types);
  }
}

function checkInterface(type: RemoteInterfaceType, types: Types): void {
  if (type.fields.size === 0) {
    throw remoteSchemaError(`List of fields cannot be empty for interface '${type.name}'`);
  }
  checkFields(type.fields, types);
  checkMembers('Interface', type, types);
}

function checkUnion(type: RemoteUnionType, types: Types): void {
  if (type.possibleTypes.length === 0) {
    throw remoteSchemaError(`List of member types cannot be empty for union type '${type.name}'`);
  }
  checkMembers('Union', type, types);
}

function checkMembers(
  label: 'Interface' | 'Union',
  { name, possibleTypes }: RemoteInterfaceType | RemoteUnionType,
  types: Types,
): void {
  for (const member of possibleTypes) {
    const type = types.get(member);
    if (type === undefined) {
      throw remoteSchemaError(
        `Could not find type '${member}', which is defined as a member type of ${label} '${name}'`,
      );
    }
    if (type.kind !== 'object') {
      throw remoteSchemaError(
        `${label} type '${name}' can only include object types. It cannot include '${member}'`,
      );
    }
  }
}

function checkFields(fields: ReadonlyMap<string, RemoteField>, types: Types): void {
  for (const { type, arguments: inputs } of fields.values()) {
    if (typeNamed(type, types).kind === 'input-object') {
      throw remoteSchemaError('expected output type, but got input type');
    }
    for (const input of inputs.values()) checkInputType(input.type, types);
  }
}

function checkInputType(type: RemoteTypeReference, types: Types): void {
  const { kind } = typeNamed(type, types);
  if (kind === 'object' || kind === 'interface' || kind === 'union') {
    throw remoteSchemaError('expected input type, but got output type');
  }
}

function typeNamed(type: RemoteTypeReference, types: Types): RemoteType {
  const name = namedTypeOf(type);
  const found = types.get(name);
  if (found === undefined) throw remoteSchemaError(`Could not find type with name "${name}"`);
  return found;
}

function checkImplementation(object: RemoteObjectType, implemented: RemoteInterfaceType, types: Types): void {
  for (const expected of implemented.fields.values()) {
    const place = `Interface field '${implemented.name}'."${expected.name}"`;
    const field = object.fields.get(expected.name);
    if (field === undefined) {
      throw remoteSchemaError(`${place} expected, but '${object.name}' does not provide it`);
    }
    if (!isSubtype(field.type, expected.type, types)) {
      throw remoteSchemaError(
        `The type of Object field '${object.name}'."${field.name}" (${typeText(field.type)}) is not the same type/sub type of ${place} (${typeText(expected.type)})`,
      );
    }
    checkArguments({ object, field }, { implemented, field: expected });
  }
}

function checkArguments(
  { object, field }: { readonly object: RemoteObjectType; readonly field: RemoteField },
  expected: { readonly implemented: RemoteInterfaceType; readonly field: RemoteField },
): void {
  const interfaceField = `'${expected.implemented.name}'."${expected.field.name}"`;
  const objectField = `'${object.name}'."${field.name}"`;
  for (const { name, type } of expected.field.arguments.values()) {
    const place = `Interface field argument ${interfaceField}("${name}":)`;
    const given = field.arguments.get(name);
    if (given === undefined) {
      throw remoteSchemaError(`${place} required, but Object field ${objectField} does not provide it`);
    }
    if (!isSameType(given.type, type)) {
      throw remoteSchemaError(
        `${place} expects type ${typeText(type)}, but ${objectField}("${name}":) has type ${typeText(given.type)}`,
      );
    }
  }
  for (const given of field.arguments.values()) {
    if (expected.field.arguments.has(given.name) || !isRequiredInput(given)) continue;
    throw remoteSchemaError(
      `Object field argument ${objectField}("${given.name}":) is of required type ${typeText(given.type)}, but is not provided by Interface field ${interfaceField}`,
    );
  }
}

/** Whether a value has to be given for it. */
export function isRequiredInput({
  type,
  defaultValue,
}: Pick<RemoteInputValue, 'type' | 'defaultValue'>): boolean {
  return type.kind === 'non-null' && defaultValue === null;
}

/** Source: GraphQL specification, IsValidImplementationFieldType. */
function isSubtype(type: RemoteTypeReference, of: RemoteTypeReference, types: Types): boolean {
  if (type.kind === 'non-null') return isSubtype(type.of, of.kind === 'non-null' ? of.of : of, types);
  if (type.kind === 'list') return of.kind === 'list' && isSubtype(type.of, of.of, types);
  if (of.kind !== 'named') return false;
  if (type.name === of.name) return true;
  const [found, above] = [types.get(type.name), types.get(of.name)];
  if (found?.kind === 'object' && above?.kind === 'interface') return found.interfaces.includes(above.name);
  return above?.kind === 'union' && above.possibleTypes.includes(type.name);
}
