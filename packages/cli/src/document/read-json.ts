import { NumberText, type Value } from './value.ts';

/** More nesting than this is refused, so that no input overflows the stack. */
const maximumDepth = 1_000;

const space = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they must be escaped in JSON
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const word = /true|false|null/y;

/**
 * Parses one JSON text; of a repeated key the last value counts.
 * @throws SyntaxError with the position
 */
export function readJson(text: string): Value {
  const reader = new Reader(text);
  const value = reader.readValue(0);
  reader.expectEnd();
  return value;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readValue(depth: number): Value {
    if (depth > maximumDepth) throw this.#fault('nested too deeply');
    this.#take(space);
    switch (this.#text[this.#at]) {
      case '{':
        return this.#readMapping(depth);
      case '[':
        return this.#readList(depth);
      case '"':
        return this.#readString();
      default: {
        const found = this.#take(number);
        if (found !== '') return new NumberText(found);
        switch (this.#take(word)) {
          case 'true':
            return true;
          case 'false':
            return false;
          case 'null':
            return null;
          default:
            throw this.#fault('a value is expected');
        }
      }
    }
  }

  expectEnd(): void {
    this.#take(space);
    if (this.#at < this.#text.length) throw this.#fault('text after the value');
  }

  #readMapping(depth: number): Value {
    const mapping = new Map<string, Value>();
    this.#at++;
    if (this.#next() === '}') {
      this.#at++;
      return mapping;
    }
    for (;;) {
      this.#take(space);
      const key = this.#readString();
      if (this.#next() !== ':') throw this.#fault('":" is expected');
      this.#at++;
      mapping.set(key, this.readValue(depth + 1));
      if (this.#goesOn('}')) continue;
      return mapping;
    }
  }

  #readList(depth: number): Value {
    const list: Value[] = [];
    this.#at++;
    if (this.#next() === ']') {
      this.#at++;
      return list;
    }
    do list.push(this.readValue(depth + 1));
    while (this.#goesOn(']'));
    return list;
  }

  #goesOn(end: string): boolean {
    const found = this.#next();
    if (found !== ',' && found !== end) throw this.#fault(`"," or "${end}" is expected`);
    this.#at++;
    return found === ',';
  }

  #readString(): string {
    const found = this.#take(string);
    if (found === '') throw this.#fault('a string is expected');
    return found.includes('\\') ? (JSON.parse(found) as string) : found.slice(1, -1);
  }

  /** The character behind white space. */
  #next(): string | undefined {
    this.#take(space);
    return this.#text[this.#at];
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #fault(problem: string): SyntaxError {
    return new SyntaxError(`not JSON: ${problem} at position ${this.#at}`);
  }
}
