/**
 * How a string stands in YAML. The choices are those of Go's yaml.v3 behind CUE's encoder, which the Hasura CLI writes with, so that files that either
 * tool exports are equal to the byte. Source: spec/cli.md 2.1, 7.
 */
export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal';

/** `isKey`: it is the key of a mapping, which stays on one line. */
export function styleOf(text: string, isKey: boolean): ScalarStyle {
  if (mustBeDouble(text)) return 'double';
  const traits = traitsOf(text);
  if (text.includes('\n')) return isKey || !traits.isBlockAllowed ? 'double' : 'literal';
  if (traits.isPlainAllowed) return 'plain';
  return traits.isSingleAllowed ? 'single' : 'double';
}

/** Unquoted they are booleans to readers of YAML 1.1. */
const words: ReadonlySet<string> = new Set(
  ['y', 'n', 't', 'f', 'yes', 'no', 'true', 'false', 'on', 'off'].flatMap((word) => [
    word,
    word.toUpperCase(),
    word[0]?.toUpperCase() + word.slice(1),
  ]),
);
const nothing: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL', '<<', '.Nan']);

/** Dates, times, and numbers to the base of 60. */
const timeLike = /^[-+0-9:. \t]+(?:[-:]|[tT])[-+0-9:. \t]+[zZ]?$/;
const infinite = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const integer = /^[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?$/;

/** Without quotes it would be read as something else than a string; or, with the breaks of lines that only YAML 1.1 has, as another string. */
function mustBeDouble(text: string): boolean {
  if (words.has(text) || nothing.has(text) || /[\u2028\u2029]/.test(text)) return true;
  if (!/^[-+0-9:. \t]/.test(text)) return false;
  return integer.test(text) || float.test(text) || infinite.test(text) || timeLike.test(text);
}

type Traits = {
  readonly isPlainAllowed: boolean;
  readonly isSingleAllowed: boolean;
  readonly isBlockAllowed: boolean;
};

/** Characters that begin something else when they stand first. */
const firstIndicators = /^(?:[#,[\]{}&*!|>'"%@`]|---|\.\.\.|[-?:](?:[ \t]|$))/;
const innerIndicators = /:(?:[ \t\n\r\u0085\u2028\u2029]|$)|[ \t\n\r\u0085\u2028\u2029]#/;
/** What is printed as it stands, besides line ends and tabs; yaml.v3 escapes everything beyond the first plane. */
const unprintable = /[^\n\t\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;
const breaks = /[\n\r\u0085\u2028\u2029]/;

function traitsOf(text: string): Traits {
  const hasSpecial = unprintable.test(text);
  const spaceBeforeBreak = / [\n\r\u0085\u2028\u2029]/.test(text);
  const spaceBehindBreak = /[\n\r\u0085\u2028\u2029] /.test(text);
  const edge = /^[ \n\r\u0085\u2028\u2029]|[ \n\r\u0085\u2028\u2029]$/.test(text);
  const isSingleAllowed = !spaceBehindBreak && !spaceBeforeBreak && !hasSpecial && !text.includes('\t');
  return {
    isSingleAllowed,
    isPlainAllowed:
      isSingleAllowed &&
      !edge &&
      !breaks.test(text) &&
      !firstIndicators.test(text) &&
      !innerIndicators.test(text),
    isBlockAllowed: !text.endsWith(' ') && !spaceBeforeBreak && !hasSpecial,
  };
}

const escapes: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u0085': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

export function doubleQuoted(text: string): string {
  let written = '';
  for (const character of text) {
    const escaped = escapes[character];
    if (escaped !== undefined) written += escaped;
    else written += unprintable.test(character) ? codePoint(character) : character;
  }
  return `"${written}"`;
}

export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** `\xHH`, `\uHHHH` or `\UHHHHHHHH`. */
function codePoint(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const [letter, digits] = code <= 0xff ? ['x', 2] : code <= 0xffff ? ['u', 4] : ['U', 8];
  return `\\${letter}${code.toString(16).toUpperCase().padStart(Number(digits), '0')}`;
}
