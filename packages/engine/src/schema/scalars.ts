/**
 * GraphQL scalars: the strict built-in ones of arguments, and one for each PostgreSQL type. Source: spec/graphql-api.md 3.1.
 */
import type { PgType } from '../catalog/index.ts';
import { scalarNameOf } from '../model/index.ts';
import { siblingType, underlyingType } from '../permissions/index.ts';
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

/** Names that could not be told from GraphQL's own words are no enum values. Source: GraphQL specification, section 3.9. */
export function isEnumValueName(name: string): boolean {
  return isGraphqlName(name) && name !== 'true' && name !== 'false' && name !== 'null';
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

/** The scalar that is called like the type itself, whatever the type is made of. */
export function scalarByOwnName(type: PgType): ScalarType | null {
  const known = scalarsByOwnName.get(type);
  if (known !== undefined) return known;
  const made: ScalarType | null = isGraphqlName(type.name)
    ? { kind: 'scalar', name: type.name, pgType: type }
    : null;
  scalarsByOwnName.set(type, made);
  return made;
}

/**
 * A type of the extension that also made `type`: `geography` beside `geometry`, `lquery` beside `ltree`. Siblings know each other, so that
 * going from one to the other and back ends where it began.
 */
export function siblingOf(type: PgType, name: string): PgType {
  const own = underlyingType(type);
  let family = families.get(own);
  if (family === undefined) {
    family = new Map([[own.name, own]]);
    families.set(own, family);
  }
  const known = family.get(name);
  if (known !== undefined) return known;
  const made = siblingType(own, name);
  family.set(name, made);
  families.set(made, family);
  return made;
}

const scalars = new WeakMap<PgType, ScalarType | null>();
const scalarsByOwnName = new WeakMap<PgType, ScalarType | null>();
const families = new WeakMap<PgType, Map<string, PgType>>();

function strict(name: string): ScalarType {
  return { kind: 'scalar', name, pgType: null };
}
