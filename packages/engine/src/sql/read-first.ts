/**
 * Patterns and geometries that a client gives are refused by PostgreSQL when it first needs them, which may be on a row that the client must not see: whether
 * there is an error would tell of that row. So a statement reads them all before it reads a row.
 */
import { join, type SqlFragment, sql } from './fragment.ts';
import type { Aliases } from './row.ts';

/** PostgreSQL's functions take no more than 100 arguments. */
const MAX_ARGUMENTS = 100;

/** The query, which is rendered already, after what is to be read first. */
export function afterReading(query: SqlFragment, aliases: Aliases): SqlFragment {
  const condition = readFirst(aliases);
  if (condition === null) return query;
  const rows = aliases.next();
  return sql`select ${rows}.* from (${query}) as ${rows} where ${condition}`;
}

/** The same in the condition of a write, before all others: `<condition> and `, or nothing. */
export function readingFirst(aliases: Aliases): SqlFragment {
  const condition = readFirst(aliases);
  return condition === null ? sql`` : sql`${condition} and `;
}

/**
 * True for all values that can be read. It names no row, so that it is tested once and before the rows, and PostgreSQL cannot simplify it, so that it is tested.
 */
export function readFirst({ readFirst: values }: Aliases): SqlFragment | null {
  const calls: SqlFragment[] = [];
  for (let start = 0; start < values.length; start += MAX_ARGUMENTS) {
    const list = join(values.slice(start, start + MAX_ARGUMENTS), sql`, `);
    calls.push(sql`(num_nonnulls(${list}) >= 0)`);
  }
  return calls.length === 0 ? null : join(calls, sql` and `);
}
