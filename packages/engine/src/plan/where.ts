import { allOf, anyOf, type BooleanExpression, notOf } from '../permissions/index.ts';
import type { InputObjectType, InputValue } from '../schema/index.ts';
import { InvariantError, type Path } from '../support/index.ts';
import { planAggregateTest } from './aggregate-predicate.ts';
import { computedFieldRows, noValues } from './call-arguments.ts';
import { planComparison } from './comparison.ts';
import { nested, type PlanContext } from './context.ts';
import { type Input, openList, openObject, type RawInput, resolveInput } from './input.ts';
import { inputObjectOf } from './input-object-of.ts';
import { columnOperand, computedOperand, scalarTypeOf } from './operands.ts';
import { elementType } from './type-text.ts';

/**
 * A `t_bool_exp` as a condition on the current row. All fields are combined with AND; no field is true.
 * Source: spec/graphql-api.md 4.4.
 */
export function planBooleanExpression(
  input: Input,
  type: InputObjectType,
  path: Path,
  context: PlanContext,
): BooleanExpression {
  return nested(context, path, () =>
    allOf(
      openObject(input, type, path, context).map((entry) =>
        planField(entry.field, entry.raw, entry.path, context),
      ),
    ),
  );
}

function planField(field: InputValue, raw: RawInput, path: Path, context: PlanContext): BooleanExpression {
  const { meaning } = field;
  const input = resolveInput(raw, field, path, context);
  switch (meaning.kind) {
    case 'and':
      return allOf(planList(field, input, path, context));
    case 'or':
      return anyOf(planList(field, input, path, context));
    case 'not':
      return notOf(planBooleanExpression(input, inputObjectOf(field), path, context));
    case 'column':
      return planComparison(
        input,
        inputObjectOf(field),
        { operand: columnOperand(meaning.grant), type: meaning.grant.column.type },
        path,
        context,
      );
    case 'computed-scalar':
      return planComparison(
        input,
        inputObjectOf(field),
        {
          operand: computedOperand(meaning.grant, noValues(meaning.grant.field)),
          type: scalarTypeOf(meaning.grant.field),
        },
        path,
        context,
      );
    case 'relationship':
      return {
        kind: 'exists',
        rows: meaning.access.rule.rows,
        join: meaning.relationship.mapping,
        where: planBooleanExpression(input, inputObjectOf(field), path, context),
      };
    case 'computed-rows':
      return {
        kind: 'exists',
        rows: computedFieldRows(meaning.access, meaning.field, noValues(meaning.field)),
        join: [],
        where: planBooleanExpression(input, inputObjectOf(field), path, context),
      };
    case 'relationship-aggregate':
      return planAggregateTest(input, inputObjectOf(field), meaning, path, context);
    default:
      throw new InvariantError(`'${field.name}' (${meaning.kind}) is no part of a boolean expression`);
  }
}

function planList(field: InputValue, input: Input, path: Path, context: PlanContext): BooleanExpression[] {
  const element = { type: elementType(field.type), defaultValue: null };
  return openList(input, path, context).map((item) =>
    planBooleanExpression(
      resolveInput(item.raw, element, item.path, context),
      inputObjectOf(field),
      item.path,
      context,
    ),
  );
}
