import { type Database, DatabaseError, type Query } from '../database/index.ts';
import type { ParameterSource } from '../permissions/index.ts';
import type { Path } from '../support/index.ts';
import { type Bindings, bindParameter } from './bind.ts';
import { sessionQuery } from './mutations/session-query.ts';
import { translateWriteError } from './mutations/write-errors.ts';
import { textOf } from './text-of.ts';

/** SQL with the sources of its parameters; its first column is a JSON value. */
export interface OperationStatement {
  readonly text: string;
  readonly parameters: readonly ParameterSource[];
}

export interface StatementOptions {
  readonly database: Database;
  /** Where PostgreSQL's refusals are reported. */
  readonly path: Path;
  /** Writes happen in a transaction that knows the session, for triggers. */
  readonly isWrite: boolean;
}

/**
 * Runs statements that were not made from a GraphQL operation, in order and in one transaction, and gives the text of each one's first column.
 * Rejects with a RequestError.
 */
export async function runStatements(
  statements: readonly OperationStatement[],
  bindings: Bindings,
  { database, path, isWrite }: StatementOptions,
): Promise<readonly (string | null)[]> {
  const queries = statements.map(
    ({ text, parameters }): Query => ({
      text,
      parameters: parameters.map((source) => bindParameter(source, bindings)),
    }),
  );
  const before = isWrite ? [sessionQuery(bindings.session)] : [];
  try {
    const results = await database.batch([...before, ...queries]);
    return results.slice(before.length).map((columns) => textOf(columns?.[0]));
  } catch (error) {
    const index = error instanceof DatabaseError ? (error.batchIndex ?? 0) - before.length : 0;
    throw translateWriteError(error, queries[Math.max(index, 0)] ?? { text: '', parameters: [] }, {
      path,
      withoutRow: null,
    });
  }
}
