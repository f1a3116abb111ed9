import { Path, RequestError } from '../../support/index.ts';
import { hasValidSignature, knownAlgorithms, type VerificationKey } from './algorithms.ts';

/** Longer tokens are refused unread. */
const maximumTokenLength = 16 * 1024;

export type Claims = Readonly<Record<string, unknown>>;

export interface Checks {
  readonly audience: readonly string[] | null;
  readonly issuer: string | null;
  readonly allowedSkewSeconds: number;
}

/**
 * The claims of a token whose signature, times, issuer and audience are right.
 * Throws `invalid-jwt` with the texts and in the order of spec/authentication.md 9.5.
 */
export function verifyToken(
  token: string,
  keys: readonly VerificationKey[],
  checks: Checks,
  now: number,
): Claims {
  if (token.length > maximumTokenLength) throw refuse('JWSError (CompactDecodeError Token too long)');
  const parts = token.split('.');
  if (parts.length !== 3) {
    throw refuse(
      `JWSError (CompactDecodeError Invalid number of parts: Expected 3 parts; got ${parts.length})`,
    );
  }
  const [encodedHeader, encodedPayload, encodedSignature] = parts as [string, string, string]; // three parts
  const header = decodeObject(encodedHeader);
  if (header === null) throw refuse('JWSError (JSONDecodeError "the header is not a JSON object")');
  // Node's decoder overlooks what is no digit, so that one signature would have many forms
  if (!base64url.test(encodedSignature)) {
    throw refuse('JWSError (JSONDecodeError "the signature is not base64url")');
  }
  const algorithm = header['alg'];
  if (typeof algorithm !== 'string' || (algorithm !== 'none' && !knownAlgorithms.has(algorithm))) {
    throw refuse('JWSError (JSONDecodeError "the algorithm is not known")');
  }
  const claims = decodeObject(encodedPayload);
  const fault = claims === null ? 'the payload is not a JSON object' : claimsFault(claims);
  if (claims === null || fault !== null) throw refuse(`JWTClaimsSetDecodeError "${fault}"`);
  if (algorithm === 'none') throw refuse('JWSError JWSNoSignatures');
  // an extension that must be understood, and none is (RFC 7515 4.1.11)
  if (header['crit'] !== undefined) throw refuse('JWSError JWSNoSignatures');
  if (keys.length === 0) throw new SignatureFault('JWSError NoUsableKeys', keyIdOf(header));
  const signed = Buffer.from(`${encodedHeader}.${encodedPayload}`, 'latin1');
  const signature = Buffer.from(encodedSignature, 'base64url');
  const isValid = keys.some(
    ({ key, algorithms }) =>
      algorithms.has(algorithm) && hasValidSignature(algorithm, key, signed, signature),
  );
  if (!isValid) throw new SignatureFault('JWSError JWSInvalidSignature', keyIdOf(header));
  checkClaims(claims, checks, now);
  return claims;
}

/** No key that is known has signed the token. */
export class SignatureFault extends RequestError {
  /** Which key the token says it is signed with; null when it does not. */
  readonly keyId: string | null;

  constructor(reason: string, keyId: string | null) {
    super('invalid-jwt', Path.root, `Could not verify JWT: ${reason}`);
    this.keyId = keyId;
  }
}

function keyIdOf({ kid }: Claims): string | null {
  return typeof kid === 'string' ? kid : null;
}

/** The issuer that a token names, without any verification; null when there is none. */
export function unverifiedIssuer(token: string): string | null {
  if (token.length > maximumTokenLength) return null;
  const payload = token.split('.')[1];
  const issuer = payload === undefined ? null : decodeObject(payload)?.['iss'];
  return typeof issuer === 'string' ? issuer : null;
}

/** Throws `invalid-jwt` for claims whose time, issuer or audience is wrong. */
export function checkClaims(
  claims: Claims,
  { allowedSkewSeconds, issuer, audience }: Checks,
  nowMs: number,
): void {
  const now = nowMs / 1000;
  const { exp, iat, nbf, iss, aud } = claims;
  // the types were checked by claimsFault
  if (typeof exp === 'number' && now >= exp + allowedSkewSeconds) throw refuse('JWTExpired');
  if (typeof iat === 'number' && iat > now + allowedSkewSeconds) throw refuse('JWTIssuedAtFuture');
  if (typeof nbf === 'number' && now < nbf - allowedSkewSeconds) throw refuse('JWTNotYetValid');
  if (issuer !== null && iss !== undefined && iss !== issuer) throw refuse('JWTNotInIssuer');
  if (audience !== null && aud !== undefined) {
    const intended = Array.isArray(aud) ? aud : [aud];
    if (!intended.some((one) => audience.includes(one))) throw refuse('JWTNotInAudience');
  }
}

/** What is wrong with the registered claims' types; null when nothing is. */
function claimsFault(claims: Claims): string | null {
  for (const name of ['exp', 'nbf', 'iat']) {
    if (claims[name] !== undefined && typeof claims[name] !== 'number') return `${name} is not a number`;
  }
  for (const name of ['sub', 'iss', 'jti']) {
    if (claims[name] !== undefined && typeof claims[name] !== 'string') return `${name} is not a string`;
  }
  const { aud } = claims;
  const isAudience =
    aud === undefined ||
    typeof aud === 'string' ||
    (Array.isArray(aud) && aud.every((one) => typeof one === 'string'));
  return isAudience ? null : 'aud is not a string or a list of strings';
}

const base64url = /^[A-Za-z0-9_-]*$/;

function decodeObject(encoded: string): Claims | null {
  if (!base64url.test(encoded)) return null;
  try {
    const parsed: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Claims)
      : null;
  } catch {
    return null;
  }
}

function refuse(reason: string): RequestError {
  return new RequestError('invalid-jwt', Path.root, `Could not verify JWT: ${reason}`);
}
