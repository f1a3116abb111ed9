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
    listOf(argumentValue(selected.arguments, argument.name, context)(variables));
  return [...callsOf(rule, [givenColumns(rows)], given), ...nestedValidations(rows, type, given)];
}

function nestedValidations(
  rows: InsertRows,
  type: InputObjectType,
  given: (variables: JsonObject | null) => readonly Json[],
): readonly InputValidationCall[] {
  if (rows.values.kind === 'columns') return [];
  const { values } = rows;
  const calls: InputValidationCall[] = [];
  for (const field of type.fields.values()) {
    const { meaning } = field;
    if (meaning.kind !== 'nested-insert') continue;
    const inner = values.rows
      .flatMap(({ before, after }) => [...before, ...after])
      .filter(({ relationship }) => relationship === meaning.relationship);
    if (inner.length === 0) continue;
    const data = [...inputObjectOf(field).fields.values()].find(
      (member) => member.meaning.kind === 'insert-data',
    );
    if (data === undefined) continue;
    const below = (variables: JsonObject | null) =>
      given(variables).flatMap((row) => listOf(memberOf(memberOf(row, field.name), data.name)));
    const writes = inner.map((each) => givenColumns(each.rows));
    calls.push(...callsOf(meaning.target.rule, writes, below));
    const rowType = inputObjectOf(data);
    // The same webhook is called once for all rows of the relationship.
    const known = new Set<string>();
    for (const { rows: nestedRows } of inner) {
      for (const call of nestedValidations(nestedRows, rowType, below)) {
        const key = `${call.validation.url} ${call.role}`;
        if (!known.has(key)) calls.push(call);
        known.add(key);
      }
    }
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
          listOf(argumentValue(selected.arguments, updates.name, context)(variables))
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
  const given = new Map<string, Json>();
  for (const { name } of definitions) {
    if (!selected.arguments.some((argument) => argument.name.value === name)) continue;
    given.set(name, argumentValue(selected.arguments, name, context)(variables));
  }
  return objectOf(given);
}

/** The argument's value under given variables; null when it is absent. */
function argumentValue(
  given: readonly ArgumentNode[],
  name: string,
  { operation }: PlanContext,
): (variables: JsonObject | null) => Json {
  const node = given.find((argument) => argument.name.value === name)?.value;
  return (variables) => {
    const valueOfVariable = (variable: string): Json => {
      if (variables !== null && Object.hasOwn(variables, variable)) return variables[variable] ?? null;
      const defaultValue = operation.variableDefinitions.get(variable)?.defaultValue ?? null;
      return defaultValue === null ? null : toJson(defaultValue, valueOfVariable);
    };
    return node === undefined ? null : toJson(node, valueOfVariable);
  };
}

function toJson(node: ValueNode, valueOfVariable: (name: string) => Json): Json {
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
      return node.values.map((value) => toJson(value, valueOfVariable));
    case Kind.OBJECT:
      return objectOf(
        new Map(node.fields.map(({ name, value }) => [name.value, toJson(value, valueOfVariable)])),
      );
  }
}

function objectOf(members: ReadonlyMap<string, Json>): JsonObject {
  const object: Record<string, Json> = Object.create(null);
  for (const [name, value] of members) object[name] = value;
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
