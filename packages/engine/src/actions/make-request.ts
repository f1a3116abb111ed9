import { type JsonObject, RequestError } from '../support/index.ts';
import {
  readRequestTransform,
  type TransformedRequest,
  transformRequest,
} from '../webhook-transforms/index.ts';
import {
  defaultHeaders,
  forwardedHeaders,
  type HeaderList,
  mergeHeaders,
  resolveHeaders,
  resolveUrl,
  traceHeaders,
} from '../webhooks/index.ts';
import { ActionFailure } from './failure.ts';
import { remember, transformFailure } from './transforms.ts';
import type { HandlerCall, HandlerServices } from './types.ts';

/** The request to the handler before its transform. Throws an ActionFailure. Source: spec/actions.md 7. */
export function makeRequest(call: HandlerCall, services: HandlerServices): TransformedRequest {
  const { environment } = services;
  try {
    return {
      method: 'POST',
      url: resolveUrl(call.action.definition.handler, environment),
      headers: makeHeaders(call, services),
      body: { kind: 'json', value: payloadOf(call) },
    };
  } catch (error) {
    if (error instanceof RequestError) throw new ActionFailure(error.code, error.message, { cause: error });
    throw error;
  }
}

/** Source: spec/actions.md 7.2. */
function makeHeaders({ action, clientHeaders }: HandlerCall, services: HandlerServices): HeaderList {
  const { definition } = action;
  const configured = resolveHeaders(definition.headers, services.environment);
  const defaults = defaultHeaders(services.version);
  const forwarded =
    definition.forward_client_headers === true
      ? forwardedHeaders(clientHeaders, definition.ignored_client_headers)
      : [];
  const trace = traceHeaders(clientHeaders);
  return services.configuredHeadersFirst
    ? mergeHeaders(trace, configured, defaults, forwarded)
    : mergeHeaders(trace, forwarded, defaults, configured);
}

/** The body of the request. Source: spec/actions.md 7.1. */
export function payloadOf({ action, input, sessionVariables, query }: HandlerCall): JsonObject {
  return {
    action: { name: action.name },
    input,
    session_variables: Object.fromEntries(sessionVariables),
    request_query: query,
  };
}

/** The request that is sent: the same without a transform. Throws an ActionFailure. */
export function applyTransform(call: HandlerCall, request: TransformedRequest): TransformedRequest {
  const { request_transform: transform } = call.action.definition;
  if (transform === undefined) return request;
  try {
    return transformRequest(requestTransforms(transform), request, {
      body: payloadOf(call),
      baseUrl: request.url,
      sessionVariables: call.sessionVariables,
    });
  } catch (error) {
    throw transformFailure('Request', error);
  }
}

const requestTransforms = remember(readRequestTransform);
