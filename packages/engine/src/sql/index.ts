/**
 * Plans become statements. In: the root fields of one source. Out: SQL text with the sources of its bind parameters.
 * Promise: a name reaches the text only through `identifier`, a value never does (it is a bind parameter), and rows only under their guard's filter.
 */

export * from './mutations/index.ts';
export { renderRowsJoin } from './joins.ts';
export { type MultiplexedStatement, renderMultiplexed } from './multiplexed.ts';
export {
  isStream,
  renderExplain,
  renderSelects,
  renderStream,
  type SelectPlan,
  type Statement,
} from './statement.ts';
export { type NativeQueryCandidate, nativeQueryChecks, nativeQueryTypes } from './native-query.ts';
export { type RowCondition, renderCondition, renderTruths, type TruthQuery } from './truths.ts';
export { renderTransactionSettings } from './transaction-settings.ts';
