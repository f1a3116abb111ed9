/**
 * Argument values, whether they were written in the document or sent as variables: one form for both, read step by step so that each
 * place decides how much of a variable's value it needs to know.
 *
 * A variable that stands where a scalar is expected stays a variable. As soon as its value is opened (an object, a list, an enum value,
 * a truth value that changes the statement), the variable becomes structural.
 */
import { Kind, print, type TypeNode, type ValueNode } from 'graphql';
import type { VariableDefinition } from '../graphql/index.ts';
import type { ParameterSource } from '../permissions/index.ts';
import type { InputObjectType, InputValue, TypeReference } from '../schema/index.ts';
import { InvariantError, isJsonObject, type Json, JsonNumber, type Path } from '../support/index.ts';
import { fault, type PlanContext, spend } from './context.ts';
import { isListType, namedType, typeText } from './type-text.ts';

/** A value as it stands in a list or object, before variables are looked up. */
export type RawInput =
  | { readonly kind: 'node'; readonly node: ValueNode }
  | { readonly kind: 'json'; readonly value: Json }
  | VariablePart;

/** A part of a variable of which only the shape is known to the plan. */
export interface VariablePart {
  readonly kind: 'part';
  readonly name: string;
  readonly value: Json;
  /** Member names and list indexes from the variable's value to this part. */
  readonly steps: readonly (string | number)[];
}

/** A value at its place. */
export type Input =
  | { readonly kind: 'null' }
  /** Written in the document; neither null nor a variable itself. */
  | { readonly kind: 'literal'; readonly node: ValueNode }
  /** Inside a structural variable. Not null. */
  | { readonly kind: 'json'; readonly value: Json }
  /** A whole variable, or with `steps` a part of one, not opened yet. The value is not null. */
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly value: Json;
      readonly steps: readonly (string | number)[];
    };

/**
 * Looks up the variable, if the input is one, and checks that its declaration fits the place. An object or list that must be there is never null, so that
 * nobody takes `where: null` for a `where` that was left out; scalars are left to those who read them.
 * Source: spec/graphql-api.md 8.1, 12.3.
 */
export function resolveInput(
  raw: RawInput,
  location: InputLocation,
  path: Path,
  context: PlanContext,
): Input {
  const input = lookUp(raw, location, path, context);
  if (input.kind === 'null' && location.type.kind === 'non-null') refuseNull(location.type, path);
  return input;
}

function refuseNull(type: TypeReference, path: Path): void {
  if (isListType(type)) throw fault(path, 'expected a list, but found null');
  const { kind, name } = namedType(type);
  if (kind === 'input-object') throw fault(path, `expected an object for type '${name}', but found null`);
}

function lookUp(raw: RawInput, location: InputLocation, path: Path, context: PlanContext): Input {
  spend(context, path);
  if (raw.kind === 'json') return raw.value === null ? { kind: 'null' } : raw;
  if (raw.kind === 'part') return raw.value === null ? { kind: 'null' } : { ...raw, kind: 'variable' };
  if (raw.node.kind === Kind.NULL) return { kind: 'null' };
  if (raw.node.kind !== Kind.VARIABLE) return { kind: 'literal', node: raw.node };
  const definition = definitionOf(raw.node.name.value, context);
  checkUsage(definition, location, path);
  return valueOfVariable(definition, context);
}

export interface InputLocation {
  readonly type: TypeReference;
  readonly defaultValue: string | null;
}

/** True for an unbound variable that counts as absent. */
export function isUnbound(raw: RawInput, context: PlanContext): boolean {
  if (!context.options.noNullUnboundVariableDefault) return false;
  if (raw.kind !== 'node' || raw.node.kind !== Kind.VARIABLE) return false;
  const definition = definitionOf(raw.node.name.value, context);
  return context.variables.get(definition.name)?.kind === 'absent' && definition.defaultValue === null;
}

/** What was found, as messages say it. Source: spec/graphql-api.md 12.4. */
export function describeInput(input: Input): string {
  switch (input.kind) {
    case 'null':
      return 'null';
    case 'literal':
      return describeLiteral(input.node);
    default:
      return describeJson(input.value);
  }
}

/** A field that an input object was given. */
export interface ObjectEntry {
  readonly field: InputValue;
  readonly raw: RawInput;
  readonly path: Path;
}

export function resolveEntry(entry: ObjectEntry, context: PlanContext): Input {
  return resolveInput(entry.raw, entry.field, entry.path, context);
}

/** How an object or list is opened: a variable by value becomes structural; by shape its parts stay unknown, and the caller registers the shape. */
export type Opening = 'by-value' | 'by-shape';

/** The given fields of an input object in the written order; every name is one of the type's, and no required one is missing. */
export function openObject(
  input: Input,
  type: InputObjectType,
  path: Path,
  context: PlanContext,
  opening: Opening = 'by-value',
): readonly ObjectEntry[] {
  const entries = objectEntries(input, path, context, opening);
  if (entries === null) {
    throw fault(path, `expected an object for type '${type.name}', but found ${describeInput(input)}`);
  }
  const opened = entries.map(([name, raw]) => {
    const field = type.fields.get(name);
    if (field === undefined) {
      throw fault(path.child(name), `field '${name}' not found in type: '${type.name}'`);
    }
    return { field, raw, path: path.child(name) };
  });
  const given = opened.filter(({ raw }) => !isUnbound(raw, context));
  for (const field of type.fields.values()) {
    if (isRequired(field) && !given.some((entry) => entry.field === field)) {
      throw fault(path.child(field.name), `missing required field '${field.name}'`);
    }
  }
  return given;
}

/** The elements of a list; a bare value is a list of one. Source: spec/permissions.md 4.6. */
export function openList(
  input: Input,
  path: Path,
  context: PlanContext,
  opening: Opening = 'by-value',
): readonly { readonly raw: RawInput; readonly path: Path }[] {
  if (input.kind === 'null') throw fault(path, 'expected a list, but found null');
  return listElements(input, context, opening).map((raw, index) => ({ raw, path: path.child(index) }));
}

/** A value given for a place that must have one. */
export function isRequired(location: InputLocation): boolean {
  return location.type.kind === 'non-null' && location.defaultValue === null;
}

/**
 * The value as JSON, variables inside included. It becomes a part of the plan, so that a variable becomes structural.
 * Numbers keep their digits.
 */
export function inputToJson(input: Input, path: Path, context: PlanContext): Json {
  switch (input.kind) {
    case 'null':
      return null;
    case 'literal':
      return literalToJson(input.node, path, context);
    case 'json':
      return input.value;
    case 'variable':
      context.structuralVariables.add(input.name);
      return input.value;
  }
}

function definitionOf(name: string, context: PlanContext): VariableDefinition {
  const definition = context.operation.variableDefinitions.get(name);
  if (definition === undefined) throw new InvariantError(`variable "${name}" was not checked to be declared`);
  return definition;
}

function valueOfVariable(definition: VariableDefinition, context: PlanContext): Input {
  const binding = context.variables.get(definition.name);
  if (binding === undefined) throw new InvariantError(`variable "${definition.name}" has no binding`);
  if (binding.kind === 'present') {
    return { kind: 'variable', name: definition.name, value: binding.value, steps: noSteps };
  }
  const { defaultValue } = definition;
  if (binding.kind === 'null' || defaultValue === null || defaultValue.kind === Kind.NULL) {
    return { kind: 'null' };
  }
  return { kind: 'literal', node: defaultValue };
}

const noSteps: readonly never[] = [];

function checkUsage(definition: VariableDefinition, location: InputLocation, path: Path): void {
  if (isUsageAllowed(definition, location)) return;
  const declared = print(definition.type);
  throw fault(
    path,
    `variable '${definition.name}' is declared as '${declared}', but used where '${typeText(location.type)}' is expected`,
  );
}

function isUsageAllowed(definition: VariableDefinition, { type, defaultValue }: InputLocation): boolean {
  if (type.kind === 'non-null' && definition.isNullable) {
    const hasDefault =
      defaultValue !== null ||
      (definition.defaultValue !== null && definition.defaultValue.kind !== Kind.NULL);
    return hasDefault && isCompatible(type.of, definition.type);
  }
  return isCompatible(type, definition.type);
}

/** Whether a value of the declared type may stand at the location: same names and lists, and no null where none may be. */
function isCompatible(location: TypeReference, declared: TypeNode): boolean {
  if (declared.kind === Kind.NON_NULL_TYPE) {
    return isCompatible(location.kind === 'non-null' ? location.of : location, declared.type);
  }
  if (location.kind === 'non-null') return false;
  if (location.kind === 'list') {
    return declared.kind === Kind.LIST_TYPE && isCompatible(location.of, declared.type);
  }
  return declared.kind === Kind.NAMED_TYPE && declared.name.value === location.type.name;
}

function objectEntries(
  input: Input,
  path: Path,
  context: PlanContext,
  opening: Opening,
): readonly (readonly [string, RawInput])[] | null {
  if (input.kind === 'literal' && input.node.kind === Kind.OBJECT) {
    return input.node.fields.map(({ name, value }) => [name.value, { kind: 'node', node: value }]);
  }
  if (input.kind !== 'json' && input.kind !== 'variable') return null;
  if (!isJsonObject(input.value)) return null;
  const part = partsOf(input, context, opening);
  return Object.entries(input.value).map(([name, value]) => {
    if (!/^[_A-Za-z][_0-9A-Za-z]*$/.test(name)) {
      throw fault(
        path,
        `variable value contains object with key ${JSON.stringify(name)}, which is not a legal GraphQL name`,
      );
    }
    return [name, part(name, value)];
  });
}

/** What members and elements of a JSON value are as inputs. */
function partsOf(
  input: Extract<Input, { value: Json }>,
  context: PlanContext,
  opening: Opening,
): (step: string | number, value: Json) => RawInput {
  if (input.kind === 'json') return (_step, value) => ({ kind: 'json', value });
  if (opening === 'by-shape') {
    const { name, steps } = input;
    return (step, value) => ({ kind: 'part', name, value, steps: [...steps, step] });
  }
  context.structuralVariables.add(input.name);
  return (_step, value) => ({ kind: 'json', value });
}

/**
 * The parameter that has a variable's value, or the part of it that `steps` lead to, at each run. `encode` gets what is not null; a part that is null becomes
 * NULL, unless `refuseNull` throws. Both live as long as the plan, hence they must hold nothing of one request.
 */
export function variableSource(
  name: string,
  steps: readonly (string | number)[],
  encode: (value: Json) => string | null,
  refuseNull: () => void = () => {},
): ParameterSource {
  if (steps.length === 0) return { kind: 'variable', name, encode };
  return {
    kind: 'variable',
    name,
    encode: (whole) => {
      const part = partAt(whole, steps);
      if (part === null) refuseNull();
      return part === null ? null : encode(part);
    },
  };
}

/** The part of a value; null where there is none, which values of the planned shape do not have. */
function partAt(value: Json, steps: readonly (string | number)[]): Json {
  let part: Json = value;
  for (const step of steps) {
    if (typeof part !== 'object' || part === null) return null;
    part = (part as Readonly<Record<string | number, Json | undefined>>)[step] ?? null;
  }
  return part;
}

function listElements(
  input: Exclude<Input, { kind: 'null' }>,
  context: PlanContext,
  opening: Opening,
): readonly RawInput[] {
  if (input.kind === 'literal') {
    const nodes = input.node.kind === Kind.LIST ? input.node.values : [input.node];
    return nodes.map((node) => ({ kind: 'node', node }));
  }
  const part = partsOf(input, context, opening);
  if (Array.isArray(input.value)) {
    return (input.value as readonly Json[]).map((value, index) => part(index, value));
  }
  // the one element of the list is the value itself
  const single = part(0, input.value);
  return [single.kind === 'part' ? { ...single, steps: single.steps.slice(0, -1) } : single];
}

function literalToJson(node: ValueNode, path: Path, context: PlanContext): Json {
  spend(context, path);
  switch (node.kind) {
    case Kind.NULL:
      return null;
    case Kind.INT:
    case Kind.FLOAT: {
      const number = Number(node.value);
      return String(number) === node.value ? number : new JsonNumber(node.value);
    }
    case Kind.BOOLEAN:
    case Kind.STRING:
    case Kind.ENUM:
      return node.value;
    case Kind.LIST:
      return node.values.map((item) => literalToJson(item, path, context));
    case Kind.OBJECT: {
      const object: Record<string, Json> = Object.create(null);
      for (const { name, value } of node.fields) object[name.value] = literalToJson(value, path, context);
      return object;
    }
    case Kind.VARIABLE:
      return inputToJson(valueOfVariable(definitionOf(node.name.value, context), context), path, context);
  }
}

function describeLiteral(node: ValueNode): string {
  switch (node.kind) {
    case Kind.INT:
      return 'an integer';
    case Kind.FLOAT:
      return 'a float';
    case Kind.BOOLEAN:
      return 'a boolean';
    case Kind.STRING:
      return 'a string';
    case Kind.ENUM:
      return 'an enum value';
    case Kind.LIST:
      return 'a list';
    case Kind.OBJECT:
      return 'an object';
    default:
      return 'null';
  }
}

function describeJson(value: Json): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'a boolean';
  if (typeof value === 'string') return 'a string';
  if (typeof value === 'number' || value instanceof JsonNumber) return 'a number';
  return Array.isArray(value) ? 'a list' : 'an object';
}
