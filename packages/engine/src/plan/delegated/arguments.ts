import { Kind, type TypeNode, type ValueNode } from 'graphql';
import type { InputObjectType, InputValue, ScalarType, TypeReference } from '../../schema/index.ts';
import { InvariantError, isJsonObject, type Json, JsonNumber, type Path } from '../../support/index.ts';
import type { DefinedField } from '../collect-fields.ts';
import { valueReader } from '../column-values.ts';
import { fault, type PlanContext } from '../context.ts';
import { readEnum } from '../enum-values.ts';
import { describeInput, inputToJson, isRequired, type RawInput, resolveInput } from '../input.ts';
import { readStrict, strictScalarNamed } from '../strict-scalars.ts';
import { typeText } from '../type-text.ts';
import type { InputTreatment } from './plan-delegated.ts';
import type { DelegatedMember, DelegatedValue } from './types.ts';

/** The arguments that were given, in the written order. An unbound variable without a default counts as not given. */
export function readDelegatedArguments(
  { field, arguments: nodes, path }: DefinedField,
  treatment: InputTreatment,
  context: PlanContext,
): readonly DelegatedMember[] {
  const entries = nodes.map(({ name, value }) => {
    if (!field.arguments.has(name.value)) {
      throw fault(path, `'${field.name}' has no argument named '${name.value}'`);
    }
    return [name.value, value] as const;
  });
  return readMembers(entries, field.arguments, path.child('args'), treatment, context);
}

function readMembers(
  entries: readonly (readonly [string, ValueNode])[],
  definitions: ReadonlyMap<string, InputValue>,
  path: Path,
  treatment: InputTreatment,
  context: PlanContext,
): readonly DelegatedMember[] {
  const members: DelegatedMember[] = [];
  for (const [name, node] of entries) {
    const definition = definitions.get(name);
    if (definition === undefined || isUnboundVariable(node, context)) continue;
    const value = readValue(node, definition, definition.type, path.child(name), treatment, context);
    members.push({ definition, value });
  }
  for (const definition of definitions.values()) {
    if (isRequired(definition) && !members.some((member) => member.definition === definition)) {
      throw fault(path.child(definition.name), `missing required field '${definition.name}'`);
    }
  }
  return members;
}

function isUnboundVariable(node: ValueNode, { operation, variables }: PlanContext): boolean {
  if (node.kind !== Kind.VARIABLE) return false;
  const definition = operation.variableDefinitions.get(node.name.value);
  return definition?.defaultValue === null && variables.get(definition.name)?.kind === 'absent';
}

function readValue(
  node: ValueNode,
  definition: InputValue,
  type: TypeReference,
  path: Path,
  treatment: InputTreatment,
  context: PlanContext,
): DelegatedValue {
  const raw: RawInput = { kind: 'node', node };
  const location = { type, defaultValue: type === definition.type ? definition.defaultValue : null };
  const input = resolveInput(raw, location, path, context);
  switch (input.kind) {
    case 'null':
      if (type.kind === 'non-null') throw unexpectedNull(type, path);
      return { kind: 'null' };
    case 'literal':
      return readLiteral(input.node, definition, type, path, treatment, context);
    case 'variable': {
      const read = (value: Json): Json => readJson(value, type, path, treatment);
      read(input.value);
      return {
        kind: 'variable',
        name: input.name,
        declaredType: declaredTypeOf(input.name, context),
        definition,
        read,
      };
    }
    case 'json':
      throw new InvariantError('a value of the document is no JSON');
  }
}

function declaredTypeOf(name: string, { operation }: PlanContext): TypeNode {
  const definition = operation.variableDefinitions.get(name);
  if (definition === undefined) throw new InvariantError(`variable "${name}" was not checked to be declared`);
  return definition.type;
}

function readLiteral(
  node: ValueNode,
  definition: InputValue,
  type: TypeReference,
  path: Path,
  treatment: InputTreatment,
  context: PlanContext,
): DelegatedValue {
  switch (type.kind) {
    case 'non-null':
      return readLiteral(node, definition, type.of, path, treatment, context);
    case 'list': {
      const nodes = node.kind === Kind.LIST ? node.values : [node];
      const items = nodes.map((item, index) =>
        readValue(item, definition, type.of, path.child(index), treatment, context),
      );
      return { kind: 'list', items };
    }
    case 'named':
      break;
  }
  const named = type.type;
  switch (named.kind) {
    case 'input-object': {
      if (node.kind !== Kind.OBJECT) throw noObject(named, describeInput({ kind: 'literal', node }), path);
      const entries = node.fields.map(({ name, value }) => {
        if (!named.fields.has(name.value)) throw noMember(named, name.value, path);
        return [name.value, value] as const;
      });
      return { kind: 'object', members: readMembers(entries, named.fields, path, treatment, context) };
    }
    case 'enum':
      readEnum({ kind: 'literal', node }, named, path);
      // what is no enum value was refused
      return { kind: 'enum', name: node.kind === Kind.ENUM ? node.value : '' };
    case 'scalar':
      return readScalarLiteral(node, named, path, treatment, context);
    default:
      throw new InvariantError(`'${named.name}' is no type of inputs`);
  }
}

function readScalarLiteral(
  node: ValueNode,
  scalar: ScalarType,
  path: Path,
  treatment: InputTreatment,
  context: PlanContext,
): DelegatedValue {
  if (node.kind === Kind.ENUM && treatment === 'forwarded') return { kind: 'enum', name: node.value };
  const strict = treatment === 'checked' ? strictScalarNamed(scalar.name) : null;
  if (strict !== null && scalar.pgType === null) readStrict({ kind: 'literal', node }, strict, path);
  const value = inputToJson({ kind: 'literal', node }, path, context);
  return { kind: 'literal', value: treatment === 'checked' ? readScalar(value, scalar, path) : value };
}

/** A variable's value as the service gets it. */
function readJson(value: Json, type: TypeReference, path: Path, treatment: InputTreatment): Json {
  if (type.kind === 'non-null') {
    if (value === null) throw unexpectedNull(type, path);
    return readJson(value, type.of, path, treatment);
  }
  if (value === null) return null;
  if (type.kind === 'list') {
    if (!Array.isArray(value)) return [readJson(value, type.of, path, treatment)];
    return (value as readonly Json[]).map((item, index) =>
      readJson(item, type.of, path.child(index), treatment),
    );
  }
  const named = type.type;
  switch (named.kind) {
    case 'input-object':
      return readJsonObject(value, named, path, treatment);
    case 'enum':
      readEnum({ kind: 'json', value }, named, path);
      return value;
    case 'scalar':
      return treatment === 'checked' ? readScalar(value, named, path) : value;
    default:
      throw new InvariantError(`'${named.name}' is no type of inputs`);
  }
}

function readJsonObject(value: Json, type: InputObjectType, path: Path, treatment: InputTreatment): Json {
  if (!isJsonObject(value)) throw noObject(type, describeInput({ kind: 'json', value }), path);
  const members: Record<string, Json> = Object.create(null);
  for (const [name, member] of Object.entries(value)) {
    const definition = type.fields.get(name);
    if (definition === undefined) throw noMember(type, name, path);
    members[name] = readJson(member, definition.type, path.child(name), treatment);
  }
  for (const definition of type.fields.values()) {
    if (isRequired(definition) && !(definition.name in members)) {
      throw fault(path.child(definition.name), `missing required field '${definition.name}'`);
    }
  }
  return members;
}

/** Scalars of PostgreSQL are checked and go on as they are; those that nobody knows take any JSON. Source: spec/actions.md 6.1. */
function readScalar(value: Json, scalar: ScalarType, path: Path): Json {
  if (scalar.pgType !== null) {
    valueReader({ kind: 'named', type: scalar }, null).encode(value, path);
    return value;
  }
  if (scalar.name === 'ID') {
    if (typeof value === 'string') return value;
    const text = typeof value === 'number' || value instanceof JsonNumber ? String(value) : '';
    if (/^-?\d+$/.test(text)) return text;
    throw fault(
      path,
      `expected a String or an Int for type 'ID', but found ${describeInput(inputOf(value))}`,
    );
  }
  const strict = strictScalarNamed(scalar.name);
  if (strict !== null && value !== null) readStrict({ kind: 'json', value }, strict, path);
  return value;
}

function inputOf(value: Json) {
  return value === null ? ({ kind: 'null' } as const) : ({ kind: 'json', value } as const);
}

function noObject(type: InputObjectType, found: string, path: Path): Error {
  return fault(path, `expected an object for type '${type.name}', but found ${found}`);
}

function noMember(type: InputObjectType, name: string, path: Path): Error {
  return fault(path.child(name), `field '${name}' not found in type: '${type.name}'`);
}

function unexpectedNull(type: TypeReference, path: Path): Error {
  return fault(
    path,
    `unexpected null value for type '${typeText(type.kind === 'non-null' ? type.of : type)}'`,
  );
}
