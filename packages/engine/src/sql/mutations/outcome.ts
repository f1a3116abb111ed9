import { join, literal, type SqlFragment, sql } from '../fragment.ts';

/**
 * The texts on which a statement fails by itself (SQLSTATE 22P02, the text in quotes in the message): when a row does not pass its check, and when no
 * row was written where one must be. No other cast is made of them.
 */
export const CHECK_FAILURE = 'check constraint of an insert/update permission has failed';
export const NO_ROW_FAILURE = 'no row was written that others depend on';

/**
 * A column that fails unless every written row passes; `passes` is a column of truths, null when there is nothing to check. The cast depends on the rows,
 * so that it is made when they are there and not while the statement is planned.
 */
export function renderOutcome(passes: SqlFragment | null, needsRow: boolean): SqlFragment | null {
  const conditions: SqlFragment[] = [];
  if (passes !== null) {
    conditions.push(sql`when not coalesce(bool_and(${passes}), true) then ${literal(CHECK_FAILURE)}`);
  }
  if (needsRow) conditions.push(sql`when count(*) = 0 then ${literal(NO_ROW_FAILURE)}`);
  if (conditions.length === 0) return null;
  return sql`(case ${join(conditions, sql` `)} else '0' end)::integer`;
}

/**
 * The same for one row at a time. `concat` is not computed before there is a row, not even where the check is false whatever the row: its result may depend
 * on settings, as far as PostgreSQL knows.
 */
export function renderRowOutcome(passes: SqlFragment): SqlFragment {
  return sql`(case when ${passes} then '0' else concat(${literal(CHECK_FAILURE)}) end)::integer`;
}
