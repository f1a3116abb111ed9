/** Actions that answer later. Source: spec/actions.md 6.2, 9. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Caller } from '../../support/project.ts';
import { type ActionProject, actionProject } from './support.ts';

let actions: ActionProject;
let release: () => void = () => {};
let waiting: Promise<void> = Promise.resolve();

const definition = (more: object) => ({
  type: 'mutation',
  kind: 'asynchronous',
  handler: '{{HANDLERS}}/find',
  arguments: [{ name: 'id', type: 'Int!' }],
  output_type: 'Person',
  ...more,
});

beforeAll(async () => {
  actions = await actionProject(
    {
      '/find': async ({ input }: { input: { id: number } }) => {
        await waiting;
        return input.id > 5
          ? { status: 400, body: { message: 'too large', code: 'large', extensions: { x: 1 } } }
          : { body: { id: input.id, tags: ['a'] } };
      },
      '/number': () => ({ body: 5 }),
      '/broken': () => ({ status: 500, body: 'oops' }),
    },
    {
      custom_types: {
        objects: [
          {
            name: 'Person',
            fields: [
              { name: 'id', type: 'Int!' },
              { name: 'tags', type: '[String!]' },
            ],
            relationships: [
              { name: 'user', type: 'object', remote_table: 'users', field_mapping: { id: 'id' } },
            ],
          },
        ],
      },
      actions: [
        {
          name: 'find',
          definition: definition({ forward_client_headers: true }),
          permissions: [{ role: 'user' }, { role: 'stranger' }],
        },
        {
          name: 'number',
          definition: definition({ handler: '{{HANDLERS}}/number', output_type: 'Int!', arguments: [] }),
          permissions: [{ role: 'user' }],
        },
        {
          name: 'broken',
          definition: definition({ handler: '{{HANDLERS}}/broken', arguments: [] }),
          permissions: [{ role: 'user' }],
        },
      ],
    },
    { asyncActionsFetchIntervalMs: 50 },
  );
});
afterAll(() => actions?.close());

const user = (id = 7, team = 1) => actions.api.as('user', { 'x-hasura-team': team, 'x-hasura-user-id': id });

async function start(caller: Caller, field: string): Promise<string> {
  const answer = (await caller.query(`mutation { id: ${field} }`)) as { data: { id: string } };
  expect(answer).toEqual({ data: { id: expect.stringMatching(/^[0-9a-f-]{36}$/) } });
  return answer.data.id;
}

const result = (caller: Caller, id: string, name = 'find', selection = 'output { id }') =>
  caller.query(
    `query ($id: uuid!) { it: ${name}(id: $id) { __typename id created_at errors ${selection} } }`,
    { id },
  );

/** The answer once the call has ended. */
async function finished(caller: Caller, id: string, name?: string, selection?: string): Promise<unknown> {
  for (;;) {
    const [row] = await actions.api.sql`select status from hdb_catalog.hdb_action_log where id = ${id}`;
    if (row?.['status'] === 'completed' || row?.['status'] === 'error')
      return result(caller, id, name, selection);
    await new Promise((done) => setTimeout(done, 20));
  }
}

const pending = (id: string) => ({
  data: { it: { __typename: 'find', id, created_at: expect.any(String), errors: null, output: null } },
});
const nothing = { data: { it: null } };

test('a call is stored, made once, and its answer kept', async () => {
  waiting = new Promise((done) => {
    release = done;
  });
  const calls = actions.handlers.requests.length;
  const id = await start(user(), 'find(id: 1)');
  expect(await result(user(), id)).toEqual(pending(id));
  release();
  expect(await finished(user(), id, 'find', 'output { __typename id tags user { name } }')).toEqual({
    data: {
      it: {
        __typename: 'find',
        id,
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        errors: null,
        output: { __typename: 'Person', id: 1, tags: ['a'], user: { name: 'Ann' } },
      },
    },
  });
  expect(actions.handlers.requests.length).toBe(calls + 1);
  expect(actions.lastPayload()).toEqual({
    action: { name: 'find' },
    input: { id: 1 },
    session_variables: { 'x-hasura-role': 'user', 'x-hasura-team': '1', 'x-hasura-user-id': '7' },
    request_query: null,
  });
});

test('only the session that started it sees what became of it', async () => {
  const id = await start(user(7), 'find(id: 1)');
  await finished(user(7), id);
  expect(await result(user(8), id)).toEqual(nothing);
  expect(await result(user(7, 2), id)).toEqual(nothing);
  expect(await result(actions.api.as('stranger'), id)).toEqual(nothing);
  expect(await result(actions.api, id)).toMatchObject({ data: { it: { id, output: { id: 1 } } } });
  expect(await result(user(7), id, 'number', 'output')).toEqual(nothing);
  expect(await result(user(7), '00000000-0000-0000-0000-000000000000')).toEqual(nothing);
  expect(await result(user(7), 'no-uuid')).toMatchObject({
    errors: [{ extensions: { code: 'data-exception' } }],
  });
});

test('a failure is kept without internals', async () => {
  const id = await start(user(), 'find(id: 6)');
  expect(await finished(user(), id)).toMatchObject({
    data: { it: { errors: { code: 'large', path: '$', error: 'too large' }, output: null } },
  });
  const broken = await start(user(), 'broken');
  expect(await finished(user(), broken, 'broken')).toMatchObject({
    data: {
      it: {
        errors: { code: 'unexpected', path: '$', error: 'not a valid json response from webhook' },
        output: null,
      },
    },
  });
});

test('a scalar stands in the same object', async () => {
  const id = await start(user(), 'number');
  expect(await finished(user(), id, 'number', 'output')).toMatchObject({ data: { it: { output: 5 } } });
});

test('headers are kept for the handler, the secret is not', async () => {
  const response = await user().request(
    '/v1/graphql',
    { query: 'mutation { find(id: 1) }' },
    { headers: { authorization: 'Bearer t' } },
  );
  const { data } = (await response.json()) as { data: { find: string } };
  await finished(user(), data.find);
  expect(actions.handlers.requests.at(-1)?.headers).toMatchObject({ authorization: 'Bearer t' });
  const [row] = await actions.api
    .sql`select request_headers::text as headers from hdb_catalog.hdb_action_log where id = ${data.find}`;
  expect(JSON.parse(String(row?.['headers']))).toMatchObject({ authorization: 'Bearer t' });
  expect(row?.['headers']).not.toContain('secret');
});

test.each([
  ['the reference engine', '{"X-Stored": "by another"}'],
  ['earlier versions', '[["X-Stored", "by another"]]'],
])('a call that was stored by %s is made with its headers', async (_, headers) => {
  const [row] = await actions.api
    .sql`insert into hdb_catalog.hdb_action_log (action_name, input_payload, request_headers, session_variables, status)
    values ('find', '{"id":1}', ${headers}::text::jsonb, '{"x-hasura-role": "user"}', 'created') returning id`;
  await finished(actions.api, String(row?.['id']));
  expect(actions.handlers.requests.at(-1)?.headers).toMatchObject({ 'x-stored': 'by another' });
});

test('results are not explained', async () => {
  const explain = async (kind: string) => {
    const query = `${kind} { find(id: "7d3a9e0c-6a6d-4f10-9d7c-0c3a3b1a0b11") { id } }`;
    const response = await actions.api.request('/v1/graphql/explain', { query: { query } });
    return [response.status, await response.json()];
  };
  expect(await explain('query')).toEqual([
    400,
    { error: 'query actions cannot be explained', path: '$', code: 'invalid-params' },
  ]);
  expect(await explain('subscription')).toEqual([
    400,
    {
      error: 'async action query fields without relationships to table cannot be explained',
      path: '$',
      code: 'not-supported',
    },
  ]);
});

test('an engine that stops waits for its calls, and ends those that take too long', async () => {
  const stopping = await actionProject(
    {
      '/never': () => new Promise(() => {}),
      '/soon': () => new Promise((done) => setTimeout(() => done({ body: 1 }), 150)),
    },
    {
      custom_types: {},
      actions: ['never', 'soon'].map((name) => ({
        name,
        definition: definition({ handler: `{{HANDLERS}}/${name}`, arguments: [], output_type: 'Int' }),
      })),
    },
    { asyncActionsFetchIntervalMs: 20 },
  );
  try {
    // in this order: a call that is fetched alone keeps those that come after it waiting
    await stopping.api.query('mutation { soon never }');
    while (stopping.handlers.requests.length < 2) await new Promise((done) => setTimeout(done, 10));
    await stopping.api.engine.close({ deadlineMs: 2500 });
    const rows = await stopping.api
      .sql`select action_name, status, errors from hdb_catalog.hdb_action_log order by 1`;
    expect(rows).toEqual([
      {
        action_name: 'never',
        status: 'error',
        errors: { code: 'unexpected', path: '$', error: 'http exception when calling webhook' },
      },
      { action_name: 'soon', status: 'completed', errors: null },
    ]);
  } finally {
    await stopping.close();
  }
});

test('calls that others have taken, or whose action is gone, are left alone; a dropped action takes its calls along', async () => {
  await actions.api
    .sql`insert into hdb_catalog.hdb_action_log (action_name, input_payload, request_headers, session_variables, status)
    values ('find', '{"id":1}', '[]', '{}', 'processing'), ('other', '{}', '[]', '{}', 'created')`;
  const id = await start(user(), 'find(id: 1)');
  await finished(user(), id);
  expect(
    await actions.api
      .sql`select action_name, status from hdb_catalog.hdb_action_log where status in ('created', 'processing') order by 1`,
  ).toEqual([
    { action_name: 'find', status: 'processing' },
    { action_name: 'other', status: 'created' },
  ]);
  const count = async (name: string) =>
    (
      await actions.api
        .sql`select count(*)::int as n from hdb_catalog.hdb_action_log where action_name = ${name}`
    )[0]?.['n'];
  await start(user(), 'number');
  expect(await actions.api.command('drop_action', { name: 'number', clear_data: false })).toMatchObject({
    status: 200,
  });
  expect(await count('number')).toBeGreaterThan(0);
  expect(await actions.api.command('drop_action', { name: 'find' })).toMatchObject({ status: 200 });
  expect(await count('find')).toBe(0);
});
