import { Path, RequestError } from '../support/index.ts';
import { firstHeader } from './headers.ts';
import { jwtMode } from './jwt/index.ts';
import { noSecretMode } from './no-secret.ts';
import { secretNames, secretOnlyMode } from './secret-only.ts';
import { SecretSet } from './secrets.ts';
import { makeSession, requestedRole, sessionVariablesOf } from './session.ts';
import type {
  Authenticated,
  AuthenticationConfiguration,
  AuthenticationLog,
  AuthenticationMode,
  AuthenticationRequest,
  RawHeaders,
} from './types.ts';
import { webhookMode } from './webhook.ts';

/** Turns the headers of a request into a session. */
export interface Authenticator {
  /**
   * A promise only where something has to be waited for (webhook, first keys). Fails with a RequestError, thrown or rejected.
   */
  authenticate(headers: RawHeaders, request?: AuthenticationRequest): Authenticated | Promise<Authenticated>;
  /** Stops background work. */
  close(): void;
}

/**
 * The authenticator of a configuration that `checkAuthentication` accepts. Resolves once the keys of `jwk_url` are there.
 * @throws Error when a JWK set cannot be had
 */
export async function createAuthenticator(
  configuration: AuthenticationConfiguration,
  options: { readonly log?: AuthenticationLog; readonly version?: string } = {},
): Promise<Authenticator> {
  const log = options.log ?? (() => {});
  const { adminSecrets } = configuration;
  if (adminSecrets.length === 0) return noSecretMode;
  return afterSecret(new SecretSet(adminSecrets), await modeOf(configuration, log, options.version ?? ''));
}

async function modeOf(
  { hook, jwt, unauthorizedRole, trustsVisitors = false }: AuthenticationConfiguration,
  log: AuthenticationLog,
  version: string,
): Promise<AuthenticationMode> {
  if (hook !== null) return webhookMode(hook, { log, version });
  if (jwt.length > 0) return jwtMode(jwt, { unauthorizedRole, trustsVisitors, log });
  return secretOnlyMode(unauthorizedRole, trustsVisitors);
}

const noRequest: AuthenticationRequest = { graphqlBody: () => null };

/** The admin secret goes before every mode, and a wrong one ends the matter. Source: spec/authentication.md 7. */
function afterSecret(secrets: SecretSet, mode: AuthenticationMode): Authenticator {
  return {
    authenticate(headers, request = noRequest) {
      const secret =
        firstHeader(headers, 'x-hasura-admin-secret') ?? firstHeader(headers, 'x-hasura-access-key');
      if (secret === null) return mode.authenticate(headers, request);
      if (!secrets.has(secret)) {
        throw new RequestError('access-denied', Path.root, `invalid ${secretNames}`, { status: 401 });
      }
      const variables = sessionVariablesOf(headers);
      return {
        session: makeSession(requestedRole(variables) ?? 'admin', variables, { mayUseBackendOnly: true }),
        responseHeaders: [],
      };
    },
    close: () => mode.close(),
  };
}
