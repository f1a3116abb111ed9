import type { ColumnPair, GuardedRows, Operand } from '../permissions/index.ts';
import type { InputObjectType, InputValue, TypeReference } from '../schema/index.ts';
import { InvariantError, type Path } from '../support/index.ts';
import { computedFieldRows, noValues } from './call-arguments.ts';
import { nested, type PlanContext } from './context.ts';
import { planningEnum } from './enum-values.ts';
import { type Input, openList, openObject, resolveEntry, resolveInput } from './input.ts';
import { inputObjectOf } from './input-object-of.ts';
import { columnOperand, computedOperand } from './operands.ts';
import { elementType, namedType } from './type-text.ts';
import type { OrderExpression, OrderItem } from './types.ts';

/**
 * The `order_by` argument: a list of objects, whose keys count in the written order. Nulls are dropped.
 * Source: spec/graphql-api.md 4.2; appendix C, 1.
 */
export function planOrderBy(
  input: Input,
  type: TypeReference,
  path: Path,
  context: PlanContext,
): readonly OrderItem[] {
  const element = { type: elementType(type), defaultValue: null };
  const named = namedType(type);
  if (named.kind !== 'input-object') throw new InvariantError(`type '${named.name}' orders nothing`);
  return openList(input, path, context).flatMap((item) =>
    planObject(resolveInput(item.raw, element, item.path, context), named, item.path, context),
  );
}

function planObject(
  input: Input,
  type: InputObjectType,
  path: Path,
  context: PlanContext,
): readonly OrderItem[] {
  return nested(context, path, () =>
    openObject(input, type, path, context).flatMap((entry) => {
      const value = resolveEntry(entry, context);
      if (value.kind === 'null') return [];
      return planKey(entry.field, value, entry.path, context);
    }),
  );
}

function planKey(field: InputValue, input: Input, path: Path, context: PlanContext): readonly OrderItem[] {
  const { meaning } = field;
  switch (meaning.kind) {
    case 'column':
      return [
        {
          ...byOperand(columnOperand(meaning.grant), field, input, path, context),
          path: [meaning.grant.column.name],
        },
      ];
    case 'computed-scalar':
      return [
        {
          ...byOperand(
            computedOperand(meaning.grant, noValues(meaning.grant.field)),
            field,
            input,
            path,
            context,
          ),
          path: [field.name],
        },
      ];
    case 'relationship': {
      const { rows } = meaning.access.rule;
      const join = meaning.relationship.mapping;
      return planObject(input, inputObjectOf(field), path, context).map(
        ({ by, direction, nulls, path: inner = [] }) => ({
          by: { kind: 'related', rows, join, by },
          direction,
          nulls,
          path: [field.name, ...inner],
        }),
      );
    }
    case 'relationship-aggregate':
      return planAggregates(
        field,
        input,
        { rows: meaning.access.rule.rows, join: meaning.relationship.mapping },
        path,
        context,
      );
    case 'computed-rows':
      return planAggregates(
        field,
        input,
        { rows: computedFieldRows(meaning.access, meaning.field, noValues(meaning.field)), join: [] },
        path,
        context,
      );
    default:
      throw new InvariantError(`'${field.name}' (${meaning.kind}) orders nothing`);
  }
}

interface RelatedRows {
  readonly rows: GuardedRows;
  readonly join: readonly ColumnPair[];
}

/** `o_aggregate_order_by`: `count`, and functions with the columns that they are applied to. */
function planAggregates(
  field: InputValue,
  input: Input,
  related: RelatedRows,
  path: Path,
  context: PlanContext,
): readonly OrderItem[] {
  return openObject(input, inputObjectOf(field), path, context).flatMap((entry): readonly OrderItem[] => {
    const value = resolveEntry(entry, context);
    const { meaning } = entry.field;
    if (meaning.kind === 'order-by-count') {
      if (value.kind === 'null') return [];
      const by: OrderExpression = { kind: 'related-aggregate', ...related, function: 'count', operand: null };
      const direction = readDirection(entry.field, value, entry.path, context);
      return [{ by, ...direction, path: [field.name, entry.field.name] }];
    }
    if (meaning.kind !== 'order-by-function') {
      throw new InvariantError(`'${entry.field.name}' (${meaning.kind}) is no aggregate`);
    }
    const byColumns = planObject(value, inputObjectOf(entry.field), entry.path, context);
    return byColumns.map(({ by, direction, nulls, path: inner = [] }) => {
      if (by.kind !== 'operand') throw new InvariantError(`'${entry.field.name}' aggregates no column`);
      return {
        by: { kind: 'related-aggregate', ...related, function: meaning.function, operand: by.operand },
        direction,
        nulls,
        path: [field.name, entry.field.name, ...inner],
      };
    });
  });
}

function byOperand(
  operand: Operand,
  field: InputValue,
  input: Input,
  path: Path,
  context: PlanContext,
): OrderItem {
  return { by: { kind: 'operand', operand }, ...readDirection(field, input, path, context) };
}

/** A value of `order_by` or `cursor_ordering`. */
export function readDirection(
  { type }: InputValue,
  input: Input,
  path: Path,
  context: PlanContext,
): Pick<OrderItem, 'direction' | 'nulls'> {
  const named = namedType(type);
  if (named.kind !== 'enum') throw new InvariantError(`type '${named.name}' is no direction`);
  const meaning = planningEnum(input, named, path, context);
  if (meaning.kind !== 'direction') throw new InvariantError(`a value of '${named.name}' is no direction`);
  return { direction: meaning.direction, nulls: meaning.nulls };
}
