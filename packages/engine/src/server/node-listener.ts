import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Path, RequestError } from '../support/index.ts';
import { answer, type FinalResponse, refusal } from './answer.ts';
import type { BodyBudget } from './body-budget.ts';
import type { ServerContext } from './context.ts';
import type { ApiRequest } from './exchange.ts';
import { logFault } from './log/fault.ts';
import type { Router } from './routes.ts';

/** Up to this size an answer's pieces are joined, so that head and body leave in one packet. */
const joinBytes = 64 * 1024;
/** How long and how much of a refused body is thrown away so that the client can read the refusal. */
const drainMs = 5000;
const drainBytes = 256 * 1024 * 1024;

/** Serves node:http: gathers the body within bounds, answers, writes. `isDraining`: the server stops, connections are not kept. */
export function nodeListener(options: {
  readonly router: Router;
  readonly context: ServerContext;
  readonly budget: BodyBudget;
  readonly isDraining: () => boolean;
}): RequestListener {
  const { router, context, budget, isDraining } = options;
  const limit = context.configuration.maxBodyBytes;

  return (message, response) => {
    const startedAt = performance.now();
    const id = requestId(message);
    const url = message.url ?? '/';
    const questionMark = url.indexOf('?');
    const path = questionMark < 0 ? url : url.slice(0, questionMark);
    const refuse = (error: RequestError): void => {
      write(response, refusal(error, path, id));
      discard(message);
    };
    const declared = Number(message.headers['content-length'] ?? 0);
    if (declared > limit) return refuse(tooLarge(limit));

    const chunks: Buffer[] = [];
    let received = 0;
    let isOver = false;
    const release = (): void => {
      isOver = true;
      budget.release(received);
    };
    message.on('data', (chunk: Buffer) => {
      if (isOver) return;
      if (received + chunk.length > limit) {
        release();
        return refuse(tooLarge(limit));
      }
      if (!budget.take(chunk.length)) {
        release();
        return refuse(tooBusy());
      }
      received += chunk.length;
      chunks.push(chunk);
    });
    // a client that goes away has nothing to be told
    message.on('error', () => {});
    response.on('error', () => {});
    message.on('close', () => {
      if (!isOver && !message.complete) release();
    });
    message.on('end', () => {
      if (isOver) return;
      const request: ApiRequest = {
        method: message.method ?? 'GET',
        path,
        search: questionMark < 0 ? '' : url.slice(questionMark),
        headers: message.rawHeaders,
        body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, received),
        id,
        remoteAddress: message.socket.remoteAddress ?? null,
        httpVersion: message.httpVersion === '1.1' ? 'HTTP/1.1' : `HTTP/${message.httpVersion}`,
        startedAt,
        bodyReadAt: performance.now(),
      };
      answer(request, router, context).then(
        (final) => {
          release();
          if (isDraining()) final.headers.push('Connection', 'close');
          write(response, final);
        },
        (error) => {
          release();
          logFault(context.logger, id, error);
          response.destroy();
        },
      );
    });
  };
}

/** The client's id, unless it is absurdly long, or a new one. */
function requestId(message: IncomingMessage): string {
  const given = message.headers['x-request-id'];
  return typeof given === 'string' && given !== '' && given.length <= 512 ? given : randomUUID();
}

function write(response: ServerResponse, final: FinalResponse): void {
  if (response.destroyed) return;
  response.writeHead(final.status, final.headers);
  const { body } = final;
  if (typeof body === 'string' || response.req.method === 'HEAD') {
    response.end(typeof body === 'string' && response.req.method !== 'HEAD' ? body : undefined);
  } else if (body.length === 1) {
    response.end(body[0]);
  } else if (final.sizeBytes <= joinBytes) {
    response.end(Buffer.concat(body, final.sizeBytes));
  } else {
    for (const piece of body) response.write(piece);
    response.end();
  }
}

/** Lets the client finish sending, within bounds, so that it reads the answer instead of a broken connection. */
function discard(message: IncomingMessage): void {
  let discarded = 0;
  const end = () => message.destroy();
  const timer = setTimeout(end, drainMs).unref();
  message.on('data', (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > drainBytes) end();
  });
  message.on('close', () => clearTimeout(timer));
  message.resume();
}

function tooLarge(limit: number): RequestError {
  return new RequestError('bad-request', Path.root, `the request body is larger than ${limit} bytes`, { status: 413 });
}

function tooBusy(): RequestError {
  return new RequestError('busy', Path.root, 'too many large requests at the same time, try again', { status: 503 });
}
