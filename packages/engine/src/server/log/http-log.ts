import type { Session } from '../../authentication/index.ts';
import { firstHeader } from '../../authentication/index.ts';
import { isJsonObject, type Json, type RequestError, type Span, stringifyJson } from '../../support/index.ts';
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
  const { error } = outcome;
  const info = `{"status":${outcome.status},"method":"${request.method}","ip":${JSON.stringify(clientAddress(request))},"url":${JSON.stringify(request.path + request.search)},"http_version":"${request.httpVersion}","content_encoding":${outcome.isCompressed ? '"gzip"' : 'null'}}`;
  let operation = `{"request_id":${id},"request_mode":"${error === null ? log.mode : 'error'}","user_vars":${sessionJson(outcome.session)},"response_size":${outcome.responseBytes},"uncompressed_response_size":${outcome.uncompressedBytes},"request_read_time":${seconds(request.bodyReadAt - request.startedAt)},"query_execution_time":${seconds(performance.now() - request.bodyReadAt)},"query":${queryJson(logger, configuration, log, outcome)}`;
  if (outcome.parameterizedHash !== null)
    operation += `,"parameterized_query_hash":"${outcome.parameterizedHash}"`;
  if (error !== null) {
    operation += `,"error":${flatError(error, true)}`;
    if (outcome.isGraphql) operation += `,"raw_query":${JSON.stringify(rawQuery(request.body))}`;
  }
  logger.writeDetail(
    'http-log',
    level,
    `{"request_id":${id},"http_info":${info},"operation":${operation}}}`,
    outcome.span,
  );
}

function queryJson(
  logger: Logger,
  configuration: ServeConfiguration,
  log: OperationLog,
  { isGraphql, error }: HttpOutcome,
): string {
  const command = log.command;
  const isFull = logger.isEnabled('query-log', 'info');
  if (!isGraphql) {
    if (isFull && configuration.logsMetadataQueries) return stringifyJson(command);
    const type = isJsonObject(command) ? command['type'] : null;
    return `{"type":${typeof type === 'string' ? JSON.stringify(type) : 'null'}}`;
  }
  if (error !== null) return 'null';
  if (!isFull || log.graphql === null) return '{"type":null}';
  const requests = log.graphql.requests.map((request) =>
    configuration.logsQueryOnlyOnError
      ? JSON.stringify({ operationName: request.operationName })
      : requestJson(request),
  );
  return log.graphql.isBatch ? `[${requests.join(',')}]` : (requests[0] as string); // no batch: one request
}

/** Whole microseconds: more digits are noise, and cost time to print. */
function seconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1_000_000;
}

function rawQuery(body: Buffer): string {
  if (body.length <= maximumRawQuery) return body.toString('utf8');
  return `${body.toString('utf8', 0, maximumRawQuery)}… (${body.length} bytes)`;
}

function sessionJson(session: Session | null): string {
  if (session === null) return 'null';
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
