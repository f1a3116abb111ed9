/**
 * The only maker of `GuardedRows`. Other folders get rows from a rule; what makes rows without one stays inside this folder.
 * Source: spec/permissions.md 3.5, 14 (4).
 */
import { InvariantError } from '../support/index.ts';
import type {
  BooleanExpression,
  FunctionCall,
  GuardedRows,
  NativeQueryCall,
  RowTable,
  SelectRule,
} from './types.ts';

/** The rows of the rule's table that its role may read. */
export function guardedRows(rule: SelectRule): GuardedRows {
  return rule.rows;
}

/** The rows that a function (a tracked one, or a computed field's) returns, as far as the rule of their table shows them. */
export function guardedFunction(rule: SelectRule, call: FunctionCall): GuardedRows {
  return makeRows(rule.rows.table, { kind: 'function', call }, rule.rows.filter);
}

/** The rows that a native query returns, as far as the rule of its logical model shows them. */
export function guardedNativeQuery(rule: SelectRule, call: NativeQueryCall): GuardedRows {
  const { table, filter } = rule.rows;
  if (table.isLogicalModel !== true) throw new InvariantError(`"${table.name}" is no logical model`);
  return makeRows(table, { kind: 'native-query', call }, filter);
}

/** Inside this folder only: rows under the filter of a rule that is being compiled. */
export function makeRows(
  table: RowTable,
  source: GuardedRows['source'],
  filter: BooleanExpression,
): GuardedRows {
  return { table, source, filter } as GuardedRows;
}

/** Where the rows of a table are read unless something else stands in its place. */
export function ownRows(table: RowTable): GuardedRows['source'] {
  return table.isLogicalModel === true ? nowhere : tableRows;
}

export const tableRows: GuardedRows['source'] = { kind: 'table' };
const nowhere: GuardedRows['source'] = { kind: 'nowhere' };
