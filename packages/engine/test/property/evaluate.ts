/**
 * What rules mean, said a second time: a small evaluator over rows in memory, written from spec/permissions.md 3 and 7.2 and not from `sql/`.
 * Values are integers, texts and null; truth has three values.
 */
import type { RowTable } from '../../src/permissions/index.ts';
import type { BooleanExpression, ColumnPair, GuardedRows, Operand } from '../../src/plan/index.ts';

export type Cell = number | string | null;
export type DataRow = Readonly<Record<string, Cell>>;
export type Data = ReadonlyMap<string, readonly DataRow[]>;
export type Truth = boolean | null;

export interface World {
  readonly data: Data;
  readonly session: ReadonlyMap<string, string>;
}

interface Standing {
  readonly current: DataRow;
  readonly root: DataRow;
  readonly aggregate?: Cell;
}

/** The rows that a guard shows, of those that join `outer` (all of them without one). */
export function visibleRows(
  rows: GuardedRows,
  world: World,
  outer: { readonly row: DataRow; readonly join: readonly ColumnPair[] } | null = null,
): readonly DataRow[] {
  return rowsOf(rows.table, world).filter(
    (row) =>
      (outer?.join ?? []).every(
        ({ from, to }) => equal(outer?.row[from.name] ?? null, row[to.name] ?? null) === true,
      ) && evaluate(rows.filter, { current: row, root: row }, world) === true,
  );
}

export function holds(expression: BooleanExpression, row: DataRow, world: World): boolean {
  return evaluate(expression, { current: row, root: row }, world) === true;
}

export function valueOfOperand(operand: Operand, row: DataRow, world: World): Cell {
  return operandValue(operand, { current: row, root: row }, world);
}

function evaluate(expression: BooleanExpression, standing: Standing, world: World): Truth {
  switch (expression.kind) {
    case 'constant':
      return expression.value;
    case 'and':
      return all(expression.operands.map((operand) => evaluate(operand, standing, world)));
    case 'or':
      return negate(all(expression.operands.map((operand) => negate(evaluate(operand, standing, world)))));
    case 'not':
      return negate(evaluate(expression.operand, standing, world));
    case 'null-test':
      return (operandValue(expression.operand, standing, world) === null) === expression.isNull;
    case 'exists':
      return visibleRows(expression.rows, world, { row: standing.current, join: expression.join }).some(
        (row) => evaluate(expression.where, { current: row, root: standing.root }, world) === true,
      );
    case 'aggregate-test': {
      const counted = visibleRows(expression.rows, world, {
        row: standing.current,
        join: expression.join,
      }).filter((row) => evaluate(expression.filter, { current: row, root: standing.root }, world) === true);
      const aggregate = count(expression.aggregate.operands, counted, world, expression.aggregate.isDistinct);
      return evaluate(expression.predicate, { ...standing, aggregate }, world) === true;
    }
    case 'comparison':
      return compare(expression, standing, world);
  }
}

function count(
  operands: readonly Operand[],
  rows: readonly DataRow[],
  world: World,
  isDistinct: boolean,
): number {
  const [operand] = operands;
  if (operand === undefined) return rows.length;
  const values = rows.map((row) => valueOfOperand(operand, row, world)).filter((value) => value !== null);
  return isDistinct ? new Set(values).size : values.length;
}

function compare(
  { operator, left, right, isNullSafe }: Extract<BooleanExpression, { kind: 'comparison' }>,
  standing: Standing,
  world: World,
): Truth {
  const value = operandValue(left, standing, world);
  if (right.kind === 'value' && right.value.isArray) {
    const elements = readArray(sourceText(right.value, world));
    const isMember =
      elements === null ? null : negate(all(elements.map((element) => negate(equal(value, element)))));
    return operator === 'in' ? isMember : negate(isMember);
  }
  const other =
    right.kind === 'column' ? (standing[right.of][right.column.name] ?? null) : rightValue(right, world);
  switch (operator) {
    case 'eq':
      return isNullSafe && value === null && other === null ? true : equal(value, other);
    case 'neq':
      return isNullSafe && value !== null && other === null ? true : negate(equal(value, other));
    case 'gt':
      return order(value, other, (difference) => difference > 0);
    case 'lt':
      return order(value, other, (difference) => difference < 0);
    case 'gte':
      return order(value, other, (difference) => difference >= 0);
    case 'lte':
      return order(value, other, (difference) => difference <= 0);
    default:
      throw new Error(`the evaluator does not know ${operator}`);
  }
}

function rightValue(right: Extract<BooleanExpression, { kind: 'comparison' }>['right'], world: World): Cell {
  if (right.kind !== 'value') throw new Error(`the evaluator does not know ${right.kind}`);
  const text = sourceText(right.value, world);
  return text === null || right.value.type.name === 'text' ? text : Number(text);
}

function sourceText(
  {
    source,
  }: Extract<Extract<BooleanExpression, { kind: 'comparison' }>['right'], { kind: 'value' }>['value'],
  world: World,
): string | null {
  if (source.kind === 'literal') return source.text;
  if (source.kind === 'session') return world.session.get(source.variable) ?? null;
  throw new Error(`the evaluator does not know ${source.kind}`);
}

/** `{1,NULL,3}` of integers. */
function readArray(text: string | null): readonly Cell[] | null {
  if (text === null) return null;
  const inside = text.slice(1, -1);
  return inside === ''
    ? []
    : inside.split(',').map((element) => (element === 'NULL' ? null : Number(element)));
}

function operandValue(operand: Operand, standing: Standing, world: World): Cell {
  switch (operand.kind) {
    case 'column': {
      const row = standing.current;
      const isShown =
        operand.visibleWhen === null ||
        evaluate(operand.visibleWhen, { current: row, root: row }, world) === true;
      return isShown ? (row[operand.column.name] ?? null) : null;
    }
    case 'aggregate-result':
      return standing.aggregate ?? null;
    default:
      throw new Error(`the evaluator does not know ${operand.kind}`);
  }
}

function rowsOf(table: RowTable, { data }: World): readonly DataRow[] {
  return data.get(table.name) ?? [];
}

function equal(a: Cell, b: Cell): Truth {
  return a === null || b === null ? null : a === b;
}

function order(a: Cell, b: Cell, test: (difference: number) => boolean): Truth {
  if (a === null || b === null) return null;
  return test(a < b ? -1 : a > b ? 1 : 0);
}

function negate(truth: Truth): Truth {
  return truth === null ? null : !truth;
}

function all(truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false;
  return truths.includes(null) ? null : true;
}
