/** The metadata follows what `run_sql` does to the database. Source: spec/metadata-api.md 5.4 and 6. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Project, project, sourceOf } from '../support/project.ts';

let api: Project;
beforeEach(async () => {
  api = await project({
    tables: `
      create table author (id int primary key, name text not null, kind text);
      create table article (id int primary key, title text, author_id int references author (id), rank int);
      create function article_label(one article) returns text language sql stable as $$ select one.title || '!' $$;
      create function recent() returns setof article language sql stable as $$ select * from article where rank > 0 $$;
      insert into author values (1, 'Ann', 'poet'), (2, 'Bo', null);
      insert into article values (1, 'One', 1, 1), (2, 'Two', 2, 0)`,
    metadata: {
      sources: [
        {
          ...sourceOf([
            {
              table: 'author',
              array_relationships: [
                {
                  name: 'articles',
                  using: { foreign_key_constraint_on: { table: 'article', column: 'author_id' } },
                },
              ],
              select_permissions: [
                {
                  role: 'user',
                  permission: { columns: ['id', 'name'], filter: { kind: { _eq: 'poet' } } },
                },
              ],
            },
            {
              table: 'article',
              object_relationships: [
                { name: 'author', using: { foreign_key_constraint_on: 'author_id' } },
                {
                  name: 'writer',
                  using: {
                    manual_configuration: { remote_table: 'author', column_mapping: { author_id: 'id' } },
                  },
                },
              ],
              computed_fields: [{ name: 'label', definition: { function: 'article_label' } }],
              select_permissions: [
                {
                  role: 'user',
                  permission: { columns: ['title', 'rank'], filter: { author: { kind: { _eq: 'poet' } } } },
                },
              ],
              insert_permissions: [
                { role: 'user', permission: { check: {}, columns: ['title'], set: { rank: 3 } } },
              ],
            },
          ]),
          functions: [{ function: 'recent' }],
        },
      ],
    },
  });
});
afterEach(() => api?.close());

const question = '{ article(order_by: {title: asc}) { title author { name } } }';
const seen = { data: { article: [{ title: 'One', author: { name: 'Ann' } }] } };
const exported = async () => JSON.stringify(await api.engine.metadata.export());

test('results are text, and null is the word NULL', async () => {
  expect(await api.runSql('select id, kind from author order by id')).toEqual({
    status: 200,
    body: {
      result_type: 'TuplesOk',
      result: [
        ['id', 'kind'],
        ['1', 'poet'],
        ['2', 'NULL'],
      ],
    },
  });
  expect(await api.runSql('create table other (a int)')).toEqual({
    status: 200,
    body: { result_type: 'CommandOk', result: null },
  });
});

test('what PostgreSQL refuses is told in its words', async () => {
  expect(await api.runSql('select * from nope')).toEqual({
    status: 400,
    body: {
      error: 'query execution failed',
      path: '$',
      code: 'postgres-error',
      internal: {
        statement: 'select * from nope',
        prepared: false,
        error: {
          exec_status: 'FatalError',
          hint: null,
          message: 'relation "nope" does not exist',
          status_code: '42P01',
          description: null,
        },
        arguments: [],
      },
    },
  });
});

describe('renames', () => {
  test('of a table reach relationships and permissions of others', async () => {
    expect(await api.runSql('alter table author rename to person')).toMatchObject({ status: 200 });
    expect(await api.as('user').query(question)).toEqual(seen);
    expect(await api.query('{ person(where: {id: {_eq: 1}}) { articles { title } } }')).toEqual({
      data: { person: [{ articles: [{ title: 'One' }] }] },
    });
    expect(await exported()).not.toContain('"name":"author","schema"');
  });

  test('of a column reach filters, also through relationships, and mappings', async () => {
    expect(
      await api.runSql(
        'alter table author rename column kind to sort; alter table article rename column author_id to by',
      ),
    ).toMatchObject({ status: 200 });
    expect(await api.as('user').query(question)).toEqual(seen);
    expect(await api.query('{ article(where: {id: {_eq: 2}}) { by writer { sort name } } }')).toEqual({
      data: { article: [{ by: 2, writer: { sort: null, name: 'Bo' } }] },
    });
    expect(await exported()).not.toMatch(/"kind":\{|author_id/);
  });

  test('of a column that presets and permitted columns name', async () => {
    const sql =
      'alter table article rename column rank to place; alter table article rename column title to heading';
    expect(await api.runSql(sql)).toMatchObject({ status: 200 });
    const text = await exported();
    expect(text).toContain('"set":{"place":3}');
    expect(text).toContain('"columns":["heading","place"]');
  });

  test('to another schema', async () => {
    expect(await api.runSql('create schema archive; alter table author set schema archive')).toMatchObject({
      status: 200,
    });
    expect(await api.query('{ archive_author(where: {id: {_eq: 1}}) { name } }')).toEqual({
      data: { archive_author: [{ name: 'Ann' }] },
    });
    expect(await api.as('user').query(question)).toEqual(seen);
  });

  test('of a column to the name of a relationship are refused and rolled back', async () => {
    expect(await api.runSql('alter table article rename column rank to author')).toMatchObject({
      status: 400,
      body: {
        error:
          'cannot rename column "rank" to "author" in table "article" as a relationship with the name already exists',
        code: 'already-exists',
      },
    });
    expect(await api.query('{ article(where: {id: {_eq: 1}}) { rank } }')).toEqual({
      data: { article: [{ rank: 1 }] },
    });
    expect(await api.sql`select rank from article where id = 1`).toEqual([{ rank: 1 }]);
  });
});

describe('drops', () => {
  test('of what others need are refused with the list, and rolled back', async () => {
    const before = await exported();
    expect(await api.runSql('alter table author drop column kind')).toMatchObject({
      status: 400,
      body: {
        error:
          'cannot drop due to the following dependent objects: permission article.user.select in source "default", permission author.user.select in source "default"',
        path: '$',
        code: 'dependency-error',
      },
    });
    expect(await api.sql`select kind from author where id = 1`).toEqual([{ kind: 'poet' }]);
    expect(await exported()).toBe(before);
    expect(await api.as('user').query(question)).toEqual(seen);
  });

  test('with cascade take along what needs them', async () => {
    expect(await api.runSql('alter table author drop column kind', { cascade: true })).toMatchObject({
      status: 200,
    });
    expect(await api.as('user').query(question)).toMatchObject({
      errors: [{ message: "field 'article' not found in type: 'query_root'" }],
    });
    expect(await api.query('{ article(order_by: {id: asc}, limit: 1) { author { name } } }')).toEqual({
      data: { article: [{ author: { name: 'Ann' } }] },
    });
  });

  test('of a table that nobody needs take its entry along', async () => {
    await api.runSql('create table lonely (id int)');
    await api.command('pg_track_table', { source: 'default', table: 'lonely' });
    expect(await api.runSql('drop table lonely')).toMatchObject({ status: 200 });
    expect(await exported()).not.toContain('lonely');
    expect(await api.query('{ lonely { id } }')).toMatchObject({
      errors: [{ message: "field 'lonely' not found in type: 'query_root'" }],
    });
  });

  test('of a constraint take its relationships, but only with cascade', async () => {
    const sql = 'alter table article drop constraint article_author_id_fkey';
    expect(await api.runSql(sql)).toMatchObject({ status: 400, body: { code: 'dependency-error' } });
    expect(await api.runSql(sql, { cascade: true })).toMatchObject({ status: 200 });
    expect(await api.query('{ article(limit: 1, order_by: {id: asc}) { writer { name } } }')).toEqual({
      data: { article: [{ writer: { name: 'Ann' } }] },
    });
    expect(await api.query('{ article { author { name } } }')).toMatchObject({
      errors: [{ message: "field 'author' not found in type: 'article'" }],
    });
  });

  test('of a constraint in favour of one that leads elsewhere are drops, too', async () => {
    const sql = `create table person (id int primary key); insert into person select id from author;
      alter table article drop constraint article_author_id_fkey;
      alter table article add constraint by_person foreign key (author_id) references person (id)`;
    expect(await api.runSql(sql)).toMatchObject({ status: 400, body: { code: 'dependency-error' } });
    const renamed = 'alter table article rename constraint article_author_id_fkey to by_author';
    expect(await api.runSql(renamed)).toMatchObject({ status: 200 });
  });

  test('of a function end its field', async () => {
    expect(await api.runSql('drop function recent()')).toMatchObject({ status: 200 });
    expect(await exported()).not.toContain('recent');
  });
});

test.each([
  [
    'create function article_label(one author) returns text language sql stable as $$ select one.name $$',
    'The function "article_label" associated with computed field"label" of table "article" is being overloaded',
  ],
  [
    'create or replace function article_label(one article) returns text language sql volatile as $$ select one.title $$',
    'The type of function "article_label" associated with computed field "label" of table "article" is being altered to "VOLATILE"',
  ],
  [
    'create function recent(n int) returns setof article language sql stable as $$ select * from article $$',
    'the following tracked function(s) cannot be overloaded: recent',
  ],
  [
    'create or replace function recent() returns setof article language sql volatile as $$ select * from article $$',
    'type of function "recent" is altered to "VOLATILE" which is not supported now',
  ],
])('%s is refused', async (sql, error) => {
  expect(await api.runSql(sql)).toEqual({
    status: 400,
    body: { error, path: '$', code: 'not-supported' },
  });
});

test('what no longer fits for another reason is told, and rolled back', async () => {
  expect(await api.runSql('alter table article add column writer int')).toMatchObject({
    status: 500,
    body: {
      error: 'cannot continue due to newly found inconsistent metadata',
      path: '$',
      code: 'unexpected',
      internal: [
        {
          reason: 'Inconsistent object: field definition conflicts with postgres column',
          name: 'object_relation writer in table article in source default',
          type: 'object_relation',
        },
      ],
    },
  });
  expect(await api.query('{ article(limit: 1, order_by: {id: asc}) { writer { name } } }')).toEqual({
    data: { article: [{ writer: { name: 'Ann' } }] },
  });
});

describe('functions', () => {
  test.each([
    'alter function recent() rename to latest',
    'create schema attic; alter function recent() set schema attic',
    "drop function recent(); create function recent() returns setof article language sql volatile as 'select * from article'",
  ])('that are another now are untracked: %s', async (sql) => {
    expect(await api.runSql(sql)).toEqual({ status: 200, body: { result_type: 'CommandOk', result: null } });
    expect(await exported()).not.toContain('recent');
    expect(await api.query('{ recent { title } }')).toMatchObject({
      errors: [{ message: "field 'recent' not found in type: 'query_root'" }],
    });
  });

  test('of computed fields have the field as a dependant', async () => {
    const sql = 'alter function article_label(article) rename to article_title';
    expect(await api.runSql(sql)).toEqual({
      status: 400,
      body: {
        error:
          'cannot drop due to the following dependent objects: computed field article.label in source "default"',
        path: '$',
        code: 'dependency-error',
      },
    });
    expect(await api.runSql(sql, { cascade: true })).toMatchObject({ status: 200 });
    expect(await exported()).not.toContain('label');
  });

  test('may be called by those who may not read, and still are not', async () => {
    await api.command('pg_create_function_permission', {
      source: 'default',
      function: 'recent',
      role: 'user',
    });
    expect(await api.as('user').query('{ recent { title } }')).toMatchObject({ data: { recent: [{}] } });
    expect(
      await api.command('pg_drop_select_permission', { source: 'default', table: 'article', role: 'user' }),
    ).toEqual({ status: 200, body: { message: 'success' } });
    expect(await api.as('user').query('{ recent { title } }')).toMatchObject({
      errors: [{ message: "field 'recent' not found in type: 'query_root'" }],
    });
    expect(await exported()).toContain('"permissions":[{"role":"user"}]');
  });
});

test('a new type of a column is refused where a permission holds a value of the old', async () => {
  expect(await api.runSql('alter table article alter column rank type text')).toMatchObject({
    status: 400,
    body: {
      error:
        'cannot change type of column "rank" in table "article" because of the following dependencies: permission article.user.insert in source "default"',
      code: 'dependency-error',
    },
  });
});

test('unchecked, the schema in force is the old one until it is read again', async () => {
  const unchecked = { check_metadata_consistency: false };
  expect(await api.runSql('alter table author add column born date', unchecked)).toMatchObject({
    status: 200,
  });
  expect(await api.query('{ author { born } }')).toMatchObject({
    errors: [{ message: "field 'born' not found in type: 'author'" }],
  });
  expect(await api.command('reload_metadata', {})).toEqual({
    status: 200,
    body: { message: 'success', is_consistent: true },
  });
  expect(await api.query('{ author(where: {id: {_eq: 1}}) { born } }')).toEqual({
    data: { author: [{ born: null }] },
  });
});

test('behind the back: what lost its column is out of force, listed, and can be dropped', async () => {
  await api.sql`alter table author drop column kind`;
  expect(await api.command('reload_metadata', {})).toMatchObject({
    status: 200,
    body: { is_consistent: false },
  });
  expect(await api.as('user').query('{ author { id } }')).toMatchObject({
    errors: [{ message: "field 'author' not found in type: 'query_root'" }],
  });
  const { body } = await api.command('get_inconsistent_metadata', {});
  const { inconsistent_objects: objects } = body as { inconsistent_objects: { name: string }[] };
  expect(objects.map(({ name }) => name).sort()).toEqual([
    'select_permission user in table article in source default',
    'select_permission user in table author in source default',
  ]);
  expect(await api.command('drop_inconsistent_metadata', {})).toEqual({
    status: 200,
    body: { message: 'success' },
  });
  expect(await api.command('get_inconsistent_metadata', {})).toEqual({
    status: 200,
    body: { is_consistent: true, inconsistent_objects: [] },
  });
  expect(await api.query('{ author_by_pk(id: 1) { name } }')).toEqual({
    data: { author_by_pk: { name: 'Ann' } },
  });
});

test('read-only statements may not write, and statements outside of a transaction may be those that need it', async () => {
  expect(await api.runSql('drop table article', { read_only: true })).toMatchObject({
    status: 400,
    body: { internal: { error: { status_code: '25006' } } },
  });
  expect(
    await api.runSql('create index concurrently on article (title); vacuum article', {
      no_transaction: true,
    }),
  ).toMatchObject({ status: 200 });
  expect(await api.query('{ article_aggregate { aggregate { count } } }')).toEqual({
    data: { article_aggregate: { aggregate: { count: 2 } } },
  });
});

test('triggers that the SQL sets off see who asks, and the SQL may still choose its isolation', async () => {
  const odd = `it's \\ "so"`;
  const asked = api.as('admin', { 'x-hasura-odd': odd });
  const ask = async (sql: string, more = {}) => {
    const args = { source: 'default', sql, ...more };
    const response = await asked.request('/v2/query', { type: 'run_sql', args });
    return ((await response.json()) as { result: string[][] }).result[1];
  };
  const sql = `select current_setting('hasura.user', true)::json ->> 'x-hasura-odd', current_setting('transaction_isolation')`;
  expect(await ask(sql)).toEqual([odd, 'read committed']);
  expect(await ask(sql, { read_only: true })).toEqual([odd, 'read committed']);
  expect(await ask(`set transaction isolation level serializable; ${sql}`)).toEqual([odd, 'serializable']);
  // it is gone with the transaction
  const after = `select coalesce(nullif(current_setting('hasura.user', true), ''), 'nobody')`;
  expect(await ask(after, { no_transaction: true })).toEqual(['nobody']);
});

test('a write of the metadata that fails takes the statement with it', async () => {
  await api.sql`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'disk full' using errcode = '53100'; end $$`;
  await api.sql`create trigger refuse before update on hdb_catalog.hdb_metadata for each row execute function refuse()`;
  const { status } = await api.runSql('alter table author rename to person');
  expect(status).toBeGreaterThanOrEqual(400);
  expect(await api.query('{ author_by_pk(id: 1) { name } }')).toEqual({
    data: { author_by_pk: { name: 'Ann' } },
  });
  expect(await api.sql`select to_regclass('person') as person`).toEqual([{ person: null }]);
});

describe('where the metadata is kept elsewhere', () => {
  let elsewhere: Project;
  beforeEach(async () => {
    const metadata = await project();
    elsewhere = await project({
      tables: `create table author (id int primary key);
        create table article (id int primary key, author_id int references author (id) deferrable initially deferred)`,
      metadata: [{ table: 'author' }, { table: 'article' }],
      engine: { metadataDatabaseUrl: metadata.database.url },
    });
    const { close } = elsewhere;
    elsewhere = {
      ...elsewhere,
      async close() {
        await close();
        await metadata.close();
      },
    };
  });
  afterEach(() => elsewhere?.close());

  test('a statement that cannot be committed leaves the metadata as it was', async () => {
    const before = JSON.stringify(await elsewhere.engine.metadata.export());
    // the foreign key is looked at when the transaction ends
    expect(
      await elsewhere.runSql(
        'insert into article values (1, 99); comment on table author is null; alter table author rename to person',
      ),
    ).toMatchObject({ status: 400 });
    expect(JSON.stringify(await elsewhere.engine.metadata.export())).toBe(before);
    expect(await elsewhere.query('{ author { id } article { id } }')).toEqual({
      data: { author: [], article: [] },
    });
    expect(await elsewhere.runSql('alter table author rename to person')).toMatchObject({ status: 200 });
    expect(await elsewhere.query('{ person { id } }')).toEqual({ data: { person: [] } });
  });
});
