import type { Catalog, PgType } from '../catalog/index.ts';
import { type Connection, type Database, DatabaseConnectionError, DatabaseError } from '../database/index.ts';
import type { NativeQueryMetadata, SourceMetadata } from '../metadata/index.ts';
import { type NativeQueryFaults, nativeQueryCandidates } from '../model/index.ts';
import { describeType, inputOf } from '../permissions/index.ts';
import { nativeQueryChecks, nativeQueryTypes } from '../sql/index.ts';
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
    ({ metadata, code, arguments: given, model }) => {
      const candidate = {
        code,
        arguments: given.map(({ name, type }) => ({ name, type, input: inputOf(type) })),
        columns: [...model.columns.keys()],
      };
      const question: Question = {
        checks: nativeQueryChecks(candidate, statementName),
        types: nativeQueryTypes(candidate),
        expected: [...model.columns].map(([name, { type }]) => ({ name, type })),
      };
      return { metadata, question, key: keyOf(question) };
    },
  );
  const known = new Map(answers.get(catalog));
  const open = candidates.filter(({ key }) => !known.has(key));
  const ask = async (connection: Connection): Promise<void> => {
    for (const { question, key } of open) {
      const fault = await findFault(connection, question.checks);
      known.set(key, fault ?? (await findTypeFault(connection, question, catalog)));
    }
  };
  if (open.length > 0) {
    if ('within' in place) await ask(place.within);
    else await unlessGone(place.database.transaction({ readOnly: true }, ask));
  }
  // what is not asked about any more is forgotten
  const current = new Set(candidates.map(({ key }) => key));
  answers.set(catalog, new Map([...known].filter(([key]) => current.has(key))));
  const faults = new Map<NativeQueryMetadata, RequestError>();
  for (const { metadata, key } of candidates) {
    const fault = known.get(key);
    if (fault != null) faults.set(metadata, fault);
  }
  return faults;
}

/** What is asked about one query. */
interface Question {
  readonly checks: readonly string[];
  readonly types: string;
  readonly expected: readonly { readonly name: string; readonly type: PgType }[];
}

function keyOf({ checks, expected }: Question): string {
  return [...checks, ...expected.map(({ type }) => type.oid)].join('\n');
}

/** By the questions. */
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

/** The first column whose type is not the declared one. Where the types cannot be had, as of code that no NULL may be given to, none is. */
async function findTypeFault(
  connection: Connection,
  { types, expected }: Question,
  catalog: Catalog,
): Promise<RequestError | null> {
  const run = (text: string) => connection.queryRows({ text, parameters: [] }, { prepare: false });
  await run('savepoint postern_native_query');
  try {
    const [row = {}] = await run(types);
    for (const [index, { name, type }] of expected.entries()) {
      const oid = Number(row[`oid_${index}`]);
      if (oid === type.oid) continue;
      const known = catalog.types.get(oid);
      const actual = known === undefined ? row[`name_${index}`] : describeType(known);
      const message = `Return column '${name}' has a type mismatch. The expected type is '${describeType(type)}', but the actual type is '${actual}'.`;
      return new RequestError('validation-failed', Path.root.child('args'), 'Failed to validate query', {
        cause: new Error(message),
        internal: message,
      });
    }
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    await run('rollback to savepoint postern_native_query');
  }
  return null;
}

function refusal(error: DatabaseError, statement: string): RequestError {
  return new RequestError('validation-failed', Path.root.child('args'), 'Failed to validate query', {
    cause: error,
    internal: describeRefusal(error, statement),
  });
}
