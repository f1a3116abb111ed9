import { hash, timingSafeEqual } from 'node:crypto';
import { encodeHeaderValue } from './headers.ts';

/**
 * A set of secrets that are compared by digest, in a time that does not depend on how much of a guess is right.
 * Source: spec/authentication.md 7 and 16.
 */
export class SecretSet {
  readonly #digests: readonly Buffer[];

  constructor(secrets: readonly string[]) {
    this.#digests = secrets.map((secret) => digest(encodeHeaderValue(secret)));
  }

  /** `candidate` as a raw header value. */
  has(candidate: string): boolean {
    const candidateDigest = digest(candidate);
    let found = false;
    for (const known of this.#digests) if (timingSafeEqual(known, candidateDigest)) found = true;
    return found;
  }
}

function digest(rawValue: string): Buffer {
  return hash('sha512', Buffer.from(rawValue, 'latin1'), 'buffer');
}
