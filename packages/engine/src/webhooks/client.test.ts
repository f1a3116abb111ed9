import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWebhookClient, type WebhookRequest } from './index.ts';

const seen: { method: string; url: string; headers: string[]; body: string }[] = [];
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (piece) => {
    body += piece;
  });
  request.on('end', () => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.rawHeaders, body });
    answer(request, response);
  });
});

function answer({ url }: IncomingMessage, response: ServerResponse): void {
  switch (url) {
    case '/slow':
      return void setTimeout(() => response.end('late'), 2000).unref();
    case '/large':
      return void response.end('x'.repeat(2000));
    case '/bomb':
      return void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('y'.repeat(100_000)));
    case '/gzip':
      return void response.writeHead(201, { 'content-encoding': 'gzip' }).end(gzipSync('{"é":1}'));
    case '/moved':
      return void response.writeHead(307, { location: '/target' }).end();
    case '/other':
      return void response.writeHead(302, { location: `http://localhost:${port()}/target` }).end();
    case '/loop':
      return void response.writeHead(308, { location: '/loop' }).end();
    case '/drop':
      return void response.destroy();
    default:
      response.setHeader('set-cookie', ['a=1', 'b=2']);
      return void response.end('ok');
  }
}

const client = createWebhookClient();
const port = () => (server.address() as AddressInfo).port;

function call(path: string, more: Partial<WebhookRequest> = {}) {
  return client.send({
    method: 'POST',
    url: `http://127.0.0.1:${port()}${path}`,
    headers: [['Content-Type', 'application/json']],
    body: '{}',
    timeoutMs: 1000,
    ...more,
  });
}

beforeAll(() => new Promise<void>((done) => server.listen(0, done)));
afterAll(() => {
  client.close();
  server.closeAllConnections();
  server.close();
});

test('sends headers as they are, repeated ones repeatedly, and reads all of the answer', async () => {
  const headers = [
    ['X-A', '1'],
    ['x-a', '2'],
    ['Content-Length', '999'],
  ] as const;
  const result = await call('/', { headers, body: '{"é":1}' });
  expect(result.status).toBe(200);
  expect(result.headers.filter(([name]) => name.toLowerCase() === 'set-cookie')).toEqual([
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
  ]);
  expect(seen.at(-1)).toMatchObject({ method: 'POST', body: '{"é":1}' });
  expect(seen.at(-1)?.headers.slice(0, 6)).toEqual(['X-A', '1', 'X-A', '2', 'Content-Length', '8']);
  expect(await call('/gzip')).toMatchObject({ status: 201, body: '{"é":1}' });
});

test('follows redirects, without the credentials where they lead to another origin', async () => {
  const headers = [
    ['Authorization', 'secret'],
    ['X-Key', 'secret'],
    ['Content-Type', 'application/json'],
  ] as const;
  await call('/moved', { headers });
  expect(seen.at(-1)).toMatchObject({ url: '/target', method: 'POST', body: '{}' });
  expect(seen.at(-1)?.headers).toContain('secret');
  await call('/other', { headers });
  expect(seen.at(-1)).toMatchObject({ url: '/target', method: 'GET', body: '' });
  expect(seen.at(-1)?.headers).not.toContain('secret');
  await expect(call('/loop')).rejects.toMatchObject({ failure: 'too-many-redirects' });
  expect(await call('/moved', { maximumRedirects: 0 })).toMatchObject({ status: 307 });
});

test.each<[string, Partial<WebhookRequest>, string]>([
  ['/slow', { timeoutMs: 50 }, 'response-timeout'],
  ['/slow', { signal: AbortSignal.timeout(50) }, 'cancelled'],
  ['/large', { maximumAnswerBytes: 1000 }, 'answer-too-large'],
  ['/bomb', { maximumAnswerBytes: 1000 }, 'answer-too-large'],
  ['/drop', {}, 'connection-closed'],
  ['', { url: 'http://127.0.0.1:1/' }, 'connection-failed'],
  ['', { url: 'ftp://127.0.0.1/' }, 'invalid-url'],
  ['', { url: 'nonsense' }, 'invalid-url'],
  ['/', { headers: [['X', 'a\r\nY: b']] }, 'connection-failed'],
])('%s %j fails as %s', async (path, request, failure) => {
  await expect(call(path, request)).rejects.toMatchObject({ name: 'WebhookError', failure });
});

test('addresses that are not allowed are refused, written out, by name, and behind a redirect', async () => {
  const guarded = createWebhookClient({ allowsAddress: (address) => !/^(127\.0\.0\.1|::1)$/.test(address) });
  const request = { method: 'GET', headers: [], body: null, timeoutMs: 1000 };
  for (const host of ['127.0.0.1', 'localhost', '[::1]', '2130706433']) {
    const sent = guarded.send({ ...request, url: `http://${host}:${port()}/` });
    await expect(sent, host).rejects.toMatchObject({ failure: 'refused-address' });
  }
  guarded.close();
});

test('certificates are verified, but for hosts that the metadata excepts', async () => {
  const tls = (name: string) => readFileSync(new URL(`../../test/fixtures/tls/${name}`, import.meta.url));
  const secure = createSecureServer(
    { key: tls('server-key.pem'), cert: tls('server.pem') },
    (_request, response) => response.end('ok'),
  );
  secure.listen(0, '127.0.0.1');
  await once(secure, 'listening');
  const url = `https://localhost:${(secure.address() as AddressInfo).port}/`;
  let allowlist: { host: string }[] = [];
  const trusting = createWebhookClient({ tlsAllowlist: () => allowlist });
  const ask = () => trusting.send({ method: 'GET', url, headers: [], body: null, timeoutMs: 2000 });
  await expect(ask()).rejects.toMatchObject({ failure: 'connection-failed' });
  allowlist = [{ host: 'localhost' }];
  expect(await ask()).toMatchObject({ status: 200, body: 'ok' });
  allowlist = [];
  await expect(ask()).rejects.toMatchObject({ failure: 'connection-failed' });
  trusting.close();
  secure.close();
});
