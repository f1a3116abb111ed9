/** One person, several roles. Source: spec/permissions.md 11 E. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { graphqlError, type JsonLike, type Project, project } from '../../support/project.ts';

const seeds = `
  insert into users (name) values ('Ann'), ('Ben'), ('Rita'), ('Ed');
  insert into articles (title, author_id, is_reviewed, review_comment, is_published, editor_rating) values
    ('First', 1, false, null, false, null), ('Second', 1, true, 'fine', true, 4), ('Other', 2, false, null, false, null);
  insert into reviewers (article_id, reviewer_id) values (1, 3), (2, 3), (3, 1), (1, 3);`;
const readable = ['id', 'title', 'author_id', 'is_reviewed', 'review_comment', 'is_published'];
const written = { author_id: { _eq: 'X-Hasura-User-Id' } };
const reviewed = { reviewers: { reviewer_id: { _eq: 'X-Hasura-User-Id' } } };
const metadata: JsonLike[] = ['users', 'reviewers'].map((table): JsonLike => ({ table }));
metadata.push({
  table: 'articles',
  array_relationships: [
    { name: 'reviewers', using: { foreign_key_constraint_on: { table: 'reviewers', column: 'article_id' } } },
  ],
  insert_permissions: [
    { role: 'author', permission: { columns: ['title'], set: { author_id: 'X-Hasura-User-Id' }, check: {} } },
  ],
  select_permissions: [
    { role: 'author', permission: { columns: readable, filter: written } },
    { role: 'reviewer', permission: { columns: readable, filter: reviewed } },
    { role: 'editor', permission: { columns: '*', filter: {} } },
  ],
  update_permissions: [
    {
      role: 'reviewer',
      permission: { columns: ['title', 'is_reviewed', 'review_comment'], filter: reviewed },
    },
    {
      role: 'editor',
      permission: { columns: ['title', 'is_reviewed', 'is_published', 'editor_rating'], filter: {} },
    },
  ],
});

let api: Project;
beforeAll(async () => {
  api = await project({
    tables: `
      create table users (id serial primary key, name text, profile jsonb, registered_at timestamp);
      create table articles (id serial primary key, title text, author_id int references users(id), is_reviewed boolean default false,
        review_comment text, is_published boolean default false, editor_rating int);
      create table reviewers (id serial primary key, article_id int references articles(id), reviewer_id int references users(id));
      create table editors (editor_id int primary key references users(id));`,
    metadata,
  });
});
beforeEach(async () => {
  await api.database.sql(`truncate users, articles, reviewers, editors restart identity; ${seeds}`);
});
afterAll(() => api?.close());

const as = (role: string, id?: number) => api.as(role, id === undefined ? {} : { 'x-hasura-user-id': id });
const notFound = (field: string, type: string, path: string) =>
  graphqlError(
    'validation-failed',
    `$.selectionSet.${path}`,
    `field '${field}' not found in type: '${type}'`,
  );

test('an author writes own articles, and only the title of them (E1-E6)', async () => {
  const author = as('author', 1);
  expect(
    await author.query(
      'mutation { insert_articles(objects:[{title:"New"}]) { affected_rows returning { id author_id is_published } } }',
    ),
  ).toEqual({
    data: {
      insert_articles: { affected_rows: 1, returning: [{ id: 4, author_id: 1, is_published: false }] },
    },
  });
  for (const [name, value] of [
    ['author_id', '2'],
    ['is_published', 'true'],
  ]) {
    expect(
      await author.query(
        `mutation { insert_articles(objects:[{title:"N", ${name}:${value}}]) { affected_rows } }`,
      ),
    ).toEqual(notFound(`${name}`, 'articles_insert_input', `insert_articles.args.objects[0].${name}`));
  }
  expect(await author.query('{ articles { id editor_rating } }')).toEqual(
    notFound('editor_rating', 'articles', 'articles.selectionSet.editor_rating'),
  );
  expect(
    await author.query('mutation { update_articles(where:{}, _set:{title:"x"}) { affected_rows } }'),
  ).toEqual(notFound('update_articles', 'mutation_root', 'update_articles'));
});

test('a reviewer finds and changes what is to be reviewed (E7-E12, E17)', async () => {
  const reviewer = as('reviewer', 3);
  const ids = '{ articles(order_by:{id:asc}) { id } }';
  expect(await reviewer.query(ids)).toEqual({ data: { articles: [{ id: 1 }, { id: 2 }] } });
  expect(await as('reviewer', 1).query(ids)).toEqual({ data: { articles: [{ id: 3 }] } });
  const review = (id: number, set: string) =>
    reviewer.query(
      `mutation { update_articles(where:{id:{_eq:${id}}}, _set:{${set}}) { affected_rows returning { id review_comment } } }`,
    );
  expect(await review(1, 'is_reviewed:true, review_comment:"good"')).toEqual({
    data: { update_articles: { affected_rows: 1, returning: [{ id: 1, review_comment: 'good' }] } },
  });
  expect(await review(3, 'is_reviewed:true')).toEqual({
    data: { update_articles: { affected_rows: 0, returning: [] } },
  });
  expect(await review(1, 'is_published:true')).toEqual(
    notFound('is_published', 'articles_set_input', 'update_articles.args._set.is_published'),
  );
  expect(await reviewer.query('{ articles { id reviewers { reviewer_id } } }')).toEqual(
    notFound('reviewers', 'articles', 'articles.selectionSet.reviewers'),
  );
  expect(await reviewer.query('mutation { delete_articles(where:{}) { affected_rows } }')).toEqual(
    notFound('delete_articles', 'mutation_root', 'delete_articles'),
  );
});

test('an editor publishes (E13-E16, E18)', async () => {
  expect(await as('editor').query('{ articles(order_by:{id:asc}) { id editor_rating } }')).toEqual({
    data: {
      articles: [
        { id: 1, editor_rating: null },
        { id: 2, editor_rating: 4 },
        { id: 3, editor_rating: null },
      ],
    },
  });
  const editor = as('editor', 4);
  expect(
    await editor.query(
      'mutation { update_articles_by_pk(pk_columns:{id:1}, _set:{is_published:true, editor_rating:5}) { id is_published editor_rating } }',
    ),
  ).toEqual({ data: { update_articles_by_pk: { id: 1, is_published: true, editor_rating: 5 } } });
  expect(
    await editor.query(
      'mutation { update_articles(where:{}, _set:{review_comment:"mine"}) { affected_rows } }',
    ),
  ).toEqual(notFound('review_comment', 'articles_set_input', 'update_articles.args._set.review_comment'));
  expect(await editor.query('mutation { insert_articles(objects:[{title:"x"}]) { affected_rows } }')).toEqual(
    notFound('insert_articles', 'mutation_root', 'insert_articles'),
  );
});

test('a rule may ask whether there is such a user at all (E22)', async () => {
  const filter = {
    _exists: {
      _table: { schema: 'public', name: 'editors' },
      _where: { editor_id: { _eq: 'X-Hasura-User-Id' } },
    },
  };
  const table = { schema: 'public', name: 'articles' };
  await api.command('pg_track_table', { source: 'default', table: { schema: 'public', name: 'editors' } });
  await api.database.sql('insert into editors values (4)');
  const permit = async (permission: JsonLike) => {
    await api.command('pg_drop_select_permission', { source: 'default', table, role: 'editor' });
    const args = { source: 'default', table, role: 'editor', permission };
    expect(await api.command('pg_create_select_permission', args)).toMatchObject({ status: 200 });
  };
  await permit({ columns: '*', filter });
  const ids = '{ articles(order_by: {id: asc}) { id } }';
  expect(await as('editor', 1).query(ids)).toEqual({ data: { articles: [] } });
  expect(await as('editor', 4).query(ids)).toEqual({ data: { articles: [{ id: 1 }, { id: 2 }, { id: 3 }] } });
  await permit({ columns: '*', filter: {} });
});
