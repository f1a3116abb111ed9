import { type Path, RequestError } from '../support/index.ts';

/** The deepest nesting of brackets that a document may have; the parser and all later walks recurse at most this deep. */
export const maximumNesting = 500;

/** The fault of a request that nests more than that, in its text or once its fragments are in place. */
export function nestedTooDeeply(path: Path): RequestError {
  return new RequestError(
    'validation-failed',
    path,
    `the query is nested more deeply than ${maximumNesting} levels`,
  );
}

/**
 * How deep `text` nests `{`, `(` and `[` outside strings and comments, at most `limit + 1`.
 * graphql-js's parser recurses with every bracket, so this is asked before it runs; it takes no stack itself.
 */
export function nestingOf(text: string, limit: number): number {
  let depth = 0;
  let deepest = 0;
  for (let position = 0; position < text.length; position++) {
    switch (text.charCodeAt(position)) {
      case openBrace:
      case openParenthesis:
      case openBracket:
        depth++;
        if (depth > deepest) deepest = depth;
        if (deepest > limit) return deepest;
        break;
      case closeBrace:
      case closeParenthesis:
      case closeBracket:
        depth--;
        break;
      case hash:
        position = endOfLine(text, position);
        break;
      case quote:
        position = endOfString(text, position);
        break;
    }
  }
  return deepest;
}

const openBrace = 0x7b;
const closeBrace = 0x7d;
const openParenthesis = 0x28;
const closeParenthesis = 0x29;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const hash = 0x23;
const quote = 0x22;
const backslash = 0x5c;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

function endOfLine(text: string, start: number): number {
  let end = start;
  while (end < text.length && text.charCodeAt(end) !== lineFeed && text.charCodeAt(end) !== carriageReturn)
    end++;
  return end;
}

/** The last position of the string that begins at `start`; a malformed one ends where the parser will complain. */
function endOfString(text: string, start: number): number {
  if (text.startsWith('"""', start)) {
    let end = text.indexOf('"""', start + 3);
    while (end > 0 && text.charCodeAt(end - 1) === backslash) end = text.indexOf('"""', end + 3);
    return end < 0 ? text.length : end + 2;
  }
  for (let position = start + 1; position < text.length; position++) {
    const code = text.charCodeAt(position);
    if (code === quote) return position;
    if (code === backslash) position++;
    else if (code === lineFeed || code === carriageReturn) return position;
  }
  return text.length;
}
