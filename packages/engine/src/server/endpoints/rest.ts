import { firstHeader, type Session } from '../../authentication/index.ts';
import type { Bytes } from '../../database/index.ts';
import type { RestRequest } from '../../runtime/index.ts';
import { InvariantError, isJsonObject, type JsonObject, Path, RequestError } from '../../support/index.ts';
import { clientAddress } from '../client-address.ts';
import type { ServerContext } from '../context.ts';
import { type ApiRequest, type ApiResponse, jsonResponse } from '../exchange.ts';
import { readJsonBody } from '../graphql-request.ts';
import { runOperation } from '../run-operation.ts';

export const restPrefix = '/api/rest/';

/** `/api/rest/*`: a stored query by its own address; the answer is the bare data. Source: spec/server.md 1.7. */
export async function answerRest(
  request: ApiRequest,
  session: Session,
  context: ServerContext,
): Promise<ApiResponse> {
  const { runtime, configuration } = context;
  refuseOddMethod(request.method);
  const operation = runtime.readRestRequest({
    method: request.method,
    path: request.path.slice(restPrefix.length),
    ...readInput(request),
  });
  await runtime.admit(session, {
    clientAddress: clientAddress(request.headers, request.remoteAddress, configuration),
    operations: 1,
    isBatch: false,
  });
  const headers: string[] = [];
  const answer = await runOperation(operation, session, context, {
    requestId: request.id,
    span: request.span ?? null,
    clientHeaders: request.headers,
    clientSignal: request.clientSignal,
    onResponseHeader: (name, value) => headers.push(name, value),
    onCacheHeader: (name, value) => {
      // Caches on the way, and browsers, would keep an answer to GET by its address, whoever asks next.
      if (name !== 'Cache-Control' || request.method === 'POST') headers.push(name, value);
    },
  });
  return { ...jsonResponse(dataOf(answer)), headers };
}

const possible: ReadonlySet<string> = new Set(['GET', 'POST', 'PUT', 'DELETE', 'PATCH']);
/** The methods of HTTP itself. */
const standard: ReadonlySet<string> = new Set(['HEAD', 'OPTIONS', 'TRACE', 'CONNECT']);

/** Methods that no endpoint can have are refused wherever they lead. */
function refuseOddMethod(method: string): void {
  if (possible.has(method)) return;
  throw new RequestError(
    'bad-request',
    Path.root,
    standard.has(method)
      ? `Method ${method} not supported.`
      : 'Nonstandard method not allowed for REST endpoints',
  );
}

/** `GET /api/swagger/json`. Source: spec/server.md 1.8. */
export function answerOpenapi(_request: ApiRequest, _session: Session, context: ServerContext): ApiResponse {
  return jsonResponse(context.runtime.describeRestEndpoints());
}

/** A form's fields are texts like those of the query string; a body that is no JSON object gives no variables. */
function readInput({ search, headers, body }: ApiRequest): Pick<RestRequest, 'search' | 'body'> {
  const variables = readVariables(body);
  const type = firstHeader(headers, 'content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  // curl calls every body a form unless it is told otherwise
  if (variables !== null || type !== 'application/x-www-form-urlencoded') return { search, body: variables };
  return { search: `${search}&${body.toString('utf8')}`, body: null };
}

function readVariables(body: Buffer): JsonObject | null {
  if (body.length === 0) return null;
  try {
    const json = readJsonBody(body);
    return isJsonObject(json) ? json : null;
  } catch (error) {
    if (error instanceof RequestError) return null;
    throw error;
  }
}

const before = Buffer.from('{"data":');
const closing = 0x7d;

/** The bytes between `{"data":` and the last brace. */
function dataOf(answer: Bytes): Bytes {
  const pieces = answer.filter((piece) => piece.length > 0);
  const head = pieces[0]?.subarray(0, before.length);
  const last = pieces.at(-1);
  if (head === undefined || !before.equals(head) || last?.at(-1) !== closing) {
    throw new InvariantError('an answer has data and nothing else');
  }
  return pieces.map((piece, index) =>
    piece.subarray(index === 0 ? before.length : 0, index === pieces.length - 1 ? -1 : piece.length),
  );
}
