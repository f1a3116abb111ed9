/** Upserts, checks that are NULL, nested inserts. Source: spec/permissions.md 2.5, 11 I, 13 (D1). */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { at, graphqlError, type JsonLike, type Project, project } from '../../support/project.ts';

const own = { owner: { _eq: 'X-Hasura-User-Id' } };
const checkFailed = 'check constraint of an insert/update permission has failed';

const everything = (role: string): JsonLike => ({ role, permission: { columns: '*', filter: {} } });
const accounts = (role: string, update: JsonLike | null) => ({
  select: everything(role),
  insert: { role, permission: { columns: '*', check: own } },
  update: update === null ? [] : [{ role, permission: update }],
});
const balanceOf = (check: JsonLike): JsonLike => ({ columns: ['balance'], filter: own, check });
const roles = [
  accounts('user', balanceOf({ balance: { _gte: 0 } })),
  accounts('unchecked', balanceOf(null)),
  accounts('free', balanceOf({})),
  accounts('inserter', null),
];

let api: Project;
let lenient: Project;
beforeAll(async () => {
  const tables = `
    create table accounts (id int primary key, owner int not null, balance int not null default 0);
    create table doc (id serial primary key, owner int, title text);
    create table author (id serial primary key, name text, user_id int);
    create table article (id serial primary key, title text, author_id int references author);`;
  const metadata: JsonLike[] = [
    {
      table: 'accounts',
      select_permissions: roles.map(({ select }) => select),
      insert_permissions: roles.map(({ insert }) => insert),
      update_permissions: roles.flatMap(({ update }) => update),
    },
    {
      table: 'doc',
      select_permissions: [everything('user')],
      insert_permissions: [{ role: 'user', permission: { columns: '*', check: own } }],
      update_permissions: [{ role: 'user', permission: { columns: '*', filter: {}, check: own } }],
    },
    {
      table: 'author',
      array_relationships: [
        {
          name: 'articles',
          using: { foreign_key_constraint_on: { table: 'article', column: 'author_id' } },
        },
      ],
      select_permissions: [everything('user'), everything('other')],
      insert_permissions: ['user', 'other', 'picky', 'lonely'].map((role) => ({
        role,
        permission: { columns: ['name'], set: { user_id: 'x-hasura-user-id' }, check: {} },
      })),
    },
    {
      table: 'article',
      object_relationships: [{ name: 'author', using: { foreign_key_constraint_on: 'author_id' } }],
      select_permissions: [everything('user')],
      insert_permissions: [
        {
          role: 'user',
          permission: {
            columns: ['title'],
            check: { author: { user_id: { _eq: 'X-Hasura-User-Id' } } },
          },
        },
        { role: 'other', permission: { columns: ['title', 'author_id'], check: {} } },
        { role: 'picky', permission: { columns: ['title'], check: { title: { _neq: 'bad' } } } },
      ],
    },
  ];
  [api, lenient] = await Promise.all([
    project({ tables, metadata }),
    project({ tables, metadata, engine: { nullChecks: 'pass' } }),
  ]);
});
beforeEach(async () => {
  await api.database.sql(`truncate accounts, doc, author, article restart identity;
    insert into accounts values (1,7,10),(2,8,20)`);
});
afterAll(async () => {
  await api?.close();
  await lenient?.close();
});

const seven = (role = 'user') => api.as(role, { 'x-hasura-user-id': 7 });
const upsert = (object: string, columns: string, role = 'user') =>
  seven(role).query(
    `mutation { insert_accounts(objects:[${object}], on_conflict:{constraint: accounts_pkey, update_columns: ${columns}}) { affected_rows returning { id owner balance } } }`,
  );
const wrote = (...returning: readonly JsonLike[]) => ({
  data: { insert_accounts: { affected_rows: returning.length, returning } },
});
const refused = graphqlError('permission-error', `${at('insert_accounts')}.args.objects`, checkFailed);

describe('upserts', () => {
  test('write what both rules let pass (I1, I2, I6, I7)', async () => {
    expect(await upsert('{id:3, owner:7, balance:1}', '[balance]')).toEqual(
      wrote({ id: 3, owner: 7, balance: 1 }),
    );
    expect(await upsert('{id:1, owner:7, balance:50}', '[balance]')).toEqual(
      wrote({ id: 1, owner: 7, balance: 50 }),
    );
    expect(await upsert('{id:4, owner:7, balance:-5}', '[balance]')).toEqual(
      wrote({ id: 4, owner: 7, balance: -5 }),
    );
    expect(await upsert('{id:1, owner:8, balance:9}', '[balance]')).toEqual(
      wrote({ id: 1, owner: 7, balance: 9 }),
    );
  });

  test('skip rows that the filter does not admit, and conflicts that change nothing (I3, I8)', async () => {
    expect(await upsert('{id:2, owner:7, balance:0}', '[balance]')).toEqual(wrote());
    expect(await upsert('{id:1, owner:7, balance:9}', '[]')).toEqual(wrote());
    expect(await api.sql`select balance from accounts order by id`).toEqual([
      { balance: 10 },
      { balance: 20 },
    ]);
  });

  test('fail as a whole on a check (I4, I5)', async () => {
    expect(await upsert('{id:1, owner:7, balance:-5}', '[balance]')).toEqual(refused);
    expect(await upsert('{id:4, owner:8, balance:1}', '[balance]')).toEqual(refused);
    expect(await upsert('{id:3, owner:7, balance:1}, {id:1, owner:7, balance:-1}', '[balance]')).toEqual(
      refused,
    );
    expect(await api.sql`select id, balance from accounts order by id`).toEqual([
      { id: 1, balance: 10 },
      { id: 2, balance: 20 },
    ]);
  });

  test('name columns of the update rule only (I9, I11)', async () => {
    expect(await upsert('{id:1, owner:7}', '[owner]')).toEqual(
      graphqlError(
        'validation-failed',
        `${at('insert_accounts')}.args.on_conflict.update_columns[0]`,
        "expected one of the values ['balance'] for type 'accounts_update_column', but found 'owner'",
      ),
    );
    expect(await upsert('{id:4, owner:8, balance:1}', '[_PLACEHOLDER]', 'inserter')).toEqual(
      graphqlError('validation-failed', `${at('insert_accounts')}.args.on_conflict`, 'erroneous column name'),
    );
    expect(await upsert('{id:1, owner:7}', '[]', 'inserter')).toEqual(wrote());
  });

  test('hold updated rows to the insert check when there is no update check, to none when it is empty (I10)', async () => {
    expect(await upsert('{id:1, owner:7, balance:-5}', '[balance]', 'unchecked')).toEqual(
      wrote({ id: 1, owner: 7, balance: -5 }),
    );
    expect(await upsert('{id:1, owner:9, balance:-6}', '[balance]', 'free')).toEqual(
      wrote({ id: 1, owner: 7, balance: -6 }),
    );
    expect(await upsert('{id:5, owner:9, balance:1}', '[balance]', 'free')).toEqual(refused);
  });

  test("obey the client's condition on the stored row", async () => {
    const conditional = (where: string) =>
      seven().query(
        `mutation { insert_accounts_one(object: {id:1, owner:7, balance:99}, on_conflict: {constraint: accounts_pkey, update_columns: [balance], where: ${where}}) { balance } }`,
      );
    expect(await conditional('{balance: {_gt: 10}}')).toEqual({ data: { insert_accounts_one: null } });
    expect(await conditional('{balance: {_gte: 10}}')).toEqual({
      data: { insert_accounts_one: { balance: 99 } },
    });
  });
});

describe('a check that is NULL', () => {
  const insert = (object: string) => `mutation { insert_doc_one(object: ${object}) { owner } }`;

  test('fails', async () => {
    for (const object of ['{owner: 8}', '{owner: null}', '{title: "t"}']) {
      expect(await seven().query(insert(object))).toEqual(
        graphqlError('permission-error', `${at('insert_doc_one')}.args.object`, checkFailed),
      );
    }
    expect(await seven().query(insert('{owner: 7}'))).toEqual({ data: { insert_doc_one: { owner: 7 } } });
    expect(
      await seven().query('mutation { update_doc(where: {}, _set: {owner: null}) { affected_rows } }'),
    ).toEqual(graphqlError('permission-error', '$', checkFailed));
    expect(await api.sql`select owner from doc`).toEqual([{ owner: 7 }]);
  });

  test('passes with POSTERN_NULL_CHECKS=pass', async () => {
    const user = lenient.as('user', { 'x-hasura-user-id': 7 });
    expect(await user.query(insert('{owner: null}'))).toEqual({ data: { insert_doc_one: { owner: null } } });
    expect(await user.query(insert('{owner: 8}'))).toEqual(
      graphqlError('permission-error', `${at('insert_doc_one')}.args.object`, checkFailed),
    );
  });
});

describe('nested inserts', () => {
  const affected = (field: string, count: number) => ({ data: { [field]: { affected_rows: count } } });

  test("see the parent in the child's check (I20, I21)", async () => {
    expect(
      await seven().query(
        'mutation { insert_author(objects:[{name:"A", articles:{data:[{title:"t1"},{title:"t2"}]}}]) { affected_rows } }',
      ),
    ).toEqual(affected('insert_author', 3));
    expect(
      await seven().query(
        'mutation { insert_article(objects:[{title:"t", author:{data:{name:"B"}}}]) { affected_rows } }',
      ),
    ).toEqual(affected('insert_article', 2));
    expect(await api.sql`select title, author_id from article order by id`).toEqual([
      { title: 't1', author_id: 1 },
      { title: 't2', author_id: 1 },
      { title: 't', author_id: 2 },
    ]);
    expect(await api.sql`select distinct user_id from author`).toEqual([{ user_id: 7 }]);
  });

  test('know no columns that the role may not give, nor twice the same (I22)', async () => {
    const insert =
      'mutation { insert_author(objects:[{name:"A", articles:{data:[{title:"t", author_id:1}]}}]) { affected_rows } }';
    const path = `${at('insert_author')}.args.objects[0].articles.data[0]`;
    expect(await seven().query(insert)).toEqual(
      graphqlError(
        'validation-failed',
        `${path}.author_id`,
        "field 'author_id' not found in type: 'article_insert_input'",
      ),
    );
    expect(await seven('other').query(insert)).toEqual(
      graphqlError(
        'validation-failed',
        path,
        'cannot insert "author_id" columns as their values are already being determined by parent insert',
      ),
    );
    expect(
      await seven('other').query(
        'mutation { insert_article(objects: [{title: "x", author_id: 1, author: {data: {name: "C"}}}]) { affected_rows } }',
      ),
    ).toEqual(
      graphqlError(
        'validation-failed',
        `${at('insert_article')}.args.objects[0].author`,
        'cannot insert object relationship "author" as "author_id" column values are already determined',
      ),
    );
  });

  test('leave nothing of the parent when a child fails (I23)', async () => {
    expect(
      await seven('picky').query(
        'mutation { insert_author(objects:[{name:"A", articles:{data:[{title:"bad"}]}}]) { affected_rows } }',
      ),
    ).toEqual(
      graphqlError('permission-error', `${at('insert_author')}.args.objects[0].articles.data`, checkFailed),
    );
    expect(await api.sql`select count(*)::int from author`).toEqual([{ count: 0 }]);
  });

  test('are offered only for tables that the role may insert into (I24)', async () => {
    expect(
      await seven('lonely').query(
        'mutation { insert_author(objects:[{name:"A", articles:{data:[{title:"t"}]}}]) { affected_rows } }',
      ),
    ).toEqual(
      graphqlError(
        'validation-failed',
        `${at('insert_author')}.args.objects[0].articles`,
        "field 'articles' not found in type: 'author_insert_input'",
      ),
    );
  });

  test('answer with related rows as they are afterwards', async () => {
    expect(
      await seven().query(
        `mutation { insert_author(objects: [{name: "A", articles: {data: [{title: "t1"}, {title: "t2"}]}}, {name: "B"}]) {
          affected_rows returning { name articles(order_by: {id: asc}) { title author { name } } } } }`,
      ),
    ).toEqual({
      data: {
        insert_author: {
          affected_rows: 4,
          returning: [
            {
              name: 'A',
              articles: [
                { title: 't1', author: { name: 'A' } },
                { title: 't2', author: { name: 'A' } },
              ],
            },
            { name: 'B', articles: [] },
          ],
        },
      },
    });
  });

  test('take rows from variables, again and again with other values', async () => {
    const document = `mutation ($authors: [author_insert_input!]!) {
      insert_author(objects: $authors) { affected_rows returning { id name articles(order_by: {id: asc}) { title } } } }`;
    const author = (name: string | null, ...titles: readonly string[]): JsonLike => ({
      name,
      articles: { data: titles.map((title) => ({ title })) },
    });
    const answer = (id: number, name: string | null, ...titles: readonly string[]): JsonLike => ({
      id,
      name,
      articles: titles.map((title) => ({ title })),
    });
    const insert = (...authors: readonly JsonLike[]) => seven().query(document, { authors });
    const expected = (count: number, ...returning: readonly JsonLike[]) => ({
      data: { insert_author: { affected_rows: count, returning } },
    });
    expect(await insert(author('A', 'a1', 'a2'), author('B', 'b1'))).toEqual(
      expected(5, answer(1, 'A', 'a1', 'a2'), answer(2, 'B', 'b1')),
    );
    expect(await insert(author('C', 'c1'), author(null, 'd1', 'd2', 'd3'))).toEqual(
      expected(6, answer(3, 'C', 'c1'), answer(4, null, 'd1', 'd2', 'd3')),
    );
    expect(await insert({ name: 'E' }, { name: 'F' })).toEqual(expected(2, answer(5, 'E'), answer(6, 'F')));
    expect(await insert({ name: 'G' })).toEqual(expected(1, answer(7, 'G')));
    expect(await insert()).toEqual(expected(0));
    expect(await insert({ name: 'H', articles: null }, {})).toEqual(
      expected(2, answer(8, 'H'), answer(9, null)),
    );
  });
});
