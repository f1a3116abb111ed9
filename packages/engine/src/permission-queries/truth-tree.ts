import type { BooleanExpression, Table } from '../permissions/index.ts';
import type { JsonObject } from '../support/index.ts';
import { describeCondition, type Wording } from './describe-condition.ts';
import type { Truth } from './truths.ts';

/** A condition with its truth on a row, and below it those of its parts: why it holds, or does not. */
export interface TruthTree {
  readonly condition: JsonObject;
  readonly value: Truth;
  readonly of?: readonly TruthTree[];
}

/** The condition and all its parts, each before what it is made of. A condition on related rows is one part: its inside holds for one row and not for another. */
export function partsOf(condition: BooleanExpression): readonly BooleanExpression[] {
  return [condition, ...operandsOf(condition).flatMap(partsOf)];
}

/** @param truths those of `partsOf(condition)` */
export function truthTree(
  condition: BooleanExpression,
  truths: readonly Truth[],
  table: Table,
  wording: Wording,
): TruthTree {
  let next = 0;
  const grow = (part: BooleanExpression): TruthTree => {
    const value = truths[next++] ?? null;
    const of = operandsOf(part).map(grow);
    return { condition: describeCondition(part, table, wording), value, ...(of.length === 0 ? {} : { of }) };
  };
  return grow(condition);
}

function operandsOf(condition: BooleanExpression): readonly BooleanExpression[] {
  if (condition.kind === 'not') return [condition.operand];
  return condition.kind === 'and' || condition.kind === 'or' ? condition.operands : [];
}
