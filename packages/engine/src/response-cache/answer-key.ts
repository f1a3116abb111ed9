import { createHmac } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Session } from '../authentication/index.ts';
import { type Json, type JsonObject, stringifyJson } from '../support/index.ts';
import type { AnswerKey } from './types.ts';

/** All that an answer depends on. */
export interface AnswerOrigin {
  /** The model and the databases. */
  readonly scope: string;
  readonly session: Pick<Session, 'role' | 'usesBackendOnly'>;
  /** The operation in one form. */
  readonly text: string;
  readonly variables: JsonObject | null;
  /** The statements and every value that is bound in them, those of session variables among them. */
  readonly identity: string;
}

/** Remembered keys; each weighs what it was made of. */
const rememberedBytes = 8 * 1024 * 1024;

/**
 * Makes keys. They are hashed with a key, because clients see them: without it nobody can find out by guessing what went in.
 * @param secret the deployment's, the same in all of its engines
 */
export function createKeyMaker(secret: string): (origin: AnswerOrigin) => AnswerKey {
  const known = new LRUCache<string, AnswerKey>({
    maxSize: rememberedBytes,
    maxEntrySize: rememberedBytes / 16,
    sizeCalculation: (_key, source) => source.length + 300,
  });
  const hash = (kind: string, text: string): string =>
    createHmac('sha256', secret).update(`${kind} ${text}`).digest('hex');
  return (origin) => {
    const source = sourceOf(origin);
    let key = known.get(source);
    if (key === undefined) {
      key = { key: hash('answer', source), family: hash('family', origin.text) };
      known.set(source, key);
    }
    return key;
  };
}

/** Every part with its length before it, so that no two origins have the same source. */
function sourceOf({ scope, session, text, variables, identity }: AnswerOrigin): string {
  const values = variables === null ? '' : stringifyJson(sortMembers(variables));
  const { role, usesBackendOnly } = session;
  return `${usesBackendOnly ? 1 : 0}${scope.length} ${scope}${role.length} ${role}${text.length} ${text}${values.length} ${values}${identity}`;
}

/** Clients do not all send their variables in the same order. */
function sortMembers(variables: JsonObject): JsonObject {
  const sorted: Record<string, Json> = Object.create(null);
  for (const name of Object.keys(variables).sort()) sorted[name] = variables[name] ?? null;
  return sorted;
}
