/** Plans by hand, for tests of the stages behind planning. Everything is granted unless a test says otherwise. */
import type { PgType } from '../../src/catalog/index.ts';
import type {
  BooleanExpression,
  Column,
  ColumnPair,
  ComparisonOperator,
  FunctionCall,
  GuardedRows,
  Operand,
  ParameterSource,
  RightOperand,
  RowTable,
  Table,
  Value,
} from '../../src/permissions/index.ts';
import type {
  AggregateItem,
  AggregateSelect,
  OrderExpression,
  OrderItem,
  OutputFormat,
  OutputItem,
  RowSet,
  RowsSelect,
  Select,
} from '../../src/plan/index.ts';
import type { SelectPlan } from '../../src/sql/index.ts';
import type { Json } from '../../src/support/index.ts';

let nextOid = 100_000;

export function pgType(name: string, sqlName = name, schema = 'pg_catalog'): PgType {
  return { oid: nextOid++, schema, name, sqlName, kind: 'base', element: null, base: null, relation: null };
}

export const int4 = pgType('int4', 'integer');
export const int8 = pgType('int8', 'bigint');
export const text = pgType('text');
export const bool = pgType('bool', 'boolean');
export const numeric = pgType('numeric');
export const float8 = pgType('float8', 'double precision');
export const jsonb = pgType('jsonb');
export const json = pgType('json');
export const timestamptz = pgType('timestamptz', 'timestamp with time zone');
export const textArray: PgType = { ...pgType('_text', 'text[]'), kind: 'array', element: text };

/** A table whose columns are all nullable, except those of the primary key. */
export function table(
  name: string,
  columns: Readonly<Record<string, PgType>>,
  options: { readonly key?: readonly string[]; readonly schema?: string } = {},
): Table {
  const { key = ['id'], schema = 'public' } = options;
  const made = new Map<string, Column>(
    Object.entries(columns).map(([column, type]) => [
      column,
      {
        name: column,
        type,
        isNullable: !key.includes(column),
        isInsertable: true,
        isUpdatable: true,
        enumReference: null,
      },
    ]),
  );
  return {
    source: 'default',
    schema,
    name,
    columns: made,
    relationships: new Map(),
    computedFields: new Map(),
    primaryKey: key.length === 0 ? null : key.map((column) => columnOf(made, column)),
  };
}

export function column(of: Table, name: string): Column {
  return columnOf(of.columns, name);
}

function columnOf(columns: ReadonlyMap<string, Column>, name: string): Column {
  const found = columns.get(name);
  if (found === undefined) throw new Error(`no column ${name}`);
  return found;
}

export function pairs(from: Table, to: Table, columns: Readonly<Record<string, string>>): ColumnPair[] {
  return Object.entries(columns).map(([own, other]) => ({ from: column(from, own), to: column(to, other) }));
}

export const yes: BooleanExpression = { kind: 'constant', value: true };

/** Rows under a filter. Only `permissions/` makes these outside of tests. */
export function guarded(
  of: RowTable,
  filter: BooleanExpression = yes,
  source: GuardedRows['source'] = { kind: 'table' },
): GuardedRows {
  return { table: of, source, filter } as Omit<GuardedRows, never> as GuardedRows;
}

// ---- values and operands -------------------------------------------------------------------------------------------------------

export function boundTo(source: ParameterSource, type: PgType, options: Partial<Value> = {}): Value {
  return { source, type, isArray: false, input: 'text', ...options };
}

export function given(value: string | null, type: PgType, options: Partial<Value> = {}): Value {
  return boundTo({ kind: 'literal', text: value }, type, options);
}

export function session(variable: string, type: PgType, options: Partial<Value> = {}): Value {
  return boundTo({ kind: 'session', variable }, type, options);
}

const encode = (value: Json): string | null => (value === null ? null : String(value));

export function variable(name: string, type: PgType, options: Partial<Value> = {}): Value {
  return boundTo({ kind: 'variable', name, encode }, type, options);
}

export function cell(of: Table, name: string, visibleWhen: BooleanExpression | null = null): Operand {
  return { kind: 'column', column: column(of, name), visibleWhen };
}

export function call(name: string, type: PgType, argumentsOf: FunctionCall['arguments'] = [row]): Operand {
  return { kind: 'call', call: functionCall(name, argumentsOf), type, visibleWhen: null };
}

export const row: FunctionCall['arguments'][number] = { kind: 'row', name: null };

export function functionCall(name: string, argumentsOf: FunctionCall['arguments']): FunctionCall {
  return { function: { schema: 'public', name }, arguments: argumentsOf };
}

// ---- conditions ----------------------------------------------------------------------------------------------------------------

export function compare(
  left: Operand,
  operator: ComparisonOperator,
  right: Value | RightOperand,
  options: { readonly isNullSafe?: boolean } = {},
): BooleanExpression {
  return {
    kind: 'comparison',
    operator,
    left,
    right: 'kind' in right ? right : { kind: 'value', value: right },
    isNullSafe: options.isNullSafe ?? false,
  };
}

export function and(...operands: readonly BooleanExpression[]): BooleanExpression {
  return { kind: 'and', operands };
}

export function or(...operands: readonly BooleanExpression[]): BooleanExpression {
  return { kind: 'or', operands };
}

export function not(operand: BooleanExpression): BooleanExpression {
  return { kind: 'not', operand };
}

export function exists(
  rows: GuardedRows,
  join: readonly ColumnPair[],
  where: BooleanExpression = yes,
): BooleanExpression {
  return { kind: 'exists', rows, join, where };
}

// ---- selects -------------------------------------------------------------------------------------------------------------------

export function set(rows: GuardedRows, options: Partial<Omit<RowSet, 'rows'>> = {}): RowSet {
  return { rows, join: [], where: yes, distinctOn: [], orderBy: [], limit: null, offset: null, ...options };
}

export function list(
  of: RowSet,
  output: readonly OutputItem[],
  options: Partial<RowsSelect> = {},
): RowsSelect {
  return {
    kind: 'rows',
    set: of,
    cardinality: 'list',
    permissionLimit: null,
    output,
    stream: null,
    ...options,
  };
}

export function one(of: RowSet, output: readonly OutputItem[]): RowsSelect {
  return list(of, output, { cardinality: 'one' });
}

export function aggregate(
  of: RowSet,
  output: readonly AggregateItem[],
  permissionLimit: number | null = null,
): AggregateSelect {
  return { kind: 'aggregate', set: of, permissionLimit, output };
}

/** Output items for columns of a table under their own names. */
export function cells(of: Table, ...names: readonly string[]): OutputItem[] {
  return names.map((name) => value(name, cell(of, name)));
}

export function value(key: string, operand: Operand, format: OutputFormat = 'json'): OutputItem {
  return { key, kind: 'value', operand, jsonPath: null, format };
}

export function nested(key: string, select: Select): OutputItem {
  return { key, kind: 'select', select };
}

export function by(what: OrderExpression | Operand, direction: 'asc' | 'desc' = 'asc'): OrderItem {
  const expression: OrderExpression =
    what.kind === 'operand' || what.kind === 'related' || what.kind === 'related-aggregate'
      ? what
      : { kind: 'operand', operand: what };
  return { by: expression, direction, nulls: direction === 'asc' ? 'last' : 'first' };
}

export function root(key: string, select: Select, source = 'default'): SelectPlan {
  return { kind: 'select', key, name: key, source, select };
}
