/** Root fields that change a table. Source: spec/graphql-api.md 8.1, spec/permissions.md 4.3. */
import type { TrackedTable } from '../model/index.ts';
import { InvariantError } from '../support/index.ts';
import type { SchemaContext } from './context.ts';
import { describeTable } from './descriptions.ts';
import { field, inputValue } from './lazy-types.ts';
import { listOf, listOfRequired, nullable, required } from './type-references.ts';
import { conflictArgument, insertableTarget, insertInput, updateOperators } from './mutation-inputs.ts';
import { strictScalars } from './scalars.ts';
import { keyArguments } from './select-fields.ts';
import { booleanInput } from './table-inputs.ts';
import { tableObject } from './table-object.ts';
import type { DeleteTarget, InsertTarget, SelectAccess, UpdateTarget } from './meanings.ts';
import { type RootFieldSpecification, rootField } from './root-field.ts';
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
  yield rootField(insert, context, target);
  if (context.selectAccess(table) !== null) yield rootField(insertOne, context, target);
}

const insert: RootFieldSpecification<InsertTarget> = {
  kind: 'insert',
  description: (table) => `insert data into the table: ${describeTable(table)}`,
  meaning: (target) => ({ kind: 'insert', isSingle: false, target }),
  type: changedRows,
  arguments: (context, target) => [
    inputValue('objects', 'the rows to be inserted', required(listOfRequired(insertInput(context, target))), {
      kind: 'objects',
    }),
    ...conflictArgument(context, target),
  ],
};

const insertOne: RootFieldSpecification<InsertTarget> = {
  kind: 'insert_one',
  description: (table) => `insert a single row into the table: ${describeTable(table)}`,
  meaning: (target) => ({ kind: 'insert', isSingle: true, target }),
  type: changedRow,
  arguments: (context, target) => [
    inputValue('object', 'the row to be inserted', required(insertInput(context, target)), {
      kind: 'object',
    }),
    ...conflictArgument(context, target),
  ],
};

/** They are there without any operator, too: presets work all the same. */
function* updateFields(context: SchemaContext, table: TrackedTable): Iterable<Field> {
  const target = context.updateTarget(table);
  if (target === null) return;
  yield rootField(update, context, target);
  if (hasVisibleKey(context, table)) yield rootField(updateByKey, context, target);
  if (!context.features.hidesUpdateManyFields) yield rootField(updateMany, context, target);
}

const update: RootFieldSpecification<UpdateTarget> = {
  kind: 'update',
  description: (table) => `update data of the table: ${describeTable(table)}`,
  meaning: (target) => ({ kind: 'update', form: 'where', target }),
  type: changedRows,
  arguments: (context, target) => [
    ...updateOperators(context, target),
    requiredWhere(context, target.table, 'updated'),
  ],
};

const updateByKey: RootFieldSpecification<UpdateTarget> = {
  kind: 'update_by_pk',
  description: (table) => `update single row of the table: ${describeTable(table)}`,
  meaning: (target) => ({ kind: 'update', form: 'by-pk', target }),
  type: changedRow,
  arguments(context, target) {
    const { table } = target;
    const name = context.namingOf(table).fieldName('pk_columns');
    const key = required(specifiedInputObject(keyColumns, context, readable(context, table)));
    return [...updateOperators(context, target), inputValue(name, null, key, { kind: 'pk-columns' })];
  },
};

const keyColumns: InputObjectSpecification<SchemaContext, SelectAccess> = inputSpecification({
  name: (context, { table }) => context.typeName(table, 'pk_columns_input'),
  description: (_, { table }) => `primary key columns input for table: ${describeTable(table).slice(1, -1)}`,
  fields: keyArguments,
});

const updateMany: RootFieldSpecification<UpdateTarget> = {
  kind: 'update_many',
  description: (table) => `update multiples rows of table: ${describeTable(table)}`,
  meaning: (target) => ({ kind: 'update', form: 'many', target }),
  type: (context, { table }) => listOf(nullable(mutationResponse(context, table))),
  arguments: (context, target) => [
    inputValue(
      'updates',
      'updates to execute, in order',
      required(listOfRequired(specifiedInputObject(updates, context, target))),
      { kind: 'updates' },
    ),
  ],
};

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
  yield rootField(deletion, context, target);
  if (hasVisibleKey(context, table)) yield rootField(deletionByKey, context, target);
}

const deletion: RootFieldSpecification<DeleteTarget> = {
  kind: 'delete',
  description: (table) => `delete data from the table: ${describeTable(table)}`,
  meaning: (target) => ({ kind: 'delete', form: 'where', target }),
  type: changedRows,
  arguments: (context, { table }) => [requiredWhere(context, table, 'deleted')],
};

const deletionByKey: RootFieldSpecification<DeleteTarget> = {
  kind: 'delete_by_pk',
  description: (table) => `delete single row from the table: ${describeTable(table)}`,
  meaning: (target) => ({ kind: 'delete', form: 'by-pk', target }),
  type: changedRow,
  arguments: (context, { table }) => keyArguments(context, readable(context, table)),
};

function hasVisibleKey(context: SchemaContext, table: TrackedTable): boolean {
  const access = context.selectAccess(table);
  return access !== null && context.visibleKey(access) !== null;
}

function changedRows(context: SchemaContext, { table }: { readonly table: TrackedTable }): TypeReference {
  return nullable(mutationResponse(context, table));
}

function changedRow(context: SchemaContext, { table }: { readonly table: TrackedTable }): TypeReference {
  return nullable(tableObject(context, readable(context, table)));
}

/** Of a table whose fields are there for those who may read it only. */
function readable(context: SchemaContext, table: TrackedTable): SelectAccess {
  const access = context.selectAccess(table);
  if (access === null) throw new InvariantError(`the role does not see the rows of "${table.name}"`);
  return access;
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
