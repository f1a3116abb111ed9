/**
 * Values in permissions: literals of a type, and session variables in their place. Source: spec/permissions.md 3.3, 2.6.
 */
import type { PgType } from '../catalog/index.ts';
import { describeKind, type Json, Path, RequestError } from '../support/index.ts';
import { encodeList, encodeValue, inputOf } from './encode-value.ts';
import { describeName } from './qualified-name.ts';
import { isArrayType } from './type-classes.ts';
import type { EnumReference, RightOperand, Value } from './types.ts';

/** The lower-case name when the value refers to a session variable: `x-hasura-…` in any case, or the legacy `REQ_USER_ID`. */
export function sessionVariableIn(value: Json): string | null {
  if (typeof value !== 'string') return null;
  const name = value.toLowerCase();
  if (name.startsWith('x-hasura-')) return name;
  return name === 'req_user_id' ? 'x-hasura-user-id' : null;
}

export interface ValueReading {
  readonly enumReference?: EnumReference | null;
  /** Where the value stands. */
  readonly path?: Path;
  /** False: every string is a literal. Values of definitions may name session variables, those of requests may not. */
  readonly readsSessionVariables?: boolean;
}

/** @throws RequestError when a literal does not fit the type, or is none of the enum table's values */
export function parseValue(
  value: Json,
  type: PgType,
  { enumReference = null, path = Path.root, readsSessionVariables = true }: ValueReading = {},
): Value {
  const variable = readsSessionVariables ? sessionVariableIn(value) : null;
  if (variable !== null) {
    return { source: { kind: 'session', variable }, type, isArray: false, input: inputOf(type) };
  }
  if (value === null) {
    return { source: { kind: 'literal', text: null }, type, isArray: false, input: 'text' };
  }
  if (enumReference !== null) requireEnumValue(value, enumReference, path);
  const text = encodeValue(value, type, path);
  return { source: { kind: 'literal', text }, type, isArray: false, input: inputOf(type, value) };
}

/**
 * The right side of `_in` and its like: a session variable that holds an array literal, or a list, in which every string is a literal.
 */
export function parseList(
  value: Json,
  type: PgType,
  { enumReference = null, path = Path.root, readsSessionVariables = true }: ValueReading = {},
): RightOperand {
  const variable = readsSessionVariables ? sessionVariableIn(value) : null;
  if (variable !== null) {
    return {
      kind: 'value',
      value: { source: { kind: 'session', variable }, type, isArray: true, input: 'text' },
    };
  }
  if (!Array.isArray(value)) {
    const message = `parsing [] failed, expected Array, but encountered ${describeKind(value)}`;
    throw new RequestError('parse-failed', path, message);
  }
  const elements = value as readonly Json[];
  if (enumReference !== null) for (const element of elements) requireEnumValue(element, enumReference, path);
  if (!travelsAsArray(type)) {
    return {
      kind: 'list',
      elements: elements.map((element, index) => literal(element, type, path.child(index))),
      type,
    };
  }
  const text = encodeList(elements, type, path);
  return {
    kind: 'value',
    value: { source: { kind: 'literal', text }, type, isArray: true, input: 'text' },
  };
}

/** Whether a list of values of the type can be one array parameter: arrays of arrays and of geometries cannot. */
export function travelsAsArray(type: PgType): boolean {
  return !isArrayType(type) && inputOf(type) === 'text';
}

function literal(value: Json, type: PgType, path: Path): Value {
  const text = value === null ? null : encodeValue(value, type, path);
  return { source: { kind: 'literal', text }, type, isArray: false, input: inputOf(type, value) };
}

function requireEnumValue(value: Json, reference: EnumReference, path: Path): void {
  if (value === null) return;
  if (reference.values.some((candidate) => candidate.value === value)) return;
  const values = reference.values.map((candidate) => `"${candidate.value}"`).sort();
  const given = typeof value === 'string' ? value : JSON.stringify(value);
  throw new RequestError(
    'unexpected-payload',
    path,
    `expected one of the values ${values.join(', ')} for type "${describeName(reference.table).replace('.', '_')}", given "${given}"`,
  );
}
