/**
 * `t_order_by`, `t_aggregate_order_by` and the enum `order_by`. Source: spec/graphql-api.md 4.2, spec/permissions.md 4.2.
 */
import type { Naming } from '../model/index.ts';
import { type AggregateFunction, aggregatedColumns, aggregateFunctions } from './aggregate-functions.ts';
import type { SchemaContext } from './context.ts';
import { describeTable } from './descriptions.ts';
import { inputValue } from './lazy-types.ts';
import { byName } from './members.ts';
import { nullable } from './type-references.ts';
import { isGraphqlName } from './scalars.ts';
import { aggregateFieldName, visibleComputedRows } from './table-inputs.ts';
import type { SelectAccess } from './meanings.ts';
import {
  type InputObjectSpecification,
  specifiedInputObject,
  inputSpecification,
} from './specified-types.ts';
import type { EnumType, InputObjectType, InputValue } from './types.ts';
import { valueTypeOf } from './value-types.ts';

export function orderByInput(context: SchemaContext, access: SelectAccess): InputObjectType {
  return context.ofTable(access.table, 'order_by', () => specifiedInputObject(orderBy, context, access));
}

type ReadableInput = InputObjectSpecification<SchemaContext, SelectAccess>;

const orderBy: ReadableInput = inputSpecification({
  name: (context, { table }) => context.typeName(table, 'order_by'),
  description: (_, { table }) => `Ordering options when selecting data from ${describeTable(table)}.`,
  fields: orderByFields,
});

function* orderByFields(context: SchemaContext, access: SelectAccess): Iterable<InputValue> {
  const { table, rule } = access;
  const naming = context.namingOf(table);
  const direction = nullable(orderByEnum(context, naming));
  for (const { name, grant } of context.visibleColumns(access)) {
    yield inputValue(name, null, direction, { kind: 'column', grant });
  }
  for (const grant of rule.computedFields.values()) {
    const { field } = grant;
    if (field.returns.kind !== 'scalar' || field.arguments.length > 0 || !isGraphqlName(field.name)) continue;
    if (valueTypeOf(context, naming, field.returns.type) === null) continue;
    yield inputValue(field.name, null, direction, { kind: 'computed-scalar', grant });
  }
  for (const [field, target] of visibleComputedRows(context, table)) {
    if (field.arguments.length > 0) continue;
    const name = aggregateFieldName(naming, field.name);
    yield inputValue(name, null, nullable(aggregateOrderByInput(context, target)), {
      kind: 'computed-rows',
      field,
      access: target,
    });
  }
  for (const relationship of table.relationships.values()) {
    const target = context.selectAccess(context.model.tableAt(relationship.target));
    if (target === null || !isGraphqlName(relationship.name)) continue;
    if (relationship.kind === 'object') {
      yield inputValue(relationship.name, null, nullable(orderByInput(context, target)), {
        kind: 'relationship',
        relationship,
        access: target,
      });
    } else {
      const name = aggregateFieldName(naming, relationship.name);
      yield inputValue(name, null, nullable(aggregateOrderByInput(context, target)), {
        kind: 'relationship-aggregate',
        relationship,
        access: target,
      });
    }
  }
}

function aggregateOrderByInput(context: SchemaContext, access: SelectAccess): InputObjectType {
  return context.ofTable(access.table, 'aggregate_order_by', () =>
    specifiedInputObject(aggregateOrderBy, context, access),
  );
}

const aggregateOrderBy: ReadableInput = inputSpecification({
  name: (context, { table }) => context.typeName(table, 'aggregate_order_by'),
  description: (_, { table }) => `order by aggregate values of table ${describeTable(table)}`,
  fields: aggregateOrderByFields,
});

function* aggregateOrderByFields(context: SchemaContext, access: SelectAccess): Iterable<InputValue> {
  const naming = context.namingOf(access.table);
  const direction = nullable(orderByEnum(context, naming));
  yield inputValue('count', null, direction, { kind: 'order-by-count' });
  for (const aggregates of aggregateFunctions) {
    const { name: fn } = aggregates;
    if (aggregatedColumns(context, access, fn).length === 0) continue;
    const type = specifiedInputObject(orderByFunction(aggregates), context, access);
    yield inputValue(naming.fieldName(fn), null, nullable(type), { kind: 'order-by-function', function: fn });
  }
}

/** One specification for each function. */
function orderByFunction({ name: fn, takes }: (typeof aggregateFunctions)[number]): ReadableInput {
  const known = byFunctions.get(fn);
  if (known !== undefined) return known;
  const made: ReadableInput = inputSpecification({
    name: (context, { table }) => context.typeName(table, fn, 'order_by'),
    description: (context, { table }) =>
      `order by ${context.namingOf(table).fieldName(fn)}() on columns of table ${describeTable(table)}`,
    // functions that take the same columns have one set of fields
    fields: (context, access) =>
      context.ofTable(access.table, `order by ${takes}`, () => {
        const direction = nullable(orderByEnum(context, context.namingOf(access.table)));
        return byName(
          aggregatedColumns(context, access, fn).map(({ name, grant, column }) =>
            inputValue(name, column.description, direction, { kind: 'column', grant }),
          ),
        );
      }),
  });
  byFunctions.set(fn, made);
  return made;
}

const byFunctions = new Map<AggregateFunction, ReadableInput>();

export function orderByEnum(context: SchemaContext, naming: Naming): EnumType {
  const name = naming.sharedTypeName('order_by');
  return context.shared(name, () => ({
    kind: 'enum',
    name,
    description: 'column ordering options',
    values: byName(
      directions.map(([value, description, direction, nulls]) => ({
        name: naming.enumValue(value),
        description,
        meaning: { kind: 'direction' as const, direction, nulls },
      })),
    ),
  }));
}

const directions = [
  ['asc', 'in ascending order, nulls last', 'asc', 'last'],
  ['asc_nulls_first', 'in ascending order, nulls first', 'asc', 'first'],
  ['asc_nulls_last', 'in ascending order, nulls last', 'asc', 'last'],
  ['desc', 'in descending order, nulls first', 'desc', 'first'],
  ['desc_nulls_first', 'in descending order, nulls first', 'desc', 'first'],
  ['desc_nulls_last', 'in descending order, nulls last', 'desc', 'last'],
] as const;
