import { userInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import { parseConnectionString } from './connection-string.ts';
import { connectionSettings, poolSettings } from './settings.ts';

function parse(text: string) {
  const { hosts, parameters, ...rest } = parseConnectionString(text);
  return {
    ...rest,
    hosts: hosts.map(({ host, port }) => `${host}:${port}`),
    parameters: Object.fromEntries(parameters),
  };
}

describe('connection strings', () => {
  test('a full URI', () => {
    expect(
      parse('postgresql://me:se%40cret@db.example:6543/my%20db?sslmode=require&application_name=a%26b'),
    ).toEqual({
      user: 'me',
      password: 'se@cret',
      database: 'my db',
      hosts: ['db.example:6543'],
      parameters: { sslmode: 'require', application_name: 'a&b' },
    });
  });

  test.each([
    ['postgres://', { hosts: ['null:null'], user: null, database: null }],
    ['postgres://localhost', { hosts: ['localhost:null'] }],
    ['postgres://me@/db', { user: 'me', hosts: ['null:null'], database: 'db' }],
    ['postgres://me:p:w@h/db', { user: 'me', password: 'p:w' }],
    ['postgres://me:p@w@h/db', { user: 'me', password: 'p@w', hosts: ['h:null'] }],
    ['postgres://[::1]:5433/db', { hosts: ['::1:5433'] }],
    ['postgres://me@%2Fvar%2Frun%2Fpg:5433/db', { hosts: ['/var/run/pg:5433'] }],
    ['postgres:///db?host=/var/run/pg&port=5433', { hosts: ['/var/run/pg:5433'], database: 'db' }],
    ['postgres://a:1,b:2,c/db', { hosts: ['a:1', 'b:2', 'c:null'] }],
    ['postgres://h/db?options=-c%20search_path%3Dapp', { parameters: { options: '-c search_path=app' } }],
    ['postgres://h/db?ssl=true', { parameters: { sslmode: 'require' } }],
    ['host=h port=1 dbname=d user=u', { hosts: ['h:1'], database: 'd', user: 'u' }],
    [
      `host = '/tmp/a b' password='it\\'s' dbname=x\\ y`,
      { hosts: ['/tmp/a b:null'], password: `it's`, database: 'x y' },
    ],
    ['host=a,b port=7', { hosts: ['a:7', 'b:7'] }],
  ])('%s', (text, expected) => {
    expect(parse(text)).toMatchObject(expected);
  });

  test.each([
    ['postgres://h:port/db', 'invalid port number: "port"'],
    ['postgres://h:70000/db', 'invalid port number: "70000"'],
    ['postgres://h/db?sslmod=require', 'invalid connection parameter: "sslmod"'],
    ['postgres://h/db?sslmode', 'missing key/value separator'],
    ['postgres://h/%zz', 'invalid percent-encoding'],
    ['mysql://h/db', 'neither postgres://'],
  ])('%s is refused', (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  test('errors do not repeat the password', () => {
    for (const text of [
      'postgres://me:hidden@h:x/db',
      'pg://me:hidden@h/db',
      'postgres://me:hidden@h/db?x=1',
    ]) {
      expect(() => parse(text)).toThrow(/^(?!.*hidden)/);
    }
  });
});

describe('settings', () => {
  const settings = (url: string, env: Record<string, string> = {}) => connectionSettings({ url }, env);

  test("libpq's variables fill what the URL leaves out", () => {
    const env = {
      PGHOST: 'h',
      PGPORT: '99',
      PGUSER: 'u',
      PGPASSWORD: 'p',
      PGDATABASE: 'd',
      PGSSLMODE: 'disable',
    };
    expect(settings('postgres://', env)).toMatchObject({
      addresses: [{ host: 'h', port: 99 }],
      user: 'u',
      password: 'p',
      database: 'd',
      tls: { mode: 'disable' },
    });
    expect(settings('postgres://me@other/')).toMatchObject({
      addresses: [{ host: 'other', port: 5432 }],
      user: 'me',
      database: 'me',
      password: null,
      tls: { mode: 'prefer' },
    });
    expect(settings('postgres://other').user).toBe(userInfo().username);
  });

  test('sslmode', () => {
    expect(() => settings('postgres://h/db?sslmode=maybe')).toThrow('invalid sslmode value: "maybe"');
    expect(() => settings('postgres://h/db?sslrootcert=/nowhere.pem')).toThrow(
      'the root certificate file "/nowhere.pem"',
    );
    const tls = { mode: 'require', rootCertificate: '-----BEGIN CERTIFICATE-----' } as const;
    expect(connectionSettings({ url: 'postgres://h', ssl: tls }, {}).tls.mode).toBe('verify-ca');
    expect(
      connectionSettings({ url: 'postgres://h?sslmode=disable', ssl: { mode: 'verify-full' } }, {}).tls.mode,
    ).toBe('verify-full');
  });

  test('session parameters', () => {
    expect(settings('postgres://h').sessionParameters).toEqual([['application_name', 'postern']]);
    expect(settings('postgres://h?application_name=x&options=-c%20a%3Db').sessionParameters).toEqual([
      ['application_name', 'x'],
      ['options', '-c a=b'],
    ]);
    expect(() => settings('postgres://h?target_session_attrs=standby')).toThrow('not supported');
  });

  test('the defaults of the pool are those of the contract', () => {
    expect(poolSettings({ url: '' })).toEqual({
      maxConnections: 50,
      idleTimeoutMs: 180_000,
      connectionLifetimeMs: 600_000,
      poolTimeoutMs: null,
      retries: 1,
      isolation: 'read-committed',
      usePreparedStatements: true,
    });
  });
});
