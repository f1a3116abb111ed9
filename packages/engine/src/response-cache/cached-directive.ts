import { Kind, print, type ValueNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { type Operation, parseDocument, selectOperation } from '../graphql/index.ts';

/** What `@cached` asks for. Source: spec/server.md 7. */
export interface CacheWish {
  readonly ttlSeconds: number;
  /** Do not take what is stored; store anew. */
  readonly refresh: boolean;
  /** The operation in one form, without the directive: white space, commas and comments do not count. */
  readonly text: string;
}

const defaultTtlSeconds = 60;
/** Remembered operations; each weighs its text and its one form. */
const rememberedBytes = 8 * 1024 * 1024;

/** Reads the wishes of operations, each text once as long as it is remembered. Null: there is none, or the operation is not valid, which others tell. */
export function createWishReader(): (query: string, operationName: string | null) => CacheWish | null {
  const wishes = new LRUCache<string, { readonly wish: CacheWish | null }>({
    maxSize: rememberedBytes,
    maxEntrySize: rememberedBytes / 16,
    sizeCalculation: ({ wish }, key) => key.length + (wish?.text.length ?? 0) + 200,
  });
  return (query, operationName) => {
    // most operations end here
    if (!query.includes('cached')) return null;
    const key = `${operationName === null ? '-' : operationName.length}${operationName ?? ''} ${query}`;
    let known = wishes.get(key);
    if (known === undefined) {
      known = { wish: readWish(query, operationName) };
      wishes.set(key, known);
    }
    return known.wish;
  };
}

function readWish(query: string, operationName: string | null): CacheWish | null {
  let operation: Operation;
  try {
    operation = selectOperation(parseDocument(query), operationName);
  } catch {
    return null;
  }
  const directive = operation.directives.find(({ name }) => name.value === 'cached');
  if (directive === undefined || operation.kind !== 'query') return null;
  const given = new Map(
    directive.arguments?.map(({ name, value }): [string, ValueNode] => [name.value, value]),
  );
  const ttl = given.get('ttl');
  const refresh = given.get('refresh');
  return {
    // whatever else is given is refused when the operation is planned
    ttlSeconds: ttl?.kind === Kind.INT ? Number(ttl.value) : defaultTtlSeconds,
    refresh: refresh?.kind === Kind.BOOLEAN && refresh.value,
    text: oneForm(operation),
  };
}

function oneForm({ name, variableDefinitions, directives, selectionSet, fragments }: Operation): string {
  return JSON.stringify([
    name,
    [...variableDefinitions.values()].map((variable) => [
      variable.name,
      print(variable.type),
      variable.defaultValue === null ? null : print(variable.defaultValue),
    ]),
    directives.filter((directive) => directive.name.value !== 'cached').map(print),
    print(selectionSet),
    [...fragments.values()].map(print),
  ]);
}
