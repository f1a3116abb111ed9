import type { BooleanExpression } from '../plan/index.ts';
import { unreachable } from '../support/index.ts';
import { renderAggregate } from './aggregate-call.ts';
import { renderComparison } from './comparison.ts';
import { join, type SqlFragment, sql } from './fragment.ts';
import { renderRowCondition, renderRowSource, whereClause } from './guarded-rows.ts';
import { renderOperand } from './operand.ts';
import { type RowScope, rowScope } from './row.ts';

/** A condition on the current row, with SQL's three-valued logic; always in parentheses where it needs them. */
export function renderBooleanExpression(expression: BooleanExpression, scope: RowScope): SqlFragment {
  switch (expression.kind) {
    case 'constant':
      return expression.value ? sql`true` : sql`false`;
    case 'and':
      return renderAll(expression.operands, scope, sql` and `, sql`true`);
    case 'or':
      return renderAll(expression.operands, scope, sql` or `, sql`false`);
    case 'not':
      return sql`(not ${renderBooleanExpression(expression.operand, scope)})`;
    case 'comparison':
      return renderComparison(expression, scope);
    case 'null-test': {
      const operand = renderOperand(expression.operand, scope);
      return expression.isNull ? sql`(${operand} is null)` : sql`(${operand} is not null)`;
    }
    case 'exists':
      return renderExists(expression, scope);
    case 'aggregate-test':
      return renderAggregateTest(expression, scope);
    default:
      return unreachable(expression);
  }
}

function renderAll(
  operands: readonly BooleanExpression[],
  scope: RowScope,
  operator: SqlFragment,
  neutral: SqlFragment,
): SqlFragment {
  const [first] = operands;
  if (first === undefined) return neutral;
  if (operands.length === 1) return renderBooleanExpression(first, scope);
  return sql`(${join(
    operands.map((operand) => renderBooleanExpression(operand, scope)),
    operator,
  )})`;
}

function renderExists(
  { rows, join: columns, where }: Extract<BooleanExpression, { kind: 'exists' }>,
  scope: RowScope,
): SqlFragment {
  const row = scope.aliases.next();
  const condition = renderRowCondition(
    rows,
    { ...scope, current: row, aggregateResult: null },
    { row: scope.current, join: columns },
    [where],
  );
  return sql`exists (select 1 from ${renderRowSource(rows, row, scope.current)}${whereClause(condition)})`;
}

function renderAggregateTest(
  test: Extract<BooleanExpression, { kind: 'aggregate-test' }>,
  scope: RowScope,
): SqlFragment {
  const row = scope.aliases.next();
  const aggregated = scope.aliases.next();
  const condition = renderRowCondition(
    test.rows,
    { ...scope, current: row, aggregateResult: null },
    { row: scope.current, join: test.join },
    [test.filter],
  );
  const aggregate = renderAggregate(test.aggregate, rowScope(scope.aliases, row));
  const predicate = renderBooleanExpression(test.predicate, {
    ...scope,
    aggregateResult: sql`${aggregated}.value`,
  });
  return sql`exists (select 1 from (select ${aggregate} as value from ${renderRowSource(test.rows, row, scope.current)}${whereClause(condition)}) as ${aggregated} where ${predicate})`;
}
