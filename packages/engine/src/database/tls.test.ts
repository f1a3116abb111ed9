import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/index.ts';
import { DatabaseConnectionError, type DatabaseOptions, openDatabase } from './index.ts';

const fixture = (name: string): string =>
  new URL(`../../test/fixtures/tls/${name}`, import.meta.url).pathname;
const pem = (name: string): string => readFileSync(fixture(name), 'utf8');
const LENGTH_OF_SSL_REQUEST = 8;

type Behaviour = 'encrypts' | 'refuses' | 'injects' | 'breaks' | 'wants-client-certificate';

let server: TestDatabase;
const proxies: Server[] = [];

beforeAll(async () => {
  server = await createTestDatabase();
});

afterAll(async () => {
  for (const proxy of proxies) proxy.close();
  await server?.drop();
});

/** Stands before the server and speaks TLS for it, well or badly. Counts what arrived encrypted. */
async function proxy(behaviour: Behaviour): Promise<{ readonly url: URL; encrypted: number; plain: number }> {
  const upstreamUrl = new URL(server.url);
  const seen = { url: new URL(server.url), encrypted: 0, plain: 0 };
  const pass = (client: Socket, first: Buffer | null): void => {
    const upstream = connect({ host: upstreamUrl.hostname, port: Number(upstreamUrl.port) });
    if (first !== null) upstream.write(first);
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
    client.pipe(upstream).pipe(client);
  };
  const listener = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (first) => {
      socket.pause();
      const wantsTls = first.length === LENGTH_OF_SSL_REQUEST && first.readInt32BE(4) === 80877103;
      if (!wantsTls) {
        seen.plain += 1;
        pass(socket, first);
        socket.resume();
        return;
      }
      if (behaviour === 'refuses') {
        socket.write('N');
        socket.once('data', (next) => {
          seen.plain += 1;
          pass(socket, next);
        });
        socket.resume();
        return;
      }
      if (behaviour === 'injects') {
        socket.write(Buffer.from('SR\0\0\0\u0008\0\0\0\0'));
        return;
      }
      socket.write('S');
      if (behaviour === 'breaks') {
        socket.end();
        return;
      }
      const secure = new TLSSocket(socket, {
        isServer: true,
        secureContext: createSecureContext({
          cert: pem('server.pem'),
          key: pem('server-key.pem'),
          ca: pem('authority.pem'),
        }),
        requestCert: behaviour === 'wants-client-certificate',
        rejectUnauthorized: behaviour === 'wants-client-certificate',
      });
      secure.on('error', () => {});
      secure.on('secure', () => {
        if (behaviour === 'wants-client-certificate' && !secure.getPeerCertificate()?.subject)
          return void secure.destroy();
        seen.encrypted += 1;
      });
      pass(secure, null);
    });
  });
  proxies.push(listener);
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  seen.url.hostname = 'localhost';
  seen.url.port = String(typeof address === 'object' && address !== null ? address.port : 0);
  return seen;
}

/** Asks for a number through the proxy; `url` gets the parameters. */
async function ask(url: URL, parameters: Record<string, string>, options: Partial<DatabaseOptions> = {}) {
  const withParameters = new URL(url);
  for (const [name, value] of Object.entries(parameters)) withParameters.searchParams.set(name, value);
  const database = openDatabase({ url: withParameters.href, retries: 0, ...options });
  try {
    return await database.queryRows({ text: 'select 42 as answer', parameters: [] });
  } finally {
    await database.close({ deadlineMs: 100 });
  }
}

const ANSWER = [{ answer: '42' }];

describe('sslmode against a server with TLS', () => {
  test.each([
    ['disable', {}, 'plain'],
    ['allow', {}, 'plain'],
    ['prefer', {}, 'encrypted'],
    ['require', {}, 'encrypted'],
    ['require', { sslrootcert: fixture('authority.pem') }, 'encrypted'],
    ['verify-ca', { sslrootcert: fixture('authority.pem') }, 'encrypted'],
    ['verify-full', { sslrootcert: fixture('authority.pem') }, 'encrypted'],
  ] as const)('%s %j', async (sslmode, parameters, kind) => {
    const seen = await proxy('encrypts');
    expect(await ask(seen.url, { sslmode, ...parameters })).toEqual(ANSWER);
    expect({ encrypted: seen.encrypted, plain: seen.plain }).toEqual({ encrypted: 0, plain: 0, [kind]: 1 });
  });

  test.each([
    ['verify-ca', { sslrootcert: fixture('other-authority.pem') }],
    ['verify-ca', {}],
    ['verify-full', { sslrootcert: fixture('other-authority.pem') }],
    ['require', { sslrootcert: fixture('other-authority.pem') }],
  ])('%s %j distrusts the certificate', async (sslmode, parameters) => {
    const seen = await proxy('encrypts');
    await expect(ask(seen.url, { sslmode, ...parameters })).rejects.toBeInstanceOf(DatabaseConnectionError);
    expect(seen.plain).toBe(0);
  });

  test('verify-full compares the host name, verify-ca does not', async () => {
    const seen = await proxy('encrypts');
    seen.url.hostname = '127.0.0.1'; // the certificate is for localhost
    const sslrootcert = fixture('authority.pem');
    await expect(ask(seen.url, { sslmode: 'verify-full', sslrootcert })).rejects.toThrow('127.0.0.1');
    expect(await ask(seen.url, { sslmode: 'verify-ca', sslrootcert })).toEqual(ANSWER);
  });

  test('the options of a source carry the PEM texts, and win', async () => {
    const seen = await proxy('wants-client-certificate');
    const ssl = {
      mode: 'verify-full',
      rootCertificate: pem('authority.pem'),
      certificate: pem('client.pem'),
      key: pem('client-key.pem'),
      keyPassword: 'secret',
    } as const;
    expect(await ask(seen.url, { sslmode: 'disable' }, { ssl })).toEqual(ANSWER);
    const { mode, rootCertificate } = ssl;
    await expect(ask(seen.url, {}, { ssl: { mode, rootCertificate } })).rejects.toBeInstanceOf(
      DatabaseConnectionError,
    );
  });

  test('a value of many pieces goes through', async () => {
    const seen = await proxy('encrypts');
    seen.url.searchParams.set('sslmode', 'require');
    const database = openDatabase({ url: seen.url.href });
    const pieces = Array.from({ length: 20_000 }, (_, index) => Buffer.from(`${index},`.padEnd(100, '-')));
    const query = { text: 'select md5($1::text) as digest', parameters: [pieces] };
    const digest = createHash('md5').update(Buffer.concat(pieces)).digest('hex');
    expect(await database.queryRows(query)).toEqual([{ digest }]);
    await database.close();
    expect(seen.encrypted).toBe(1);
  });

  test('large answers and cancel go through', async () => {
    const seen = await proxy('encrypts');
    seen.url.searchParams.set('sslmode', 'require');
    const database = openDatabase({ url: seen.url.href });
    const [value] = await database.queryBytes({ text: `select repeat('x', 1000000)`, parameters: [] });
    expect(Buffer.concat(value ?? []).length).toBe(1_000_000);
    const controller = new AbortController();
    const sleeping = database.queryRows(
      { text: 'select pg_sleep(20)', parameters: [] },
      { signal: controller.signal },
    );
    setTimeout(() => controller.abort(new Error('gone')), 50);
    await expect(sleeping).rejects.toThrow('gone');
    await database.close(); // waits until the statement has ended
    expect(seen.encrypted).toBe(2);
  });
});

describe('sslmode against other servers', () => {
  test.each(['disable', 'allow', 'prefer'])('%s goes on without TLS where there is none', async (sslmode) => {
    const seen = await proxy('refuses');
    expect(await ask(seen.url, { sslmode })).toEqual(ANSWER);
    expect(seen.plain).toBe(1);
  });

  test.each(['require', 'verify-ca', 'verify-full'])('%s does not', async (sslmode) => {
    const seen = await proxy('refuses');
    await expect(ask(seen.url, { sslmode })).rejects.toThrow(
      'server does not support SSL, but SSL was required',
    );
    expect(seen.plain).toBe(0);
  });

  test('prefer falls back when the handshake breaks', async () => {
    const seen = await proxy('breaks');
    expect(await ask(seen.url, { sslmode: 'prefer' })).toEqual(ANSWER);
    await expect(ask(seen.url, { sslmode: 'require' })).rejects.toBeInstanceOf(DatabaseConnectionError);
    expect(seen.plain).toBe(1);
  });

  test('bytes before the handshake are not believed', async () => {
    const seen = await proxy('injects');
    await expect(ask(seen.url, { sslmode: 'require' })).rejects.toThrow(
      'received unencrypted data after SSL response',
    );
  });
});
