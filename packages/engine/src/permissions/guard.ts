/**
 * The only maker of `GuardedRows`. Other folders get rows from a rule; what makes rows without one stays inside this folder.
 * Source: spec/permissions.md 3.5, 14 (4).
 */
import type { BooleanExpression, FunctionCall, GuardedRows, SelectRule, Table } from './types.ts';

/** The rows of the rule's table that its role may read. */
export function guardedRows(rule: SelectRule): GuardedRows {
  return rule.rows;
}

/** The rows that a function (a tracked one, or a computed field's) returns, as far as the rule of their table shows them. */
export function guardedFunction(rule: SelectRule, call: FunctionCall): GuardedRows {
  return makeRows(rule.rows.table, { kind: 'function', call }, rule.rows.filter);
}

/** Inside this folder only: rows under the filter of a rule that is being compiled. */
export function makeRows(
  table: Table,
  source: GuardedRows['source'],
  filter: BooleanExpression,
): GuardedRows {
  return { table, source, filter } as GuardedRows;
}

export const tableRows: GuardedRows['source'] = { kind: 'table' };
