/**
 * What the statements of one mutation hand on to each other, within PostgreSQL, so that they can be sent together: settings that last until the end of the transaction.
 *
 * - `affected`: how many rows were written so far.
 * - rows: elements of an array of rows in PostgreSQL's text form, which loses nothing, with commas between them.
 * - a key: `=` and the text of a value, or nothing for NULL.
 */
import type { PgType, QualifiedName } from '../../plan/index.ts';
import { parameter, qualifiedName, type SqlFragment, sql, typeName } from '../fragment.ts';

/** The name of a setting. It is a parameter, so that statements that differ only in their slots have the same text. */
export type Slot = string;

export const affectedSlot: Slot = 'postern.affected';

export function rowsSlot(number: number): Slot {
  return `postern.rows_${number}`;
}

export function keySlot(number: number): Slot {
  return `postern.key_${number}`;
}

/** Counts the rows of an aggregate query; `isFirst`: from zero. */
export function addAffected(isFirst: boolean): SqlFragment {
  const sum = isFirst ? sql`count(*)` : sql`(${readAffected()} + count(*))`;
  return set(affectedSlot, sql`${sum}::text`);
}

export function readAffected(): SqlFragment {
  return sql`current_setting(${slotParameter(affectedSlot)})::bigint`;
}

/** Stores the rows whose texts an aggregate query has in a column; `isFirst`: in the place of what was there. */
export function addRows(slot: Slot, texts: SqlFragment, isFirst: boolean): SqlFragment {
  // the text of a row begins and ends with parentheses, perhaps in quotes, so that only the array's own braces are cut off
  const added = sql`btrim(coalesce(array_agg(${texts}), '{}')::text, '{}')`;
  if (isFirst) return set(slot, added);
  return set(
    slot,
    sql`concat_ws(',', nullif(current_setting(${slotParameter(slot)}), ''), nullif(${added}, ''))`,
  );
}

/** `<rows of the slots> as _0`, for a FROM clause: in the order of the slots. */
export function rowsFrom(
  slots: readonly Slot[],
  table: QualifiedName,
  row: SqlFragment,
  slotsAlias: SqlFragment,
): SqlFragment {
  const elements = (name: SqlFragment) =>
    sql`unnest(('{' || current_setting(${name}) || '}')::${qualifiedName(table)}[]) as ${row}`;
  const [first] = slots;
  if (first !== undefined && slots.length === 1) return elements(slotParameter(first));
  const names = parameter({ kind: 'literal', text: `{${slots.join(',')}}` }, sql`text[]`);
  return sql`unnest(${names}) as ${slotsAlias}(name) cross join lateral ${elements(sql`${slotsAlias}.name`)}`;
}

/** Stores the first row's value of a column that holds texts. */
export function storeKey(slot: Slot, texts: SqlFragment): SqlFragment {
  return set(slot, sql`coalesce('=' || (array_agg(${texts}))[1], '')`);
}

export function readKey(slot: Slot, type: PgType): SqlFragment {
  return sql`(substr(nullif(current_setting(${slotParameter(slot)}), ''), 2))::${typeName(type)}`;
}

function set(slot: Slot, value: SqlFragment): SqlFragment {
  return sql`set_config(${slotParameter(slot)}, ${value}, true)`;
}

function slotParameter(slot: Slot): SqlFragment {
  return parameter({ kind: 'literal', text: slot }, sql`text`);
}
