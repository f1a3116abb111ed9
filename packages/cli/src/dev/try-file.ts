import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { UserError } from '../command.ts';

/** `try.yaml` of a project: how `postern dev` serves it, and the queries that it prints. */
export type TryFile = {
  readonly unauthorizedRole: string | null;
  readonly queries: readonly SampleQuery[];
};

export type SampleQuery = {
  /** For example "a visitor reads what is published". */
  readonly who: string;
  /** Without the admin secret, which is added where there is any header. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: string;
};

export function readTryFile(projectFolder: string): TryFile {
  const path = join(projectFolder, 'try.yaml');
  if (!existsSync(path)) return { unauthorizedRole: null, queries: [] };
  const content = record(parse(readFileSync(path, 'utf8')), path);
  const queries = content['queries'] ?? [];
  if (!Array.isArray(queries)) throw new UserError(`${path}: "queries" must be a list`);
  return {
    unauthorizedRole:
      content['unauthorized_role'] === undefined ? null : String(content['unauthorized_role']),
    queries: queries.map((entry: unknown) => {
      const { who, headers, query } = record(entry, path);
      if (typeof query !== 'string') throw new UserError(`${path}: a query has no text`);
      const pairs = Object.entries(headers === undefined ? {} : record(headers, path));
      return {
        who: String(who ?? ''),
        headers: Object.fromEntries(pairs.map(([name, value]) => [name, String(value)])),
        query,
      };
    }),
  };
}

function record(value: unknown, path: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new UserError(`${path}: a mapping is expected`);
}
