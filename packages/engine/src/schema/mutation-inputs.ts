/** Inputs of inserts and updates. Source: spec/graphql-api.md 5.2, 5.4, 8.2, 8.3; spec/permissions.md 2.5, 4.3. */
import type { TrackedColumn, TrackedTable } from '../model/index.ts';
import { type Column, isNumericType, isTypeNamed } from '../permissions/index.ts';
import type { SchemaContext, VisibleColumn } from './context.ts';
import { describeTable } from './descriptions.ts';
import { byName, enumType, inputObjectType, inputValue } from './lazy-types.ts';
import { listOfRequired, nullable, required } from './type-references.ts';
import { isEnumValueName, isGraphqlName, strictScalars } from './scalars.ts';
import { whereArgument } from './table-inputs.ts';
import type { InsertTarget, UpdateOperator, UpdateTarget } from './meanings.ts';
import type { EnumType, EnumTypeValue, InputObjectType, InputValue, TypeReference } from './types.ts';
import { type ValueType, valueTypeOf } from './value-types.ts';

export function insertInput(context: SchemaContext, target: InsertTarget): InputObjectType {
  const { table } = target;
  return context.once(table, 'insert_input', () =>
    inputObjectType(
      context.typeName(table, 'insert_input'),
      `input type for inserting data into table ${describeTable(table)}`,
      () => insertFields(context, target),
    ),
  );
}

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
  const hasColumns = context.once(table, 'takes-values', () =>
    [...table.columns.values()].some((column) => column.isInsertable && column.graphqlName !== null),
  );
  return hasColumns ? target : null;
}

function nestedInsertInput(
  context: SchemaContext,
  target: InsertTarget,
  kind: 'object' | 'array',
): InputObjectType {
  const { table } = target;
  const part = kind === 'object' ? 'obj_rel_insert_input' : 'arr_rel_insert_input';
  const description = `input type for inserting ${kind} relation for remote table ${describeTable(table)}`;
  return context.once(table, part, () =>
    inputObjectType(context.typeName(table, part), description, () => {
      const row = insertInput(context, target);
      const data = kind === 'object' ? required(row) : required(listOfRequired(row));
      return [inputValue('data', null, data, { kind: 'insert-data' }), ...conflictArgument(context, target)];
    }),
  );
}

/** `on_conflict`; nothing for tables without a primary key or unique constraint. */
export function conflictArgument(context: SchemaContext, target: InsertTarget): readonly InputValue[] {
  const type = conflictInput(context, target);
  if (type === null) return [];
  const name = context.namingOf(target.table).fieldName('on_conflict');
  return [inputValue(name, 'upsert condition', nullable(type), { kind: 'on-conflict' })];
}

function conflictInput(context: SchemaContext, target: InsertTarget): InputObjectType | null {
  const { table } = target;
  return context.once(table, 'on_conflict', () => {
    const constraint = constraintEnum(context, table);
    if (constraint === null) return null;
    const naming = context.namingOf(table);
    return inputObjectType(
      context.typeName(table, 'on_conflict'),
      `on_conflict condition type for table ${describeTable(table)}`,
      () => [
        inputValue('constraint', null, required(constraint), { kind: 'conflict-constraint' }),
        inputValue(
          naming.fieldName('update_columns'),
          null,
          required(listOfRequired(updateColumnEnum(context, target))),
          { kind: 'conflict-columns' },
          '[]',
        ),
        whereArgument(context, table, null),
      ],
    );
  });
}

/** Unique indexes without a constraint are among them, as in v2. */
function constraintEnum(context: SchemaContext, table: TrackedTable): EnumType | null {
  const values = table.catalog.uniqueKeys
    .filter(({ name }) => isEnumValueName(name))
    .map(({ name, columns }) => ({
      name,
      description: `unique or primary key constraint on columns ${columns.map((column) => `"${column}"`).join(', ')}`,
      meaning: { kind: 'constraint' as const, name },
    }));
  if (values.length === 0) return null;
  return enumType(
    context.typeName(table, 'constraint'),
    `unique or primary key constraints on table ${describeTable(table)}`,
    () => values,
  );
}

function updateColumnEnum(context: SchemaContext, { table, update }: InsertTarget): EnumType {
  const name = context.typeName(table, 'update_column');
  const writable = update === null ? [] : writableColumns(context, table, update.columns);
  const columns = writable.filter((column) => isEnumValueName(column.name));
  if (columns.length === 0) {
    return {
      kind: 'enum',
      name,
      description: `placeholder for update columns of table ${describeTable(table)} (current role has no relevant permissions)`,
      values: byName<EnumTypeValue>([
        {
          name: '_PLACEHOLDER',
          description: 'placeholder (do not use)',
          meaning: { kind: 'placeholder' },
        },
      ]),
    };
  }
  return enumType(name, `update columns of table ${describeTable(table)}`, () =>
    columns.map(({ name: value, column }) => ({
      name: value,
      description: 'column name',
      meaning: { kind: 'update-column' as const, column },
    })),
  );
}

/** `_set`, `_inc` …, each only if it has a column to work on. */
export function updateOperators(context: SchemaContext, target: UpdateTarget): readonly InputValue[] {
  const { table } = target;
  return context.once(table, 'update-operators', () => {
    const naming = context.namingOf(table);
    const columns = writableColumns(context, table, target.rule.columns);
    return operatorInputs.flatMap((specification) => {
      const usable = columns.filter(({ column }) => specification.takes(column));
      if (usable.length === 0) return [];
      const type = inputObjectType(
        context.typeName(table, specification.type),
        specification.describeType(describeTable(table)),
        () =>
          usable.map(({ name, column, value }) =>
            inputValue(name, column.description, specification.operand(value), {
              kind: 'input-column',
              column,
            }),
          ),
      );
      const description = specification.description ?? type.description;
      return [
        inputValue(naming.fieldName(specification.name), description, nullable(type), {
          kind: 'update-operator',
          operator: specification.operator,
        }),
      ];
    });
  });
}

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
