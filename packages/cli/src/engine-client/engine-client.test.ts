import { readFileSync } from 'node:fs';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { configOf, type ProjectConfig } from '../project/index.ts';
import { changeRecord, type EngineClient, openClient } from './index.ts';

const tlsFolder = fileURLToPath(new URL('../../../engine/test/fixtures/tls/', import.meta.url));
const servers: (http.Server | https.Server)[] = [];
const clients: EngineClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((go) => server.close(go));
  }
});

type Seen = { readonly line: string; readonly secret: string | undefined; readonly body: unknown };
type Answer = (request: IncomingMessage, response: ServerResponse, seen: readonly Seen[]) => void;

/** A server that remembers what it was asked; `answer` replies. */
async function serverThat(
  answer: Answer,
  tls?: https.ServerOptions,
): Promise<{ address: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    let text = '';
    request.on('data', (piece) => {
      text += piece;
    });
    request.on('end', () => {
      seen.push({
        line: `${request.method} ${request.url}`,
        secret: request.headers['x-hasura-admin-secret'] as string | undefined,
        body: text === '' ? null : JSON.parse(text),
      });
      answer(request, response, seen);
    });
  };
  const server = tls === undefined ? http.createServer(handle) : https.createServer(tls, handle);
  servers.push(server);
  await new Promise<void>((go) => server.listen(0, '127.0.0.1', go));
  const { port } = server.address() as AddressInfo;
  return { address: `${tls === undefined ? 'http://127.0.0.1' : 'https://localhost'}:${port}`, seen };
}

function clientOf(endpoint: string, more: Partial<ProjectConfig> = {}): EngineClient {
  const values: Readonly<Record<string, string>> = { version: '3', endpoint, admin_secret: 'secret' };
  const client = openClient({ ...configOf('/', (key) => values[key]), ...more });
  clients.push(client);
  return client;
}

const json =
  (value: unknown): Answer =>
  (_request, response) =>
    response.end(JSON.stringify(value));

test('what goes over the wire is what the Hasura CLI sends', async () => {
  const { address, seen } = await serverThat((request, response) =>
    response.end(
      request.url === '/v2/query'
        ? '{"result_type":"TuplesOk","result":[["a"],["1"]]}'
        : '{"cli_state":{"migrations":{"x":{"1":false}}},"version":"v2.1.0"}',
    ),
  );
  const client = clientOf(address);
  expect(await client.version()).toBe('v2.1.0');
  expect(await client.runSql({ source: 'default', sql: 'select 1', isInTransaction: true })).toEqual([
    ['a'],
    ['1'],
  ]);
  await client.runSql({ source: 'default', sql: 'select 1', isInTransaction: false });
  await client.runAll([{ source: 's', sql: 'a' }]);
  await client.dump('s', ['-O']);
  await changeRecord(client, 'default', (versions) => versions.set('2', false));
  const run = { sql: 'select 1', source: 'default', check_metadata_consistency: false };
  expect(seen.map(({ line, body }) => [line, body])).toEqual([
    ['GET /v1/version', null],
    ['POST /v2/query', { type: 'run_sql', args: run }],
    ['POST /v2/query', { type: 'run_sql', args: { ...run, no_transaction: true } }],
    ['POST /v2/query', { type: 'bulk', args: [{ type: 'run_sql', args: { sql: 'a', source: 's' } }] }],
    ['POST /v1alpha1/pg_dump', { opts: ['-O'], clean_output: true, source: 's' }],
    ['POST /v1/metadata', { type: 'get_catalog_state', args: {} }],
    [
      'POST /v1/metadata',
      {
        type: 'set_catalog_state',
        args: {
          type: 'cli',
          state: {
            migrations: { x: { 1: false }, default: { 2: false } },
            settings: { migration_mode: 'true' },
            isStateCopyCompleted: true,
          },
        },
      },
    ],
  ]);
  expect(new Set(seen.map(({ secret }) => secret))).toEqual(new Set(['secret']));
});

test('what only reads is asked again when the server is busy or the connection ends; what changes something is not', async () => {
  const { address, seen } = await serverThat((request, response, all) => {
    if (all.length === 1) request.socket.destroy();
    else if (all.length === 2) response.writeHead(503).end();
    else response.end('{}');
  });
  await clientOf(address).ask('export_metadata');
  expect(seen).toHaveLength(3);
  const cut = await serverThat((request) => request.socket.destroy());
  await expect(
    clientOf(cut.address).runSql({ source: 's', sql: 'x', isInTransaction: true }),
  ).rejects.toThrow('Whether it has done what was asked is unknown');
  await expect(clientOf(cut.address).change('clear_metadata', new Map())).rejects.toThrow('is unknown');
  expect(cut.seen).toHaveLength(2);
});

test.each([
  [json('text'), 'is no engine: its version is "text"'],
  [((_request, response) => response.end('<html>')) as Answer, 'is no engine: it says "<html>"'],
  [
    ((_request, response) => response.writeHead(404).end('<html>\n not here')) as Answer,
    'is no engine: status 404, "<html> not here". Is the endpoint the root URL of an engine?',
  ],
  [
    ((_request, response) => response.writeHead(503).end('busy')) as Answer,
    'is not ready (status 503, "busy"): the server, or a proxy before it, asks to be tried again later',
  ],
  [
    ((_request, response) => response.writeHead(301, { location: 'https://x' }).end()) as Answer,
    'the server leads to https://x; use that address as the endpoint',
  ],
  [((_request, response) => response.writeHead(500).end()) as Answer, 'the server answered with status 500'],
  [
    ((_request, response) => response.writeHead(400).end('{"error":"e","code":"c"}')) as Answer,
    '{\n  "error": "e",\n  "code": "c"\n}',
  ],
])('an answer that is none (%#) is told', async (answer, message) => {
  const { address } = await serverThat(answer);
  await expect(clientOf(address).version()).rejects.toThrow(message);
});

test('TLS: only what is trusted, by a given certificate, or anything when that is asked for', async () => {
  const read = (name: string) => readFileSync(`${tlsFolder}${name}`);
  const { address } = await serverThat(json({ version: 'v1' }), {
    cert: read('server.pem'),
    key: read('server-key.pem'),
  });
  await expect(clientOf(address).version()).rejects.toThrow(/certificate/);
  expect(await clientOf(address, { certificateAuthority: `${tlsFolder}authority.pem` }).version()).toBe('v1');
  expect(await clientOf(address, { skipsTlsVerification: true }).version()).toBe('v1');
  expect(() => clientOf(address, { certificateAuthority: '/nowhere.crt' })).toThrow(
    'certificate_authority: ENOENT',
  );
  expect(() => clientOf(address, { certificateAuthority: `${tlsFolder}server-key.pem` })).toThrow(
    'holds no certificate in PEM',
  );
});

test('long texts in an answer are cut, and what a migration needs is said', async () => {
  const answer = (message: string, statement: string) =>
    serverThat((_request, response) =>
      response.writeHead(400).end(JSON.stringify({ error: message, internal: [{ statement }] })),
    );
  const run = { source: 's', sql: 'x', isInTransaction: true };
  const long = await answer('e', 'x'.repeat(1_000_000));
  const failure = await clientOf(long.address)
    .runSql(run)
    .catch((error: Error) => error.message);
  expect(failure).toContain('x… (1000000 characters)');
  expect(String(failure).length).toBeLessThan(3_000);
  const concurrently = await answer('CREATE INDEX CONCURRENTLY cannot run inside a transaction block', 'y');
  await expect(clientOf(concurrently.address).runSql(run)).rejects.toThrow(
    'Run it in a migration of its own with --no-transaction.',
  );
});

test('a secret goes out in UTF-8, and one that cannot be sent is refused before', async () => {
  let raw = '';
  const server = createServer((socket) => {
    socket.on('data', (data) => {
      raw += data.toString('utf8');
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 16\r\nconnection: close\r\n\r\n{"version":"v1"}');
    });
  });
  await new Promise<void>((go) => server.listen(0, '127.0.0.1', go));
  const { port } = server.address() as AddressInfo;
  expect(await clientOf(`http://127.0.0.1:${port}`, { adminSecret: 'ü€' }).version()).toBe('v1');
  server.close();
  expect(raw).toContain('x-hasura-admin-secret: ü€');
  expect(() => clientOf('http://x', { adminSecret: 'a\nb' })).toThrow('the admin secret holds a line end');
});

test('https where nobody speaks TLS', async () => {
  const { address } = await serverThat(json({ version: 'v1' }));
  await expect(clientOf(address.replace('http:', 'https:')).version()).rejects.toThrow(
    'what answers there speaks no TLS; perhaps the address begins with http://',
  );
});

test('a dump is SQL: the commands to psql around it are left out, texts that look like them are not', async () => {
  const body = `SET check_function_bodies = false;\nINSERT INTO t VALUES ('\n\\restrict x\n\\unrestrict x\n');\n`;
  for (const dump of [`\\restrict hasura\n${body}\\unrestrict hasura\n`, body]) {
    const { address } = await serverThat((_request, response) => response.end(dump));
    expect(await clientOf(address).dump('default', [])).toBe(body);
  }
});
