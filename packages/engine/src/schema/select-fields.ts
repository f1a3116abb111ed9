/** Root fields that read a table. Source: spec/graphql-api.md 4, spec/permissions.md 4.2. */
import type { RootFieldKind, TrackedTable } from '../model/index.ts';
import { aggregateObject } from './aggregates.ts';
import type { SchemaContext, VisibleColumn } from './context.ts';
import { describe, describeTable } from './descriptions.ts';
import { byName, inputValue, lazyField } from './lazy-types.ts';
import { listOfRequired, nullable, required } from './type-references.ts';
import { streamArguments, tableArguments } from './table-inputs.ts';
import { tableObject } from './table-object.ts';
import type { SelectAccess } from './meanings.ts';
import type { Field, InputValue, TypeReference } from './types.ts';

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
  const make = (
    kind: keyof typeof meanings,
    automatic: string,
    makeType: () => TypeReference,
    makeArguments: () => ReadonlyMap<string, InputValue>,
  ): Field => {
    const { name, comment } = table.rootFields[kind];
    const meaning = { kind: meanings[kind], access };
    return lazyField(name, describe(comment, automatic), meaning, makeType, makeArguments);
  };
  const rows = () => required(listOfRequired(tableObject(context, access)));
  const inputs = () => tableArguments(context, access);

  if (shown.has('select')) yield make('select', `fetch data from the table: ${named}`, rows, inputs);
  if (shown.has('select_aggregate') && rule.allowsAggregations) {
    const automatic = `fetch aggregated fields from the table: ${named}`;
    yield make('select_aggregate', automatic, () => required(aggregateObject(context, access)), inputs);
  }
  const key = shown.has('select_by_pk') ? context.visibleKey(access) : null;
  if (key !== null) {
    const automatic = `fetch data from the table: ${named} using primary key columns`;
    const row = () => nullable(tableObject(context, access));
    yield make('select_by_pk', automatic, row, () => keyArguments(context, access, key));
  }
  const streams = root === 'subscription' && shown.has('select_stream');
  if (streams && !context.features.hidesStreamFields && context.hasVisibleColumn(access)) {
    const automatic = `fetch data from the table in a streaming manner: ${named}`;
    yield make('select_stream', automatic, rows, () => streamArguments(context, access));
  }
}

/** One argument per column of the primary key. */
export function keyArguments(
  context: SchemaContext,
  access: SelectAccess,
  key: readonly VisibleColumn[],
): ReadonlyMap<string, InputValue> {
  return context.ofTable(access.table, 'key-arguments', () =>
    byName(
      key.map(({ name, column, grant, value }) =>
        inputValue(name, column.description, value.required, { kind: 'key-column', column, grant }),
      ),
    ),
  );
}

const meanings = {
  select: 'select',
  select_by_pk: 'select-by-pk',
  select_aggregate: 'select-aggregate',
  select_stream: 'select-stream',
} as const;
