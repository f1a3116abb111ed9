/** `select`, `insert`, `update`, `delete`, `count` at `/v1/query`. Source: spec/metadata-api.md 5.2. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type JsonLike, type Project, project } from '../support/project.ts';

let api: Project;

const own = { author_id: { _eq: 'X-Hasura-User-Id' } };

beforeAll(async () => {
  api = await project({
    tables: `
      create table author (id int primary key, name text not null unique, email text, big bigint, info json);
      create table article (
        id int primary key, title text not null default 'untitled', rank numeric not null default 1.50,
        author_id int references author, published bool not null default false, editor text
      );
      create table secret (id int primary key, author_id int references author);
      create view authors as select distinct name from author;
      create function shout(a author) returns text language sql stable as $$ select upper(a.name) $$`,
    metadata: [
      {
        table: 'author',
        array_relationships: [
          {
            name: 'articles',
            using: {
              foreign_key_constraint_on: {
                table: { schema: 'public', name: 'article' },
                column: 'author_id',
              },
            },
          },
          {
            name: 'secrets',
            using: {
              foreign_key_constraint_on: { table: { schema: 'public', name: 'secret' }, column: 'author_id' },
            },
          },
        ],
        computed_fields: [{ name: 'shout', definition: { function: { schema: 'public', name: 'shout' } } }],
        select_permissions: [
          { role: 'user', permission: { columns: ['id', 'name'], filter: { id: { _gt: 0 } }, limit: 2 } },
        ],
      },
      {
        table: 'article',
        object_relationships: [{ name: 'author', using: { foreign_key_constraint_on: 'author_id' } }],
        select_permissions: [
          {
            role: 'user',
            permission: {
              columns: ['id', 'title', 'author_id', 'published'],
              filter: { _or: [own, { published: { _eq: true } }] },
            },
          },
        ],
        insert_permissions: [
          {
            role: 'user',
            permission: {
              columns: ['id', 'title', 'author_id'],
              check: own,
              set: { editor: 'X-Hasura-User-Id' },
            },
          },
          { role: 'writer', permission: { columns: ['id', 'title'], check: {} } },
          { role: 'service', permission: { columns: ['id', 'title'], check: {}, backend_only: true } },
        ],
        update_permissions: [
          {
            role: 'user',
            permission: {
              columns: ['id', 'title', 'author_id'],
              filter: own,
              check: own,
              set: { editor: 'X-Hasura-User-Id' },
            },
          },
          { role: 'writer', permission: { columns: ['title'], filter: {} } },
        ],
        delete_permissions: [
          { role: 'user', permission: { filter: own } },
          { role: 'writer', permission: { filter: {} } },
        ],
      },
      { table: 'secret' },
      { table: 'authors' },
    ],
  });
});
afterAll(() => api?.close());

beforeEach(async () => {
  await api.sql`truncate author, article, secret`;
  await api.sql`insert into author values
    (1, 'Ann', 'ann@x.org', 9007199254740993, '{"b": 1.10, "a": 2}'), (2, 'Ben', null, null, null), (3, 'Cyd', null, null, null)`;
  await api.sql`insert into article values
    (1, 'one', 1.50, 1, true, null), (2, 'two', 2, 1, false, null), (3, 'three', 3, 2, false, null), (4, 'four', 4, 2, true, null)`;
  await api.sql`insert into secret values (1, 1)`;
});

async function ask(caller: Pick<Project, 'request'>, type: string, args: JsonLike, path = '/v1/query') {
  const response = await caller.request(path, { type, args });
  return response.json() as Promise<unknown>;
}

const admin = (type: string, args: JsonLike) => ask(api, type, args);
const user = (type: string, args: JsonLike) => ask(api.as('user', { 'x-hasura-user-id': 1 }), type, args);
const error = (code: string, path: string, message: string) => ({ code, path, error: message });

describe('select', () => {
  test('columns, wildcards, relationships, aliases, computed fields', async () => {
    expect(await admin('select', { table: 'secret', columns: ['*'] })).toEqual([{ id: 1, author_id: 1 }]);
    const columns = [
      'name',
      'shout',
      {
        name: 'articles',
        alias: 'works',
        columns: ['title'],
        order_by: '-id',
        limit: 1,
        where: { id: { $lt: 4 } },
      },
    ];
    expect(await admin('select', { table: 'author', columns, where: { id: 1 } })).toEqual([
      { name: 'Ann', shout: 'ANN', works: [{ title: 'two' }] },
    ]);
    const everything = await admin('select', { table: 'article', columns: ['*.*'], where: { id: 1 } });
    expect(everything).toMatchObject([{ id: 1, title: 'one', author: { id: 1, name: 'Ann' } }]);
    // what is named takes the place of what the star stands for
    const named = ['*.*', { name: 'author', columns: ['id'] }];
    expect(await admin('select', { table: 'article', columns: named, where: { id: 1 } })).toMatchObject([
      { author: { id: 1 }, id: 1 },
    ]);
  });

  test('numbers keep their digits and JSON its text', async () => {
    const response = await api.request('/v1/query', {
      type: 'select',
      args: { table: 'author', columns: ['big', 'info'], where: { id: 1 } },
    });
    expect(await response.text()).toBe('[{"big":9007199254740993,"info":{"b": 1.10, "a": 2}}]');
  });

  test.each<[JsonLike, number[]]>([
    ['-author.name', [3, 4, 1, 2]],
    [
      ['+published', { column: 'id', type: 'desc', nulls: 'first' }],
      [3, 2, 4, 1],
    ],
    [{ column: { author: 'name' }, type: 'asc' }, [1, 2, 3, 4]],
  ])('order_by %j', async (order_by, ids) => {
    const order = Array.isArray(order_by) ? order_by : [order_by as JsonLike, 'id'];
    expect(await admin('select', { table: 'article', columns: ['id'], order_by: order })).toEqual(
      ids.map((id) => ({ id })),
    );
  });

  test('limit and offset', async () => {
    const args = { table: 'article', columns: ['id'], order_by: 'id', limit: 2, offset: 1 };
    expect(await admin('select', args)).toEqual([{ id: 2 }, { id: 3 }]);
    expect(await user('select', { table: 'author', columns: ['id'], order_by: 'id', limit: 9 })).toHaveLength(
      2,
    );
  });

  test('a role sees its rows and columns, also through relationships', async () => {
    expect(await user('select', { table: 'article', columns: ['id'], order_by: 'id' })).toEqual([
      { id: 1 },
      { id: 2 },
      { id: 4 },
    ]);
    expect(await user('select', { table: 'author', columns: ['*.*'], where: { id: 2 } })).toEqual([
      { id: 2, name: 'Ben', articles: [{ id: 4, title: 'four', author_id: 2, published: true }] },
    ]);
    // the hidden article of Ben does not count
    expect(
      await user('select', { table: 'author', columns: ['id'], where: { articles: { title: 'three' } } }),
    ).toEqual([]);
    const exists = { $exists: { _table: 'article', _where: { title: 'three' } } };
    expect(await user('select', { table: 'author', columns: ['id'], where: exists })).toEqual([]);
    expect(await admin('select', { table: 'author', columns: ['id'], where: exists })).toHaveLength(3);
  });

  test('strings that look like session variables are strings', async () => {
    expect(
      await user('select', { table: 'article', columns: ['id'], where: { title: 'X-Hasura-User-Id' } }),
    ).toEqual([]);
  });

  test.each<[JsonLike, ReturnType<typeof error>]>([
    [
      { table: 'author', columns: ['email'] },
      error(
        'permission-denied',
        '$.args.columns[0]',
        'role "user" does not have permission to select column "email"',
      ),
    ],
    [
      { table: 'author', columns: ['id'], where: { $or: [{ email: 'x' }] } },
      error(
        'permission-denied',
        '$.args.where["$or"][0].email',
        'role "user" does not have permission to select column "email"',
      ),
    ],
    [
      { table: 'author', columns: ['id'], where: { name: { $ceq: 'email' } } },
      error(
        'permission-denied',
        '$.args.where.name["$ceq"]',
        'role "user" does not have permission to select column "email"',
      ),
    ],
    [
      { table: 'author', columns: ['id'], order_by: '+email' },
      error(
        'permission-denied',
        '$.args.order_by[0]',
        'role "user" does not have permission to select column "email"',
      ),
    ],
    [
      { table: 'article', columns: ['id'], order_by: 'author.email' },
      error(
        'permission-denied',
        '$.args.order_by[0]',
        'role "user" does not have permission to select column "email"',
      ),
    ],
    [
      { table: 'author', columns: [{ name: 'secrets', columns: ['id'] }] },
      error(
        'permission-denied',
        '$.args.columns[0]',
        'role "user" does not have permission to read relationship "secrets"; no permission on table "secret"',
      ),
    ],
    [
      { table: 'author', columns: ['id'], where: { secrets: { id: 1 } } },
      error(
        'permission-denied',
        '$.args.where.secrets',
        'role "user" does not have permission to read relationship "secrets"; no permission on table "secret"',
      ),
    ],
    [
      { table: 'author', columns: ['id'], where: { $exists: { _table: 'secret', _where: {} } } },
      error(
        'permission-denied',
        '$.args.where["$exists"]._table',
        'select on "secret" for role "user" is not allowed. ',
      ),
    ],
    [
      { table: 'author', columns: ['shout'] },
      error(
        'permission-denied',
        '$.args.columns[0]',
        'role "user" does not have permission to select computed field "shout"',
      ),
    ],
    [
      { table: 'author', columns: ['id'], where: { shout: 'ANN' } },
      error(
        'permission-denied',
        '$.args.where.shout',
        'role "user" does not have permission to select computed field "shout"',
      ),
    ],
    [
      { table: 'secret', columns: ['id'] },
      error('permission-denied', '$.args', 'select on "secret" for role "user" is not allowed. '),
    ],
    [{ table: 'nope', columns: [] }, error('not-exists', '$.args.table', 'table "nope" does not exist')],
    [
      { table: 'article', columns: ['*', { name: 'nope', columns: ['id'] }], where: { nope: 1 } },
      error('not-exists', '$.args.columns[1].name', 'relationship "nope" does not exist'),
    ],
    [
      { table: 'article', columns: ['nope'], where: { nope: 1 } },
      error('not-exists', '$.args.where.nope', '"nope" does not exist'),
    ],
    [
      { table: 'author', columns: [{ name: 'shout', columns: ['id'] }] },
      error(
        'unexpected-payload',
        '$.args.columns[0].name',
        'expecting a relationship; but, "shout" is a postgres column; only relationships can be expanded',
      ),
    ],
    [
      { table: 'article', columns: ['id'], order_by: ['id', { type: 'asc' }] },
      error('parse-failed', '$.order_by', "the key 'column' was not present"),
    ],
    [
      { table: 'article', columns: [{ name: 'author', columns: ['id'], limit: 1 }] },
      error(
        'unexpected-payload',
        '$.args.columns[0]',
        "when selecting an 'obj_relationship' 'where', 'order_by', 'limit' and 'offset'  can't be used",
      ),
    ],
    [
      { table: 'author', columns: ['id'], order_by: 'articles.id' },
      error(
        'unexpected-payload',
        '$.args.order_by[0]',
        "\"articles\" is an array relationship and can't be used in 'order_by'",
      ),
    ],
    [{ table: 'author' }, error('parse-failed', '$', "the key 'columns' was not present")],
  ])('refused: %j', async (args, expected) => {
    expect(await user('select', args)).toEqual(expected);
  });

  test('a missing session variable has a text of its own', async () => {
    expect(await ask(api.as('user'), 'select', { table: 'article', columns: ['id'] })).toEqual(
      error('not-found', '$.args', '"x-hasura-user-id" header is expected but not found'),
    );
  });

  test.each([
    ['insert', { objects: [{ id: 1 }] }],
    ['delete', { where: {} }],
    ['count', {}],
    ['update', { where: {}, $set: { id: 1 } }],
  ])('an unknown table has its path where %s gives it', async (operation, args) => {
    expect(await admin(operation, { table: 'nope', ...args })).toEqual(
      error('not-exists', operation === 'update' ? '$.args.table' : '$.args', 'table "nope" does not exist'),
    );
  });

  test('wildcards cannot multiply without end', async () => {
    const stars = Array.from({ length: 60 }, () => '*').join('.');
    expect(await admin('select', { table: 'author', columns: [stars] })).toMatchObject({
      code: 'not-supported',
    });
  });

  test('an alias may be any text that JSON can have', async () => {
    for (const alias of ['x'.repeat(100), 'it\'s \\ " odd', '__proto__']) {
      const columns = [{ name: 'articles', alias, columns: ['id'] }];
      const [row] = (await admin('select', { table: 'author', columns, where: { id: 3 } })) as object[];
      expect(Object.keys(row ?? {})).toEqual([alias]);
    }
    const columns = [{ name: 'articles', alias: 'a\0b', columns: ['id'] }];
    expect(await admin('select', { table: 'author', columns })).toMatchObject({ code: 'parse-failed' });
  });
});

describe('insert', () => {
  test('rows of different forms, with returning', async () => {
    const objects = [{ id: 10 }, { id: 11, title: 'eleven', rank: '2.50' }, { author_id: null, id: 12 }];
    expect(await admin('insert', { table: 'article', objects, returning: ['id', 'title'] })).toEqual({
      affected_rows: 3,
      returning: [
        { id: 10, title: 'untitled' },
        { id: 11, title: 'eleven' },
        { id: 12, title: 'untitled' },
      ],
    });
    expect(await admin('insert', { table: 'article', objects: [{ id: 13 }] })).toEqual({ affected_rows: 1 });
  });

  test('more values than one statement may have parameters', async () => {
    const objects = Array.from({ length: 30_000 }, (_, index) => ({
      id: 100 + index,
      title: `title ${index}`,
      rank: index,
    }));
    expect(await admin('insert', { table: 'article', objects })).toEqual({ affected_rows: 30_000 });
    expect(await api.sql`select sum(rank) as sum, max(title) as max from article where id >= 100`).toEqual([
      { sum: '449985000', max: 'title 9999' },
    ]);
  });

  test('presets are set and checks hold', async () => {
    const objects = [{ id: 20, author_id: 1 }];
    expect(await user('insert', { table: 'article', objects, returning: ['id'] })).toEqual({
      affected_rows: 1,
      returning: [{ id: 20 }],
    });
    expect(await api.sql`select editor from article where id = 20`).toEqual([{ editor: '1' }]);
    const mixed = [
      { id: 21, author_id: 1 },
      { id: 22, author_id: 2 },
    ];
    expect(await user('insert', { table: 'article', objects: mixed })).toEqual(
      error('permission-error', '$.args', 'check constraint of an insert/update permission has failed'),
    );
    expect(await api.sql`select 1 from article where id in (21, 22)`).toEqual([]);
  });

  test('strings that look like session variables are strings', async () => {
    const objects = [{ id: 20, author_id: 1, title: 'X-Hasura-User-Id' }];
    expect(await user('insert', { table: 'article', objects, returning: ['title'] })).toMatchObject({
      returning: [{ title: 'X-Hasura-User-Id' }],
    });
  });

  test('conflicts: ignored, updated, within the update rule', async () => {
    const objects = [{ id: 1, title: 'new', author_id: 1 }];
    const onto = (on_conflict: JsonLike) => admin('insert', { table: 'article', objects, on_conflict });
    expect(await onto({ action: 'ignore' })).toEqual({ affected_rows: 0 });
    expect(await onto({ action: 'ignore', constraint_on: 'id' })).toEqual({ affected_rows: 0 });
    expect(await onto({ action: 'update', constraint: 'article_pkey' })).toEqual({ affected_rows: 1 });
    const asUser = (id: number) =>
      user('insert', {
        table: 'article',
        objects: [{ id, title: 'mine', author_id: 1 }],
        on_conflict: { action: 'update', constraint_on: ['id'] },
        returning: ['title'],
      });
    expect(await asUser(1)).toEqual({ affected_rows: 1, returning: [{ title: 'mine' }] });
    // an object without columns gives nothing to update with
    const defaults = {
      table: 'article',
      objects: [{}],
      on_conflict: { action: 'update', constraint_on: ['id'] },
    };
    expect(await admin('insert', defaults)).not.toMatchObject({ code: 'unexpected' });
    // the row of another is not taken over
    expect(await asUser(4)).toEqual({ affected_rows: 0, returning: [] });
    expect(await api.sql`select title, author_id from article where id = 4`).toEqual([
      { title: 'four', author_id: 2 },
    ]);
  });

  test.each<[JsonLike, ReturnType<typeof error>]>([
    [{ objects: [] }, error('unexpected-payload', '$.args.objects', 'objects should not be empty')],
    [
      { objects: [{ id: 5, editor: 'me' }] },
      error('not-supported', '$.args.objects[0]', 'column "editor" is not insertable for role "user"'),
    ],
    [
      { objects: [{ id: 5 }, { id: 6, published: true }] },
      error('permission-denied', '$.args.objects[1]', 'column "published" is not insertable for role "user"'),
    ],
    [{ objects: [{ nope: 5 }] }, error('not-exists', '$.args.objects[0]', 'column "nope" does not exist')],
    [
      { objects: [{ id: 5 }], returning: ['rank'] },
      error(
        'permission-denied',
        '$.args.returning',
        'role "user" does not have permission to select column "rank"',
      ),
    ],
    [
      { objects: [{ id: 5 }], on_conflict: { action: 'update' } },
      error(
        'unexpected-payload',
        '$.args.on_conflict',
        "Expecting 'constraint' or 'constraint_on' when the 'action' is 'update'",
      ),
    ],
    [
      { objects: [{ id: 5 }], on_conflict: { action: 'update', constraint: 'a', constraint_on: ['id'] } },
      error(
        'unexpected-payload',
        '$.args.on_conflict',
        "'constraint' and 'constraint_on' cannot be set at a time",
      ),
    ],
    [
      { objects: [{ id: 5 }], on_conflict: { action: 'ignore', constraint_on: ['name'] } },
      error('not-exists', '$.args.on_conflict.constraint_on[0]', 'column "name" does not exist'),
    ],
    [
      { objects: [{ id: 5 }], on_conflict: { action: 'ignore', constraint: 'nope' } },
      error(
        'unexpected',
        '$.args.on_conflict.constraint',
        'constraint "nope" for table "article" does not exist',
      ),
    ],
  ])('refused: %j', async (args, expected) => {
    expect(await user('insert', { table: 'article', ...(args as object) })).toEqual(expected);
  });

  test('without select permission there is no returning; without update permission no upsert', async () => {
    const writer = api.as('writer');
    const objects = [{ id: 5 }];
    expect(await ask(writer, 'insert', { table: 'article', objects, returning: ['id'] })).toEqual(
      error(
        'permission-denied',
        '$.args',
        'select on "article" for role "writer" is not allowed. ; "returning" can only be used if the role has "select" permission on the table',
      ),
    );
    const on_conflict = { action: 'ignore' };
    const service = api.as('service', { 'x-hasura-use-backend-only-permissions': 'true' });
    expect(await ask(service, 'insert', { table: 'article', objects, on_conflict })).toEqual(
      error(
        'permission-denied',
        '$.args.on_conflict',
        'upsert is not allowed for role "service" since update permissions are not defined',
      ),
    );
    const upsert = { action: 'update', constraint_on: 'id' };
    expect(await ask(writer, 'insert', { table: 'article', objects, on_conflict: upsert })).toMatchObject({
      error: 'column "id" is not updatable',
    });
  });

  test('backend-only permissions are for backends', async () => {
    const args = { table: 'article', objects: [{ id: 30 }] };
    expect(await ask(api.as('service'), 'insert', args)).toEqual(
      error('permission-denied', '$.args', 'insert on "article" for role "service" is not allowed. '),
    );
    const backend = api.as('service', { 'x-hasura-use-backend-only-permissions': 'true' });
    expect(await ask(backend, 'insert', args)).toEqual({ affected_rows: 1 });
  });

  test('views that cannot be written, and PostgreSQL errors', async () => {
    expect(await admin('insert', { table: 'authors', objects: [{ name: 'x' }] })).toEqual(
      error('not-supported', '$.args', 'view "authors" is not insertable'),
    );
    expect(await admin('insert', { table: 'article', objects: [{ id: 1 }] })).toMatchObject(
      error(
        'constraint-violation',
        '$.args',
        'Uniqueness violation. duplicate key value violates unique constraint "article_pkey"',
      ),
    );
  });
});

describe('update', () => {
  test('$set, $inc, $mul, $default, values', async () => {
    const returning = ['id', 'title', 'rank'];
    const change = (changes: object) =>
      admin('update', { table: 'article', where: { id: 2 }, returning, ...changes });
    expect(await change({ $set: { title: 'TWO' }, $inc: { rank: 1 } })).toEqual({
      affected_rows: 1,
      returning: [{ id: 2, title: 'TWO', rank: 3 }],
    });
    expect(await change({ $mul: { rank: 2 }, $default: ['title'] })).toMatchObject({
      returning: [{ title: 'untitled', rank: 6 }],
    });
    expect(await change({ values: { title: 'x' } })).toMatchObject({ returning: [{ title: 'x' }] });
  });

  test('filter, check and presets hold', async () => {
    const change = (id: number, $set: JsonLike) =>
      user('update', { table: 'article', where: { id }, $set, returning: ['title'] });
    expect(await change(2, { title: 'mine' })).toEqual({ affected_rows: 1, returning: [{ title: 'mine' }] });
    expect(await api.sql`select editor from article where id = 2`).toEqual([{ editor: '1' }]);
    expect(await change(4, { title: 'mine' })).toEqual({ affected_rows: 0, returning: [] });
    expect(await change(2, { author_id: 2 })).toEqual(
      error('permission-error', '$.args', 'check constraint of an insert/update permission has failed'),
    );
    // strings that look like session variables are strings
    expect(await change(2, { title: 'X-Hasura-User-Id' })).toMatchObject({
      returning: [{ title: 'X-Hasura-User-Id' }],
    });
    // presets alone are a change
    expect(await user('update', { table: 'article', where: { id: 1 } })).toEqual({ affected_rows: 1 });
  });

  test.each<[JsonLike, ReturnType<typeof error>]>([
    [
      { $set: { published: true } },
      error(
        'permission-denied',
        '$.args["$set"]',
        'role "user" does not have permission to update column "published"',
      ),
    ],
    [
      { $set: { editor: 'me' } },
      error(
        'not-supported',
        '$.args["$set"]',
        'column "editor" is not updatable for role "user"; its value is predefined in permission',
      ),
    ],
    [
      { $default: ['rank'] },
      error(
        'permission-denied',
        '$.args["$default"]',
        'role "user" does not have permission to update column "rank"',
      ),
    ],
    [
      { $set: { title: 'a' }, where: { rank: 1 } },
      error(
        'permission-denied',
        '$.args.where.rank',
        'role "user" does not have permission to select column "rank"',
      ),
    ],
  ])('refused: %j', async (args, expected) => {
    expect(await user('update', { table: 'article', where: {}, ...(args as object) })).toEqual(expected);
  });

  test('it needs something to change, a condition, and permission to select', async () => {
    expect(await admin('update', { table: 'article', where: {} })).toEqual(
      error('unexpected-payload', '$.args', 'atleast one of $set, $inc, $mul has to be present'),
    );
    expect(await admin('update', { table: 'article', $set: { title: 'x' } })).toEqual(
      error('parse-failed', '$', "the key 'where' was not present"),
    );
    expect(
      await ask(api.as('writer'), 'update', { table: 'article', where: {}, $set: { title: 'x' } }),
    ).toEqual(
      error(
        'permission-denied',
        '$.args',
        'select on "article" for role "writer" is not allowed. ; "update" is only allowed if the role has "select" permission as "where" can\'t be used without "select" permission on the table',
      ),
    );
  });
});

describe('delete', () => {
  test('the filter holds', async () => {
    expect(await user('delete', { table: 'article', where: {}, returning: ['id'] })).toEqual({
      affected_rows: 2,
      returning: [{ id: 1 }, { id: 2 }],
    });
    expect(await api.sql`select count(*) from article`).toEqual([{ count: '2' }]);
  });

  test('refusals', async () => {
    expect(await ask(api.as('writer'), 'delete', { table: 'article', where: {} })).toEqual(
      error(
        'permission-denied',
        '$.args',
        'select on "article" for role "writer" is not allowed. ; "delete" is only allowed if the role has "select" permission as "where" can\'t be used without "select" permission on the table',
      ),
    );
    expect(await user('delete', { table: 'author', where: {} })).toEqual(
      error('permission-denied', '$.args', 'delete on "author" for role "user" is not allowed. '),
    );
    expect(await api.sql`select count(*) from article`).toEqual([{ count: '4' }]);
  });
});

test('count', async () => {
  expect(await admin('count', { table: 'article' })).toEqual({ count: 4 });
  expect(
    await admin('count', { table: 'article', distinct: ['author_id'], where: { id: { $lt: 3 } } }),
  ).toEqual({
    count: 1,
  });
  expect(await user('count', { table: 'article' })).toEqual({ count: 3 });
  expect(await user('count', { table: 'article', distinct: ['rank'] })).toEqual(
    error(
      'permission-denied',
      '$.args.distinct[0]',
      'role "user" does not have permission to select column "rank"',
    ),
  );
});

describe('in a bulk', () => {
  test('each is a transaction; the path leads to the one that failed', async () => {
    const bulk = [
      { type: 'insert', args: { table: 'article', objects: [{ id: 40 }] } },
      { type: 'insert', args: { table: 'article', objects: [{ id: 1 }] } },
    ];
    expect(await admin('bulk', bulk)).toMatchObject({ code: 'constraint-violation', path: '$.args[1].args' });
    expect(await api.sql`select id from article where id = 40`).toEqual([{ id: 40 }]);
    expect(
      await user('bulk', [
        { type: 'count', args: { table: 'article' } },
        { type: 'select', args: { table: 'author', columns: ['name'], where: { id: 1 } } },
      ]),
    ).toEqual([{ count: 3 }, [{ name: 'Ann' }]]);
  });

  test('one command of administrators makes it theirs', async () => {
    const bulk = [
      { type: 'count', args: { table: 'article' } },
      { type: 'run_sql', args: { sql: 'select 1' } },
    ];
    expect(await user('bulk', bulk)).toEqual(
      error('access-denied', '$.args', 'restricted access : admin only'),
    );
    expect(await ask(api.as('user'), 'count', { table: 'article' }, '/v2/query')).toEqual(
      error('access-denied', '$.args', 'restricted access : admin only'),
    );
  });
});
