/** PostgreSQL types for fixtures, with the OIDs and SQL names of the server's own types. */
import type { PgType } from '../../src/catalog/index.ts';

/** A built-in or extension type by its `typname`; an unknown name becomes an enum type of that name. */
export function pgType(name: string): PgType {
  const known = types.get(name);
  if (known !== undefined) return known;
  const made: PgType = {
    oid: nextOid++,
    schema: 'public',
    name,
    sqlName: name,
    kind: extensionTypes.has(name) ? 'base' : 'enum',
    element: null,
    base: null,
    relation: null,
  };
  types.set(name, made);
  return made;
}

export function arrayOf(element: PgType): PgType {
  const name = `_${element.name}`;
  const known = types.get(name);
  if (known !== undefined) return known;
  const made: PgType = {
    oid: nextOid++,
    schema: element.schema,
    name,
    sqlName: `${element.sqlName}[]`,
    kind: 'array',
    element,
    base: null,
    relation: null,
  };
  types.set(name, made);
  return made;
}

let nextOid = 100_000;

const extensionTypes = new Set(['citext', 'ltree', 'lquery', 'ltxtquery', 'geometry', 'geography', 'raster']);

const types = new Map<string, PgType>(
  (
    [
      [16, 'bool', 'boolean'],
      [17, 'bytea', 'bytea'],
      [18, 'char', '"char"'],
      [20, 'int8', 'bigint'],
      [21, 'int2', 'smallint'],
      [23, 'int4', 'integer'],
      [25, 'text', 'text'],
      [114, 'json', 'json'],
      [700, 'float4', 'real'],
      [701, 'float8', 'double precision'],
      [790, 'money', 'money'],
      [1042, 'bpchar', 'bpchar'],
      [1043, 'varchar', 'character varying'],
      [1082, 'date', 'date'],
      [1083, 'time', 'time without time zone'],
      [1114, 'timestamp', 'timestamp without time zone'],
      [1184, 'timestamptz', 'timestamp with time zone'],
      [1186, 'interval', 'interval'],
      [1266, 'timetz', 'time with time zone'],
      [1700, 'numeric', 'numeric'],
      [2950, 'uuid', 'uuid'],
      [3802, 'jsonb', 'jsonb'],
    ] as const
  ).map(([oid, name, sqlName]) => [
    name,
    {
      oid,
      schema: 'pg_catalog',
      name,
      sqlName,
      kind: 'base',
      element: null,
      base: null,
      relation: null,
    },
  ]),
);
