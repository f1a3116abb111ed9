/** `t_aggregate`, `t_aggregate_fields` and the types of the functions. Source: spec/graphql-api.md 5.3. */
import { isComparableType, isNumericType } from '../permissions/index.ts';
import { type AggregateFunction, aggregatedColumns, aggregateFunctions } from './aggregate-functions.ts';
import type { SchemaContext } from './context.ts';
import { describeTable } from './descriptions.ts';
import { field, inputValue } from './lazy-types.ts';
import { byName } from './members.ts';
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
import { type ObjectSpecification, specifiedObject, objectSpecification } from './specified-types.ts';
import type { Field, InputValue, ObjectType } from './types.ts';
import type { ValueType } from './value-types.ts';

export function aggregateObject(context: SchemaContext, access: SelectAccess): ObjectType {
  return context.ofTable(access.table, 'aggregate', () => specifiedObject(aggregate, context, access));
}

type ReadableObject = ObjectSpecification<SchemaContext, SelectAccess>;

const aggregate: ReadableObject = objectSpecification({
  name: (context, { table }) => context.typeName(table, 'aggregate'),
  description: (_, { table }) => `aggregated selection of ${describeTable(table)}`,
  fields: (context, access) => [
    field('aggregate', null, nullable(specifiedObject(aggregateOfAll, context, access)), {
      kind: 'aggregate',
    }),
    field('nodes', null, required(listOfRequired(tableObject(context, access))), { kind: 'nodes' }),
  ],
});

const aggregateOfAll: ReadableObject = objectSpecification({
  name: (context, { table }) => context.typeName(table, 'aggregate_fields'),
  description: (_, { table }) => `aggregate fields of ${describeTable(table)}`,
  fields: aggregateFields,
});

function* aggregateFields(context: SchemaContext, access: SelectAccess): Iterable<Field> {
  const naming = context.namingOf(access.table);
  yield field(
    'count',
    null,
    required(strictScalars.Int),
    { kind: 'count' },
    byName(countArguments(context, access)),
  );
  for (const aggregates of aggregateFunctions) {
    const { name: fn, takes } = aggregates;
    const columns = aggregatedColumns(context, access, fn);
    if (columns.length === 0 && aggregatedComputedFields(context, access, takes).length === 0) continue;
    const type = specifiedObject(aggregateOfFunction(aggregates), context, access);
    yield field(naming.fieldName(fn), null, nullable(type), { kind: 'aggregate-function', function: fn });
  }
}

/** One specification for each function. */
function aggregateOfFunction({ name: fn, takes, result }: Aggregates): ReadableObject {
  const known = ofFunctions.get(fn);
  if (known !== undefined) return known;
  const made: ReadableObject = objectSpecification({
    name: (context, { table }) => context.typeName(table, fn, 'fields'),
    description: (context, { table }) => `aggregate ${context.namingOf(table).fieldName(fn)} on columns`,
    // functions that take the same and give the same have one set of fields
    fields: (context, access) =>
      context.ofTable(access.table, `fields ${takes} ${result}`, () => {
        const typeOf = (value: ValueType) =>
          result === 'float' ? nullable(strictScalars.Float) : value.nullable;
        return byName([
          ...aggregatedColumns(context, access, fn).map(({ name, grant, column, value }) =>
            field(name, column.description, typeOf(value), { kind: 'aggregate-column', grant }),
          ),
          ...aggregatedComputedFields(context, access, takes).map(({ tracked, grant, value, inputs }) => {
            const meaning = { kind: 'aggregate-computed', grant } as const;
            return field(tracked.name, commentOf(tracked), typeOf(value), meaning, byName(inputs));
          }),
        ]);
      }),
  });
  ofFunctions.set(fn, made);
  return made;
}

type Aggregates = (typeof aggregateFunctions)[number];
const ofFunctions = new Map<AggregateFunction, ReadableObject>();

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
