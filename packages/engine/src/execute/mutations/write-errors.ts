import { DatabaseError, type Query } from '../../database/index.ts';
import { CHECK_FAILURE, type MutationStatement, NO_ROW_FAILURE } from '../../sql/index.ts';
import { RequestError } from '../../support/index.ts';
import { translateDatabaseError } from '../postgres-errors.ts';

/** PostgreSQL manual, appendix A: invalid_text_representation. */
const INVALID_TEXT_REPRESENTATION = '22P02';

/** As `translateDatabaseError`, for statements that fail by themselves when a row does not pass its permission's check, or is missing. */
export function translateWriteError(
  error: unknown,
  query: Query,
  { path, withoutRow }: Pick<MutationStatement, 'path' | 'withoutRow'>,
): unknown {
  if (failedOn(error, CHECK_FAILURE)) {
    return new RequestError('permission-error', path, CHECK_FAILURE, { cause: error });
  }
  if (withoutRow !== null && failedOn(error, NO_ROW_FAILURE)) {
    return new RequestError('not-supported', withoutRow.path, withoutRow.message, { cause: error });
  }
  return translateDatabaseError(error, query, path);
}

/** The message is translated, the text in it is not. */
function failedOn(error: unknown, text: string): boolean {
  return (
    error instanceof DatabaseError &&
    error.sqlState === INVALID_TEXT_REPRESENTATION &&
    error.message.includes(`"${text}"`)
  );
}
