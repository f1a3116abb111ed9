import { booleanType, builtInType, float8Type, textType } from '../permissions/index.ts';

/** PostgreSQL's own types that values have when no column gives them one: limits, keys of JSON objects, distances. */
export const builtInTypes = {
  bool: booleanType,
  text: textType,
  float8: float8Type,
  int4: builtInType(23, 'int4', 'integer'),
  int8: builtInType(20, 'int8', 'bigint'),
  numeric: builtInType(1700, 'numeric', 'numeric'),
  jsonb: builtInType(3802, 'jsonb', 'jsonb'),
} as const;
