import type { Session } from '../authentication/index.ts';
import { isJsonObject, type Json, type JsonObject, Path, RequestError } from '../support/index.ts';
import type { GraphqlRequest } from './types.ts';

/**
 * What `/v1/graphql/explain` is asked: an operation, and the session under which it is to be planned (`admin` unless `user` says otherwise).
 * Source: spec/graphql-api.md 15, spec/server.md 1.5.
 * @throws RequestError `parse-failed`
 */
export function readExplainRequest(body: Json): {
  readonly request: GraphqlRequest;
  readonly session: Session;
} {
  const given = expectObject(body, Path.root);
  const query = expectObject(require(given, 'query', Path.root), Path.root.child('query'));
  const path = Path.root.child('query');
  const text = require(query, 'query', path);
  if (typeof text !== 'string') throw fault(path.child('query'), text, 'String');
  const operationName = query['operationName'] ?? null;
  if (operationName !== null && typeof operationName !== 'string')
    throw fault(path.child('operationName'), operationName, 'String');
  const variables = query['variables'] ?? null;
  return {
    request: {
      query: text,
      operationName,
      variables: variables === null ? null : expectObject(variables, path.child('variables')),
      api: given['is_relay'] === true ? 'relay' : 'graphql',
    },
    session: readSession(given['user'] ?? null),
  };
}

function readSession(user: Json): Session {
  const variables = new Map<string, string>();
  if (user !== null) {
    const path = Path.root.child('user');
    for (const [name, value] of Object.entries(expectObject(user, path))) {
      if (typeof value !== 'string') throw fault(path.child(name), value, 'String');
      if (/^x-hasura-/i.test(name)) variables.set(name.toLowerCase(), value);
    }
  }
  variables.delete('x-hasura-admin-secret');
  const role = variables.get('x-hasura-role') || 'admin';
  variables.set('x-hasura-role', role);
  return { role, variables, isAdmin: role === 'admin', usesBackendOnly: false, expiresAt: null };
}

function require(object: JsonObject, key: string, path: Path): Json {
  const value = object[key];
  if (value === undefined) throw new RequestError('parse-failed', path, `the key '${key}' was not present`);
  return value;
}

function expectObject(value: Json, path: Path): JsonObject {
  if (isJsonObject(value)) return value;
  throw fault(path, value, 'Object');
}

function fault(path: Path, value: Json, expected: 'Object' | 'String'): RequestError {
  const kind =
    value === null
      ? 'Null'
      : Array.isArray(value)
        ? 'Array'
        : typeof value === 'string'
          ? 'String'
          : typeof value === 'boolean'
            ? 'Boolean'
            : isJsonObject(value)
              ? 'Object'
              : 'Number';
  return new RequestError('parse-failed', path, `expected ${expected}, but encountered ${kind}`);
}
