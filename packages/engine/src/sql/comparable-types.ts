import type { PgType } from '../plan/index.ts';

/**
 * Whether any two values of the type can be compared. Where it is only known in a value what it consists of, PostgreSQL finds out on a row that there is no comparison: of
 * two arrays of `json`, or of two rows. Types that are not known here may do anything.
 */
export function comparesWithoutFail(type: PgType): boolean {
  switch (type.kind) {
    case 'domain':
      return type.base !== null && comparesWithoutFail(type.base);
    case 'array':
      return type.element !== null && comparesWithoutFail(type.element);
    case 'enum':
      return true;
    case 'range':
    case 'multirange':
      return type.schema === 'pg_catalog';
    case 'base':
      return type.schema === 'pg_catalog' ? builtIn.has(type.name) : ofExtensions.has(type.name);
    case 'composite':
    case 'pseudo':
      return false;
  }
}

/** Types of PostgreSQL that have an order, hence also equality. */
const builtIn: ReadonlySet<string> = new Set([
  ...['int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'money', 'oid', 'bool', 'bit', 'varbit'],
  ...['text', 'varchar', 'bpchar', 'char', 'name', 'bytea', 'uuid', 'jsonb', 'tsvector', 'tsquery', 'pg_lsn'],
  ...['date', 'time', 'timetz', 'timestamp', 'timestamptz', 'interval'],
  ...['inet', 'cidr', 'macaddr', 'macaddr8'],
]);
const ofExtensions: ReadonlySet<string> = new Set(['citext', 'geography', 'geometry', 'hstore', 'ltree']);
