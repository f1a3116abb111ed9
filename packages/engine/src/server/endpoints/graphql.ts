import type { Session } from '../../authentication/index.ts';
import type { Bytes } from '../../database/index.ts';
import type { GraphqlRequest, RequestOptions } from '../../runtime/index.ts';
import { Path, RequestError } from '../../support/index.ts';
import { type AnswerStream, streamed } from '../answer-stream.ts';
import { clientAddress } from '../client-address.ts';
import type { ServerContext } from '../context.ts';
import { errorBody, unexpectedError } from '../error-body.ts';
import { type ApiRequest, type ApiResponse, jsonResponse, sizeOf } from '../exchange.ts';
import { type GraphqlBody, persistedQueryError, readGraphqlBody } from '../graphql-request.ts';
import { logFault } from '../log/fault.ts';
import type { OperationLog } from '../log/http-log.ts';
import { runOperation } from '../run-operation.ts';
import { showsInternal } from '../visibility.ts';

/** `POST /v1/graphql` and `/v1alpha1/graphql`. Source: spec/graphql-api.md 13. */
export function answerGraphql(
  request: ApiRequest,
  session: Session,
  context: ServerContext,
  log: OperationLog,
): Promise<ApiResponse> {
  return answerBody(log.graphql ?? readGraphqlBody(request.body), request, session, context, log);
}

/** `POST /v1beta1/relay`. Source: spec/graphql-api.md 16. */
export function answerRelay(
  request: ApiRequest,
  session: Session,
  context: ServerContext,
  log: OperationLog,
): Promise<ApiResponse> {
  const { isBatch, requests } = log.graphql ?? readGraphqlBody(request.body);
  const asked = requests.map((member): GraphqlRequest => ({ ...member, api: 'relay' }));
  return answerBody({ isBatch, requests: asked }, request, session, context, log);
}

function answerBody(
  { isBatch, requests }: GraphqlBody,
  request: ApiRequest,
  session: Session,
  context: ServerContext,
  log: OperationLog,
): Promise<ApiResponse> {
  if (isBatch) log.mode = 'batched';
  const admitted = context.runtime.admit(session, {
    clientAddress: clientAddress(request.headers, request.remoteAddress, context.configuration),
    operations: requests.length,
    isBatch,
  });
  const answer = (): Promise<ApiResponse> => {
    if (isBatch) return answerBatch(requests, request, session, context, log);
    // a body that is no batch is one request
    const headers: string[] = [];
    const onCacheHeader = (name: string, value: string) => headers.push(name, value);
    const single = requests[0] as GraphqlRequest;
    const run = (onPiece?: RequestOptions['onPiece']) =>
      execute(single, request, session, context, headers, { onCacheHeader, onPiece });
    // the word is looked for first, because most requests do not have it anywhere
    const answered = single.query.includes('__schema') ? streamed(run) : run();
    return answered.then((body: Bytes | AnswerStream) =>
      headers.length === 0 ? jsonResponse(body) : { ...jsonResponse(body), headers },
    );
  };
  return admitted instanceof Promise ? admitted.then(answer) : answer();
}

async function answerBatch(
  requests: readonly GraphqlRequest[],
  request: ApiRequest,
  session: Session,
  context: ServerContext,
  log: OperationLog,
): Promise<ApiResponse> {
  const answers: Uint8Array[] = [openBracket];
  const headers: string[] = [];
  let size = 0;
  for (const [index, member] of requests.entries()) {
    if (index > 0) answers.push(comma);
    // the members of a batch see each other's effects: one after another
    const begin = () => {
      if (size > maximumBatchBytes) throw tooMuchForBatch;
      return execute(member, request, session, context, headers);
    };
    const bytes = await answerMember(member, begin, request, session, context, log);
    size += sizeOf(bytes);
    for (const piece of bytes) answers.push(piece);
  }
  answers.push(closeBracket);
  return { ...jsonResponse(answers), headers };
}

/** When the answers are larger, what is left of the batch is not begun. */
const maximumBatchBytes = 128 * 2 ** 20;
const tooMuchForBatch = new RequestError(
  'busy',
  Path.root,
  `the answers before this one have more than ${maximumBatchBytes / 2 ** 20} MiB`,
);

const openBracket = Buffer.from('[');
const comma = Buffer.from(',');
const closeBracket = Buffer.from(']');

async function answerMember(
  member: GraphqlRequest,
  begin: () => Promise<Bytes>,
  request: ApiRequest,
  session: Session,
  context: ServerContext,
  log: OperationLog,
): Promise<Bytes> {
  const startedAt = performance.now();
  try {
    const bytes = await begin();
    const milliseconds = performance.now() - startedAt;
    log.members.push({ request: member, outcome: { responseBytes: sizeOf(bytes), milliseconds } });
    return bytes;
  } catch (error) {
    if (!(error instanceof RequestError)) logFault(context.logger, request.id, error, request.span);
    const told = error instanceof RequestError ? error : unexpectedError;
    log.members.push({ request: member, outcome: { error: told } });
    return [Buffer.from(errorBody(told, 'graphql', showsInternal(session, context.configuration)))];
  }
}

function execute(
  member: GraphqlRequest,
  request: ApiRequest,
  session: Session,
  context: ServerContext,
  headers: string[],
  { onCacheHeader = ignore, onPiece }: Pick<RequestOptions, 'onCacheHeader' | 'onPiece'> = {},
): Promise<Bytes> {
  // the word is looked for first, because most requests do not have it anywhere
  if (member.query.includes('subscription') && context.runtime.operationKind(member) === 'subscription') {
    throw new RequestError(
      'unexpected-payload',
      Path.root,
      'subscriptions are not supported over HTTP, use websockets instead',
    );
  }
  return runOperation(member, session, context, {
    requestId: request.id,
    span: request.span ?? null,
    clientHeaders: request.headers,
    clientSignal: request.clientSignal,
    onResponseHeader: (name, value) => headers.push(name, value),
    onCacheHeader,
    onPiece,
  });
}

/** A batch is no cached answer, even if some of its members are. */
function ignore(): void {}

/** `GET /v1/graphql`: persisted queries, which only the paid edition of Hasura has. */
export function refusePersistedQuery(): never {
  throw persistedQueryError();
}
