import { describe, expect, test } from 'vitest';
import { createAuthenticator } from './authenticator.ts';
import { checkAuthentication } from './check.ts';
import type { AuthenticationConfiguration, RawHeaders } from './types.ts';

const nothing: AuthenticationConfiguration = {
  adminSecrets: [],
  unauthorizedRole: null,
  hook: null,
  jwt: [],
};

async function outcome(configuration: Partial<AuthenticationConfiguration>, headers: RawHeaders) {
  const authenticator = await createAuthenticator({ ...nothing, ...configuration });
  try {
    const { session } = await authenticator.authenticate(headers);
    return {
      role: session.role,
      variables: Object.fromEntries(session.variables),
      backendOnly: session.usesBackendOnly,
    };
  } catch (error) {
    const { code, status, message } = error as { code: string; status: number; message: string };
    return { code, status, message };
  }
}

describe('no admin secret', () => {
  test('everybody is admin, or whoever they say', async () => {
    expect(await outcome({}, [])).toMatchObject({ role: 'admin', variables: { 'x-hasura-role': 'admin' } });
    expect(await outcome({}, ['X-Hasura-Role', ''])).toMatchObject({ role: 'admin' });
    expect(await outcome({}, ['X-Hasura-Role', 'user', 'X-Hasura-User-Id', '1'])).toMatchObject({
      role: 'user',
      variables: { 'x-hasura-role': 'user', 'x-hasura-user-id': '1' },
    });
  });

  test('a secret that is sent is no session variable', async () => {
    const { variables } = (await outcome({}, ['x-hasura-admin-secret', 's', 'X-Hasura-Access-Key', 's'])) as {
      variables: object;
    };
    expect(variables).toEqual({ 'x-hasura-role': 'admin' });
  });
});

describe('admin secret', () => {
  const adminSecrets = ['first', 'zweites-Gehéimnis'];
  const invalid = {
    code: 'access-denied',
    status: 401,
    message: 'invalid x-hasura-admin-secret/x-hasura-access-key',
  };

  test('who sends one is admin, or whom they pose as', async () => {
    expect(await outcome({ adminSecrets }, ['X-Hasura-Admin-Secret', 'first'])).toMatchObject({
      role: 'admin',
    });
    expect(
      await outcome({ adminSecrets }, ['x-hasura-access-key', 'first', 'x-hasura-role', 'user']),
    ).toMatchObject({
      role: 'user',
    });
    const asBytes = Buffer.from('zweites-Gehéimnis', 'utf8').toString('latin1');
    expect(await outcome({ adminSecrets }, ['x-hasura-admin-secret', asBytes])).toMatchObject({
      role: 'admin',
    });
  });

  test.each(['', 'First', 'firs', 'first ', 'first\0', 'f'.repeat(5000), 'zweites-Gehéimnis'])(
    '%j is refused, also where an unauthorized role is configured',
    async (secret) => {
      const headers = ['x-hasura-admin-secret', secret];
      expect(await outcome({ adminSecrets }, headers)).toEqual(invalid);
      expect(await outcome({ adminSecrets, unauthorizedRole: 'anonymous' }, headers)).toEqual(invalid);
    },
  );

  test('a long secret that begins like a configured one', async () => {
    const long = 'x'.repeat(200);
    expect(await outcome({ adminSecrets: [long] }, ['x-hasura-admin-secret', long])).toMatchObject({
      role: 'admin',
    });
    expect(await outcome({ adminSecrets: [long] }, ['x-hasura-admin-secret', `${long}x`])).toEqual(invalid);
  });

  test('nothing is sent', async () => {
    expect(await outcome({ adminSecrets }, ['x-hasura-role', 'admin'])).toEqual({
      ...invalid,
      message: 'x-hasura-admin-secret/x-hasura-access-key required, but not found',
    });
  });

  test('the unauthorized role cannot become another one', async () => {
    const headers = ['x-hasura-role', 'admin', 'x-hasura-user-id', '7'];
    expect(await outcome({ adminSecrets, unauthorizedRole: 'anonymous' }, headers)).toEqual({
      role: 'anonymous',
      variables: { 'x-hasura-role': 'anonymous' },
      backendOnly: false,
    });
  });

  test('a visitor vouches for no session variable, unless visitors are trusted as in v2', async () => {
    const headers = ['x-hasura-user-id', '7'];
    const trusting = { adminSecrets, unauthorizedRole: 'anonymous', trustsVisitors: true };
    expect(await outcome({ adminSecrets, unauthorizedRole: 'anonymous' }, headers)).toMatchObject({
      variables: { 'x-hasura-role': 'anonymous' },
    });
    expect(await outcome(trusting, headers)).toMatchObject({
      variables: { 'x-hasura-role': 'anonymous', 'x-hasura-user-id': '7' },
    });
  });

  test('of duplicate headers the last counts; values are UTF-8', async () => {
    const name = Buffer.from('Zoë', 'utf8').toString('latin1');
    const headers = [
      'x-hasura-admin-secret',
      'first',
      'X-Hasura-Name',
      'a',
      'x-hasura-name',
      name,
      'accept',
      '*',
    ];
    expect(await outcome({ adminSecrets }, headers)).toMatchObject({
      variables: { 'x-hasura-role': 'admin', 'x-hasura-name': 'Zoë' },
    });
  });
});

describe('backend-only flag', () => {
  const flag = 'x-hasura-use-backend-only-permissions';
  const configuration = { adminSecrets: ['s'], unauthorizedRole: 'anonymous' };

  test.each([
    ['TRUE', true],
    ['y', true],
    ['No', false],
    ['f', false],
  ])('%s', async (text, expected) => {
    const headers = ['x-hasura-admin-secret', 's', 'x-hasura-role', 'user', flag, text];
    expect(await outcome(configuration, headers)).toMatchObject({ backendOnly: expected });
    expect(await outcome({}, headers)).toMatchObject({ backendOnly: expected });
  });

  test('counts only with the secret', async () => {
    expect(await outcome(configuration, [flag, 'true'])).toMatchObject({
      role: 'anonymous',
      backendOnly: false,
    });
    expect(await outcome(configuration, [flag, 'maybe'])).toMatchObject({
      role: 'anonymous',
      backendOnly: false,
    });
  });

  test('is not boolean', async () => {
    expect(await outcome({}, [flag, '1'])).toEqual({
      code: 'bad-request',
      status: 400,
      message: `${flag}:  Not a valid boolean text. True values are ["true","t","yes","y"] and  False values are ["false","f","no","n"]. All values are case insensitive`,
    });
  });
});

describe('what may start', () => {
  const secretNeeded =
    'requires --admin-secret (HASURA_GRAPHQL_ADMIN_SECRET) or  --access-key (HASURA_GRAPHQL_ACCESS_KEY) to be set';
  const roleRefused = `Fatal Error: --unauthorized-role (HASURA_GRAPHQL_UNAUTHORIZED_ROLE) ${secretNeeded} and is not allowed when --auth-hook (HASURA_GRAPHQL_AUTH_HOOK) is set`;
  test.each([
    { secret: false, hook: false, jwt: false, role: false, text: null },
    { secret: true, hook: false, jwt: false, role: true, text: null },
    { secret: true, hook: false, jwt: true, role: true, text: null },
    { secret: true, hook: true, jwt: false, role: false, text: null },
    {
      secret: false,
      hook: true,
      jwt: false,
      role: false,
      text: `Fatal Error : --auth-hook (HASURA_GRAPHQL_AUTH_HOOK) ${secretNeeded}`,
    },
    {
      secret: false,
      hook: false,
      jwt: true,
      role: false,
      text: `Fatal Error : --jwt-secret (HASURA_GRAPHQL_JWT_SECRET) ${secretNeeded}`,
    },
    {
      secret: true,
      hook: true,
      jwt: true,
      role: false,
      text: 'Fatal Error: Both webhook and JWT mode cannot be enabled at the same time',
    },
    { secret: false, hook: false, jwt: false, role: true, text: roleRefused },
    { secret: true, hook: true, jwt: false, role: true, text: roleRefused },
    { secret: false, hook: false, jwt: true, role: true, text: roleRefused },
  ])('secret $secret, hook $hook, jwt $jwt, unauthorized role $role', ({ secret, hook, jwt, role, text }) => {
    const set = {
      adminSecrets: secret ? ['s'] : [],
      hasHook: hook,
      hasJwt: jwt,
      unauthorizedRole: role ? 'anonymous' : null,
    };
    expect(checkAuthentication(set)).toBe(text);
  });

  test('an empty secret does not', () => {
    const set = { adminSecrets: [''], hasHook: false, hasJwt: false, unauthorizedRole: null };
    expect(checkAuthentication(set)).toBe('Fatal Error: the admin secret must not be empty');
  });
});
