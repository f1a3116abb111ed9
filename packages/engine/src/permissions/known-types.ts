/** Types that rules need without a column to take them from, and how messages name types. */
import type { PgType } from '../catalog/index.ts';

export const textType = builtInType(25, 'text', 'text');
export const booleanType = builtInType(16, 'bool', 'boolean');
export const float8Type = builtInType(701, 'float8', 'double precision');
export const jsonType = builtInType(114, 'json', 'json');
export const timestamptzType = builtInType(1184, 'timestamptz', 'timestamp with time zone');
export const uuidType = builtInType(2950, 'uuid', 'uuid');

/** A type of the same extension (hence the same schema) as `type`: `lquery` for `ltree`, `geography` for `geometry`. */
export function siblingType(type: PgType, name: string): PgType {
  const { schema, sqlName } = type;
  const isQualified = sqlName.endsWith(`.${type.name}`);
  return {
    oid: 0,
    schema,
    name,
    sqlName: isQualified ? `${sqlName.slice(0, -type.name.length)}${name}` : name,
    kind: 'base',
    element: null,
    base: null,
    relation: null,
  };
}

/** The type's name in messages: `integer`, `timestamptz`, `text[]`. */
export function describeType(type: PgType): string {
  if (type.kind === 'array' && type.element !== null) return `${describeType(type.element)}[]`;
  return shortNames.get(type.name) ?? type.name;
}

const shortNames: ReadonlyMap<string, string> = new Map([
  ['int2', 'smallint'],
  ['int4', 'integer'],
  ['int8', 'bigint'],
  ['float4', 'real'],
  ['bool', 'boolean'],
]);

/** One of PostgreSQL's own types, by its fixed number. */
export function builtInType(oid: number, name: string, sqlName: string): PgType {
  return {
    oid,
    schema: 'pg_catalog',
    name,
    sqlName,
    kind: 'base',
    element: null,
    base: null,
    relation: null,
  };
}
