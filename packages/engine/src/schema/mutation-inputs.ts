/** Inputs of inserts and updates. Source: spec/graphql-api.md 5.2, 5.4, 8.2, 8.3; spec/permissions.md 2.5, 4.3. */
import type { TrackedColumn, TrackedTable } from '../model/index.ts';
import { type Column, isNumericType, isTypeNamed } from '../permissions/index.ts';
import type { SchemaContext, VisibleColumn } from './context.ts';
import { describeTable } from './descriptions.ts';
import { inputValue } from './lazy-types.ts';
import { listOfRequired, nullable, required } from './type-references.ts';
import { isEnumValueName, isGraphqlName, strictScalars } from './scalars.ts';
import { whereArgument } from './table-inputs.ts';
import type { InsertTarget, UpdateOperator, UpdateTarget } from './meanings.ts';
import {
  type InputObjectSpecification,
  type EnumSpecification,
  specifiedInputObject,
  specifiedEnum,
  inputSpecification,
  enumSpecification,
} from './specified-types.ts';
import type { EnumTypeValue, InputObjectType, InputValue, TypeReference } from './types.ts';
import { type ValueType, valueTypeOf } from './value-types.ts';

export function insertInput(context: SchemaContext, target: InsertTarget): InputObjectType {
  return context.ofTable(target.table, 'insert_input', () =>
    specifiedInputObject(insertedRow, context, target),
  );
}

type InsertableInput = InputObjectSpecification<SchemaContext, InsertTarget>;

const insertedRow: InsertableInput = inputSpecification({
  name: (context, { table }) => context.typeName(table, 'insert_input'),
  description: (_, { table }) => `input type for inserting data into table ${describeTable(table)}`,
  fields: insertFields,
});

function* insertFields(context: SchemaContext, target: InsertTarget): Iterable<InputValue> {
  for (const { name, column, value } of writableColumns(context, target.table, target.rule.columns)) {
    yield inputValue(name, column.description, value.nullable, { kind: 'input-column', column });
  }
  for (const relationship of target.table.relationships.values()) {
    const related = insertableTarget(context, context.model.tableAt(relationship.target));
    if (related === null || !isGraphqlName(relationship.name)) continue;
    const type = nestedInsertInput(context, related, relationship.kind);
    const meaning = { kind: 'nested-insert', relationship, target: related } as const;
    yield inputValue(relationship.name, null, nullable(type), meaning);
  }
}

/** Null when the role may not insert, or when no column of the table takes a value at all. */
export function insertableTarget(context: SchemaContext, table: TrackedTable): InsertTarget | null {
  const target = context.insertTarget(table);
  if (target === null) return null;
  const hasColumns = context.ofTable(table, 'takes-values', () =>
    [...table.columns.values()].some((column) => column.isInsertable && column.graphqlName !== null),
  );
  return hasColumns ? target : null;
}

function nestedInsertInput(
  context: SchemaContext,
  target: InsertTarget,
  kind: 'object' | 'array',
): InputObjectType {
  return context.ofTable(target.table, `nested insert ${kind}`, () =>
    specifiedInputObject(nestedInserts[kind], context, target),
  );
}

function nestedInsert(kind: 'object' | 'array'): InsertableInput {
  const part = kind === 'object' ? 'obj_rel_insert_input' : 'arr_rel_insert_input';
  return inputSpecification({
    name: (context, { table }) => context.typeName(table, part),
    description: (_, { table }) =>
      `input type for inserting ${kind} relation for remote table ${describeTable(table)}`,
    fields(context, target) {
      const row = insertInput(context, target);
      const data = kind === 'object' ? required(row) : required(listOfRequired(row));
      return [inputValue('data', null, data, { kind: 'insert-data' }), ...conflictArgument(context, target)];
    },
  });
}

const nestedInserts = { object: nestedInsert('object'), array: nestedInsert('array') };

/** `on_conflict`; nothing for tables without a primary key or unique constraint. */
export function conflictArgument(context: SchemaContext, target: InsertTarget): readonly InputValue[] {
  const type = conflictInput(context, target);
  if (type === null) return [];
  const name = context.namingOf(target.table).fieldName('on_conflict');
  return [inputValue(name, 'upsert condition', nullable(type), { kind: 'on-conflict' })];
}

function conflictInput(context: SchemaContext, target: InsertTarget): InputObjectType | null {
  return context.ofTable(target.table, 'on_conflict', () =>
    target.table.catalog.uniqueKeys.some(({ name }) => isEnumValueName(name))
      ? specifiedInputObject(onConflict, context, target)
      : null,
  );
}

const onConflict: InsertableInput = inputSpecification({
  name: (context, { table }) => context.typeName(table, 'on_conflict'),
  description: (_, { table }) => `on_conflict condition type for table ${describeTable(table)}`,
  fields(context, target) {
    const { table } = target;
    return [
      inputValue('constraint', null, required(specifiedEnum(constraint, context, table)), {
        kind: 'conflict-constraint',
      }),
      inputValue(
        context.namingOf(table).fieldName('update_columns'),
        null,
        required(listOfRequired(specifiedEnum(updateColumn, context, target))),
        { kind: 'conflict-columns' },
        '[]',
      ),
      whereArgument(context, table, null),
    ];
  },
});

/** Unique indexes without a constraint are among them, as in v2. */
const constraint: EnumSpecification<SchemaContext, TrackedTable> = enumSpecification({
  name: (context, table) => context.typeName(table, 'constraint'),
  description: (_, table) => `unique or primary key constraints on table ${describeTable(table)}`,
  *values(_, table) {
    for (const { name, columns } of table.catalog.uniqueKeys) {
      if (!isEnumValueName(name)) continue;
      const on = columns.map((column) => `"${column}"`).join(', ');
      const description = `unique or primary key constraint on columns ${on}`;
      yield { name, description, meaning: { kind: 'constraint', name } };
    }
  },
});

const updateColumn: EnumSpecification<SchemaContext, InsertTarget> = enumSpecification({
  name: (context, { table }) => context.typeName(table, 'update_column'),
  description: (context, target) =>
    updatableColumns(context, target).length === 0
      ? `placeholder for update columns of table ${describeTable(target.table)} (current role has no relevant permissions)`
      : `update columns of table ${describeTable(target.table)}`,
  *values(context, target) {
    const columns = updatableColumns(context, target);
    if (columns.length === 0) yield placeholder;
    for (const { name, column } of columns) {
      yield { name, description: 'column name', meaning: { kind: 'update-column', column } };
    }
  },
});

const placeholder: EnumTypeValue = {
  name: '_PLACEHOLDER',
  description: 'placeholder (do not use)',
  meaning: { kind: 'placeholder' },
};

function updatableColumns(
  context: SchemaContext,
  { table, update }: InsertTarget,
): readonly Pick<VisibleColumn, 'name' | 'column' | 'value'>[] {
  const writable = update === null ? [] : writableColumns(context, table, update.columns);
  return writable.filter((column) => isEnumValueName(column.name));
}

/** `_set`, `_inc` …, each only if it has a column to work on. */
export function updateOperators(context: SchemaContext, target: UpdateTarget): readonly InputValue[] {
  const { table } = target;
  return context.ofTable(table, 'update-operators', () => {
    const naming = context.namingOf(table);
    const columns = writableColumns(context, table, target.rule.columns);
    return operatorInputs.flatMap((operator) => {
      if (!columns.some(({ column }) => operator.takes(column))) return [];
      const type = specifiedInputObject(operatorInput(operator), context, target);
      const description = operator.description ?? type.description;
      return [
        inputValue(naming.fieldName(operator.name), description, nullable(type), {
          kind: 'update-operator',
          operator: operator.operator,
        }),
      ];
    });
  });
}

type UpdatableInput = InputObjectSpecification<SchemaContext, UpdateTarget>;

/** One specification for each operator. */
function operatorInput(operator: OperatorInput): UpdatableInput {
  const known = ofOperators.get(operator);
  if (known !== undefined) return known;
  const made: UpdatableInput = inputSpecification({
    name: (context, { table }) => context.typeName(table, operator.type),
    description: (_, { table }) => operator.describeType(describeTable(table)),
    *fields(context, { table, rule }) {
      for (const { name, column, value } of writableColumns(context, table, rule.columns)) {
        if (!operator.takes(column)) continue;
        yield inputValue(name, column.description, operator.operand(value), { kind: 'input-column', column });
      }
    },
  });
  ofOperators.set(operator, made);
  return made;
}

const ofOperators = new Map<OperatorInput, UpdatableInput>();

/** The columns of a rule that have a GraphQL name and type. */
function writableColumns(
  context: SchemaContext,
  table: TrackedTable,
  columns: ReadonlyMap<string, Column>,
): readonly Pick<VisibleColumn, 'name' | 'column' | 'value'>[] {
  const naming = context.namingOf(table);
  const writable: Pick<VisibleColumn, 'name' | 'column' | 'value'>[] = [];
  for (const name of columns.keys()) {
    const column = table.columns.get(name);
    if (column === undefined || column.graphqlName === null) continue;
    const value = valueTypeOf(context, naming, column.type, column.enumReference);
    if (value !== null) writable.push({ name: column.graphqlName, column, value });
  }
  return writable;
}

interface OperatorInput {
  readonly operator: UpdateOperator;
  readonly name: string;
  readonly type: string;
  readonly takes: (column: TrackedColumn) => boolean;
  readonly operand: (value: ValueType) => TypeReference;
  readonly describeType: (table: string) => string;
  /** Of the argument; null: that of the type. */
  readonly description: string | null;
}

const isJsonb = isTypeNamed('jsonb');
const takesJsonb = (column: TrackedColumn): boolean => isJsonb(column.type);
const own = (value: ValueType): TypeReference => value.nullable;

const operatorInputs: readonly OperatorInput[] = [
  {
    operator: 'set',
    name: '_set',
    type: 'set_input',
    takes: () => true,
    operand: own,
    describeType: (table) => `input type for updating data in table ${table}`,
    description: 'sets the columns of the filtered rows to the given values',
  },
  {
    operator: 'inc',
    name: '_inc',
    type: 'inc_input',
    takes: (column) => column.enumReference === null && isNumericType(column.type),
    operand: own,
    describeType: (table) => `input type for incrementing numeric columns in table ${table}`,
    description: 'increments the numeric columns with given value of the filtered values',
  },
  {
    operator: 'append',
    name: '_append',
    type: 'append_input',
    takes: takesJsonb,
    operand: own,
    describeType: () => 'append existing jsonb value of filtered columns with new jsonb value',
    description: null,
  },
  {
    operator: 'prepend',
    name: '_prepend',
    type: 'prepend_input',
    takes: takesJsonb,
    operand: own,
    describeType: () => 'prepend existing jsonb value of filtered columns with new jsonb value',
    description: null,
  },
  {
    operator: 'delete-key',
    name: '_delete_key',
    type: 'delete_key_input',
    takes: takesJsonb,
    operand: () => nullable(strictScalars.String),
    describeType: () =>
      'delete key/value pair or string element. key/value pairs are matched based on their key value',
    description: null,
  },
  {
    operator: 'delete-elem',
    name: '_delete_elem',
    type: 'delete_elem_input',
    takes: takesJsonb,
    operand: () => nullable(strictScalars.Int),
    describeType: () =>
      'delete the array element with specified index (negative integers count from the end). throws an error if top level container is not an array',
    description: null,
  },
  {
    operator: 'delete-at-path',
    name: '_delete_at_path',
    type: 'delete_at_path_input',
    takes: takesJsonb,
    operand: () => listOfRequired(strictScalars.String),
    describeType: () =>
      'delete the field or element with specified path (for JSON arrays, negative integers count from the end)',
    description: null,
  },
];
