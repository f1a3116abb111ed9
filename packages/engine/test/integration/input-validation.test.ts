/** `validate_input` of permissions, against a real HTTP server. Source: spec/permissions.md 10.4. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Project, project } from '../support/project.ts';

let api: Project;
let webhook: Server;
let answer: { status: number; body: string; headers?: Record<string, string> };
let calls: { headers: IncomingHttpHeaders; body: unknown }[];

beforeAll(async () => {
  webhook = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      calls.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) });
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
  }).listen(0, '127.0.0.1');
  await once(webhook, 'listening');
  const address = webhook.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const validate_input = {
    type: 'http',
    definition: {
      url: `http://127.0.0.1:${port}/notes`,
      headers: [{ name: 'x-key', value: 'k' }],
      forward_client_headers: true,
    },
  };
  api = await project({
    tables: 'create table notes (id serial primary key, owner int, body text)',
    metadata: [
      {
        table: 'notes',
        select_permissions: [{ role: 'user', permission: { columns: '*', filter: {} } }],
        insert_permissions: [
          {
            role: 'user',
            permission: { columns: ['body'], check: {}, set: { owner: 'X-Hasura-User-Id' }, validate_input },
          },
        ],
        delete_permissions: [{ role: 'user', permission: { filter: {}, validate_input } }],
      },
    ],
  });
});
afterAll(async () => {
  await api.close();
  webhook.close();
});
beforeEach(() => {
  calls = [];
  answer = { status: 200, body: '' };
});

const insert = 'mutation ($b: String) { insert_notes(objects: [{body: $b}]) { affected_rows } }';
const user = () => api.as('user', { 'x-hasura-user-id': 7, 'x-other': 'o' });

test('the webhook is asked with the input, the session and the headers, without presets', async () => {
  expect(await user().query(insert, { b: 'hello' })).toEqual({
    data: { insert_notes: { affected_rows: 1 } },
  });
  expect(calls).toHaveLength(1);
  expect(calls[0]?.body).toEqual({
    version: 1,
    role: 'user',
    session_variables: { 'x-hasura-role': 'user', 'x-hasura-user-id': '7' },
    data: { input: [{ body: 'hello' }] },
  });
  expect(calls[0]?.headers).toMatchObject({ 'x-key': 'k', 'x-other': 'o' });
  expect(Object.keys(calls[0]?.headers ?? {}).filter((name) => name.startsWith('x-hasura'))).toEqual([]);
});

test('a refusal reaches the client, and nothing is written', async () => {
  answer = { status: 400, body: '{"message":"too short"}' };
  expect(await user().query(insert, { b: '' })).toEqual({
    errors: [{ message: 'too short', extensions: { path: '$', code: 'validation-failed' } }],
  });
  expect(await api.sql`select 1 from notes where body = ''`).toEqual([]);
});

test.each([
  [{ status: 400, body: 'no' }, 'received invalid response from input validation webhook'],
  [{ status: 503, body: '' }, 'internal error when validating input data'],
  [
    { status: 302, body: '', headers: { location: 'http://127.0.0.1:1/' } },
    'internal error when validating input data',
  ],
])('answer %j', async (given, message) => {
  answer = given;
  expect(await user().query(insert, { b: 'x' })).toMatchObject({
    errors: [{ message, extensions: { code: 'unexpected' } }],
  });
});

test('a deletion is asked about, too; the administrator never', async () => {
  await user().query('mutation { delete_notes(where: {body: {_eq: "none"}}) { affected_rows } }');
  expect(calls[0]?.body).toMatchObject({ data: { input: [{ where: { body: { _eq: 'none' } } }] } });
  calls = [];
  await api.query(insert, { b: 'by admin' });
  expect(calls).toEqual([]);
});

test('data operations of /v1/query are asked about as well', async () => {
  const ask = async (type: string, args: object) => {
    const response = await user().request('/v1/query', { type, args });
    return response.json() as Promise<unknown>;
  };
  const args = { table: 'notes', objects: [{ body: 'by v1' }] };
  expect(await ask('insert', args)).toEqual({ affected_rows: 1 });
  expect(calls[0]?.body).toMatchObject({ role: 'user', data: { input: [{ body: 'by v1' }] } });
  expect(calls[0]?.headers).toMatchObject({ 'x-key': 'k', 'x-other': 'o' });
  answer = { status: 400, body: '{"message":"no"}' };
  expect(await ask('delete', { table: 'notes', where: { body: 'by v1' } })).toMatchObject({
    error: 'no',
    code: 'validation-failed',
  });
  expect(calls[1]?.body).toMatchObject({ data: { input: [{ where: { body: 'by v1' } }] } });
  expect(await api.sql`select count(*)::int as count from notes where body = 'by v1'`).toEqual([
    { count: 1 },
  ]);
});

test('a webhook whose URL names a variable that is not set is inconsistent, and its permission not in force', async () => {
  const definition = { url: 'http://{{NO_SUCH_HOST}}/notes' };
  const args = {
    table: 'notes',
    role: 'guest',
    permission: { filter: {}, validate_input: { type: 'http', definition } },
  };
  const response = await api.request('/v1/metadata', { type: 'pg_create_delete_permission', args });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    error:
      'Inconsistent object: in table "notes": in permission for role "guest": Value for environment variables not found: NO_SUCH_HOST',
    path: '$.args',
    code: 'invalid-configuration',
  });
});

describe('what is told of rows to insert', () => {
  let shop: Project;
  beforeAll(async () => {
    const address = webhook.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const insertWith = (path: string) => [
      {
        role: 'user',
        permission: {
          columns: '*',
          check: {},
          validate_input: { type: 'http', definition: { url: `http://127.0.0.1:${port}/${path}` } },
        },
      },
    ];
    const linesBy = (column: string) => ({
      foreign_key_constraint_on: { table: { schema: 'public', name: 'line' }, column },
    });
    shop = await project({
      tables: `create table line_order (id serial primary key, note text unique);
        create table line (id serial primary key, product_name text, order_id int references line_order, returned_from int references line_order)`,
      metadata: [
        {
          table: 'line_order',
          configuration: { column_config: { note: { custom_name: 'remark' } } },
          array_relationships: [
            { name: 'lines', using: linesBy('order_id') },
            { name: 'returns', using: linesBy('returned_from') },
          ],
          insert_permissions: insertWith('orders'),
        },
        {
          table: 'line',
          configuration: { column_config: { product_name: { custom_name: 'product' } } },
          object_relationships: [{ name: 'order', using: { foreign_key_constraint_on: 'order_id' } }],
          insert_permissions: insertWith('lines'),
        },
      ],
    });
  });
  afterAll(() => shop?.close());

  const told = () => calls.map(({ body }) => (body as { data: { input: unknown } }).data.input);

  test('each table has one call, with the names of the database and without what brings no rows', async () => {
    const objects = [
      { remark: 'first', lines: { data: { product: 'a' } }, returns: { data: [{ product: 'b' }] } },
      { remark: 'second', lines: { data: [] }, returns: null },
      { remark: null, lines: { data: [{ product: 'c' }, {}] } },
    ];
    const mutation = `mutation ($objects: [line_order_insert_input!]!) {
      insert_line_order(objects: $objects, on_conflict: {constraint: line_order_note_key}) { affected_rows } }`;
    expect(await shop.as('user').query(mutation, { objects })).toEqual({
      data: { insert_line_order: { affected_rows: 7 } },
    });
    expect(told()).toEqual([
      [
        {
          note: 'first',
          lines: { data: [{ product_name: 'a' }] },
          returns: { data: [{ product_name: 'b' }] },
        },
        { note: 'second' },
        { note: null, lines: { data: [{ product_name: 'c' }, {}] } },
      ],
      [{ product_name: 'a' }, { product_name: 'b' }, { product_name: 'c' }, {}],
    ]);
  });

  test('the conflict of a nested row is not told', async () => {
    const mutation = `mutation { insert_line(objects: {product: "d", order: {
      data: {remark: "third"}, on_conflict: {constraint: line_order_note_key, update_columns: []}}}) { affected_rows } }`;
    expect(await shop.as('user').query(mutation)).toEqual({ data: { insert_line: { affected_rows: 2 } } });
    expect(told()).toEqual([
      [{ product_name: 'd', order: { data: { note: 'third' } } }],
      [{ note: 'third' }],
    ]);
  });
});
