/** Requests and metadata that are wrong, huge or odd: the right error, nothing half-written, and the next request is served. */
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startNotesServer } from '../server/notes-engine.ts';
import { graphqlError, type JsonLike, type Project, project } from '../support/project.ts';

let api: Project;
beforeAll(async () => {
  api = await project({
    tables: `create table notes (id int primary key, owner int, text text, data jsonb);
      insert into notes values (1, 1, 'a', '{}'), (2, 2, 'b', null)`,
    metadata: [
      {
        table: 'notes',
        select_permissions: [
          {
            role: 'user',
            permission: { columns: ['id', 'text'], filter: { owner: { _eq: 'X-Hasura-User-Id' } } },
          },
        ],
      },
    ],
  });
});
afterAll(() => api?.close());
/** Whatever came before: the engine serves, the rows are as they were, the stored metadata too. */
afterEach(async () => {
  expect(await api.as('user', { 'x-hasura-user-id': 1 }).query('{ notes { id text } }')).toEqual({
    data: { notes: [{ id: 1, text: 'a' }] },
  });
  expect(await api.sql`select id, text from notes order by id`).toEqual([
    { id: 1, text: 'a' },
    { id: 2, text: 'b' },
  ]);
});

async function post(body: string | Uint8Array, path = '/v1/graphql') {
  const response = await api.request(path, body);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('bodies', () => {
  test.each([
    ['nothing', ''],
    ['a cut-off object', '{"query":"{ notes { id } }"'],
    ['two objects', '{"query":"{ notes { id } }"} {}'],
    ['single quotes', "{'query':'{ notes { id } }'}"],
    ['a trailing comma', '{"query":"{ notes { id } }",}'],
    ['NaN', '{"query":"{ notes { id } }","variables":{"a":NaN}}'],
    ['a lone control character', '{"query":"{ notes \u0000{ id } }"}'],
    ['100,000 brackets', '['.repeat(100_000)],
    ['100,000 objects', '{"a":'.repeat(100_000)],
    [
      'deep variables',
      `{"query":"{ notes { id } }","variables":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`,
    ],
  ])('%s is not JSON', async (_, text) => {
    const answer = await post(text);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ errors: [{ extensions: { path: '$', code: 'invalid-json' } }] });
    for (const path of ['/v1/metadata', '/v2/query', '/v1/query'])
      expect(await post(text, path)).toMatchObject({
        status: 400,
        body: { code: 'invalid-json', path: '$' },
      });
  });

  test('bytes that are no UTF-8 are not JSON', async () => {
    const text = Buffer.from('{"query":"{ notes(where: {text: {_eq: \\"X\\"}}) { id } }"}');
    for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80]]) {
      const at = text.indexOf('X');
      const body = Buffer.concat([text.subarray(0, at), Buffer.from(bytes), text.subarray(at + 1)]);
      expect((await post(body)).body).toMatchObject({ errors: [{ extensions: { code: 'invalid-json' } }] });
    }
  });

  test.each([
    [
      'null',
      'parsing Hasura.GraphQL.Transport.HTTP.Protocol.GQLReq(GQLReq) failed, expected Object, but encountered Null',
    ],
    [
      '7',
      'parsing Hasura.GraphQL.Transport.HTTP.Protocol.GQLReq(GQLReq) failed, expected Object, but encountered Number',
    ],
    [
      '"{ notes { id } }"',
      'parsing Hasura.GraphQL.Transport.HTTP.Protocol.GQLReq(GQLReq) failed, expected Object, but encountered String',
    ],
    ['{}', "the key 'query' was not present"],
    ['{"query":7}', 'parsing Text failed, expected String, but encountered Number'],
    [
      '{"query":"{ notes { id } }","variables":[]}',
      'parsing HashMap failed, expected Object, but encountered Array',
    ],
    [
      '{"query":"{ notes { id } }","operationName":7}',
      'parsing Name failed, expected String, but encountered Number',
    ],
  ])('%s is no request', async (text, message) => {
    expect((await post(text)).body).toMatchObject({
      errors: [{ message, extensions: { code: 'parse-failed' } }],
    });
  });

  test('100 MB are refused as they arrive, and the server goes on', async () => {
    const notes = await startNotesServer();
    try {
      const { port } = notes.server;
      const headers = { 'content-type': 'application/json', 'x-hasura-admin-secret': 'correct horse' };
      const size = 100 * 2 ** 20;
      const chunk = Buffer.alloc(2 ** 20, ' ');
      for (const length of [{ 'content-length': String(size) }, {}]) {
        const outgoing = httpRequest({
          port,
          method: 'POST',
          path: '/v1/graphql',
          headers: { ...headers, ...length },
        });
        outgoing.on('error', () => {});
        let hasAnswer = false;
        const arrived = once(outgoing, 'response').finally(() => {
          hasAnswer = true;
        });
        const send = (left: number): void => {
          if (!hasAnswer && left > 0) outgoing.write(chunk, () => send(left - chunk.length));
          else if (!hasAnswer) outgoing.end();
        };
        send(size);
        const [response] = await arrived;
        let text = '';
        for await (const piece of response) text += piece;
        outgoing.destroy();
        expect(response.statusCode).toBe(413);
        expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: 'bad-request' } }] });
      }
      const answer = await notes.post('/v1/graphql', { query: '{ notes(order_by: {id: asc}) { id } }' });
      expect(await answer.json()).toEqual({ data: { notes: [{ id: 1 }, { id: 2 }, { id: 3 }] } });
    } finally {
      await notes.stop();
    }
  });
});

describe('documents', () => {
  const tooDeep = 'the query is nested more deeply than 500 levels';
  test.each([
    ['selection sets', `${'{ a'.repeat(10_000)}${'}'.repeat(10_000)}`],
    ['lists', `{ notes(where: {_and: ${'['.repeat(10_000)}${']'.repeat(10_000)}}) { id } }`],
    ['objects', `{ notes(where: ${'{_not: '.repeat(10_000)}{}${'}'.repeat(10_000)}) { id } }`],
    ['inline fragments', `{ notes { ${'... { '.repeat(10_000)} id ${'}'.repeat(10_000)} } }`],
    ['types of variables', `query ($a: ${'['.repeat(10_000)}Int${']'.repeat(10_000)}) { notes { id } }`],
    ['objects that never end', `{ notes(where: ${'{_not: '.repeat(10_000)}`],
  ])('10,000 %s are too deep', async (_, query) => {
    const started = performance.now();
    expect(await api.query(query)).toMatchObject({
      errors: [{ message: tooDeep, extensions: { code: 'validation-failed' } }],
    });
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test('fragments that spread each other thousands deep are too deep', async () => {
    const fragments = Array.from(
      { length: 10_000 },
      (_, index) => `fragment f${index} on notes { ${index === 9_999 ? 'id' : `...f${index + 1}`} }`,
    );
    expect(await api.query(`{ notes { ...f0 } } ${fragments.join(' ')}`)).toMatchObject({
      errors: [{ message: tooDeep }],
    });
  });

  test('fragments that double at each step end in an error, not in the end of memory', async () => {
    const fragments = Array.from(
      { length: 40 },
      (_, index) =>
        `fragment f${index} on notes { ${index === 39 ? 'id' : `...f${index + 1} ...f${index + 1}`} }`,
    );
    const started = performance.now();
    const answer = await api.query(`{ notes(order_by: {id: asc}) { ...f0 } } ${fragments.join(' ')}`);
    expect(performance.now() - started).toBeLessThan(3_000);
    expect([
      { data: { notes: [{ id: 1 }, { id: 2 }] } },
      {
        errors: [
          expect.objectContaining({ extensions: expect.objectContaining({ code: 'validation-failed' }) }),
        ],
      },
    ]).toContainEqual(answer);
  });

  test('fragments in a circle are refused', async () => {
    const circle = '{ notes { ...a } } fragment a on notes { ...b } fragment b on notes { ...a }';
    expect(await api.query(circle)).toMatchObject({
      errors: [{ extensions: { code: 'validation-failed' } }],
    });
  });

  test('100,000 aliases of a column are answered or refused, in time', async () => {
    const aliases = Array.from({ length: 100_000 }, (_, index) => `a${index}: id`).join(' ');
    const started = performance.now();
    const answer = (await api.query(`{ notes(where: {id: {_eq: 1}}) { ${aliases} } }`)) as {
      data?: { notes: Record<string, number>[] };
      errors?: unknown;
    };
    expect(performance.now() - started).toBeLessThan(15_000);
    if (answer.data === undefined) expect(answer).toMatchObject({ errors: [{ extensions: { path: '$' } }] });
    else {
      const row = answer.data.notes[0] ?? {};
      expect(Object.keys(row)).toHaveLength(100_000);
      expect(row['a99999']).toBe(1);
    }
  });

  test('100,000 aliases of a root field are answered or refused, in time', async () => {
    const aliases = Array.from(
      { length: 100_000 },
      (_, index) => `a${index}: notes_by_pk(id: 1) { id }`,
    ).join(' ');
    const started = performance.now();
    const answer = (await api.query(`{ ${aliases} }`)) as { data?: Record<string, unknown> };
    expect(performance.now() - started).toBeLessThan(15_000);
    if (answer.data === undefined)
      expect(answer).toMatchObject({ errors: [{ extensions: { code: expect.any(String) } }] });
    else expect(answer.data['a99999']).toEqual({ id: 1 });
  });

  test('100,000 variables and arguments are answered or refused, in time', async () => {
    const names = Array.from({ length: 100_000 }, (_, index) => index);
    const started = performance.now();
    const answer = await api.query(
      `query (${names.map((index) => `$v${index}: Int`).join(' ')}) { notes(where: {id: {_in: [${names.map((index) => `$v${index}`).join(' ')}]}}) { id } }`,
      Object.fromEntries(names.map((index) => [`v${index}`, index])),
    );
    expect(performance.now() - started).toBeLessThan(15_000);
    expect([
      { data: { notes: [{ id: 1 }, { id: 2 }] } },
      {
        errors: [
          expect.objectContaining({ extensions: expect.objectContaining({ code: 'validation-failed' }) }),
        ],
      },
    ]).toContainEqual(answer);
  });

  test.each([
    ['an unclosed string', '{ notes(where: {text: {_eq: "a}}) { id } }'],
    ['a name that is none', '{ nötes { id } }'],
    ['an empty selection', '{ notes { } }'],
    ['nothing', ''],
    ['only a comment', '# notes'],
    ['a lone surrogate', '{ notes(where: {text: {_eq: "\\ud800"}}) { id } }'],
  ])('%s is no document', async (_, query) => {
    expect(await api.query(query)).toMatchObject({ errors: [{ extensions: { code: 'validation-failed' } }] });
  });
});

describe('values', () => {
  const byId = 'query ($id: Int!) { notes_by_pk(id: $id) { id } }';
  test.each<[string, JsonLike]>([
    ['a string', 'x'],
    ['a boolean', true],
    ['a list of two', [1, 2]],
    ['an object', { id: 1 }],
    ['null', null],
    ['a fraction', 1.5],
    ['too large', 2 ** 31],
    ['far too large', 1e300],
  ])('%s is no Int', async (_, id) => {
    expect(await api.query(byId, { id })).toMatchObject({
      errors: [
        { extensions: { code: expect.stringMatching(/^(validation-failed|parse-failed|data-exception)$/) } },
      ],
    });
  });

  test('a variable that is missing, and one of a type that does not fit its place', async () => {
    expect(await api.query(byId)).toEqual(
      graphqlError('validation-failed', '$', 'expecting a value for non-nullable variable: "id"'),
    );
    expect(
      await api.query('query ($id: String!) { notes_by_pk(id: $id) { id } }', { id: '1' }),
    ).toMatchObject({
      errors: [{ extensions: { code: 'validation-failed' } }],
    });
  });

  test('NUL bytes are an error of the data where PostgreSQL cannot hold them, and of nothing else', async () => {
    const find = 'query ($t: String!) { notes(where: {text: {_eq: $t}}) { id } }';
    const insert = 'mutation ($t: String!) { insert_notes_one(object: {id: 9, text: $t}) { id } }';
    const json = 'mutation ($d: jsonb!) { insert_notes_one(object: {id: 9, data: $d}) { id } }';
    for (const [query, variables] of [
      [find, { t: 'a\u0000b' }],
      [insert, { t: 'a\u0000b' }],
      [json, { d: { a: 'x\u0000y' } }],
      ['{ notes(where: {text: {_eq: "a\\u0000b"}}) { id } }', undefined],
    ] as const) {
      expect([query, await api.query(query, variables)]).toMatchObject([
        query,
        {
          errors: [
            {
              extensions: {
                code: expect.stringMatching(/^(data-exception|validation-failed|parse-failed)$/),
              },
            },
          ],
        },
      ]);
    }
    const header = api.as('user', { 'x-hasura-user-id': 'x' });
    expect(await header.query('{ notes { id } }')).toMatchObject({
      errors: [{ extensions: { code: 'data-exception' } }],
    });
  });

  test('text of every other kind comes back as it was', async () => {
    const texts = [
      '',
      "'; drop table notes; --",
      '\\',
      '"',
      '\u0001\u001f',
      '\u2028',
      '😀',
      '\ufeff',
      '$1',
      '%s',
      'e\u0301',
    ];
    for (const text of texts) {
      const answer = await api.query(
        'query ($t: String!) { notes(where: {text: {_neq: $t}}, limit: 1) { id } }',
        { t: text },
      );
      expect([text, answer]).toMatchObject([text, { data: { notes: [{}] } }]);
    }
  });

  test('a lone surrogate in a variable does not damage what is around it', async () => {
    const body =
      '{"query":"query ($t: String!) { notes(where: {text: {_eq: $t}}) { id } }","variables":{"t":"\\ud800"}}';
    const { body: answer } = await post(body);
    expect(JSON.stringify(answer)).toMatch(/"notes":\[\]|"errors"/);
  });
});

describe('metadata', () => {
  const table = { schema: 'public', name: 'notes' };
  const permission = { columns: ['id'], filter: {} };
  const select = (changed: object) => ({ table, role: 'other', permission, ...changed });
  const document = (tables: JsonLike, more: object = {}) => ({
    version: 3,
    sources: [
      {
        name: 'default',
        kind: 'postgres',
        tables,
        configuration: { connection_info: { database_url: { from_env: 'HASURA_GRAPHQL_DATABASE_URL' } } },
      },
    ],
    ...more,
  });

  async function stored() {
    const [row] =
      await api.sql`select metadata::text as text, resource_version as version from hdb_catalog.hdb_metadata`;
    return row;
  }

  /** Sends a command that must be refused with status 400 and leave the stored document alone; gives the error. */
  async function refused(
    command: unknown,
    path = '/v1/metadata',
  ): Promise<{ code: string; path: string; error: string }> {
    const before = await stored();
    const answer = await post(typeof command === 'string' ? command : JSON.stringify(command), path);
    expect([command, answer.status, answer.body]).toEqual([
      command,
      400,
      expect.objectContaining({ code: expect.any(String) }),
    ]);
    expect(await stored()).toEqual(before);
    return answer.body as { code: string; path: string; error: string };
  }

  test.each<[unknown, string, string]>([
    [[], 'parse-failed', '$'],
    [7, 'parse-failed', '$'],
    ['"x"', 'parse-failed', '$'],
    [{}, 'parse-failed', '$'],
    [{ type: 7, args: {} }, 'parse-failed', '$.type'],
    [{ type: 'pg_fly', args: {} }, 'parse-failed', '$'],
    [{ type: '__proto__', args: {} }, 'parse-failed', '$'],
    [{ type: 'constructor', args: {} }, 'parse-failed', '$'],
    [{ type: 'pg_toString', args: {} }, 'parse-failed', '$'],
    [{ type: 'pg_track_table', args: [] }, 'parse-failed', '$.args'],
    [{ type: 'pg_track_table', args: {} }, 'parse-failed', '$.args'],
    [{ type: 'pg_track_table', args: { table: 7 } }, 'parse-failed', '$.args.table'],
    [{ type: 'pg_track_table', args: { table: { schema: 'public' } } }, 'parse-failed', '$.args.table'],
    [{ type: 'pg_create_select_permission', args: select({ role: 7 }) }, 'parse-failed', '$.args.role'],
    [
      { type: 'pg_create_select_permission', args: select({ permission: null }) },
      'parse-failed',
      '$.args.permission',
    ],
    [
      { type: 'pg_create_select_permission', args: select({ permission: { ...permission, columns: 7 } }) },
      'parse-failed',
      '$.args.permission.columns',
    ],
    [
      { type: 'pg_create_select_permission', args: select({ permission: { ...permission, limit: -1 } }) },
      'invalid-configuration',
      '$.args',
    ],
    [
      {
        type: 'replace_metadata',
        args: document([
          { table, select_permissions: [{ role: 'other', permission: { ...permission, surprise: 1 } }] },
        ]),
      },
      'parse-failed',
      '$.args.sources[0].tables[0].select_permissions[0].permission',
    ],
    [{ type: 'replace_metadata', args: document([], { surprise: [] }) }, 'parse-failed', '$.args'],
    [{ type: 'replace_metadata', args: document(7) }, 'parse-failed', '$.args.sources[0].tables'],
    [
      { type: 'replace_metadata', args: document([{ table: 7 }]) },
      'parse-failed',
      '$.args.sources[0].tables[0].table',
    ],
    [
      { type: 'replace_metadata', args: document([{ table, surprise: 1 }]) },
      'parse-failed',
      '$.args.sources[0].tables[0]',
    ],
    [
      { type: 'replace_metadata', args: document([], { version: 'three' }) },
      'parse-failed',
      '$.args.version',
    ],
  ])('%j is refused as %s at %s', async (command, code, path) => {
    const error = await refused(command);
    expect(error.code).toBe(code);
    expect(error.path).toMatch(new RegExp(`^${path.replace(/[$.[\]]/g, '\\$&')}`));
  });

  test('keys that JavaScript treats specially are unknown keys', async () => {
    for (const key of ['__proto__', 'constructor', 'toString', 'prototype']) {
      const text = JSON.stringify({ type: 'pg_create_select_permission', args: select({}) });
      const whole = JSON.stringify({
        type: 'replace_metadata',
        args: document([{ table, select_permissions: [{ role: 'other', permission }] }]),
      });
      for (const place of ['"columns"', '"table"', '"sources"']) {
        const error = await refused(whole.replace(place, `"${key}":{"filter":{}},${place}`));
        expect([error.code, error.error]).toEqual(['parse-failed', expect.stringContaining(key)]);
      }
      const member = text.replace('"filter":{}', `"filter":{"${key}":{"_eq":1}}`);
      expect((await refused(member)).error).toContain(key);
      const column = text.replace('["id"]', `["${key}"]`);
      expect((await refused(column)).error).toContain(key);
      const operator = text.replace('"filter":{}', `"filter":{"id":{"${key}":1}}`);
      expect((await refused(operator)).error).toContain(key);
    }
    expect(({} as Record<string, unknown>)['filter']).toBeUndefined();
  });

  test('a role, a relationship and a comment may bear such names', async () => {
    for (const role of ['__proto__', 'constructor']) {
      const args = { table: 'notes', role, permission };
      expect(await api.command('pg_create_select_permission', args)).toMatchObject({ status: 200 });
      expect(await api.as(role).query('{ notes(order_by: {id: asc}) { id } }')).toEqual({
        data: { notes: [{ id: 1 }, { id: 2 }] },
      });
      expect(await api.command('pg_drop_select_permission', { table: 'notes', role })).toMatchObject({
        status: 200,
      });
    }
  });

  test('filters a thousand levels deep are answered one way or the other', async () => {
    const filter = (depth: number) => `${'{"_not":'.repeat(depth)}{}${'}'.repeat(depth)}`;
    for (const depth of [400, 900, 5_000]) {
      const text = JSON.stringify({ type: 'pg_create_select_permission', args: select({}) });
      const answer = await post(text.replace('"filter":{}', `"filter":${filter(depth)}`), '/v1/metadata');
      expect([depth, answer.status === 200 || answer.status === 400, answer.body]).toMatchObject([
        depth,
        true,
        {},
      ]);
      if (answer.status !== 200) continue;
      const asked = await api.as('other').query('{ notes(order_by: {id: asc}) { id } }');
      expect([depth, asked]).toEqual([
        depth,
        { data: { notes: depth % 2 === 0 ? [{ id: 1 }, { id: 2 }] : [] } },
      ]);
      expect(await api.command('pg_drop_select_permission', { table: 'notes', role: 'other' })).toMatchObject(
        { status: 200 },
      );
    }
  });

  test('a bulk whose third command fails leaves nothing behind', async () => {
    const before = await stored();
    const answer = await api.command('bulk', [
      { type: 'pg_create_select_permission', args: { table: 'notes', role: 'one', permission } },
      {
        type: 'pg_create_insert_permission',
        args: { table: 'notes', role: 'one', permission: { check: {}, columns: '*' } },
      },
      {
        type: 'pg_create_select_permission',
        args: { table: 'notes', role: 'two', permission: { columns: ['gone'], filter: {} } },
      },
    ]);
    expect(answer).toMatchObject({ status: 400, body: { path: expect.stringMatching(/^\$\.args\[2\]/) } });
    expect(await stored()).toEqual(before);
    expect(await api.as('one').query('{ notes { id } }')).toMatchObject({ errors: [{}] });
  });

  test('a statement that fails in the middle of run_sql leaves nothing behind', async () => {
    const answer = await api.runSql(
      "create table half (id int); insert into notes values (7, 7, 'x'); select 1 / 0",
    );
    expect(answer).toMatchObject({ status: 400, body: { code: 'postgres-error' } });
    expect(await api.sql`select to_regclass('half') as half`).toEqual([{ half: null }]);
  });

  test('NUL bytes are kept in comments, and refused in names and statements', async () => {
    const commented = select({ role: 'noted', comment: 'a\u0000b' }) as unknown as JsonLike;
    expect(await api.command('pg_create_select_permission', commented)).toMatchObject({ status: 200 });
    expect(JSON.stringify(await api.command('export_metadata', {}))).toContain('"a\\u0000b"');
    // read back from where it is stored
    expect(await api.command('reload_metadata', {})).toMatchObject({ body: { is_consistent: true } });
    const dropped = await api.command('pg_drop_select_permission', { table: 'notes', role: 'noted' });
    expect(dropped).toMatchObject({ status: 200 });
    await refused({ type: 'pg_track_table', args: { table: 'a\u0000b' } });
    await refused({ type: 'run_sql', args: { source: 'default', sql: "select 'a\u0000b'" } }, '/v2/query');
  });
});
