/** The code of native queries: SQL in which `{{name}}` stands for an argument. Source: spec/graphql-api.md 10. */
import type { NativeCode, NativeCodePart } from '../permissions/index.ts';

/**
 * The code in parts, without the semicolon at its end; or why it cannot be used. Text and comments are left as they are, since nothing in them is a value: an
 * argument in quotes would be the name of the argument for ever, so it is a fault.
 */
export function parseNativeCode(code: string, declared: ReadonlySet<string>): NativeCode | string {
  const parts: NativeCodePart[] = [];
  let text = '';
  let position = 0;
  while (position < code.length) {
    const quoted = quotedAt(code, position);
    if (quoted !== null) {
      const name = quoted.isComment ? undefined : argumentsIn(quoted.text).find((each) => declared.has(each));
      if (name !== undefined) return `the argument "${name}" stands in quotes`;
      text += quoted.text;
      position += quoted.text.length;
      continue;
    }
    if (!code.startsWith('{{', position)) {
      text += code[position];
      position++;
      continue;
    }
    const end = code.indexOf('}}', position);
    if (end < 0) return 'an argument has no end: found {{ without }}';
    const name = code.slice(position + 2, end).trim();
    if (!declared.has(name)) return `the argument "${name}" is used but not declared`;
    parts.push({ kind: 'sql', text }, { kind: 'argument', name });
    text = '';
    position = end + 2;
  }
  parts.push({ kind: 'sql', text: text.replace(/[\s;]+$/, '') });
  return parts.filter((part) => part.kind === 'argument' || part.text !== '');
}

function argumentsIn(text: string): readonly string[] {
  return [...text.matchAll(/\{\{(.*?)\}\}/gs)].map(([, name = '']) => name.trim());
}

interface Quoted {
  readonly text: string;
  readonly isComment: boolean;
}

/** A comment, a text or a quoted name that begins here, as PostgreSQL reads them. Source: PostgreSQL manual 4.1. */
function quotedAt(code: string, position: number): Quoted | null {
  const rest = () => code.slice(position);
  switch (code[position]) {
    case '-':
      return match(/^--[^\n]*/, rest(), true);
    case '/':
      return code[position + 1] === '*' ? { text: blockComment(rest()), isComment: true } : null;
    case "'":
      return isEscapeText(code, position)
        ? match(/^'(?:[^'\\]|\\.|'')*'/s, rest(), false)
        : match(/^'(?:[^']|'')*'/s, rest(), false);
    case '"':
      return match(/^"(?:[^"]|"")*"/s, rest(), false);
    case '$':
      // within a name a dollar begins nothing
      return /[\w$]/.test(code[position - 1] ?? '')
        ? null
        : match(/^\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$.*?\$\1\$/s, rest(), false);
    default:
      return null;
  }
}

function match(pattern: RegExp, text: string, isComment: boolean): Quoted | null {
  const found = pattern.exec(text)?.[0];
  return found === undefined ? null : { text: found, isComment };
}

/** `E'…'`, in which backslashes escape. */
function isEscapeText(code: string, position: number): boolean {
  return /[eE]/.test(code[position - 1] ?? '') && !/[\w$]/.test(code[position - 2] ?? '');
}

/** Comments nest. */
function blockComment(text: string): string {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const two = text.slice(index, index + 2);
    if (two === '/*' || two === '*/') {
      depth += two === '/*' ? 1 : -1;
      index++;
      if (depth === 0) return text.slice(0, index + 1);
    }
  }
  return text;
}
