import type { Statement } from '../sql/index.ts';
import { Path, RequestError } from '../support/index.ts';

/** The protocol counts parameters in 16 bits. Source: PostgreSQL manual, "Message Formats", Bind. */
export const MAXIMUM_PARAMETERS = 65_535;

/** Gives the statement back. Throws a RequestError for one with more values than can be sent. */
export function withinLimit(statement: Statement): Statement {
  if (statement.parameters.length <= MAXIMUM_PARAMETERS) return statement;
  throw new RequestError(
    'validation-failed',
    Path.root,
    `the query has more than ${MAXIMUM_PARAMETERS} values`,
  );
}
