import type { Session } from '../authentication/index.ts';
import type { Bytes } from '../database/index.ts';
import type { GraphqlRequest, RequestOptions } from '../runtime/index.ts';
import { during, type Span } from '../support/index.ts';
import type { ServerContext } from './context.ts';
import { logQuery, QueryLog } from './log/query-log.ts';

/** Executes an operation; it is logged, and counted and traced where somebody wants that. Rejects with a RequestError. */
export function runOperation(
  request: GraphqlRequest,
  session: Session,
  context: ServerContext,
  options: RequestOptions & { readonly requestId: string },
): Promise<Bytes> {
  const { span = null } = options;
  const logged = context.logger.isEnabled('query-log', 'info')
    ? runLogged(request, session, context, options, span)
    : run(request, session, context, options, span);
  return context.metrics === null ? logged : count(logged, request, context, context.metrics);
}

function run(
  request: GraphqlRequest,
  session: Session,
  context: ServerContext,
  options: RequestOptions,
  span: Span | null,
): Promise<Bytes> {
  return span === null
    ? context.runtime.executeGraphql(request, session, options)
    : runTraced(request, session, context, options, span);
}

function runLogged(
  request: GraphqlRequest,
  session: Session,
  context: ServerContext,
  options: RequestOptions & { readonly requestId: string },
  span: Span | null,
): Promise<Bytes> {
  const log = new QueryLog((kind, sql) =>
    logQuery(context.logger, options.requestId, request, span, kind, sql),
  );
  const watched: RequestOptions = {
    ...options,
    onPart: (part) => log.onPart(part),
    onCacheHeader: (name, value) => {
      log.onCacheHeader(name);
      options.onCacheHeader?.(name, value);
    },
  };
  return run(request, session, context, watched, span).then((bytes) => {
    log.onEnd();
    return bytes;
  });
}

function runTraced(
  request: GraphqlRequest,
  session: Session,
  { runtime, identify }: ServerContext,
  options: RequestOptions,
  parent: Span,
): Promise<Bytes> {
  const operation = identify(request.query, request.operationName);
  const span = parent.child(operation === null ? 'GraphQL operation' : `GraphQL ${operation.kind}`);
  if (operation !== null) {
    span.set('graphql.operation.type', operation.kind);
    if (operation.name !== null) span.set('graphql.operation.name', operation.name);
    span.set('parameterized_query_hash', operation.parameterizedHash);
  }
  const clientHeaders = span.carriedBy(options.clientHeaders ?? []);
  return during(runtime.executeGraphql(request, session, { ...options, clientHeaders, span }), span);
}

function count(
  answer: Promise<Bytes>,
  { query, operationName }: GraphqlRequest,
  { identify }: ServerContext,
  metrics: NonNullable<ServerContext['metrics']>,
): Promise<Bytes> {
  const startedAt = performance.now();
  const operation = identify(query, operationName);
  const tell = (isSuccess: boolean): void =>
    metrics.operationEnded(operation, isSuccess, (performance.now() - startedAt) / 1000);
  return answer.then(
    (bytes) => {
      tell(true);
      return bytes;
    },
    (error) => {
      tell(false);
      throw error;
    },
  );
}
