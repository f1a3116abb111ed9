/** The naming convention graphql-default where names are given by metadata rather than by the database. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Project, project, sourceOf } from '../support/project.ts';

let api: Project;
beforeAll(async () => {
  api = await project({
    tables: `
      create table user_post (post_id int primary key, user_id int, is_public bool);
      insert into user_post values (1, 7, true), (2, 7, false), (3, 8, true);
      create function post_label(post user_post, some_prefix text) returns text language sql stable as $$ select some_prefix || post.post_id $$;
      create function posts_of(user_number int) returns setof user_post language sql stable as $$ select * from user_post where user_id = user_number $$;
      create function posts_by(user_number int) returns setof user_post language sql stable as $$ select * from user_post where user_id = user_number $$;`,
    metadata: {
      sources: [
        {
          ...sourceOf([
            {
              table: 'user_post',
              computed_fields: [{ name: 'post_label', definition: { function: 'post_label' } }],
            },
          ]),
          customization: { naming_convention: 'graphql-default' },
          functions: [
            { function: 'posts_of' },
            { function: 'posts_by', configuration: { custom_name: 'posts_by_number' } },
          ],
          logical_models: [
            {
              name: 'post_count',
              fields: [
                { name: 'user_id', type: { scalar: 'integer', nullable: false } },
                { name: 'public_posts', type: { scalar: 'bigint', nullable: true } },
              ],
            },
          ],
          native_queries: [
            {
              root_field_name: 'posts_by_user',
              returns: 'post_count',
              code: 'select user_id, count(*) filter (where is_public) as public_posts from user_post group by 1',
            },
          ],
        },
      ],
    },
    engine: { experimentalFeatures: new Set(['naming_convention'] as const) },
  });
});
afterAll(() => api?.close());

test('fields of logical models are named as they are declared', async () => {
  const document = `query ($where: post_countBoolExpBoolExp) {
    posts_by_user(where: $where, orderBy: {public_posts: DESC}, distinctOn: [public_posts]) { user_id public_posts }
  }`;
  expect(await api.query(document, { where: { public_posts: { _gte: 1 } } })).toEqual({
    data: { posts_by_user: [{ user_id: expect.any(Number), public_posts: 1 }] },
  });
});

test('columns are in camel case, computed fields and their arguments as declared', async () => {
  const document = `query ($args: post_label_user_post_args!) {
    userPostByPk(postId: 1) { isPublic post_label(args: $args) }
  }`;
  expect(await api.query(document, { args: { some_prefix: 'p' } })).toEqual({
    data: { userPostByPk: { isPublic: true, post_label: 'p1' } },
  });
});

test('functions are in camel case unless they are given a name, and the types of their arguments begin in lower case', async () => {
  const document = `query ($of: postsOfArgs!, $by: postsByNumberArgs!) {
    postsOf(args: $of) { postId }
    postsOfAggregate(args: $of) { aggregate { count } }
    posts_by_number(args: $by) { postId }
    posts_by_number_aggregate(args: $by) { aggregate { count } }
  }`;
  const posts = [{ postId: 1 }, { postId: 2 }];
  expect(await api.query(document, { of: { user_number: 7 }, by: { user_number: 7 } })).toEqual({
    data: {
      postsOf: posts,
      postsOfAggregate: { aggregate: { count: 2 } },
      posts_by_number: posts,
      posts_by_number_aggregate: { aggregate: { count: 2 } },
    },
  });
});
