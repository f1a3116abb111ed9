/** `/v1/permissions/explain` and `/v1/permissions/check` through the front door. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Caller, type Project, project } from '../support/project.ts';

const own = { author_id: { _eq: 'X-Hasura-User-Id' } };

let api: Project;
let ann: Caller;

beforeAll(async () => {
  api = await project({
    tables: `
      create table article (
        id serial primary key, author_id int not null, title text not null, is_published boolean not null default false, notes text, rating int
      );
      create table reviewer (article_id int not null references article, user_id int not null, primary key (article_id, user_id));
      create table secret (id int primary key, text text);
      insert into article (author_id, title, is_published, notes) values (1, 'Mine', false, 'n1'), (2, 'Public', true, 'n2'), (2, 'Hidden', false, 'n3');
      insert into reviewer values (1, 2);
      insert into secret values (1, 's')`,
    metadata: [
      {
        table: 'article',
        array_relationships: [
          {
            name: 'reviewers',
            using: {
              foreign_key_constraint_on: {
                table: { schema: 'public', name: 'reviewer' },
                column: 'article_id',
              },
            },
          },
        ],
        select_permissions: [
          {
            role: 'user',
            permission: {
              rules: [
                { columns: ['id', 'title', 'author_id'], filter: { is_published: { _eq: true } } },
                { columns: ['id', 'title', 'author_id', 'notes'], filter: own },
              ],
            },
          },
          {
            role: 'reviewer',
            permission: { columns: ['id'], filter: { reviewers: { user_id: { _eq: 'X-Hasura-User-Id' } } } },
          },
        ],
        insert_permissions: [
          {
            role: 'user',
            permission: {
              columns: ['title', 'is_published'],
              check: { _and: [{ title: { _neq: '' } }, { is_published: { _eq: false } }] },
              set: { author_id: 'X-Hasura-User-Id' },
            },
          },
        ],
        update_permissions: [
          {
            role: 'user',
            permission: { columns: ['title', 'notes'], filter: own, check: { title: { _neq: '' } } },
          },
        ],
        delete_permissions: [
          { role: 'user', permission: { filter: { _and: [own, { is_published: { _eq: false } }] } } },
          { role: 'backend', permission: { filter: {}, backend_only: true } },
        ],
      },
      { table: 'reviewer' },
      {
        table: 'secret',
        select_permissions: [{ role: 'keeper', permission: { columns: ['id'], filter: {} } }],
      },
    ],
  });
  ann = api.as('user', { 'x-hasura-user-id': 1 });
});
afterAll(() => api?.close());

async function ask(caller: Caller, path: string, body: unknown) {
  const response = await caller.request(`/v1/permissions/${path}`, body);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function check(caller: Caller, ...checks: unknown[]): Promise<unknown> {
  const { status, body } = await ask(caller, 'check', { checks });
  return status === 200 ? body['results'] : { status, body };
}

describe('check', () => {
  test('what the role may do with the table', async () => {
    expect(
      await check(
        ann,
        { table: 'article', operation: 'select' },
        { table: 'article', operation: 'insert' },
        { table: 'article', operation: 'update' },
        { table: 'article', operation: 'delete' },
        { table: 'article', operation: 'update', columns: ['title'] },
        { table: 'article', operation: 'update', columns: ['is_published'] },
      ),
    ).toEqual([
      { allowed: true, columns: ['id', 'author_id', 'title', 'notes'] },
      { allowed: true, columns: ['title', 'is_published'] },
      { allowed: true, columns: ['title', 'notes'] },
      { allowed: true, columns: [] },
      { allowed: true, columns: ['title', 'notes'] },
      { allowed: false, columns: [] },
    ]);
  });

  test('which cells of a row it sees', async () => {
    expect(
      await check(
        ann,
        { table: 'article', operation: 'select', keys: [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 99 }] },
        { table: 'article', operation: 'select', columns: ['notes'], keys: [{ id: 1 }, { id: 2 }] },
      ),
    ).toMatchObject([
      {
        rows: [
          { allowed: true, columns: ['id', 'author_id', 'title', 'notes'] },
          { allowed: true, columns: ['id', 'author_id', 'title'] },
          { allowed: false, columns: [] },
          { allowed: false, columns: [] },
        ],
      },
      { rows: [{ allowed: true }, { allowed: false, columns: ['id', 'author_id', 'title'] }] },
    ]);
  });

  test('which rows it may change and delete', async () => {
    const keys = [{ id: 1 }, { id: 2 }, { id: 3 }];
    expect(
      await check(
        ann,
        { table: 'article', operation: 'update', keys },
        { table: 'article', operation: 'update', object: { title: 'New' }, keys },
        { table: 'article', operation: 'update', object: { title: '' }, keys },
        { table: 'article', operation: 'delete', keys },
      ),
    ).toMatchObject([
      {
        rows: [
          { allowed: true, columns: ['title', 'notes'] },
          { allowed: false, columns: [] },
          { allowed: false },
        ],
      },
      { rows: [{ allowed: true }, { allowed: false }, { allowed: false }] },
      { rows: [{ allowed: false }, { allowed: false }, { allowed: false }] },
      { rows: [{ allowed: true }, { allowed: false }, { allowed: false }] },
    ]);
  });

  test('whether an object may be inserted; null where a default decides', async () => {
    expect(
      await check(
        ann,
        { table: 'article', operation: 'insert', object: { title: 'New', is_published: false } },
        { table: 'article', operation: 'insert', object: { title: 'New' } },
        { table: 'article', operation: 'insert', object: { title: 'New', author_id: 2 } },
      ),
    ).toMatchObject([{ allowed: true }, { allowed: null }, { allowed: false }]);
    expect(await api.sql`select count(*)::int as count from article`).toEqual([{ count: 3 }]);
  });

  test('the backend-only rule needs the flag', async () => {
    const trusted = { 'x-hasura-use-backend-only-permissions': 'true' };
    const question = { table: 'article', operation: 'delete' };
    expect(await check(api.as('backend'), question)).toEqual([{ allowed: false, columns: [] }]);
    expect(await check(api.as('backend', trusted), question)).toEqual([{ allowed: true, columns: [] }]);
  });

  test.each([
    ['select', {}],
    ['select', { keys: [{ id: 1 }] }],
    ['select', { keys: [{ nowhere: {} }] }],
    ['insert', { object: { text: 'x' } }],
    ['update', { keys: [{ id: 1 }], object: { text: 'x' } }],
    ['delete', { keys: [{ id: 1 }] }],
  ])(
    'a forbidden table, one that is not tracked and none at all answer alike: %s %j',
    async (operation, rest) => {
      const [forbidden, untracked, unknown] = (await check(
        ann,
        { table: 'secret', operation, ...rest },
        { table: 'pg_class', operation, ...rest },
        { table: 'nothing', operation, ...rest },
      )) as unknown[];
      expect(forbidden).toEqual(unknown);
      expect(untracked).toEqual(unknown);
      expect(unknown).toMatchObject({ allowed: false, columns: [] });
    },
  );

  test('a forbidden column and an unknown one answer alike', async () => {
    const [forbidden, unknown] = (await check(
      ann,
      { table: 'article', operation: 'select', columns: ['rating'], keys: [{ id: 1 }] },
      { table: 'article', operation: 'select', columns: ['nowhere'], keys: [{ id: 1 }] },
    )) as unknown[];
    expect(forbidden).toEqual(unknown);
    expect(unknown).toEqual({ allowed: false, columns: [], rows: [{ allowed: false, columns: [] }] });
  });

  test('a row that the role cannot see answers like one that is not there, whatever it may do to it', async () => {
    await api.command('pg_create_update_permission', {
      table: 'article',
      role: 'reviewer',
      permission: { columns: ['rating'], filter: {}, check: { rating: { _gt: 0 } } },
    });
    const rita = api.as('reviewer', { 'x-hasura-user-id': 2 });
    expect(
      await check(rita, { table: 'article', operation: 'update', keys: [{ id: 1 }, { id: 3 }, { id: 99 }] }),
    ).toMatchObject([
      { rows: [{ allowed: true, columns: ['rating'] }, { allowed: false }, { allowed: false }] },
    ]);
    // PostgreSQL meets what cannot be read on rows that are seen only
    const withObject = (id: number) =>
      check(rita, { table: 'article', operation: 'update', keys: [{ id }], object: { rating: 'x' } });
    expect(await withObject(1)).toMatchObject({ status: 400, body: { code: 'data-exception' } });
    expect(await withObject(3)).toMatchObject([{ rows: [{ allowed: false, columns: [] }] }]);
    expect(await withObject(99)).toEqual(await withObject(3));
  });

  test('malformed questions', async () => {
    expect(await check(ann, { table: 'article', operation: 'truncate' })).toMatchObject({
      status: 400,
      body: { code: 'parse-failed', path: '$.checks[0].operation' },
    });
    expect(
      await check(ann, { table: 'article', operation: 'select', keys: [{ title: 'Mine' }] }),
    ).toMatchObject({
      status: 400,
      body: {
        code: 'validation-failed',
        path: '$.checks[0].keys[0]',
        error: 'a key names exactly these columns: id',
      },
    });
    expect(
      await check(api.as('user'), { table: 'article', operation: 'delete', keys: [{ id: 1 }] }),
    ).toMatchObject({
      status: 400,
      body: { code: 'not-found', error: 'missing session variable: "x-hasura-user-id"' },
    });
    expect(
      await check(ann, ...Array.from({ length: 101 }, () => ({ table: 'article', operation: 'select' }))),
    ).toMatchObject({ status: 400, body: { code: 'validation-failed' } });
  });
});

describe('explain', () => {
  const explain = (question: object) =>
    ask(api, 'explain', {
      role: 'user',
      session_variables: { 'X-Hasura-User-Id': '1' },
      table: 'article',
      ...question,
    });

  test('is for administrators', async () => {
    expect(await ask(ann, 'explain', { role: 'user', table: 'article', operation: 'select' })).toMatchObject({
      status: 400,
      body: { code: 'access-denied' },
    });
  });

  test('why a row is visible: rules, conditions with values, truths, columns, SQL', async () => {
    const { status, body } = await explain({ operation: 'select', key: { id: 2 } });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      role: 'user',
      source: 'default',
      table: { schema: 'public', name: 'article' },
      operation: 'select',
      allowed: true,
      columns: ['id', 'author_id', 'title'],
      rules: [
        {
          columns: ['id', 'author_id', 'title'],
          filter: {
            condition: { is_published: { _eq: 'true' } },
            sql: `(_0."is_published" = ('true')::boolean)`,
          },
          applies: true,
          why: { filter: { condition: { is_published: { _eq: 'true' } }, value: true } },
        },
        {
          columns: ['id', 'author_id', 'title', 'notes'],
          filter: { condition: { author_id: { _eq: '1' } } },
          applies: false,
          why: { filter: { value: false } },
        },
      ],
    });
    expect(body['sql']).toContain(`(case when (_0."author_id" = ('1')::integer) then _0."notes" end)`);
    expect(body['sql']).toContain(
      `((_0."is_published" = ('true')::boolean) or (_0."author_id" = ('1')::integer))`,
    );
  });

  test('why a row is not visible', async () => {
    expect((await explain({ operation: 'select', key: { id: 3 } })).body).toMatchObject({
      allowed: false,
      reason: 'no rule admits the row',
      columns: [],
    });
    expect((await explain({ operation: 'select', key: { id: 99 } })).body).toMatchObject({
      allowed: false,
      reason: 'there is no row with this key',
    });
  });

  test('why a row may not be deleted: the truth of every part', async () => {
    expect((await explain({ operation: 'delete', key: { id: 2 } })).body).toMatchObject({
      allowed: false,
      rules: [
        {
          why: {
            filter: {
              condition: { _and: [{ author_id: { _eq: '1' } }, { is_published: { _eq: 'false' } }] },
              value: false,
              of: [
                { condition: { author_id: { _eq: '1' } }, value: false },
                { condition: { is_published: { _eq: 'false' } }, value: false },
              ],
            },
          },
        },
      ],
    });
  });

  test('an insert: presets, open columns, and a check that is NULL', async () => {
    expect((await explain({ operation: 'insert', object: { title: 'New' } })).body).toMatchObject({
      allowed: false,
      open_columns: ['id', 'is_published'],
      rules: [
        {
          presets: { author_id: '1' },
          lists_all_columns: true,
          why: { check: { value: null, of: [{ value: true }, { value: null }] } },
        },
      ],
    });
    expect(
      (await explain({ operation: 'insert', object: { title: 'New', is_published: false } })).body,
    ).toMatchObject({ allowed: true });
    expect((await explain({ operation: 'insert', object: { rating: 1 } })).body).toMatchObject({
      allowed: false,
      reason: 'no rule lists all of the columns for insert: "rating"',
    });
  });

  test('an update: the row as it is and as it would be', async () => {
    expect(
      (await explain({ operation: 'update', key: { id: 1 }, object: { title: '' } })).body,
    ).toMatchObject({
      allowed: false,
      rules: [
        { why: { filter: { value: true }, check: { condition: { title: { _neq: '' } }, value: false } } },
      ],
    });
  });

  test('a condition on related rows goes by the name of the relationship', async () => {
    const question = {
      role: 'reviewer',
      session_variables: { 'x-hasura-user-id': '2' },
      operation: 'select',
    };
    expect((await explain({ ...question, key: { id: 1 } })).body).toMatchObject({
      allowed: true,
      rules: [{ why: { filter: { condition: { reviewers: { user_id: { _eq: '2' } } }, value: true } } }],
    });
  });

  test('no permission, missing variables, unknown tables', async () => {
    expect((await explain({ role: 'nobody', operation: 'select' })).body).toMatchObject({
      allowed: false,
      reason: 'role "nobody" has no select permission on "article"',
    });
    expect(
      (await explain({ session_variables: {}, operation: 'select', key: { id: 1 } })).body,
    ).toMatchObject({
      allowed: false,
      missing_session_variables: ['x-hasura-user-id'],
    });
    expect(await explain({ table: 'nothing', operation: 'select' })).toMatchObject({
      status: 400,
      body: { code: 'not-exists', error: 'table "nothing" does not exist in source: default' },
    });
  });
});
