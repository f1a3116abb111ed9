import type { Path } from '../support/index.ts';
import { fault } from './context.ts';

/**
 * The elements of a JSON path for `#>`: `$.links[0].url` gives `['links', '0', 'url']`; `$` gives none. Source: spec/graphql-api.md 4.6.
 */
export function parseJsonPath(text: string, path: Path): readonly string[] {
  const elements: string[] = [];
  let position = text.startsWith('$') ? 1 : 0;
  if (text.length === 0) throw malformed(text, path);
  while (position < text.length) {
    elementPattern.lastIndex = position;
    const match = elementPattern.exec(text);
    if (match === null) throw malformed(text, path);
    elements.push(elementOf(match));
    position = elementPattern.lastIndex;
  }
  return elements;
}

/** `.key` or `key`, `[0]`, `["any key"]`, `['any key']`; in quotes a backslash takes the next character as it is. */
const elementPattern = /\.?([A-Za-z0-9_-]+)|\[(?:(\d+)|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')\]/suy;

function elementOf([, key, index, doubleQuoted, singleQuoted]: RegExpExecArray): string {
  const plain = key ?? index;
  if (plain !== undefined) return plain;
  return (doubleQuoted ?? singleQuoted ?? '').replace(/\\(.)/gsu, '$1');
}

function malformed(text: string, path: Path): Error {
  return fault(
    path,
    `parse json path error: ${text}. Accept letters, digits, underscore (_) or hyphen (-) only. Use quotes enclosed in bracket (["..."]) if there is any special character`,
  );
}
