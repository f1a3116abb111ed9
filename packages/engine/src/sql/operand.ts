import type { FunctionCall, Operand } from '../plan/index.ts';
import { InvariantError } from '../support/index.ts';
import { renderBooleanExpression } from './boolean-expression.ts';
import { identifier, join, qualifiedName, type SqlFragment, sql, typeName } from './fragment.ts';
import { type RowScope, rowScope } from './row.ts';
import { renderValue } from './value.ts';

/** The value of an operand on the current row. A cell that the role may not see on this row is NULL. */
export function renderOperand(operand: Operand, scope: RowScope): SqlFragment {
  switch (operand.kind) {
    case 'column':
      return redacted(operand.visibleWhen, scope, sql`${scope.current}.${identifier(operand.column.name)}`);
    case 'call':
      return redacted(operand.visibleWhen, scope, renderCall(operand.call, scope.current));
    case 'cast':
      return sql`(${renderOperand(operand.operand, scope)})::${typeName(operand.type)}`;
    case 'aggregate-result':
      if (scope.aggregateResult === null) throw new InvariantError('no aggregate at this place');
      return scope.aggregateResult;
  }
}

function redacted(
  visibleWhen: (Operand & { kind: 'column' })['visibleWhen'],
  scope: RowScope,
  value: SqlFragment,
): SqlFragment {
  if (visibleWhen === null) return value;
  // the condition is a rule of this row's table, so it is its own root
  const condition = renderBooleanExpression(visibleWhen, rowScope(scope.aliases, scope.current));
  return sql`(case when ${condition} then ${value} end)`;
}

/** `"public"."full_name"(_0.*, "sep" => ($1)::text)`; `row` is the alias of the row that `row` arguments stand for, null where there is none. */
export function renderCall(call: FunctionCall, row: SqlFragment | null): SqlFragment {
  const given = call.arguments.map((argument) => {
    const value = argument.kind === 'value' ? renderValue(argument.value) : wholeRow(row);
    return argument.name === null ? value : sql`${identifier(argument.name)} => ${value}`;
  });
  return sql`${qualifiedName(call.function)}(${join(given, sql`, `)})`;
}

function wholeRow(row: SqlFragment | null): SqlFragment {
  if (row === null) throw new InvariantError('a function of a row is called without one');
  // with `.*` the alias cannot be taken for a column of the same name
  return sql`${row}.*`;
}
