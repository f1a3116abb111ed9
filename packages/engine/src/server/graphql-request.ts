import { isUtf8 } from 'node:buffer';
import type { GraphqlRequest } from '../runtime/index.ts';
import {
  describeKind,
  isJsonObject,
  type Json,
  type JsonObject,
  Path,
  type ParseOptions,
  parseJson,
  RequestError,
} from '../support/index.ts';

/** Longer bodies go to the careful reader at once: the built-in one takes any depth, and fifty bytes of memory for each. */
const quickLength = 64 * 1024;

/** The operations of one HTTP body. */
export interface GraphqlBody {
  readonly isBatch: boolean;
  readonly requests: readonly GraphqlRequest[];
}

/**
 * Reads the body of a GraphQL POST: one request, or an array of them. Throws `invalid-json`, `parse-failed`, or `not-supported` for a persisted
 * query where such would be taken if there were any. Source: spec/graphql-api.md 13.1.
 */
export function readGraphqlBody(
  body: Buffer,
  { refusesPersisted = true }: { readonly refusesPersisted?: boolean } = {},
): GraphqlBody {
  const text = decodeBody(body);
  const quick = readQuickly(text);
  if (quick !== null) return { isBatch: false, requests: [quick] };
  const json = readJson(text);
  if (refusesPersisted && isPersisted(json)) throw persistedQueryError();
  return Array.isArray(json)
    ? { isBatch: true, requests: json.map((item, index) => readGraphqlRequest(item, Path.root.child(index))) }
    : { isBatch: false, requests: [readGraphqlRequest(json as Json, Path.root)] };
}

/** The JSON of a body, lossless. Throws `invalid-json`. */
export function readJsonBody(body: Buffer, options: ParseOptions = {}): Json {
  return readJson(decodeBody(body), options);
}

/** What Hasura calls a request in messages. */
const requestType = 'Hasura.GraphQL.Transport.HTTP.Protocol.GQLReq(GQLReq)';

function isPersisted(json: Json): boolean {
  if (!isJsonObject(json)) return false;
  const { extensions } = json;
  return isJsonObject(extensions) && extensions['persistedQuery'] !== undefined;
}

/** One request from JSON at `path`; members beyond those of a request are overlooked. */
export function readGraphqlRequest(json: Json, path: Path): GraphqlRequest {
  if (!isJsonObject(json)) throw wrongType(path, requestType, 'Object', json);
  const { query, operationName = null, variables = null } = json;
  if (query === undefined) throw new RequestError('parse-failed', path, "the key 'query' was not present");
  if (typeof query !== 'string') throw wrongType(path.child('query'), 'Text', 'String', query);
  if (operationName !== null && typeof operationName !== 'string') {
    throw wrongType(path.child('operationName'), 'Name', 'String', operationName);
  }
  if (operationName !== null && !isName(operationName)) {
    throw new RequestError(
      'parse-failed',
      path.child('operationName'),
      `${operationName} is not valid GraphQL name`,
    );
  }
  if (variables !== null && !isJsonObject(variables)) {
    throw wrongType(path.child('variables'), 'HashMap', 'Object', variables);
  }
  return { query, operationName, variables };
}

export function persistedQueryError(): RequestError {
  return new RequestError('not-supported', Path.root, 'PersistedQueryNotSupported');
}

function decodeBody(body: Buffer): string {
  if (!isUtf8(body)) throw new RequestError('invalid-json', Path.root, 'the body is not valid UTF-8');
  return body.toString('utf8');
}

function readJson(text: string, options: ParseOptions = {}): Json {
  try {
    return parseJson(text, options);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new RequestError('invalid-json', Path.root, error.message);
  }
}

/**
 * The usual request, read by the built-in parser: no variables, or only flat ones that it cannot damage (strings, booleans, nulls,
 * whole numbers written plainly). Null for everything else and for everything wrong; the careful reader then decides.
 */
function readQuickly(text: string): GraphqlRequest | null {
  if (text.length > quickLength) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return null;
  const {
    query,
    operationName = null,
    variables = null,
    extensions = null,
  } = parsed as Record<string, unknown>;
  if (typeof query !== 'string' || extensions !== null) return null;
  if (operationName !== null && (typeof operationName !== 'string' || !isName(operationName))) return null;
  if (variables === null) return { query, operationName, variables };
  const flat = flatVariables(variables, text);
  return flat === null ? null : { query, operationName, variables: flat };
}

function isName(text: string): boolean {
  return /^[_A-Za-z][_0-9A-Za-z]*$/.test(text);
}

function flatVariables(variables: unknown, text: string): JsonObject | null {
  if (typeof variables !== 'object' || variables === null || Array.isArray(variables)) return null;
  const flat: Record<string, Json> = Object.create(null);
  let hasNumber = false;
  for (const [name, value] of Object.entries(variables as Record<string, unknown>)) {
    if (typeof value === 'number') {
      if (!Number.isSafeInteger(value) || Object.is(value, -0)) return null;
      hasNumber = true;
    } else if (value !== null && typeof value !== 'string' && typeof value !== 'boolean') {
      return null;
    }
    flat[name] = value;
  }
  // 1.0 and 1e3 are whole numbers too, but not written so
  return hasNumber && /\d[.eE]/.test(text) ? null : flat;
}

/** That a value is of another JSON type, in the words of Hasura's decoder. */
export function wrongType(path: Path, what: string, expected: string, found: Json): RequestError {
  return new RequestError(
    'parse-failed',
    path,
    `parsing ${what} failed, expected ${expected}, but encountered ${describeKind(found)}`,
  );
}
