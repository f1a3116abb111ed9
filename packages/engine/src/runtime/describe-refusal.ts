import type { DatabaseError } from '../database/index.ts';
import type { Json } from '../support/index.ts';

/** What PostgreSQL said of a statement without parameters, as administrators read it in `internal`. Source: spec/metadata-api.md 5.4. */
export function describeRefusal(error: DatabaseError, statement: string): Json {
  return {
    statement,
    prepared: false,
    error: {
      exec_status: 'FatalError',
      hint: error.hint,
      message: error.message,
      status_code: error.sqlState,
      description: error.detail,
    },
    arguments: [],
  };
}
