import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, UserError } from '../user-error.ts';
import { readText } from './read-text.ts';

/**
 * The variables of a project's `.env`, or of the file that is named.
 * @throws UserError when a named file is not there, or a line is wrong
 */
export function readEnvironment(root: string, named: string | null): ReadonlyMap<string, string> {
  const path = resolve(root, named ?? '.env');
  if (!existsSync(path)) {
    if (named === null || named === '.env') return new Map();
    throw new UserError(`loading .env file failed: ${path} does not exist`);
  }
  try {
    return parseEnvironmentFile(readText(path));
  } catch (error) {
    throw new UserError(`loading .env file failed: ${path}: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * The variables of a `.env` file: `NAME=value`, `export NAME=value`, `NAME: value`; `'…'` as it stands, `"…"` with escapes, `${OTHER}` of the same file, comments.
 * @throws Error that names the line
 */
export function parseEnvironmentFile(text: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  const assignment =
    /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.]*)[ \t]*[=:][ \t]*(?:'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|([^\n]*))[ \t]*(?:#[^\n]*)?$/my;
  const blank = /^[ \t]*(?:#[^\n]*)?$/my;
  const content = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  for (let at = 0; at < content.length; at++) {
    assignment.lastIndex = blank.lastIndex = at;
    const nothing = blank.exec(content);
    const found = nothing === null ? assignment.exec(content) : null;
    if (nothing === null && found === null) {
      throw new Error(`line ${content.slice(0, at).split('\n').length} is not NAME=value`);
    }
    const [, name, single, double, bare] = found ?? [];
    if (name !== undefined) variables.set(name, valueFrom(single, double, bare ?? '', variables));
    at += (nothing ?? found)?.[0].length ?? 0;
  }
  return variables;
}

function valueFrom(
  single: string | undefined,
  double: string | undefined,
  bare: string,
  known: ReadonlyMap<string, string>,
): string {
  if (single !== undefined) return single;
  if (double !== undefined) return expanded(double, known);
  return expanded(bare.replace(/(?:^|[ \t]+)#.*$/, '').trim(), known);
}

function expanded(text: string, known: ReadonlyMap<string, string>): string {
  return text.replace(
    /\\([\s\S])|\$(?:\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))/g,
    (_all, escaped: string | undefined, braced: string | undefined, plain: string | undefined) => {
      if (escaped === 'n') return '\n';
      if (escaped === 'r') return '\r';
      return escaped ?? known.get(braced ?? plain ?? '') ?? '';
    },
  );
}
