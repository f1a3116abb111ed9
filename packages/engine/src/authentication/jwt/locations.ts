import { Path, RequestError } from '../../support/index.ts';
import { allHeaders } from '../headers.ts';
import type { JwtConfiguration, RawHeaders, TokenLocation } from '../types.ts';
import { unverifiedIssuer } from './token.ts';

/**
 * The one token that a request carries, and the configuration that is to verify it; null when it carries none. A header that is sent twice holds
 * two tokens, of which neither is preferred: whoever stands in front may have looked at the other one.
 * Throws `invalid-headers` or `invalid-jwt`. Source: spec/authentication.md 9.3, 9.4.
 */
export function selectToken<T extends Pick<JwtConfiguration, 'location' | 'issuer'>>(
  configurations: readonly T[],
  headers: RawHeaders,
): { readonly configuration: T; readonly token: string } | null {
  let hasCandidates = false;
  const matching: { readonly configuration: T; readonly token: string }[] = [];
  for (const configuration of configurations) {
    for (const token of tokensAt(configuration.location, headers)) {
      hasCandidates = true;
      const issuer = configuration.issuer === null ? null : unverifiedIssuer(token);
      if (issuer === null || issuer === configuration.issuer) matching.push({ configuration, token });
    }
  }
  if (!hasCandidates) return null;
  const [first] = matching;
  if (first === undefined) {
    throw new RequestError('invalid-jwt', Path.root, 'Could not verify JWT: JWTNotInIssuer');
  }
  if (matching.length > 1) {
    throw new RequestError('invalid-headers', Path.root, 'Could not verify JWT: Multiple JWTs found');
  }
  return first;
}

function tokensAt(location: TokenLocation, headers: RawHeaders): readonly string[] {
  switch (location.kind) {
    case 'authorization':
      return allHeaders(headers, 'authorization').map(bearerToken);
    case 'cookie':
      return cookies(headers, location.name);
    case 'header':
      return allHeaders(headers, location.name.toLowerCase());
  }
}

function bearerToken(value: string): string {
  const words = value.trim().split(/\s+/);
  if (words.length !== 2 || words[0] !== 'Bearer') {
    throw new RequestError('invalid-headers', Path.root, 'Malformed Authorization header');
  }
  return words[1] as string; // two words
}

function cookies(headers: RawHeaders, name: string): readonly string[] {
  return allHeaders(headers, 'cookie')
    .flatMap((header) => header.split(';'))
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
}
