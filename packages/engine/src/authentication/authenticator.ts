import { Path, RequestError } from '../support/index.ts';
import { createWebhookClient, type WebhookClient } from '../webhooks/index.ts';
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

export interface AuthenticatorOptions {
  readonly log?: AuthenticationLog;
  /** Told to webhooks. */
  readonly version?: string;
  /** Whether a webhook or a key set may have the address; all may when absent. */
  readonly allowsAddress?: (address: string) => boolean;
}

/**
 * The authenticator of a configuration that `checkAuthentication` accepts. Resolves once the keys of `jwk_url` are there.
 * @throws Error when a JWK set cannot be had
 */
export async function createAuthenticator(
  configuration: AuthenticationConfiguration,
  options: AuthenticatorOptions = {},
): Promise<Authenticator> {
  const { adminSecrets } = configuration;
  if (adminSecrets.length === 0) return noSecretMode;
  const { log = () => {}, version = '', allowsAddress } = options;
  const client = createWebhookClient(allowsAddress === undefined ? {} : { allowsAddress });
  const mode = await modeOf(configuration, { log, version, client });
  const close = (): void => {
    mode.close();
    client.close();
  };
  return afterSecret(new SecretSet(adminSecrets), { ...mode, close });
}

async function modeOf(
  { hook, jwt, unauthorizedRole, trustsVisitors = false }: AuthenticationConfiguration,
  options: Required<Pick<AuthenticatorOptions, 'log' | 'version'>> & { readonly client: WebhookClient },
): Promise<AuthenticationMode> {
  if (hook !== null) return webhookMode(hook, options);
  if (jwt.length > 0) return jwtMode(jwt, { ...options, unauthorizedRole, trustsVisitors });
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
