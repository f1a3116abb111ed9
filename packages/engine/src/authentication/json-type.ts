import { describeKind, type Json } from '../support/index.ts';

/** What is said of a value that has the wrong type, in the words of Hasura's decoder of JSON. `found` was read from JSON. */
export function wrongType(what: string, expected: string, found: unknown): string {
  return `parsing ${what} failed, expected ${expected}, but encountered ${describeKind(found as Json)}`;
}
