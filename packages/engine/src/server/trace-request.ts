import type { RawHeaders, Session } from '../authentication/index.ts';
import type { RequestError, Span } from '../support/index.ts';
import type { Tracer } from '../tracing/index.ts';
import type { ServerContext } from './context.ts';
import type { ApiRequest } from './exchange.ts';
import type { Route } from './route.ts';

/** The request as part of a trace, when traces are wanted and the route is no health check or file. */
export function traced(
  request: ApiRequest,
  route: Route | null,
  { tracing }: Pick<ServerContext, 'tracing'>,
): ApiRequest {
  const tracer = tracing.current;
  if (tracer === null || route === null || route.access === 'public') return request;
  const span = tracer.begin(route.path, request.headers);
  span.set('request_id', request.id);
  span.set('http.request.method', request.method);
  span.set('url.path', request.path);
  span.set('http.request.body.size', request.body.length);
  return { ...request, span, headers: span.carriedBy(request.headers) };
}

/** Source of the names: spec/server.md 8.2. */
export function endTrace(
  span: Span,
  session: Session | null,
  status: number,
  responseBytes: number,
  error: RequestError | null,
): void {
  span.set('http.response.status_code', status);
  span.set('http.response_content_length', responseBytes);
  if (session !== null) describeCaller(span, session);
  if (error !== null) span.fail(`${error.code}: ${error.message}`);
  span.end();
}

/** An operation on a WebSocket. */
export function beginOperation(
  tracer: Tracer,
  headers: RawHeaders,
  requestId: string,
  session: Session,
): Span {
  const span = tracer.begin('WebSocket operation', headers);
  span.set('request_id', requestId);
  describeCaller(span, session);
  return span;
}

function describeCaller(span: Span, session: Session): void {
  span.set('enduser.role', session.role);
  span.set('session_variables', JSON.stringify(Object.fromEntries(session.variables)));
}
