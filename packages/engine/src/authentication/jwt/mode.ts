import { Path, RequestError } from '../../support/index.ts';
import { asUnauthorized } from '../secret-only.ts';
import type { AuthenticationMode, JwtConfiguration } from '../types.ts';
import { readConfiguredKey, type VerificationKey } from './algorithms.ts';
import { sessionFromClaims } from './claims.ts';
import { type KeySetOptions, RemoteKeySet } from './key-set.ts';
import { selectToken } from './locations.ts';
import { type Claims, SignatureFault } from './token.ts';
import { VerifiedTokens } from './verified-tokens.ts';

interface Verifier extends JwtConfiguration {
  readonly currentKeys: () => readonly VerificationKey[];
  /** Fetches the keys again because of a token that names a key which is not among them; true when they were fetched. */
  readonly refreshFor: (keyId: string) => Promise<boolean>;
  readonly tokens: VerifiedTokens;
  readonly close: () => void;
}

/** Resolves once all keys are there. */
export async function jwtMode(
  configurations: readonly JwtConfiguration[],
  options: KeySetOptions & { readonly unauthorizedRole: string | null; readonly trustsVisitors?: boolean },
): Promise<AuthenticationMode> {
  const verifiers = await Promise.all(
    configurations.map((configuration) => openVerifier(configuration, options)),
  );
  const { unauthorizedRole, trustsVisitors = false } = options;
  return {
    authenticate(headers) {
      const selected = selectToken(verifiers, headers);
      if (selected === null) {
        if (unauthorizedRole !== null) return asUnauthorized(unauthorizedRole, headers, trustsVisitors);
        throw new RequestError(
          'invalid-headers',
          Path.root,
          "Missing 'Authorization' or 'Cookie' header in JWT authentication mode",
        );
      }
      const { configuration, token } = selected;
      const verify = (): Claims =>
        configuration.tokens.verify(token, configuration.currentKeys(), configuration, Date.now());
      const accept = (claims: Claims) => ({
        session: sessionFromClaims(claims, configuration.claims, headers),
        responseHeaders: [],
      });
      try {
        return accept(verify());
      } catch (error) {
        if (!(error instanceof SignatureFault) || error.keyId === null) throw error;
        return configuration.refreshFor(error.keyId).then((isRenewed) => {
          if (!isRenewed) throw error;
          return accept(verify());
        });
      }
    },
    close() {
      for (const verifier of verifiers) verifier.close();
    },
  };
}

async function openVerifier(configuration: JwtConfiguration, options: KeySetOptions): Promise<Verifier> {
  const { keys } = configuration;
  const tokens = new VerifiedTokens();
  if (keys.kind === 'static') {
    const fixed = [readConfiguredKey(keys.type, keys.key)];
    const refreshFor = () => Promise.resolve(false);
    return { ...configuration, tokens, currentKeys: () => fixed, refreshFor, close() {} };
  }
  const set = await RemoteKeySet.open(keys.url, options);
  return {
    ...configuration,
    tokens,
    currentKeys: () => set.keys,
    refreshFor: (keyId) => set.refreshFor(keyId),
    close: () => set.close(),
  };
}
