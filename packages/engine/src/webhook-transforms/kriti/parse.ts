import { parseJson } from '../../support/index.ts';
import { type Span, spanOver, TemplateError } from './error.ts';
import type { BinaryOperator, Branch, Expression, Step } from './syntax.ts';
import { readTokens, type Token, type Tokens } from './tokens.ts';

/** More nesting than this is refused, so that no template overflows the stack. */
const maximumDepth = 200;

const operators: ReadonlySet<string> = new Set(['>', '<', '>=', '<=', '==', '!=', '&&', '||', '??', 'in']);

/**
 * Reads a template: one JSON-like value in which expressions may stand for values. Operators have neither associativity nor precedence.
 * Source: spec/events.md C1.
 * @throws TemplateError
 */
export function parseTemplate(source: string): Expression {
  return new Parser(readTokens(source)).parse();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #end: Span;
  #position = 0;
  #depth = 0;

  constructor({ tokens, end }: Tokens) {
    this.#tokens = tokens;
    this.#end = end;
  }

  parse(): Expression {
    const expression = this.#expression();
    if (this.#peek() !== undefined) throw this.#unexpected();
    return expression;
  }

  #expression(): Expression {
    if (++this.#depth > maximumDepth) throw this.#unexpected();
    try {
      return this.#isBraced() ? this.#braced() : this.#operation();
    } finally {
      this.#depth--;
    }
  }

  /** Whether `{{ expression }}` begins here; `{{ if` and `{{ range` begin values. */
  #isBraced(): boolean {
    const next = this.#peek(1);
    return this.#is('{{') && !(next?.kind === 'word' && (next.text === 'if' || next.text === 'range'));
  }

  /** Within, an `if` or a `range` has braces of its own. */
  #braced(): Expression {
    this.#expect('{{');
    const expression = this.#expression();
    this.#expect('}}');
    return expression;
  }

  #operation(): Expression {
    const first = this.#peek();
    if (first !== undefined && this.#is('not')) {
      this.#next();
      const argument = this.#expression();
      return { kind: 'call', span: spanOver(first.span, argument.span), name: 'not', argument };
    }
    if (first?.kind === 'identifier' && this.#is('(', 1)) return this.#call(first);
    const left = this.#atom();
    const operator = this.#peek();
    if (operator === undefined || operator.kind === 'text' || !operators.has(operator.text)) return left;
    this.#next();
    const right = this.#atom();
    // the table of operators has them all
    return {
      kind: 'binary',
      span: spanOver(left.span, right.span),
      operator: operator.text as BinaryOperator,
      left,
      right,
    };
  }

  #call({ text: name, span }: Token): Expression {
    this.#next();
    this.#expect('(');
    const argument = this.#expression();
    const end = this.#expect(')');
    return { kind: 'call', span: spanOver(span, end), name, argument };
  }

  #atom(): Expression {
    if (++this.#depth > maximumDepth) throw this.#unexpected();
    let expression = this.#primary();
    this.#depth--;
    for (;;) {
      const step = this.#step();
      if (step !== null) {
        expression = {
          kind: 'member',
          span: spanOver(expression.span, this.#lastSpan()),
          of: expression,
          step,
        };
      } else if (this.#is('?')) {
        this.#next();
        const steps: Step[] = [];
        for (let next = this.#step(); next !== null; next = this.#step()) steps.push(next);
        expression = {
          kind: 'optional',
          span: spanOver(expression.span, this.#lastSpan()),
          of: expression,
          steps,
        };
      } else {
        return expression;
      }
    }
  }

  #step(): Step | null {
    if (this.#is('.')) {
      this.#next();
      const name = this.#next();
      if (name.kind !== 'identifier') throw this.#unexpected(name);
      return { kind: 'key', key: name.text };
    }
    if (!this.#is('[')) return null;
    this.#next();
    const token = this.#peek();
    if (token?.kind === 'key') {
      this.#next();
      this.#expect(']');
      return { kind: 'key', key: token.text };
    }
    const index = this.#atom();
    this.#expect(']');
    return { kind: 'index', index };
  }

  #primary(): Expression {
    if (this.#is('{{')) return this.#is('if', 1) ? this.#conditional() : this.#range();
    const token = this.#next();
    const { span, text } = token;
    switch (token.kind) {
      case 'identifier':
        return { kind: 'variable', span, name: text };
      case 'number':
        return { kind: 'literal', span, value: parseJson(text.replace(/^(-?)0+(?=\d)/, '$1')) };
      case 'quote':
        return this.#string(span);
      case 'word':
        if (text === 'null') return { kind: 'literal', span, value: null };
        if (text === 'true' || text === 'false') return { kind: 'literal', span, value: text === 'true' };
        throw this.#unexpected(token);
      default:
        if (text === '(' && token.kind === 'symbol') return this.#parenthesised();
        if (text === '[' && token.kind === 'symbol') return this.#array(span);
        if (text === '{' && token.kind === 'symbol') return this.#object(span);
        throw this.#unexpected(token);
    }
  }

  #parenthesised(): Expression {
    const inner = this.#expression();
    this.#expect(')');
    return inner;
  }

  #array(start: Span): Expression {
    const items: Expression[] = [];
    if (!this.#is(']')) {
      do items.push(this.#expression());
      while (this.#takes(','));
    }
    return { kind: 'array', items, span: spanOver(start, this.#expect(']')) };
  }

  #object(start: Span): Expression {
    const members: (readonly [string, Expression])[] = [];
    if (!this.#is('}')) {
      do {
        const key = this.#key();
        this.#expect(':');
        members.push([key, this.#expression()]);
      } while (this.#takes(','));
    }
    return { kind: 'object', members, span: spanOver(start, this.#expect('}')) };
  }

  #key(): string {
    const quote = this.#next();
    if (quote.kind !== 'quote') throw this.#unexpected(quote);
    const text = this.#peek()?.kind === 'text' ? this.#next().text : '';
    const end = this.#next();
    if (end.kind !== 'quote') throw this.#unexpected(end);
    return text;
  }

  #string(start: Span): Expression {
    const parts: (string | Expression)[] = [];
    for (;;) {
      const token = this.#peek();
      if (token?.kind === 'text') parts.push(this.#next().text);
      else if (token?.kind === 'quote')
        return { kind: 'string', parts, span: spanOver(start, this.#next().span) };
      else if (this.#is('{{')) parts.push(this.#braced());
      else throw this.#unexpected();
    }
  }

  #conditional(): Expression {
    const start = this.#expect('{{');
    this.#next();
    const first = this.#branch(start);
    const others: Branch[] = [];
    while (this.#is('{{') && this.#is('elif', 1)) {
      const begin = this.#next().span;
      this.#next();
      others.push(this.#branch(begin));
    }
    this.#expect('{{');
    this.#expect('else');
    this.#expect('}}');
    const otherwise = this.#expression();
    const span = spanOver(start, this.#closing());
    return { kind: 'if', branches: [{ ...first, span }, ...others], otherwise, span };
  }

  #branch(start: Span): Branch {
    const condition = this.#expression();
    this.#expect('}}');
    const result = this.#expression();
    return { condition, result, span: spanOver(start, result.span) };
  }

  #range(): Expression {
    const start = this.#expect('{{');
    this.#expect('range');
    const index = this.#next();
    if (index.kind !== 'identifier' && index.text !== '_') throw this.#unexpected(index);
    this.#expect(',');
    const item = this.#next();
    if (item.kind !== 'identifier') throw this.#unexpected(item);
    this.#expect(':=');
    const over = this.#expression();
    this.#expect('}}');
    const body = this.#expression();
    return {
      kind: 'range',
      index: index.kind === 'identifier' ? index.text : null,
      item: item.text,
      over,
      body,
      span: spanOver(start, this.#closing()),
    };
  }

  #closing(): Span {
    this.#expect('{{');
    this.#expect('end');
    return this.#expect('}}');
  }

  #peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#position + ahead];
  }

  #is(text: string, ahead = 0): boolean {
    const token = this.#peek(ahead);
    return token !== undefined && (token.kind === 'symbol' || token.kind === 'word') && token.text === text;
  }

  #takes(text: string): boolean {
    const isThere = this.#is(text);
    if (isThere) this.#position++;
    return isThere;
  }

  #next(): Token {
    const token = this.#peek();
    if (token === undefined) throw this.#unexpected();
    this.#position++;
    return token;
  }

  #expect(text: string): Span {
    if (!this.#is(text)) throw this.#unexpected();
    return this.#next().span;
  }

  #lastSpan(): Span {
    // something was read before this is asked
    return (this.#tokens[this.#position - 1] as Token).span;
  }

  /** Names the token that does not fit, at the place of the last one. Source: spec/events.md C4. */
  #unexpected(token: Token | undefined = this.#peek()): TemplateError {
    const message =
      token === undefined ? 'ParseError: Empty token stream.' : `Unexpected token '${nameOf(token)}'.`;
    return new TemplateError('Parse Error', message, this.#end);
  }
}

function nameOf({ kind, text }: Token): string {
  if (kind === 'text') return `"${text}"`;
  return kind === 'key' ? "'" : text;
}
