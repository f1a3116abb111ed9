/** Boolean expressions as one readable line, for assertions: `(author_id eq $x-hasura-user-id::integer or is_public eq 'true'::boolean)`. */
import type {
  BooleanExpression,
  FunctionCall,
  GuardedRows,
  Operand,
  RightOperand,
  Value,
} from '../../src/permissions/index.ts';

export function printExpression(expression: BooleanExpression): string {
  switch (expression.kind) {
    case 'constant':
      return String(expression.value);
    case 'and':
    case 'or':
      return `(${expression.operands.map(printExpression).join(` ${expression.kind} `)})`;
    case 'not':
      return `not ${printExpression(expression.operand)}`;
    case 'comparison': {
      const operator = expression.isNullSafe ? `${expression.operator}?` : expression.operator;
      return `${printOperand(expression.left)} ${operator} ${printRight(expression.right)}`;
    }
    case 'null-test':
      return `${printOperand(expression.operand)} is ${expression.isNull ? 'null' : 'not null'}`;
    case 'exists': {
      const join = expression.join.map(({ from, to }) => `${from.name}=${to.name}`).join(',');
      return `exists ${printRows(expression.rows)}[${join}](${printExpression(expression.where)})`;
    }
    case 'aggregate-test':
      return `aggregate ${expression.aggregate.function} ${printRows(expression.rows)}`;
  }
}

export function printValue({ source, type, isArray, input }: Value): string {
  const from =
    source.kind === 'literal'
      ? source.text === null
        ? 'null'
        : `'${source.text}'`
      : source.kind === 'session'
        ? `$${source.variable}`
        : source.kind;
  return `${from}::${type.sqlName}${isArray ? '[]' : ''}${input === 'text' ? '' : `(${input})`}`;
}

function printOperand(operand: Operand): string {
  switch (operand.kind) {
    case 'column':
      return operand.column.name;
    case 'call':
      return printCall(operand.call);
    case 'cast':
      return `${printOperand(operand.operand)}::${operand.type.sqlName}`;
    case 'aggregate-result':
      return '#';
  }
}

function printRight(right: RightOperand): string {
  switch (right.kind) {
    case 'value':
      return printValue(right.value);
    case 'list':
      return `[${right.elements.map(printValue).join(', ')}]`;
    case 'column':
      return `${right.of}.${right.column.name}`;
    case 'distance': {
      const spheroid = right.useSpheroid === null ? '' : `, ${printValue(right.useSpheroid)}`;
      return `within ${printValue(right.distance)} of ${printValue(right.from)}${spheroid}`;
    }
    case 'raster-band':
      return 'raster-band';
  }
}

function printRows({ table, source, filter }: GuardedRows): string {
  const from = source.kind === 'function' ? `${printCall(source.call)}:${table.name}` : table.name;
  const isAll = filter.kind === 'constant' && filter.value;
  return isAll ? from : `${from}{${printExpression(filter)}}`;
}

function printCall({ function: fn, arguments: given }: FunctionCall): string {
  const printed = given.map((argument) => {
    const name = argument.name === null ? '' : `${argument.name}=>`;
    return name + (argument.kind === 'row' ? '*' : printValue(argument.value));
  });
  return `${fn.name}(${printed.join(', ')})`;
}
