/** `t_aggregate_bool_exp`: predicates on the aggregates of an array relationship. Source: spec/graphql-api.md 4.7. */
import type { NamePart, TrackedTable } from '../model/index.ts';
import { isTypeNamed } from '../permissions/index.ts';
import { comparisonInput, strictComparisonInput } from './comparison-inputs.ts';
import type { SchemaContext, VisibleColumn } from './context.ts';
import { describeTable } from './descriptions.ts';
import { enumType, inputObjectType, inputValue } from './lazy-types.ts';
import { listOfRequired, nullable, required } from './type-references.ts';
import { isEnumValueName, strictScalars } from './scalars.ts';
import { booleanInput, selectColumnEnum } from './table-inputs.ts';
import type { SelectAccess } from './meanings.ts';
import {
  type InputObjectSpecification,
  specifiedInputObject,
  inputSpecification,
} from './specified-types.ts';
import type { EnumType, InputObjectType, InputValue, TypeReference } from './types.ts';

export function aggregatePredicateInput(context: SchemaContext, access: SelectAccess): InputObjectType {
  return context.ofTable(access.table, 'aggregate_bool_exp', () =>
    specifiedInputObject(aggregatePredicate, context, access),
  );
}

const aggregatePredicate: InputObjectSpecification<SchemaContext, SelectAccess> = inputSpecification({
  name: (context, { table }) => context.typeName(table, 'aggregate_bool_exp'),
  description: () => null,
  fields: predicateFields,
});

function* predicateFields(context: SchemaContext, access: SelectAccess): Iterable<InputValue> {
  const naming = context.namingOf(access.table);
  const selectColumn = selectColumnEnum(context, access);
  const count = nullable(strictComparisonInput(context, naming, 'Int'));
  const countColumns = selectColumn === null ? null : listOfRequired(selectColumn);
  yield predicate(context, access, 'count', countColumns, count);

  const columns = context
    .visibleColumns(access)
    .filter(({ name, column }) => column.enumReference === null && isEnumValueName(name));
  const booleans = columns.filter(({ column }) => isBoolean(column.type));
  const truth = nullable(strictComparisonInput(context, naming, 'Boolean'));
  if (booleans.length > 0) {
    for (const fn of booleanFunctions) {
      yield predicate(context, access, fn, required(columnEnum(context, access, fn, booleans)), truth);
    }
  }
  const floats = columns.filter(({ column }) => isFloat8(column.type));
  const [first] = floats;
  if (first === undefined) return;
  const number = nullable(comparisonInput(context, naming, first.value));
  for (const fn of floatFunctions) {
    yield predicate(context, access, fn, required(columnEnum(context, access, fn, floats)), number);
  }
  for (const fn of pairFunctions) {
    const choice = required(columnEnum(context, access, fn, floats));
    const name = nameOf(access.table, fn, 'arguments');
    const pair = inputObjectType(naming.typeName({ custom: naming.fieldName(...name) }), null, () =>
      ['X', 'Y'].map((part) => inputValue(part, null, choice, { kind: 'part', name: part })),
    );
    yield predicate(context, access, fn, required(pair), number);
  }
}

function predicate(
  context: SchemaContext,
  access: SelectAccess,
  fn: string,
  argumentsType: TypeReference | null,
  comparison: TypeReference,
): InputValue {
  const { table } = access;
  const naming = context.namingOf(table);
  const name = naming.fieldName(...nameOf(table, fn));
  const type = inputObjectType(naming.typeName({ custom: name }), null, () => [
    ...(argumentsType === null
      ? []
      : [inputValue('arguments', null, argumentsType, { kind: 'predicate-arguments' as const })]),
    inputValue('distinct', null, nullable(strictScalars.Boolean), { kind: 'predicate-distinct' }),
    inputValue('filter', null, nullable(booleanInput(context, table)), { kind: 'predicate-filter' }),
    inputValue('predicate', null, required(comparison), { kind: 'predicate' }),
  ]);
  return inputValue(fn, null, nullable(type), {
    kind: 'aggregate-predicate',
    function: fn,
  });
}

/**
 * The words of `article_aggregate_bool_exp_bool_and`. Under graphql-default v2 has it begin as a field does, not as a type, and leaves the function's name as it
 * is: `articleAggregateBoolExpBool_and`.
 */
function nameOf(table: TrackedTable, fn: string, ...more: readonly string[]): readonly NamePart[] {
  // The table must be usable in GraphQL to be granted, so that its name is not null.
  return [table.graphqlName ?? table.name, 'aggregate_bool_exp', { custom: fn }, ...more];
}

/** `article_select_column_article_aggregate_bool_exp_bool_and_arguments_columns`. */
function columnEnum(
  context: SchemaContext,
  { table }: SelectAccess,
  fn: string,
  columns: readonly VisibleColumn[],
): EnumType {
  const use = context.namingOf(table).fieldName(...nameOf(table, fn, 'arguments_columns'));
  return enumType(
    context.typeName(table, 'select_column', { custom: use }),
    `select "${use}" columns of table ${describeTable(table)}`,
    () =>
      columns.map(({ name, grant }) => ({
        name,
        description: 'column name',
        meaning: { kind: 'column' as const, grant },
      })),
  );
}

const isBoolean = isTypeNamed('bool');
const isFloat8 = isTypeNamed('float8');
const booleanFunctions = ['bool_and', 'bool_or'];
const floatFunctions = ['avg', 'max', 'min', 'stddev_samp', 'sum', 'var_samp'];
const pairFunctions = ['corr', 'covar_samp'];
