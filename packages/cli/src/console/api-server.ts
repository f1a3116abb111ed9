import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mappingOf, type Value, writeJson } from '../document/index.ts';
import type { Session } from '../session/index.ts';
import { ApiError, apiErrorOf } from './api-error.ts';
import { apiRoutes, parseBody } from './api-routes.ts';
import { type Guard, refusalOf } from './guard.ts';

/** The SQL of one change. */
const maximumBytes = 64 * 1024 * 1024;
/** Requests that wait for the one at work. */
const mostWaiting = 100;

/** The API that a console asks to turn changes into files. Requests are answered one after the other: each reads and writes the project. */
export function createApiServer(session: Session, guard: Guard): Server {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return createServer((request, response) => {
    // an answer that nobody can read any more needs no handling
    response.on('error', () => {});
    const refusal = refusalOf(request, guard);
    if (refusal !== null) {
      reply(response, 403, errorBody('internal_error', refusal));
      return;
    }
    allowOrigin(request, response);
    if (request.method === 'OPTIONS') {
      response.writeHead(204).end();
      return;
    }
    if (waiting >= mostWaiting) {
      reply(response, 503, errorBody('internal_error', 'too many changes are waiting; try again'));
      return;
    }
    waiting++;
    last = last.then(() => answer(session, request, response)).finally(() => waiting--);
  });
}

async function answer(session: Session, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const route = apiRoutes[`${request.method} ${url.pathname.replace(/\/$/, '')}`];
    if (route === undefined) {
      reply(response, 404, mappingOf([['message', `there is no ${request.method} ${url.pathname}`]]));
      return;
    }
    const body = parseBody(await textOf(request));
    reply(response, 200, await route({ session, parameters: url.searchParams, body }));
  } catch (error) {
    const { status, code, message } = apiErrorOf(error);
    session.terminal.log.error(`${request.method} ${request.url}: ${message}`);
    reply(response, status, errorBody(code, message));
  }
}

function textOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    request.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= maximumBytes) pieces.push(piece);
    });
    request.on('end', () => {
      if (bytes <= maximumBytes) resolve(Buffer.concat(pieces).toString('utf8'));
      else
        reject(new ApiError(500, 'request_parse_error', `the request is larger than ${maximumBytes} bytes`));
    });
    request.on('error', reject);
    request.on('close', () =>
      reject(new ApiError(500, 'request_parse_error', 'the request was not sent to its end')),
    );
  });
}

function allowOrigin({ headers }: IncomingMessage, response: ServerResponse): void {
  if (headers.origin === undefined) return;
  response.setHeader('access-control-allow-origin', headers.origin);
  response.setHeader('access-control-allow-methods', 'GET, POST, PUT, OPTIONS');
  response.setHeader(
    'access-control-allow-headers',
    headers['access-control-request-headers'] ?? 'content-type',
  );
  response.setHeader('access-control-max-age', '600');
  response.setHeader('vary', 'origin');
}

function errorBody(code: string, message: string): Value {
  return mappingOf([
    ['code', code],
    ['message', message],
  ]);
}

function reply(response: ServerResponse, status: number, body: Value): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(writeJson(body));
}
