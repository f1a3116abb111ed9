import type { Action } from '../model/index.ts';
import { isJsonObject, type Json, type JsonObject, parseJson, RequestError } from '../support/index.ts';
import {
  bodyText,
  readRequestTransform,
  readResponseTransform,
  TransformError,
  type TransformedRequest,
  transformRequest,
  transformResponse,
} from '../webhook-transforms/index.ts';
import {
  defaultHeaders,
  type Environment,
  forwardedHeaders,
  type HeaderList,
  mergeHeaders,
  resolveHeaders,
  resolveUrl,
  traceHeaders,
  type WebhookAnswer,
  type WebhookClient,
  WebhookError,
} from '../webhooks/index.ts';
import { findAnswerFault } from './check-answer.ts';
import { ActionFailure } from './failure.ts';

/** One call of an action. */
export interface HandlerCall {
  readonly action: Action;
  readonly input: JsonObject;
  /** Lower-case names. */
  readonly sessionVariables: ReadonlyMap<string, string>;
  /** As they came, names and values in turn. */
  readonly clientHeaders: readonly string[];
  /** The document as the client sent it; null for asynchronous calls. */
  readonly query: string | null;
  readonly signal?: AbortSignal | undefined;
}

export interface HandlerServices {
  readonly client: WebhookClient;
  readonly environment: Environment;
  /** Of the contract, for `User-Agent`. */
  readonly version: string;
  /** Headers of the configuration win over those of the client and the defaults. */
  readonly configuredHeadersFirst: boolean;
  readonly log: (entry: HandlerLog) => void;
}

/** Source: spec/actions.md 12. */
export interface HandlerLog {
  readonly type: 'action-handler-log';
  readonly detail: Json;
}

export interface HandlerAnswer {
  /** Checked against the action's type. */
  readonly value: Json;
  /** `Set-Cookie` headers. */
  readonly cookies: readonly string[];
}

/**
 * Asks the handler and checks what it answers. Source: spec/actions.md 7, 8.
 * Rejects with an ActionFailure.
 */
export async function callHandler(call: HandlerCall, services: HandlerServices): Promise<HandlerAnswer> {
  const original = makeRequest(call, services);
  const request = applyTransform(call, original);
  const { definition } = call.action;
  const internal = { call, isTransformed: request !== original, request };
  const sent = bodyText(request.body);
  let answer: WebhookAnswer;
  try {
    answer = await services.client.send({
      ...request,
      body: sent,
      timeoutMs: (definition.timeout ?? 30) * 1000,
      signal: call.signal,
    });
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    throw new ActionFailure('unexpected', 'http exception when calling webhook', {
      internal: internalOf(describeTransport(error, request, call), null, internal),
      cause: error,
    });
  }
  services.log(describeCall(call, original, internal.isTransformed ? sent : null, answer));
  return readAnswer(call, answer, internal);
}

function makeRequest(call: HandlerCall, services: HandlerServices): TransformedRequest {
  const { action, clientHeaders } = call;
  const { definition } = action;
  try {
    return {
      method: 'POST',
      url: resolveUrl(definition.handler, services.environment),
      headers: [
        ...makeHeaders(
          services,
          resolveHeaders(definition.headers, services.environment),
          definition.forward_client_headers === true
            ? forwardedHeaders(clientHeaders, definition.ignored_client_headers)
            : [],
        ),
        ...(definition.forward_client_headers === true ? [] : traceHeaders(clientHeaders)),
      ],
      body: { kind: 'json', value: payloadOf(call) },
    };
  } catch (error) {
    if (error instanceof RequestError) throw new ActionFailure(error.code, error.message, { cause: error });
    throw error;
  }
}

/** Source: spec/actions.md 7.2. */
function makeHeaders(
  { configuredHeadersFirst, version }: HandlerServices,
  configured: HeaderList,
  forwarded: HeaderList,
): HeaderList {
  const defaults = defaultHeaders(version);
  return configuredHeadersFirst
    ? mergeHeaders(configured, defaults, forwarded)
    : mergeHeaders(forwarded, defaults, configured);
}

function payloadOf({ action, input, sessionVariables, query }: HandlerCall): JsonObject {
  return {
    action: { name: action.name },
    input,
    session_variables: Object.fromEntries(sessionVariables),
    request_query: query,
  };
}

function applyTransform(call: HandlerCall, request: TransformedRequest): TransformedRequest {
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

/** Read once for each document of the metadata. */
const requestTransforms = remember(readRequestTransform);
const responseTransforms = remember(readResponseTransform);

function remember<T>(read: (given: JsonObject) => T): (given: JsonObject) => T {
  const known = new WeakMap<JsonObject, T>();
  return (given) => {
    const before = known.get(given);
    if (before !== undefined) return before;
    const made = read(given);
    known.set(given, made);
    return made;
  };
}

function transformFailure(which: 'Request' | 'Response', error: unknown): unknown {
  if (!(error instanceof TransformError)) return error;
  return new ActionFailure('unexpected', `${which} Transformation Failed`, {
    internal: error.errors,
    cause: error,
  });
}

interface InternalContext {
  readonly call: HandlerCall;
  readonly request: TransformedRequest;
  readonly isTransformed: boolean;
}

function readAnswer(call: HandlerCall, answer: WebhookAnswer, context: InternalContext): HandlerAnswer {
  const text = transformedText(call, answer, context);
  const { status } = answer;
  let body: Json;
  try {
    body = parseJson(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ActionFailure('unexpected', 'not a valid json response from webhook', {
      internal: internalOf(`invalid JSON: ${reason}`, { answer, body: text }, context),
    });
  }
  if (status >= 200 && status < 300) {
    const fault = findAnswerFault(call.action, body);
    if (fault === null) return { value: body, cookies: cookiesOf(answer) };
    throw new ActionFailure('unexpected', fault, {
      internal: internalOf('unexpected response', { answer, body }, context),
    });
  }
  if (status >= 400 && status < 500) throw handlerFailure(body, answer, context);
  throw new ActionFailure('unexpected', 'internal error', {
    internal: internalOf(`expecting 2xx or 4xx status code, but found ${status}`, { answer, body }, context),
  });
}

function transformedText(
  call: HandlerCall,
  answer: WebhookAnswer,
  { request, isTransformed }: InternalContext,
): string {
  const { response_transform: transform } = call.action.definition;
  if (transform === undefined) return answer.body;
  const requestBody = request.body?.kind === 'json' ? request.body.value : null;
  try {
    return transformResponse(responseTransforms(transform), answer.body, {
      body: jsonOrNull(answer.body),
      status: answer.status,
      sessionVariables: call.sessionVariables,
      request: isTransformed ? { body: requestBody, url: request.url } : null,
    });
  } catch (error) {
    throw transformFailure('Response', error);
  }
}

function jsonOrNull(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

/** What the handler says of itself. Source: spec/actions.md 8.2. */
function handlerFailure(body: Json, answer: WebhookAnswer, context: InternalContext): ActionFailure {
  const { message, code, extensions } = isJsonObject(body) ? body : {};
  if (typeof message !== 'string') {
    const problem =
      message === undefined ? "the key 'message' was not present" : "the key 'message' is no string";
    return new ActionFailure('parse-failed', problem, {
      internal: internalOf('unexpected response', { answer, body }, context),
    });
  }
  return new ActionFailure(typeof code === 'string' ? code : 'unexpected', message, {
    status: answer.status,
    ...(extensions === undefined || extensions === null ? {} : { extensions }),
  });
}

function cookiesOf({ headers }: WebhookAnswer): readonly string[] {
  return headers.flatMap(([name, value]) => (name.toLowerCase() === 'set-cookie' ? [value] : []));
}

/** For those who may see internals. The URL is the template, and of configured headers only what does not hold secrets. */
function internalOf(
  error: Json,
  response: { readonly answer: WebhookAnswer; readonly body: Json } | null,
  { call, request, isTransformed }: InternalContext,
): Json {
  const { definition } = call.action;
  return {
    error,
    request: {
      url: definition.handler,
      headers: (definition.headers ?? []).map(({ name, value_from_env: variable }) =>
        variable === undefined ? { name } : { name, value_from_env: variable },
      ),
      body: payloadOf(call),
      transformed_request: isTransformed ? { method: request.method, body: bodyText(request.body) } : null,
    },
    response:
      response === null
        ? null
        : {
            status: response.answer.status,
            body: response.body,
            headers: response.answer.headers.map(([name, value]) => ({ name, value })),
          },
  };
}

/** Path and query of the address are left out: they may hold what is secret. */
function describeTransport(
  error: WebhookError,
  { url, method }: TransformedRequest,
  { action }: HandlerCall,
): Json {
  if (error.failure === 'invalid-url') return { type: 'invalid_url', message: error.message };
  const { hostname, port, protocol } = new URL(url);
  const isSecure = protocol === 'https:';
  return {
    type: 'http_exception',
    message: error.message,
    request: {
      host: hostname,
      port: port === '' ? (isSecure ? 443 : 80) : Number(port),
      secure: isSecure,
      method,
      responseTimeout: `ResponseTimeoutMicro ${(action.definition.timeout ?? 30) * 1_000_000}`,
    },
  };
}

/** @param transformed the body that was sent instead of the original one */
function describeCall(
  { action }: HandlerCall,
  original: TransformedRequest,
  transformed: string | null,
  answer: WebhookAnswer,
): HandlerLog {
  const { name, definition, kind } = action;
  return {
    type: 'action-handler-log',
    detail: {
      action_name: name,
      action_type: kind === 'query' ? 'query' : 'mutation',
      request: { method: original.method, url: definition.handler },
      request_size: Buffer.byteLength(bodyText(original.body) ?? ''),
      ...(transformed === null ? {} : { transformed_request_size: Buffer.byteLength(transformed) }),
      response_size: Buffer.byteLength(answer.body),
      response_status: answer.status,
    },
  };
}
