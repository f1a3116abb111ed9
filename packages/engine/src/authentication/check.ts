/**
 * Which combinations of settings may start. Source: spec/authentication.md 3.
 * @returns the text that ends the start, null when all is well
 */
export function checkAuthentication(set: {
  readonly adminSecrets: readonly string[];
  readonly hasHook: boolean;
  readonly hasJwt: boolean;
  readonly unauthorizedRole: string | null;
}): string | null {
  if (set.adminSecrets.includes('')) return 'Fatal Error: the admin secret must not be empty';
  const hasSecret = set.adminSecrets.length > 0;
  if (set.unauthorizedRole !== null && (!hasSecret || set.hasHook)) {
    return `Fatal Error: --unauthorized-role (HASURA_GRAPHQL_UNAUTHORIZED_ROLE) ${requiresSecret} and is not allowed when --auth-hook (HASURA_GRAPHQL_AUTH_HOOK) is set`;
  }
  if (set.hasHook && set.hasJwt) {
    return 'Fatal Error: Both webhook and JWT mode cannot be enabled at the same time';
  }
  if (hasSecret) return null;
  if (set.hasHook) return `Fatal Error : --auth-hook (HASURA_GRAPHQL_AUTH_HOOK) ${requiresSecret}`;
  if (set.hasJwt) return `Fatal Error : --jwt-secret (HASURA_GRAPHQL_JWT_SECRET) ${requiresSecret}`;
  return null;
}

// two blanks before --access-key are Hasura's
const requiresSecret =
  'requires --admin-secret (HASURA_GRAPHQL_ADMIN_SECRET) or  --access-key (HASURA_GRAPHQL_ACCESS_KEY) to be set';
