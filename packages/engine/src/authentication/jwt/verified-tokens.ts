import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { VerificationKey } from './algorithms.ts';
import { type Checks, type Claims, checkClaims, verifyToken } from './token.ts';

const mostTokens = 10_000;

/**
 * Verifies tokens, the signature of each only once for the same keys: a token costs a signature's computation when it is first seen, and the check of
 * its times afterwards. Keeps hashes of tokens, not tokens. Source: spec/authentication.md 16 (9).
 */
export class VerifiedTokens {
  readonly #known = new LRUCache<
    string,
    { readonly claims: Claims; readonly keys: readonly VerificationKey[] }
  >({
    max: mostTokens,
  });

  /**
   * @param keys the same array as long as they are the same keys
   * @throws RequestError as `verifyToken` does
   */
  verify(token: string, keys: readonly VerificationKey[], checks: Checks, nowMs: number): Claims {
    const hash = createHash('sha256').update(token).digest('base64');
    const known = this.#known.get(hash);
    if (known !== undefined && known.keys === keys) {
      checkClaims(known.claims, checks, nowMs);
      return known.claims;
    }
    const claims = verifyToken(token, keys, checks, nowMs);
    this.#known.set(hash, { claims, keys });
    return claims;
  }
}
