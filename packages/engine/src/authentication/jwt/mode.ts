import { Path, RequestError } from '../../support/index.ts';
import { asUnauthorized } from '../secret-only.ts';
import type { AuthenticationMode, JwtConfiguration } from '../types.ts';
import { readConfiguredKey, type VerificationKey } from './algorithms.ts';
import { sessionFromClaims } from './claims.ts';
import { type KeySetOptions, RemoteKeySet } from './key-set.ts';
import { selectToken } from './locations.ts';
import { verifyToken } from './token.ts';

interface Verifier extends JwtConfiguration {
  readonly currentKeys: () => readonly VerificationKey[];
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
      const claims = verifyToken(token, configuration.currentKeys(), configuration, Date.now());
      return { session: sessionFromClaims(claims, configuration.claims, headers), responseHeaders: [] };
    },
    close() {
      for (const verifier of verifiers) verifier.close();
    },
  };
}

async function openVerifier(configuration: JwtConfiguration, options: KeySetOptions): Promise<Verifier> {
  const { keys } = configuration;
  if (keys.kind === 'static') {
    const fixed = [readConfiguredKey(keys.type, keys.key)];
    return { ...configuration, currentKeys: () => fixed, close() {} };
  }
  const set = await RemoteKeySet.open(keys.url, options);
  return { ...configuration, currentKeys: () => set.keys, close: () => set.close() };
}
