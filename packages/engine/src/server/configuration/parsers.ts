/** Readers of setting values: from the text of a flag or variable to a value. They throw an Error whose message is the reason. */

import { decodeDefaults, type Metadata } from '../../metadata/index.ts';
import { type Json, RequestError } from '../../support/index.ts';

/** Turns text into a value, or throws an Error that says what is expected. */
export type Parser<T> = (text: string) => T;

export const text: Parser<string> = (value) => value;

const booleanTexts: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['t', true],
  ['yes', true],
  ['y', true],
  ['false', false],
  ['f', false],
  ['no', false],
  ['n', false],
]);

/** A parser that overlooks case and blanks around a word. */
export function anyCase<T>(parser: Parser<T>): Parser<T> {
  return (value) => parser(value.trim().toLowerCase());
}

export const boolean: Parser<boolean> = (value) => {
  const parsed = booleanTexts.get(value.toLowerCase());
  if (parsed === undefined) {
    throw new Error(
      ' Not a valid boolean text. True values are ["true","t","yes","y"] and  False values are ["false","f","no","n"]. All values are case insensitive',
    );
  }
  return parsed;
};

/** A whole number of at least `minimum`. */
export function integer(minimum: number, maximum: number = Number.MAX_SAFE_INTEGER): Parser<number> {
  return (value) => {
    const parsed = Number(value);
    if (!/^\s*-?\d+\s*$/.test(value) || !Number.isSafeInteger(parsed)) throw new Error('Expecting Int value');
    if (parsed < minimum || parsed > maximum) {
      throw new Error(rangeText(minimum, maximum));
    }
    return parsed;
  };
}

/** Hasura's words where it has some. */
function rangeText(minimum: number, maximum: number): string {
  if (maximum !== Number.MAX_SAFE_INTEGER) return `Expecting a value from ${minimum} to ${maximum}`;
  if (minimum === 0) return 'Only expecting a non negative numeric';
  return minimum === 1 ? 'Only expecting a positive integer' : `Expecting a value of at least ${minimum}`;
}

/** A port; 0 means any free one. */
export const port: Parser<number> = (value) => {
  const parsed = Number(value);
  if (!/^\s*\d+\s*$/.test(value) || parsed > 65_535) {
    throw new Error('Only expecting a value between 0 and 65535');
  }
  return parsed;
};

/** Seconds, whole or with a fraction, as milliseconds. */
export const secondsAsMs: Parser<number> = (value) => {
  const parsed = Number(value);
  if (value.trim() === '' || !Number.isFinite(parsed)) throw new Error('Expecting a number of seconds');
  if (parsed < 0) throw new Error('Only expecting a non negative numeric');
  return Math.round(parsed * 1000);
};

/** One of a few words; `message` when it is none of them. */
export function oneOf<const T extends string>(words: readonly T[], message: string): Parser<T> {
  return (value) => {
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw new Error(message);
    return word;
  };
}

/**
 * A comma-separated list of known words; case and blanks around them are ignored. `others` are further names: what they stand for, or null when they
 * are accepted without effect.
 */
export function setOf<const T extends string>(
  words: readonly T[],
  message: () => string,
  others: Readonly<Record<string, T | null>> = {},
): Parser<ReadonlySet<T>> {
  return (value) => {
    const chosen = new Set<T>();
    for (const part of value.split(',')) {
      const name = part.trim().toLowerCase();
      if (name === '') continue;
      const word = words.find((candidate) => candidate === name);
      const other = Object.hasOwn(others, name) ? others[name] : undefined;
      if (word === undefined && other === undefined) throw new Error(message());
      const meant = word ?? other ?? null;
      if (meant !== null) chosen.add(meant);
    }
    return chosen;
  };
}

/** An http or https address. */
export const httpUrl: Parser<string> = (value) => {
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    throw new Error(`Expecting an http or https URL, but got: ${value}`);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new Error(`Expecting an http or https URL, but got: ${value}`);
  }
  return value;
};

/** An address of a Redis. */
export const redisUrl: Parser<string> = (value) => {
  // the value may hold a password, so it is not repeated
  if (!URL.canParse(value) || !/^rediss?:$/.test(new URL(value).protocol)) {
    throw new Error(
      'Expecting a URL of the form redis://user:password@host:port/database, or rediss:// for TLS',
    );
  }
  return value;
};

/** `postgres://a,postgres://b`: a comma within one of them, between its hosts, does not part them. */
export const databaseUrls: Parser<readonly string[]> = (value) =>
  value
    .split(/,\s*(?=postgres(?:ql)?:\/\/)/)
    .map((url) => url.trim())
    .filter((url) => url !== '');

/** A JSON array of strings. */
export const jsonStrings: Parser<readonly string[]> = (value) => {
  const parsed = parseJsonSetting(value);
  if (!Array.isArray(parsed))
    throw new Error(`Error in $: parsing [] failed, expected Array, but encountered ${jsonType(parsed)}`);
  return parsed.map((item, index) => {
    if (typeof item !== 'string') {
      throw new Error(
        `Error in $[${index}]: parsing Text failed, expected String, but encountered ${jsonType(item)}`,
      );
    }
    return item;
  });
};

/** A part of a metadata document. */
export const metadataDefaults: Parser<Metadata> = (value) => {
  try {
    return decodeDefaults(parseJsonSetting(value) as Json);
  } catch (error) {
    if (error instanceof RequestError) throw new Error(`Error in ${error.path}: ${error.message}`);
    throw error;
  }
};

export function parseJsonSetting(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    // the parser's own text quotes the value, which may be a secret
    throw new Error('Error in $: not a valid JSON value');
  }
}

function jsonType(value: unknown): string {
  if (value === null) return 'Null';
  if (Array.isArray(value)) return 'Array';
  return { string: 'String', number: 'Number', boolean: 'Boolean' }[typeof value as string] ?? 'Object';
}
