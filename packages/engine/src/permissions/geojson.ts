/**
 * Checks that a JSON object is a geometry as GeoJSON (RFC 7946) states it, before PostGIS sees it.
 * Source: spec/graphql-api.md 3.3 (messages exact).
 */
import { describeKind, isJsonObject, type Json, JsonNumber, type JsonObject } from '../support/index.ts';

/** What is wrong with the geometry; null when nothing is. */
export function findGeojsonFault(value: JsonObject, depth = 0): string | null {
  if (depth > 32) return 'geometry collections are nested too deeply';
  const type = value['type'];
  if (type === undefined) return 'key "type" not found';
  if (typeof type !== 'string')
    return `parsing String failed, expected String, but encountered ${describeKind(type)}`;
  if (type === 'GeometryCollection') return findCollectionFault(value, depth);
  const check = checks.get(type);
  if (check === undefined) return `unexpected geometry type: ${type}`;
  const coordinates = value['coordinates'];
  return coordinates === undefined ? 'key "coordinates" not found' : check(coordinates);
}

type Check = (coordinates: Json) => string | null;

function findCollectionFault(value: JsonObject, depth: number): string | null {
  const geometries = value['geometries'];
  if (geometries === undefined) return 'key "geometries" not found';
  return findListFault(geometries, (geometry) =>
    isJsonObject(geometry)
      ? findGeojsonFault(geometry, depth + 1)
      : `parsing Geometry failed, expected Object, but encountered ${describeKind(geometry)}`,
  );
}

/** `kind` is what the list is: a position, a line, or just a list (`[]`). */
function findListFault(value: Json, check: Check, kind = '[]'): string | null {
  if (!Array.isArray(value))
    return `parsing ${kind} failed, expected Array, but encountered ${describeKind(value)}`;
  for (const element of value as readonly Json[]) {
    const fault = check(element);
    if (fault !== null) return fault;
  }
  return null;
}

function listOf(check: Check, kind?: string): Check {
  return (coordinates) => findListFault(coordinates, check, kind);
}

const position: Check = (coordinates) => {
  const fault = findListFault(
    coordinates,
    (number) =>
      typeof number === 'number' || number instanceof JsonNumber
        ? null
        : `parsing Double failed, unexpected ${describeKind(number)}`,
    'Position',
  );
  if (fault !== null) return fault;
  return lengthOf(coordinates) < 2 ? 'A Position needs at least 2 elements' : null;
};

const lineString: Check = (coordinates) =>
  listOf(position, 'LineString')(coordinates) ??
  (lengthOf(coordinates) < 2 ? 'A LineString needs at least 2 Positions' : null);

const linearRing: Check = (coordinates) => {
  const fault = listOf(position, 'LinearRing')(coordinates);
  if (fault !== null) return fault;
  if (lengthOf(coordinates) < 4) return 'A LinearRing needs at least 4 Positions';
  const positions = coordinates as readonly (readonly (number | JsonNumber)[])[];
  const first = positions[0] ?? [];
  const last = positions[positions.length - 1] ?? [];
  const isClosed =
    first.length === last.length && first.every((number, index) => Number(number) === Number(last[index]));
  return isClosed ? null : 'the first and last locations have to be equal for a LinearRing';
};

const checks: ReadonlyMap<string, Check> = new Map([
  ['Point', position],
  ['MultiPoint', listOf(position)],
  ['LineString', lineString],
  ['MultiLineString', listOf(lineString)],
  ['Polygon', listOf(linearRing)],
  ['MultiPolygon', listOf(listOf(linearRing))],
]);

function lengthOf(list: Json): number {
  return Array.isArray(list) ? list.length : 0;
}
