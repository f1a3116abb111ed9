import type { BooleanExpression, FunctionCall, GuardedRows, Operand, RightOperand, Value } from './types.ts';

/** Whether a session variable is named anywhere in the condition, or in the filters of rows that it looks at. */
export function needsSessionVariable(expression: BooleanExpression): boolean {
  switch (expression.kind) {
    case 'constant':
      return false;
    case 'and':
    case 'or':
      return expression.operands.some(needsSessionVariable);
    case 'not':
      return needsSessionVariable(expression.operand);
    case 'comparison':
      return inOperand(expression.left) || inRightOperand(expression.right);
    case 'null-test':
      return inOperand(expression.operand);
    case 'exists':
      return inRows(expression.rows) || needsSessionVariable(expression.where);
    case 'aggregate-test':
      return (
        inRows(expression.rows) ||
        needsSessionVariable(expression.filter) ||
        needsSessionVariable(expression.predicate) ||
        expression.aggregate.operands.some(inOperand)
      );
  }
}

function inOperand(operand: Operand): boolean {
  switch (operand.kind) {
    case 'column':
      return operand.visibleWhen !== null && needsSessionVariable(operand.visibleWhen);
    case 'call':
      return (
        inCall(operand.call) || (operand.visibleWhen !== null && needsSessionVariable(operand.visibleWhen))
      );
    case 'cast':
      return inOperand(operand.operand);
    case 'aggregate-result':
      return false;
  }
}

function inRightOperand(right: RightOperand): boolean {
  switch (right.kind) {
    case 'value':
      return isSessionVariable(right.value);
    case 'list':
      return right.elements.some(isSessionVariable);
    case 'column':
      return false;
    case 'distance':
      return [right.from, right.distance, right.useSpheroid].some(isSessionVariable);
    case 'raster-band':
      return [right.geometry, right.band].some(isSessionVariable);
  }
}

function inRows({ source, filter }: GuardedRows): boolean {
  if (needsSessionVariable(filter)) return true;
  if (source.kind === 'function') return inCall(source.call);
  return source.kind === 'native-query' && [...source.call.values.values()].some(isSessionVariable);
}

function inCall(call: FunctionCall): boolean {
  return call.arguments.some((argument) => argument.kind === 'value' && isSessionVariable(argument.value));
}

function isSessionVariable(value: Value | null): boolean {
  return value?.source.kind === 'session';
}
