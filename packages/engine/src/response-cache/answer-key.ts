import { createHmac } from 'node:crypto';
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

/**
 * Hashes with a key, because clients see the result: without the key nobody can find out by guessing what went in.
 * @param secret the deployment's, the same in all of its engines
 */
export function answerKey(origin: AnswerOrigin, secret: string): AnswerKey {
  const { scope, session, text, variables, identity } = origin;
  const family = hash(secret, ['family', text]);
  const sorted = variables === null ? null : sortMembers(variables);
  return {
    key: hash(secret, [
      'answer',
      scope,
      session.role,
      session.usesBackendOnly,
      family,
      sorted === null ? '' : stringifyJson(sorted),
      identity,
    ]),
    family,
  };
}

/** As JSON, which keeps the parts apart whatever they contain. */
function hash(secret: string, parts: readonly (string | boolean)[]): string {
  return createHmac('sha256', secret).update(JSON.stringify(parts)).digest('hex');
}

/** Clients do not all send their variables in the same order. */
function sortMembers(variables: JsonObject): JsonObject {
  const sorted: Record<string, Json> = Object.create(null);
  for (const name of Object.keys(variables).sort()) sorted[name] = variables[name] ?? null;
  return sorted;
}
