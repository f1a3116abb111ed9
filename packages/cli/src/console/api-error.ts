import { EngineError } from '../engine-client/index.ts';
import { messageOf } from '../user-error.ts';

/** Source: spec/cli.md 5.6. */
export type ApiErrorCode =
  | 'internal_error'
  | 'request_parse_error'
  | 'create_file_error'
  | 'data_api_error'
  | 'migration_mode_disabled'
  | 'migration_mode_enabled';

/** What the API of the console answers instead of a result: `{"code","message"}`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: ApiErrorCode;

  constructor(status: number, code: ApiErrorCode, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** What the engine has refused is the caller's to mend; everything else went wrong here. */
export function apiErrorOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return error instanceof EngineError
    ? new ApiError(400, 'data_api_error', error.body)
    : new ApiError(500, 'internal_error', messageOf(error));
}
