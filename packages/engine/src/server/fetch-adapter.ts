import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { Path, RequestError } from '../support/index.ts';
import { answer, type FinalResponse, refusal } from './answer.ts';
import type { ServerContext } from './context.ts';
import type { Router } from './routes.ts';

/** The engine as a function of web standard requests, with the same handlers as the server. WebSockets need the server. */
export function fetchAdapter(
  router: Router,
  context: ServerContext,
): (request: Request) => Promise<Response> {
  const limit = context.configuration.maxBodyBytes;
  return async (request) => {
    const startedAt = performance.now();
    const url = new URL(request.url);
    const headers = [...request.headers].flat();
    const given = request.headers.get('x-request-id');
    const id = given || randomUUID();
    if (!given) headers.push('x-request-id', id);
    const body = await readBody(request, limit);
    if (body === null) {
      const error = new RequestError(
        'bad-request',
        Path.root,
        `the request body is larger than ${limit} bytes`,
        {
          status: 413,
        },
      );
      return toResponse(refusal(error, url.pathname, id));
    }
    const final = await answer(
      {
        method: request.method,
        path: url.pathname,
        search: url.search,
        headers,
        body,
        id,
        remoteAddress: null,
        clientSignal: request.signal,
        httpVersion: 'HTTP/1.1',
        startedAt,
        bodyReadAt: performance.now(),
      },
      router,
      context,
    );
    return toResponse(final);
  };
}

/** Null when it is larger than the limit. */
async function readBody(request: Request, limit: number): Promise<Buffer | null> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of request.body ?? []) {
    size += piece.length;
    if (size > limit) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces, size);
}

function toResponse({ status, headers, body, sizeBytes }: FinalResponse): Response {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    pairs.push([headers[i] as string, headers[i + 1] as string]); // i + 1 < length
  }
  let content: string | Buffer<ArrayBuffer> | ReadableStream<Uint8Array>;
  if (sizeBytes === null) content = Readable.toWeb(body) as ReadableStream<Uint8Array>;
  else content = typeof body === 'string' ? body : Buffer.concat(body, sizeBytes);
  // statuses without a body must have none
  return new Response(status === 204 || status === 304 ? null : content, { status, headers: pairs });
}
