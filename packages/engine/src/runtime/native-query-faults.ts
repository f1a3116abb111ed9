import type { Catalog } from '../catalog/index.ts';
import { type Connection, type Database, DatabaseConnectionError, DatabaseError } from '../database/index.ts';
import type { NativeQueryMetadata, SourceMetadata } from '../metadata/index.ts';
import { type NativeQueryFaults, nativeQueryCandidates } from '../model/index.ts';
import { inputOf } from '../permissions/index.ts';
import { nativeQueryChecks } from '../sql/index.ts';
import { Path, RequestError } from '../support/index.ts';
import { describeRefusal } from './describe-refusal.ts';

/**
 * Asks PostgreSQL about the native queries of a source: each is prepared and not run. What was asked over the same catalogue is not asked again.
 *
 * @param place the source's database, or an open transaction in which it is to be seen, which goes on whatever is found
 */
export async function findNativeQueryFaults(
  source: SourceMetadata,
  catalog: Catalog,
  place: { readonly database: Database } | { readonly within: Connection },
): Promise<NativeQueryFaults> {
  const candidates = nativeQueryCandidates(source, catalog).map(
    ({ metadata, code, arguments: given, model }) => ({
      metadata,
      checks: nativeQueryChecks(
        {
          code,
          arguments: given.map(({ name, type }) => ({ name, type, input: inputOf(type) })),
          columns: [...model.columns.keys()],
        },
        statementName,
      ),
    }),
  );
  const known = new Map(answers.get(catalog));
  const open = candidates.filter(({ checks }) => !known.has(checks.join('\n')));
  const ask = async (connection: Connection): Promise<void> => {
    for (const { checks } of open) known.set(checks.join('\n'), await findFault(connection, checks));
  };
  if (open.length > 0) {
    if ('within' in place) await ask(place.within);
    else await unlessGone(place.database.transaction({ readOnly: true }, ask));
  }
  // what is not asked about any more is forgotten
  const current = new Set(candidates.map(({ checks }) => checks.join('\n')));
  answers.set(catalog, new Map([...known].filter(([statements]) => current.has(statements))));
  const faults = new Map<NativeQueryMetadata, RequestError>();
  for (const { metadata, checks } of candidates) {
    const fault = known.get(checks.join('\n'));
    if (fault != null) faults.set(metadata, fault);
  }
  return faults;
}

/** By the statements. */
const answers = new WeakMap<Catalog, ReadonlyMap<string, RequestError | null>>();
const statementName = 'postern_native_query';

/** A database that went away says nothing against a query; it is asked when it is back. */
async function unlessGone(asking: Promise<void>): Promise<void> {
  try {
    await asking;
  } catch (error) {
    if (!(error instanceof DatabaseConnectionError)) throw error;
  }
}

/** Within a transaction, which stays usable. */
async function findFault(connection: Connection, checks: readonly string[]): Promise<RequestError | null> {
  const run = (text: string) => connection.queryRows({ text, parameters: [] }, { prepare: false });
  for (const [index, check] of checks.entries()) {
    await run('savepoint postern_native_query');
    try {
      await run(check);
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      await run('rollback to savepoint postern_native_query');
      return refusal(error, check);
    }
    // what is prepared outlives the transaction
    await run(`deallocate ${statementName}${index === 0 ? '' : '_rows'}`);
  }
  return null;
}

function refusal(error: DatabaseError, statement: string): RequestError {
  return new RequestError('validation-failed', Path.root.child('args'), 'Failed to validate query', {
    cause: error,
    internal: describeRefusal(error, statement),
  });
}
