import type { JsonWebKey, webcrypto } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWebhookClient } from '../../webhooks/index.ts';
import type { AuthenticationMode } from '../types.ts';
import { readConfiguredKey } from './algorithms.ts';
import { describeJwt, parseJwtConfiguration, parseJwtConfigurations } from './configuration.ts';
import { parseJsonPath, printJsonPath } from './json-path.ts';
import { expiryOf } from './key-set.ts';
import { jwtMode } from './mode.ts';
import { VerifiedTokens } from './verified-tokens.ts';

const client = createWebhookClient();

const secret = 'a secret of at least thirty-two bytes, and then of sixty-four bytes more';
const namespace = 'https://hasura.io/jwt/claims';
const claims = {
  'x-hasura-allowed-roles': ['user', 'editor'],
  'x-hasura-default-role': 'user',
  'X-Hasura-User-Id': '1',
};

let rsa: webcrypto.CryptoKeyPair;
let ec: webcrypto.CryptoKeyPair;
let ed: webcrypto.CryptoKeyPair;
beforeAll(async () => {
  rsa = (await generateKeyPair('RS512', { extractable: true })) as webcrypto.CryptoKeyPair;
  ec = (await generateKeyPair('ES256', { extractable: true })) as webcrypto.CryptoKeyPair;
  ed = (await generateKeyPair('EdDSA', { extractable: true })) as webcrypto.CryptoKeyPair;
});

const secretKey = new TextEncoder().encode(secret);
const sign = (payload: JWTPayload, alg = 'HS256', key: webcrypto.CryptoKey | Uint8Array = secretKey) =>
  new SignJWT(payload).setProtectedHeader({ alg }).sign(key);

const mode = (configuration: object, unauthorizedRole: string | null = null): Promise<AuthenticationMode> =>
  jwtMode([parseJwtConfiguration(JSON.stringify(configuration))], { unauthorizedRole, client, log() {} });
const hmac = { type: 'HS256', key: secret };
const bearer = (token: string) => ['Authorization', `Bearer ${token}`];

async function outcome(authentication: AuthenticationMode, headers: readonly string[]) {
  try {
    const { session } = await authentication.authenticate(headers, { graphqlBody: () => null });
    return { role: session.role, variables: Object.fromEntries(session.variables) };
  } catch (error) {
    const { code, status, message } = error as { code: string; status: number; message: string };
    return { code, status, message };
  }
}

const refused = (reason: string) => ({
  code: 'invalid-jwt',
  status: 400,
  message: `Could not verify JWT: ${reason}`,
});
const now = () => Math.floor(Date.now() / 1000);

describe('a valid token', () => {
  const expected = { role: 'user', variables: { 'x-hasura-role': 'user', 'x-hasura-user-id': '1' } };

  test.each(['RS256', 'RS512', 'PS256', 'ES256', 'EdDSA', 'HS256', 'HS512'])('%s', async (alg) => {
    const pair = alg.startsWith('ES') ? ec : alg === 'EdDSA' ? ed : rsa;
    const type = alg.startsWith('ES') ? 'ES256' : alg === 'EdDSA' ? 'Ed25519' : 'RS512';
    if (alg.startsWith('HS')) {
      expect(await outcome(await mode(hmac), bearer(await sign({ [namespace]: claims }, alg)))).toEqual(
        expected,
      );
      return;
    }
    // a key checks every algorithm of its family
    const key =
      alg.startsWith('RS') || alg.startsWith('PS')
        ? await crypto.subtle.importKey(
            'jwk',
            { ...(await exportJWK(pair.privateKey)), alg } as JsonWebKey,
            { name: alg.startsWith('PS') ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5', hash: `SHA-${alg.slice(2)}` },
            false,
            ['sign'],
          )
        : pair.privateKey;
    const authentication = await mode({ type, key: await exportSPKI(pair.publicKey) });
    expect(await outcome(authentication, bearer(await sign({ [namespace]: claims }, alg, key)))).toEqual(
      expected,
    );
  });

  test.each([
    ['Cookie', { type: 'Cookie', name: 'session' }, (token: string) => ['Cookie', `a=b; session=${token}`]],
    ['a custom header', { type: 'CustomHeader', name: 'X-Token' }, (token: string) => ['x-token', token]],
  ])('in %s, where Authorization is ignored', async (_name, header, headers) => {
    const token = await sign({ [namespace]: claims });
    const authentication = await mode({ ...hmac, header });
    expect(await outcome(authentication, [...headers(token), 'Authorization', 'nonsense'])).toEqual(expected);
  });

  test.each([
    ['stringified', { claims_format: 'stringified_json' }, { [namespace]: JSON.stringify(claims) }],
    ['another namespace', { claims_namespace: 'mine' }, { mine: claims }],
    ['the root', { claims_namespace_path: '$' }, claims],
    ['a path', { claims_namespace_path: "$.hasura['claims%']" }, { hasura: { 'claims%': claims } }],
    [
      'a map',
      {
        claims_map: {
          'x-hasura-allowed-roles': { path: '$.roles', default: ['user'] },
          'x-hasura-default-role': 'user',
          'x-hasura-user-id': { path: '$.sub' },
        },
      },
      { sub: '1' },
    ],
  ])('claims at %s', async (_name, configuration, payload) => {
    const authentication = await mode({ ...hmac, ...configuration });
    expect(await outcome(authentication, bearer(await sign(payload)))).toEqual(expected);
  });

  test('an allowed role can be asked for; other headers say nothing', async () => {
    const headers = [
      ...bearer(await sign({ [namespace]: claims })),
      'X-Hasura-Role',
      'editor',
      'X-Hasura-User-Id',
      '2',
    ];
    expect(await outcome(await mode(hmac), headers)).toEqual({
      role: 'editor',
      variables: { 'x-hasura-role': 'editor', 'x-hasura-user-id': '1' },
    });
    expect(
      await outcome(await mode(hmac), [
        ...bearer(await sign({ [namespace]: claims })),
        'X-Hasura-Role',
        'admin',
      ]),
    ).toEqual({
      code: 'access-denied',
      status: 400,
      message: 'Your requested role is not in allowed roles',
    });
  });

  test('issuer and audience are checked only where both sides name them', async () => {
    const strict = await mode({ ...hmac, issuer: 'me', audience: ['a', 'b'], allowed_skew: 60 });
    expect(await outcome(strict, bearer(await sign({ [namespace]: claims })))).toEqual(expected);
    const payload = { [namespace]: claims, iss: 'me', aud: ['b', 'c'], exp: now() - 30 };
    expect(await outcome(strict, bearer(await sign(payload)))).toEqual(expected);
    expect(
      await outcome(await mode(hmac), bearer(await sign({ [namespace]: claims, iss: 'x', aud: 'y' }))),
    ).toEqual(expected);
  });
});

test.each([[9e12], [1e20], [1e300]])(
  'a token that ends at %d seconds ends never, or as late as a date can be',
  async (exp) => {
    const authentication = await mode(hmac);
    const token = await sign({ [namespace]: claims, exp });
    const { session } = await authentication.authenticate(bearer(token), { graphqlBody: () => null });
    expect(session.expiresAt).toBeNull();
  },
);

describe('a token that is refused', () => {
  test.each([
    ['expired', { exp: 1 }, 'JWTExpired'],
    ['of the future', { iat: 9e9 }, 'JWTIssuedAtFuture'],
    ['not yet valid', { nbf: 9e9 }, 'JWTNotYetValid'],
    ['of another issuer', { iss: 'you' }, 'JWTNotInIssuer'],
    ['for another audience', { aud: 'you' }, 'JWTNotInAudience'],
    ['whose id is no text', { jti: 1 as never }, 'JWTClaimsSetDecodeError "jti is not a string"'],
    ['that names nobody', { sub: 1 as never }, 'JWTClaimsSetDecodeError "sub is not a string"'],
  ])('%s', async (_name, payload, reason) => {
    const authentication = await mode({ ...hmac, issuer: 'me', audience: 'me' });
    expect(await outcome(authentication, bearer(await sign({ [namespace]: claims, ...payload })))).toEqual(
      refused(reason),
    );
  });

  test('with another signature, of another family, or none', async () => {
    const token = await sign({ [namespace]: claims });
    const [head, payload] = token.split('.');
    const forged = bearer(`${head}.${payload}.${'A'.repeat(43)}`);
    expect(await outcome(await mode(hmac), forged)).toEqual(refused('JWSError JWSInvalidSignature'));
    const pem = await exportSPKI(rsa.publicKey);
    // the classic confusion: the public key as an HMAC secret
    const confused = await sign({ [namespace]: claims }, 'HS256', new TextEncoder().encode(pem));
    expect(await outcome(await mode({ type: 'RS256', key: pem }), bearer(confused))).toEqual(
      refused('JWSError JWSInvalidSignature'),
    );
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    expect(await outcome(await mode(hmac), bearer(`${none}.${payload}.`))).toEqual(
      refused('JWSError JWSNoSignatures'),
    );
    expect(await outcome(await mode(hmac), bearer('a.b'))).toEqual(
      refused('JWSError (CompactDecodeError Invalid number of parts: Expected 3 parts; got 2)'),
    );
    for (const odd of [`${token}=`, `${token}!`, token.replace(/.$/, '+')]) {
      expect(await outcome(await mode(hmac), bearer(odd))).toEqual(
        refused('JWSError (JSONDecodeError "the signature is not base64url")'),
      );
    }
  });

  test.each([
    ['Authorization', { type: 'Authorization' }, (token: string) => ['authorization', `Bearer ${token}`]],
    ['a custom header', { type: 'CustomHeader', name: 'X-Token' }, (token: string) => ['x-token', token]],
    ['a cookie', { type: 'Cookie', name: 'session' }, (token: string) => ['cookie', `session=${token}`]],
  ])('beside a second one in %s: neither counts', async (_name, header, headers) => {
    const token = await sign({ [namespace]: claims });
    const admin = { 'x-hasura-allowed-roles': ['admin'], 'x-hasura-default-role': 'admin' };
    const other = await sign({ [namespace]: admin });
    const authentication = await mode({ ...hmac, header }, 'anonymous');
    expect(await outcome(authentication, [...headers(token), ...headers(other)])).toEqual({
      code: 'invalid-headers',
      status: 400,
      message: 'Could not verify JWT: Multiple JWTs found',
    });
  });

  test.each([
    [{}, 'jwt-invalid-claims', `claims key: '${namespace}' not found`],
    [{ [namespace]: 'x' }, 'jwt-invalid-claims', 'expecting a json object when claims_format is json'],
    [{ [namespace]: {} }, 'jwt-missing-role-claims', 'JWT claim does not contain x-hasura-allowed-roles'],
    [
      { [namespace]: { ...claims, 'x-hasura-allowed-roles': 'user' } },
      'jwt-invalid-claims',
      'invalid x-hasura-allowed-roles; should be a list of roles: parsing [] failed, expected Array, but encountered String',
    ],
    [
      { [namespace]: { 'x-hasura-allowed-roles': ['user'] } },
      'jwt-missing-role-claims',
      'JWT claim does not contain x-hasura-default-role',
    ],
    [
      { [namespace]: { ...claims, 'x-hasura-user-id': 1 } },
      'jwt-invalid-claims',
      'x-hasura-* claims: parsing Text failed, expected String, but encountered Number',
    ],
    [
      { [namespace]: { ...claims, 'x-hasura-allowed-roles': ['user', 1] } },
      'jwt-invalid-claims',
      'invalid x-hasura-allowed-roles; should be a list of roles: parsing String failed, expected String, but encountered Number',
    ],
    [
      { [namespace]: { ...claims, 'x-hasura-default-role': null } },
      'jwt-invalid-claims',
      'invalid x-hasura-default-role; should be a single role name: parsing String failed, expected String, but encountered Null',
    ],
    [
      { [namespace]: { ...claims, 'x-hasura-default-role': '' } },
      'jwt-invalid-claims',
      'invalid x-hasura-default-role; should be a single role name: empty string not allowed',
    ],
  ])('with the claims %j', async (payload, code, message) => {
    expect(await outcome(await mode(hmac), bearer(await sign(payload)))).toEqual({
      code,
      status: 400,
      message,
    });
  });

  test.each([
    [{}, 'jwt-missing-role-claims', 'JWT claim does not contain x-hasura-allowed-roles'],
    [
      { roles: 'user', role: 1 },
      'jwt-invalid-claims',
      'invalid x-hasura-allowed-roles; should be a list of roles: parsing [] failed, expected Array, but encountered String',
    ],
    [{ roles: ['user'] }, 'jwt-missing-role-claims', 'JWT claim does not contain x-hasura-default-role'],
    [
      { roles: ['user'], role: ['user'] },
      'jwt-invalid-claims',
      'invalid x-hasura-default-role; should be a role: parsing String failed, expected String, but encountered Array',
    ],
    [
      { roles: ['user'], role: 'user' },
      'jwt-invalid-claims',
      'JWT claim from claims_map, x-hasura-user-id not found',
    ],
    [
      { roles: ['user'], role: 'user', user: null },
      'jwt-invalid-claims',
      'x-hasura-* claims: parsing Text failed, expected String, but encountered Null',
    ],
  ])('with %j at mapped claims: the roles are looked at first', async (payload, code, message) => {
    const claims_map = {
      'x-hasura-user-id': { path: '$.user' },
      'x-hasura-default-role': { path: '$.role' },
      'x-hasura-allowed-roles': { path: '$.roles' },
    };
    expect(await outcome(await mode({ ...hmac, claims_map }), bearer(await sign(payload)))).toEqual({
      code,
      status: 400,
      message,
    });
  });

  test('no token: the unauthorized role, where there is one; a bad one never', async () => {
    const missing = {
      code: 'invalid-headers',
      status: 400,
      message: "Missing 'Authorization' or 'Cookie' header in JWT authentication mode",
    };
    expect(await outcome(await mode(hmac), ['Cookie', 'a=b'])).toEqual(missing);
    const lenient = await mode(hmac, 'anonymous');
    expect(await outcome(lenient, ['x-hasura-role', 'admin'])).toMatchObject({ role: 'anonymous' });
    expect(await outcome(lenient, ['Authorization', 'Basic abc'])).toEqual({
      ...missing,
      message: 'Malformed Authorization header',
    });
    expect(await outcome(lenient, bearer('x.y.z'))).toMatchObject({ code: 'invalid-jwt' });
  });
});

test('several configurations: chosen by issuer, never tried in turn', async () => {
  const other = 'another secret of at least thirty-two bytes';
  const configurations = parseJwtConfigurations(
    JSON.stringify([
      { ...hmac, issuer: 'one' },
      { type: 'HS256', key: other, issuer: 'two' },
    ]),
  );
  const authentication = await jwtMode(configurations, { unauthorizedRole: null, client, log() {} });
  const token = (iss: string) => sign({ [namespace]: claims, iss }, 'HS256', new TextEncoder().encode(other));
  expect(await outcome(authentication, bearer(await token('two')))).toMatchObject({ role: 'user' });
  expect(await outcome(authentication, bearer(await token('one')))).toEqual(
    refused('JWSError JWSInvalidSignature'),
  );
  expect(await outcome(authentication, bearer(await token('three')))).toEqual(refused('JWTNotInIssuer'));
  expect(await outcome(authentication, bearer(await sign({ [namespace]: claims })))).toEqual({
    code: 'invalid-headers',
    status: 400,
    message: 'Could not verify JWT: Multiple JWTs found',
  });
});

describe('keys from an address', () => {
  let server: Server;
  let url: string;
  let keys: unknown[] = [];
  let requests = 0;
  beforeAll(async () => {
    server = createServer((_request, response) => {
      requests++;
      response.setHeader('Cache-Control', 'no-cache');
      response.end(JSON.stringify({ keys }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => server.close());

  test('that answers something else: the log tells what, and the engine does not start', async () => {
    const refusing = createServer((_request, response) => response.writeHead(503).end('later'));
    await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}/`;
    const lines: unknown[] = [];
    const message = `Non-2xx response on fetching JWK from: ${address}`;
    const opened = jwtMode(parseJwtConfigurations(JSON.stringify([{ jwk_url: address }])), {
      unauthorizedRole: null,
      client,
      log: (entry) => lines.push(entry),
    });
    await expect(opened).rejects.toThrow(message);
    refusing.close();
    expect(lines[0]).toEqual({
      level: 'error',
      type: 'jwk-refresh-log',
      detail: { message, error: { status_code: 503, url: address, response: 'later' } },
    });
    expect(lines).toHaveLength(5);
  }, 15_000);

  test('are all tried, and renewed when their time is over', async () => {
    keys = [{ kty: 'nonsense' }, await exportJWK(ec.publicKey)];
    const [configuration] = parseJwtConfigurations(JSON.stringify([{ jwk_url: url }]));
    if (configuration === undefined) throw new Error('one was given');
    const authentication = await jwtMode([configuration], {
      unauthorizedRole: null,
      client,
      log() {},
      tickMs: 20,
    });
    const token = await sign({ [namespace]: claims }, 'ES256', ec.privateKey);
    expect(await outcome(authentication, bearer(token))).toMatchObject({ role: 'user' });
    keys = [{ ...(await exportJWK(rsa.publicKey)), use: 'sig' }];
    await expect
      .poll(() => outcome(authentication, bearer(token)))
      .toEqual(refused('JWSError JWSInvalidSignature'));
    expect(requests).toBeGreaterThan(1);
    authentication.close();
  });

  test('are fetched at once for a token that names an unknown key, but not for every such token', async () => {
    const kid = (id: string, key: webcrypto.CryptoKey) =>
      new SignJWT({ [namespace]: claims }).setProtectedHeader({ alg: 'ES256', kid: id }).sign(key);
    const next = (await generateKeyPair('ES256', { extractable: true })) as webcrypto.CryptoKeyPair;
    keys = [{ ...(await exportJWK(ec.publicKey)), kid: 'old' }];
    const [configuration] = parseJwtConfigurations(JSON.stringify([{ jwk_url: url }]));
    if (configuration === undefined) throw new Error('one was given');
    const options = { unauthorizedRole: null, client, log() {} };
    const eager = await jwtMode([configuration], { ...options, coolDownMs: 0 });
    const calm = await jwtMode([configuration], options);
    try {
      expect(await outcome(eager, bearer(await kid('old', ec.privateKey)))).toMatchObject({ role: 'user' });
      // rotated: the service signs with a key that was not there a moment ago
      keys = [{ ...(await exportJWK(next.publicKey)), kid: 'new' }];
      const before = requests;
      const rotated = await kid('new', next.privateKey);
      const answers = await Promise.all([1, 2, 3].map(() => outcome(eager, bearer(rotated))));
      expect(answers).toEqual(answers.map(() => expect.objectContaining({ role: 'user' })));
      expect(requests).toBe(before + 1);
      expect(await outcome(eager, bearer(await kid('old', ec.privateKey)))).toEqual(
        refused('JWSError JWSInvalidSignature'),
      );
      // a known id with a wrong signature asks for nothing
      const forged = requests;
      expect(await outcome(eager, bearer(await kid('new', ec.privateKey)))).toEqual(
        refused('JWSError JWSInvalidSignature'),
      );
      for (const id of ['a', 'b', 'c']) {
        expect(await outcome(calm, bearer(await kid(id, next.privateKey)))).toEqual(
          refused('JWSError JWSInvalidSignature'),
        );
      }
      expect(requests).toBe(forged);
    } finally {
      eager.close();
      calm.close();
    }
  });

  test.each([
    ['max-age=3', null, 1003_000],
    ['public, must-revalidate, max-age=3', null, 1003_000],
    ['must-revalidate', null, 1000_000],
    ['no-store, max-age=3', null, 1000_000],
    ['max-age=lolbroken', null, 'unreadable'],
    [null, 'Thu, 01 Jan 1970 00:30:00 GMT', 1800_000],
    [null, 'soon', 'unreadable'],
    ['public', null, null],
    ['max-age=3', 'Thu, 01 Jan 1970 00:30:00 GMT', 1003_000],
  ])('Cache-Control %s, Expires %s', (cacheControl, expires, expected) => {
    expect(expiryOf(cacheControl, expires, 1000_000)).toBe(expected);
  });
});

test.each([
  ['{"type":"HS256","key":"short"}', 'Invalid JWK: Key size too small; should be atleast 32 characters'],
  ['{"type":"HS512","key":"0123456789012345678901234567890123456789"}', 'should be atleast 64 characters'],
  ['{"type":"RS256","key":"nonsense"}', 'Invalid JWK: Could not decode PEM: '],
  [
    '{"type":"HS256","key":"-----BEGIN PUBLIC KEY-----\\nabcdefghijklmnopqrst"}',
    'a PEM cannot be the secret',
  ],
  ['{"type":"HS1","key":"x"}', 'Invalid JWK: Key type: HS1 is not supported'],
  ['{"type":"HS256"}', 'key and jwk_url both cannot be empty'],
  ['{"key":"x","jwk_url":"https://x.y"}', 'key, jwk_url both cannot be present'],
  ['{"jwk_url":"file:///x"}', 'jwk_url is not an http or https URL'],
  [
    `{"type":"HS256","key":"${secret}","claims_namespace":"a","claims_namespace_path":"$"}`,
    'claims_namespace and claims_namespace_path both cannot be set',
  ],
  [
    `{"type":"HS256","key":"${secret}","claims_namespace_path":"$.a%"}`,
    'invalid JSON path claims_namespace_path error: $.a%.',
  ],
  [
    `{"type":"HS256","key":"${secret}","header":{"type":"x"}}`,
    "expected 'type' is 'Authorization' or 'Cookie' or 'CustomHeader'",
  ],
  [
    `{"type":"HS256","key":"${secret}","claims_map":{"x-hasura-allowed-roles":["a"]}}`,
    'x-hasura-default-role is expected but not found',
  ],
  ['{', 'Error in $: '],
])('the configuration %s does not start', (text, message) => {
  expect(() => parseJwtConfiguration(text)).toThrow(message);
});

test('what is shown of a configuration holds no key', () => {
  expect(
    describeJwt(parseJwtConfiguration(JSON.stringify({ ...hmac, claims_namespace_path: '$.a["b c"][0]' }))),
  ).toEqual({
    claims_namespace: '$.a["b c"][0]',
    claims_format: 'json',
    claims_map: null,
  });
});

test.each([
  ['$', []],
  ['$.hasura.claims', ['hasura', 'claims']],
  ['hasura.claims', ['hasura', 'claims']],
  ["$.['https://x'].user.id", ['https://x', 'user', 'id']],
  ['$.hasura.all_roles[0]', ['hasura', 'all_roles', 0]],
  ['$.a..b', null],
  ['$.1a', null],
  ['', null],
])('the JSON path %s', (text, path) => {
  expect(parseJsonPath(text)).toEqual(path);
  if (path !== null) expect(parseJsonPath(printJsonPath(path))).toEqual(path);
});

test('a signature is computed once for the same keys; times are looked at whenever the token comes', async () => {
  const checks = { audience: null, issuer: null, allowedSkewSeconds: 0 };
  const { key, algorithms } = readConfiguredKey('HS256', secret);
  let uses = 0;
  const counted = {
    algorithms,
    get key() {
      uses++;
      return key;
    },
  };
  const keys = [counted];
  const tokens = new VerifiedTokens();
  const token = await sign({ sub: 'ann', exp: now() + 60 });
  for (let time = 0; time < 3; time++) {
    expect(tokens.verify(token, keys, checks, Date.now())).toMatchObject({ sub: 'ann' });
  }
  expect(uses).toBe(1);
  expect(() => tokens.verify(token, keys, checks, Date.now() + 61_000)).toThrow('JWTExpired');
  expect(() => tokens.verify(`${token}x`, keys, checks, Date.now())).toThrow();
  expect(() => tokens.verify(token, [], checks, Date.now())).toThrow('NoUsableKeys');
});
