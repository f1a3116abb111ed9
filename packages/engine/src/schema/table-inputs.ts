/**
 * What a query may say about the rows of a table: the five table arguments, `t_bool_exp`, `t_select_column`, `t_stream_cursor_input`.
 * Source: spec/graphql-api.md 4, spec/permissions.md 4.2.
 */
import type { Naming, TrackedComputedField, TrackedTable } from '../model/index.ts';
import { aggregatePredicateInput } from './aggregate-predicates.ts';
import { comparisonInput } from './comparison-inputs.ts';
import type { SchemaContext } from './context.ts';
import { describeTable } from './descriptions.ts';
import { inputValue } from './lazy-types.ts';
import { byName } from './members.ts';
import { listOf, listOfRequired, nullable, required } from './type-references.ts';
import { orderByInput } from './order-by.ts';
import { isEnumValueName, isGraphqlName, strictScalars } from './scalars.ts';
import type { SelectAccess } from './meanings.ts';
import {
  type InputObjectSpecification,
  type EnumSpecification,
  specifiedInputObject,
  specifiedEnum,
  inputSpecification,
  enumSpecification,
} from './specified-types.ts';
import type { EnumType, InputObjectType, InputValue } from './types.ts';
import { valueTypeOf } from './value-types.ts';

/** `distinct_on`, `limit`, `offset`, `order_by`, `where`. */
export function tableArguments(
  context: SchemaContext,
  access: SelectAccess,
): ReadonlyMap<string, InputValue> {
  return context.ofTable(access.table, 'arguments', () => {
    const naming = context.namingOf(access.table);
    const selectColumn = selectColumnEnum(context, access);
    const int = nullable(strictScalars.Int);
    const items: InputValue[] = [];
    if (selectColumn !== null) {
      items.push(
        inputValue(
          naming.fieldName('distinct_on'),
          'distinct select on columns',
          listOfRequired(selectColumn),
          {
            kind: 'distinct-on',
          },
        ),
      );
    }
    items.push(
      inputValue('limit', 'limit the number of rows returned', int, { kind: 'limit' }),
      inputValue('offset', 'skip the first n rows. Use only with order_by', int, { kind: 'offset' }),
      inputValue(
        naming.fieldName('order_by'),
        'sort the rows by one or more columns',
        listOfRequired(orderByInput(context, access)),
        { kind: 'order-by' },
      ),
      whereArgument(context, access.table, 'filter the rows returned'),
    );
    return byName(items);
  });
}

export function whereArgument(
  context: SchemaContext,
  table: TrackedTable,
  description: string | null,
): InputValue {
  return inputValue('where', description, nullable(booleanInput(context, table)), { kind: 'where' });
}

/** `t_select_column`; null when the role may name no column. */
export function selectColumnEnum(context: SchemaContext, access: SelectAccess): EnumType | null {
  return context.ofTable(access.table, 'select_column', () => {
    const hasColumns = context.hasVisibleColumn(access, isEnumValueName);
    return hasColumns ? specifiedEnum(selectColumn, context, access) : null;
  });
}

const selectColumn: EnumSpecification<SchemaContext, SelectAccess> = enumSpecification({
  name: (context, { table }) => context.typeName(table, 'select_column'),
  description: (_, { table }) => `select columns of table ${describeTable(table)}`,
  *values(context, access) {
    for (const { name, grant } of context.visibleColumns(access)) {
      if (!isEnumValueName(name)) continue;
      yield { name, description: 'column name', meaning: { kind: 'column', grant } };
    }
  },
});

/**
 * `t_bool_exp`. A role that may change rows without reading them gets the logical operators alone: nothing of the table can be named.
 */
export function booleanInput(context: SchemaContext, table: TrackedTable): InputObjectType {
  return context.ofTable(table, 'bool_exp', () => specifiedInputObject(booleanExpression, context, table));
}

const booleanExpression: InputObjectSpecification<SchemaContext, TrackedTable> = inputSpecification({
  name: (context, table) => context.typeName(table, 'bool_exp'),
  description: (_, table) =>
    `Boolean expression to filter rows from the table ${describeTable(table)}. All fields are combined with a logical 'AND'.`,
  *fields(context, table, self) {
    const many = listOfRequired(self);
    yield inputValue('_and', null, many, { kind: 'and' });
    yield inputValue('_or', null, many, { kind: 'or' });
    yield inputValue('_not', null, nullable(self), { kind: 'not' });
    const access = context.selectAccess(table);
    if (access !== null) yield* predicateFields(context, access);
  },
});

function* predicateFields(context: SchemaContext, access: SelectAccess): Iterable<InputValue> {
  const { table, rule } = access;
  const naming = context.namingOf(table);
  for (const { name, grant, value } of context.visibleColumns(access)) {
    yield inputValue(name, null, nullable(comparisonInput(context, naming, value)), {
      kind: 'column',
      grant,
    });
  }
  for (const grant of rule.computedFields.values()) {
    const { field } = grant;
    const value = field.returns.kind === 'scalar' ? valueTypeOf(context, naming, field.returns.type) : null;
    if (value === null || field.arguments.length > 0 || !isGraphqlName(field.name)) continue;
    yield inputValue(field.name, null, nullable(comparisonInput(context, naming, value)), {
      kind: 'computed-scalar',
      grant,
    });
  }
  for (const [field, target] of visibleComputedRows(context, table)) {
    if (field.arguments.length > 0) continue;
    yield inputValue(field.name, null, nullable(booleanInput(context, target.table)), {
      kind: 'computed-rows',
      field,
      access: target,
    });
  }
  for (const relationship of table.relationships.values()) {
    const target = context.selectAccess(context.model.tableAt(relationship.target));
    if (target === null || !isGraphqlName(relationship.name)) continue;
    yield inputValue(relationship.name, null, nullable(booleanInput(context, target.table)), {
      kind: 'relationship',
      relationship,
      access: target,
    });
    const isCounted = relationship.kind === 'array' && target.rule.allowsAggregations;
    if (isCounted && !context.features.hidesAggregationPredicates) {
      const name = aggregateFieldName(naming, relationship.name);
      yield inputValue(name, null, nullable(aggregatePredicateInput(context, target)), {
        kind: 'relationship-aggregate',
        relationship,
        access: target,
      });
    }
  }
}

/** The computed fields that return rows which the role may read. */
export function* visibleComputedRows(
  context: SchemaContext,
  table: TrackedTable,
): Iterable<readonly [TrackedComputedField, SelectAccess]> {
  for (const field of table.computedFields.values()) {
    if (field.returns.kind !== 'rows' || !isGraphqlName(field.name)) continue;
    const target = context.selectAccess(context.model.tableAt(field.returns.table));
    if (target !== null) yield [field, target];
  }
}

/** `articles_aggregate`: the relationship's own name is not changed. */
export function aggregateFieldName(naming: Naming, name: string): string {
  return naming.fieldName({ custom: name }, 'aggregate');
}

/** The arguments of `t_stream`. Source: spec/graphql-api.md 4, 5.4. */
export function streamArguments(
  context: SchemaContext,
  access: SelectAccess,
): ReadonlyMap<string, InputValue> {
  const naming = context.namingOf(access.table);
  return byName([
    inputValue(
      naming.fieldName('batch_size'),
      'maximum number of rows returned in a single batch',
      required(strictScalars.Int),
      { kind: 'stream-batch-size' },
    ),
    inputValue(
      'cursor',
      'cursor to stream the results returned by the query',
      required(listOf(nullable(specifiedInputObject(streamCursor, context, access)))),
      { kind: 'stream-cursor' },
    ),
    whereArgument(context, access.table, 'filter the rows returned'),
  ]);
}

const streamCursor: InputObjectSpecification<SchemaContext, SelectAccess> = inputSpecification({
  name: (context, { table }) => context.typeName(table, 'stream_cursor_input'),
  description(_, { table }) {
    // here by its name in GraphQL
    const base = table.graphqlName ?? table.name;
    return `Streaming cursor of the table "${typeof base === 'string' ? base : base.custom}"`;
  },
  fields(context, access) {
    const naming = context.namingOf(access.table);
    return [
      inputValue(
        naming.fieldName('initial_value'),
        'Stream column input with initial value',
        required(specifiedInputObject(streamCursorValue, context, access)),
        { kind: 'cursor-initial-value' },
      ),
      inputValue('ordering', 'cursor ordering', nullable(cursorOrderingEnum(context, naming)), {
        kind: 'cursor-ordering',
      }),
    ];
  },
});

const streamCursorValue: InputObjectSpecification<SchemaContext, SelectAccess> = inputSpecification({
  name: (context, { table }) => context.typeName(table, 'stream_cursor_value_input'),
  description: () => 'Initial value of the column from where the streaming should start',
  fields: (context, access) =>
    context
      .visibleColumns(access)
      .map(({ name, column, grant, value }) =>
        inputValue(name, column.description, value.nullable, { kind: 'column', grant }),
      ),
});

function cursorOrderingEnum(context: SchemaContext, naming: Naming): EnumType {
  const name = naming.typeName('cursor_ordering');
  return context.shared(name, () => ({
    kind: 'enum',
    name,
    description: 'ordering argument of a cursor',
    values: byName([
      {
        name: 'ASC',
        description: 'ascending ordering of the cursor',
        meaning: { kind: 'direction', direction: 'asc', nulls: 'last' },
      },
      {
        name: 'DESC',
        description: 'descending ordering of the cursor',
        meaning: { kind: 'direction', direction: 'desc', nulls: 'first' },
      },
    ]),
  }));
}
