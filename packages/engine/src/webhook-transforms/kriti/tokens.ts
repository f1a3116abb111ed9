import { type Span, spanOver, TemplateError } from './error.ts';

export type TokenKind =
  | 'symbol'
  | 'word'
  | 'identifier'
  | 'number'
  /** The quotes of a string, and the text between them and its expressions. */
  | 'quote'
  | 'text'
  /** `'key'`, as an index. */
  | 'key';

export interface Token {
  readonly kind: TokenKind;
  /** As it is written; of `text` and `key` what it means. */
  readonly text: string;
  readonly span: Span;
}

export interface Tokens {
  readonly tokens: readonly Token[];
  /** Of the last piece, be it a blank. */
  readonly end: Span;
}

const words = new Set(['if', 'elif', 'else', 'end', 'null', 'range', 'in', 'not', 'true', 'false']);
const symbols = [
  '{{',
  '}}',
  '==',
  '!=',
  '>=',
  '<=',
  '&&',
  '||',
  '??',
  ':=',
  '>',
  '<',
  '?',
  '.',
  ',',
  ':',
  '[',
  ']',
  '(',
  ')',
  '{',
  '}',
  '_',
] as const; // the longer ones first
const lineFeed = 0x0a;
const blank = /\s+|#[^\n]*/y;
const identifier = /\$?[A-Za-z][A-Za-z0-9$_-]*|\$/y;
const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const key = /'([^'{]*)'/y;
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  '{': '{',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * Cuts a template into tokens. `}}` is one token only where an expression is open, so that object literals may close next to each other elsewhere.
 * Source: spec/events.md C1.1; `\/` means `/`, as in JSON.
 * @throws TemplateError `Lex Error`
 */
export function readTokens(source: string): Tokens {
  return new Lexer(source).read();
}

type Mode = 'plain' | 'expression' | 'string';

class Lexer {
  readonly #source: string;
  readonly #tokens: Token[] = [];
  readonly #modes: Mode[] = ['plain'];
  #position = 0;
  #line = 0;
  #column = 1;

  constructor(source: string) {
    this.#source = source;
  }

  read(): Tokens {
    let end = this.#here();
    while (this.#position < this.#source.length) {
      const isInString = this.#mode() === 'string';
      const start = this.#here();
      const isBlank = !isInString && this.#match(blank) !== null;
      const token = isBlank ? null : isInString ? this.#readInString() : this.#readOutsideString();
      end = spanOver(start, this.#here());
      if (token !== null) this.#tokens.push({ kind: token[0], text: token[1], span: end });
    }
    return { tokens: this.#tokens, end };
  }

  #mode(): Mode {
    return this.#modes.at(-1) ?? 'plain';
  }

  #readOutsideString(): readonly [TokenKind, string] {
    const word = this.#match(identifier)?.[0];
    if (word !== undefined) return [words.has(word) ? 'word' : 'identifier', word];
    const digits = this.#match(number)?.[0];
    if (digits !== undefined) return ['number', digits];
    const quoted = this.#match(key);
    if (quoted !== null) return ['key', quoted[1] ?? ''];
    if (this.#take('"')) {
      this.#modes.push('string');
      return ['quote', '"'];
    }
    const symbol = symbols.find((candidate) => this.#isSymbol(candidate));
    if (symbol === undefined) throw this.#error();
    this.#advance(symbol.length);
    if (symbol === '{{') this.#modes.push('expression');
    if (symbol === '}}') this.#modes.pop();
    return ['symbol', symbol];
  }

  #isSymbol(symbol: string): boolean {
    return this.#isAt(symbol) && (symbol !== '}}' || this.#mode() === 'expression');
  }

  #readInString(): readonly [TokenKind, string] {
    if (this.#take('"')) {
      this.#modes.pop();
      return ['quote', '"'];
    }
    if (this.#take('{{')) {
      this.#modes.push('expression');
      return ['symbol', '{{'];
    }
    let text = '';
    while (this.#position < this.#source.length && !this.#isAt('"') && !this.#isAt('{{')) {
      text += this.#readCharacter();
    }
    return ['text', text];
  }

  #readCharacter(): string {
    const character = this.#source[this.#position] ?? '';
    if (character !== '\\') {
      this.#advance(1);
      return character;
    }
    const next = this.#source[this.#position + 1] ?? '';
    const escaped = escapes[next];
    if (escaped !== undefined) {
      this.#advance(2);
      return escaped;
    }
    const code = this.#source.slice(this.#position + 2, this.#position + 6);
    if (next !== 'u' || !/^[0-9a-fA-F]{4}$/.test(code)) throw this.#error();
    this.#advance(6);
    return String.fromCharCode(Number.parseInt(code, 16));
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#source);
    if (found !== null) this.#advance(found[0].length);
    return found;
  }

  #isAt(text: string): boolean {
    return this.#source.startsWith(text, this.#position);
  }

  #take(text: string): boolean {
    const isThere = this.#isAt(text);
    if (isThere) this.#advance(text.length);
    return isThere;
  }

  #advance(length: number): void {
    for (const end = this.#position + length; this.#position < end; this.#position++) {
      const code = this.#source.charCodeAt(this.#position);
      if (code === lineFeed) {
        this.#line++;
        this.#column = 1;
      } else if (code < 0x80) {
        // the contract's library takes other characters for as wide as nothing
        this.#column++;
      }
    }
  }

  #here(): Span {
    return {
      startLine: this.#line,
      startColumn: this.#column,
      endLine: this.#line,
      endColumn: this.#column,
    };
  }

  /** The place covers all that was not read, counted in bytes. */
  #error(): TemplateError {
    const rest = this.#source.slice(this.#position);
    const here = this.#here();
    return new TemplateError('Lex Error', `Invalid Lexeme: '${rest}'`, {
      ...here,
      endColumn: here.endColumn + Buffer.byteLength(rest),
    });
  }
}
