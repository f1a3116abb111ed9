/**
 * Cursors: base64 of a JSON object with the values that the rows are sorted by, `{"title" : "b", "id" : 7}`. A statement gets the JSON as one parameter
 * and takes the values out of it. Source: spec/graphql-api.md 16.
 */
import { Buffer } from 'node:buffer';
import type { PgType } from '../../catalog/index.ts';
import { underlyingType } from '../../permissions/index.ts';
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
import { fault, type PlanContext } from '../context.ts';
import type { GivenArgument } from '../field-arguments.ts';
import { variableSource } from '../input.ts';
import { readStrict, strictString } from '../strict-scalars.ts';
import type { OrderExpression, OrderItem } from '../types.ts';
import type { ConnectionCursor, CursorKey } from './types.ts';

export function cursorKeys(orderBy: readonly OrderItem[]): readonly CursorKey[] {
  return orderBy.map(({ by, path }): CursorKey => {
    if (path === undefined) throw new InvariantError('an order that cursors cannot name');
    const type = typeOf(by);
    return { path, type, isText: !hasJsonForm(type), isNullable: mayBeNull(by) };
  });
}

/**
 * A cursor as a parameter. Where it has nulls decides the plan, since an index helps to find what stands beyond a value, but not what may stand beyond
 * anything. `path` is that of the field's arguments.
 */
export function readCursor(
  { input, path: argumentPath }: GivenArgument,
  side: ConnectionCursor['side'],
  keys: readonly CursorKey[],
  path: Path,
  context: PlanContext,
): ConnectionCursor {
  const decode = (value: Json): DecodedCursor =>
    decodeCursor(readStrict({ kind: 'json', value }, strictString, argumentPath), keys, path);
  const given = decodeCursor(readStrict(input, strictString, argumentPath), keys, path);
  const { nulls } = given;
  const type = builtInTypes.jsonb;
  if (input.kind !== 'variable') {
    const source = { kind: 'literal', text: stringifyJson(given.json) } as const;
    return { side, value: { source, type, isArray: false, input: 'text' }, nulls };
  }
  if (input.steps.length > 0) throw new InvariantError('a cursor is a variable as a whole');
  context.shapes.set(`cursor ${input.name} ${JSON.stringify(keys.map((key) => key.path))}`, {
    variable: input.name,
    shapeOf: (value) => shapeOfCursor(value, decode),
  });
  const encode = (value: Json) => stringifyJson(decode(value).json);
  const source = variableSource(input.name, input.steps, encode);
  return { side, value: { source, type, isArray: false, input: 'text' }, nulls };
}

function shapeOfCursor(value: Json, decode: (value: Json) => DecodedCursor): string {
  try {
    return decode(value)
      .nulls.map((isNull) => (isNull ? '0' : '1'))
      .join('');
  } catch {
    // no plan is ever made of these
    return 'invalid';
  }
}

interface DecodedCursor {
  /** What the cursor says beyond the keys is left away. */
  readonly json: JsonObject;
  readonly nulls: readonly boolean[];
}

function decodeCursor(text: string, keys: readonly CursorKey[], path: Path): DecodedCursor {
  const cursor = parseCursor(text, path);
  const json: Record<string, Json> = Object.create(null);
  const nulls = keys.map((key) => copyValue(cursor, json, key.path, path) === null);
  return { json, nulls };
}

function parseCursor(text: string, path: Path): Json {
  try {
    return parseJson(Buffer.from(text, 'base64').toString('utf8'));
  } catch {
    throw invalidCursor(path);
  }
}

/** Gives the value. */
function copyValue(
  from: Json,
  to: Record<string, Json>,
  [name, ...rest]: readonly string[],
  path: Path,
): Json {
  if (name === undefined || !isJsonObject(from) || !Object.hasOwn(from, name)) throw invalidCursor(path);
  const value = from[name] ?? null;
  if (rest.length === 0) {
    to[name] = value;
    return value;
  }
  const known = to[name];
  const inner: Record<string, Json> = known !== undefined && isJsonObject(known) ? { ...known } : {};
  const copied = copyValue(value, inner, rest, path);
  to[name] = inner;
  return copied;
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

/** Whether JSON has the values, or PostgreSQL writes and reads them as one JSON string; a JSON null among them is not SQL's. */
function hasJsonForm({ schema, name, kind }: PgType): boolean {
  if (kind === 'enum') return true;
  return schema === 'pg_catalog' && kind === 'base' && name !== 'jsonb' && name !== 'json';
}

function mayBeNull(by: OrderExpression): boolean {
  if (by.kind !== 'operand' || by.operand.kind !== 'column') return true;
  return by.operand.column.isNullable || by.operand.visibleWhen !== null;
}
