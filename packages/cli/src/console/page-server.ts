import { readFile, realpath } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import type { Forwarder } from '../engine-client/index.ts';
import { type Guard, refusalOf } from './guard.ts';

export type PageOptions = {
  /** Where the built console lies; null: the engine's own is passed on. */
  readonly assets: string | null;
  /** What the page finds in `window.__env`. */
  readonly page: Readonly<Record<string, unknown>>;
  readonly forwarder: Forwarder;
  readonly guard: Guard;
};

/** `/console` and below are files of the console; everything else is the engine's, so that the page and the API have one origin. */
export function createPageServer({ assets, page, forwarder, guard }: PageOptions): Server {
  const server = createServer((request, response) => {
    response.on('error', () => {});
    const refusal = refusalOf(request, guard);
    if (refusal !== null) {
      send(response, 403, 'text/plain; charset=utf-8', `${refusal}\n`);
      return;
    }
    const path = pathOf(request.url ?? '/');
    if (path === null) send(response, 400, 'text/plain; charset=utf-8', 'the address is malformed\n');
    else if (path === '/') response.writeHead(302, { location: '/console' }).end();
    else if (assets === null || !/^\/console(\/|$)/.test(path)) forwarder.request(request, response);
    else void sendFile(response, assets, path.slice('/console'.length), page);
  });
  server.on('upgrade', (request, socket, head) => {
    if (refusalOf(request, guard) === null) forwarder.upgrade(request, socket, head);
    else socket.destroy();
  });
  return server;
}

/** Null: it is none that an address can have. */
function pathOf(target: string): string | null {
  return URL.canParse(target, 'http://localhost') ? new URL(target, 'http://localhost').pathname : null;
}

/** A path without an extension is one of the page's own. */
async function sendFile(
  response: ServerResponse,
  assets: string,
  path: string,
  page: PageOptions['page'],
): Promise<void> {
  const isFile = extname(path) !== '';
  const content = await readInside(assets, isFile ? path : 'index.html');
  if (content === null) send(response, 404, 'text/plain; charset=utf-8', `the console has no ${path}\n`);
  else if (isFile) send(response, 200, contentTypes[extname(path)] ?? 'application/octet-stream', content);
  else send(response, 200, 'text/html; charset=utf-8', withEnvironment(content.toString('utf8'), page));
}

/** Null: there is no such file in the folder, also not by a link. */
async function readInside(folder: string, path: string): Promise<Buffer | null> {
  try {
    const root = await realpath(folder);
    const file = await realpath(resolve(root, join('.', sep, decodeURIComponent(path))));
    return file.startsWith(root + sep) ? await readFile(file) : null;
  } catch {
    return null;
  }
}

/** Before all other scripts; `<` in a text must not end the script. */
function withEnvironment(html: string, page: PageOptions['page']): string {
  const script = `<script>window.__env = ${JSON.stringify(page).replaceAll('<', '\\u003c')}</script>`;
  return html.replace(/<head[^>]*>/i, (head) => head + script);
}

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

function send(response: ServerResponse, status: number, contentType: string, body: string | Buffer): void {
  response.writeHead(status, {
    'content-type': contentType,
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'SAMEORIGIN',
  });
  response.end(body);
}
