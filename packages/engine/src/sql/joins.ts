import type { RowsJoin } from '../plan/index.ts';
import { finish, identifier, join, parameter, sql, typeName } from './fragment.ts';
import { afterReading } from './read-first.ts';
import { Aliases } from './row.ts';
import { renderNestedSelect } from './select.ts';
import type { Statement } from './statement.ts';

/**
 * Looks up what belongs to many rows at once. The parameter `rows-to-join` is a JSON array of objects with the join's columns and their `position`; the
 * result's one column is a JSON array with an element for each position in order: the text of what was found, or null. Source: spec/remote-schemas.md 10.
 */
export function renderRowsJoin({ columns, select }: RowsJoin): Statement {
  const aliases = new Aliases();
  const row = aliases.next();
  const definitions = columns.map(({ name, type }) => sql`${identifier(name)} ${typeName(type)}`);
  const rows = parameter({ kind: 'rows-to-join' }, sql`jsonb`);
  const found = renderNestedSelect(select, row, aliases);
  const statement = sql`select json_agg((${found})::text order by ${row}."position") from jsonb_to_recordset(${rows}) as ${row}("position" bigint, ${join(definitions, sql`, `)})`;
  return { ...finish(afterReading(statement, aliases)), keys: [''] };
}
