import type { GraphqlRequest } from '../../runtime/index.ts';
import { stringifyJson } from '../../support/index.ts';
import type { Logger, TracePlace } from './logger.ts';

/** One query-log line before an operation runs. `generated_sql` is null: the statements are the runtime's matter. Source: spec/server.md 5.4. */
export function logQuery(
  logger: Logger,
  requestId: string,
  request: GraphqlRequest,
  place: TracePlace | null = null,
): void {
  if (!logger.isEnabled('query-log', 'info')) return;
  logger.writeDetail(
    'query-log',
    'info',
    `{"request_id":${JSON.stringify(requestId)},"kind":"database","query":${requestJson(request)},"generated_sql":null}`,
    place,
  );
}

/** The request as JSON text, without members that were not given. */
export function requestJson({ query, operationName, variables }: GraphqlRequest): string {
  let json = `{"query":${JSON.stringify(query)}`;
  if (operationName !== null) json += `,"operationName":${JSON.stringify(operationName)}`;
  if (variables !== null) json += `,"variables":${stringifyJson(variables)}`;
  return `${json}}`;
}
