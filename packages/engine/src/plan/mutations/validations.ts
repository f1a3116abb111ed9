/**
 * What validation webhooks are told: the input as it was given, variables in their places. Source: spec/permissions.md 10.4.
 */
import { type ArgumentNode, Kind, type ValueNode } from 'graphql';
import {
  type Column,
  type DeleteRule,
  type InsertRule,
  type Table,
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
import { InvariantError, isJsonObject, type Json, JsonNumber, type JsonObject } from '../../support/index.ts';
import type { DefinedField } from '../collect-fields.ts';
import type { PlanContext } from '../context.ts';
import { inputObjectOf } from '../input-object-of.ts';
import type { InputValidationCall, InsertRows } from './types.ts';

/**
 * The webhook of each table gets all its rows, wherever they stand, each with what is nested in it; parents come first. Rows are told by the names of the database,
 * without `on_conflict`, and without relationships that bring no rows.
 */
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
  return [...writesByTable(rows, rule, type)].flatMap(([table, writes]) =>
    callsOf(writes.rule, writes.columns, (variables) =>
      rowsOf(table, rows.table, given(variables), type).map(({ row, type: of }) => describeRow(row, of)),
    ),
  );
}

interface Writes {
  /** As declared, with all of its alternatives: the planned rows have the one that they use. */
  readonly rule: InsertRule;
  /** Of each single write, the columns that are given. */
  readonly columns: (readonly Column[])[];
}

function writesByTable(
  rows: InsertRows,
  rule: InsertRule,
  type: InputObjectType,
  found = new Map<Table, Writes>(),
): ReadonlyMap<Table, Writes> {
  const writes = found.get(rows.table) ?? { rule, columns: [] };
  found.set(rows.table, writes);
  writes.columns.push(givenColumns(rows));
  if (rows.values.kind === 'columns') return found;
  for (const { before, after } of rows.values.rows) {
    for (const nested of [...before, ...after]) {
      const field = [...type.fields.values()].find(
        ({ meaning }) => meaning.kind === 'nested-insert' && meaning.relationship === nested.relationship,
      );
      if (field?.meaning.kind !== 'nested-insert') {
        throw new InvariantError(`rows of '${nested.relationship.name}' without an input`);
      }
      writesByTable(nested.rows, field.meaning.target.rule, inputObjectOf(dataOf(field)), found);
    }
  }
  return found;
}

interface GivenRow {
  readonly row: Json;
  readonly type: InputObjectType;
}

/** The rows of `wanted` among these, which are of `table`, and all that is nested in them. */
function rowsOf(
  wanted: Table,
  table: Table,
  rows: readonly Json[],
  type: InputObjectType,
): readonly GivenRow[] {
  const nested = rows.flatMap((row) =>
    nestedOf(row, type).flatMap(({ field, rows: inner }) =>
      rowsOf(wanted, field.meaning.target.table, inner, inputObjectOf(dataOf(field))),
    ),
  );
  return table === wanted ? [...rows.map((row) => ({ row, type })), ...nested] : nested;
}

type NestedField = InputValue & {
  readonly meaning: Extract<InputValue['meaning'], { kind: 'nested-insert' }>;
};

/** The relationships of a row that bring rows, in its order. */
function nestedOf(
  row: Json,
  type: InputObjectType,
): readonly { readonly field: NestedField; readonly rows: readonly Json[] }[] {
  if (!isJsonObject(row)) return [];
  return Object.keys(row).flatMap((name) => {
    const field = type.fields.get(name);
    if (field === undefined || !isNested(field)) return [];
    const rows = listOf(memberOf(memberOf(row, name), dataOf(field).name));
    return rows.length === 0 ? [] : [{ field, rows }];
  });
}

function describeRow(row: Json, type: InputObjectType): Json {
  if (!isJsonObject(row)) return row;
  const nested = new Map(nestedOf(row, type).map((one) => [one.field.name, one]));
  return objectOf(
    Object.entries(row).flatMap(([name, value]): readonly (readonly [string, Json])[] => {
      const meaning = type.fields.get(name)?.meaning;
      if (meaning?.kind === 'input-column') return [[meaning.column.name, value]];
      const below = nested.get(name);
      if (below === undefined) return [];
      const { relationship } = below.field.meaning;
      const described = below.rows.map((one) => describeRow(one, inputObjectOf(dataOf(below.field))));
      return [
        [relationship.name, { data: relationship.kind === 'array' ? described : (described[0] ?? null) }],
      ];
    }),
  );
}

function isNested(field: InputValue): field is NestedField {
  return field.meaning.kind === 'nested-insert';
}

function dataOf(field: InputValue): InputValue {
  const data = [...inputObjectOf(field).fields.values()].find(
    ({ meaning }) => meaning.kind === 'insert-data',
  );
  if (data === undefined) throw new InvariantError(`'${field.name}' takes no rows`);
  return data;
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
