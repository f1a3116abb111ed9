import type { Session } from '../../authentication/index.ts';
import { firstHeader } from '../../authentication/index.ts';
import { isJsonObject, type Json, type RequestError, type Span, stringifyJson } from '../../support/index.ts';
import type { GraphqlRequest } from '../../runtime/index.ts';
import type { ServeConfiguration } from '../configuration/index.ts';
import { flatError } from '../error-body.ts';
import type { ApiRequest } from '../exchange.ts';
import type { GraphqlBody } from '../graphql-request.ts';
import type { Logger } from './logger.ts';
import { requestJson } from './query-log.ts';

/** What the handler of a request learns that its log line should say. */
export interface OperationLog {
  mode: 'single' | 'batched' | 'non-graphql';
  /** The GraphQL body, once it was read. */
  graphql: GraphqlBody | null;
  /** The body of a metadata command, once it was read. */
  command: Json;
  /** What became of the members of a batch, as they ended. */
  readonly members: BatchMember[];
  /** What is wrong although there is an answer. */
  fault: RequestError | null;
}

export interface BatchMember {
  readonly request: GraphqlRequest;
  readonly outcome:
    | { readonly responseBytes: number; readonly milliseconds: number }
    | { readonly error: RequestError };
}

export interface HttpOutcome {
  readonly status: number;
  readonly session: Session | null;
  readonly error: RequestError | null;
  /** Whether the body is a GraphQL request. */
  readonly isGraphql: boolean;
  readonly responseBytes: number;
  readonly uncompressedBytes: number;
  readonly isCompressed: boolean;
  /** Of the operation; null where there is none, or several. */
  readonly parameterizedHash: string | null;
  readonly span: Span | null;
}

/** Bytes of a failed request that the log keeps. */
const maximumRawQuery = 16 * 1024;

/** Writes one http-log line. Source: spec/server.md 5.3. */
export function logHttp(
  logger: Logger,
  configuration: ServeConfiguration,
  request: ApiRequest,
  log: OperationLog,
  outcome: HttpOutcome,
): void {
  const level = outcome.error === null ? 'info' : 'error';
  if (!logger.isEnabled('http-log', level)) return;
  const id = JSON.stringify(request.id);
  const { error, session } = outcome;
  const info = `{"status":${outcome.status},"method":"${request.method}","ip":${JSON.stringify(clientAddress(request))},"url":${JSON.stringify(request.path)},"http_version":"${request.httpVersion}","content_encoding":${outcome.isCompressed ? '"gzip"' : 'null'}}`;
  let operation = `{"request_id":${id},"request_mode":"${error === null ? log.mode : 'error'}","response_size":${outcome.responseBytes},"uncompressed_response_size":${outcome.uncompressedBytes},"request_read_time":${seconds(request.bodyReadAt - request.startedAt)},"query_execution_time":${seconds(performance.now() - request.bodyReadAt)}`;
  if (session !== null) operation += `,"user_vars":${sessionJson(session)}`;
  if (outcome.parameterizedHash !== null)
    operation += `,"parameterized_query_hash":"${outcome.parameterizedHash}"`;
  operation += queryMembers(request, log, outcome, detailOf(logger, configuration, outcome));
  if (error !== null) operation += `,"error":${flatError(error, true)}`;
  const members =
    log.members.length === 0 ? '' : `,"batched_operations":${batchJson(logger, configuration, log)}`;
  logger.writeDetail(
    'http-log',
    level,
    `{"request_id":${id},"http_info":${info},"operation":${operation}}${members}}`,
    outcome.span,
  );
}

/** How much of a request is told: all of it, the operation's name, or the type of a command. */
type Detail = 'all' | 'name' | 'type';

function detailOf(
  logger: Logger,
  { logsMetadataQueries, logsQueryOnlyOnError }: ServeConfiguration,
  { isGraphql, error }: Pick<HttpOutcome, 'isGraphql' | 'error'>,
): Detail {
  if (!logger.isEnabled('query-log', 'info')) return 'type';
  if (!isGraphql) return logsMetadataQueries ? 'all' : 'type';
  return logsQueryOnlyOnError && error === null ? 'name' : 'all';
}

/** `query`: what was understood of the body; `raw_query`: the body of a failed request of which nothing was. */
function queryMembers(
  { body }: ApiRequest,
  { graphql, command }: OperationLog,
  { isGraphql, session, error }: HttpOutcome,
  detail: Detail,
): string {
  if (detail === 'type') {
    const type = isJsonObject(command) ? command['type'] : null;
    return `,"query":{"type":${typeof type === 'string' ? JSON.stringify(type) : 'null'}}`;
  }
  // the body of somebody unknown is not looked at
  const isUnderstood = session !== null && (isGraphql ? graphql !== null : command !== null);
  if (!isUnderstood) return error === null ? '' : `,"raw_query":${JSON.stringify(rawQuery(body))}`;
  if (graphql === null) return `,"query":${stringifyJson(command)}`;
  const requests = graphql.requests.map((request) => operationJson(request, detail));
  return `,"query":${graphql.isBatch ? `[${requests.join(',')}]` : (requests[0] as string)}`; // no batch: one request
}

function operationJson(request: GraphqlRequest, detail: Detail): string {
  return detail === 'all' ? requestJson(request) : JSON.stringify({ operationName: request.operationName });
}

function batchJson(logger: Logger, configuration: ServeConfiguration, { members }: OperationLog): string {
  const entries = members.map(({ request, outcome }) => {
    const error = 'error' in outcome ? outcome.error : null;
    const detail = detailOf(logger, configuration, { isGraphql: true, error });
    const query = detail === 'type' ? '{"type":null}' : operationJson(request, detail);
    return 'error' in outcome
      ? `{"query":${query},"error":${flatError(outcome.error, true)}}`
      : `{"query":${query},"response_size":${outcome.responseBytes},"query_execution_time":${seconds(outcome.milliseconds)}}`;
  });
  return `[${entries.join(',')}]`;
}

/** Whole microseconds: more digits are noise, and cost time to print. */
function seconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1_000_000;
}

function rawQuery(body: Buffer): string {
  if (body.length <= maximumRawQuery) return body.toString('utf8');
  return `${body.toString('utf8', 0, maximumRawQuery)}… (${body.length} bytes)`;
}

function sessionJson(session: Session): string {
  let json = '';
  for (const [name, value] of session.variables) {
    json += `${json === '' ? '{' : ','}${JSON.stringify(name)}:${JSON.stringify(value)}`;
  }
  return `${json}}`;
}

function clientAddress(request: ApiRequest): string | null {
  const forwarded =
    firstHeader(request.headers, 'x-real-ip') ?? firstHeader(request.headers, 'x-forwarded-for');
  if (forwarded !== null) return forwarded.split(',', 1)[0]?.trim() ?? null;
  // IPv4 on a socket that takes both
  return request.remoteAddress?.replace(/^::ffff:/, '') ?? null;
}
