import type { AggregateCall } from '../permissions/index.ts';
import type { Operand } from '../plan/index.ts';
import { InvariantError } from '../support/index.ts';
import { join, type SqlFragment, sql } from './fragment.ts';
import { renderOperand } from './operand.ts';
import type { RowScope } from './row.ts';

/** The aggregate functions that can be asked for, by their SQL names. */
const FUNCTIONS: ReadonlyMap<string, SqlFragment> = new Map([
  ['count', sql`count`],
  ['sum', sql`sum`],
  ['avg', sql`avg`],
  ['max', sql`max`],
  ['min', sql`min`],
  ['stddev', sql`stddev`],
  ['stddev_pop', sql`stddev_pop`],
  ['stddev_samp', sql`stddev_samp`],
  ['var_pop', sql`var_pop`],
  ['var_samp', sql`var_samp`],
  ['variance', sql`variance`],
  ['bool_and', sql`bool_and`],
  ['bool_or', sql`bool_or`],
  ['every', sql`every`],
  ['corr', sql`corr`],
  ['covar_samp', sql`covar_samp`],
  ['covar_pop', sql`covar_pop`],
]);

/** `sum(_0."rank")`. Source for the forms of `count`: spec/graphql-api.md 5.3. */
export function renderAggregate(call: AggregateCall, scope: RowScope): SqlFragment {
  return aggregateOf(
    call.function,
    call.operands.map((operand: Operand) => renderOperand(operand, scope)),
    call.isDistinct,
  );
}

/** The aggregate over expressions that are already written. */
export function aggregateOf(
  functionName: string,
  operands: readonly SqlFragment[],
  isDistinct: boolean,
): SqlFragment {
  const fn = FUNCTIONS.get(functionName);
  if (fn === undefined) throw new InvariantError(`unknown aggregate function: ${functionName}`);
  if (operands.length === 0) return sql`${fn}(*)`;
  const list = join(operands, sql`, `);
  // several columns are counted as one row value
  const given = functionName === 'count' && operands.length > 1 ? sql`(${list})` : list;
  return isDistinct ? sql`${fn}(distinct ${given})` : sql`${fn}(${given})`;
}
