import type { Session } from '../authentication/index.ts';
import type { ApiName } from './configuration/index.ts';
import type { ServerContext } from './context.ts';
import type { ApiRequest, ApiResponse } from './exchange.ts';
import type { OperationLog } from './log/http-log.ts';

/** `log` takes what the http-log should say beyond the request itself. */
export type PublicHandler = (
  request: ApiRequest,
  context: ServerContext,
  log: OperationLog,
) => ApiResponse | Promise<ApiResponse>;

export type SessionHandler = (
  request: ApiRequest,
  session: Session,
  context: ServerContext,
  log: OperationLog,
) => ApiResponse | Promise<ApiResponse>;

/**
 * Who may call: `public` without authentication; `session` with any session; `admin` only the admin role. `graphql` is like `session`,
 * except that the body is read before the caller is known, because a webhook may want to see it.
 */
export type Route = {
  readonly method: 'GET' | 'POST' | 'any';
  /** Ends in `/*` for everything below. */
  readonly path: string;
  /** Served only when this API is enabled. */
  readonly api: ApiName | null;
} & (
  | {
      readonly access: 'public';
      readonly errors: ErrorStyle;
      readonly handler: PublicHandler;
      /** False: its requests come often and say nothing, and are not in the http-log. */
      readonly isLogged: boolean;
    }
  | {
      readonly access: 'session' | 'admin' | 'graphql';
      readonly errors: ErrorStyle;
      readonly handler: SessionHandler;
    }
);

/** `graphql-200`: GraphQL errors, status 200 whatever happens; `graphql`: with the true status; `flat`: `{"error",…}` with the true status. */
export type ErrorStyle = 'graphql-200' | 'graphql' | 'flat';
