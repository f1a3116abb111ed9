/** The code of native queries: SQL in which `{{name}}` stands for an argument. Source: spec/graphql-api.md 10. */
import type { NativeCode, NativeCodePart } from '../permissions/index.ts';

/**
 * The code in parts, without the semicolon at its end; or why it cannot be used.
 *
 * It will stand in parentheses, with the role's filter behind them. That it ends there and not before is decided here, from the text alone: parentheses must
 * match, quotes and comments must end, and only one statement may be given. Texts and comments are left as they are; an argument in quotes would be its own
 * name for ever, so it is a fault.
 */
export function parseNativeCode(code: string, declared: ReadonlySet<string>): NativeCode | string {
  if (code.includes('\0')) return 'the code has a NUL character';
  const parts: NativeCodePart[] = [];
  const whole = code.replace(/[\s;]+$/, '');
  let text = '';
  let depth = 0;
  for (let position = 0; position < whole.length; ) {
    const quoted = quotedAt(whole, position);
    if (quoted !== null) {
      if (quoted.text === null) return `${quoted.what} has no end`;
      const name = argumentsIn(quoted).find((each) => declared.has(each));
      if (name !== undefined) return `the argument "${name}" stands in quotes`;
      text += quoted.text;
      position += quoted.text.length;
      continue;
    }
    if (whole.startsWith('{{', position)) {
      const end = whole.indexOf('}}', position);
      if (end < 0) return 'an argument has no end: found {{ without }}';
      const name = whole.slice(position + 2, end).trim();
      parts.push({ kind: 'sql', text }, { kind: 'argument', name });
      text = '';
      position = end + 2;
      continue;
    }
    const character = whole.charAt(position);
    if (character === ';') return 'only one statement can be given';
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (depth < 0) break;
    text += character;
    position++;
  }
  if (depth !== 0) return 'its parentheses do not match';
  parts.push({ kind: 'sql', text });
  return parts.filter((part) => part.kind === 'argument' || part.text !== '');
}

/** The arguments that the code names and nobody declared, in order. */
export function undeclaredArguments(code: NativeCode, declared: ReadonlySet<string>): readonly string[] {
  const names = code.flatMap((part) =>
    part.kind === 'argument' && !declared.has(part.name) ? [part.name] : [],
  );
  return [...new Set(names)].sort();
}

interface Quoted {
  readonly what: 'a comment' | 'a text' | 'a quoted name';
  /** Null: it has no end. */
  readonly text: string | null;
}

function argumentsIn({ what, text }: Quoted): readonly string[] {
  if (what === 'a comment' || text === null) return [];
  return [...text.matchAll(/\{\{(.*?)\}\}/gs)].map(([, name = '']) => name.trim());
}

/** A comment, a text or a quoted name that begins here, as PostgreSQL reads them. Source: PostgreSQL manual 4.1. */
function quotedAt(code: string, position: number): Quoted | null {
  switch (code[position]) {
    case '-':
      return code[position + 1] === '-' ? quoted('a comment', /--[^\r\n]*/y, code, position) : null;
    case '/':
      return code[position + 1] === '*' ? { what: 'a comment', text: blockComment(code, position) } : null;
    case "'":
      return quoted(
        'a text',
        isEscapeText(code, position) ? /'(?:[^'\\]|\\.|'')*'/sy : /'(?:[^']|'')*'/y,
        code,
        position,
      );
    case '"':
      return quoted('a quoted name', /"(?:[^"]|"")*"/y, code, position);
    case '$': {
      // within a name a dollar begins nothing, and $1 is no quote
      if (isNamePart(code[position - 1])) return null;
      const isQuote = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
      isQuote.lastIndex = position;
      if (!isQuote.test(code)) return null;
      return quoted('a text', /\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*|)\$.*?\$\1\$/sy, code, position);
    }
    default:
      return null;
  }
}

function quoted(what: Quoted['what'], pattern: RegExp, code: string, position: number): Quoted {
  pattern.lastIndex = position;
  return { what, text: pattern.exec(code)?.[0] ?? null };
}

/** `E'…'`, in which backslashes escape. */
function isEscapeText(code: string, position: number): boolean {
  return /[eE]/.test(code[position - 1] ?? '') && !isNamePart(code[position - 2]);
}

function isNamePart(character: string | undefined): boolean {
  return character !== undefined && /[\w$\u0080-\uffff]/.test(character);
}

/** Comments nest. */
function blockComment(code: string, start: number): string | null {
  const bracket = /\/\*|\*\//g;
  bracket.lastIndex = start;
  let depth = 0;
  for (let found = bracket.exec(code); found !== null; found = bracket.exec(code)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return code.slice(start, bracket.lastIndex);
  }
  return null;
}
