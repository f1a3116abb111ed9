import { DatabaseConnectionError, DatabaseError, type Query } from '../database/index.ts';
import { type ErrorCode, Path, RequestError } from '../support/index.ts';

interface Translation {
  readonly code: ErrorCode;
  /** The message, from PostgreSQL's primary one. */
  readonly message: (primary: string) => string;
}

const asIs = (primary: string) => primary;
const after = (prefix: string) => (primary: string) => `${prefix} ${primary}`;

/** SQLSTATEs with a meaning of their own. Source: spec/graphql-api.md 13.5. */
const BY_STATE: ReadonlyMap<string, Translation> = new Map<string, Translation>([
  [
    '23001',
    { code: 'constraint-violation', message: after('Can not delete or update due to data being referred.') },
  ],
  ['23502', { code: 'constraint-violation', message: after('Not-NULL violation.') }],
  ['23503', { code: 'constraint-violation', message: after('Foreign key violation.') }],
  ['23505', { code: 'constraint-violation', message: after('Uniqueness violation.') }],
  ['23514', { code: 'permission-error', message: after('Check constraint violation.') }],
  ['23P01', { code: 'constraint-violation', message: after('Exclusion violation.') }],
  ['22025', { code: 'bad-request', message: asIs }],
  ['42704', { code: 'constraint-error', message: asIs }],
  [
    '42P10',
    {
      code: 'constraint-error',
      message: () => 'there is no unique or exclusion constraint on target column(s)',
    },
  ],
]);

/** Classes of SQLSTATEs, by their first two characters. Source: spec/graphql-api.md 13.5. */
const BY_CLASS: ReadonlyMap<string, Translation> = new Map<string, Translation>([
  ['23', { code: 'constraint-violation', message: asIs }],
  ['22', { code: 'data-exception', message: asIs }],
]);

/** PostgreSQL manual, appendix A: too_many_connections. */
const TOO_MANY_CONNECTIONS = '53300';

/**
 * What went wrong in the database, as the contract says it. `path` is `$` except for inserts. Errors that do not come from the database are given
 * back as they are.
 */
export function translateDatabaseError(error: unknown, query: Query, path: Path = Path.root): unknown {
  if (error instanceof DatabaseError) return translateRefusal(error, query, path);
  if (error instanceof DatabaseConnectionError) return translateConnectionError(error);
  return error;
}

function translateRefusal(error: DatabaseError, query: Query, path: Path): RequestError {
  const translation = BY_STATE.get(error.sqlState) ?? BY_CLASS.get(error.sqlState.slice(0, 2));
  if (translation === undefined) {
    return new RequestError('unexpected', path, 'database query error', {
      status: 500,
      internal: describeFailure(error, query),
      cause: error,
    });
  }
  // what is expected of databases says nothing of the statement
  return new RequestError(translation.code, path, translation.message(error.message), { cause: error });
}

function translateConnectionError(error: DatabaseConnectionError): RequestError {
  const details = { status: 500, internal: error.message, cause: error };
  return error.sqlState === TOO_MANY_CONNECTIONS
    ? new RequestError(
        'postgres-max-connections-error',
        Path.root,
        'max connections reached on postgres',
        details,
      )
    : new RequestError('postgres-error', Path.root, 'connection error', details);
}

/** For those who may see internals. Source: spec/graphql-api.md 13.3. */
function describeFailure(error: DatabaseError, query: Query): unknown {
  return {
    statement: query.text,
    prepared: true,
    // parameters are sent without a type, PostgreSQL derives it: OID 0
    arguments: query.parameters.map((text) =>
      text === null ? '(Oid 0,Nothing)' : `(Oid 0,Just (${JSON.stringify(text)},Text))`,
    ),
    error: {
      exec_status: 'FatalError',
      status_code: error.sqlState,
      message: error.message,
      description: error.detail,
      hint: error.hint,
    },
  };
}
