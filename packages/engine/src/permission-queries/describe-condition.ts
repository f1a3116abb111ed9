import {
  type BooleanExpression,
  type ColumnPair,
  type GuardedRows,
  type Operand,
  operators,
  type ParameterSource,
  type RightOperand,
  type Table,
  type TableReference,
  type Value,
} from '../permissions/index.ts';
import type { Json, JsonObject } from '../support/index.ts';

/** The text of a value; null when it is NULL. */
export type TextOf = (source: ParameterSource) => string | null;

/** What a description takes from outside: the values, and the tables that conditions lead to as they are now. */
export interface Wording {
  readonly textOf: TextOf;
  readonly tableAt: (reference: TableReference) => Table;
}

/**
 * A condition in the language of permissions, with its values put in: `{"author_id": {"_eq": "7"}}`.
 * @param table the table on whose rows the condition stands
 */
export function describeCondition(
  condition: BooleanExpression,
  table: Table,
  { textOf, tableAt }: Wording,
): JsonObject {
  const describe = (inner: BooleanExpression) => describeCondition(inner, table, { textOf, tableAt });
  const describeOn = (rows: GuardedRows, inner: BooleanExpression) =>
    describeCondition(inner, tableAt(rows.table), { textOf, tableAt });
  switch (condition.kind) {
    case 'constant':
      return condition.value ? {} : { _or: [] };
    case 'and':
      return { _and: condition.operands.map(describe) };
    case 'or':
      return { _or: condition.operands.map(describe) };
    case 'not':
      return { _not: describe(condition.operand) };
    case 'null-test':
      return onOperand(condition.operand, { _is_null: condition.isNull });
    case 'comparison':
      return onOperand(condition.left, describeComparison(condition.operator, condition.right, textOf));
    case 'exists': {
      const where = describeOn(condition.rows, condition.where);
      const name = nameOfRows(table, condition.rows, condition.join);
      if (name !== null) return { [name]: where };
      const { schema, name: target } = condition.rows.table;
      return { _exists: { _table: { schema, name: target }, _where: where } };
    }
    case 'aggregate-test': {
      const name = nameOfRows(table, condition.rows, condition.join) ?? condition.rows.table.name;
      return {
        [`${name}_aggregate`]: {
          [condition.aggregate.function]: {
            filter: describeOn(condition.rows, condition.filter),
            predicate: describeOn(condition.rows, condition.predicate),
          },
        },
      };
    }
  }
}

function onOperand(operand: Operand, comparison: JsonObject): JsonObject {
  switch (operand.kind) {
    case 'column':
      return { [operand.column.name]: comparison };
    case 'call':
      return { [operand.call.function.name]: comparison };
    case 'cast':
      return onOperand(operand.operand, { _cast: { [operand.type.sqlName]: comparison } });
    case 'aggregate-result':
      return comparison;
  }
}

function describeComparison(operator: string, right: RightOperand, textOf: TextOf): JsonObject {
  const name =
    operators.find((known) => known.operator === operator)?.name ?? `_${operator.replaceAll('-', '_')}`;
  const text = (value: Value | null): Json => (value === null ? null : textOf(value.source));
  switch (right.kind) {
    case 'value':
      return { [name]: text(right.value) };
    case 'list':
      return { [name]: right.elements.map(text) };
    case 'column': {
      const column = right.column.name;
      return { [`_c${name.slice(1)}`]: right.of === 'root' ? ['$', column] : column };
    }
    case 'distance':
      return {
        [name]: {
          distance: text(right.distance),
          from: text(right.from),
          use_spheroid: text(right.useSpheroid),
        },
      };
    case 'raster-band':
      return { [name]: { geommin: text(right.geometry), nband: text(right.band) } };
  }
}

/** The relationship, or the computed field, that leads to the rows. */
function nameOfRows(table: Table, rows: GuardedRows, join: readonly ColumnPair[]): string | null {
  const { source } = rows;
  if (source.kind === 'function') {
    const { schema, name } = source.call.function;
    const fields = [...table.computedFields.values()];
    return fields.find(({ function: fn }) => fn.schema === schema && fn.name === name)?.name ?? null;
  }
  const relationships = [...table.relationships.values()];
  return (
    relationships.find(({ mapping }) => mapping === join || (join.length > 0 && isSame(mapping, join)))
      ?.name ?? null
  );
}

function isSame(one: readonly ColumnPair[], other: readonly ColumnPair[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ from, to }, index) => from === other[index]?.from && to === other[index]?.to)
  );
}
