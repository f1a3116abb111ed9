/**
 * One text for rules that mean the same as declared: operands of `and` and `or` and lists of columns compare without order.
 * Serves the question whether the parents of an inherited role agree. Source: spec/permissions.md 7.3.
 */
import type {
  BooleanExpression,
  DeleteRule,
  FunctionCall,
  GuardedRows,
  InputValidation,
  InsertRule,
  Operand,
  RightOperand,
  UpdateRule,
  Value,
} from './types.ts';

export function canonicalInsert(rule: InsertRule): string {
  return print([
    'insert',
    canonicalExpression(rule.check),
    sorted(rule.columns.keys()),
    presets(rule.presets),
    rule.isBackendOnly,
    validation(rule.validation),
    rule.alternatives?.map(canonicalInsert),
  ]);
}

export function canonicalUpdate(rule: UpdateRule): string {
  return print([
    'update',
    canonicalExpression(rule.filter),
    rule.check === null ? null : canonicalExpression(rule.check),
    sorted(rule.columns.keys()),
    presets(rule.presets),
    rule.isBackendOnly,
    validation(rule.validation),
    rule.alternatives?.map(canonicalUpdate),
  ]);
}

export function canonicalDelete(rule: DeleteRule): string {
  return print([
    'delete',
    canonicalExpression(rule.filter),
    rule.isBackendOnly,
    validation(rule.validation),
    rule.alternatives?.map(canonicalDelete),
  ]);
}

export function canonicalPresets(all: ReadonlyMap<string, Value>): string {
  return print([presets(all)]);
}

export function canonicalExpression(expression: BooleanExpression): string {
  switch (expression.kind) {
    case 'constant':
      return print(['constant', expression.value]);
    case 'and':
    case 'or':
      return print([expression.kind, sorted(expression.operands.map(canonicalExpression))]);
    case 'not':
      return print(['not', canonicalExpression(expression.operand)]);
    case 'comparison':
      return print([
        'comparison',
        expression.operator,
        operand(expression.left),
        rightOperand(expression.right),
        expression.isNullSafe,
      ]);
    case 'null-test':
      return print(['null-test', operand(expression.operand), expression.isNull]);
    case 'exists':
      return print([
        'exists',
        rows(expression.rows),
        join(expression.join),
        canonicalExpression(expression.where),
      ]);
    case 'aggregate-test':
      return print([
        'aggregate-test',
        rows(expression.rows),
        join(expression.join),
        canonicalExpression(expression.filter),
        [
          expression.aggregate.function,
          expression.aggregate.operands.map(operand),
          expression.aggregate.isDistinct,
        ],
        canonicalExpression(expression.predicate),
      ]);
  }
}

function operand(operandOf: Operand): unknown {
  switch (operandOf.kind) {
    case 'column':
      return ['column', operandOf.column.name, condition(operandOf.visibleWhen)];
    case 'call':
      return ['call', call(operandOf.call), condition(operandOf.visibleWhen)];
    case 'cast':
      return ['cast', operand(operandOf.operand), operandOf.type.sqlName];
    case 'aggregate-result':
      return ['aggregate-result'];
  }
}

function rightOperand(right: RightOperand): unknown {
  switch (right.kind) {
    case 'value':
      return value(right.value);
    case 'list':
      return ['list', right.elements.map(value)];
    case 'column':
      return ['column', right.column.name, right.of];
    case 'distance':
      return [
        'distance',
        value(right.from),
        value(right.distance),
        right.useSpheroid && value(right.useSpheroid),
      ];
    case 'raster-band':
      return ['raster-band', value(right.geometry), right.band && value(right.band)];
  }
}

function value({ source, type, isArray, input }: Value): unknown {
  const from =
    source.kind === 'literal'
      ? source.text
      : source.kind === 'session-object' || source.kind === 'rows-to-join'
        ? null
        : source.kind === 'session'
          ? source.variable
          : source.kind === 'stream-cursor'
            ? 'stream cursor'
            : source.name;
  return [source.kind, from, type.sqlName, isArray, input];
}

function rows({ table, source, filter }: GuardedRows): unknown {
  const from = source.kind === 'function' ? call(source.call) : source.kind;
  return [table.schema, table.name, from, canonicalExpression(filter)];
}

function call({ function: name, arguments: given }: FunctionCall): unknown {
  return [
    name.schema,
    name.name,
    given.map((argument) => [
      argument.kind,
      argument.name,
      argument.kind === 'value' && value(argument.value),
    ]),
  ];
}

function join(pairs: readonly { from: { name: string }; to: { name: string } }[]): unknown {
  return pairs.map(({ from, to }) => [from.name, to.name]);
}

function condition(expression: BooleanExpression | null): string | null {
  return expression === null ? null : canonicalExpression(expression);
}

function presets(all: ReadonlyMap<string, Value>): unknown {
  return sorted(all.keys()).map((name) => {
    const preset = all.get(name);
    return [name, preset && value(preset)];
  });
}

function validation(given: InputValidation | null): unknown {
  return given;
}

function sorted(names: Iterable<string>): readonly string[] {
  return [...names].sort();
}

function print(parts: readonly unknown[]): string {
  return JSON.stringify(parts);
}
