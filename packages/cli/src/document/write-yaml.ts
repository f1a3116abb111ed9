import { isList, isMapping, type Mapping, NumberText, type Value } from './value.ts';
import { doubleQuoted, singleQuoted, styleOf } from './yaml-scalar.ts';

/** Longer keys are written with a question mark, as libyaml does. */
const longestSimpleKeyBytes = 128;

/**
 * YAML text that ends with a newline: two spaces for each level, lists indented under their key, no document marker.
 * `isQuoted` says of which strings the quotes are there always.
 */
export function writeYaml(value: Value, isQuoted: (text: string) => boolean = () => false): string {
  const body = new Writer(isQuoted).block(value, '');
  return `${body.startsWith('\n') ? body.slice(1) : body.trimStart()}\n`;
}

class Writer {
  readonly #isQuoted: (text: string) => boolean;

  constructor(isQuoted: (text: string) => boolean) {
    this.#isQuoted = isQuoted;
  }

  /** The text behind a key's colon or behind a dash: ` scalar`, or lines that each begin with a line end. */
  block(value: Value, indent: string): string {
    if (isMapping(value)) return value.size === 0 ? ' {}' : this.#mapping(value, indent);
    if (isList(value)) return value.length === 0 ? ' []' : this.#list(value, indent);
    return ` ${this.#scalar(value, indent)}`;
  }

  #mapping(mapping: Mapping, indent: string): string {
    let text = '';
    for (const [key, value] of mapping) text += `\n${indent}${this.#member(key, value, indent)}`;
    return text;
  }

  #member(key: string, value: Value, indent: string): string {
    const written = this.#key(key);
    const inner = this.block(value, `${indent}  `);
    if (Buffer.byteLength(key) <= longestSimpleKeyBytes) return `${written}:${inner}`;
    return `? ${written}\n${indent}:${inner.startsWith('\n') ? inner.replace(/^\n */, ' ') : inner}`;
  }

  #list(list: readonly Value[], indent: string): string {
    let text = '';
    for (const value of list) {
      const inner = this.block(value, `${indent}  `);
      // the first line of a mapping or a list stands behind the dash
      text += `\n${indent}-${inner.startsWith('\n') ? ` ${inner.slice(indent.length + 3)}` : inner}`;
    }
    return text;
  }

  #key(key: string): string {
    switch (styleOf(key, true)) {
      case 'plain':
        return key;
      case 'single':
        return singleQuoted(key);
      default:
        return doubleQuoted(key);
    }
  }

  /** `indent`: that of the lines of a block of text. */
  #scalar(value: null | boolean | string | NumberText, indent: string): string {
    if (value instanceof NumberText) return value.text;
    if (typeof value !== 'string') return String(value);
    if (this.#isQuoted(value)) return doubleQuoted(value);
    switch (styleOf(value, false)) {
      case 'plain':
        return value;
      case 'single':
        return singleQuoted(value);
      case 'double':
        return doubleQuoted(value);
      case 'literal':
        return literal(value, indent === '' ? '  ' : indent);
    }
  }
}

/** `|`, then the lines; the signs behind it say how many spaces lead and what becomes of line ends at the end. */
function literal(text: string, indent: string): string {
  const leading = /^[ \n]/.test(text) ? '2' : '';
  const chomping = text.endsWith('\n') ? (text.endsWith('\n\n') || text === '\n' ? '+' : '') : '-';
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
  return `|${leading}${chomping}\n${lines.map((line) => (line === '' ? '' : indent + line)).join('\n')}`;
}
