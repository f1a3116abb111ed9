import { timingSafeEqual } from 'node:crypto';
import { encodeHeaderValue } from './headers.ts';

/** Shorter secrets are compared as if they were this long. */
const minimumBytes = 128;

/**
 * A set of secrets, compared in a time that does not depend on how much of a guess is right: every secret is padded to one length, and the
 * guess is compared with all of them to the last byte. (A digest of each guess would do the same and cost more than the rest of
 * authentication.) Source: spec/authentication.md 7 and 16.
 */
export class SecretSet {
  readonly #known: readonly { readonly padded: Buffer; readonly lengthBytes: number }[];
  /** Reused: it holds a guess only while it is compared. */
  readonly #guess: Buffer;

  constructor(secrets: readonly string[]) {
    const bytes = secrets.map((secret) => Buffer.from(encodeHeaderValue(secret), 'latin1'));
    const size = Math.max(minimumBytes, ...bytes.map((secret) => secret.length));
    this.#known = bytes.map((secret) => {
      const padded = Buffer.alloc(size);
      secret.copy(padded);
      return { padded, lengthBytes: secret.length };
    });
    this.#guess = Buffer.alloc(size);
  }

  /** `candidate` as a raw header value. */
  has(candidate: string): boolean {
    const guess = this.#guess;
    guess.write(candidate, 'latin1');
    let isKnown = false;
    for (const { padded, lengthBytes } of this.#known) {
      const isEqual = timingSafeEqual(padded, guess);
      if (isEqual && lengthBytes === candidate.length) isKnown = true;
    }
    guess.fill(0);
    return isKnown;
  }
}
