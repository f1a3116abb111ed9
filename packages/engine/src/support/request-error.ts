import type { Json } from './json.ts';
import { Path } from './path.ts';

/** The codes of the contract. Source: spec/graphql-api.md 13.4, spec/metadata-api.md. */
export type ErrorCode =
  | 'access-denied'
  | 'already-exists'
  | 'already-tracked'
  | 'already-untracked'
  | 'bad-request'
  | 'batch-limit-exceeded'
  | 'busy'
  | 'coercion-error'
  | 'concurrent-update'
  | 'conflict'
  | 'connection-not-established'
  | 'constraint-error'
  | 'constraint-violation'
  | 'cyclic-dependency'
  | 'data-exception'
  | 'dependency-error'
  | 'depth-limit-exceeded'
  | 'invalid-configuration'
  | 'invalid-headers'
  | 'invalid-json'
  | 'invalid-jwt'
  | 'invalid-params'
  | 'jwt-invalid-claims'
  | 'jwt-missing-role-claims'
  | 'metadata-warnings'
  | 'method-not-allowed'
  | 'node-limit-exceeded'
  | 'not-exists'
  | 'not-found'
  | 'not-supported'
  | 'parse-failed'
  | 'permission-denied'
  | 'permission-error'
  | 'postgres-error'
  | 'postgres-max-connections-error'
  | 'rate-limit-exceeded'
  | 'remote-schema-conflicts'
  | 'remote-schema-error'
  | 'start-failed'
  | 'template-resolution-failed'
  | 'time-limit-exceeded'
  | 'timeout'
  | 'unexpected'
  | 'unexpected-payload'
  | 'validation-failed';

/**
 * A fault of the caller (or of what the caller depends on), as the contract shows it: thrown where it is found, caught in `server/`.
 * `status` is the HTTP status on endpoints that report one (400 unless given); `/v1/graphql` answers 200 all the same.
 * `internal` is shown only to those who may see internals. `retryAfterSeconds` becomes the header `Retry-After`.
 * `extensions` replace those that GraphQL errors have otherwise (code, path), and `upstreamErrors` the whole list of errors: both come from services
 * that answered in the engine's place, and are passed on as they are.
 */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: ErrorCode;
  readonly path: Path;
  readonly status: number;
  readonly internal: unknown;
  readonly retryAfterSeconds: number | null;
  readonly extensions: Json | undefined;
  readonly upstreamErrors: readonly Json[] | null;

  constructor(
    code: ErrorCode,
    path: Path,
    message: string,
    details: {
      readonly status?: number;
      readonly internal?: unknown;
      readonly cause?: unknown;
      readonly retryAfterSeconds?: number;
      readonly extensions?: Json;
      readonly upstreamErrors?: readonly Json[];
    } = {},
  ) {
    super(message, { cause: details.cause });
    this.code = code;
    this.path = path ?? Path.root;
    this.status = details.status ?? 400;
    this.internal = details.internal;
    this.retryAfterSeconds = details.retryAfterSeconds ?? null;
    this.extensions = details.extensions;
    this.upstreamErrors = details.upstreamErrors ?? null;
  }
}
