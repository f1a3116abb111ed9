import { describe, expect, test } from 'vitest';
import { isAllowedOrigin, parseCorsPolicy } from './cors-setting.ts';
import { parseServeConfiguration } from './parse.ts';
import { settings } from './settings.ts';
import { StartError } from './start-error.ts';

test('a flag wins over a variable, a variable over the default', () => {
  const env = { HASURA_GRAPHQL_SERVER_PORT: '1111', PORT: '2222' };
  expect(parseServeConfiguration([], {}).port).toBe(8080);
  expect(parseServeConfiguration([], { PORT: '2222' }).port).toBe(2222);
  expect(parseServeConfiguration([], env).port).toBe(1111);
  expect(parseServeConfiguration(['--server-port', '3333'], env).port).toBe(3333);
  expect(parseServeConfiguration(['--server-port=4444'], env).port).toBe(4444);
});

test('switches stand alone or take a boolean', () => {
  expect(parseServeConfiguration(['--enable-console', '--dev-mode', 'false'], {})).toMatchObject({
    enableConsole: true,
    devMode: false,
  });
  expect(
    parseServeConfiguration(['--disable-close-websockets-on-metadata-change'], {})
      .closesWebSocketsOnMetadataChange,
  ).toBe(false);
  const env = { HASURA_GRAPHQL_CLOSE_WEBSOCKETS_ON_METADATA_CHANGE: 'no' };
  expect(parseServeConfiguration([], env).closesWebSocketsOnMetadataChange).toBe(false);
});

test('the source `default` finds its connection, wherever it was named', () => {
  const url = 'postgres://u@h/d';
  for (const configuration of [
    parseServeConfiguration(['--database-url', url], { HASURA_GRAPHQL_DATABASE_URL: 'postgres://other' }),
    parseServeConfiguration([], { DATABASE_URL: url }),
  ]) {
    expect(configuration.databaseUrl).toBe(url);
    expect(configuration.environment['HASURA_GRAPHQL_DATABASE_URL']).toBe(url);
  }
  const parts = ['--host', 'h', '--port', '5', '--user', 'u:x', '--password', 'p@', '--dbname', 'd'];
  expect(parseServeConfiguration(parts, {}).databaseUrl).toBe('postgres://u%3Ax:p%40@h:5/d');
});

test('several secrets replace the single one, the access key stands in for it', () => {
  const secrets = (env: Record<string, string>) => parseServeConfiguration([], env).allAdminSecrets;
  expect(secrets({})).toEqual([]);
  expect(secrets({ HASURA_GRAPHQL_ACCESS_KEY: 'old' })).toEqual(['old']);
  expect(secrets({ HASURA_GRAPHQL_ACCESS_KEY: 'old', HASURA_GRAPHQL_ADMIN_SECRET: 'new' })).toEqual(['new']);
  expect(secrets({ HASURA_GRAPHQL_ADMIN_SECRET: 'x', HASURA_GRAPHQL_ADMIN_SECRETS: '["a","b"]' })).toEqual([
    'a',
    'b',
  ]);
});

test('lists and levels are read in any case; log types of the paid edition have no effect', () => {
  const configuration = parseServeConfiguration([], {
    HASURA_GRAPHQL_ENABLED_APIS: 'Metadata, GRAPHQL',
    HASURA_GRAPHQL_EXPERIMENTAL_FEATURES: 'Naming_Convention',
    HASURA_GRAPHQL_ENABLED_LOG_TYPES: 'Startup, query-log,validate-input-log,api-limit-log,http-response-log',
    HASURA_GRAPHQL_LOG_LEVEL: ' WARN',
  });
  expect([...configuration.enabledApis]).toEqual(['metadata', 'graphql']);
  expect([...configuration.experimentalFeatures]).toEqual(['naming_convention']);
  expect([...configuration.enabledLogTypes]).toEqual(['startup', 'query-log', 'validate-insert-input-log']);
  expect(configuration.logLevel).toBe('warn');
});

test('the address of the webhook may name variables', () => {
  const hook = (HASURA_GRAPHQL_AUTH_HOOK: string) => () =>
    parseServeConfiguration([], {
      HASURA_GRAPHQL_AUTH_HOOK,
      HASURA_GRAPHQL_ADMIN_SECRET: 's',
      BASE: 'http://hook:1',
    }).authHook;
  expect(hook('{{BASE}}/auth')()).toBe('http://hook:1/auth');
  expect(hook('{{NOPE}}/auth')).toThrow(
    variable('AUTH_HOOK', 'Value for environment variables not found: NOPE'),
  );
  expect(hook('ftp://x')).toThrow(variable('AUTH_HOOK', 'Expecting an http or https URL, but got: ftp://x'));
});

const variable = (name: string, reason: string) =>
  `Fatal Error:- Environment variable HASURA_GRAPHQL_${name}: ${reason}`;

test.each([
  [{ SERVER_PORT: 'x' }, variable('SERVER_PORT', 'Only expecting a value between 0 and 65535')],
  [
    { ENABLE_CONSOLE: '1' },
    variable(
      'ENABLE_CONSOLE',
      ' Not a valid boolean text. True values are ["true","t","yes","y"] and  False values are ["false","f","no","n"]. All values are case insensitive',
    ),
  ],
  [{ SERVER_PORT: '65536' }, variable('SERVER_PORT', 'Only expecting a value between 0 and 65535')],
  [
    { ENABLED_APIS: 'graphql,nope' },
    variable(
      'ENABLED_APIS',
      'Only expecting list of comma separated API types metadata,graphql,pgdump,developer,config,metrics',
    ),
  ],
  [
    { ENABLED_LOG_TYPES: 'nope' },
    variable(
      'ENABLED_LOG_TYPES',
      'Error in $: Valid list of comma-separated log types: ["startup","query-log","http-log","websocket-log","webhook-log","execution-log","livequery-poller-log","action-handler-log","data-connector-log","jwk-refresh-log","validate-insert-input-log"]',
    ),
  ],
  [{ PG_CONNECTIONS: 'x' }, variable('PG_CONNECTIONS', 'Expecting Int value')],
  [{ EVENTS_HTTP_POOL_SIZE: '0' }, variable('EVENTS_HTTP_POOL_SIZE', 'Only expecting a positive integer')],
  [
    { EVENTS_FETCH_INTERVAL: '-1' },
    variable('EVENTS_FETCH_INTERVAL', 'Only expecting a non negative numeric'),
  ],
  [{ WEBSOCKET_KEEPALIVE: '-1' }, variable('WEBSOCKET_KEEPALIVE', 'Only expecting a non negative numeric')],
  [{ AUTH_HOOK_MODE: 'PUT' }, variable('AUTH_HOOK_MODE', 'Only expecting GET / POST')],
  [
    { CORS_DOMAIN: 'http://a.com, b.com' },
    variable(
      'CORS_DOMAIN',
      "invalid domain: 'b.com'. All domains should have scheme + (optional wildcard) host + (optional port)",
    ),
  ],
  [{ UNAUTHORIZED_ROLE: '' }, variable('UNAUTHORIZED_ROLE', 'empty string not allowed')],
  [{ ADMIN_SECRET: '' }, 'Fatal Error: the admin secret must not be empty'],
  [
    { ADMIN_SECRETS: '{}' },
    variable('ADMIN_SECRETS', 'Error in $: parsing [] failed, expected Array, but encountered Object'),
  ],
  [{ JWT_SECRET: '{"key":' }, variable('JWT_SECRET', 'Error in $: not a valid JSON value')],
  [
    { JWT_SECRET: `{"type":"HS256","key":"${'x'.repeat(32)}"}` },
    'Fatal Error : --jwt-secret (HASURA_GRAPHQL_JWT_SECRET) requires --admin-secret (HASURA_GRAPHQL_ADMIN_SECRET) or  --access-key (HASURA_GRAPHQL_ACCESS_KEY) to be set',
  ],
])('%j ends the start', (variables, message) => {
  const env = Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [`HASURA_GRAPHQL_${name}`, value]),
  );
  expect(() => parseServeConfiguration([], env)).toThrow(new StartError(message));
});

test.each([
  [['--nope'], "Fatal Error: Invalid option `--nope'"],
  [['serve'], "Fatal Error: Invalid option `serve'"],
  [['--server-port'], "Fatal Error: The option `--server-port' expects an argument"],
  [['--log-level', 'loud'], 'Fatal Error:- Option --log-level: Valid log levels: debug, info, warn or error'],
])('%j ends the start', (argv, message) => {
  expect(() => parseServeConfiguration(argv, {})).toThrow(new StartError(message));
});

test.each(['', ' ', 'localhost', 'http://user:hidden@localhost', 'user:hidden@localhost:6379'])(
  '%j is no address of a Redis, and not repeated in the refusal',
  (value) => {
    const parse = () => parseServeConfiguration(['--redis-url', value], {});
    expect(parse).toThrow('Option --redis-url: Expecting a URL of the form redis://');
    expect(parse).not.toThrow('hidden');
  },
);

test('the URLs of replicas are parted by commas, but not within one', () => {
  const urls = 'postgres://a,b/d, postgresql://c/d';
  const { readReplicaUrls } = parseServeConfiguration([], { HASURA_GRAPHQL_READ_REPLICA_URLS: urls });
  expect(readReplicaUrls).toEqual(['postgres://a,b/d', 'postgresql://c/d']);
});

test('no two settings share a flag or a variable', () => {
  const names = Object.values(settings).flatMap(({ flag, env }) => [
    ...(flag === null ? [] : [flag]),
    ...env,
  ]);
  expect(new Set(names).size).toBe(names.length);
});

describe('CORS', () => {
  const policy = parseCorsPolicy('https://a.com, http://*.b.com:81, http://localhost:3000');
  test.each([
    ['https://a.com', true],
    ['HTTPS://A.com', true],
    ['http://a.com', false],
    ['https://a.com:8443', false],
    ['http://x.b.com:81', true],
    ['http://x.b.com', false],
    ['http://x.y.b.com:81', false],
    ['http://.b.com:81', false],
    ['http://b.com:81', false],
    ['http://evil/.b.com:81', false],
    ['http://localhost:3000', true],
    ['null', false],
  ])('%s: %s', (origin, expected) => {
    expect(isAllowedOrigin(policy, origin)).toBe(expected);
  });
});
