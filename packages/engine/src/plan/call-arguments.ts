/**
 * Arguments of tracked functions, computed fields and native queries, and the rows that these return under the rule of their table or logical model.
 * Source: spec/graphql-api.md 9.1, 9.2, 10.
 */
import type { FunctionArgument, PgType } from '../catalog/index.ts';
import type { TrackedComputedField, TrackedFunction, TrackedNativeQuery } from '../model/index.ts';
import {
  type ComputedField,
  type FunctionCall,
  type FunctionCallArgument,
  type GuardedRows,
  guardedFunction,
  guardedNativeQuery,
  inputOf,
  jsonType,
  type Value,
} from '../permissions/index.ts';
import type { SelectAccess } from '../schema/index.ts';
import { InvariantError, type Path, RequestError } from '../support/index.ts';
import { argumentReader, nullableValue, singleValue } from './column-values.ts';
import type { PlanContext } from './context.ts';
import type { GivenArgument } from './field-arguments.ts';
import { openObject, resolveEntry } from './input.ts';
import { inputObjectOf } from './input-object-of.ts';

/** The values of a computed field's arguments in order; null where the function's default applies. */
export function computedFieldValues(
  field: ComputedField,
  given: readonly GivenArgument[],
  path: Path,
  context: PlanContext,
): readonly (Value | null)[] {
  const values = readValues(field.arguments, given, context);
  for (const [position, argument] of field.arguments.entries()) {
    if (values.get(position) === undefined) refuseOmission(argument, path.child('args', 'args'));
  }
  return field.arguments.map((_, position) => values.get(position) ?? null);
}

/** For fields that are used without arguments. */
export function noValues(field: ComputedField): readonly null[] {
  return field.arguments.map(() => null);
}

export function computedFieldRows(
  access: SelectAccess,
  field: TrackedComputedField,
  values: readonly (Value | null)[],
): GuardedRows {
  return guardedFunction(access.rule, field.call(values));
}

export function trackedFunctionRows(
  access: SelectAccess,
  fn: TrackedFunction,
  given: readonly GivenArgument[],
  path: Path,
  context: PlanContext,
): GuardedRows {
  return guardedFunction(access.rule, planCall(fn, given, path, context));
}

/** The rows of a native query under the rule of its logical model. An argument that is left out is NULL. */
export function nativeQueryRows(
  access: SelectAccess,
  query: TrackedNativeQuery,
  given: readonly GivenArgument[],
  context: PlanContext,
): GuardedRows {
  const parameters = query.arguments.map(({ name, type, isNullable }) => ({
    name,
    type,
    hasDefault: isNullable,
  }));
  const values = readValues(parameters, given, context);
  return guardedNativeQuery(access.rule, {
    query: query.name,
    code: query.code,
    values: new Map(
      parameters.map(({ name, type }, position) => [name, values.get(position) ?? nullOf(type)]),
    ),
  });
}

function nullOf(type: PgType): Value {
  return { source: { kind: 'literal', text: null }, type, isArray: false, input: inputOf(type) };
}

/** Positional as long as no argument is left out, named after that. */
function planCall(
  fn: TrackedFunction,
  given: readonly GivenArgument[],
  path: Path,
  context: PlanContext,
): FunctionCall {
  const values = readValues(fn.catalog.arguments, given, context);
  const place = path.child('args', 'args');
  const callArguments: FunctionCallArgument[] = [];
  let hasGap = false;
  for (const [position, argument] of fn.catalog.arguments.entries()) {
    const value = position === fn.sessionArgument ? sessionObject : values.get(position);
    if (value === undefined) {
      refuseOmission(argument, place);
      hasGap = true;
      continue;
    }
    if (hasGap && argument.name === null) {
      throw new RequestError('not-supported', place, 'Only last set of positional arguments can be omitted');
    }
    callArguments.push({ kind: 'value', name: hasGap ? argument.name : null, value });
  }
  return { function: { schema: fn.schema, name: fn.name }, arguments: callArguments };
}

/** The session variables as one object, for functions that ask for them. */
const sessionObject: Value = {
  source: { kind: 'session-object' },
  type: jsonType,
  isArray: false,
  input: 'text',
};

/** Given values by position; an explicit null passes NULL. */
function readValues(
  parameters: readonly FunctionArgument[],
  given: readonly GivenArgument[],
  context: PlanContext,
): ReadonlyMap<number, Value> {
  const values = new Map<number, Value>();
  // An explicit null is not the same as no arguments.
  const argument = given.find(({ definition }) => definition.meaning.kind === 'function-arguments');
  if (argument === undefined) return values;
  const type = inputObjectOf(argument.definition);
  for (const entry of openObject(argument.input, type, argument.path, context)) {
    const { meaning } = entry.field;
    if (meaning.kind !== 'function-argument')
      throw new InvariantError(`'${entry.field.name}' is no argument`);
    const parameter = parameters[meaning.position];
    if (parameter === undefined) throw new InvariantError(`no argument at ${meaning.position}`);
    const input = resolveEntry(entry, context);
    const reader = argumentReader(entry.field.type, parameter.type);
    const read = entry.field.type.kind === 'non-null' ? singleValue : nullableValue;
    values.set(meaning.position, read(input, reader, entry.path, context));
  }
  return values;
}

function refuseOmission(argument: FunctionArgument, path: Path): void {
  if (argument.hasDefault) return;
  throw new RequestError('not-supported', path, 'Non default arguments cannot be omitted');
}
