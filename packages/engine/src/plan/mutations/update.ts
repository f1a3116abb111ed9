import {
  type BooleanExpression,
  type Column,
  classesOf,
  updateRuleFor,
  type Value,
} from '../../permissions/index.ts';
import type { InputValue, UpdateOperator, UpdateTarget } from '../../schema/index.ts';
import { InvariantError, type Path } from '../../support/index.ts';
import { builtInTypes } from '../built-in-types.ts';
import { listValue, nullableValue, singleValue, storedValue, valueReader } from '../column-values.ts';
import { fault, type PlanContext } from '../context.ts';
import { argumentOf, type GivenArgument } from '../field-arguments.ts';
import {
  type Input,
  inputToJson,
  type ObjectEntry,
  openList,
  openObject,
  resolveEntry,
  resolveInput,
} from '../input.ts';
import { inputObjectOf } from '../input-object-of.ts';
import { planKey } from '../key.ts';
import { planWhere } from '../table-arguments.ts';
import { elementType } from '../type-text.ts';
import { noRuleFor } from './no-rule.ts';
import type { Assignment, NullChecks, UpdateMutation, UpdateNothing } from './types.ts';

export interface UpdateParts {
  readonly target: UpdateTarget;
  readonly nullChecks: NullChecks;
}

/** An update that does not say yet what it answers. */
export type PlannedUpdate = Omit<UpdateMutation, 'output'> | Omit<UpdateNothing, 'output'>;

/**
 * One update; `given` are its operators, `argumentsPath` where they stand. They are read before the condition: of several faults v2 tells that of the
 * operators. Source: spec/graphql-api.md 8.4.
 */
export function planUpdate(
  given: readonly Pick<GivenArgument, 'definition' | 'input' | 'path'>[],
  planCondition: () => BooleanExpression,
  { target, nullChecks }: UpdateParts,
  argumentsPath: Path,
  context: PlanContext,
): PlannedUpdate {
  const { table } = target;
  const assignments = given.flatMap((argument) => planOperator(argument, context));
  refuseSecondOperators(assignments, argumentsPath);
  const where = planCondition();
  const columns = assignments.map(({ column }) => column);
  const rule = updateRuleFor(target.rule, columns);
  if (rule === null && columns.length > 0) throw noRuleFor('update', table, columns, argumentsPath);
  // Presets alone make an update, too (spec/permissions.md 2.6).
  const hasPresets = rule !== null && (rule.alternatives ?? [rule]).some(({ presets }) => presets.size > 0);
  if (rule === null || (columns.length === 0 && !hasPresets)) return { kind: 'nothing' };
  const choices = rule.alternatives === undefined ? {} : { choices: classesOf(rule) };
  return { kind: 'update', table, rule, ...choices, where, assignments, nullChecks };
}

/** The elements of `updates`, in order. */
export function planUpdateMany(
  { definition, input, path }: GivenArgument,
  parts: UpdateParts,
  context: PlanContext,
): readonly PlannedUpdate[] {
  const element = { type: elementType(definition.type), defaultValue: null };
  return openList(input, path, context).map((item) => {
    const value = resolveInput(item.raw, element, item.path, context);
    const given = openObject(value, inputObjectOf(definition), item.path, context).map((entry) => ({
      definition: entry.field,
      input: resolveEntry(entry, context),
      path: entry.path,
    }));
    return planUpdate(given, () => planWhere(given, context), parts, item.path, context);
  });
}

/** `pk_columns`. */
export function planKeyArgument(given: readonly GivenArgument[], context: PlanContext): BooleanExpression {
  const argument = argumentOf(given, 'pk-columns');
  if (argument === null) throw new InvariantError('an update by key without its key');
  const entries = openObject(argument.input, inputObjectOf(argument.definition), argument.path, context);
  return planKey(
    entries.map((entry) => ({
      definition: entry.field,
      input: resolveEntry(entry, context),
      path: entry.path,
    })),
    context,
  );
}

function planOperator(
  { definition, input, path }: Pick<GivenArgument, 'definition' | 'input' | 'path'>,
  context: PlanContext,
): readonly Assignment[] {
  if (definition.meaning.kind !== 'update-operator') return [];
  const { operator } = definition.meaning;
  return openObject(input, inputObjectOf(definition), path, context).map((entry) => {
    const { meaning } = entry.field;
    if (meaning.kind !== 'input-column') throw new InvariantError(`'${entry.field.name}' is no column`);
    return {
      column: meaning.column,
      operator,
      value: planOperand(operator, entry, meaning.column, context),
    };
  });
}

function planOperand(
  operator: UpdateOperator,
  entry: ObjectEntry,
  column: Column,
  context: PlanContext,
): Value {
  const { field, path } = entry;
  const input = resolveEntry(entry, context);
  switch (operator) {
    case 'set':
    case 'inc':
    case 'append':
    case 'prepend':
      return storedValue(input, column, valueReader(field.type, column.type), path, context);
    case 'delete-key':
      // null is taken, and what is left without no key is NULL
      return nullableValue(input, valueReader(field.type, builtInTypes.text), path, context);
    case 'delete-elem':
      return singleValue(input, valueReader(field.type, builtInTypes.int4), path, context);
    case 'delete-at-path': {
      const keys = withoutVariables(input, field, path, context);
      const list = listValue(keys, field.type, valueReader(field.type, builtInTypes.text), path, context);
      if (list.kind === 'value') return list.value;
      throw new InvariantError('a JSON path did not become one array');
    }
  }
}

/** A list of the document with the values of the variables in it, so that all of it becomes one parameter. */
function withoutVariables(input: Input, { type }: InputValue, path: Path, context: PlanContext): Input {
  if (input.kind !== 'literal') return input;
  const element = { type: elementType(type), defaultValue: null };
  for (const { raw, path: place } of openList(input, path, context))
    resolveInput(raw, element, place, context);
  return { kind: 'json', value: inputToJson(input, path, context) };
}

/** Source: spec/graphql-api.md 8.4. */
function refuseSecondOperators(assignments: readonly Assignment[], path: Path): void {
  const seen = new Set<Column>();
  const twice = new Set<string>();
  for (const { column } of assignments) {
    if (seen.has(column)) twice.add(column.name);
    seen.add(column);
  }
  if (twice.size === 0) return;
  const names = [...twice].map((name) => `'${name}'`);
  throw fault(path, `Column found in multiple operators: [${names.join(', ')}].`);
}
