/** Root fields that change a table. Source: spec/graphql-api.md 8.1, spec/permissions.md 4.3. */
import type { RootFieldKind, TrackedTable } from '../model/index.ts';
import type { SchemaContext } from './context.ts';
import { describe, describeTable } from './descriptions.ts';
import { byName, field, inputValue, lazyField } from './lazy-types.ts';
import { listOf, listOfRequired, nullable, required } from './type-references.ts';
import { conflictArgument, insertableTarget, insertInput, updateOperators } from './mutation-inputs.ts';
import { strictScalars } from './scalars.ts';
import { keyArguments } from './select-fields.ts';
import { booleanInput } from './table-inputs.ts';
import { tableObject } from './table-object.ts';
import type { FieldMeaning, SelectAccess, UpdateTarget } from './meanings.ts';
import {
  type ObjectSpecification,
  type InputObjectSpecification,
  specifiedObject,
  specifiedInputObject,
  objectSpecification,
  inputSpecification,
} from './specified-types.ts';
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
  yield rootField(
    table,
    'insert',
    `insert data into the table: ${named}`,
    { kind: 'insert', isSingle: false, target },
    () => nullable(mutationResponse(context, table)),
    () => [
      inputValue(
        'objects',
        'the rows to be inserted',
        required(listOfRequired(insertInput(context, target))),
        {
          kind: 'objects',
        },
      ),
      ...conflictArgument(context, target),
    ],
  );
  const access = context.selectAccess(table);
  if (access === null) return;
  yield rootField(
    table,
    'insert_one',
    `insert a single row into the table: ${named}`,
    { kind: 'insert', isSingle: true, target },
    () => nullable(tableObject(context, access)),
    () => [
      inputValue('object', 'the row to be inserted', required(insertInput(context, target)), {
        kind: 'object',
      }),
      ...conflictArgument(context, target),
    ],
  );
}

/** They are there without any operator, too: presets work all the same. */
function* updateFields(context: SchemaContext, table: TrackedTable): Iterable<Field> {
  const target = context.updateTarget(table);
  if (target === null) return;
  const named = describeTable(table);
  yield rootField(
    table,
    'update',
    `update data of the table: ${named}`,
    { kind: 'update', form: 'where', target },
    () => nullable(mutationResponse(context, table)),
    () => [...updateOperators(context, target), requiredWhere(context, table, 'updated')],
  );
  const access = context.selectAccess(table);
  const key = access === null ? null : context.visibleKey(access);
  if (access !== null && key !== null) {
    const name = context.namingOf(table).fieldName('pk_columns');
    yield rootField(
      table,
      'update_by_pk',
      `update single row of the table: ${named}`,
      { kind: 'update', form: 'by-pk', target },
      () => nullable(tableObject(context, access)),
      () => [
        ...updateOperators(context, target),
        inputValue(name, null, required(specifiedInputObject(keyColumns, context, access)), {
          kind: 'pk-columns',
        }),
      ],
    );
  }
  if (!context.features.hidesUpdateManyFields) yield updateMany(context, target);
}

const keyColumns: InputObjectSpecification<SchemaContext, SelectAccess> = inputSpecification({
  name: (context, { table }) => context.typeName(table, 'pk_columns_input'),
  description: (_, { table }) => `primary key columns input for table: ${describeTable(table).slice(1, -1)}`,
  fields: (context, access) => keyArguments(context, access, context.visibleKey(access) ?? []),
});

function updateMany(context: SchemaContext, target: UpdateTarget): Field {
  const { table } = target;
  return rootField(
    table,
    'update_many',
    `update multiples rows of table: ${describeTable(table)}`,
    { kind: 'update', form: 'many', target },
    () => listOf(nullable(mutationResponse(context, table))),
    () => [
      inputValue(
        'updates',
        'updates to execute, in order',
        required(listOfRequired(specifiedInputObject(updates, context, target))),
        { kind: 'updates' },
      ),
    ],
  );
}

const updates: InputObjectSpecification<SchemaContext, UpdateTarget> = inputSpecification({
  name: (context, { table }) => context.typeName(table, 'updates'),
  description: () => null,
  fields: (context, target) => [
    ...updateOperators(context, target),
    requiredWhere(context, target.table, 'updated'),
  ],
});

function* deleteFields(context: SchemaContext, table: TrackedTable): Iterable<Field> {
  const target = context.deleteTarget(table);
  if (target === null) return;
  const named = describeTable(table);
  yield rootField(
    table,
    'delete',
    `delete data from the table: ${named}`,
    { kind: 'delete', form: 'where', target },
    () => nullable(mutationResponse(context, table)),
    () => [requiredWhere(context, table, 'deleted')],
  );
  const access = context.selectAccess(table);
  const key = access === null ? null : context.visibleKey(access);
  if (access === null || key === null) return;
  yield rootField(
    table,
    'delete_by_pk',
    `delete single row from the table: ${named}`,
    { kind: 'delete', form: 'by-pk', target },
    () => nullable(tableObject(context, access)),
    () => keyArguments(context, access, key).values(),
  );
}

function mutationResponse(context: SchemaContext, table: TrackedTable): ObjectType {
  return context.ofTable(table, 'mutation_response', () => specifiedObject(response, context, table));
}

const response: ObjectSpecification<SchemaContext, TrackedTable> = objectSpecification({
  name: (context, table) => context.typeName(table, 'mutation_response'),
  description: (_, table) => `response of any mutation on the table ${describeTable(table)}`,
  fields: responseFields,
});

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

function requiredWhere(context: SchemaContext, table: TrackedTable, done: 'updated' | 'deleted'): InputValue {
  const description = `filter the rows which have to be ${done}`;
  return inputValue('where', description, required(booleanInput(context, table)), { kind: 'where' });
}

function rootField(
  table: TrackedTable,
  kind: RootFieldKind,
  automatic: string,
  meaning: FieldMeaning,
  makeType: () => TypeReference,
  makeInputs: () => Iterable<InputValue>,
): Field {
  const { name, comment } = table.rootFields[kind];
  return lazyField(name, describe(comment, automatic), meaning, makeType, () => byName(makeInputs()));
}
