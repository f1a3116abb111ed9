import type { ComparisonOperator, Operand, RightOperand } from '../permissions/index.ts';
import type { BooleanExpression, PgType, Value } from '../plan/index.ts';
import { InvariantError, unreachable } from '../support/index.ts';
import { identifier, integer, join, qualifiedName, type SqlFragment, sql, typeName } from './fragment.ts';
import { renderOperand } from './operand.ts';
import type { RowScope } from './row.ts';
import { extensionFunction, renderValue } from './value.ts';

type Comparison = Extract<BooleanExpression, { kind: 'comparison' }>;

/** Operators that stand between their operands. Source: spec/graphql-api.md 4.5. */
const INFIX: Readonly<Partial<Record<ComparisonOperator, SqlFragment>>> = {
  eq: sql`=`,
  neq: sql`<>`,
  gt: sql`>`,
  lt: sql`<`,
  gte: sql`>=`,
  lte: sql`<=`,
  like: sql`like`,
  nlike: sql`not like`,
  ilike: sql`ilike`,
  nilike: sql`not ilike`,
  similar: sql`similar to`,
  nsimilar: sql`not similar to`,
  regex: sql`~`,
  nregex: sql`!~`,
  iregex: sql`~*`,
  niregex: sql`!~*`,
  contains: sql`@>`,
  'contained-in': sql`<@`,
  'has-key': sql`?`,
  'has-keys-any': sql`?|`,
  'has-keys-all': sql`?&`,
  'json-path-exists': sql`@?`,
  'json-path-match': sql`@@`,
  ancestor: sql`@>`,
  'ancestor-any': sql`@>`,
  descendant: sql`<@`,
  'descendant-any': sql`<@`,
  matches: sql`~`,
  'matches-any': sql`?`,
  'matches-fulltext': sql`@`,
};

/** What reads the patterns that PostgreSQL may refuse. */
const PATTERN_READER: Readonly<Partial<Record<ComparisonOperator, SqlFragment>>> = {
  similar: sql`similar to`,
  nsimilar: sql`similar to`,
  regex: sql`~`,
  nregex: sql`~`,
  iregex: sql`~*`,
  niregex: sql`~*`,
};

/** What turns the text on the right into what the operator takes, if it is not text. */
const RIGHT_TYPE: Readonly<Partial<Record<ComparisonOperator, SqlFragment>>> = {
  'json-path-exists': sql`pg_catalog.jsonpath`,
  'json-path-match': sql`pg_catalog.jsonpath`,
};

/** Operators that are functions of PostGIS. */
const FUNCTION: Readonly<Partial<Record<ComparisonOperator, string>>> = {
  'st-contains': 'st_contains',
  'st-crosses': 'st_crosses',
  'st-equals': 'st_equals',
  'st-overlaps': 'st_overlaps',
  'st-touches': 'st_touches',
  'st-within': 'st_within',
  'st-intersects': 'st_intersects',
  'st-3d-intersects': 'st_3dintersects',
  'st-d-within': 'st_dwithin',
  'st-3d-d-within': 'st_3ddwithin',
  'st-intersects-rast': 'st_intersects',
  'st-intersects-nband-geom': 'st_intersects',
  'st-intersects-geom-nband': 'st_intersects',
};

/** One comparison, in parentheses. */
export function renderComparison(comparison: Comparison, scope: RowScope): SqlFragment {
  const { operator, right } = comparison;
  const left = renderOperand(comparison.left, scope);
  scope.aliases.readFirst.push(...whatMayBeRefused(operator, right));
  if (operator === 'in' || operator === 'nin') return renderMembership(left, right, operator, scope);
  const functionName = FUNCTION[operator];
  if (functionName !== undefined) {
    const given = functionArguments(operator, right, scope);
    const called = (first: SqlFragment): SqlFragment =>
      sql`${extensionFunction(given.type, functionName)}(${join([first, ...given.values], sql`, `)})`;
    const nowhere = emptyShapeFor(comparison.left);
    if (nowhere !== null && clientValues(right).length > 0) scope.aliases.readFirst.push(called(nowhere));
    return called(left);
  }
  const infix = INFIX[operator];
  if (infix === undefined) throw new InvariantError(`unknown operator: ${operator}`);
  const rightType = RIGHT_TYPE[operator];
  const given = renderRight(right, scope);
  const value = rightType === undefined ? given : sql`(${given})::${rightType}`;
  const plain = sql`(${left} ${infix} ${value})`;
  if (!comparison.isNullSafe || !mayBeNull(right)) return plain;
  // only equality has a null-safe form: `x < null` shows no row
  if (operator !== 'eq' && operator !== 'neq') return plain;
  // Source: spec/permissions.md 3.4
  return operator === 'neq'
    ? sql`(${plain} or ((${left} is not null) and (${value} is null)))`
    : sql`(${plain} or ((${left} is null) and (${value} is null)))`;
}

/**
 * Session variables and given literals are never NULL, for which the null-safe form says the same as the plain one, only dearer: `x = v or (x is null
 * and false)` is NULL exactly where `x = v` is.
 */
function mayBeNull(right: RightOperand): boolean {
  if (right.kind !== 'value') return true;
  const { source } = right.value;
  switch (source.kind) {
    case 'session':
    case 'session-object':
    case 'rows-to-join':
    case 'stream-cursor':
      return false;
    case 'literal':
      return source.text === null;
    case 'variable':
      return true;
  }
}

/**
 * A value for the column that is nowhere. PostGIS compares it, as it does every value of the column, only with those of the column's reference system.
 * Null where the column is not bound to one.
 */
function emptyShapeFor(operand: Operand): SqlFragment | null {
  if (operand.kind !== 'column' || operand.column.srid === undefined) return null;
  const { type, srid } = operand.column;
  const geometry = qualifiedName({ schema: type.schema, name: 'geometry' });
  const shape = sql`'POINT EMPTY'::${geometry}, ${integer(srid)}`;
  return sql`(${extensionFunction(type, 'st_setsrid')}(${shape}))::${typeName(type)}`;
}

/** Of what a client gives. What is no pattern and read by a cast alone is refused before the statement runs, as any parameter is. */
function whatMayBeRefused(operator: ComparisonOperator, right: RightOperand): readonly SqlFragment[] {
  const given = clientValues(right);
  const patternReader = PATTERN_READER[operator];
  if (patternReader !== undefined)
    return given.map((value) => sql`'' ${patternReader} ${renderValue(value)}`);
  const rightType = RIGHT_TYPE[operator];
  if (rightType !== undefined) return given.map((value) => sql`(${renderValue(value)})::${rightType}`);
  return given.filter(({ input }) => input !== 'text').map(renderValue);
}

function clientValues(right: RightOperand): readonly Value[] {
  const values = valuesOf(right);
  return values.filter(({ source }) => source.kind === 'literal' || source.kind === 'variable');
}

function valuesOf(right: RightOperand): readonly Value[] {
  switch (right.kind) {
    case 'value':
      return [right.value];
    case 'list':
      return right.elements;
    case 'column':
      return [];
    case 'distance':
      return [right.from];
    case 'raster-band':
      return [right.geometry];
    default:
      return unreachable(right);
  }
}

function renderMembership(
  left: SqlFragment,
  right: RightOperand,
  operator: 'in' | 'nin',
  scope: RowScope,
): SqlFragment {
  if (right.kind !== 'list') {
    const array = renderRight(right, scope);
    return operator === 'in' ? sql`(${left} = any(${array}))` : sql`(not (${left} = any(${array})))`;
  }
  if (right.elements.length === 0) return operator === 'in' ? sql`false` : sql`true`;
  const list = join(right.elements.map(renderValue), sql`, `);
  return operator === 'in' ? sql`(${left} in (${list}))` : sql`(not (${left} in (${list})))`;
}

function renderRight(right: RightOperand, scope: RowScope): SqlFragment {
  switch (right.kind) {
    case 'value':
      return renderValue(right.value);
    case 'list':
      return sql`(array[${join(right.elements.map(renderValue), sql`, `)}]::${typeName(right.type)}[])`;
    case 'column':
      return sql`${right.of === 'root' ? scope.root : scope.current}.${identifier(right.column.name)}`;
    case 'distance':
    case 'raster-band':
      throw new InvariantError(`a ${right.kind} belongs to a function`);
    default:
      return unreachable(right);
  }
}

/** What follows the left operand, and a type of the extension that the function belongs to. */
function functionArguments(
  operator: ComparisonOperator,
  right: RightOperand,
  scope: RowScope,
): { readonly values: readonly SqlFragment[]; readonly type: PgType } {
  switch (right.kind) {
    case 'value':
      return { values: [renderValue(right.value)], type: right.value.type };
    case 'column':
      return { values: [renderRight(right, scope)], type: right.column.type };
    case 'distance': {
      const values = [renderValue(right.from), renderValue(right.distance)];
      if (right.useSpheroid !== null) values.push(renderValue(right.useSpheroid));
      return { values, type: right.from.type };
    }
    case 'raster-band': {
      const geometry = renderValue(right.geometry);
      const band = right.band === null ? [] : [renderValue(right.band)];
      return {
        values: operator === 'st-intersects-nband-geom' ? [...band, geometry] : [geometry, ...band],
        type: right.geometry.type,
      };
    }
    case 'list':
      throw new InvariantError(`${operator} takes one value`);
    default:
      return unreachable(right);
  }
}
