import type { GuardedRows } from '../../permissions/index.ts';
import type { SelectAccess } from '../../schema/index.ts';
import { InvariantError, type Path } from '../../support/index.ts';
import { expectLeaf, type SelectedField, withFieldsBelow } from '../collect-fields.ts';
import { fault, type PlanContext } from '../context.ts';
import { argumentOf, type GivenArgument, readArguments } from '../field-arguments.ts';
import { planRowOutput } from '../rows.ts';
import { strictLimit, strictValue } from '../strict-scalars.ts';
import { planRowSet } from '../table-arguments.ts';
import type { OrderItem, RowSet } from '../types.ts';
import { cursorKeys, readCursor } from './cursor.ts';
import { keyOperand } from './key-operand.ts';
import type { ConnectionItem, ConnectionSelect, EdgeItem, PageInfoItem } from './types.ts';

/** A page of the rows, with what is selected of it. Source: spec/graphql-api.md 16. */
export function planConnection(
  selected: SelectedField,
  access: SelectAccess,
  rows: GuardedRows,
  join: RowSet['join'],
  given: readonly GivenArgument[],
  context: PlanContext,
): ConnectionSelect {
  const path = selected.path.child('args');
  const set = withTotalOrder(planRowSet(rows, join, given, selected.path, context), access);
  const keys = cursorKeys(set.orderBy);
  const after = argumentOf(given, 'after');
  const before = argumentOf(given, 'before');
  if (after !== null && before !== null) {
    throw fault(path, '"after" and "before" are not allowed at once');
  }
  const cursor = after ?? before;
  return {
    kind: 'connection',
    set,
    keys,
    cursor:
      cursor === null ? null : readCursor(cursor, after === null ? 'before' : 'after', keys, path, context),
    slice: readSlice(given, path),
    permissionLimit: access.rule.limit,
    output: planOutput(selected, context),
  };
}

function readSlice(given: readonly GivenArgument[], path: Path): ConnectionSelect['slice'] {
  const first = argumentOf(given, 'first');
  const last = argumentOf(given, 'last');
  if (first !== null && last !== null) throw fault(path, '"first" and "last" are not allowed at once');
  if (first !== null) return { from: 'start', size: strictValue(first.input, strictLimit, first.path) };
  if (last !== null) return { from: 'end', size: strictValue(last.input, strictLimit, last.path) };
  return null;
}

/** The given order without repetitions, then the primary key. Without an order, distinct columns come first, as PostgreSQL wants it. */
function withTotalOrder(set: RowSet, access: SelectAccess): RowSet {
  const orderBy: OrderItem[] = [];
  const seen = new Set<string>();
  const add = (item: OrderItem): void => {
    const key = JSON.stringify(item.path);
    if (seen.has(key)) return;
    seen.add(key);
    orderBy.push(item);
  };
  for (const item of set.orderBy) add(item);
  if (orderBy.length === 0) {
    for (const operand of set.distinctOn) {
      if (operand.kind === 'column')
        add({ by: { kind: 'operand', operand }, path: [operand.column.name], ...ascending });
    }
  }
  for (const column of access.table.primaryKey ?? []) {
    add({ by: { kind: 'operand', operand: keyOperand(access, column) }, path: [column.name], ...ascending });
  }
  return { ...set, orderBy };
}

const ascending = { direction: 'asc', nulls: 'last' } as const;

function planOutput(selected: SelectedField, context: PlanContext): readonly ConnectionItem[] {
  return withFieldsBelow(selected, context, (fields, type) =>
    fields.map((field): ConnectionItem => {
      const { responseKey: key } = field;
      const meaning = meaningOf(field, context);
      switch (meaning?.kind) {
        case undefined:
          return { key, kind: 'typename', value: type.name };
        case 'edges':
          return { key, kind: 'edges', output: planEdge(field, context) };
        case 'page-info':
          return { key, kind: 'page-info', output: planPageInfo(field, context) };
        default:
          throw new InvariantError(`'${field.field?.name}' is no part of a connection`);
      }
    }),
  );
}

function planEdge(selected: SelectedField, context: PlanContext): readonly EdgeItem[] {
  return withFieldsBelow(selected, context, (fields, type) =>
    fields.map((field): EdgeItem => {
      const { responseKey: key } = field;
      const meaning = meaningOf(field, context);
      switch (meaning?.kind) {
        case undefined:
          return { key, kind: 'typename', value: type.name };
        case 'edge-cursor':
          expectLeaf(field);
          return { key, kind: 'cursor' };
        case 'edge-node':
          return { key, kind: 'node', output: planRowOutput(field, meaning.access, context) };
        default:
          throw new InvariantError(`'${field.field?.name}' is no part of an edge`);
      }
    }),
  );
}

function planPageInfo(selected: SelectedField, context: PlanContext): readonly PageInfoItem[] {
  return withFieldsBelow(selected, context, (fields, type) =>
    fields.map((field): PageInfoItem => {
      const { responseKey: key } = field;
      const meaning = meaningOf(field, context);
      expectLeaf(field);
      if (meaning === null) return { key, kind: 'typename', value: type.name };
      if (meaning.kind === 'page-info-part') return { key, kind: 'part', part: meaning.part };
      throw new InvariantError(`'${field.field?.name}' is no part of a page's description`);
    }),
  );
}

/** Null for `__typename`. The fields here take no arguments, so that any is refused. */
function meaningOf(selected: SelectedField, context: PlanContext) {
  const { field } = selected;
  if (field === null) {
    expectLeaf(selected);
    return null;
  }
  readArguments({ ...selected, field }, context);
  return field.meaning;
}
