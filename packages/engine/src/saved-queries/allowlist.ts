import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { canonicalText } from '../graphql/index.ts';
import type { Metadata } from '../metadata/index.ts';
import { Path, RequestError } from '../support/index.ts';

export interface AllowlistOptions {
  /** False: only entries for all roles count, as in Hasura's community edition. */
  readonly honoursRoles: boolean;
}

/** Remembered texts of requests; each weighs its length and a little. */
const rememberedBytes = 16 * 1024 * 1024;

/**
 * The queries that other roles than the administrator may ask: those of the listed collections. Whole documents are compared, before an operation
 * is chosen. Source: spec/permissions.md 10.1.
 */
export class Allowlist {
  readonly #global: ReadonlySet<string>;
  readonly #byRole: ReadonlyMap<string, ReadonlySet<string>>;
  /** Text of a request → digest of its canonical text. */
  readonly #digests = new LRUCache<string, string>({
    maxSize: rememberedBytes,
    maxEntrySize: rememberedBytes / 16,
    sizeCalculation: (digest, text) => text.length + digest.length + 100,
  });

  constructor(metadata: Metadata, { honoursRoles }: AllowlistOptions) {
    const global = new Set<string>();
    const byRole = new Map<string, Set<string>>();
    for (const { collection, scope } of metadata.allowlist ?? []) {
      const digests = digestsOf(metadata, collection);
      if (scope.global) {
        for (const digest of digests) global.add(digest);
      } else if (honoursRoles) {
        for (const role of scope.roles ?? []) {
          byRole.set(role, new Set([...(byRole.get(role) ?? []), ...digests]));
        }
      }
    }
    this.#global = global;
    this.#byRole = byRole;
  }

  /** @throws RequestError when the document is not listed for the role, or is no document at all */
  require(query: string, role: string): void {
    let digest = this.#digests.get(query);
    if (digest === undefined) {
      digest = digestOf(query);
      this.#digests.set(query, digest);
    }
    if (this.#global.has(digest) || this.#byRole.get(role)?.has(digest) === true) return;
    throw new RequestError('validation-failed', Path.root, 'query is not allowed', {
      internal: { message: 'query is not in any of the allowlists' },
    });
  }
}

/** A stored query that is no document allows nothing. */
function digestsOf(metadata: Metadata, called: string): readonly string[] {
  const collection = metadata.query_collections?.find(({ name }) => name === called);
  return (collection?.definition.queries ?? []).flatMap(({ query }) => {
    try {
      return digestOf(query);
    } catch (error) {
      if (error instanceof RequestError) return [];
      throw error;
    }
  });
}

function digestOf(query: string): string {
  return createHash('sha256').update(canonicalText(query)).digest('base64');
}
