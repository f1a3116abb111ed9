/**
 * From JSON to a boolean expression over a table: the filters and checks of permissions, and the `where` of data operations. What it may look at
 * is decided by the given access. For permissions, errors carry the inner message; who calls adds table and role.
 * Source: spec/permissions.md 3.
 */
import type { PgType, QualifiedName } from '../catalog/index.ts';
import {
  describeKind,
  InvariantError,
  isJsonObject,
  type Json,
  type JsonObject,
  Path,
  RequestError,
  stringifyJson,
} from '../support/index.ts';
import type { ExpressionAccess } from './expression-access.ts';
import { allOf, always, anyOf, notOf } from './expressions.ts';
import { makeRows } from './guard.ts';
import { booleanType, describeType, float8Type, siblingType, textType } from './known-types.ts';
import { completePattern } from './like-pattern.ts';
import { castTargetOf, operators } from './operators.ts';
import { parseList, parseValue, type ValueReading } from './parse-value.ts';
import { describeName, readQualifiedName } from './qualified-name.ts';
import { isStringType, underlyingType } from './type-classes.ts';
import type {
  BooleanExpression,
  ComparisonOperator,
  ComputedField,
  EnumReference,
  GuardedRows,
  Operand,
  OperatorSpecification,
  RightOperand,
  Table,
  TableReference,
  Value,
} from './types.ts';

export interface ExpressionContext {
  /** A tracked table of the same source: one that is named, or that a relationship or computed field leads to. */
  readonly findTable: (name: QualifiedName) => Table | undefined;
  /** Told of the names that are looked up among the relationships and computed fields of a table. */
  readonly noteField?: (table: Table, name: string) => void;
}

/**
 * @param table the table on which the permission is defined: what `$` means in column comparisons
 * @param path where the expression stands
 * @throws RequestError with the inner message of spec/permissions.md 3.2 and 9.4
 */
export function parseExpression(
  json: JsonObject,
  table: Table,
  context: ExpressionContext,
  access: ExpressionAccess,
  path: Path = Path.root,
): BooleanExpression {
  return parseObject(json, { current: table, root: table, context, access, path });
}

interface Scope {
  readonly current: Table;
  readonly root: Table;
  readonly context: ExpressionContext;
  readonly access: ExpressionAccess;
  /** Where the part that is being read stands. */
  readonly path: Path;
}

function at(scope: Scope, ...segments: readonly (string | number)[]): Scope {
  return { ...scope, path: scope.path.child(...segments) };
}

function parseObject(json: JsonObject, scope: Scope): BooleanExpression {
  return allOf(Object.entries(json).map(([key, value]) => parseEntry(key, value, at(scope, key))));
}

function parseNested(json: Json, scope: Scope): BooleanExpression {
  if (!isJsonObject(json)) {
    throw fault(
      scope,
      'parse-failed',
      `parsing boolean expression failed, expected Object, but encountered ${describeKind(json)}`,
    );
  }
  return parseObject(json, scope);
}

function parseEntry(key: string, value: Json, scope: Scope): BooleanExpression {
  switch (key) {
    case '_and':
    case '$and':
      return allOf(parseAll(value, scope));
    case '_or':
    case '$or':
      return anyOf(parseAll(value, scope));
    case '_not':
    case '$not':
      return notOf(parseNested(value, scope));
    case '_exists':
    case '$exists':
      return parseExists(value, scope);
    default:
      return parseField(key, value, scope);
  }
}

function parseAll(value: Json, scope: Scope): BooleanExpression[] {
  if (!Array.isArray(value)) {
    throw fault(
      scope,
      'parse-failed',
      `parsing [] failed, expected Array, but encountered ${describeKind(value)}`,
    );
  }
  return (value as readonly Json[]).map((element, index) => parseNested(element, at(scope, index)));
}

function parseExists(value: Json, scope: Scope): BooleanExpression {
  if (!isJsonObject(value)) {
    throw fault(
      scope,
      'parse-failed',
      `parsing _exists failed, expected Object, but encountered ${describeKind(value)}`,
    );
  }
  const { _table: tableJson, _where: whereJson } = value;
  for (const [key, member] of [['_table', tableJson] as const, ['_where', whereJson] as const]) {
    if (member === undefined) throw fault(scope, 'parse-failed', `key "${key}" not found`);
  }
  const name = readQualifiedName(tableJson);
  const table = name === null ? undefined : scope.context.findTable(name);
  if (table === undefined) {
    throw fault(
      scope,
      'not-exists',
      `table "${name === null ? stringifyJson(tableJson ?? null) : describeName(name)}" does not exist`,
    );
  }
  const rows = scope.access.rows(table, null, scope.path.child('_table'));
  const where = parseNested(whereJson ?? null, { ...at(scope, '_where'), current: table });
  return { kind: 'exists', rows, join: [], where };
}

function parseField(name: string, value: Json, scope: Scope): BooleanExpression {
  const { current, access } = scope;
  const column = current.columns.get(name);
  if (column !== undefined) {
    if (underlyingType(column.type).name === 'json') {
      throw fault(scope, 'unexpected-payload', 'JSON column can not be part of boolean expression');
    }
    return parseComparisons(value, scope, {
      operand: access.column(current, column, scope.path),
      type: column.type,
      isNullable: column.isNullable,
      enumReference: column.enumReference,
      name,
    });
  }
  scope.context.noteField?.(current, name);
  const relationship = current.relationships.get(name);
  if (relationship !== undefined) {
    const target = related(scope, relationship.target);
    const rows = access.rows(target, name, scope.path);
    const where = parseNested(value, { ...scope, current: target });
    return { kind: 'exists', rows, join: relationship.mapping, where };
  }
  const field = current.computedFields.get(name);
  if (field !== undefined) return parseComputedField(field, value, scope);
  throw fault(scope, 'not-exists', `"${name}" does not exist`);
}

function parseComputedField(field: ComputedField, value: Json, scope: Scope): BooleanExpression {
  if (field.arguments.length > 0) {
    throw fault(
      scope,
      'unexpected-payload',
      'Computed columns with input arguments can not be part of the where clause',
    );
  }
  const call = field.call([]);
  if (field.returns.kind === 'scalar') {
    return parseComparisons(value, scope, {
      operand: scope.access.scalar(scope.current, field, call, scope.path),
      type: field.returns.type,
      isNullable: true,
      enumReference: null,
      name: field.name,
    });
  }
  const table = related(scope, field.returns.table);
  const rows = scope.access.returnedRows(table, field, call, scope.path);
  if (!scope.access.rootsReturnedRows) {
    return { kind: 'exists', rows, join: [], where: parseNested(value, { ...scope, current: table }) };
  }
  // The result table is the root of what is said about its rows, which is what a guard's own filter has.
  const filter = parseNested(value, { ...scope, current: table, root: table });
  return { kind: 'exists', rows: narrowed(rows, filter), join: [], where: always };
}

/** Where a relationship or computed field leads to. */
function related({ context }: Scope, reference: TableReference): Table {
  const table = context.findTable(reference);
  if (table !== undefined) return table;
  throw new InvariantError(`what leads to table ${describeName(reference)} is there, but the table is not`);
}

// ---- comparisons ---------------------------------------------------------------------------------------------------------------

interface Subject {
  readonly operand: Operand;
  readonly type: PgType;
  readonly isNullable: boolean;
  readonly enumReference: EnumReference | null;
  readonly name: string;
}

function parseComparisons(value: Json, scope: Scope, subject: Subject): BooleanExpression {
  if (!isJsonObject(value)) return compareEqual('eq', value, scope, { ...subject, isNullable: true });
  return allOf(
    Object.entries(value).map(([key, operand]) => parseOperator(key, operand, at(scope, key), subject)),
  );
}

function parseOperator(key: string, value: Json, scope: Scope, subject: Subject): BooleanExpression {
  const name = key.startsWith('$') ? `_${key.slice(1)}` : key;
  switch (name) {
    case '_eq':
      return compareEqual('eq', value, scope, subject);
    case '_ne':
    case '_neq':
      return compareEqual('neq', value, scope, subject);
    case '_is_null':
      if (typeof value !== 'boolean') {
        throw fault(scope, 'parse-failed', `expected Bool, but encountered ${describeKind(value)}`);
      }
      return { kind: 'null-test', operand: subject.operand, isNull: value };
    case '_cast':
      return parseCast(value, scope, subject);
  }
  const columnOperator = columnOperators.get(name);
  if (columnOperator !== undefined) return compareColumns(columnOperator, value, scope, subject);
  const candidates = permissionOperators.get(name);
  if (candidates === undefined) throw fault(scope, 'unexpected-payload', `Unknown operator: ${key}`);
  const operator = candidates.find((candidate) => isApplicable(candidate, subject));
  if (operator === undefined) throw misfit(candidates, scope, subject);
  return comparison(operator.operator, subject.operand, parseOperand(operator, value, scope, subject));
}

/**
 * Only a null literal can make the value side NULL (a missing session variable is an error), so only then does the null-safe form differ
 * from the plain one, which indexes serve. Source: spec/permissions.md 3.4.
 */
function compareEqual(
  operator: 'eq' | 'neq',
  value: Json,
  scope: Scope,
  subject: Subject,
): BooleanExpression {
  const right: RightOperand = {
    kind: 'value',
    value: parseValue(value, subject.type, reading(scope, subject.enumReference)),
  };
  const isNullSafe = value === null && subject.isNullable;
  return { kind: 'comparison', operator, left: subject.operand, right, isNullSafe };
}

function parseOperand(
  operator: OperatorSpecification,
  value: Json,
  scope: Scope,
  subject: Subject,
): RightOperand {
  const { type, enumReference } = subject;
  const plain = reading(scope);
  switch (operator.operand) {
    case 'list-of-same':
      return parseList(value, type, reading(scope, enumReference));
    case 'list-of-text':
      return parseList(value, textType, plain);
    case 'list-of-lquery':
      return parseList(value, siblingType(underlyingType(type), 'lquery'), plain);
    case 'text':
      return { kind: 'value', value: parseValue(value, textType, plain) };
    case 'lquery':
    case 'ltxtquery':
      return {
        kind: 'value',
        value: parseValue(value, siblingType(underlyingType(type), operator.operand), plain),
      };
    case 'geometry-distance':
    case 'geography-distance':
      return parseDistance(value, type, operator.operand === 'geography-distance', scope);
    default: {
      const read = parseValue(value, type, reading(scope, enumReference));
      // definitions read session variables, conditions of clients do not
      return {
        kind: 'value',
        value: scope.access.readsSessionVariables ? read : completePattern(operator.operator, read),
      };
    }
  }
}

function parseDistance(value: Json, type: PgType, isGeography: boolean, scope: Scope): RightOperand {
  if (!isJsonObject(value)) {
    throw fault(
      scope,
      'parse-failed',
      `parsing Object failed, expected Object, but encountered ${describeKind(value)}`,
    );
  }
  const member = (key: string, memberType: PgType): Value => {
    const found = value[key];
    if (found === undefined) throw fault(scope, 'parse-failed', `key "${key}" not found`);
    return parseValue(found, memberType, reading(at(scope, key)));
  };
  return {
    kind: 'distance',
    distance: member('distance', float8Type),
    from: member('from', type),
    useSpheroid: isGeography ? member('use_spheroid', booleanType) : null,
  };
}

function parseCast(value: Json, scope: Scope, subject: Subject): BooleanExpression {
  if (!isJsonObject(value)) {
    throw fault(
      scope,
      'parse-failed',
      `parsing Object failed, expected Object, but encountered ${describeKind(value)}`,
    );
  }
  const target = castTargetOf(subject.type);
  const expressions = Object.entries(value).map(([key, comparisons]) => {
    const typeName = key.toLowerCase() === 'string' ? 'text' : key;
    if (target === null || target.typeName !== typeName) {
      const from = describeType(subject.type);
      throw fault(scope, 'unexpected-payload', `cannot cast column of type "${from}" to type "${typeName}"`);
    }
    const type = typeName === 'text' ? textType : siblingType(underlyingType(subject.type), typeName);
    return parseComparisons(comparisons, at(scope, key), {
      operand: { kind: 'cast', operand: subject.operand, type },
      type,
      isNullable: true,
      enumReference: null,
      name: subject.name,
    });
  });
  return allOf(expressions);
}

function compareColumns(
  operator: ComparisonOperator,
  value: Json,
  scope: Scope,
  subject: Subject,
): BooleanExpression {
  const { name, of } = readColumnPath(value, scope);
  const table = of === 'root' ? scope.root : scope.current;
  const found = table.columns.get(name);
  if (found === undefined) throw noColumn(name, table, scope);
  const column = scope.access.comparedColumn(table, found, scope.path);
  if (column.type.sqlName !== subject.type.sqlName) {
    const left = `"${subject.name}" has type "${describeType(subject.type)}"`;
    const right = `"${name}" has type "${describeType(column.type)}"`;
    throw fault(scope, 'unexpected-payload', `incompatible column types: ${left}, but ${right}`);
  }
  return comparison(operator, subject.operand, { kind: 'column', column, of });
}

function noColumn(name: string, table: Table, scope: Scope): RequestError {
  const kind = table.relationships.has(name)
    ? 'relationship'
    : table.computedFields.has(name)
      ? 'computed field'
      : null;
  if (kind === null) return fault(scope, 'not-exists', `column "${name}" does not exist`);
  return fault(
    scope,
    'unexpected-payload',
    `expecting a database column; but, "${name}" is a ${kind}; column operators can only compare postgres columns`,
  );
}

/** `"col"`, `["col"]` or `["$", "col"]`. Source: spec/permissions.md 3.6. */
function readColumnPath(
  value: Json,
  scope: Scope,
): { readonly name: string; readonly of: 'current' | 'root' } {
  if (typeof value === 'string') return { name: value, of: 'current' };
  if (!Array.isArray(value)) {
    throw fault(scope, 'unexpected', 'a boolean expression JSON must be either a string or an array');
  }
  const [first, ...rest] = value as readonly Json[];
  if (first === undefined) throw fault(scope, 'unexpected', 'path cannot be empty');
  const of = first === '$' && rest.length > 0 ? 'root' : 'current';
  const [name, ...further] = of === 'root' ? rest : [first, ...rest];
  if (name === undefined) throw fault(scope, 'unexpected', 'path cannot be empty');
  if (further.length > 0) {
    throw fault(scope, 'not-supported', 'Relationship references are not supported in column comparison RHS');
  }
  if (typeof name !== 'string') {
    throw fault(
      scope,
      'parse-failed',
      `parsing Text failed, expected String, but encountered ${describeKind(name)}`,
    );
  }
  return { name, of };
}

function comparison(operator: ComparisonOperator, left: Operand, right: RightOperand): BooleanExpression {
  return { kind: 'comparison', operator, left, right, isNullSafe: false };
}

function isApplicable(operator: OperatorSpecification, subject: Subject): boolean {
  if (subject.enumReference !== null && operator.appliesTo === isStringType) return false;
  return operator.appliesTo(subject.type);
}

function misfit(candidates: readonly OperatorSpecification[], scope: Scope, subject: Subject): RequestError {
  const type = describeType(subject.type);
  const [first] = candidates;
  const wanted = first === undefined ? '' : wantedTypes(first);
  return fault(
    scope,
    'unexpected-payload',
    ` is of type "${type}"; this operator works only on columns of type ${wanted}`,
  );
}

function wantedTypes(operator: OperatorSpecification): string {
  if (operator.operator === 'contains' || operator.operator === 'contained-in') return 'an array or JSONB';
  const names = ['varchar', 'text', 'citext', 'bpchar', 'jsonb', 'geometry', 'geography', 'ltree'];
  const fitting = names.filter((name) =>
    operators.some(
      (candidate) => candidate.name === operator.name && candidate.appliesTo(siblingType(textType, name)),
    ),
  );
  return fitting.map((name) => `"${name}"`).join(', ');
}

const columnOperators: ReadonlyMap<string, ComparisonOperator> = new Map([
  ['_ceq', 'eq'],
  ['_cne', 'neq'],
  ['_cneq', 'neq'],
  ['_cgt', 'gt'],
  ['_clt', 'lt'],
  ['_cgte', 'gte'],
  ['_clte', 'lte'],
]);

const permissionOperators: ReadonlyMap<string, readonly OperatorSpecification[]> = (() => {
  const byName = new Map<string, OperatorSpecification[]>();
  for (const operator of operators) {
    if (!operator.isInPermissions) continue;
    const candidates = byName.get(operator.name) ?? [];
    candidates.push(operator);
    for (const name of [operator.name, ...operator.permissionAliases]) byName.set(name, candidates);
  }
  return byName;
})();

/** The rows of a definition under a further condition. */
function narrowed(rows: GuardedRows, filter: BooleanExpression): GuardedRows {
  return makeRows(rows.table, rows.source, filter);
}

function reading({ access, path }: Scope, enumReference: EnumReference | null = null): ValueReading {
  return { enumReference, path, readsSessionVariables: access.readsSessionVariables };
}

function fault(scope: Scope, code: RequestError['code'], message: string): RequestError {
  return new RequestError(code, scope.path, message);
}
