import { expect, test } from 'vitest';
import { resolveConnection } from './resolve-connection.ts';

const environment = {
  URL: 'postgres://u:p@h/d',
  CA: 'the authority',
  KEY: 'the key',
  PASSWORD: 'the password',
};
const one = { environment, processes: 1, secretFilesPrefix: null };
const info = { database_url: { from_env: 'URL' } };

test('what the metadata does not say has the defaults of the contract', () => {
  expect(resolveConnection(info, one)).toEqual({
    url: 'postgres://u:p@h/d',
    maxConnections: 50,
    idleTimeoutMs: 180_000,
    connectionLifetimeMs: 600_000,
    retries: 1,
    isolation: 'read-committed',
    usePreparedStatements: false,
  });
});

test('pool, isolation and preparation as the metadata says', () => {
  const pool = { connection_lifetime: 0, idle_timeout: 5, max_connections: 8, pool_timeout: 2.5, retries: 0 };
  const written = {
    ...info,
    pool_settings: pool,
    isolation_level: 'serializable',
    use_prepared_statements: true,
  } as const;
  expect(resolveConnection(written, one)).toMatchObject({
    maxConnections: 8,
    idleTimeoutMs: 5_000,
    connectionLifetimeMs: 0,
    poolTimeoutMs: 2_500,
    retries: 0,
    isolation: 'serializable',
    usePreparedStatements: true,
  });
});

test('processes share the connections, and each has one at least', () => {
  const connections = (processes: number) => resolveConnection(info, { ...one, processes }).maxConnections;
  expect([2, 3, 50, 80].map(connections)).toEqual([25, 16, 1, 1]);
});

test('URLs from parts, and from text with variables', () => {
  const url = (database_url: Parameters<typeof resolveConnection>[0]['database_url']) =>
    resolveConnection({ database_url }, one).url;
  const parts = { host: 'h', port: 5, username: 'a@b', password: 'c:/d', database: 'x/y' };
  expect(url({ connection_parameters: parts })).toBe('postgres://a%40b:c%3A%2Fd@h:5/x%2Fy');
  expect(url('postgres://u:{{PASSWORD}}@h')).toBe('postgres://u:the password@h');
  expect(() => url('{{A}}{{B}}')).toThrow('Value for environment variables not found: A, B');
  expect(() => url({ from_env: 'A' })).toThrow("environment variable 'A' not set");
});

test('a file is read only where the operator allows it', () => {
  const fromFile = { database_url: { dynamic_from_file: '/secrets/url' } };
  expect(() => resolveConnection(fromFile, one)).toThrow('is not below the path');
});

test('certificates come from the environment', () => {
  const ssl_configuration = {
    sslmode: 'verify-full',
    sslrootcert: { from_env: 'CA' },
    sslcert: 'inline',
    sslkey: { from_env: 'KEY' },
    sslpassword: { from_env: 'PASSWORD' },
  };
  expect(resolveConnection({ ...info, ssl_configuration }, one).ssl).toEqual({
    mode: 'verify-full',
    rootCertificate: 'the authority',
    certificate: 'inline',
    key: 'the key',
    keyPassword: 'the password',
  });
});

test.each([
  [{ sslrootcert: { from_env: 'CA' } }, 'verify-ca'],
  [{ sslcert: { from_env: 'KEY' }, sslmode: null }, 'require'],
])('%j means %s', (ssl_configuration, mode) => {
  expect(resolveConnection({ ...info, ssl_configuration }, one).ssl?.mode).toBe(mode);
});

test.each([
  [{ sslmode: 'verify_full' }, 'is not an sslmode'],
  [{ sslmode: 'require', sslrootcert: { from_env: 'NONE' } }, "environment variable 'NONE' not set"],
  [{ sslmode: 'require', sslrootcert: { env: 'CA' } }, 'neither a text nor'],
])('%j is refused', (ssl_configuration, message) => {
  expect(() => resolveConnection({ ...info, ssl_configuration }, one)).toThrow(message);
});
