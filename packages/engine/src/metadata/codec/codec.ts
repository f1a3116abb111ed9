import {
  bareObject,
  describeKind,
  isFaithful,
  isJsonObject,
  type Json,
  JsonNumber,
  type JsonObject,
} from '../../support/index.ts';
import type { Place } from './place.ts';

/**
 * How one shape is read and written. `encode` gives keys in the order of the contract and leaves out what it says is left out, so that
 * `encode(decode(encode(x)))` is `encode(x)`. Source: spec/metadata-api.md 2.1.
 */
export interface Codec<T> {
  /** @throws RequestError `parse-failed` with the path of what is wrong */
  decode(value: Json, place: Place): T;
  encode(value: T): Json;
}

/** The half of a codec that reads. */
export type Decoder<T> = Pick<Codec<T>, 'decode'>;

export function failMismatch(what: string, expected: string, value: Json, place: Place): never {
  return place.fail(`parsing ${what} failed, expected ${expected}, but encountered ${describeKind(value)}`);
}

export function expectObject(what: string, value: Json, place: Place): JsonObject {
  return isJsonObject(value) ? value : failMismatch(what, 'Object', value, place);
}

/** The member of an object that must be there. */
export function expectMember(object: JsonObject, key: string, place: Place): Json {
  const value = object[key];
  return value === undefined ? place.fail(`the key '${key}' was not present`) : value;
}

export const text: Codec<string> = {
  decode: (value, place) =>
    typeof value === 'string' ? value : failMismatch('Text', 'String', value, place),
  encode: (value) => value,
};

export const nonEmptyText: Codec<string> = {
  decode: (value, place) =>
    text.decode(value, place) === '' ? place.fail('empty string not allowed') : (value as string),
  encode: (value) => value,
};

export const boolean: Codec<boolean> = {
  decode: (value, place) =>
    typeof value === 'boolean' ? value : failMismatch('Bool', 'Boolean', value, place),
  encode: (value) => value,
};

export const integer: Codec<number> = {
  decode(value, place) {
    if (typeof value !== 'number' && !(value instanceof JsonNumber)) {
      return failMismatch('Int', 'Number', value, place);
    }
    const number = typeof value === 'number' ? value : Number(value.text);
    if (Number.isSafeInteger(number)) return number;
    return place.fail(
      `parsing Int failed, value is either floating or will cause over or underflow ${String(value)}`,
    );
  },
  encode: (value) => value,
};

/** A number, as JavaScript holds it. */
export const number: Codec<number> = {
  decode(value, place) {
    if (typeof value === 'number') return value;
    if (value instanceof JsonNumber) return Number(value.text);
    return failMismatch('Double', 'Number', value, place);
  },
  encode: (value) => value,
};

/** Any JSON; written with its keys in alphabetical order at every depth. */
export const json: Codec<Json> = { decode: (value) => value, encode: sortKeys };

/** Any JSON object; written with its keys in alphabetical order at every depth. */
export function jsonObject(what: string): Codec<JsonObject> {
  return { decode: (value, place) => expectObject(what, value, place), encode: sortKeys };
}

export function oneOf<const T extends string>(what: string, values: readonly T[]): Codec<T> {
  return {
    decode(value, place) {
      const given = text.decode(value, place);
      const known = values.find((candidate) => candidate === given);
      return (
        known ?? place.fail(`unexpected value for ${what}: expected ${quoteAll(values)}, got "${given}"`)
      );
    },
    encode: (value) => value,
  };
}

export function nullable<T>(codec: Codec<T>): Codec<T | null> {
  return {
    decode: (value, place) => (value === null ? null : codec.decode(value, place)),
    encode: (value) => (value === null ? null : codec.encode(value)),
  };
}

export function list<T>(codec: Codec<T>): Codec<readonly T[]> {
  return {
    decode(value, place) {
      if (!Array.isArray(value)) return failMismatch('[]', 'Array', value, place);
      const items = value.map((item: Json, index) => codec.decode(item, place.child(index)));
      // What is as it should be is taken as it came: documents of many megabytes are not held twice.
      return items.every((item, index) => item === value[index]) ? (value as readonly T[]) : items;
    },
    encode: (items) => items.map((item) => codec.encode(item)),
  };
}

/** Objects with keys of the user's choice; written in alphabetical order. */
export function record<T>(codec: Codec<T>): Codec<Readonly<Record<string, T>>> {
  return {
    decode(value, place) {
      const given = expectObject('Object', value, place);
      const decoded = dictionary(
        Object.entries(given).map(([key, member]) => [key, codec.decode(member, place.child(key))]),
      );
      const isAsGiven = isFaithful(given) && Object.keys(given).every((key) => decoded[key] === given[key]);
      // What is as it should be is taken as it came, unless keys such as `constructor` would be found that nobody gave.
      return isAsGiven && Object.getPrototypeOf(given) !== Object.prototype
        ? (given as Record<string, T>)
        : decoded;
    },
    encode: (value) =>
      dictionary(
        Object.keys(value)
          .sort(compareText)
          // Each key was just listed.
          .map((key) => [key, codec.encode(value[key] as T)]),
      ),
  };
}

/** Reads what `codec` reads and then refuses, or changes, what the contract does not allow. */
export function refine<T>(codec: Codec<T>, check: (value: T, place: Place) => T): Codec<T> {
  return {
    decode: (value, place) => check(codec.decode(value, place), place),
    encode: (value) => codec.encode(value),
  };
}

/** The same shape, its recursion or its order of definition broken by a function. */
export function lazy<T>(codec: () => Codec<T>): Codec<T> {
  return {
    decode: (value, place) => codec().decode(value, place),
    encode: (value) => codec().encode(value),
  };
}

/** An object without prototype, so that a column may be called `__proto__`. */
export function dictionary<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  const object = bareObject<T>();
  for (const [key, value] of entries) object[key] = value;
  return object;
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function sortKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isJsonObject(value)) return value;
  return dictionary(
    Object.keys(value)
      .sort(compareText)
      .map((key) => [key, sortKeys(value[key] as Json)]),
  );
}

export function quoteAll(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
