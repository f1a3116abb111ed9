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
  ['toCaseFold', (value) => foldCase(textOf(value))],
  ['toLower', (value) => textOf(value).toLowerCase()],
  ['toUpper', (value) => textOf(value).toUpperCase()],
  ['toTitle', (value) => toTitle(textOf(value))],
  ['escapeUri', (value) => escapeUri(textOf(value))],
  ['toPairs', toPairs],
  ['fromPairs', fromPairs],
  ['removeNulls', (value) => listOf(value).filter((item) => item !== null)],
  ['concat', concat],
  ['not', not],
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

/** The first letter between two blanks is large, all behind it are small. */
function toTitle(text: string): string {
  return text.replace(
    /(\p{L})(\S*)/gu,
    (_, letter: string, rest: string) => letter.toUpperCase() + rest.toLowerCase(),
  );
}

/** Equal for texts that differ in case only, also where a letter has no counterpart: `ß` becomes `ss`. */
function foldCase(text: string): string {
  return Array.from(text, (character) => character.toUpperCase().toLowerCase()).join('');
}

function not(value: Json): Json {
  if (typeof value === 'boolean') return !value;
  throw mismatch('Bool', 'Boolean', value);
}

function toPairs(value: Json): Json {
  return Object.entries(objectOf(value));
}

function fromPairs(value: Json): Json {
  const object: Record<string, Json> = Object.create(null);
  for (const item of listOf(value, 'Nested Arrays')) {
    const [key, member, ...more] = listOf(item, 'Array of Pair');
    if (key === undefined || member === undefined || more.length > 0) {
      throw new FunctionError('Expected an array of shape [ [k1,v1], [k2,v2] ... ] - With String keys.');
    }
    object[textOf(key, 'Key')] = member;
  }
  return object;
}

function concat(value: Json): Json {
  const parts = listOf(value);
  if (parts.every((part): part is readonly Json[] => Array.isArray(part))) return parts.flat();
  if (parts.every((part) => typeof part === 'string')) return parts.join('');
  const objects = parts.map((part) => objectOf(part, 'Nested Object'));
  return Object.assign(Object.create(null), ...objects);
}

function textOf(value: Json, what = 'String'): string {
  if (typeof value === 'string') return value;
  throw mismatch(what, 'String', value);
}

function listOf(value: Json, what = 'Array'): readonly Json[] {
  if (Array.isArray(value)) return value;
  throw mismatch(what, 'Array', value);
}

function objectOf(value: Json, what = 'Object'): JsonObject {
  if (isJsonObject(value)) return value;
  throw mismatch(what, 'Object', value);
}

/** In the words of the library that the contract's templates are read with. */
function mismatch(what: string, expected: string, value: Json): FunctionError {
  return new FunctionError(
    `parsing ${what} failed, expected ${expected}, but encountered ${describeKind(value)}`,
  );
}
