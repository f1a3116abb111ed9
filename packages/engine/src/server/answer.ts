import { Readable } from 'node:stream';
import type { Authenticated, Session } from '../authentication/index.ts';
import { firstHeader } from '../authentication/index.ts';
import type { Bytes } from '../database/index.ts';
import { during, Path, RequestError } from '../support/index.ts';
import { AnswerStream } from './answer-stream.ts';
import { compress, compressStream, gzipWish, shouldCompress } from './compression.ts';
import type { ServerContext } from './context.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import { refuseCrossSiteForm } from './cross-site.ts';
import { errorBody, notFoundError, unexpectedError } from './error-body.ts';
import { type ApiRequest, type ApiResponse, jsonType, sizeOf } from './exchange.ts';
import { type GraphqlBody, readGraphqlBody } from './graphql-request.ts';
import { logFault } from './log/fault.ts';
import { logHttp, type OperationLog } from './log/http-log.ts';
import { requestJson } from './log/query-log.ts';
import type { ErrorStyle, Route } from './route.ts';
import type { Router } from './routes.ts';
import { endTrace, traced } from './trace-request.ts';
import { showsInternal } from './visibility.ts';

/** A complete answer: every header is there except those that the transport adds (Date, Connection). */
export type FinalResponse = ReadyResponse | StreamedResponse;

interface ResponseHead {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: string[];
}

export interface ReadyResponse extends ResponseHead {
  readonly body: string | Bytes;
  readonly sizeBytes: number;
}

/** One that is still being made. */
interface StreamedResponse extends ResponseHead {
  readonly body: Readable;
  /** Not known yet. */
  readonly sizeBytes: null;
}

/**
 * Answers one request whose body has arrived: authentication, handler, errors, CORS, compression, log. Never rejects.
 * Source: spec/server.md 2, spec/authentication.md 4.
 */
export async function answer(
  request: ApiRequest,
  router: Router,
  context: ServerContext,
): Promise<FinalResponse> {
  const policy = context.configuration.disableCors ? null : context.configuration.corsPolicy;
  const origin = firstHeader(request.headers, 'origin');
  if (origin !== null && request.method === 'OPTIONS') {
    const asked = firstHeader(request.headers, 'access-control-request-headers') ?? '';
    const headers = preflightHeaders(policy, origin, asked);
    if (headers.length > 0) return { status: 204, headers: [...headers], body: '', sizeBytes: 0 };
  }
  const found = router(request.method, request.path);
  const route = found?.route ?? null;
  // the log shows the path as it was sent
  const hasOddPath = found !== null && found.path !== request.path;
  const asked = traced(hasOddPath ? { ...request, path: found.path } : request, route, context);
  const log: OperationLog = {
    mode: isGraphqlRoute(route) ? 'single' : 'non-graphql',
    graphql: null,
    command: null,
    members: [],
    fault: null,
  };
  const caller: Caller = { session: null, responseHeaders: [] };
  let error: RequestError | null = null;
  let response: ApiResponse;
  try {
    if (route === null) throw notFoundError;
    if (origin !== null && route.access !== 'public') refuseCrossSiteForm(request, policy);
    response = await handle(route, asked, context, log, caller);
  } catch (thrown) {
    if (!(thrown instanceof RequestError)) logFault(context.logger, request.id, thrown, asked.span);
    error = thrown instanceof RequestError ? thrown : unexpectedError;
    response = errorResponse(error, route?.errors ?? 'flat', caller.session, context);
  }
  const finished = finish(
    response,
    request,
    caller.responseHeaders,
    origin === null ? [] : corsHeaders(policy, origin),
  );
  const final = finished instanceof Promise ? await finished : finished;
  const tell = (responseBytes: number, uncompressedBytes: number, fault: RequestError | null): void => {
    context.metrics?.httpAnswered(request.body.length, responseBytes);
    if (route === null || route.access !== 'public' || route.isLogged) {
      logHttp(context.logger, context.configuration, request, log, {
        status: final.status,
        session: caller.session,
        error: fault,
        isGraphql: isGraphqlRoute(route),
        responseBytes,
        uncompressedBytes,
        isCompressed: final.body !== response.body,
        // what failed may be no operation, and is not worth looking at twice
        parameterizedHash: fault === null ? hashOf(log, context) : null,
        span: asked.span ?? null,
      });
    }
    if (asked.span !== undefined) endTrace(asked.span, caller.session, final.status, responseBytes, fault);
  };
  const { body } = response;
  if (final.sizeBytes !== null) {
    tell(final.sizeBytes, body instanceof AnswerStream ? body.sizeBytes : sizeOf(body), error ?? log.fault);
    return final;
  }
  const told = toldAtEnd(
    final.body,
    (responseBytes, thrown) => {
      const fault = thrown instanceof RequestError || thrown === null ? thrown : unexpectedError;
      if (fault !== thrown) logFault(context.logger, request.id, thrown, asked.span);
      tell(responseBytes, body instanceof AnswerStream ? body.sizeBytes : responseBytes, fault);
    },
    request.clientSignal,
  );
  return { ...final, body: told };
}

/** The same bytes; tells how many there were when they have ended, and why when they have not come to their end. */
function toldAtEnd(
  body: Readable,
  tell: (bytes: number, error: unknown) => void,
  clientSignal: AbortSignal,
): Readable {
  async function* counted(): AsyncGenerator<Uint8Array, void> {
    let bytes = 0;
    let failure: unknown = clientSignal.reason ?? unexpectedError;
    try {
      for await (const piece of body as AsyncIterable<Uint8Array>) {
        bytes += piece.length;
        yield piece;
      }
      failure = null;
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      tell(bytes, failure === null ? null : (clientSignal.reason ?? failure));
    }
  }
  return Readable.from(counted(), { objectMode: false, highWaterMark: 64 * 1024 });
}

/** Refuses a request without looking further at it, e.g. because its body is too large. */
export function refusal(error: RequestError, path: string, requestId: string): ReadyResponse {
  const body = errorBody(error, /\/(?:graphql|relay)$/.test(path) ? 'graphql' : 'flat', false);
  const sizeBytes = Buffer.byteLength(body);
  return {
    status: error.status,
    headers: ['Content-Type', jsonType, 'Content-Length', String(sizeBytes), 'X-Request-Id', requestId],
    body,
    sizeBytes,
  };
}

/** What authentication found out, also when the handler fails afterwards. */
interface Caller {
  session: Session | null;
  responseHeaders: readonly string[];
}

function isGraphqlRoute(route: Route | null): boolean {
  return route !== null && route.errors !== 'flat';
}

/** The only endpoint that takes persisted queries in Hasura's paid edition; others overlook that a request is one. */
const persistedPath = '/v1/graphql';

/** Not an async function, nor what it calls: most requests need a single promise, the one of the database. */
function handle(
  route: Route,
  request: ApiRequest,
  context: ServerContext,
  log: OperationLog,
  caller: Caller,
): ApiResponse | Promise<ApiResponse> {
  if (route.access === 'public') return route.handler(request, context, log);
  let bodyError: unknown = null;
  if (route.access === 'graphql') {
    // read first, so that a webhook can see it; but bad credentials are reported in preference to a bad body
    try {
      log.graphql = readGraphqlBody(request.body, { refusesPersisted: route.path === persistedPath });
    } catch (error) {
      bodyError = error;
    }
  }
  const proceed = ({ session, responseHeaders }: Authenticated): ApiResponse | Promise<ApiResponse> => {
    caller.session = session;
    caller.responseHeaders = responseHeaders;
    if (bodyError !== null) throw bodyError;
    if (route.access === 'admin' && !session.isAdmin) {
      throw new RequestError('access-denied', Path.root, 'You have to be an admin to access this endpoint');
    }
    return route.handler(request, session, context, log);
  };
  // ends only where something is waited for: a token that is known is no work to speak of
  const span = request.span?.child('Authenticate', 'client');
  const outcome = context.authenticator.authenticate(span?.carriedBy(request.headers) ?? request.headers, {
    graphqlBody: () => bodyJson(log.graphql),
  });
  if (!(outcome instanceof Promise)) return proceed(outcome);
  return (span === undefined ? outcome : during(outcome, span)).then(proceed);
}

function hashOf({ mode, graphql }: OperationLog, { identify, logger }: ServerContext): string | null {
  const request = mode === 'single' ? graphql?.requests[0] : undefined;
  if (request === undefined || !logger.isEnabled('http-log', 'info')) return null;
  return identify(request.query, request.operationName)?.parameterizedHash ?? null;
}

function bodyJson(body: GraphqlBody | null): string | null {
  if (body === null) return null;
  const members = body.requests.map(requestJson).join(',');
  return body.isBatch ? `[${members}]` : members;
}

function errorResponse(
  error: RequestError,
  style: ErrorStyle,
  session: Session | null,
  context: ServerContext,
): ApiResponse {
  const { configuration } = context;
  const keepsStatus =
    style !== 'graphql-200' || error.status === 429 || (error.status === 401 && configuration.preserves401);
  return {
    status: keepsStatus ? error.status : 200,
    contentType: jsonType,
    body: errorBody(error, style === 'flat' ? 'flat' : 'graphql', showsInternal(session, configuration)),
    headers: error.retryAfterSeconds === null ? [] : ['Retry-After', String(error.retryAfterSeconds)],
    isError: true,
  };
}

function finish(
  response: ApiResponse,
  request: ApiRequest,
  fromAuthentication: readonly string[],
  cors: readonly string[],
): FinalResponse | Promise<FinalResponse> {
  const { status, body, contentType } = response;
  const headers = ['X-Request-Id', request.id];
  if (contentType !== null) headers.push('Content-Type', contentType);
  if (response.headers.length > 0) headers.push(...response.headers);
  if (fromAuthentication.length > 0) headers.push(...fromAuthentication);
  if (cors.length > 0) headers.push(...cors);
  const encodings = response.isError ? null : firstHeader(request.headers, 'accept-encoding');
  if (body instanceof AnswerStream) {
    if (gzipWish(encodings) === 'no') return { status, headers, body, sizeBytes: null };
    headers.push('Content-Encoding', 'gzip');
    return { status, headers, body: compressStream(body), sizeBytes: null };
  }
  const sizeBytes = sizeOf(body);
  if (encodings === null || !shouldCompress(gzipWish(encodings), sizeBytes)) {
    headers.push('Content-Length', String(sizeBytes));
    return { status, headers, body, sizeBytes };
  }
  return compress(body, sizeBytes).then((compressed) => {
    headers.push('Content-Encoding', 'gzip', 'Content-Length', String(compressed.length));
    return { status, headers, body: [compressed], sizeBytes: compressed.length };
  });
}
