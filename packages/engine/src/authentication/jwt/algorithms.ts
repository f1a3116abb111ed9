import {
  constants,
  createHmac,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  timingSafeEqual,
  verify,
  X509Certificate,
} from 'node:crypto';
import type { JwtAlgorithm } from '../types.ts';

/** A key that can check signatures, and the `alg` values of tokens that it may check: those of its own family only. */
export interface VerificationKey {
  readonly key: KeyObject;
  readonly algorithms: ReadonlySet<string>;
  /** What a key set calls it; tokens may name it, but all keys are tried. */
  readonly id?: string;
}

/** `alg` values that are understood at all. */
export const knownAlgorithms: ReadonlySet<string> = new Set([
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
]);

const curveAlgorithms: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
};

const minimumSecretBytes: Readonly<Record<string, number>> = { HS256: 32, HS384: 48, HS512: 64 };

/**
 * The key of a configuration. The family follows from the key, never from a token. Source: spec/authentication.md 9.2, 16.
 * @throws Error with the contract's text
 */
export function readConfiguredKey(type: JwtAlgorithm, text: string): VerificationKey {
  const minimum = minimumSecretBytes[type];
  if (minimum === undefined) return publicKey(readPem(text));
  if (text.trimStart().startsWith('-----BEGIN')) {
    throw new Error(
      'Invalid JWK: a PEM cannot be the secret of an HMAC; was a public key meant (RS, ES, Ed25519)?',
    );
  }
  const secret = Buffer.from(text, 'utf8');
  if (secret.length < minimum) {
    throw new Error(`Invalid JWK: Key size too small; should be atleast ${minimum} characters`);
  }
  return secretKey(secret);
}

/** An HMAC secret checks as many algorithms as its length allows. */
export function secretKey(secret: Buffer): VerificationKey {
  const algorithms = Object.entries(minimumSecretBytes)
    .filter(([, minimum]) => secret.length >= minimum)
    .map(([algorithm]) => algorithm);
  return { key: createSecretKey(secret), algorithms: new Set(algorithms) };
}

/** @throws Error when keys of this kind check nothing here */
export function publicKey(key: KeyObject): VerificationKey {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return { key, algorithms: new Set(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']) };
    case 'ec': {
      const algorithm = curveAlgorithms[key.asymmetricKeyDetails?.namedCurve ?? ''];
      if (algorithm === undefined) throw new Error('Invalid JWK: the curve of the key is not supported');
      return { key, algorithms: new Set([algorithm]) };
    }
    case 'ed25519':
      return { key, algorithms: new Set(['EdDSA']) };
    default:
      throw new Error(`Invalid JWK: Key type: ${key.asymmetricKeyType ?? 'unknown'} is not supported`);
  }
}

/** The first block of a PEM: a public key, or the key of a certificate. */
function readPem(text: string): KeyObject {
  const block = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/.exec(text.replaceAll('\\n', '\n'));
  const label = block?.[1] ?? '';
  try {
    if (block === null) throw new Error('no PEM block');
    if (label === 'CERTIFICATE') return new X509Certificate(block[0]).publicKey;
    if (label === 'PUBLIC KEY' || label === 'RSA PUBLIC KEY') return createPublicKey(block[0]);
    throw new Error(`a ${label} is not a public key`);
  } catch (error) {
    throw new Error(
      `Invalid JWK: Could not decode PEM: ${error instanceof Error ? error.message : 'unknown'}`,
    );
  }
}

/** Whether the signature is valid. The caller has made sure that the key may check this algorithm. */
export function hasValidSignature(
  algorithm: string,
  key: KeyObject,
  signed: Buffer,
  signature: Buffer,
): boolean {
  const digest = `sha${algorithm.slice(2)}`;
  switch (algorithm.slice(0, 2)) {
    case 'HS': {
      const expected = createHmac(digest, key).update(signed).digest();
      return expected.length === signature.length && timingSafeEqual(expected, signature);
    }
    case 'RS':
      return verify(digest, signed, key, signature);
    case 'PS':
      return verify(
        digest,
        signed,
        { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
        signature,
      );
    case 'ES':
      return verify(digest, signed, { key, dsaEncoding: 'ieee-p1363' }, signature);
    case 'Ed':
      return verify(null, signed, key, signature);
    default:
      return false;
  }
}
