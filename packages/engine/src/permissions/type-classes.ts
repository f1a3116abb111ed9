/**
 * Classes of PostgreSQL types that decide which operators, aggregates and update operators a column has. Source: spec/graphql-api.md 3.1.
 */
import type { PgType } from '../catalog/index.ts';

/** The type under a domain, one level; every other type is itself. */
export function underlyingType(type: PgType): PgType {
  return type.kind === 'domain' && type.base !== null ? type.base : type;
}

/** `sum`, `avg`, … and `_inc`. */
export function isNumericType(type: PgType): boolean {
  return numericTypes.has(underlyingType(type).name);
}

/** Pattern operators. Enum types of PostgreSQL and unknown types are not strings. */
export function isStringType(type: PgType): boolean {
  return stringTypes.has(underlyingType(type).name);
}

/** `max` and `min`: the types that the contract knows to be ordered, a closed list. */
export function isComparableType(type: PgType): boolean {
  const underlying = underlyingType(type);
  if (underlying.kind === 'array' || underlying.kind === 'composite' || underlying.kind === 'enum')
    return true;
  return comparableTypes.has(underlying.name);
}

export function isJsonType(type: PgType): boolean {
  const { name } = underlyingType(type);
  return name === 'json' || name === 'jsonb';
}

export function isArrayType(type: PgType): boolean {
  return underlyingType(type).kind === 'array';
}

export function isGeometryType(type: PgType): boolean {
  return underlyingType(type).name === 'geometry';
}

export function isGeographyType(type: PgType): boolean {
  return underlyingType(type).name === 'geography';
}

/** Whether the (underlying) type has this `pg_type.typname`, e.g. `jsonb`. */
export function isTypeNamed(name: string): (type: PgType) => boolean {
  return (type) => underlyingType(type).name === name;
}

const numericTypes = new Set(['int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'money']);
const stringTypes = new Set(['text', 'varchar', 'bpchar', 'citext']);
const comparableTypes = new Set([
  ...numericTypes,
  ...stringTypes,
  'char',
  'date',
  'timestamp',
  'timestamptz',
  'timetz',
  'uuid',
  'raster',
  'ltree',
  'lquery',
  'ltxtquery',
]);
