import type { Session } from '../authentication/index.ts';
import { parseDocument } from '../graphql/index.ts';
import {
  describeKind,
  isJsonObject,
  type Json,
  type JsonObject,
  Path,
  RequestError,
} from '../support/index.ts';
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
  const given = expectObject(body, 'Hasura.GraphQL.Explain.GQLExplain(GQLExplain)', Path.root);
  const path = Path.root.child('query');
  const query = expectObject(require(given, 'query', Path.root), requestType, path);
  const text = readDocumentText(require(query, 'query', path), path.child('query'));
  const operationName = readOperationName(query['operationName'] ?? null, path.child('operationName'));
  const variables = query['variables'] ?? null;
  const session = readSession(given['user'] ?? null);
  const isRelay = given['is_relay'] ?? null;
  if (isRelay !== null && typeof isRelay !== 'boolean') {
    throw wrongType('Bool', 'Boolean', isRelay, Path.root.child('is_relay'));
  }
  return {
    request: {
      query: text,
      operationName,
      variables: variables === null ? null : expectObject(variables, 'HashMap', path.child('variables')),
      api: isRelay === true ? 'relay' : 'graphql',
    },
    session,
  };
}

const requestType = 'Hasura.GraphQL.Transport.HTTP.Protocol.GQLReq(GQLReq)';

/** Unlike elsewhere, a document that cannot be read is a fault of the JSON. */
function readDocumentText(value: Json, path: Path): string {
  if (typeof value !== 'string') throw wrongType('ExecutableDocument', 'String', value, path);
  try {
    parseDocument(value);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    throw new RequestError('parse-failed', path, 'parsing the graphql query failed');
  }
  return value;
}

function readOperationName(value: Json, path: Path): string | null {
  if (value === null) return null;
  if (typeof value !== 'string') throw wrongType('Name', 'String', value, path);
  if (!/^[_A-Za-z][_0-9A-Za-z]*$/.test(value)) {
    throw new RequestError('parse-failed', path, `${value} is not valid GraphQL name`);
  }
  return value;
}

function readSession(user: Json): Session {
  const variables = new Map<string, string>();
  if (user !== null) {
    const path = Path.root.child('user');
    for (const [name, value] of Object.entries(expectObject(user, 'HashMap ~Text', path))) {
      if (typeof value !== 'string') throw wrongType('Text', 'String', value, path.child(name));
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

function expectObject(value: Json, what: string, path: Path): JsonObject {
  if (isJsonObject(value)) return value;
  throw wrongType(what, 'Object', value, path);
}

function wrongType(what: string, expected: string, found: Json, path: Path): RequestError {
  return new RequestError(
    'parse-failed',
    path,
    `parsing ${what} failed, expected ${expected}, but encountered ${describeKind(found)}`,
  );
}
