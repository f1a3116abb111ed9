/** Root fields that read a table. Source: spec/graphql-api.md 4, spec/permissions.md 4.2. */
import type { RootFieldKind, TrackedTable } from '../model/index.ts';
import { aggregateObject } from './aggregates.ts';
import type { SchemaContext } from './context.ts';
import { describeTable } from './descriptions.ts';
import { inputValue } from './lazy-types.ts';
import { byName } from './members.ts';
import { listOfRequired, nullable, required } from './type-references.ts';
import { type RootFieldSpecification, rootField } from './root-field.ts';
import { streamArguments, tableArguments } from './table-inputs.ts';
import { tableObject } from './table-object.ts';
import type { SelectAccess } from './meanings.ts';
import type { Field, InputValue } from './types.ts';

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
  if (shown.has('select')) yield rootField(rows, context, access);
  if (shown.has('select_aggregate') && rule.allowsAggregations) yield rootField(aggregate, context, access);
  if (shown.has('select_by_pk') && context.visibleKey(access) !== null) {
    yield rootField(rowByKey, context, access);
  }
  const streams = root === 'subscription' && shown.has('select_stream');
  if (streams && !context.features.hidesStreamFields && context.hasVisibleColumn(access)) {
    yield rootField(stream, context, access);
  }
}

type SelectField = RootFieldSpecification<SelectAccess>;

const rows: SelectField = {
  kind: 'select',
  description: (table) => `fetch data from the table: ${describeTable(table)}`,
  meaning: (access) => ({ kind: 'select', access }),
  type: (context, access) => required(listOfRequired(tableObject(context, access))),
  arguments: tableArguments,
};

const aggregate: SelectField = {
  kind: 'select_aggregate',
  description: (table) => `fetch aggregated fields from the table: ${describeTable(table)}`,
  meaning: (access) => ({ kind: 'select-aggregate', access }),
  type: (context, access) => required(aggregateObject(context, access)),
  arguments: tableArguments,
};

const rowByKey: SelectField = {
  kind: 'select_by_pk',
  description: (table) => `fetch data from the table: ${describeTable(table)} using primary key columns`,
  meaning: (access) => ({ kind: 'select-by-pk', access }),
  type: (context, access) => nullable(tableObject(context, access)),
  arguments: keyArguments,
};

const stream: SelectField = {
  kind: 'select_stream',
  description: (table) => `fetch data from the table in a streaming manner: ${describeTable(table)}`,
  meaning: (access) => ({ kind: 'select-stream', access }),
  type: rows.type,
  arguments: streamArguments,
};

/** One argument per column of the primary key, as far as all of it is visible. */
export function keyArguments(context: SchemaContext, access: SelectAccess): ReadonlyMap<string, InputValue> {
  return context.ofTable(access.table, 'key-arguments', () =>
    byName(
      (context.visibleKey(access) ?? []).map(({ name, column, grant, value }) =>
        inputValue(name, column.description, value.required, { kind: 'key-column', column, grant }),
      ),
    ),
  );
}
