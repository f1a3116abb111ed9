import type { Session } from '../authentication/index.ts';
import type { Database } from '../database/index.ts';
import { bindParameters, checkSessionVariables, translateDatabaseError } from '../execute/index.ts';
import type { Model } from '../model/index.ts';
import { renderTruths, type TruthQuery } from '../sql/index.ts';
import { InvariantError } from '../support/index.ts';

/** What questions about permissions are answered from. */
export interface PermissionQueryContext {
  readonly model: Model;
  readonly databases: ReadonlyMap<string, Database>;
}

export type Truth = boolean | null;

/**
 * The truths of the conditions of each query, computed by PostgreSQL in one statement; null for a row that is not there. All queries are about one source.
 * @throws RequestError for a missing session variable, and for values that PostgreSQL refuses
 */
export async function findTruths(
  queries: readonly TruthQuery[],
  session: Session,
  { databases }: PermissionQueryContext,
): Promise<readonly (readonly Truth[] | null)[]> {
  const [first] = queries;
  if (first === undefined) return [];
  const database = databases.get(first.table.source);
  if (database === undefined) throw new InvariantError(`the source "${first.table.source}" is not connected`);
  const statement = renderTruths(queries);
  const bindings = { session, variables: null };
  const sessionVariables = statement.parameters.flatMap((source) =>
    source.kind === 'session' ? [source.variable] : [],
  );
  checkSessionVariables({ sessionVariables }, bindings);
  const query = { text: statement.text, parameters: bindParameters(statement, bindings) };
  try {
    const columns = await database.queryBytes(query, { prepare: false });
    return columns.map((bytes) =>
      bytes === null ? null : (JSON.parse(Buffer.concat(bytes).toString()) as readonly Truth[]),
    );
  } catch (error) {
    throw translateDatabaseError(error, query);
  }
}
