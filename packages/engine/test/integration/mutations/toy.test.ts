/** Requests and answers of an administrator. Source: spec/graphql-api.md 8, 9.1, appendix B. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { at, graphqlError, type Project, project } from '../../support/project.ts';

const tables = `
  create table author (id serial primary key, name text not null unique, bio jsonb, rank numeric);
  create table article (id serial primary key, title text not null, author_id int not null references author, tags text[]);
  create table audit (id serial primary key, who json, what text);
  create view titles as select id, title, author_id from article;
  create table parent (id int primary key); create table child (parent int references parent deferrable initially deferred);
  create table counters (id int generated always as identity primary key, made timestamptz default now());
  create function note_author() returns trigger language plpgsql as $$ begin
    insert into audit (who, what) values (nullif(current_setting('hasura.user', true), '')::json, tg_op || ' ' || new.name); return new; end $$;
  create trigger noted after insert or update on author for each row execute function note_author();
  create function rename(prefix text) returns setof author language sql volatile as $$ update author set name = prefix || name returning * $$;
  create function article_count(author) returns bigint language sql stable as $$ select count(*) from article where author_id = $1.id $$;
  create function author_count(author) returns bigint language sql stable as $$ select count(*) from author $$;`;

let api: Project;
beforeAll(async () => {
  api = await project({
    tables,
    metadata: {
      sources: [
        {
          name: 'default',
          kind: 'postgres',
          configuration: { connection_info: { database_url: { from_env: 'HASURA_GRAPHQL_DATABASE_URL' } } },
          tables: [
            {
              table: 'author',
              array_relationships: [
                {
                  name: 'articles',
                  using: { foreign_key_constraint_on: { table: 'article', column: 'author_id' } },
                },
              ],
              computed_fields: [
                { name: 'article_count', definition: { function: 'article_count' } },
                { name: 'author_count', definition: { function: 'author_count' } },
              ],
            },
            {
              table: 'article',
              object_relationships: [{ name: 'author', using: { foreign_key_constraint_on: 'author_id' } }],
            },
            { table: 'audit' },
            { table: 'titles' },
            { table: 'parent' },
            { table: 'child' },
            { table: 'counters' },
          ],
          functions: [{ function: 'rename' }],
        },
      ],
    },
  });
});
beforeEach(async () => {
  await api.database.sql(`truncate author, article, audit, parent, child, counters restart identity;
    insert into author (name) values ('Ann'), ('Bo'); truncate audit restart identity;
    insert into article (title, author_id) values ('one', 1)`);
});
afterAll(() => api?.close());

const fault = (path: string, code: string, message: string) => graphqlError(code, path, message);

describe('a null where an object must be', () => {
  const noObject = (path: string, type: string) =>
    fault(path, 'validation-failed', `expected an object for type '${type}', but found null`);

  test.each([
    [
      'delete_author',
      'mutation { delete_author(where: null) { affected_rows } }',
      'where',
      'author_bool_exp',
    ],
    [
      'update_author',
      'mutation { update_author(where: null, _set: {rank: 9}) { affected_rows } }',
      'where',
      'author_bool_exp',
    ],
    [
      'update_author',
      'mutation ($w: author_bool_exp = {}) { update_author(where: $w, _set: {rank: 9}) { affected_rows } }',
      'where',
      'author_bool_exp',
    ],
    [
      'update_author_many',
      'mutation { update_author_many(updates: [{where: null, _set: {rank: 9}}]) { affected_rows } }',
      'updates[0].where',
      'author_bool_exp',
    ],
    [
      'update_author_by_pk',
      'mutation { update_author_by_pk(pk_columns: null, _set: {rank: 9}) { id } }',
      'pk_columns',
      'author_pk_columns_input',
    ],
    [
      'update_author',
      'mutation { update_author(where: {}, _set: null) { affected_rows } }',
      '_set',
      'author_set_input',
    ],
    [
      'insert_author',
      'mutation { insert_author(objects: [{name: "Ann", rank: 9}], on_conflict: null) { affected_rows } }',
      'on_conflict',
      'author_on_conflict',
    ],
    [
      'insert_author',
      'mutation ($w: author_bool_exp) { insert_author(objects: [{name: "Ann", rank: 9}], on_conflict: {constraint: author_name_key, update_columns: rank, where: $w}) { affected_rows } }',
      'on_conflict.where',
      'author_bool_exp',
    ],
  ])('%s: %s', async (name, mutation, argument, type) => {
    const variables = mutation.includes('$w') ? { w: null } : {};
    expect(await api.query(mutation, variables)).toEqual(noObject(`${at(name)}.args.${argument}`, type));
    expect(await api.sql`select count(*)::int as count from author where rank is null`).toEqual([
      { count: 2 },
    ]);
  });
});

describe('inserts', () => {
  test('report what PostgreSQL refuses at the rows (B16, B17, B32)', async () => {
    const one = (object: string) => api.query(`mutation { insert_author_one(object: ${object}) { id } }`);
    const path = `${at('insert_author_one')}.args.object`;
    expect(await one('{name: "Ann"}')).toEqual(
      fault(
        path,
        'constraint-violation',
        'Uniqueness violation. duplicate key value violates unique constraint "author_name_key"',
      ),
    );
    expect(await one('{}')).toEqual(
      fault(
        path,
        'constraint-violation',
        'Not-NULL violation. null value in column "name" of relation "author" violates not-null constraint',
      ),
    );
    expect(await one('{name: 5}')).toEqual(
      fault(`${path}.name`, 'parse-failed', 'parsing Text failed, expected String, but encountered Number'),
    );
  });

  test('of nothing, and of rows that are there already, write nothing (B18, B19)', async () => {
    const empty = { data: { insert_author: { affected_rows: 0, returning: [] } } };
    expect(
      await api.query('mutation { insert_author(objects: []) { affected_rows returning { id } } }'),
    ).toEqual(empty);
    const many =
      'mutation ($rows: [author_insert_input!]!) { insert_author(objects: $rows) { affected_rows returning { id } } }';
    expect(await api.query(many, { rows: [] })).toEqual(empty);
    expect(
      await api.query(
        'mutation { insert_author_one(object: {name: "Ann"}, on_conflict: {constraint: author_name_key}) { id } }',
      ),
    ).toEqual({ data: { insert_author_one: null } });
  });

  test('refuse two sources of one value (B20)', async () => {
    expect(
      await api.query(
        'mutation { insert_article_one(object: {title: "x", author_id: 1, author: {data: {name: "C"}}}) { id } }',
      ),
    ).toEqual(
      fault(
        `${at('insert_article_one')}.args.object[0].author`,
        'validation-failed',
        'cannot insert object relationship "author" as "author_id" column values are already determined',
      ),
    );
  });

  test('report errors below a single object at its index, too, where relationships are inserted with it', async () => {
    const path = `${at('insert_article_one')}.args.object[0].author`;
    const insert = (author: string) =>
      api.query(`mutation { insert_article_one(object: {title: "x", author: ${author}}) { id } }`);
    expect(await insert('{data: {}}')).toEqual(
      fault(
        `${path}.data`,
        'constraint-violation',
        'Not-NULL violation. null value in column "name" of relation "author" violates not-null constraint',
      ),
    );
    expect(await insert('{data: {name: "Ann"}, on_conflict: {constraint: author_name_key}}')).toEqual(
      fault(
        path,
        'not-supported',
        'cannot proceed to insert object relation "author" since insert to table "author" affects zero rows',
      ),
    );
    // What the text itself has wrong is found before there are rows.
    expect(await insert('{data: {name: 5}}')).toEqual(
      fault(
        `${at('insert_article_one')}.args.object.author.data.name`,
        'parse-failed',
        'parsing Text failed, expected String, but encountered Number',
      ),
    );
  });

  test('give no NULL to a column that takes none, wherever it comes from', async () => {
    const refused = (path: string, type: string) =>
      fault(path, 'validation-failed', `unexpected null value for type '${type}'`);
    const name = 'mutation ($n: String) { insert_author(objects: [{name: $n}]) { affected_rows } }';
    const row = 'mutation ($r: author_insert_input!) { insert_author_one(object: $r) { name } }';
    const rows = 'mutation ($r: [author_insert_input!]!) { insert_author(objects: $r) { affected_rows } }';
    const nested =
      'mutation ($r: article_arr_rel_insert_input) { insert_author_one(object: {name: "N", articles: $r}) { id } }';
    const set = 'mutation ($s: author_set_input) { update_author(where: {}, _set: $s) { affected_rows } }';
    // The second time the plan is known, and only the values are looked at.
    for (const filled of [false, true]) {
      if (filled) {
        expect(await api.query(row, { r: { name: 'F1' } })).toEqual({
          data: { insert_author_one: { name: 'F1' } },
        });
        expect(await api.query(rows, { r: [{ name: 'F2' }] })).toEqual({
          data: { insert_author: { affected_rows: 1 } },
        });
      }
      expect(await api.query(name, { n: null })).toEqual(
        refused(`${at('insert_author')}.args.objects[0].name`, 'String'),
      );
      expect(await api.query(name)).toEqual(refused(`${at('insert_author')}.args.objects[0].name`, 'String'));
      expect(await api.query(row, { r: { name: null } })).toEqual(
        refused(`${at('insert_author_one')}.args.object.name`, 'String'),
      );
      expect(await api.query(rows, { r: [{ name: 'a' }, { name: null }] })).toEqual(
        refused(`${at('insert_author')}.args.objects[1].name`, 'String'),
      );
      expect(await api.query(nested, { r: { data: [{ title: null }] } })).toEqual(
        refused(`${at('insert_author_one')}.args.object.articles.data[0].title`, 'String'),
      );
      expect(await api.query(set, { s: { name: null } })).toEqual(
        refused(`${at('update_author')}.args._set.name`, 'String'),
      );
    }
    expect(await api.query('mutation { insert_author_one(object: {id: null, name: "x"}) { id } }')).toEqual(
      refused(`${at('insert_author_one')}.args.object.id`, 'Int'),
    );
    expect(
      await api.query('mutation { insert_author_one(object: {name: "x", rank: null}) { rank } }'),
    ).toEqual({
      data: { insert_author_one: { rank: null } },
    });
  });

  test('fill cells that are not given with defaults, row by row', async () => {
    expect(
      await api.query(
        'mutation { insert_author(objects: [{name: "C", rank: 5}, {name: "D", bio: {a: [1]}}, {name: "E", rank: null}]) { returning { id name rank bio } } }',
      ),
    ).toEqual({
      data: {
        insert_author: {
          returning: [
            { id: 3, name: 'C', rank: 5, bio: null },
            { id: 4, name: 'D', rank: null, bio: { a: [1] } },
            { id: 5, name: 'E', rank: null, bio: null },
          ],
        },
      },
    });
    expect(
      await api.query('mutation { insert_counters(objects: [{}, {}]) { affected_rows returning { id } } }'),
    ).toEqual({ data: { insert_counters: { affected_rows: 2, returning: [{ id: 1 }, { id: 2 }] } } });
    expect(await api.query('mutation { insert_counters_one(object: {}) { id } }')).toEqual({
      data: { insert_counters_one: { id: 3 } },
    });
  });

  test('take rows of equal form from a variable, in any number', async () => {
    const document =
      'mutation ($rows: [article_insert_input!]!) { insert_article(objects: $rows) { affected_rows returning { id title tags } } }';
    const insert = (...rows: readonly { title: string | null; tags: readonly (string | null)[] | null }[]) =>
      api.query(document, { rows: rows.map((row) => ({ ...row, author_id: 1 })) });
    expect(await insert({ title: 'a', tags: ['x', null, '"{,}\\'] }, { title: 'b', tags: null })).toEqual({
      data: {
        insert_article: {
          affected_rows: 2,
          returning: [
            { id: 2, title: 'a', tags: ['x', null, '"{,}\\'] },
            { id: 3, title: 'b', tags: null },
          ],
        },
      },
    });
    expect(await insert({ title: 'c', tags: [] })).toEqual({
      data: { insert_article: { affected_rows: 1, returning: [{ id: 4, title: 'c', tags: [] }] } },
    });
    expect(await insert({ title: 'd', tags: [] }, { title: null, tags: [] })).toEqual(
      fault(
        `${at('insert_article')}.args.objects[1].title`,
        'validation-failed',
        "unexpected null value for type 'String'",
      ),
    );
    expect(await api.query(document, { rows: [{ title: 'e' }, { title: 5 }] })).toEqual(
      fault(
        `${at('insert_article')}.args.objects[1].title`,
        'parse-failed',
        'parsing Text failed, expected String, but encountered Number',
      ),
    );
    expect(await api.query(document, { rows: [{ title: 'e', nope: 5 }] })).toEqual(
      fault(
        `${at('insert_article')}.args.objects[0].nope`,
        'validation-failed',
        "field 'nope' not found in type: 'article_insert_input'",
      ),
    );
    expect(await api.query(document, { rows: { title: 'single', author_id: 2 } })).toEqual({
      data: { insert_article: { affected_rows: 1, returning: [{ id: 5, title: 'single', tags: null }] } },
    });
    const many = Array.from({ length: 20_000 }, (_, index) => ({ title: `t${index}`, tags: [] }));
    const answer = (await insert(...many)) as {
      data: { insert_article: { affected_rows: number; returning: { title: string }[] } };
    };
    expect(answer.data.insert_article.affected_rows).toBe(20_000);
    expect(answer.data.insert_article.returning.map(({ title }) => title)).toEqual(
      many.map(({ title }) => title),
    );
  });

  test('refuse what depends on a row that was not written', async () => {
    const conflict = 'on_conflict: {constraint: author_name_key}';
    expect(
      await api.query(
        `mutation { insert_author(objects: [{name: "Ann", articles: {data: [{title: "t"}]}}], ${conflict}) { affected_rows } }`,
      ),
    ).toEqual(
      fault(
        `${at('insert_author')}.args.objects[0]`,
        'not-supported',
        'cannot proceed to insert array relations since insert to table "author" affects zero rows',
      ),
    );
    expect(
      await api.query(
        `mutation { insert_article(objects: [{title: "t", author: {data: {name: "Ann"}, ${conflict}}}]) { affected_rows } }`,
      ),
    ).toEqual(
      fault(
        `${at('insert_article')}.args.objects[0].author`,
        'not-supported',
        'cannot proceed to insert object relation "author" since insert to table "author" affects zero rows',
      ),
    );
    expect(
      await api.query(
        `mutation { insert_article_one(object: {title: "t", author: {data: {name: "Ann"}, on_conflict: {constraint: author_name_key, update_columns: [name]}}}) { author { id } } }`,
      ),
    ).toEqual({ data: { insert_article_one: { author: { id: 1 } } } });
  });

  test('a row twice in one upsert is a fault of the statement', async () => {
    expect(
      await api.query(
        'mutation { insert_author(objects: [{name: "Z"}, {name: "Z"}], on_conflict: {constraint: author_name_key, update_columns: [rank]}) { affected_rows } }',
      ),
    ).toMatchObject({
      errors: [{ message: 'database query error', extensions: { code: 'unexpected' } }],
    });
  });

  test('of views write their table', async () => {
    expect(
      await api.query(
        'mutation { insert_titles(objects: [{title: "v", author_id: 2}]) { returning { id title } } }',
      ),
    ).toEqual({ data: { insert_titles: { returning: [{ id: 2, title: 'v' }] } } });
  });
});

describe('updates', () => {
  test('without operators change nothing, and no column twice (B21, B22)', async () => {
    expect(await api.query('mutation { update_author(where: {}) { affected_rows __typename } }')).toEqual({
      data: { update_author: { affected_rows: 0, __typename: 'author_mutation_response' } },
    });
    expect(await api.query('mutation { update_author_by_pk(pk_columns: {id: 1}, _set: {}) { id } }')).toEqual(
      { data: { update_author_by_pk: null } },
    );
    expect(
      await api.query(
        'mutation { update_author(where: {}, _set: {rank: 1}, _inc: {rank: 1}) { affected_rows } }',
      ),
    ).toEqual(
      fault(
        `${at('update_author')}.args`,
        'validation-failed',
        "Column found in multiple operators: ['rank'].",
      ),
    );
  });

  test.each([
    [
      'update_author(where: {foo: 1}, _set: {bar: 1}) { baz }',
      'update_author',
      '_set.bar',
      'bar',
      'author_set_input',
    ],
    [
      'update_author(where: {foo: 1}, _set: {rank: 1}) { baz }',
      'update_author',
      'where.foo',
      'foo',
      'author_bool_exp',
    ],
    [
      'update_author_many(updates: [{where: {}}, {where: {foo: 1}, _set: {rank: 1}}]) { baz }',
      'update_author_many',
      'updates[1].where.foo',
      'foo',
      'author_bool_exp',
    ],
  ])('%s tells the first fault: operators, condition, selection', async (field, name, place, key, type) => {
    expect(await api.query(`mutation { ${field} }`)).toEqual(
      fault(`${at(name)}.args.${place}`, 'validation-failed', `field '${key}' not found in type: '${type}'`),
    );
  });

  test('know every operator', async () => {
    const update = async (operators: string) => {
      const answer = (await api.query(
        `mutation { update_author_by_pk(pk_columns: {id: 1}, ${operators}) { rank bio } }`,
      )) as { data: { update_author_by_pk: unknown } };
      return answer.data?.update_author_by_pk ?? answer;
    };
    expect(await update('_set: {bio: {a: 1, b: [1, 2, {c: 3}]}, rank: 1.5}')).toEqual({
      rank: 1.5,
      bio: { a: 1, b: [1, 2, { c: 3 }] },
    });
    expect(await update('_inc: {rank: 2}, _append: {bio: {d: 4}}')).toEqual({
      rank: 3.5,
      bio: { a: 1, b: [1, 2, { c: 3 }], d: 4 },
    });
    expect(await update('_delete_key: {bio: "a"}')).toMatchObject({ bio: { b: [1, 2, { c: 3 }], d: 4 } });
    expect(await update('_delete_at_path: {bio: ["b", "2", "c"]}')).toMatchObject({
      bio: { b: [1, 2, {}], d: 4 },
    });
    const deepest =
      'mutation ($key: String!) { update_author_by_pk(pk_columns: {id: 1}, _delete_at_path: {bio: ["b", $key]}) { bio } }';
    expect(await api.query(deepest, { key: '2' })).toEqual({
      data: { update_author_by_pk: { bio: { b: [1, 2], d: 4 } } },
    });
    expect(await update('_set: {bio: [1, 2, 3]}')).toMatchObject({ bio: [1, 2, 3] });
    expect(await update('_prepend: {bio: [0]}')).toMatchObject({ bio: [0, 1, 2, 3] });
    expect(await update('_delete_elem: {bio: -1}')).toMatchObject({ bio: [0, 1, 2] });
    expect(await update('_delete_key: {bio: null}')).toMatchObject({ bio: null });
    expect(await update('_set: {rank: null, bio: null}')).toEqual({ rank: null, bio: null });
  });

  test('of many run in order, each seeing those before', async () => {
    expect(
      await api.query(
        `mutation { update_author_many(updates: [{where: {rank: {_is_null: true}}, _set: {rank: 1}}, {where: {}}, {where: {rank: {_eq: 1}}, _inc: {rank: 1}}])
          { affected_rows returning { name rank } } }`,
      ),
    ).toEqual({
      data: {
        update_author_many: [
          {
            affected_rows: 2,
            returning: [
              { name: 'Ann', rank: 1 },
              { name: 'Bo', rank: 1 },
            ],
          },
          { affected_rows: 0, returning: [] },
          {
            affected_rows: 2,
            returning: [
              { name: 'Ann', rank: 2 },
              { name: 'Bo', rank: 2 },
            ],
          },
        ],
      },
    });
    expect(
      await api.query('mutation { update_author_many(updates: [{where: {}}]) { affected_rows } }'),
    ).toEqual({ data: { update_author_many: [] } });
  });
});

describe('deletes', () => {
  test('obey foreign keys, and answer with what is gone (B23)', async () => {
    expect(await api.query('mutation { delete_author_by_pk(id: 1) { id } }')).toEqual(
      fault(
        '$',
        'constraint-violation',
        'Foreign key violation. update or delete on table "author" violates foreign key constraint "article_author_id_fkey" on table "article"',
      ),
    );
    expect(
      await api.query('mutation { delete_article(where: {}) { returning { title author { name } } } }'),
    ).toEqual({ data: { delete_article: { returning: [{ title: 'one', author: { name: 'Ann' } }] } } });
    expect(
      await api.query(
        'mutation { delete_author(where: {name: {_eq: "Ann"}}) { affected_rows returning { id articles { id } articles_aggregate { aggregate { count } } } } }',
      ),
    ).toEqual({
      data: {
        delete_author: {
          affected_rows: 1,
          returning: [{ id: 1, articles: [], articles_aggregate: { aggregate: { count: 0 } } }],
        },
      },
    });
  });
});

describe('root fields', () => {
  test('are one transaction (B24)', async () => {
    expect(
      await api.query(
        'mutation { a: delete_article(where: {}) { affected_rows } b: insert_author_one(object: {id: 1, name: "z"}) { id } }',
      ),
    ).toEqual(
      fault(
        `${at('insert_author_one')}.args.object`,
        'constraint-violation',
        'Uniqueness violation. duplicate key value violates unique constraint "author_pkey"',
      ),
    );
    expect(await api.sql`select count(*)::int from article`).toEqual([{ count: 1 }]);
  });

  test('run in document order, whatever each of them takes', async () => {
    expect(
      await api.query(
        `mutation {
          a: insert_author_one(object: {name: "C", articles: {data: [{title: "c1"}]}}) { id articles { title } }
          __typename
          b: update_article(where: {title: {_eq: "c1"}}, _set: {title: "c2"}) { returning { title } }
          c: insert_author(objects: []) { affected_rows }
          d: delete_article(where: {title: {_eq: "c2"}}) { returning { author { name article_count } } }
        }`,
      ),
    ).toEqual({
      data: {
        a: { id: 3, articles: [{ title: 'c1' }] },
        __typename: 'mutation_root',
        b: { returning: [{ title: 'c2' }] },
        c: { affected_rows: 0 },
        d: { returning: [{ author: { name: 'C', article_count: 0 } }] },
      },
    });
  });

  test('fail as a whole when the commit does', async () => {
    const message =
      'Foreign key violation. insert or update on table "child" violates foreign key constraint "child_parent_fkey"';
    expect(await api.query('mutation { insert_child(objects: [{parent: 1}]) { affected_rows } }')).toEqual(
      fault('$', 'constraint-violation', message),
    );
    expect(
      await api.query(
        'mutation { a: insert_child(objects: [{parent: 1}]) { affected_rows } b: insert_author_one(object: {name: "N", articles: {data: [{title: "n"}]}}) { articles { title } } }',
      ),
    ).toEqual(fault('$', 'constraint-violation', message));
    expect(await api.sql`select count(*)::int from author`).toEqual([{ count: 2 }]);
    expect(
      await api.query(
        'mutation { insert_child(objects: [{parent: 1}]) { affected_rows } insert_parent(objects: [{id: 1}]) { affected_rows } }',
      ),
    ).toEqual({ data: { insert_child: { affected_rows: 1 }, insert_parent: { affected_rows: 1 } } });
  });

  test('tell triggers who asks', async () => {
    const editor = api.as('admin', { 'x-hasura-user-id': 9 });
    const who = { 'x-hasura-role': 'admin', 'x-hasura-user-id': '9' };
    await editor.query('mutation { insert_author_one(object: {name: "T"}) { id } }');
    await editor.query(
      'mutation { insert_author_one(object: {name: "U", articles: {data: []}}) { articles { id } } }',
    );
    expect(await api.sql`select who, what from audit order by id`).toEqual([
      { who, what: 'INSERT T' },
      { who, what: 'INSERT U' },
    ]);
    expect(await api.sql`select current_setting('hasura.user', true) as user`).toEqual([{ user: null }]);
  });

  test('call volatile functions, whose rows are then filtered', async () => {
    expect(
      await api.query(
        'mutation { rename(args: {prefix: "Dr "}, where: {name: {_like: "%A%"}}) { id name articles { title } } }',
      ),
    ).toEqual({ data: { rename: [{ id: 1, name: 'Dr Ann', articles: [{ title: 'one' }] }] } });
    expect(await api.sql`select name from author order by id`).toEqual([
      { name: 'Dr Ann' },
      { name: 'Dr Bo' },
    ]);
  });

  test('answer computed fields as they are after the write', async () => {
    expect(
      await api.query('mutation { insert_author_one(object: {name: "C"}) { author_count article_count } }'),
    ).toEqual({ data: { insert_author_one: { author_count: 3, article_count: 0 } } });
    expect(
      await api.query('mutation { delete_author(where: {name: {_eq: "C"}}) { returning { author_count } } }'),
    ).toEqual({ data: { delete_author: { returning: [{ author_count: 2 }] } } });
  });
});

test('a check that is false whatever the row refuses rows, and only them', async () => {
  const never = { id: { _in: [] } };
  const all = { columns: '*', filter: {} };
  const shut = await project({
    tables: `create table t (id int primary key, n int); insert into t values (1, 1)`,
    metadata: [
      {
        table: 't',
        select_permissions: [{ role: 'user', permission: all }],
        insert_permissions: [{ role: 'user', permission: { columns: '*', check: never } }],
        update_permissions: [{ role: 'user', permission: { ...all, check: never } }],
      },
    ],
  });
  const user = shut.as('user');
  const refused = (path: string) =>
    fault(path, 'permission-error', 'check constraint of an insert/update permission has failed');
  const update = (id: number) => `mutation { update_t_by_pk(pk_columns: {id: ${id}}, _set: {n: 2}) { n } }`;
  expect(await user.query(update(2))).toEqual({ data: { update_t_by_pk: null } });
  expect(await user.query(update(1))).toEqual(refused('$'));
  expect(
    await user.query('mutation { update_t(where: {id: {_eq: 2}}, _set: {n: 2}) { affected_rows } }'),
  ).toEqual({
    data: { update_t: { affected_rows: 0 } },
  });
  expect(await user.query('mutation { insert_t_one(object: {id: 2}) { id } }')).toEqual(
    refused(`${at('insert_t_one')}.args.object`),
  );
  expect(
    await user.query('mutation { insert_t_one(object: {id: 1}, on_conflict: {constraint: t_pkey}) { id } }'),
  ).toEqual({ data: { insert_t_one: null } });
  expect(await shut.sql`select * from t`).toEqual([{ id: 1, n: 1 }]);
  await shut.close();
});
