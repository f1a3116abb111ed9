/**
 * What validation webhooks are told: the input as it was given, variables in their places. Source: spec/permissions.md 10.4.
 */
import { type ArgumentNode, Kind, type ValueNode } from 'graphql';
import {
  type Column,
  type DeleteRule,
  type InsertRule,
  type UpdateRule,
  validationsOf,
} from '../../permissions/index.ts';
import type {
  DeleteTarget,
  InputObjectType,
  InputValue,
  InsertTarget,
  UpdateTarget,
} from '../../schema/index.ts';
import { isJsonObject, type Json, JsonNumber, type JsonObject } from '../../support/index.ts';
import type { DefinedField } from '../collect-fields.ts';
import type { PlanContext } from '../context.ts';
import { inputObjectOf } from '../input-object-of.ts';
import type { InputValidationCall, InsertRows } from './types.ts';

/** The table's own webhook gets the rows with all that is nested in them; each nested table's gets its rows. Parents come first. */
export function insertValidations(
  selected: DefinedField,
  { rule }: InsertTarget,
  rows: InsertRows,
  context: PlanContext,
): readonly InputValidationCall[] {
  const argument = [...selected.field.arguments.values()].find(
    ({ meaning }) => meaning.kind === 'objects' || meaning.kind === 'object',
  );
  if (argument === undefined) return [];
  const type = inputObjectOf(argument);
  const given = (variables: JsonObject | null) =>
    listOf(argumentValue(selected.arguments, argument.name, context)(variables) ?? null);
  return [...callsOf(rule, [givenColumns(rows)], given), ...nestedValidations([rows], type, given)];
}

/** Of all that is nested in the rows, relationship by relationship: whatever stands at the same place of several rows is told together. */
function nestedValidations(
  rows: readonly InsertRows[],
  type: InputObjectType,
  given: (variables: JsonObject | null) => readonly Json[],
): readonly InputValidationCall[] {
  const related = rows.flatMap(({ values }) =>
    values.kind === 'columns' ? [] : values.rows.flatMap(({ before, after }) => [...before, ...after]),
  );
  if (related.length === 0) return [];
  const calls: InputValidationCall[] = [];
  for (const field of type.fields.values()) {
    const { meaning } = field;
    if (meaning.kind !== 'nested-insert') continue;
    const inner = related.filter(({ relationship }) => relationship === meaning.relationship);
    if (inner.length === 0) continue;
    const data = [...inputObjectOf(field).fields.values()].find(
      (member) => member.meaning.kind === 'insert-data',
    );
    if (data === undefined) continue;
    const below = (variables: JsonObject | null) =>
      given(variables).flatMap((row) => listOf(memberOf(memberOf(row, field.name), data.name)));
    const nested = inner.map((each) => each.rows);
    calls.push(
      ...callsOf(meaning.target.rule, nested.map(givenColumns), below),
      ...nestedValidations(nested, inputObjectOf(data), below),
    );
  }
  return calls;
}

export function updateValidations(
  selected: DefinedField,
  form: 'where' | 'by-pk' | 'many',
  { rule }: UpdateTarget,
  writes: readonly (readonly Column[])[],
  context: PlanContext,
): readonly InputValidationCall[] {
  const definitions = [...selected.field.arguments.values()];
  const updates = definitions.find(({ meaning }) => meaning.kind === 'updates');
  const input =
    form === 'many' && updates !== undefined
      ? (variables: JsonObject | null) =>
          listOf(argumentValue(selected.arguments, updates.name, context)(variables) ?? null)
      : (variables: JsonObject | null) => [argumentsObject(selected, definitions, variables, context)];
  return callsOf(rule, writes, input);
}

export function deleteValidations(
  selected: DefinedField,
  form: 'where' | 'by-pk',
  { rule }: DeleteTarget,
  context: PlanContext,
): readonly InputValidationCall[] {
  const definitions = [...selected.field.arguments.values()];
  const input = (variables: JsonObject | null): readonly Json[] => {
    const given = argumentsObject(selected, definitions, variables, context);
    return [form === 'where' ? given : { pk_columns: given }];
  };
  return callsOf(rule, [[]], input);
}

/** One request for each webhook of the rules that may be used; `writes` has the columns of each single write. */
function callsOf(
  rule: InsertRule | UpdateRule | DeleteRule,
  writes: readonly (readonly Column[])[],
  input: InputValidationCall['input'],
): readonly InputValidationCall[] {
  const validations = new Map(
    writes
      .flatMap((columns) => validationsOf(rule, columns))
      .map((validation) => [JSON.stringify(validation), validation]),
  );
  return [...validations.values()].map((validation) => ({ role: rule.role, validation, input }));
}

function givenColumns({ values }: InsertRows): readonly Column[] {
  return values.kind === 'columns'
    ? values.columns.map(({ column }) => column)
    : values.rows.flatMap(({ cells }) => cells.map(({ column }) => column));
}

function argumentsObject(
  selected: DefinedField,
  definitions: readonly InputValue[],
  variables: JsonObject | null,
  context: PlanContext,
): JsonObject {
  return objectOf(
    definitions.map(({ name }) => [name, argumentValue(selected.arguments, name, context)(variables)]),
  );
}

/** The argument's value under given variables; undefined when it is absent. */
function argumentValue(
  given: readonly ArgumentNode[],
  name: string,
  { operation, options }: PlanContext,
): (variables: JsonObject | null) => Json | undefined {
  const node = given.find((argument) => argument.name.value === name)?.value;
  return (variables) => {
    const valueOfVariable = (variable: string): Json | undefined => {
      if (variables !== null && Object.hasOwn(variables, variable)) return variables[variable];
      const defaultValue = operation.variableDefinitions.get(variable)?.defaultValue ?? null;
      if (defaultValue !== null) return toJson(defaultValue, valueOfVariable);
      return options.noNullUnboundVariableDefault ? undefined : null;
    };
    return node === undefined ? undefined : toJson(node, valueOfVariable);
  };
}

/** Undefined for a variable that counts as absent: then an object does not have the member, as the row that is written does not. */
function toJson(node: ValueNode, valueOfVariable: (name: string) => Json | undefined): Json | undefined {
  switch (node.kind) {
    case Kind.NULL:
      return null;
    case Kind.VARIABLE:
      return valueOfVariable(node.name.value);
    case Kind.INT:
    case Kind.FLOAT:
      return new JsonNumber(node.value);
    case Kind.BOOLEAN:
    case Kind.STRING:
    case Kind.ENUM:
      return node.value;
    case Kind.LIST:
      return node.values.map((value) => toJson(value, valueOfVariable) ?? null);
    case Kind.OBJECT:
      return objectOf(
        node.fields.map(({ name, value }) => [name.value, toJson(value, valueOfVariable)] as const),
      );
  }
}

function objectOf(members: Iterable<readonly [string, Json | undefined]>): JsonObject {
  const object: Record<string, Json> = Object.create(null);
  for (const [name, value] of members) if (value !== undefined) object[name] = value;
  return object;
}

function memberOf(value: Json, name: string): Json {
  return isJsonObject(value) ? (value[name] ?? null) : null;
}

/** A single value stands for a list of one; null for none. */
function listOf(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[];
  return value === null ? [] : [value];
}
