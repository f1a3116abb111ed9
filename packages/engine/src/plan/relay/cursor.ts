/**
 * Cursors: base64 of a JSON object with the values that the rows are sorted by, `{"title" : "b", "id" : 7}`. A statement gets the JSON as one parameter
 * and takes the values out of it. Source: spec/graphql-api.md 16.
 */
import { Buffer } from 'node:buffer';
import type { PgType } from '../../catalog/index.ts';
import { underlyingType, type Value } from '../../permissions/index.ts';
import {
  InvariantError,
  isJsonObject,
  type Json,
  type JsonObject,
  type Path,
  parseJson,
  stringifyJson,
} from '../../support/index.ts';
import { builtInTypes } from '../built-in-types.ts';
import { fault } from '../context.ts';
import type { GivenArgument } from '../field-arguments.ts';
import { variableSource } from '../input.ts';
import { readStrict, strictString } from '../strict-scalars.ts';
import type { OrderExpression, OrderItem } from '../types.ts';
import type { CursorKey } from './types.ts';

export function cursorKeys(orderBy: readonly OrderItem[]): readonly CursorKey[] {
  return orderBy.map(({ by, path }): CursorKey => {
    if (path === undefined) throw new InvariantError('an order that cursors cannot name');
    const type = typeOf(by);
    return { path, type, isText: !hasJsonForm(type), isNullable: mayBeNull(by) };
  });
}

/** The JSON of a cursor as a parameter. `path` is that of the field's arguments. */
export function readCursor(
  { input, path: argumentPath }: GivenArgument,
  keys: readonly CursorKey[],
  path: Path,
): Value {
  const decode = (text: string): string => stringifyJson(decodeCursor(text, keys, path));
  const text = decode(readStrict(input, strictString, argumentPath));
  const type = builtInTypes.jsonb;
  if (input.kind !== 'variable') {
    return { source: { kind: 'literal', text }, type, isArray: false, input: 'text' };
  }
  const encode = (value: Json) => decode(readStrict({ kind: 'json', value }, strictString, argumentPath));
  return { source: variableSource(input.name, input.steps, encode), type, isArray: false, input: 'text' };
}

/** What the cursor says beyond the keys is left away. */
function decodeCursor(text: string, keys: readonly CursorKey[], path: Path): JsonObject {
  const cursor = parseCursor(text, path);
  const known: Record<string, Json> = Object.create(null);
  for (const key of keys) copyValue(cursor, known, key.path, path);
  return known;
}

function parseCursor(text: string, path: Path): Json {
  try {
    return parseJson(Buffer.from(text, 'base64').toString('utf8'));
  } catch {
    throw invalidCursor(path);
  }
}

function copyValue(
  from: Json,
  to: Record<string, Json>,
  [name, ...rest]: readonly string[],
  path: Path,
): void {
  if (name === undefined || !isJsonObject(from) || !Object.hasOwn(from, name)) throw invalidCursor(path);
  const value = from[name] ?? null;
  if (rest.length === 0) {
    to[name] = value;
    return;
  }
  const known = to[name];
  const inner: Record<string, Json> = known !== undefined && isJsonObject(known) ? { ...known } : {};
  copyValue(value, inner, rest, path);
  to[name] = inner;
}

function invalidCursor(path: Path): Error {
  return fault(path, 'the "after" or "before" cursor is invalid');
}

function typeOf(by: OrderExpression): PgType {
  switch (by.kind) {
    case 'related':
      return typeOf(by.by);
    case 'related-aggregate':
      return aggregateType(
        by.function,
        by.operand === null ? null : typeOf({ kind: 'operand', operand: by.operand }),
      );
    case 'operand': {
      const { operand } = by;
      if (operand.kind === 'column') return underlyingType(operand.column.type);
      if (operand.kind === 'call' || operand.kind === 'cast') return underlyingType(operand.type);
      throw new InvariantError('an aggregate orders no rows');
    }
  }
}

/** What PostgreSQL's aggregates give. Source: PostgreSQL manual 9.21. */
function aggregateType(name: string, operand: PgType | null): PgType {
  if (operand === null || name === 'count') return builtInTypes.int8;
  if (name === 'max' || name === 'min') return operand;
  const isFloat = operand.name === 'float4' || operand.name === 'float8';
  if (name === 'sum') {
    if (operand.name === 'int2' || operand.name === 'int4') return builtInTypes.int8;
    return operand.name === 'int8' ? builtInTypes.numeric : operand;
  }
  if (isFloat) return builtInTypes.float8;
  return operand.name === 'interval' ? operand : builtInTypes.numeric;
}

/** Whether JSON has the values, or PostgreSQL writes and reads them as one JSON string. */
function hasJsonForm({ schema, kind }: PgType): boolean {
  return (schema === 'pg_catalog' && kind === 'base') || kind === 'enum';
}

function mayBeNull(by: OrderExpression): boolean {
  if (by.kind !== 'operand' || by.operand.kind !== 'column') return true;
  return by.operand.column.isNullable || by.operand.visibleWhen !== null;
}
