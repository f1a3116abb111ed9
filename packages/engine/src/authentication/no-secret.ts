import { makeSession, requestedRole, sessionVariablesOf } from './session.ts';
import type { AuthenticationMode } from './types.ts';

/** No admin secret is configured: everybody is who they say they are, admin by default. Source: spec/authentication.md 6. */
export const noSecretMode: AuthenticationMode = {
  authenticate(headers) {
    const variables = sessionVariablesOf(headers);
    return {
      session: makeSession(requestedRole(variables) ?? 'admin', variables, { mayUseBackendOnly: true }),
      responseHeaders: [],
    };
  },
  close() {},
};
