import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTryFile } from '../src/dev/try-file.ts';
import { type ServedBlog, serveBlog } from './support/serve-blog.ts';

let blog: ServedBlog;
beforeAll(async () => {
  blog = await serveBlog();
});
afterAll(() => blog?.stop());

const as = (role: string, userId?: number): Record<string, string> => ({
  'x-hasura-role': role,
  ...(userId === undefined ? {} : { 'x-hasura-user-id': String(userId) }),
});
const ids = '{ articles(order_by: {id: asc}) { id } }';
const rows = (...list: number[]) => ({ data: { articles: list.map((id) => ({ id })) } });
const unknownField = (field: string, type: string, path: string) => ({
  errors: [
    {
      message: `field '${field}' not found in type: '${type}'`,
      extensions: { path, code: 'validation-failed' },
    },
  ],
});

test('each role sees its own rows', async () => {
  expect(await blog.ask(ids)).toEqual(rows(1, 3));
  expect(await blog.ask(ids, as('user', 5))).toEqual(rows(1, 3));
  expect(await blog.ask(ids, as('author', 1))).toEqual(rows(1, 2));
  expect(await blog.ask(ids, as('author', 2))).toEqual(rows(3, 4, 5));
  expect(await blog.ask(ids, as('reviewer', 3))).toEqual(rows(2, 4));
  expect(await blog.ask(ids, as('reviewer', 1))).toEqual(rows(5));
  expect(await blog.ask(ids, as('editor', 4))).toEqual(rows(1, 2, 3, 4, 5));
  expect(await blog.ask(ids, as('admin'))).toEqual(rows(1, 2, 3, 4, 5));
});

test('the role editor alone is not enough: the person must be in the table of editors', async () => {
  expect(await blog.ask(ids, as('editor', 1))).toEqual(rows());
});

test('each role sees its own columns', async () => {
  const path = '$.selectionSet.articles.selectionSet.editor_rating';
  for (const headers of [undefined, as('user', 5), as('author', 1), as('reviewer', 3)]) {
    expect(await blog.ask('{ articles { editor_rating } }', headers)).toEqual(
      unknownField('editor_rating', 'articles', path),
    );
  }
  expect(await blog.ask('{ articles(where: {id: {_eq: 3}}) { editor_rating } }', as('editor', 4))).toEqual({
    data: { articles: [{ editor_rating: 5 }] },
  });
});

test('a column that may not be seen may not be asked about either', async () => {
  expect(await blog.ask('{ articles(where: {author_id: {_eq: 1}}) { id } }')).toEqual(
    unknownField('author_id', 'articles_bool_exp', '$.selectionSet.articles.args.where.author_id'),
  );
});

test('relationships follow the rules of the table that they lead to', async () => {
  expect(await blog.ask('{ users(order_by: {id: asc}) { name } }')).toEqual({
    data: { users: [{ name: 'Ann' }, { name: 'Ben' }] },
  });
  expect(
    await blog.ask(
      '{ articles(where: {id: {_eq: 2}}) { author { name } reviewers { reviewer_id } } }',
      as('author', 1),
    ),
  ).toEqual({ data: { articles: [{ author: { name: 'Ann' }, reviewers: [{ reviewer_id: 3 }] }] } });
  expect(await blog.ask('{ users { email } }', as('author', 1))).toEqual(
    unknownField('email', 'users', '$.selectionSet.users.selectionSet.email'),
  );
});

test('visitors are not told of anything but their own fields', async () => {
  expect(
    await blog.ask(
      '{ __type(name: "articles") { fields { name } } reviewers: __type(name: "reviewers") { name } }',
    ),
  ).toEqual({
    data: {
      __type: { fields: ['author', 'body', 'id', 'published_at', 'title'].map((name) => ({ name })) },
      reviewers: null,
    },
  });
});

test('the queries that are printed at the start get rows', async () => {
  const { queries } = readTryFile(new URL('../../../examples/blog', import.meta.url).pathname);
  expect(queries).toHaveLength(3);
  for (const { query, headers } of queries) {
    const answer = await blog.ask(query, Object.keys(headers).length === 0 ? undefined : headers);
    expect(answer).toEqual({
      data: { articles: expect.arrayContaining([expect.objectContaining({ id: 1 })]) },
    });
  }
});
