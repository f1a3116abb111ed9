import { describeKind, isJsonObject, type Json, type JsonObject, JsonNumber } from '../../support/index.ts';

/** Takes one value. @throws FunctionError */
export type TemplateFunction = (argument: Json) => Json;

/** The place of the error is known where the function is called. */
export class FunctionError extends Error {
  override readonly name = 'FunctionError';
}

/** Functions that every template has. Source: spec/events.md C3. */
export const basicFunctions: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ['empty', isEmpty],
  ['size', size],
  ['inverse', inverse],
  ['head', head],
  ['tail', tail],
  ['toCaseFold', (value) => textOf(value).toLowerCase()],
  ['toLower', (value) => textOf(value).toLowerCase()],
  ['toUpper', (value) => textOf(value).toUpperCase()],
  ['toTitle', (value) => toTitle(textOf(value))],
  ['escapeUri', (value) => escapeUri(textOf(value))],
  ['toPairs', toPairs],
  ['fromPairs', fromPairs],
  ['removeNulls', (value) => listOf(value).filter((item) => item !== null)],
  ['concat', concat],
]);

/** `getSessionVariable` over variables with lower-case names. */
export function sessionFunctions(
  variables: ReadonlyMap<string, string>,
): ReadonlyMap<string, TemplateFunction> {
  return new Map<string, TemplateFunction>([
    [
      'getSessionVariable',
      (name) => {
        if (name === null) return null;
        if (typeof name !== 'string') throw new FunctionError('Session variable name should be a string');
        const value = variables.get(name.toLowerCase());
        if (value === undefined)
          throw new FunctionError(`Session variable ${JSON.stringify(name)} not found`);
        return value;
      },
    ],
  ]);
}

/** Everything but RFC 3986's unreserved characters becomes `%XX`. */
export function escapeUri(text: string): string {
  // through UTF-8, where a lone surrogate, which is no character, becomes the replacement character
  return encodeURIComponent(Buffer.from(text, 'utf8').toString('utf8')).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function isEmpty(value: Json): Json {
  if (value === null) return true;
  if (typeof value === 'boolean') throw new FunctionError('Cannot define emptiness for a boolean');
  if (typeof value === 'string') return value.trim() === '';
  if (typeof value === 'number' || value instanceof JsonNumber) return Number(value) === 0;
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
}

function size(value: Json): Json {
  if (value === null) return 0;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'string') return [...value].length;
  if (typeof value === 'number' || value instanceof JsonNumber) return value;
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

function inverse(value: Json): Json {
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string') return [...value].reverse().join('');
  if (Array.isArray(value)) return [...value].reverse();
  if (typeof value !== 'number' && !(value instanceof JsonNumber)) return value;
  const inverted = 1 / Number(value);
  if (!Number.isFinite(inverted)) throw new FunctionError('Cannot invert zero');
  return inverted;
}

function head(value: Json): Json {
  if (typeof value === 'string') {
    const [first] = value;
    if (first === undefined) throw new FunctionError('Empty string');
    return first;
  }
  if (!Array.isArray(value)) throw new FunctionError('Expected an array or string');
  if (value.length === 0) throw new FunctionError('Empty array');
  return value[0];
}

function tail(value: Json): Json {
  if (typeof value === 'string') return [...value].slice(1).join('');
  if (!Array.isArray(value)) throw new FunctionError('Expected an array or string');
  return value.slice(1);
}

function toTitle(text: string): string {
  return text
    .toLowerCase()
    .replace(
      /(^|[^\p{L}\p{N}'])(\p{L})/gu,
      (_, before: string, letter: string) => before + letter.toUpperCase(),
    );
}

function toPairs(value: Json): Json {
  return Object.entries(objectOf(value));
}

function fromPairs(value: Json): Json {
  const object: Record<string, Json> = Object.create(null);
  for (const pair of Array.isArray(value) ? value : [null]) {
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string') {
      throw new FunctionError('Expected an array of shape [ [k1,v1], [k2,v2] ... ] - With String keys.');
    }
    object[pair[0]] = pair[1];
  }
  return object;
}

function concat(value: Json): Json {
  const parts = listOf(value);
  const [first] = parts;
  if (first === undefined) return [];
  if (Array.isArray(first)) return parts.flatMap(listOf);
  if (typeof first === 'string') return parts.map(textOf).join('');
  return Object.assign(Object.create(null), ...parts.map(objectOf));
}

function textOf(value: Json): string {
  if (typeof value === 'string') return value;
  throw mismatch('String', value);
}

function listOf(value: Json): readonly Json[] {
  if (Array.isArray(value)) return value;
  throw mismatch('Array', value);
}

function objectOf(value: Json): JsonObject {
  if (isJsonObject(value)) return value;
  throw mismatch('Object', value);
}

function mismatch(expected: string, value: Json): FunctionError {
  return new FunctionError(`Expected ${expected}, encountered ${describeKind(value)}`);
}
