import type { PgType } from '../catalog/index.ts';
import { booleanType, float8Type, textType } from '../permissions/index.ts';

/** PostgreSQL's own types that values have when no column gives them one: limits, keys of JSON objects, distances. */
export const builtInTypes = {
  bool: booleanType,
  text: textType,
  float8: float8Type,
  int4: builtIn(23, 'int4', 'integer'),
  int8: builtIn(20, 'int8', 'bigint'),
  numeric: builtIn(1700, 'numeric', 'numeric'),
  jsonb: builtIn(3802, 'jsonb', 'jsonb'),
} as const;

function builtIn(oid: number, name: string, sqlName: string): PgType {
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
