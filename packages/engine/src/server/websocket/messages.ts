import { encodeHeaderValue, type RawHeaders } from '../../authentication/index.ts';
import type { GraphqlRequest } from '../../runtime/index.ts';
import {
  isJsonObject,
  type Json,
  Path,
  parseJson,
  RequestError,
  stringifyJson,
} from '../../support/index.ts';
import { readGraphqlRequest } from '../graphql-request.ts';

/** What clients send; both sub-protocols accept the union. Source: spec/graphql-api.md 14.3. */
export type ClientMessage =
  | { readonly kind: 'init'; readonly headers: RawHeaders }
  | { readonly kind: 'start'; readonly id: string; readonly request: GraphqlRequest }
  | { readonly kind: 'stop'; readonly id: string }
  | { readonly kind: 'terminate' }
  | { readonly kind: 'ping' /** JSON text. */; readonly payload: string | null }
  | { readonly kind: 'pong' }
  | { readonly kind: 'malformed'; readonly detail: string };

/** Never throws: what cannot be read is `malformed`. */
export function readClientMessage(text: string): ClientMessage {
  try {
    return read(parseJson(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RequestError) return malformed(error.message);
    throw error;
  }
}

function read(json: Json): ClientMessage {
  if (!isJsonObject(json)) return malformed('expected an object');
  const { type, id, payload } = json;
  switch (type) {
    case 'connection_init':
      return readInit(payload);
    case 'start':
    case 'subscribe':
      if (typeof id !== 'string') return malformed("the key 'id' is not a string");
      return { kind: 'start', id, request: readGraphqlRequest(payload ?? null, Path.root) };
    case 'stop':
    case 'complete':
      return typeof id === 'string' ? { kind: 'stop', id } : malformed("the key 'id' is not a string");
    case 'connection_terminate':
      return { kind: 'terminate' };
    case 'ping':
      return { kind: 'ping', payload: payload == null ? null : stringifyJson(payload) };
    case 'pong':
      return { kind: 'pong' };
    default:
      return malformed(
        `unexpected type for ClientMessage: ${type === undefined ? 'none' : stringifyJson(type)}`,
      );
  }
}

function readInit(payload: Json | undefined): ClientMessage {
  const headers: string[] = [];
  const given = isJsonObject(payload) ? (payload['headers'] ?? null) : null;
  if (payload != null && !isJsonObject(payload)) return malformed('the payload is not an object');
  if (given !== null && !isJsonObject(given)) return malformed('the headers are not an object');
  for (const [name, value] of Object.entries(given ?? {})) {
    if (typeof value !== 'string') return malformed(`the header ${JSON.stringify(name)} is not a string`);
    // what no HTTP header could hold is no header here, either
    if (/[\0\r\n]/.test(value))
      return malformed(`the header ${JSON.stringify(name)} has a forbidden character`);
    headers.push(name, encodeHeaderValue(value));
  }
  return { kind: 'init', headers };
}

function malformed(detail: string): ClientMessage {
  return { kind: 'malformed', detail };
}
