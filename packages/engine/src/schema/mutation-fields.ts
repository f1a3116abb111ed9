/** Root fields that change a table. Source: spec/graphql-api.md 8.1, spec/permissions.md 4.3. */
import type { RootFieldKind, TrackedTable } from '../model/index.ts';
import type { SchemaContext } from './context.ts';
import { describe, describeTable } from './descriptions.ts';
import { byName, field, inputObjectType, inputValue, objectType } from './lazy-types.ts';
import { listOf, listOfRequired, nullable, required } from './type-references.ts';
import { conflictArgument, insertableTarget, insertInput, updateOperators } from './mutation-inputs.ts';
import { strictScalars } from './scalars.ts';
import { keyArguments } from './select-fields.ts';
import { booleanInput } from './table-inputs.ts';
import { tableObject } from './table-object.ts';
import type { FieldMeaning, UpdateTarget } from './meanings.ts';
import type { Field, InputValue, ObjectType, TypeReference } from './types.ts';

export function* mutationFields(context: SchemaContext, table: TrackedTable): Iterable<Field> {
  yield* insertFields(context, table);
  yield* updateFields(context, table);
  yield* deleteFields(context, table);
}

function* insertFields(context: SchemaContext, table: TrackedTable): Iterable<Field> {
  const target = insertableTarget(context, table);
  if (target === null) return;
  const named = describeTable(table);
  const row = insertInput(context, target);
  const conflict = conflictArgument(context, target);
  yield rootField(
    table,
    'insert',
    `insert data into the table: ${named}`,
    nullable(mutationResponse(context, table)),
    { kind: 'insert', isSingle: false, target },
    [
      inputValue('objects', 'the rows to be inserted', required(listOfRequired(row)), { kind: 'objects' }),
      ...conflict,
    ],
  );
  const access = context.selectAccess(table);
  if (access === null) return;
  yield rootField(
    table,
    'insert_one',
    `insert a single row into the table: ${named}`,
    nullable(tableObject(context, access)),
    { kind: 'insert', isSingle: true, target },
    [inputValue('object', 'the row to be inserted', required(row), { kind: 'object' }), ...conflict],
  );
}

/** They are there without any operator, too: presets work all the same. */
function* updateFields(context: SchemaContext, table: TrackedTable): Iterable<Field> {
  const target = context.updateTarget(table);
  if (target === null) return;
  const operators = updateOperators(context, target);
  const named = describeTable(table);
  yield rootField(
    table,
    'update',
    `update data of the table: ${named}`,
    nullable(mutationResponse(context, table)),
    { kind: 'update', form: 'where', target },
    [...operators, requiredWhere(context, table, 'filter the rows which have to be updated')],
  );
  const access = context.selectAccess(table);
  const key = access === null ? null : context.visibleKey(access);
  if (access !== null && key !== null) {
    const name = context.namingOf(table).fieldName('pk_columns');
    const type = inputObjectType(
      context.typeName(table, 'pk_columns_input'),
      `primary key columns input for table: ${named.slice(1, -1)}`,
      () => keyArguments(context, access, key).values(),
    );
    yield rootField(
      table,
      'update_by_pk',
      `update single row of the table: ${named}`,
      nullable(tableObject(context, access)),
      { kind: 'update', form: 'by-pk', target },
      [...operators, inputValue(name, null, required(type), { kind: 'pk-columns' })],
    );
  }
  if (!context.features.hidesUpdateManyFields) yield updateMany(context, target, operators);
}

function updateMany(context: SchemaContext, target: UpdateTarget, operators: readonly InputValue[]): Field {
  const { table } = target;
  const updates = inputObjectType(context.typeName(table, 'updates'), null, () => [
    ...operators,
    requiredWhere(context, table, 'filter the rows which have to be updated'),
  ]);
  return rootField(
    table,
    'update_many',
    `update multiples rows of table: ${describeTable(table)}`,
    listOf(nullable(mutationResponse(context, table))),
    { kind: 'update', form: 'many', target },
    [
      inputValue('updates', 'updates to execute, in order', required(listOfRequired(updates)), {
        kind: 'updates',
      }),
    ],
  );
}

function* deleteFields(context: SchemaContext, table: TrackedTable): Iterable<Field> {
  const target = context.deleteTarget(table);
  if (target === null) return;
  const named = describeTable(table);
  yield rootField(
    table,
    'delete',
    `delete data from the table: ${named}`,
    nullable(mutationResponse(context, table)),
    { kind: 'delete', form: 'where', target },
    [requiredWhere(context, table, 'filter the rows which have to be deleted')],
  );
  const access = context.selectAccess(table);
  const key = access === null ? null : context.visibleKey(access);
  if (access === null || key === null) return;
  yield rootField(
    table,
    'delete_by_pk',
    `delete single row from the table: ${named}`,
    nullable(tableObject(context, access)),
    { kind: 'delete', form: 'by-pk', target },
    keyArguments(context, access, key).values(),
  );
}

function mutationResponse(context: SchemaContext, table: TrackedTable): ObjectType {
  return context.once(table, 'mutation_response', () =>
    objectType(
      context.typeName(table, 'mutation_response'),
      `response of any mutation on the table ${describeTable(table)}`,
      () => responseFields(context, table),
    ),
  );
}

function* responseFields(context: SchemaContext, table: TrackedTable): Iterable<Field> {
  const naming = context.namingOf(table);
  yield field(
    naming.fieldName('affected_rows'),
    'number of rows affected by the mutation',
    required(strictScalars.Int),
    { kind: 'affected-rows' },
  );
  const access = context.selectAccess(table);
  if (access === null) return;
  yield field(
    'returning',
    'data from the rows affected by the mutation',
    required(listOfRequired(tableObject(context, access))),
    { kind: 'returning' },
  );
}

function requiredWhere(context: SchemaContext, table: TrackedTable, description: string): InputValue {
  return inputValue('where', description, required(booleanInput(context, table)), { kind: 'where' });
}

function rootField(
  table: TrackedTable,
  kind: RootFieldKind,
  automatic: string,
  type: TypeReference,
  meaning: FieldMeaning,
  inputs: Iterable<InputValue>,
): Field {
  const { name, comment } = table.rootFields[kind];
  return field(name, describe(comment, automatic), type, meaning, byName(inputs));
}
