import { type Json, parseJson, stringifyJson } from '../support/index.ts';
import {
  defaultHeaders,
  type Environment,
  mergeHeaders,
  resolveHeaders,
  type WebhookClient,
} from '../webhooks/index.ts';
import { callRemoteSchema } from './call.ts';
import { checkTypeSystem } from './check-type-system.ts';
import type { RemoteEndpoint } from './endpoint.ts';
import { introspectionQuery } from './introspection-query.ts';
import { readIntrospection } from './read-introspection.ts';
import { remoteSchemaError } from './remote-schema-error.ts';
import type { RemoteTypeSystem } from './types.ts';

/** What a service says of itself. */
export interface FetchedTypeSystem {
  /** The whole answer, as it came. */
  readonly text: string;
  readonly typeSystem: RemoteTypeSystem;
}

/**
 * Asks a service for its types. Source: spec/remote-schemas.md 3.
 * @throws RequestError when it does not answer, or its types cannot be used
 */
export async function fetchTypeSystem(
  client: WebhookClient,
  endpoint: RemoteEndpoint,
  { environment, version }: { readonly environment: Environment; readonly version: string },
): Promise<FetchedTypeSystem> {
  const headers = mergeHeaders(defaultHeaders(version), resolveHeaders(endpoint.headers, environment), [
    ['x-hasura-role', 'admin'],
  ]);
  const body = stringifyJson({ query: introspectionQuery, operationName: 'IntrospectionQuery' });
  const { body: text } = await callRemoteSchema(client, endpoint, { headers, body });
  return { text, typeSystem: parseTypeSystem(text) };
}

/** The same from an answer that was stored. Throws a RequestError. */
export function parseTypeSystem(text: string): RemoteTypeSystem {
  const typeSystem = readIntrospection(parseAnswer(text));
  checkTypeSystem(typeSystem);
  return typeSystem;
}

function parseAnswer(text: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    throw remoteSchemaError(`the answer to the introspection query is not JSON: ${String(error)}`);
  }
}
