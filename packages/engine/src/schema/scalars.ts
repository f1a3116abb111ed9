/**
 * GraphQL scalars: the strict built-in ones of arguments, and one for each PostgreSQL type. Source: spec/graphql-api.md 3.1.
 */
import type { PgType } from '../catalog/index.ts';
import { underlyingType } from '../permissions/index.ts';
import type { ScalarType } from './types.ts';

/** The scalars that take only what the GraphQL specification allows. Source: spec/graphql-api.md 12.4. */
export const strictScalars = {
  Int: strict('Int'),
  Float: strict('Float'),
  String: strict('String'),
  Boolean: strict('Boolean'),
  ID: strict('ID'),
} as const;

export function isGraphqlName(name: string): boolean {
  return /^[_A-Za-z][_0-9A-Za-z]*$/.test(name);
}

/** The GraphQL name of a type that is not an array; null when the type's own name is no GraphQL name. */
export function scalarNameOf(type: PgType): string | null {
  const underlying = underlyingType(type);
  const builtIn = graphqlNames.get(underlying.name);
  if (builtIn !== undefined && underlying.schema === 'pg_catalog') return builtIn;
  const name = underlying.kind === 'composite' ? `${underlying.name}_scalar` : underlying.name;
  return isGraphqlName(name) ? name : null;
}

/** The scalar of a type that is not an array; equal for equal types. */
export function scalarOf(type: PgType): ScalarType | null {
  const known = scalars.get(type);
  if (known !== undefined) return known;
  const name = scalarNameOf(type);
  const made: ScalarType | null = name === null ? null : { kind: 'scalar', name, pgType: type };
  scalars.set(type, made);
  return made;
}

/** PostgreSQL's own types that the engine needs without having met them in a table. */
export const builtInTypes = {
  text: builtIn(25, 'text', 'text'),
  int4: builtIn(23, 'int4', 'integer'),
  int8: builtIn(20, 'int8', 'bigint'),
  float8: builtIn(701, 'float8', 'double precision'),
  bool: builtIn(16, 'bool', 'boolean'),
} as const;

/** A type of the extension that also made `type`: `geography` beside `geometry`, `lquery` beside `ltree`. */
export function siblingType(type: PgType, name: string): PgType {
  const own = underlyingType(type);
  let siblings = siblingTypes.get(own);
  if (siblings === undefined) {
    siblings = new Map();
    siblingTypes.set(own, siblings);
  }
  const known = siblings.get(name);
  if (known !== undefined) return known;
  // The names of extension types need no quotes, so that only the schema may stand before them.
  const made: PgType = {
    ...own,
    oid: 0,
    name,
    sqlName: own.sqlName.slice(0, own.sqlName.length - own.name.length) + name,
  };
  siblings.set(name, made);
  return made;
}

const scalars = new WeakMap<PgType, ScalarType | null>();
const siblingTypes = new WeakMap<PgType, Map<string, PgType>>();

const graphqlNames: ReadonlyMap<string, string> = new Map([
  ['int4', 'Int'],
  ['int2', 'smallint'],
  ['int8', 'bigint'],
  ['bool', 'Boolean'],
  ['float4', 'Float'],
  ['text', 'String'],
  ['varchar', 'String'],
]);

function strict(name: string): ScalarType {
  return { kind: 'scalar', name, pgType: null };
}

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
