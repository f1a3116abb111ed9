/** The aggregate functions of the contract and the columns that each takes. Source: spec/graphql-api.md 5.3. */
import { isComparableType, isNumericType } from '../permissions/index.ts';
import type { SchemaContext, VisibleColumn } from './context.ts';
import type { SelectAccess } from './meanings.ts';

export type AggregateFunction = (typeof aggregateFunctions)[number]['name'];

/** `result`: what the function's field has per column, a float or the column's own type. */
export const aggregateFunctions = [
  { name: 'avg', takes: 'numeric', result: 'float' },
  { name: 'max', takes: 'comparable', result: 'same' },
  { name: 'min', takes: 'comparable', result: 'same' },
  { name: 'stddev', takes: 'numeric', result: 'float' },
  { name: 'stddev_pop', takes: 'numeric', result: 'float' },
  { name: 'stddev_samp', takes: 'numeric', result: 'float' },
  { name: 'sum', takes: 'numeric', result: 'same' },
  { name: 'var_pop', takes: 'numeric', result: 'float' },
  { name: 'var_samp', takes: 'numeric', result: 'float' },
  { name: 'variance', takes: 'numeric', result: 'float' },
] as const;

/** Columns that refer to an enum table are neither numeric nor comparable. */
export function aggregatedColumns(
  context: SchemaContext,
  access: SelectAccess,
  name: AggregateFunction,
): readonly VisibleColumn[] {
  const takes = name === 'max' || name === 'min' ? isComparableType : isNumericType;
  return context.ofTable(access.table, takes === isComparableType ? 'comparable' : 'numeric', () =>
    context
      .visibleColumns(access)
      .filter(({ column }) => column.enumReference === null && takes(column.type)),
  );
}
