import { DatabaseError, type Query } from '../../database/index.ts';
import { CHECK_FAILURE } from '../../sql/index.ts';
import { type Path, RequestError } from '../../support/index.ts';
import { translateDatabaseError } from '../postgres-errors.ts';

/** PostgreSQL manual, appendix A: invalid_text_representation. */
const INVALID_TEXT_REPRESENTATION = '22P02';

/** As `translateDatabaseError`, for statements that fail by themselves when a row does not pass its permission's check. */
export function translateWriteError(error: unknown, query: Query, path: Path): unknown {
  const isFailedCheck =
    error instanceof DatabaseError &&
    error.sqlState === INVALID_TEXT_REPRESENTATION &&
    error.message.endsWith(`"${CHECK_FAILURE}"`);
  if (isFailedCheck) return new RequestError('permission-error', path, CHECK_FAILURE, { cause: error });
  return translateDatabaseError(error, query, path);
}
