/** A source whose PostgreSQL speaks TLS, configured by metadata and environment variables. */
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/database/index.ts';
import { createEngine, type Engine, type Json } from '../../src/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/index.ts';
import { type MortalPostgres, mortalPostgres } from './mortal-postgres.ts';

const fixture = (name: string) => new URL(`../fixtures/tls/${name}`, import.meta.url).pathname;
const pem = (name: string) => readFileSync(fixture(name), 'utf8');

let secured: MortalPostgres;
let metadata: TestDatabase;
let engine: Engine;

beforeAll(async () => {
  [secured, metadata] = await Promise.all([mortalPostgres(), createTestDatabase()]);
  const data = join(secured.folder, 'data');
  const { uid, gid } = statSync(data);
  for (const name of ['server.pem', 'server-key.pem', 'authority.pem']) {
    copyFileSync(fixture(name), join(data, name));
    chownSync(join(data, name), uid, gid);
    chmodSync(join(data, name), 0o600);
  }
  const administration = openDatabase({ url: secured.url });
  await administration.script(`
    create role citizen login password 'p';
    create role "localhost" login;
    create view encryption as
      select 1 as id, ssl, version like 'TLSv1.%' as is_tls, client_dn from pg_stat_ssl where pid = pg_backend_pid();
    grant select on encryption to citizen, "localhost"`);
  const rules = readFileSync(join(data, 'pg_hba.conf'), 'utf8');
  writeFileSync(
    join(data, 'pg_hba.conf'),
    // who comes with a certificate has its name; the others come with a password, but never unencrypted
    `hostssl all localhost all cert\nhostssl all citizen all scram-sha-256\nhostnossl all citizen all reject\n${rules}`,
  );
  appendFileSync(
    join(data, 'postgresql.conf'),
    `\nssl = on\nssl_cert_file = 'server.pem'\nssl_key_file = 'server-key.pem'\nssl_ca_file = 'authority.pem'\n`,
  );
  await administration.script('select pg_reload_conf()');
  await administration.close();
  const { port } = new URL(secured.url);
  engine = await createEngine({
    databaseUrl: metadata.url,
    adminSecret: 'x',
    environment: {
      HASURA_GRAPHQL_DATABASE_URL: metadata.url,
      BY_NAME: `postgres://citizen:p@localhost:${port}/postgres`,
      BY_ADDRESS: `postgres://citizen:p@127.0.0.1:${port}/postgres`,
      BY_CERTIFICATE: `postgres://localhost@localhost:${port}/postgres`,
      AUTHORITY: pem('authority.pem'),
      OTHER_AUTHORITY: pem('other-authority.pem'),
      CERTIFICATE: pem('client.pem'),
      KEY: pem('client-key.pem'),
      KEY_PASSWORD: 'secret',
      WRONG_PASSWORD: 'not the secret',
    },
  });
}, 60_000);

afterEach(async () => {
  await engine.metadata
    .run({ type: 'pg_drop_source', args: { name: 'secured', cascade: true } })
    .catch(() => {});
});

afterAll(async () => {
  await engine?.close();
  await secured?.remove();
  await metadata?.drop();
});

const env = (from_env: string) => ({ from_env });

/** What the session says of itself, or why there is none. */
async function connect(url: string, ssl_configuration: Json | undefined): Promise<unknown> {
  const connection_info = {
    database_url: env(url),
    ...(ssl_configuration === undefined ? {} : { ssl_configuration }),
  };
  const source = { name: 'secured', configuration: { connection_info } };
  try {
    await engine.metadata.run({ type: 'pg_add_source', args: source });
    await engine.metadata.run({ type: 'pg_track_table', args: { source: 'secured', table: 'encryption' } });
  } catch (error) {
    return JSON.stringify(error, ['message', 'internal', 'error', 'reason', 'code']);
  }
  const request = new Request('http://api/v1/graphql', {
    method: 'POST',
    headers: { 'x-hasura-admin-secret': 'x' },
    body: JSON.stringify({ query: '{ encryption { ssl is_tls client_dn } }' }),
  });
  const { data } = (await (await engine.fetch(request)).json()) as { data: { encryption: unknown[] } };
  return data.encryption[0];
}

const encrypted = { ssl: true, is_tls: true, client_dn: null };
const authority = { sslrootcert: env('AUTHORITY') };

test.each([
  ['BY_NAME', undefined],
  ['BY_NAME', { sslmode: 'allow' }],
  ['BY_NAME', { sslmode: 'prefer' }],
  ['BY_NAME', { sslmode: 'require' }],
  ['BY_NAME', { sslmode: 'require', ...authority }],
  ['BY_ADDRESS', { sslmode: 'verify-ca', ...authority }],
  ['BY_NAME', { sslmode: 'verify-full', ...authority }],
  ['BY_NAME', authority],
])('%s with %j is encrypted', async (url, ssl_configuration) => {
  expect(await connect(url, ssl_configuration)).toEqual(encrypted);
});

test.each([
  ['BY_NAME', { sslmode: 'disable' }, /pg_hba\.conf rejects connection/],
  [
    'BY_NAME',
    { sslmode: 'verify-full', sslrootcert: env('OTHER_AUTHORITY') },
    /self-signed|unable to verify|issuer/,
  ],
  [
    'BY_NAME',
    { sslmode: 'verify-ca', sslrootcert: env('OTHER_AUTHORITY') },
    /self-signed|unable to verify|issuer/,
  ],
  [
    'BY_NAME',
    { sslmode: 'require', sslrootcert: env('OTHER_AUTHORITY') },
    /self-signed|unable to verify|issuer/,
  ],
  ['BY_NAME', { sslmode: 'verify-full' }, /self-signed|unable to verify|issuer/],
  ['BY_ADDRESS', { sslmode: 'verify-full', ...authority }, /does not match certificate/],
  ['BY_NAME', { sslmode: 'verify' }, /is not an sslmode/],
  ['BY_NAME', { sslmode: 'require', sslrootcert: env('MISSING') }, /environment variable 'MISSING' not set/],
])('%s with %j is refused', async (url, ssl_configuration, reason) => {
  expect(await connect(url, ssl_configuration)).toMatch(reason);
});

test('a client certificate, whose key has a password', async () => {
  const certificate = {
    sslmode: 'verify-full',
    ...authority,
    sslcert: env('CERTIFICATE'),
    sslkey: env('KEY'),
  };
  expect(await connect('BY_CERTIFICATE', { sslmode: 'verify-full', ...authority })).toMatch(
    /valid client certificate/,
  );
  const wrong = await connect('BY_CERTIFICATE', { ...certificate, sslpassword: env('WRONG_PASSWORD') });
  expect(wrong).toMatch(/bad decrypt|BAD_DECRYPT|cannot be read/);
  expect(wrong).not.toMatch(/not the secret|BEGIN/);
  expect(await connect('BY_CERTIFICATE', { ...certificate, sslpassword: env('KEY_PASSWORD') })).toEqual({
    ...encrypted,
    client_dn: '/CN=localhost',
  });
  // what is stored and shown names variables only
  expect(JSON.stringify(await engine.metadata.export())).not.toMatch(/BEGIN|secret/);
});
