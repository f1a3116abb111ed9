import type { Session } from '../authentication/index.ts';
import type { Bytes } from '../database/index.ts';
import type { GraphqlRequest, RequestOptions } from '../runtime/index.ts';
import type { ServerContext } from './context.ts';
import { logQuery } from './log/query-log.ts';

/** Executes an operation; it is logged, and counted where somebody counts. Rejects with a RequestError. */
export function runOperation(
  request: GraphqlRequest,
  session: Session,
  context: ServerContext,
  options: RequestOptions & { readonly requestId: string },
): Promise<Bytes> {
  logQuery(context.logger, options.requestId, request);
  const answer = context.runtime.executeGraphql(request, session, options);
  return context.metrics === null ? answer : count(answer, request, context, context.metrics);
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
