/**
 * JSON that loses nothing on its way through JavaScript: numbers keep their digits, and objects that a plain object cannot hold
 * faithfully (integer-like keys that would be reordered, repeated keys) keep their source text.
 * Source: spec/graphql-api.md appendix C, traps (a) and (b).
 */

/** A parsed JSON value. Objects have no prototype, so that keys such as `__proto__` are ordinary. */
export type Json = null | boolean | number | string | JsonNumber | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/** A number whose text a JavaScript number would not give back, e.g. `9007199254740993` or `1.10`. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber)
  );
}

/**
 * An object without anything inherited, so that keys such as `__proto__` are ordinary. Unlike `Object.create(null)`, it takes as little
 * memory as an object literal: V8 keeps objects that it knows by their maker in a compact form, and those without prototype as hash tables.
 */
export function bareObject<T>(): Record<string, T> {
  return new Bare() as Record<string, T>;
}

const Bare = function Bare() {} as unknown as new () => object;
Bare.prototype = Object.freeze(Object.create(null));

/** The source text of objects that their JavaScript form does not represent faithfully. */
const sourceText = new WeakMap<object, string>();

/** More nesting than this is refused, so that no input overflows the stack. */
const maximumDepth = 1000;

/** Longer strings are seldom repeated. */
const longestRemembered = 40;
const mostRemembered = 10_000;

/** Longer texts are seldom repeated as a whole; what they consist of may be. */
const longestShared = 1_800;
const mostShared = 50_000;
/** Sharing ends where it does not pay: after so many lookups, when fewer than one in so many has found something. */
const lookupsToJudge = 10_000;
const leastShareOfHits = 5;
/** A shared value may stand deeper than where it was read first: together with `longestShared` this keeps all within `maximumDepth`. */
const deepestShared = 50;

export interface ParseOptions {
  /**
   * Objects and lists that are written alike become one object, which spares memory where documents repeat themselves, e.g. metadata with the
   * same permission for many roles.
   */
  readonly sharesEqual?: boolean;
  /** Is told where the objects at this depth stand in the text; the value itself is at depth 0. With `sharesEqual` an object may stand in several places. */
  readonly locate?: {
    readonly depth: number;
    readonly found: (object: Json, start: number, end: number) => void;
  };
}

/**
 * Parses one JSON text.
 * @throws SyntaxError with a position when the text is not JSON, or nests deeper than 1,000 levels
 */
export function parseJson(text: string, { sharesEqual = false, locate }: ParseOptions = {}): Json {
  const reader = new Reader(text, sharesEqual, locate ?? null);
  const value = reader.readValue(0);
  reader.skipSpace();
  if (!reader.isAtEnd()) throw reader.error('unexpected text after the value');
  return value;
}

/** Whether the object is all there is to it: no repeated or integer-like keys, which only its source text tells. */
export function isFaithful(object: object): boolean {
  return !sourceText.has(object);
}

/** The JSON text of a value; what `parseJson` read comes back with the same digits, and odd objects with their source text. */
export function stringifyJson(value: Json): string {
  if (!isOdd(value)) return JSON.stringify(value);
  const odd = new Set<object>();
  collectOdd(value, odd);
  return write(value, odd);
}

/** Whether there is something in it that the built-in writer would not write faithfully. */
function isOdd(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof JsonNumber || sourceText.has(value)) return true;
  if (Array.isArray(value)) return value.some(isOdd);
  for (const key in value) if (isOdd((value as JsonObject)[key] as Json)) return true;
  return false;
}

/** Gathers the containers in which there is such a thing. */
function collectOdd(value: Json, odd: Set<object>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof JsonNumber) return true;
  let holdsOdd = sourceText.has(value);
  if (!holdsOdd && Array.isArray(value)) {
    for (const item of value) if (collectOdd(item, odd)) holdsOdd = true;
  } else if (!holdsOdd) {
    for (const key in value) if (collectOdd((value as JsonObject)[key] as Json, odd)) holdsOdd = true;
  }
  if (holdsOdd) odd.add(value);
  return holdsOdd;
}

function write(value: Json, odd: ReadonlySet<object>): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (value instanceof JsonNumber) return value.text;
  if (!odd.has(value)) return JSON.stringify(value);
  const kept = sourceText.get(value);
  if (kept !== undefined) return kept;
  // added up, not joined: what is large stays one piece, whatever it stands in
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += `${text === '' ? '' : ','}${write(item, odd)}`;
    return `[${text}]`;
  }
  for (const [key, member] of Object.entries(value as JsonObject)) {
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${write(member, odd)}`;
  }
  return `{${text}}`;
}

/**
 * JSON of any kind that is only passed on: it prints as the given text, which is not looked at. To code that reads it, it is an object without
 * members.
 */
export function passedOnJson(text: string): JsonObject {
  const object: JsonObject = Object.freeze(Object.create(null));
  sourceText.set(object, text);
  return object;
}

class Reader {
  readonly #text: string;
  /** Short strings that were read before: documents repeat names, and one string serves all. */
  readonly #strings = new Map<string, string>();
  /** Objects and lists by their text; null when nothing is shared. */
  #shared: Map<string, Json> | null;
  #lookups = 0;
  #hits = 0;
  #position = 0;
  readonly #locate: ParseOptions['locate'] | null;

  constructor(text: string, sharesEqual: boolean, locate: ParseOptions['locate'] | null) {
    this.#text = text;
    this.#locate = locate;
    this.#shared = sharesEqual ? new Map() : null;
  }

  isAtEnd(): boolean {
    return this.#position >= this.#text.length;
  }

  error(what: string): SyntaxError {
    return new SyntaxError(`${what} at position ${this.#position}`);
  }

  skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#position);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#position++;
    }
  }

  readValue(depth: number): Json {
    if (depth > maximumDepth) throw this.error(`more than ${maximumDepth} levels of nesting`);
    this.skipSpace();
    switch (this.#text[this.#position]) {
      case '{':
      case '[':
        return this.#locate?.depth === depth
          ? this.#readLocated(this.#locate.found, depth)
          : this.#readNested(depth);
      case '"':
        return this.#readString();
      case 't':
        return this.#readWord('true', true);
      case 'f':
        return this.#readWord('false', false);
      case 'n':
        return this.#readWord('null', null);
      default:
        return this.#readNumber();
    }
  }

  #readLocated(found: (object: Json, start: number, end: number) => void, depth: number): Json {
    const start = this.#position;
    const value = this.#readNested(depth);
    found(value, start, this.#position);
    return value;
  }

  #readNested(depth: number): Json {
    return this.#shared === null || depth > deepestShared
      ? this.#readContainer(depth)
      : this.#readShared(this.#shared, depth);
  }

  #readContainer(depth: number): Json {
    return this.#text.charCodeAt(this.#position) === 0x7b ? this.#readObject(depth) : this.#readArray(depth);
  }

  #readShared(shared: Map<string, Json>, depth: number): Json {
    const start = this.#position;
    const end = this.#endOfShort(start);
    if (end < 0) return this.#readContainer(depth);
    const source = this.#text.slice(start, end);
    const known = shared.get(source);
    this.#lookups++;
    if (known !== undefined) {
      this.#hits++;
      this.#position = end;
      return known;
    }
    if (this.#lookups > lookupsToJudge && this.#hits * leastShareOfHits < this.#lookups) this.#shared = null;
    const value = this.#readContainer(depth);
    if (shared.size < mostShared) shared.set(source, value);
    return value;
  }

  /** Where the object or list that begins at `start` ends, if it is well formed; -1 when that is far away. */
  #endOfShort(start: number): number {
    const text = this.#text;
    const last = Math.min(start + longestShared, text.length);
    let open = 0;
    for (let at = start; at < last; at++) {
      switch (text.charCodeAt(at)) {
        case 0x22:
          for (at++; at < last && text.charCodeAt(at) !== 0x22; at++) if (text.charCodeAt(at) === 0x5c) at++;
          break;
        case 0x7b:
        case 0x5b:
          open++;
          break;
        case 0x7d:
        case 0x5d:
          if (--open === 0) return at + 1;
          break;
      }
    }
    return -1;
  }

  #readWord<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#position)) throw this.error('unexpected character');
    this.#position += word.length;
    return value;
  }

  #readNumber(): number | JsonNumber {
    numberPattern.lastIndex = this.#position;
    const match = numberPattern.exec(this.#text);
    if (match === null) throw this.error(this.isAtEnd() ? 'unexpected end of input' : 'unexpected character');
    this.#position = numberPattern.lastIndex;
    const number = Number(match[0]);
    return String(number) === match[0] ? number : new JsonNumber(match[0]);
  }

  #readString(): string {
    const start = this.#position;
    let end = start + 1;
    for (;;) {
      const code = this.#text.charCodeAt(end);
      if (Number.isNaN(code)) throw this.error('unterminated string');
      if (code === 0x22) break;
      end += code === 0x5c ? 2 : 1;
    }
    this.#position = end + 1;
    const source = this.#text.slice(start, end + 1);
    const known = this.#strings.get(source);
    if (known !== undefined) return known;
    // JSON.parse knows escapes and refuses control characters.
    let string: string;
    try {
      string = JSON.parse(source) as string;
    } catch {
      this.#position = start;
      throw this.error('malformed string');
    }
    if (source.length <= longestRemembered && this.#strings.size < mostRemembered)
      this.#strings.set(source, string);
    return string;
  }

  #readArray(depth: number): Json[] {
    const items: Json[] = [];
    this.#position++;
    this.skipSpace();
    if (this.#text[this.#position] === ']') {
      this.#position++;
      return items;
    }
    for (;;) {
      items.push(this.readValue(depth + 1));
      if (!this.#readSeparator(']')) return items;
    }
  }

  #readObject(depth: number): JsonObject {
    const start = this.#position;
    const object = bareObject<Json>();
    let isFaithful = true;
    this.#position++;
    this.skipSpace();
    if (this.#text[this.#position] === '}') {
      this.#position++;
      return object;
    }
    for (;;) {
      this.skipSpace();
      if (this.#text[this.#position] !== '"') throw this.error('expected a key');
      const key = this.#readString();
      this.skipSpace();
      if (this.#text[this.#position] !== ':') throw this.error("expected ':'");
      this.#position++;
      if (key in object || /^\d+$/.test(key)) isFaithful = false;
      object[key] = this.readValue(depth + 1);
      if (!this.#readSeparator('}')) break;
    }
    if (!isFaithful) sourceText.set(object, this.#text.slice(start, this.#position));
    return object;
  }

  /** True after a comma, false after the closing bracket. */
  #readSeparator(close: string): boolean {
    this.skipSpace();
    const character = this.#text[this.#position];
    if (character !== ',' && character !== close) {
      throw this.error(this.isAtEnd() ? 'unexpected end of input' : `expected ',' or '${close}'`);
    }
    this.#position++;
    return character === ',';
  }
}

const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
