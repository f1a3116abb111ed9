import type { JsonPath } from '../types.ts';

/**
 * Reads a path such as `$.hasura['claims%'].roles[0]`; null when it is none. Source: spec/authentication.md 9.7.
 */
export function parseJsonPath(text: string): JsonPath | null {
  const path: (string | number)[] = [];
  let position = text.startsWith('$') ? 1 : 0;
  if (text === '') return null;
  while (position < text.length) {
    elementPattern.lastIndex = position;
    const match = elementPattern.exec(text);
    if (match === null) return null;
    const [whole, dot, name, index, doubleQuoted, singleQuoted] = match;
    // a bare name stands only at the very beginning
    if (name !== undefined && dot === undefined && position !== 0) return null;
    if (name !== undefined) path.push(name);
    else if (index !== undefined) path.push(Number(index));
    else path.push(removeEscapes(doubleQuoted ?? singleQuoted ?? ''));
    position += whole.length;
  }
  return path;
}

const elementPattern =
  /(\.)?(?:([A-Za-z_][A-Za-z0-9_-]*)|\[(?:(\d+)|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')\])/y;

function removeEscapes(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}

/** `$.a["odd key"][0]` */
export function printJsonPath(path: JsonPath): string {
  return `$${path.map(printElement).join('')}`;
}

function printElement(element: string | number): string {
  if (typeof element === 'number') return `[${element}]`;
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(element) ? `.${element}` : `[${JSON.stringify(element)}]`;
}

/** What the path leads to; undefined when it leads nowhere. */
export function followJsonPath(root: unknown, path: JsonPath): unknown {
  let value: unknown = root;
  for (const element of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (typeof element === 'number' ? !Array.isArray(value) : Array.isArray(value)) return undefined;
    if (!Object.hasOwn(value, element)) return undefined;
    value = (value as Record<string | number, unknown>)[element];
  }
  return value;
}
