/**
 * From a JSON value to the text of a bind parameter that PostgreSQL casts to the column's type. Only what the contract refuses is refused
 * here; the rest (dates, uuids, strings for numbers) is left to PostgreSQL's own input functions.
 * Source: spec/graphql-api.md 3.3, spec/permissions.md 3.3.
 */
import type { PgType } from '../catalog/index.ts';
import {
  describeKind,
  isJsonObject,
  type Json,
  JsonNumber,
  type Path,
  RequestError,
  stringifyJson,
} from '../support/index.ts';
import { decimalOf, describeDecimal, integerOf, plainDecimal } from './decimal.ts';
import { findGeojsonFault } from './geojson.ts';
import { underlyingType } from './type-classes.ts';
import type { Value } from './types.ts';

/**
 * The parameter text of a value that is not null. Arrays become PostgreSQL array literals; a null inside a list is a NULL element.
 * @throws RequestError `parse-failed` at `path`, also for an element of an array, when the value does not fit the type
 */
export function encodeValue(value: Json, type: PgType, path: Path): string {
  const target = underlyingType(type);
  if (target.kind === 'array' && target.element !== null) return encodeArray(value, target.element, path);
  const encoder = encoders.get(target.name);
  if (encoder !== undefined) return encoder(value, path);
  return typeof value === 'string' ? value : refuse(path, stringExpected(target));
}

/** The literal of an array of `element` for operators that take a list: `_in`, `_has_keys_any` … */
export function encodeList(values: readonly Json[], element: PgType, path: Path): string {
  const items = values.map((value, index) => encodeElement(value, element, path.child(index)));
  return `{${items.join(',')}}`;
}

/**
 * How the parameter's text becomes a value. Geometries travel as GeoJSON when they are objects, and as PostGIS's own text when they are
 * strings; without a value (a session variable) they are GeoJSON. A list has the type's array form and is always text.
 */
export function inputOf(type: PgType, value?: Json): Value['input'] {
  const { name } = underlyingType(type);
  if (name === 'raster') return 'raster-hex';
  if (name === 'geometry' || name === 'geography') return typeof value === 'string' ? 'text' : 'geojson';
  return 'text';
}

type Encoder = (value: Json, path: Path) => string;

/** The original's names of what it parses are in its messages: `Day` for a date. */
function text(parsed: string): Encoder {
  return (value, path) =>
    typeof value === 'string'
      ? value
      : refuse(path, `parsing ${parsed} failed, expected String, but encountered ${describeKind(value)}`);
}

const encodeTimeWithZone: Encoder = (value, path) =>
  typeof value === 'string' ? value : refuse(path, 'Expecting a string for timetz');

const encodeBoolean: Encoder = (value, path) => {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  return refuse(path, `expected Bool, but encountered ${describeKind(value)}`);
};

/** A power of ten has one digit more after the point, as in the original: answers show how many there are. */
const encodeNumeric: Encoder = (value, path) =>
  isNumber(value)
    ? String(value).replace(/^(-?\d+)(?=[eE])/, '$1.0')
    : typeof value === 'string'
      ? value
      : refuse(path, `parsing Scientific failed, expected Number, but encountered ${describeKind(value)}`);

/** PostgreSQL reads amounts of money in plain digits only. */
const encodeMoney: Encoder = (value, path) =>
  isNumber(value) ? plainDecimal(decimalOf(value)) : encodeNumeric(value, path);

const encodeJson: Encoder = (value) => stringifyJson(value);

const encodeGeometry: Encoder = (value, path) => {
  if (typeof value === 'string') return value;
  if (!isJsonObject(value)) {
    return refuse(path, `parsing Geometry failed, expected Object, but encountered ${describeKind(value)}`);
  }
  const fault = findGeojsonFault(value);
  return fault === null ? stringifyJson(value) : refuse(path, fault);
};

const encodeRaster: Encoder = (value, path) => {
  if (typeof value !== 'string') return refuse(path, 'expecting String for raster');
  if (/^(?:[0-9a-fA-F]{2})+$/.test(value)) return value;
  return refuse(path, 'invalid hexadecimal representation of raster well known binary format');
};

const encodeLtree: Encoder = (value, path) => {
  const isLabelPath =
    typeof value === 'string' &&
    (value === '' || /^[A-Za-z0-9_-]{1,1000}(?:\.[A-Za-z0-9_-]{1,1000})*$/.test(value));
  if (isLabelPath) return value as string;
  return refuse(
    path,
    'Expecting label path: a sequence of zero or more labels separated by dots, for example L1.L2.L3',
  );
};

const encoders: ReadonlyMap<string, Encoder> = new Map<string, Encoder>([
  ['int2', integer('PGSmallInt', 16)],
  ['int4', integer('PGInteger', 32)],
  ['int8', integer('PGBigInt', 64)],
  ['float4', float('PGFloat', 3.4028235677973366e38)],
  ['float8', float('PGDouble', Number.MAX_VALUE)],
  ['numeric', encodeNumeric],
  ['money', encodeMoney],
  ['bool', encodeBoolean],
  ['json', encodeJson],
  ['jsonb', encodeJson],
  ['geometry', encodeGeometry],
  ['geography', encodeGeometry],
  ['raster', encodeRaster],
  ['ltree', encodeLtree],
  ...['text', 'varchar', 'citext', 'lquery', 'ltxtquery'].map((name): [string, Encoder] => [
    name,
    text('Text'),
  ]),
  ['bpchar', text('Char')],
  ['char', text('Char')],
  ['date', text('Day')],
  ['timestamp', text('LocalTime')],
  ['timestamptz', text('UTCTime')],
  ['timetz', encodeTimeWithZone],
  ['uuid', text('UUID')],
]);

function integer(typeName: string, bits: number): Encoder {
  return (value, path) => {
    if (typeof value === 'string') return value;
    if (!isNumber(value)) {
      const message = `parsing Integer expected for input type: ${typeName} failed, expected Number, but encountered`;
      return refuse(path, `${message} ${describeKind(value)}`);
    }
    const decimal = decimalOf(value);
    const whole = integerOf(decimal, 20);
    if (whole !== null && BigInt.asIntN(bits, whole) === whole) return String(whole);
    return refuse(
      path,
      `The value ${describeDecimal(decimal)} lies outside the bounds or is not an integer. Maybe it is a float, or is there integer overflow?`,
    );
  };
}

function float(typeName: string, largest: number): Encoder {
  return (value, path) => {
    if (typeof value === 'string') return value;
    if (!isNumber(value)) {
      const message = `parsing Float expected for input type: ${typeName} failed, expected Number, but encountered`;
      return refuse(path, `${message} ${describeKind(value)}`);
    }
    if (Math.abs(Number(String(value))) < largest || Number(String(value)) === largest) return String(value);
    const text = describeDecimal(decimalOf(value));
    return refuse(path, `The value ${text} lies outside the bounds. Is it overflowing the float bounds?`);
  };
}

/** Lists, one bare element, or an array literal such as `{a,b}` as it is. */
function encodeArray(value: Json, element: PgType, path: Path): string {
  if (Array.isArray(value)) return arrayOf(value as readonly Json[], element, path);
  if (typeof value === 'string' && /^\s*(?:\{|\[[-+]?\d+:)/.test(value)) return value;
  return `{${encodeElement(value, element, path)}}`;
}

function arrayOf(values: readonly Json[], element: PgType, path: Path): string {
  return `{${values.map((value) => encodeElement(value, element, path)).join(',')}}`;
}

function encodeElement(value: Json, element: PgType, path: Path): string {
  if (value === null) return 'NULL';
  // A list inside a list is a further dimension, except where an element may itself be a JSON list.
  const takesLists = ['json', 'jsonb'].includes(underlyingType(element).name);
  if (Array.isArray(value) && !takesLists) return arrayOf(value as readonly Json[], element, path);
  return `"${encodeValue(value, element, path).replace(/[\\"]/g, '\\$&')}"`;
}

function isNumber(value: Json): value is number | JsonNumber {
  return typeof value === 'number' || value instanceof JsonNumber;
}

function stringExpected(type: PgType): string {
  return `A string is expected for type: ${type.name}`;
}

function refuse(path: Path, message: string): never {
  throw new RequestError('parse-failed', path, message);
}
