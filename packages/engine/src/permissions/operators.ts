/**
 * The comparison operators, once: GraphQL comparison inputs and permission expressions both read this table.
 * `_is_null`, `_cast` and the column comparisons (`_ceq` …) are no rows of it: they take no value of a type.
 * Source: spec/graphql-api.md 4.5 (descriptions exact), spec/permissions.md 3.2.
 */
import type { PgType } from '../catalog/index.ts';
import { isArrayType, isGeographyType, isGeometryType, isStringType, isTypeNamed } from './type-classes.ts';
import type { ComparisonOperator, OperandShape, OperatorSpecification } from './types.ts';

const isJsonb = isTypeNamed('jsonb');
const isRaster = isTypeNamed('raster');
const isLtree = isTypeNamed('ltree');
const isAny = (): boolean => true;
const isOrdered = (type: PgType): boolean => !isRaster(type);

export const operators: readonly OperatorSpecification[] = [
  row('eq', '_eq', 'same', isAny, null),
  { ...row('neq', '_neq', 'same', isAny, null), permissionAliases: ['_ne'] },
  row('in', '_in', 'list-of-same', isAny, null),
  row('nin', '_nin', 'list-of-same', isAny, null),
  row('gt', '_gt', 'same', isOrdered, null),
  row('lt', '_lt', 'same', isOrdered, null),
  row('gte', '_gte', 'same', isOrdered, null),
  row('lte', '_lte', 'same', isOrdered, null),

  row('like', '_like', 'same', isStringType, 'does the column match the given pattern'),
  row('nlike', '_nlike', 'same', isStringType, 'does the column NOT match the given pattern'),
  row('ilike', '_ilike', 'same', isStringType, 'does the column match the given case-insensitive pattern'),
  row(
    'nilike',
    '_nilike',
    'same',
    isStringType,
    'does the column NOT match the given case-insensitive pattern',
  ),
  row('similar', '_similar', 'same', isStringType, 'does the column match the given SQL regular expression'),
  row(
    'nsimilar',
    '_nsimilar',
    'same',
    isStringType,
    'does the column NOT match the given SQL regular expression',
  ),
  row(
    'regex',
    '_regex',
    'same',
    isStringType,
    'does the column match the given POSIX regular expression, case sensitive',
  ),
  row(
    'nregex',
    '_nregex',
    'same',
    isStringType,
    'does the column NOT match the given POSIX regular expression, case sensitive',
  ),
  row(
    'iregex',
    '_iregex',
    'same',
    isStringType,
    'does the column match the given POSIX regular expression, case insensitive',
  ),
  row(
    'niregex',
    '_niregex',
    'same',
    isStringType,
    'does the column NOT match the given POSIX regular expression, case insensitive',
  ),

  row('contains', '_contains', 'same', isArrayType, 'does the array contain the given value'),
  row(
    'contained-in',
    '_contained_in',
    'same',
    isArrayType,
    'is the array contained in the given array value',
  ),
  row(
    'contains',
    '_contains',
    'same',
    isJsonb,
    'does the column contain the given json value at the top level',
  ),
  row('contained-in', '_contained_in', 'same', isJsonb, 'is the column contained in the given json value'),
  row('has-key', '_has_key', 'text', isJsonb, 'does the string exist as a top-level key in the column'),
  row(
    'has-keys-any',
    '_has_keys_any',
    'list-of-text',
    isJsonb,
    'do any of these strings exist as top-level keys in the column',
  ),
  row(
    'has-keys-all',
    '_has_keys_all',
    'list-of-text',
    isJsonb,
    'do all of these strings exist as top-level keys in the column',
  ),
  row(
    'json-path-exists',
    '_jsonb_path_exists',
    'text',
    isJsonb,
    'does the jsonpath return any item for the specified JSON value',
  ),
  row(
    'json-path-match',
    '_jsonb_path_match',
    'text',
    isJsonb,
    'does the jsonpath predicate check return true for the specified JSON value',
  ),

  row(
    'st-intersects',
    '_st_intersects',
    'same',
    isGeographyType,
    'does the column spatially intersect the given geography value',
  ),
  row(
    'st-d-within',
    '_st_d_within',
    'geography-distance',
    isGeographyType,
    'is the column within a given distance from the given geography value',
  ),
  row(
    'st-contains',
    '_st_contains',
    'same',
    isGeometryType,
    'does the column contain the given geometry value',
  ),
  row('st-crosses', '_st_crosses', 'same', isGeometryType, 'does the column cross the given geometry value'),
  row(
    'st-equals',
    '_st_equals',
    'same',
    isGeometryType,
    'is the column equal to given geometry value (directionality is ignored)',
  ),
  row(
    'st-overlaps',
    '_st_overlaps',
    'same',
    isGeometryType,
    "does the column 'spatially overlap' (intersect but not completely contain) the given geometry value",
  ),
  row(
    'st-touches',
    '_st_touches',
    'same',
    isGeometryType,
    'does the column have atleast one point in common with the given geometry value',
  ),
  row(
    'st-within',
    '_st_within',
    'same',
    isGeometryType,
    'is the column contained in the given geometry value',
  ),
  row(
    'st-intersects',
    '_st_intersects',
    'same',
    isGeometryType,
    'does the column spatially intersect the given geometry value',
  ),
  row(
    'st-3d-intersects',
    '_st_3d_intersects',
    'same',
    isGeometryType,
    'does the column spatially intersect the given geometry value in 3D',
  ),
  row(
    'st-d-within',
    '_st_d_within',
    'geometry-distance',
    isGeometryType,
    'is the column within a given distance from the given geometry value',
  ),
  row(
    'st-3d-d-within',
    '_st_3d_d_within',
    'geometry-distance',
    isGeometryType,
    'is the column within a given 3D distance from the given geometry value',
  ),
  graphqlOnly(row('st-intersects-rast', '_st_intersects_rast', 'same', isRaster, null)),
  graphqlOnly(row('st-intersects-nband-geom', '_st_intersects_nband_geom', 'band-geometry', isRaster, null)),
  graphqlOnly(row('st-intersects-geom-nband', '_st_intersects_geom_nband', 'geometry-band', isRaster, null)),

  row('ancestor', '_ancestor', 'same', isLtree, 'is the left argument an ancestor of right (or equal)?'),
  row('ancestor-any', '_ancestor_any', 'list-of-same', isLtree, 'does array contain an ancestor of `ltree`?'),
  row('descendant', '_descendant', 'same', isLtree, 'is the left argument a descendant of right (or equal)?'),
  row(
    'descendant-any',
    '_descendant_any',
    'list-of-same',
    isLtree,
    'does array contain a descendant of `ltree`?',
  ),
  row('matches', '_matches', 'lquery', isLtree, 'does `ltree` match `lquery`?'),
  row('matches-any', '_matches_any', 'list-of-lquery', isLtree, 'does `ltree` match any `lquery` in array?'),
  row('matches-fulltext', '_matches_fulltext', 'ltxtquery', isLtree, 'does `ltree` match `ltxtquery`?'),
];

/** The rows of the table that a GraphQL comparison input of this type has. */
export function graphqlOperatorsOf(type: PgType): readonly OperatorSpecification[] {
  return operators.filter((operator) => operator.isInGraphql && operator.appliesTo(type));
}

/** The rows for a column that refers to an enum table. */
export const enumTableOperators: readonly OperatorSpecification[] = operators.filter((operator) =>
  ['eq', 'neq', 'in', 'nin'].includes(operator.operator),
);

/**
 * What `_cast` leads to: GraphQL field name and `pg_type.typname` of the target. Source: spec/graphql-api.md 4.5.
 */
export function castTargetOf(type: PgType): { readonly name: string; readonly typeName: string } | null {
  if (isJsonb(type)) return { name: 'String', typeName: 'text' };
  if (isGeometryType(type)) return { name: 'geography', typeName: 'geography' };
  if (isGeographyType(type)) return { name: 'geometry', typeName: 'geometry' };
  return null;
}

function row(
  operator: ComparisonOperator,
  name: string,
  operand: OperandShape,
  appliesTo: (type: PgType) => boolean,
  description: string | null,
): OperatorSpecification {
  return {
    operator,
    name,
    permissionAliases: [],
    description,
    operand,
    appliesTo,
    isInGraphql: true,
    isInPermissions: true,
  };
}

function graphqlOnly(specification: OperatorSpecification): OperatorSpecification {
  return { ...specification, isInPermissions: false };
}
