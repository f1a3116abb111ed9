import { Path, RequestError } from '../support/index.ts';
import { makeSession, printVariable, sessionVariablesOf } from './session.ts';
import type { Authenticated, AuthenticationMode, RawHeaders } from './types.ts';

/** Only the admin secret is configured: who does not send it has the unauthorized role, or nothing. Source: spec/authentication.md 7, 8. */
export function secretOnlyMode(unauthorizedRole: string | null): AuthenticationMode {
  return {
    authenticate(headers) {
      if (unauthorizedRole !== null) return asUnauthorized(unauthorizedRole, headers);
      throw new RequestError('access-denied', Path.root, `${secretNames} required, but not found`, {
        status: 401,
      });
    },
    close() {},
  };
}

export const secretNames = `${printVariable('x-hasura-admin-secret')}/${printVariable('x-hasura-access-key')}`;

/** The role of those who sent no credentials. A requested role is ignored; the session variables are whatever the client says. */
export function asUnauthorized(role: string, headers: RawHeaders): Authenticated {
  return { session: makeSession(role, sessionVariablesOf(headers)), responseHeaders: [] };
}
