import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { openTransport } from './http.ts';
import { proxyFor } from './proxy.ts';

const servers: http.Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((go) => server.close(go));
  }
});

async function listening(server: http.Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((go) => server.listen(0, '127.0.0.1', go));
  return (server.address() as AddressInfo).port;
}

const ask = {
  method: 'POST',
  path: 'v1/metadata',
  headers: { a: 'b' },
  body: '{}',
  mayRepeat: true,
  isShort: false,
} as const;

test.each([
  ['http://x.org', { HTTP_PROXY: 'http://p:3128' }, 'http://p:3128/'],
  ['http://x.org', { http_proxy: 'p:3128' }, 'http://p:3128/'],
  ['https://x.org', { HTTP_PROXY: 'http://p' }, null],
  ['https://x.org', { https_proxy: 'http://p' }, 'http://p/'],
  ['http://localhost:8080', { HTTP_PROXY: 'http://p' }, null],
  ['http://127.0.0.1', { HTTP_PROXY: 'http://p' }, null],
  ['http://[::1]:8080', { HTTP_PROXY: 'http://p' }, null],
  ['http://a.x.org', { HTTP_PROXY: 'http://p', NO_PROXY: 'y.org, x.org' }, null],
  ['http://x.org', { HTTP_PROXY: 'http://p', NO_PROXY: '.x.org' }, 'http://p/'],
  ['http://a.x.org', { HTTP_PROXY: 'http://p', no_proxy: '*.x.org' }, null],
  ['http://ax.org', { HTTP_PROXY: 'http://p', NO_PROXY: 'x.org' }, 'http://p/'],
  ['http://x.org:81', { HTTP_PROXY: 'http://p', NO_PROXY: 'x.org:80' }, 'http://p/'],
  ['http://x.org', { HTTP_PROXY: 'http://p', NO_PROXY: '*' }, null],
  ['http://x.org', {}, null],
])('the proxy for %s with %j is %s', (url, environment, expected) => {
  expect(proxyFor(new URL(url), environment)?.href ?? null).toBe(expected);
});

test.each(['::bad', 'socks5://p:1', 'https://p', 'http://'])('%s is no proxy, and not passed by', (value) => {
  expect(() => proxyFor(new URL('http://x.org'), { HTTP_PROXY: value })).toThrow(
    `the proxy "${value}" of HTTP_PROXY cannot be used`,
  );
});

test('a plain request names the whole address to the proxy, and who asks', async () => {
  const seen: unknown[] = [];
  const port = await listening(
    http.createServer((request, response) => {
      seen.push([
        request.url,
        request.headers.host,
        request.headers['proxy-authorization'],
        request.headers['a'],
      ]);
      response.end('answer');
    }),
  );
  const transport = openTransport({
    endpoint: 'http://engine.test:8080',
    skipsTlsVerification: false,
    certificateAuthority: null,
    environment: { HTTP_PROXY: `http://me:p%40ss@127.0.0.1:${port}` },
  });
  expect(await transport.send(ask)).toMatchObject({ status: 200, text: 'answer' });
  transport.close();
  const pair = Buffer.from('me:p@ss').toString('base64');
  expect(seen).toEqual([['http://engine.test:8080/v1/metadata', 'engine.test:8080', `Basic ${pair}`, 'b']]);
});

test('an encrypted request goes through a tunnel; a proxy that refuses it is told', async () => {
  const folder = fileURLToPath(new URL('../../../engine/test/fixtures/tls/', import.meta.url));
  const [cert, key] = ['server.pem', 'server-key.pem'].map((name) => readFileSync(folder + name));
  const engine = https.createServer({ ...(cert && key ? { cert, key } : {}) }, (request, response) => {
    request.resume().on('end', () => response.end(`answer to ${request.method} ${request.url}`));
  });
  const enginePort = await listening(engine);
  const targets: (string | undefined)[] = [];
  const proxy = http.createServer();
  proxy.on('connect', (request, client) => {
    targets.push(request.url);
    if (targets.length > 2) {
      client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const upstream = connect(enginePort, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  const proxyPort = await listening(proxy);
  const open = (skipsTlsVerification: boolean) =>
    openTransport({
      endpoint: 'https://engine.test',
      skipsTlsVerification,
      certificateAuthority: `${folder}authority.pem`,
      environment: { HTTPS_PROXY: `http://127.0.0.1:${proxyPort}` },
    });
  // the certificate is trusted, but it is for localhost
  const strict = open(false);
  await expect(strict.send({ ...ask, mayRepeat: false })).rejects.toThrow(/altnames/);
  strict.close();
  const first = open(true);
  expect(await first.send(ask)).toMatchObject({ status: 200, text: 'answer to POST /v1/metadata' });
  first.close();
  const second = open(true);
  await expect(second.send({ ...ask, mayRepeat: false })).rejects.toThrow(
    /the proxy .* answered 403 Forbidden/,
  );
  second.close();
  expect(targets).toEqual(['engine.test:443', 'engine.test:443', 'engine.test:443']);
});
