/** `t_aggregate`, `t_aggregate_fields` and the types of the functions. Source: spec/graphql-api.md 5.3. */
import { isComparableType, isNumericType } from '../permissions/index.ts';
import { aggregatedColumns, aggregateFunctions } from './aggregate-functions.ts';
import type { SchemaContext } from './context.ts';
import { describeTable } from './descriptions.ts';
import { byName, field, inputValue, objectType } from './lazy-types.ts';
import { listOfRequired, nullable, required } from './type-references.ts';
import { strictScalars } from './scalars.ts';
import { selectColumnEnum } from './table-inputs.ts';
import {
  commentOf,
  tableObject,
  type VisibleComputedScalar,
  visibleComputedScalars,
} from './table-object.ts';
import type { SelectAccess } from './meanings.ts';
import type { Field, InputValue, ObjectType } from './types.ts';
import type { ValueType } from './value-types.ts';

export function aggregateObject(context: SchemaContext, access: SelectAccess): ObjectType {
  const { table } = access;
  return context.once(table, 'aggregate', () =>
    objectType(
      context.typeName(table, 'aggregate'),
      `aggregated selection of ${describeTable(table)}`,
      () => [
        field('aggregate', null, nullable(aggregateFieldsObject(context, access)), { kind: 'aggregate' }),
        field('nodes', null, required(listOfRequired(tableObject(context, access))), { kind: 'nodes' }),
      ],
    ),
  );
}

function aggregateFieldsObject(context: SchemaContext, access: SelectAccess): ObjectType {
  const { table } = access;
  const name = context.typeName(table, 'aggregate_fields');
  return objectType(name, `aggregate fields of ${describeTable(table)}`, () =>
    aggregateFields(context, access),
  );
}

function* aggregateFields(context: SchemaContext, access: SelectAccess): Iterable<Field> {
  const { table } = access;
  const naming = context.namingOf(table);
  yield field(
    'count',
    null,
    required(strictScalars.Int),
    { kind: 'count' },
    byName(countArguments(context, access)),
  );
  for (const { name: fn, takes, result } of aggregateFunctions) {
    const columns = aggregatedColumns(context, access, fn);
    const computed = aggregatedComputedFields(context, access, takes);
    if (columns.length === 0 && computed.length === 0) continue;
    const typeOf = (value: ValueType) =>
      result === 'float' ? nullable(strictScalars.Float) : value.nullable;
    const makeFields = () =>
      byName([
        ...columns.map(({ name, grant, column, value }) =>
          field(name, column.description, typeOf(value), { kind: 'aggregate-column', grant }),
        ),
        ...computed.map(({ tracked, grant, value, inputs }) => {
          const meaning = { kind: 'aggregate-computed', grant } as const;
          return field(tracked.name, commentOf(tracked), typeOf(value), meaning, byName(inputs));
        }),
      ]);
    const type = objectType(
      context.typeName(table, fn, 'fields'),
      describeFunction(naming.fieldName(fn)),
      // functions that take the same and give the same have one set of fields
      () => context.lately(table, `fields ${takes} ${result}`, makeFields),
    );
    yield field(naming.fieldName(fn), null, nullable(type), { kind: 'aggregate-function', function: fn });
  }
}

function describeFunction(name: string): string {
  return `aggregate ${name} on columns`;
}

function* countArguments(context: SchemaContext, access: SelectAccess): Iterable<InputValue> {
  const selectColumn = selectColumnEnum(context, access);
  if (selectColumn !== null) {
    yield inputValue('columns', null, listOfRequired(selectColumn), { kind: 'count-columns' });
  }
  yield inputValue('distinct', null, nullable(strictScalars.Boolean), { kind: 'count-distinct' });
}

/** Granted scalar computed fields of a fitting type. They take their arguments here, too. */
function aggregatedComputedFields(
  context: SchemaContext,
  access: SelectAccess,
  takes: 'numeric' | 'comparable',
): readonly VisibleComputedScalar[] {
  const fits = takes === 'numeric' ? isNumericType : isComparableType;
  return [...visibleComputedScalars(context, access)].filter(({ value }) => fits(value.pgType));
}
