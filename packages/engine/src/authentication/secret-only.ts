import { Path, RequestError } from '../support/index.ts';
import { makeSession, printVariable, sessionVariablesOf } from './session.ts';
import type { Authenticated, AuthenticationMode, RawHeaders } from './types.ts';

/** Only the admin secret is configured: who does not send it has the unauthorized role, or nothing. Source: spec/authentication.md 7, 8. */
export function secretOnlyMode(unauthorizedRole: string | null, trustsVisitors: boolean): AuthenticationMode {
  return {
    authenticate(headers) {
      if (unauthorizedRole !== null) return asUnauthorized(unauthorizedRole, headers, trustsVisitors);
      throw new RequestError('access-denied', Path.root, `${secretNames} required, but not found`, {
        status: 401,
      });
    },
    close() {},
  };
}

export const secretNames = `${printVariable('x-hasura-admin-secret')}/${printVariable('x-hasura-access-key')}`;

/**
 * The role of those who sent no credentials. A requested role is ignored, and so are session variables that nobody vouches for, unless they are
 * to be trusted as in Hasura v2 (spec/permissions.md 13, Q1).
 */
export function asUnauthorized(role: string, headers: RawHeaders, trustsVisitors: boolean): Authenticated {
  const variables = trustsVisitors ? sessionVariablesOf(headers) : new Map<string, string>();
  return { session: makeSession(role, variables), responseHeaders: [] };
}
