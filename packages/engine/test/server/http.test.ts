import { once } from 'node:events';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWebhookServer } from '../support/webhook-server.ts';
import { adminSecret, type LogLine, type NotesServer, startNotesServer } from './notes-engine.ts';

let notes: NotesServer;
beforeAll(async () => {
  notes = await startNotesServer({
    HASURA_GRAPHQL_ENABLED_LOG_TYPES: 'startup,http-log,query-log',
    HASURA_GRAPHQL_UNAUTHORIZED_ROLE: 'anonymous',
    HASURA_GRAPHQL_CORS_DOMAIN: 'https://*.example.org, http://localhost:3000',
    POSTERN_MAX_REQUEST_BODY_BYTES: '1000000',
  });
});
afterAll(() => notes.stop());

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(notes.server.url + path, { headers, redirect: 'manual' });

describe('answers', () => {
  test('a query as admin', async () => {
    const response = await notes.post('/v1/graphql', {
      query: '{ notes(order_by: {id: asc}) { id owner } }',
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await response.json()).toEqual({
      data: {
        notes: [
          { id: 1, owner: 1 },
          { id: 2, owner: 2 },
          { id: 3, owner: 1 },
        ],
      },
    });
  });

  test('a role sees its own rows; its session variables are the headers sent with the secret', async () => {
    const headers = { 'X-Hasura-Role': 'user', 'X-Hasura-User-Id': '2' };
    const response = await notes.post('/v1/graphql', { query: '{ notes { id body } }' }, headers);
    expect(await response.json()).toEqual({ data: { notes: [{ id: 2, body: 'two' }] } });
  });

  test('the request id of the client is kept', async () => {
    const response = await notes.post('/v1/graphql', { query: '{ __typename }' }, { 'x-request-id': 'mine' });
    expect(response.headers.get('x-request-id')).toBe('mine');
  });

  test('a batch is answered in order, each member for itself', async () => {
    const response = await notes.post('/v1/graphql', [
      { query: '{ notes_by_pk(id: 1) { body } }' },
      { query: '{ nope }' },
      { query: 'query($id: Int!) { notes_by_pk(id: $id) { body } }', variables: { id: 3 } },
    ]);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual([
      { data: { notes_by_pk: { body: 'one' } } },
      {
        errors: [
          {
            message: "field 'nope' not found in type: 'query_root'",
            extensions: { path: '$.selectionSet.nope', code: 'validation-failed' },
          },
        ],
      },
      { data: { notes_by_pk: { body: 'three' } } },
    ]);
    expect(await (await notes.post('/v1/graphql', [])).json()).toEqual([]);
  });

  test('large numbers in nested variables keep their digits', async () => {
    const response = await notes.post(
      '/v1/graphql',
      '{"query":"query($w: notes_bool_exp!) { notes(where: $w) { id } }","variables":{"w":{"id":{"_eq":9007199254740993}}}}',
    );
    expect(JSON.stringify(await response.json())).toContain('The value 9.007199254740993e15 lies outside');
  });

  test('explain, for the role that is asked for', async () => {
    const response = await notes.post('/v1/graphql/explain', {
      query: { query: '{ notes { id } }' },
      user: { 'x-hasura-role': 'user', 'x-hasura-user-id': '1' },
    });
    const [plan] = (await response.json()) as { field: string; sql: string; plan: string[] }[];
    expect(plan).toMatchObject({ field: 'notes' });
    expect(plan?.plan.join('\n')).toContain('owner = 1');
  });

  test('public endpoints need no secret', async () => {
    expect(await (await get('/healthz')).text()).toBe('OK');
    expect(await (await get('/hasura/healthz?strict=true')).text()).toBe('OK');
    expect(await (await get('/v1/version')).json()).toEqual({ version: 'v2.48.0', server_type: 'ce' });
  });
});

describe('refusals', () => {
  test.each([
    [
      '{"query": 5}',
      '$.query',
      'parse-failed',
      'parsing Text failed, expected String, but encountered Number',
    ],
    ['{}', '$', 'parse-failed', "the key 'query' was not present"],
    [
      '"text"',
      '$',
      'parse-failed',
      'parsing Hasura.GraphQL.Transport.HTTP.Protocol.GQLReq(GQLReq) failed, expected Object, but encountered String',
    ],
    [
      '{"query":"{x}","variables":[]}',
      '$.variables',
      'parse-failed',
      'parsing HashMap failed, expected Object, but encountered Array',
    ],
    ['{"query":"{x}"', '$', 'invalid-json', 'unexpected end of input at position 14'],
    ['{"query":"a\0b"}', '$', 'invalid-json', 'malformed string at position 9'],
    ['[{"query":"{x}"},{}]', '$[1]', 'parse-failed', "the key 'query' was not present"],
    [
      '{"query":"subscription { notes { id } }"}',
      '$',
      'unexpected-payload',
      'subscriptions are not supported over HTTP, use websockets instead',
    ],
  ])('%s: told with status 200, and with the true status on v1alpha1', async (body, path, code, message) => {
    const expected = { errors: [{ message, extensions: { path, code } }] };
    const v1 = await notes.post('/v1/graphql', body);
    expect([v1.status, await v1.json()]).toEqual([200, expected]);
    const v1alpha1 = await notes.post('/v1alpha1/graphql', body);
    expect([v1alpha1.status, await v1alpha1.json()]).toEqual([400, expected]);
  });

  test('persisted queries are refused where Hasura could take them, and overlooked elsewhere', async () => {
    const request = {
      query: '{ __typename }',
      extensions: { persistedQuery: { version: 1, sha256Hash: 'a' } },
    };
    const answer = { data: { __typename: 'query_root' } };
    const refusal = {
      errors: [{ message: 'PersistedQueryNotSupported', extensions: { path: '$', code: 'not-supported' } }],
    };
    const missing = {
      errors: [
        { message: "the key 'query' was not present", extensions: { path: '$', code: 'parse-failed' } },
      ],
    };
    const { extensions } = request;
    for (const [path, body, expected] of [
      ['/v1/graphql', request, refusal],
      ['/v1/graphql', { extensions }, refusal],
      ['/v1/graphql', [request], [answer]],
      ['/v1alpha1/graphql', request, answer],
      ['/v1alpha1/graphql', { extensions }, missing],
      ['/v1beta1/relay', request, answer],
    ] as const) {
      expect([path, await (await notes.post(path, body)).json()]).toEqual([path, expected]);
    }
  });

  test('bytes that are no UTF-8', async () => {
    const response = await fetch(`${notes.server.url}/v1/graphql`, {
      method: 'POST',
      headers: { 'x-hasura-admin-secret': adminSecret },
      body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]),
    });
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'invalid-json' } }] });
  });

  test('bad credentials go before a bad body', async () => {
    const response = await notes.post('/v1alpha1/graphql', '{', { 'x-hasura-admin-secret': 'wrong' });
    expect([response.status, await response.json()]).toEqual([
      401,
      {
        errors: [
          {
            message: 'invalid x-hasura-admin-secret/x-hasura-access-key',
            extensions: { path: '$', code: 'access-denied' },
          },
        ],
      },
    ]);
  });

  test.each(['/v1/metadata', '/v2/query', '/v1/query'])('%s is for the admin', async (path) => {
    const body = { type: 'run_sql', args: { sql: 'select 1' } };
    const response = await notes.post(path, body, { 'x-hasura-role': 'user' });
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: 'restricted access : admin only', path: '$.args', code: 'access-denied' },
    ]);
  });

  test.each([
    ['GET', '/v1alpha1/config'],
    ['POST', '/v1/graphql/explain'],
  ])('%s %s is for the admin', async (method, path) => {
    const response = await fetch(notes.server.url + path, { method });
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: 'You have to be an admin to access this endpoint', path: '$', code: 'access-denied' },
    ]);
  });

  test.each(['/v1/graphql/', '//v1/graphql', '//v1//graphql//'])('%s is the endpoint', async (path) => {
    const response = await notes.post(path, { query: '{ __typename }' });
    expect(await response.json()).toEqual({ data: { __typename: 'query_root' } });
  });

  test('unknown paths, wrong methods and APIs that are off', async () => {
    for (const path of [
      '/nope',
      '/v1/metadata',
      '/dev/plan_cache',
      '/console',
      '/',
      '/v1/graphql/x',
      '/__proto__',
    ]) {
      const response = await get(path, { 'x-hasura-admin-secret': adminSecret });
      expect([path, response.status, await response.json()]).toEqual([
        path,
        404,
        { error: 'resource does not exist', path: '$', code: 'not-found' },
      ]);
    }
  });

  test('a body beyond the limit, declared or not', async () => {
    const body = 'x'.repeat(1_000_001);
    for (const path of ['/v1/graphql', '/v1beta1/relay']) {
      const declared = await notes.post(path, body);
      expect(declared.status).toBe(413);
      expect(await declared.json()).toMatchObject({
        errors: [{ message: 'the request body is larger than 1000000 bytes' }],
      });
    }
    const chunked = await fetch(`${notes.server.url}/v1/metadata`, {
      method: 'POST',
      body: new Blob([body]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect([chunked.status, await chunked.json()]).toEqual([
      413,
      { error: 'the request body is larger than 1000000 bytes', path: '$', code: 'bad-request' },
    ]);
  });

  test.each([
    ['an answer from the database', '{ notes { id } }'],
    ['a small text', '{ nope }'],
    ['a large text', '{ __schema { types { name fields { name type { name } } inputFields { name } } } }'],
  ])('bytes of headers come back as they were sent: %s', async (_what, query) => {
    const body = JSON.stringify({ query });
    const socket = connect(notes.server.port, '127.0.0.1');
    const lines = `POST /v1/graphql HTTP/1.1\r\nhost: x\r\nx-hasura-admin-secret: ${adminSecret}\r\nconnection: close\r\ncontent-length: ${body.length}\r\nx-request-id: ä€\r\n\r\n${body}`;
    socket.write(lines);
    const pieces: Buffer[] = [];
    for await (const piece of socket) pieces.push(piece as Buffer);
    expect(Buffer.concat(pieces).toString()).toMatch(/^X-Request-Id: ä€\r$/m);
  });

  test('what is not HTTP, a client that goes away: the server goes on', async () => {
    const port = notes.server.port;
    const garbage = connect(port, '127.0.0.1');
    garbage.write('hello\r\n\r\n');
    expect(String((await once(garbage, 'data'))[0])).toMatch(/^HTTP\/1\.1 400 /);
    const leaving = connect(port, '127.0.0.1');
    leaving.write('POST /v1/graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 900000\r\n\r\n{"query"');
    await once(leaving, 'connect');
    leaving.destroy();
    expect(await (await get('/healthz')).text()).toBe('OK');
  });
});

test('internals of what nobody expects are for the admin only', async () => {
  const refused = {
    query: 'query($b: String) { notes(where: {body: {_eq: $b}}) { id } }',
    variables: { b: '\0' },
  };
  expect(await (await notes.post('/v1/graphql', refused)).text()).not.toContain('internal');
  // behind the engine's back, so that its statement names a column that is not there
  await notes.database.sql('alter table notes rename column body to renamed');
  const broken = { query: '{ notes { id body } }' };
  expect(await (await notes.post('/v1/graphql', broken)).json()).toMatchObject({
    errors: [{ extensions: { code: 'unexpected', internal: { error: { status_code: '42703' } } } }],
  });
  const asUser = await notes.post('/v1/graphql', broken, {
    'x-hasura-role': 'user',
    'x-hasura-user-id': '1',
  });
  const answer = await asUser.text();
  await notes.database.sql('alter table notes rename column renamed to body');
  expect(answer).toContain('database query error');
  expect(answer).not.toContain('internal');
});

test('without a secret: the unauthorized role, whatever role is asked for', async () => {
  const response = await fetch(`${notes.server.url}/v1/graphql`, {
    method: 'POST',
    headers: { 'x-hasura-role': 'admin' },
    body: '{"query":"{ notes { id } }"}',
  });
  expect(await response.json()).toMatchObject({
    errors: [{ message: "field 'notes' not found in type: 'query_root'" }],
  });
});

describe('CORS', () => {
  test('an allowed origin is echoed', async () => {
    const response = await get('/v1/version', { origin: 'https://app.example.org' });
    expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example.org');
    expect(response.headers.get('access-control-allow-credentials')).toBe('true');
  });

  test('another origin is served without the headers', async () => {
    const response = await get('/v1/version', { origin: 'https://a.b.example.org' });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([200, null]);
  });

  test('a pre-flight request needs no credentials', async () => {
    const response = await fetch(`${notes.server.url}/v1/graphql`, {
      method: 'OPTIONS',
      headers: { origin: 'http://localhost:3000', 'access-control-request-headers': 'x-hasura-role' },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-headers')).toBe('x-hasura-role');
    expect(response.headers.get('access-control-max-age')).toBe('1728000');
  });
});

test('answers of 700 bytes and more are gzipped for those who accept it', async () => {
  // fetch would take the encoding off
  const body = JSON.stringify({ query: '{ __schema { types { name } } }' });
  const socket = connect(notes.server.port, '127.0.0.1');
  socket.write(
    `POST /v1/graphql HTTP/1.1\r\nhost: x\r\nx-hasura-admin-secret: ${adminSecret}\r\naccept-encoding: gzip\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  const pieces: Buffer[] = [];
  for await (const piece of socket) pieces.push(piece as Buffer);
  const answer = Buffer.concat(pieces);
  const end = answer.indexOf('\r\n\r\n');
  expect(answer.subarray(0, end).toString()).toMatch(/^content-encoding: gzip$/im);
  expect(JSON.parse(gunzipSync(answer.subarray(end + 4)).toString())).toHaveProperty('data.__schema.types');
});

describe('logs', () => {
  test('one server_configuration line, without the secret', async () => {
    const lines = (await notes.logs()).filter(({ detail }) => detail.kind === 'server_configuration');
    expect(lines).toHaveLength(1);
    expect(lines[0]?.detail.info).toMatchObject({
      admin_secret_set: true,
      enable_console: false,
      unauth_role: 'anonymous',
    });
    expect(JSON.stringify(await notes.logs())).not.toContain(adminSecret);
  });

  test('a query that succeeds', async () => {
    const body = { query: '{ notes { id } }' };
    await notes.post('/v1/graphql', body, {
      'x-request-id': 'good',
      'x-hasura-role': 'user',
      'x-hasura-user-id': '1',
    });
    const logs = await notes.logs();
    const line = logs.find(({ type, detail }) => type === 'http-log' && detail.request_id === 'good');
    expect(line).toMatchObject({
      level: 'info',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/),
      detail: {
        http_info: {
          status: 200,
          method: 'POST',
          ip: '127.0.0.1',
          url: '/v1/graphql',
          http_version: 'HTTP/1.1',
        },
        operation: {
          request_id: 'good',
          request_mode: 'single',
          user_vars: { 'x-hasura-role': 'user', 'x-hasura-user-id': '1' },
          query: body,
          response_size: expect.any(Number),
          query_execution_time: expect.any(Number),
        },
      },
    });
    expect(
      logs.find(({ type, detail }) => type === 'query-log' && detail.request_id === 'good')?.detail,
    ).toEqual({
      request_id: 'good',
      kind: 'database',
      query: body,
      generated_sql: {
        notes: {
          query: expect.stringMatching(/^select .* from "public"\."notes"/),
          prepared_arguments: ['1'],
        },
      },
    });
  });

  test.each([
    ['{ a: notes { id } b: notes { id } }', [['database', ['a,b']]]],
    ['mutation { update_notes_by_pk(pk_columns: {id: 1}, _set: {owner: 1}) { id } }', [['database', null]]],
    ['{ __schema { queryType { name } } }', [['introspection', null]]],
    ['query @cached { notes { id } }', [['database', ['notes']]]],
    ['query @cached { notes { id } }', [['cached', null]]],
    ['{ nope }', []],
  ])('%s: what is asked of whom', async (query, told) => {
    const id = crypto.randomUUID();
    await notes.post('/v1/graphql', { query }, { 'x-request-id': id });
    const lines = (await notes.logs()).filter(
      ({ type, detail }) => type === 'query-log' && detail.request_id === id,
    );
    const keys = (sql: object | null) => (sql === null ? null : Object.keys(sql));
    expect(lines.map(({ detail }) => [detail.kind, keys(detail.generated_sql)])).toEqual(told);
  });

  test.each([
    ['/healthz', true],
    ['/hasura/healthz', true],
    ['/v1/version', true],
    ['/nowhere', true],
    ['/console', false],
  ])('%s is in the log: %s', async (path, isLogged) => {
    const id = `log${path}`;
    await fetch(`${notes.server.url}${path}`, { headers: { 'x-request-id': id }, redirect: 'manual' });
    const lines = (await notes.logs()).filter(({ detail }) => detail?.request_id === id);
    expect(lines.map(({ detail }) => detail.http_info.url)).toEqual(isLogged ? [path] : []);
  });

  const operationOf = async (id: string) =>
    (await notes.logs()).find(({ type, detail }) => type === 'http-log' && detail.request_id === id)?.detail
      .operation;

  test.each([
    ['that cannot be read, as it came', { quer: 1 }, {}, { raw_query: '{"quer":1}' }],
    [
      'of somebody unknown, as it came',
      { query: '{ a }' },
      { 'x-hasura-admin-secret': 'no' },
      { raw_query: '{"query":"{ a }"}' },
    ],
    ['that fails, as it was understood', { query: '{ nope }' }, {}, { query: { query: '{ nope }' } }],
  ])('a query %s', async (what, body, headers, told) => {
    await notes.post('/v1/graphql', body, { 'x-request-id': what, ...headers });
    const operation = await operationOf(what);
    expect(operation).toMatchObject({ request_mode: 'error', error: { path: expect.any(String) }, ...told });
    expect(Object.keys(operation).filter((key) => key.endsWith('query'))).toEqual(Object.keys(told));
  });

  test('a command has its type', async () => {
    const body = { type: 'run_sql', args: { sql: 'select x from nowhere' } };
    await notes.post('/v2/query', body, { 'x-request-id': 'sql' });
    const operation = await operationOf('sql');
    expect(operation).toMatchObject({ query: { type: 'run_sql' }, error: { code: 'postgres-error' } });
    expect(operation).not.toHaveProperty('raw_query');
  });

  test('the members of a batch are told one by one', async () => {
    const body = [{ query: '{ notes { id } }' }, { query: '{ nope }' }];
    await notes.post('/v1/graphql', body, { 'x-request-id': 'batch' });
    const line = (await notes.logs()).find(
      ({ type, detail }) => type === 'http-log' && detail.request_id === 'batch',
    );
    expect(line?.detail).toMatchObject({
      operation: { request_mode: 'batched', query: body },
      batched_operations: [
        { query: body[0], response_size: expect.any(Number), query_execution_time: expect.any(Number) },
        { query: body[1], error: { code: 'validation-failed', path: '$.selectionSet.nope' } },
      ],
    });
  });

  test('the query string is not told', async () => {
    await fetch(`${notes.server.url}/api/rest/nowhere?name=secret`, { headers: { 'x-request-id': 'rest' } });
    const line = (await notes.logs()).find(({ detail }) => detail.request_id === 'rest');
    expect(line?.detail.http_info.url).toBe('/api/rest/nowhere');
  });
});

test('without query-log no part of a request is in the logs', async () => {
  const other = await startNotesServer();
  try {
    for (const body of ['{ "secret": ', { query: '{ secret }' }, [{ query: '{ secret }' }]]) {
      await other.post('/v1/graphql', body);
    }
    const isQuery = ({ type, detail }: LogLine) =>
      type === 'http-log' && detail.http_info.url === '/v1/graphql';
    const lines = (await other.logs()).filter(isQuery);
    expect(lines).toHaveLength(3);
    // the error names the field
    for (const { detail } of lines) expect(detail.operation.query).toEqual({ type: null });
    expect(JSON.stringify(lines)).not.toContain('{ secret }');
    expect(JSON.stringify(lines)).not.toContain('raw_query');
  } finally {
    await other.stop();
  }
});

test.each(['GET', 'POST'])('a webhook called by %s is told the id of the request', async (mode) => {
  const hook = await startWebhookServer(() => ({ body: { 'X-Hasura-Role': 'anonymous' } }));
  const other = await startNotesServer({
    HASURA_GRAPHQL_AUTH_HOOK: hook.url,
    HASURA_GRAPHQL_AUTH_HOOK_MODE: mode,
  });
  try {
    const ids: (string | null)[] = [];
    for (const headers of [{}, { 'x-request-id': 'mine' }]) {
      const body = JSON.stringify({ query: '{ __typename }' });
      const response = await fetch(`${other.server.url}/v1/graphql`, { method: 'POST', headers, body });
      ids.push(response.headers.get('x-request-id'));
    }
    expect(ids).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), 'mine']);
    const told = hook.requests.map(({ headers, body }) =>
      mode === 'GET' ? headers : JSON.parse(body).headers,
    );
    expect(told.map((headers) => headers['x-request-id'])).toEqual(ids);
  } finally {
    await other.stop();
    await hook.close();
  }
});

test('inconsistent metadata is told in the log, without definitions', async () => {
  const other = await startNotesServer();
  const put = (table: string) =>
    other.post('/v1/metadata', {
      type: 'replace_metadata',
      version: 2,
      args: {
        allow_inconsistent_metadata: true,
        metadata: {
          version: 3,
          sources: [
            {
              name: 'default',
              kind: 'postgres',
              configuration: {
                connection_info: { database_url: { from_env: 'HASURA_GRAPHQL_DATABASE_URL' } },
              },
              tables: [{ table: { schema: 'public', name: table } }],
            },
          ],
        },
      },
    });
  try {
    expect((await put('nowhere')).status).toBe(200);
    const health = async (query: string) => (await fetch(`${other.server.url}/healthz${query}`)).status;
    expect([await health(''), await health('?strict=true'), await health('?strict=True')]).toEqual([
      200, 500, 500,
    ]);
    const told = (await other.logs()).filter(({ detail }) => detail?.http_info?.url === '/healthz');
    expect(told.map(({ level, detail }) => [level, detail.operation.error?.error])).toEqual([
      ['info', undefined],
      ['error', 'ERROR: inconsistent objects in schema'],
      ['error', 'ERROR: inconsistent objects in schema'],
    ]);
    expect((await put('notes')).status).toBe(200);
    const lines = (await other.logs()).filter(({ type }) => type === 'metadata');
    expect(lines.map(({ level, detail }) => [level, detail])).toEqual([
      [
        'warn',
        {
          message: 'Inconsistent Metadata!',
          info: {
            objects: [
              {
                type: 'table',
                name: 'table nowhere in source default',
                reason: 'Inconsistent object: no such table/view exists in source: "nowhere"',
              },
            ],
          },
        },
      ],
    ]);
  } finally {
    await other.stop();
  }
});

test('REST endpoints and their description are served whatever APIs are on', async () => {
  const other = await startNotesServer({ HASURA_GRAPHQL_ENABLED_APIS: 'metadata' });
  const headers = { 'x-hasura-admin-secret': adminSecret };
  try {
    expect((await other.post('/v1/graphql', { query: '{ __typename }' })).status).toBe(404);
    const rest = await fetch(`${other.server.url}/api/rest/nowhere`, { headers });
    expect(await rest.json()).toMatchObject({ error: 'Endpoint not found' });
    expect((await fetch(`${other.server.url}/api/swagger/json`, { headers })).status).toBe(200);
  } finally {
    await other.stop();
  }
});
