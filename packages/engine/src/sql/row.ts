import type { SqlFragment } from './fragment.ts';
import { alias } from './fragment.ts';

/** Gives out aliases, each once per statement, in the order in which the statement is written. */
export class Aliases {
  #next = 0;
  /** Values that PostgreSQL may refuse: it must do so before it looks at any row (`read-first.ts`). */
  readonly readFirst: SqlFragment[] = [];

  next(): SqlFragment {
    return alias(this.#next++);
  }
}

/** The rows that an expression can speak of. */
export interface RowScope {
  readonly aliases: Aliases;
  /** Alias of the row that columns belong to. */
  readonly current: SqlFragment;
  /** Alias of the row of the table on which the expression was defined. */
  readonly root: SqlFragment;
  /** What `aggregate-result` stands for inside an aggregate's predicate. */
  readonly aggregateResult: SqlFragment | null;
}

/** The scope of an expression defined on the row itself. */
export function rowScope(aliases: Aliases, row: SqlFragment): RowScope {
  return { aliases, current: row, root: row, aggregateResult: null };
}
