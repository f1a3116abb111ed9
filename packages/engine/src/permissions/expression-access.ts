/**
 * What an expression may look at. The parser names columns and rows only through this: definitions of permissions look everywhere, requests
 * only where their role may. Source: spec/permissions.md 3.5, spec/metadata-api.md 5.2.
 */
import { InvariantError, type Path, RequestError } from '../support/index.ts';
import { always } from './expressions.ts';
import { guardedFunction, makeRows, tableRows } from './guard.ts';
import { describeName } from './qualified-name.ts';
import type {
  Column,
  ComputedField,
  FunctionCall,
  GuardedRows,
  Operand,
  SelectRule,
  Table,
  TableReference,
} from './types.ts';

export interface ExpressionAccess {
  /** Whether a string that looks like a session variable stands for it. */
  readonly readsSessionVariables: boolean;
  /** True: conditions on the rows of a computed field see those rows as their root, as a filter does. */
  readonly rootsReturnedRows: boolean;
  /** The value of a column on the row of its table. */
  column(table: Table, column: Column, path: Path): Operand;
  /** A column on the right of a comparison, where it cannot be hidden cell by cell. */
  comparedColumn(table: Table, column: Column, path: Path): Column;
  scalar(table: Table, field: ComputedField, call: FunctionCall, path: Path): Operand;
  /** The rows of a table that is named (`relationship` null) or reached. */
  rows(table: Table, relationship: string | null, path: Path): GuardedRows;
  /** The rows that a computed field returns. */
  returnedRows(table: Table, field: ComputedField, call: FunctionCall, path: Path): GuardedRows;
}

/**
 * For the definitions of permissions alone: a rule may look where its role may not. Nothing else may have such rows, so this does not leave the
 * folder.
 */
export const definitionAccess: ExpressionAccess = {
  readsSessionVariables: true,
  rootsReturnedRows: true,
  column: (_table, column) => ({ kind: 'column', column, visibleWhen: null }),
  comparedColumn: (_table, column) => column,
  scalar: (_table, field, call) => ({ kind: 'call', call, type: scalarType(field), visibleWhen: null }),
  rows: (table) => unguardedRows(table),
  returnedRows: (table, _field, call) => makeRows(table, { kind: 'function', call }, always),
};

/** For expressions of requests: what the role may select, under the guards of its rules. */
export function roleAccess(
  role: string,
  selectRuleOf: (table: Table) => SelectRule | null,
): ExpressionAccess {
  const grantOf = (table: Table, column: Column, path: Path) => {
    const grant = selectRuleOf(table)?.columns.get(column.name);
    if (grant === undefined) throw denied(path, denyColumn(role, 'select', column.name));
    return grant;
  };
  return {
    readsSessionVariables: false,
    rootsReturnedRows: false,
    column(table, column, path) {
      return { kind: 'column', ...grantOf(table, column, path) };
    },
    comparedColumn(table, column, path) {
      // a column that the role sees on some rows only would be compared on all of them
      if (grantOf(table, column, path).visibleWhen === null) return column;
      throw denied(path, denyColumn(role, 'select', column.name));
    },
    scalar(table, field, call, path) {
      const grant = selectRuleOf(table)?.computedFields.get(field.name);
      if (grant === undefined) throw denied(path, denyComputedField(role, field.name));
      return { kind: 'call', call, type: scalarType(field), visibleWhen: grant.visibleWhen };
    },
    rows(table, relationship, path) {
      const rule = selectRuleOf(table);
      if (rule !== null) return rule.rows;
      throw denied(
        path,
        relationship === null
          ? `select on "${describeName(table)}" for role "${role}" is not allowed. `
          : denyRelationship(role, relationship, table),
      );
    },
    returnedRows(table, field, call, path) {
      const rule = selectRuleOf(table);
      if (rule !== null) return guardedFunction(rule, call);
      throw denied(
        path,
        `role "${role}" does not have permission to read computed field "${field.name}"; no permission on table "${describeName(table)}"`,
      );
    },
  };
}

export function denyColumn(role: string, operation: 'select' | 'update' | 'insert', column: string): string {
  return role === 'admin'
    ? `no such column exists: "${column}"`
    : `role "${role}" does not have permission to ${operation} column "${column}"`;
}

export function denyNotInsertable(role: string, column: string): string {
  return `column "${column}" is not insertable for role "${role}"`;
}

export function denyComputedField(role: string, field: string): string {
  return role === 'admin'
    ? `no such computed field exists: "${field}"`
    : `role "${role}" does not have permission to select computed field "${field}"`;
}

export function denyRelationship(role: string, relationship: string, target: TableReference): string {
  return `role "${role}" does not have permission to read relationship "${relationship}"; no permission on table "${describeName(target)}"`;
}

function denied(path: Path, message: string): RequestError {
  return new RequestError('permission-denied', path, message);
}

function scalarType(field: ComputedField) {
  if (field.returns.kind === 'scalar') return field.returns.type;
  throw new InvariantError(`computed field ${field.name} returns rows`);
}

const unguarded = new WeakMap<Table, GuardedRows>();

function unguardedRows(table: Table): GuardedRows {
  const known = unguarded.get(table);
  if (known !== undefined) return known;
  const rows = makeRows(table, tableRows, always);
  unguarded.set(table, rows);
  return rows;
}
