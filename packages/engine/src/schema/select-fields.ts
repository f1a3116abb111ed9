/** Root fields that read a table. Source: spec/graphql-api.md 4, spec/permissions.md 4.2. */
import type { RootFieldKind, TrackedTable } from '../model/index.ts';
import { aggregateObject } from './aggregates.ts';
import type { SchemaContext } from './context.ts';
import { describe, describeTable } from './descriptions.ts';
import { byName, field, inputValue, listOfRequired, nullable, required } from './lazy-types.ts';
import { streamArguments, tableArguments } from './table-inputs.ts';
import { tableObject } from './table-object.ts';
import type { Field, InputValue, SelectAccess } from './types.ts';

export function* selectFields(
  context: SchemaContext,
  table: TrackedTable,
  root: 'query' | 'subscription',
): Iterable<Field> {
  const access = context.selectAccess(table);
  if (access === null) return;
  const { rule } = access;
  const shown: ReadonlySet<RootFieldKind> =
    root === 'query' ? rule.queryRootFields : rule.subscriptionRootFields;
  const named = describeTable(table);
  const type = tableObject(context, access);
  const make = (
    kind: keyof typeof meanings,
    automatic: string,
    reference: Field['type'],
    inputs: ReadonlyMap<string, InputValue>,
  ): Field => {
    const { name, comment } = table.rootFields[kind];
    return field(name, describe(comment, automatic), reference, { kind: meanings[kind], access }, inputs);
  };

  if (shown.has('select')) {
    const inputs = tableArguments(context, access);
    yield make('select', `fetch data from the table: ${named}`, required(listOfRequired(type)), inputs);
  }
  if (shown.has('select_aggregate') && rule.allowsAggregations) {
    const inputs = tableArguments(context, access);
    const reference = required(aggregateObject(context, access));
    yield make('select_aggregate', `fetch aggregated fields from the table: ${named}`, reference, inputs);
  }
  const key = shown.has('select_by_pk') ? keyArguments(context, access) : null;
  if (key !== null) {
    const automatic = `fetch data from the table: ${named} using primary key columns`;
    yield make('select_by_pk', automatic, nullable(type), key);
  }
  const streams = shown.has('select_stream') && !context.features.hidesStreamFields;
  if (root === 'subscription' && streams && context.visibleColumns(access).length > 0) {
    const automatic = `fetch data from the table in a streaming manner: ${named}`;
    const reference = required(listOfRequired(type));
    yield make('select_stream', automatic, reference, streamArguments(context, access));
  }
}

/** One argument per column of the primary key; null when the role does not see all of them. */
export function keyArguments(
  context: SchemaContext,
  access: SelectAccess,
): ReadonlyMap<string, InputValue> | null {
  return context.once(access.table, 'key-arguments', () => {
    const key = context.visibleKey(access);
    if (key === null) return null;
    return byName(
      key.map(({ name, column, grant, value }) =>
        inputValue(name, column.description, value.required, { kind: 'key-column', column, grant }),
      ),
    );
  });
}

const meanings = {
  select: 'select',
  select_by_pk: 'select-by-pk',
  select_aggregate: 'select-aggregate',
  select_stream: 'select-stream',
} as const;
