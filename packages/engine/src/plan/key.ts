import { allOf, type BooleanExpression } from '../permissions/index.ts';
import { InvariantError } from '../support/index.ts';
import { singleValue, valueReader } from './column-values.ts';
import type { PlanContext } from './context.ts';
import type { GivenArgument } from './field-arguments.ts';
import { columnOperand } from './operands.ts';

/** Key columns are compared as the role sees them, so that a hidden key finds nothing (spec/permissions.md 7.2). */
export function planKey(given: readonly GivenArgument[], context: PlanContext): BooleanExpression {
  return allOf(
    given.map(({ definition, input, path }): BooleanExpression => {
      const { meaning } = definition;
      if (meaning.kind !== 'key-column') throw new InvariantError(`'${definition.name}' is no key column`);
      const reader = valueReader(definition.type, meaning.column.type);
      return {
        kind: 'comparison',
        operator: 'eq',
        left: columnOperand(meaning.grant),
        right: { kind: 'value', value: singleValue(input, reader, path, context) },
        isNullSafe: false,
      };
    }),
  );
}
