import { randomUUID } from 'node:crypto';
import { pipeline } from 'node:stream';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Path, RequestError } from '../support/index.ts';
import { answer, type FinalResponse, refusal } from './answer.ts';
import type { BodyBudget } from './body-budget.ts';
import { closeSignal } from './close-signal.ts';
import type { ServerContext } from './context.ts';
import { logFault } from './log/fault.ts';
import type { Router } from './routes.ts';

/** Up to this size head and body are written at once, as one string. */
const singleWriteBytes = 8 * 1024;
/** Up to this size an answer's pieces are joined, so that head and body leave in one packet. */
const joinBytes = 64 * 1024;
/** Smaller bodies are not counted against the budget: connections bound them well enough. */
const freeBytes = 64 * 1024;
/** How long and how much of a refused body is thrown away so that the client can read the refusal. */
const drainMs = 5000;
const drainBytes = 256 * 1024 * 1024;

interface ListenerOptions {
  readonly router: Router;
  readonly context: ServerContext;
  readonly budget: BodyBudget;
  /** The server stops: connections are not kept. */
  readonly isDraining: () => boolean;
  /** Who takes nothing of an answer for so long is left. */
  readonly stalledMs: number;
}

/**
 * Serves node:http: gathers the body within bounds, answers, writes. Of the requests that a client sends on one connection without waiting, each has its turn
 * when the answer before it has left: a client that does not read has one answer waiting for it, however much it asks for.
 */
export function nodeListener(options: ListenerOptions): RequestListener {
  const serve = listenerWithoutTurns(options);
  const latest = new WeakMap<Socket, ServerResponse>();
  return (message, response) => {
    const before = latest.get(message.socket);
    latest.set(message.socket, response);
    if (before === undefined || before.closed) {
      serve(message, response);
      return;
    }
    before.once('close', () => {
      if (message.socket.destroyed) return;
      // that of the answer before it
      message.socket.setTimeout(0);
      serve(message, response);
    });
  };
}

function listenerWithoutTurns(options: ListenerOptions): RequestListener {
  return (message, response) => {
    const startedAt = performance.now();
    const id = requestId(message);
    const url = originForm(message.url ?? '/');
    const questionMark = url.indexOf('?');
    const path = questionMark < 0 ? url : url.slice(0, questionMark);
    readBody(message, options, (body, release) => {
      if (body instanceof RequestError) {
        write(response, refusal(body, path, id), options);
        return;
      }
      answer(
        {
          method: message.method ?? 'GET',
          path,
          search: questionMark < 0 ? '' : url.slice(questionMark),
          headers: withRequestId(message, id),
          body,
          id,
          remoteAddress: message.socket.remoteAddress ?? null,
          clientSignal: closeSignal(message.socket),
          httpVersion: message.httpVersion === '1.1' ? 'HTTP/1.1' : `HTTP/${message.httpVersion}`,
          startedAt,
          bodyReadAt: performance.now(),
        },
        options.router,
        options.context,
      ).then(
        (final) => {
          release();
          if (options.isDraining()) final.headers.push('Connection', 'close');
          write(response, final, options);
        },
        (error) => {
          release();
          logFault(options.context.logger, id, error);
          response.destroy();
        },
      );
    });
  };
}

/**
 * Calls `done` once: with the whole body and a function that returns what it takes from the budget, or with why it was not taken.
 * Not at all when the client goes away.
 */
function readBody(
  message: IncomingMessage,
  { context, budget }: ListenerOptions,
  done: (body: Buffer | RequestError, release: () => void) => void,
): void {
  const limit = context.configuration.maxBodyBytes;
  const chunks: Buffer[] = [];
  let received = 0;
  let reserved = 0;
  let isOver = false;
  const release = (): void => {
    isOver = true;
    budget.release(reserved);
    reserved = 0;
  };
  const refuse = (error: RequestError): void => {
    release();
    done(error, release);
    discard(message);
  };
  if (Number(message.headers['content-length'] ?? 0) > limit) {
    refuse(tooLarge(limit));
    return;
  }
  message.on('data', (chunk: Buffer) => {
    if (isOver) return;
    received += chunk.length;
    if (received > limit) {
      refuse(tooLarge(limit));
      return;
    }
    if (received > freeBytes) {
      if (reserved === 0) message.on('close', () => !message.complete && release());
      if (!budget.take(received - reserved)) {
        refuse(tooBusy());
        return;
      }
      reserved = received;
    }
    chunks.push(chunk);
  });
  message.on('end', () => {
    if (isOver) return;
    isOver = true;
    const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, received);
    // listeners of a connection may live on
    chunks.length = 0;
    done(body, release);
  });
}

/** The path and what follows it; clients may also name the whole address, as proxies are asked (RFC 9112 3.2.2). */
function originForm(target: string): string {
  if (target.startsWith('/')) return target;
  const rest = /^https?:\/\/[^/?#]*(.*)$/i.exec(target)?.[1];
  if (rest === undefined) return target;
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** The client's id, unless it is absurdly long, or a new one. */
function requestId(message: IncomingMessage): string {
  const given = message.headers['x-request-id'];
  return typeof given === 'string' && given !== '' && given.length <= 512 ? given : randomUUID();
}

/** Webhooks and services that get the client's headers get the id, also when it is ours. */
function withRequestId({ rawHeaders, headers }: IncomingMessage, id: string): readonly string[] {
  if (headers['x-request-id'] !== id) rawHeaders.push('x-request-id', id);
  return rawHeaders;
}

function write(
  response: ServerResponse,
  final: FinalResponse,
  { stalledMs }: Pick<ListenerOptions, 'stalledMs'>,
): void {
  // the client went away
  if (response.destroyed) {
    if (final.sizeBytes === null) final.body.destroy();
    return;
  }
  response.writeHead(final.status, final.headers);
  if (final.sizeBytes === null || final.sizeBytes > singleWriteBytes)
    response.setTimeout(stalledMs, () => response.destroy());
  if (final.sizeBytes === null) {
    // what is cut short ends the connection, so that the client knows; why is in the log
    pipeline(final.body, response, ignore);
    return;
  }
  // bytes, also of a text: node:http would write a text's head as UTF-8, which is not how header values came
  const body = typeof final.body === 'string' ? [Buffer.from(final.body)] : final.body;
  if (response.req.method === 'HEAD') {
    response.end();
  } else if (final.sizeBytes <= singleWriteBytes) {
    // As a string of bytes the body leaves in one write together with the head; a buffer would cost a second one.
    let text = '';
    for (const piece of body) text += asBuffer(piece).toString('latin1');
    response.end(text, 'latin1');
  } else if (body.length === 1) {
    response.end(body[0]);
  } else if (final.sizeBytes <= joinBytes) {
    response.end(Buffer.concat(body, final.sizeBytes));
  } else {
    response.on('error', ignore);
    for (const piece of body) response.write(piece);
    response.end();
  }
}

/** The same bytes; those of PostgreSQL are buffers already. */
function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A connection that breaks while an answer is written is no fault of ours. */
function ignore(): void {}

/** Lets the client finish sending, within bounds, so that it reads the answer instead of a broken connection. */
function discard(message: IncomingMessage): void {
  let discarded = 0;
  const end = (): void => {
    message.destroy();
  };
  const timer = setTimeout(end, drainMs).unref();
  message.on('data', (chunk: Buffer) => {
    discarded += chunk.length;
    if (discarded > drainBytes) end();
  });
  message.on('close', () => clearTimeout(timer));
  message.resume();
}

function tooLarge(limit: number): RequestError {
  return new RequestError('bad-request', Path.root, `the request body is larger than ${limit} bytes`, {
    status: 413,
  });
}

function tooBusy(): RequestError {
  return new RequestError('busy', Path.root, 'too many large requests at the same time, try again', {
    status: 503,
  });
}
