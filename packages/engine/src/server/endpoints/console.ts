import { readFile, realpath } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import { Path, RequestError } from '../../support/index.ts';
import type { ServerContext } from '../context.ts';
import { notFoundError } from '../error-body.ts';
import type { ApiRequest, ApiResponse } from '../exchange.ts';

/** `GET /` leads to the console where there is one. */
export function redirectToConsole(_request: ApiRequest, context: ServerContext): ApiResponse {
  if (!context.configuration.enableConsole) throw notFoundError;
  return { status: 302, contentType: null, body: '', headers: ['Location', 'console'], isError: false };
}

/** `GET /console` and below: the files of the built console; every path that names no file gets its page, which reads the path itself. */
export async function answerConsole(request: ApiRequest, context: ServerContext): Promise<ApiResponse> {
  const { enableConsole, consoleAssetsDir } = context.configuration;
  if (!enableConsole) throw notFoundError;
  if (consoleAssetsDir === null) return page(placeholderPage);
  const relative = decodePath(request.path.slice('/console'.length));
  if (extname(relative) !== '' || relative.startsWith('/assets/')) {
    const file = await readInside(consoleAssetsDir, relative);
    if (file !== null) return fileResponse(file, relative);
    throw new RequestError(
      'not-found',
      Path.root,
      `Couldn't find console asset ${relative.replace(/^\/(assets\/)?/, '')}`,
      { status: 404 },
    );
  }
  const index = await readInside(consoleAssetsDir, 'index.html');
  return page(index ?? placeholderPage);
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw notFoundError;
  }
}

/** The bytes of a file in the folder; null when there is none, or when it lies outside, also by a link. */
async function readInside(folder: string, relative: string): Promise<Buffer | null> {
  if (relative.includes('\0')) return null;
  try {
    const root = await realpath(folder);
    const file = await realpath(resolve(root, join('.', sep, relative)));
    if (!file.startsWith(root + sep)) return null;
    return await readFile(file);
  } catch {
    return null;
  }
}

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

function fileResponse(body: Buffer, name: string): ApiResponse {
  // names in assets/ hold a hash of the content
  const isImmutable = name.startsWith('/assets/');
  return {
    status: 200,
    contentType: contentTypes[extname(name).toLowerCase()] ?? 'application/octet-stream',
    body: [body],
    headers: [
      'Cache-Control',
      isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
      'X-Content-Type-Options',
      'nosniff',
    ],
    isError: false,
  };
}

function page(html: Buffer | string): ApiResponse {
  return {
    status: 200,
    contentType: 'text/html; charset=utf-8',
    body: typeof html === 'string' ? html : [html],
    headers: [
      'Cache-Control',
      'no-cache',
      'X-Content-Type-Options',
      'nosniff',
      'X-Frame-Options',
      'SAMEORIGIN',
    ],
    isError: false,
  };
}

const placeholderPage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Postern</title></head>
<body style="font-family: sans-serif; max-width: 40rem; margin: 3rem auto; line-height: 1.5">
<h1>Postern is running</h1>
<p>The API answers at <code>/v1/graphql</code>. The console has not been built: run <code>npm run build</code> in the repository,
or name a folder that holds it with <code>--console-assets-dir</code>, and start again.</p>
</body>
</html>
`;
