import {
  isJsonObject,
  type Json,
  JsonNumber,
  type JsonObject,
  type Path,
  RequestError,
} from '../support/index.ts';

/** Members of a request's object, each read by its kind. Throw RequestError `parse-failed`. */
export function objectOf(value: Json | undefined, path: Path): JsonObject {
  return isJsonObject(value) ? value : mismatch('Object', value, path);
}

export function textOf(value: Json | undefined, path: Path): string {
  return typeof value === 'string' ? value : mismatch('String', value, path);
}

export function listOf(value: Json | undefined, path: Path): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : mismatch('Array', value, path);
}

export function oneOf<T extends string>(value: Json | undefined, values: readonly T[], path: Path): T {
  const found = values.find((each) => each === value);
  if (found !== undefined) return found;
  throw new RequestError(
    'parse-failed',
    path,
    `expected one of ${values.map((each) => `"${each}"`).join(', ')}`,
  );
}

/** Unknown keys would be questions that are not answered. */
export function refuseOthers(object: JsonObject, known: readonly string[], path: Path): void {
  const others = Object.keys(object).filter((key) => !known.includes(key));
  if (others.length > 0)
    throw new RequestError('parse-failed', path, `unexpected keys: ${JSON.stringify(others)}`);
}

export const operations = ['select', 'insert', 'update', 'delete'] as const;
export type Operation = (typeof operations)[number];

function mismatch(expected: string, value: Json | undefined, path: Path): never {
  throw new RequestError('parse-failed', path, `expected ${expected}, but encountered ${kindOf(value)}`);
}

function kindOf(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'Null';
  if (Array.isArray(value)) return 'Array';
  if (typeof value === 'number' || value instanceof JsonNumber) return 'Number';
  if (typeof value === 'string') return 'String';
  return typeof value === 'boolean' ? 'Boolean' : 'Object';
}
