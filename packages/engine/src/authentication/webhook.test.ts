import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAddressRule } from '../network/index.ts';
import { createAuthenticator } from './authenticator.ts';
import type { AuthenticationLog, HookConfiguration } from './types.ts';

let server: Server;
let url: string;
let answer: { status: number; body: string; cookies?: string[] };
let seen: { message: IncomingMessage; body: string };
let called = 0;
beforeAll(async () => {
  server = createServer(async (message, response) => {
    called++;
    let body = '';
    for await (const piece of message) body += piece;
    seen = { message, body };
    if (answer.cookies !== undefined) response.setHeader('Set-Cookie', answer.cookies);
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
afterAll(() => server.close());

async function ask(
  headers: readonly string[],
  options: Partial<HookConfiguration> & { readonly graphqlBody?: string } = {},
  log: AuthenticationLog = () => {},
) {
  const { graphqlBody = null, ...rest } = options;
  const authenticator = await createAuthenticator(
    {
      adminSecrets: ['s'],
      unauthorizedRole: null,
      jwt: [],
      hook: { url, mode: 'GET', sendRequestBody: true, ...rest },
    },
    { version: 'v2.48.0', log },
  );
  try {
    const { session, responseHeaders } = await authenticator.authenticate(headers, {
      graphqlBody: () => graphqlBody,
    });
    return {
      role: session.role,
      variables: Object.fromEntries(session.variables),
      responseHeaders,
      expiresAt: session.expiresAt,
    };
  } catch (error) {
    const { code, status, message } = error as { code: string; status: number; message: string };
    return { code, status, message };
  }
}
const respond = (body: unknown, status = 200) => {
  answer = { status, body: typeof body === 'string' ? body : JSON.stringify(body) };
};

test('the answer decides about role and variables, the request headers do not', async () => {
  respond({ 'X-Hasura-Role': 'user', 'x-hasura-User-ID': '5', other: 'dropped' });
  expect(await ask(['x-hasura-role', 'admin', 'x-hasura-user-id', '1'])).toEqual({
    role: 'user',
    variables: { 'x-hasura-role': 'user', 'x-hasura-user-id': '5' },
    responseHeaders: [],
    expiresAt: null,
  });
});

test('GET forwards what identifies the caller, not what describes the connection', async () => {
  respond({ 'X-Hasura-Role': 'user' });
  await ask([
    'Host',
    'api',
    'Cookie',
    'a=b',
    'Authorization',
    'Bearer t',
    'Accept',
    'text/html',
    'User-Agent',
    'x',
  ]);
  expect(seen.message.method).toBe('GET');
  expect(seen.message.headers).toMatchObject({
    cookie: 'a=b',
    authorization: 'Bearer t',
    'content-type': 'application/json',
    'user-agent': 'hasura-graphql-engine/v2.48.0',
  });
  expect(seen.message.headers.accept).not.toBe('text/html');
});

test('POST tells all headers as they were spelled, and the request', async () => {
  respond({ 'X-Hasura-Role': 'user' });
  await ask(['Host', 'api', 'X-Thing', '1'], { mode: 'POST', graphqlBody: '{"query":"{x}"}' });
  expect(JSON.parse(seen.body)).toEqual({
    headers: { Host: 'api', 'X-Thing': '1' },
    request: { query: '{x}' },
  });
  await ask([], { mode: 'POST' });
  expect(JSON.parse(seen.body)).toEqual({ headers: {}, request: null });
  await ask([], { mode: 'POST', sendRequestBody: false });
  expect(JSON.parse(seen.body)).toEqual({ headers: {} });
});

test.each([
  [401, '', 'access-denied', 401, 'Authentication hook unauthorized this request'],
  [403, '', 'unexpected', 500, 'Invalid response from authorization hook'],
  [204, '', 'unexpected', 500, 'Invalid response from authorization hook'],
  [200, '{}', 'invalid-params', 400, 'x-hasura-role not found in session variables'],
  [200, '{"x-hasura-role":""}', 'invalid-params', 400, 'x-hasura-role not found in session variables'],
  [
    200,
    'x',
    'unexpected',
    500,
    'Invalid response from authorization hook: Error in $: not a valid json value',
  ],
  [
    200,
    '[]',
    'unexpected',
    500,
    'Invalid response from authorization hook: Error in $: parsing HashMap ~Text failed, expected Object, but encountered Array',
  ],
  [
    200,
    '{"x-hasura-role":1}',
    'unexpected',
    500,
    "Invalid response from authorization hook: Error in $['x-hasura-role']: parsing Text failed, expected String, but encountered Number",
  ],
  [200, 'x'.repeat(2_000_000), 'unexpected', 500, 'webhook authentication request failed'],
])('the answer %i %.30s', async (status, body, code, expectedStatus, message) => {
  respond(body, status);
  expect(await ask([])).toEqual({ code, status: expectedStatus, message });
});

test.each([
  [200, '{"x-hasura-role":"user"}', [['info', { response: null }]]],
  [200, '{"x-hasura-role":1}', [['error', { response: '{"x-hasura-role":1}' }]]],
  [401, 'no', [['error', { status_code: 401, response: 'no' }]]],
  [
    200,
    '{"x-hasura-role":"user","Expires":"soon"}',
    [
      [
        'warn',
        {
          response: '{"x-hasura-role":"user","Expires":"soon"}',
          message: 'the expiry in the answer of the authorization hook cannot be read',
        },
      ],
      ['info', { response: null }],
    ],
  ],
] as const)('the log of the answer %i %s', async (status, body, expected) => {
  respond(body, status);
  const lines: unknown[] = [];
  await ask([], {}, ({ level, type, detail }) => lines.push([level, type, detail]));
  const whole = { status_code: 200, url, method: 'GET', http_error: null, response: null, message: null };
  expect(lines).toEqual(expected.map(([level, detail]) => [level, 'webhook-log', { ...whole, ...detail }]));
});

test('a password in the address is used, and not logged', async () => {
  respond({ 'x-hasura-role': 'user' });
  const lines: string[] = [];
  const log = ({ detail }: { detail: unknown }) => lines.push(JSON.stringify(detail));
  const named = url.replace('http://', 'http://me:hidden@');
  expect(await ask([], { url: named }, log)).toMatchObject({ role: 'user' });
  expect(seen.message.headers.authorization).toBe(`Basic ${Buffer.from('me:hidden').toString('base64')}`);
  await ask([], { url: 'http://me:hidden@127.0.0.1:9/' }, log);
  expect(lines.map((line) => JSON.parse(line).url)).toEqual([
    url.replace('http://', 'http://me:***@'),
    'http://me:***@127.0.0.1:9/',
  ]);
  expect(lines.join()).not.toContain('hidden');
});

test('nobody answers', async () => {
  expect(await ask([], { url: 'http://127.0.0.1:9/' })).toEqual({
    code: 'unexpected',
    status: 500,
    message: 'webhook authentication request failed',
  });
});

test('an address that may not be called is not called, whether it is written or a name leads there', async () => {
  respond({ 'x-hasura-role': 'user' });
  const before = called;
  const logged: string[] = [];
  for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1']) {
    const authenticator = await createAuthenticator(
      {
        adminSecrets: ['s'],
        unauthorizedRole: null,
        jwt: [],
        hook: { url: url.replace('127.0.0.1', host), mode: 'GET', sendRequestBody: true },
      },
      {
        allowsAddress: parseAddressRule('not-local'),
        log: ({ detail }) => logged.push(JSON.stringify(detail)),
      },
    );
    await expect(Promise.resolve().then(() => authenticator.authenticate([]))).rejects.toThrow(
      'webhook authentication request failed',
    );
  }
  expect(called).toBe(before);
  expect(logged).toHaveLength(5);
  for (const line of logged) expect(line).toContain('are not allowed');
});

test('the admin secret goes before the webhook', async () => {
  respond('', 401);
  expect(await ask(['x-hasura-admin-secret', 's'])).toMatchObject({ role: 'admin' });
  expect(await ask(['x-hasura-admin-secret', 'wrong'])).toMatchObject({ status: 401, code: 'access-denied' });
});

test('cookies of the answer go to the client', async () => {
  answer = { status: 200, body: '{"x-hasura-role":"user"}', cookies: ['one=1', 'two=2'] };
  expect(await ask([])).toMatchObject({ responseHeaders: ['Set-Cookie', 'two=2', 'Set-Cookie', 'one=1'] });
});

test.each([
  [{ 'Cache-Control': 'max-age=60' }, 60],
  [{ Expires: new Date(Date.now() + 90_000).toUTCString() }, 90],
  [{ 'Cache-Control': 'max-age=60', Expires: new Date(Date.now() + 90_000).toUTCString() }, 60],
  [{ 'Cache-Control': 'broken', Expires: 'broken' }, null],
  [{ 'cache-control': 'max-age=60' }, null],
  [{ 'Cache-Control': 'max-age=99999999999999999999' }, null],
])('the members %j set the end of the session', async (members, seconds) => {
  respond({ 'x-hasura-role': 'user', ...members });
  const { expiresAt } = (await ask([])) as { expiresAt: Date | null };
  if (seconds === null) expect(expiresAt).toBeNull();
  else expect(Math.abs(Number(expiresAt) - Date.now() - seconds * 1000)).toBeLessThan(3000);
});
