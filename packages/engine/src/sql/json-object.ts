import { Buffer } from 'node:buffer';
import { identifier, join, literal, MAXIMUM_NAME_BYTES, type SqlFragment, sql } from './fragment.ts';
import type { Aliases } from './row.ts';

/** A member of a JSON object; `key` is the response key as it stands in the answer. */
export interface Member {
  readonly key: string;
  readonly value: SqlFragment;
}

/** A function call takes at most 100 arguments. Source: FUNC_MAX_ARGS, PostgreSQL manual, "Preset Options". */
const MAXIMUM_PAIRS = 50;

/** A select list takes at most 1,664 entries. Source: PostgreSQL manual, appendix K. */
const MAXIMUM_COLUMNS = 1600;

/** True when the members can be columns of a subselect, whose row then becomes the object: the keys are then column names. */
export function fitsInRow(members: readonly { readonly key: string }[]): boolean {
  return (
    members.length <= MAXIMUM_COLUMNS &&
    members.every(({ key }) => key !== '' && Buffer.byteLength(key) <= MAXIMUM_NAME_BYTES)
  );
}

/** The members as a select list: `_0."id" as "id", …`. Only where `fitsInRow`. */
export function renderColumns(members: readonly Member[]): SqlFragment {
  return join(
    members.map(({ key, value }) => sql`${value} as ${identifier(key)}`),
    sql`, `,
  );
}

/** An expression for one JSON object of any size with any keys. */
export function renderObject(members: readonly Member[], aliases: Aliases): SqlFragment {
  if (members.length <= MAXIMUM_PAIRS) {
    const pairs = members.map(({ key, value }) => sql`${literal(key)}, ${value}`);
    return sql`json_build_object(${join(pairs, sql`, `)})`;
  }
  if (fitsInRow(members)) {
    const row = aliases.next();
    return sql`(select row_to_json(${row}.*) from (select ${renderColumns(members)}) as ${row})`;
  }
  // neither form holds it, so its text is put together
  const texts = members.map(
    ({ key, value }) =>
      sql`${literal(`${JSON.stringify(key)}:`)} || coalesce(to_json(${value})::text, 'null')`,
  );
  return sql`('{' || array_to_string(array[${join(texts, sql`, `)}], ',') || '}')::json`;
}
