/** Native queries and logical models. Source: spec/graphql-api.md 10; spec/metadata-api.md 3.6; spec/permissions.md 8.8. */
import {
  buildClientSchema,
  type GraphQLInputObjectType,
  type GraphQLSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  printType,
  validateSchema,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at, graphqlError, type Project, project, sourceOf } from '../support/project.ts';

const field = (name: string, scalar: string, nullable = false) => ({ name, type: { scalar, nullable } });

const articleStat = {
  name: 'article_stat',
  description: 'Numbers of an author',
  fields: [
    field('author_id', 'integer'),
    { ...field('n', 'bigint', true), description: 'how many' },
    field('secret', 'text', true),
    { name: 'tags', type: { array: { scalar: 'text' }, nullable: true } },
  ],
  select_permissions: [
    {
      role: 'user',
      permission: { columns: ['author_id', 'n', 'tags'], filter: { author_id: { _eq: 'x-hasura-user-id' } } },
    },
    { role: 'counter', permission: { columns: ['n'], filter: { n: { _gt: 1 } } } },
  ],
};

const statsCode = `
  -- {{since}} is only a comment here
  select author_id, count(*) as n, max(secret) as secret, array_agg(distinct title) as tags
  from article where id >= {{since}} and ({{word}} is null or title like '%' || {{word}} || '%')
  group by author_id;
`;

const statsArguments = {
  since: { type: 'integer', nullable: false, description: 'first id' },
  word: { type: 'text', nullable: true },
};

let api: Project;

beforeAll(async () => {
  api = await project({
    tables: `
      create table author (id int primary key, name text);
      insert into author values (1, 'Ann'), (2, 'Bo'), (3, 'Cy');
      create table article (id int primary key, title text, author_id int references author (id), secret text);
      insert into article values (1, 'a', 1, 's1'), (2, 'b', 1, 's2'), (3, 'ab', 2, 's3'), (4, 'b', 3, 's4'), (5, 'c', 3, 's5')`,
    metadata: {
      sources: [
        {
          ...sourceOf([
            {
              table: 'author',
              select_permissions: [
                { role: 'user', permission: { columns: ['id', 'name'], filter: { id: { _lt: 3 } } } },
              ],
              array_relationships: [
                {
                  name: 'stats',
                  using: {
                    manual_configuration: {
                      remote_native_query: 'linked_stats',
                      column_mapping: { id: 'author_id' },
                    },
                  },
                },
              ],
              object_relationships: [
                {
                  name: 'stat',
                  using: {
                    manual_configuration: {
                      remote_native_query: 'article_stats',
                      column_mapping: { id: 'author_id' },
                    },
                  },
                },
              ],
            },
            {
              table: 'article',
              select_permissions: [
                {
                  role: 'user',
                  permission: { columns: ['id', 'title'], filter: { id: { _neq: 2 } }, limit: 5 },
                },
              ],
            },
          ]),
          logical_models: [articleStat],
          native_queries: [
            {
              root_field_name: 'article_stats',
              returns: 'article_stat',
              code: statsCode,
              arguments: statsArguments,
            },
            {
              root_field_name: 'linked_stats',
              returns: 'article_stat',
              description: 'With relationships',
              code: "select author_id, count(*) as n, '-' as secret, null::text[] as tags from article group by author_id",
              arguments: {},
              object_relationships: [
                {
                  name: 'author',
                  using: {
                    manual_configuration: {
                      remote_table: { schema: 'public', name: 'author' },
                      column_mapping: { author_id: 'id' },
                    },
                  },
                },
              ],
              array_relationships: [
                {
                  name: 'articles',
                  using: {
                    manual_configuration: {
                      remote_table: { schema: 'public', name: 'article' },
                      column_mapping: { author_id: 'author_id' },
                    },
                  },
                },
                {
                  name: 'same',
                  using: {
                    manual_configuration: {
                      remote_native_query: 'article_stats',
                      column_mapping: { author_id: 'author_id' },
                    },
                  },
                },
              ],
            },
            {
              root_field_name: 'inline_rows',
              returns: {
                fields: [field('x', 'integer', true), field('y', 'text', true)],
                select_permissions: [
                  { role: 'user', permission: { columns: ['x'], filter: { x: { _gte: 2 } } } },
                ],
              },
              code: "select column1 as x, column2 as y from (values (1, 'one'), (2, 'two'), ({{x}}, 'given')) as v",
              arguments: { x: { type: 'int4', nullable: true } },
            },
          ],
        },
      ],
    },
  });
});
afterAll(() => api?.close());

const user = (id: number) => api.as('user', { 'x-hasura-user-id': id });

describe('rows', () => {
  test('of the administrator: all, with arguments as values', async () => {
    const stats =
      '{ article_stats(args: {since: 1}, order_by: {author_id: asc}) { author_id n secret tags } }';
    expect(await api.query(stats)).toEqual({
      data: {
        article_stats: [
          { author_id: 1, n: 2, secret: 's2', tags: ['a', 'b'] },
          { author_id: 2, n: 1, secret: 's3', tags: ['ab'] },
          { author_id: 3, n: 2, secret: 's5', tags: ['b', 'c'] },
        ],
      },
    });
    const given =
      'query ($since: Int!, $word: String) { article_stats(args: {since: $since, word: $word}) { author_id } }';
    expect(await api.query(given, { since: 3, word: 'a' })).toEqual({
      data: { article_stats: [{ author_id: 2 }] },
    });
    expect(await api.query(given, { since: 1, word: "a' or true --" })).toEqual({
      data: { article_stats: [] },
    });
    expect(await api.query(given, { since: 5, word: null })).toEqual({
      data: { article_stats: [{ author_id: 3 }] },
    });
  });

  test('where, order_by, distinct_on, limit, offset', async () => {
    const ask = async (list: string) => {
      const answer = await api.query(`{ article_stats(args: {since: 1}, ${list}) { author_id } }`);
      return (answer as { data: { article_stats: { author_id: number }[] } }).data.article_stats.map(
        (row) => row.author_id,
      );
    };
    expect(await ask('where: {n: {_gt: 1}}, order_by: {author_id: desc}')).toEqual([3, 1]);
    expect(await ask('where: {_or: [{author_id: {_eq: 2}}, {_not: {n: {_lt: 9}}}]}')).toEqual([2]);
    expect(await ask('where: {tags: {_contains: ["ab"]}}')).toEqual([2]);
    expect(await ask('order_by: [{n: asc}, {author_id: asc}], limit: 1, offset: 1')).toEqual([1]);
    expect(await ask('distinct_on: n, order_by: [{n: asc}, {author_id: desc}]')).toEqual([2, 3]);
  });

  test('of a role: those that its filter admits, with the columns that it lists', async () => {
    const stats = '{ article_stats(args: {since: 1}) { author_id n tags } }';
    expect(await user(3).query(stats)).toEqual({
      data: { article_stats: [{ author_id: 3, n: 2, tags: ['b', 'c'] }] },
    });
    expect(
      await api.as('counter').query('{ article_stats(args: {since: 1}, order_by: {n: asc}) { n } }'),
    ).toEqual({
      data: { article_stats: [{ n: 2 }, { n: 2 }] },
    });
    expect(await user(3).query('{ article_stats(args: {since: 1}) { secret } }')).toEqual(
      graphqlError(
        'validation-failed',
        at('article_stats', 'secret'),
        "field 'secret' not found in type: 'article_stat'",
      ),
    );
    for (const hidden of ['where: {secret: {_eq: "s"}}', 'order_by: {secret: asc}', 'distinct_on: secret']) {
      const answer = await user(3).query(`{ article_stats(args: {since: 1}, ${hidden}) { n } }`);
      expect(answer).toMatchObject({ errors: [{ extensions: { code: 'validation-failed' } }] });
    }
    expect(await api.as('stranger').query(stats)).toEqual(
      graphqlError(
        'validation-failed',
        at('article_stats'),
        "field 'article_stats' not found in type: 'query_root'",
      ),
    );
  });

  test('of a model that the query declares in itself', async () => {
    expect(await api.query('{ inline_rows(args: {x: 7}) { x y } }')).toEqual({
      data: {
        inline_rows: [
          { x: 1, y: 'one' },
          { x: 2, y: 'two' },
          { x: 7, y: 'given' },
        ],
      },
    });
    expect(await user(1).query('{ inline_rows(args: {}) { x } }')).toEqual({
      data: { inline_rows: [{ x: 2 }] },
    });
  });

  test('arguments that are missing or wrong', async () => {
    expect(await api.query('{ article_stats { n } }')).toEqual(
      graphqlError('validation-failed', `${at('article_stats')}.args.args`, "missing required field 'args'"),
    );
    expect(await api.query('{ article_stats(args: {word: "a"}) { n } }')).toEqual(
      graphqlError(
        'validation-failed',
        `${at('article_stats')}.args.args.since`,
        "missing required field 'since'",
      ),
    );
    expect(await api.query('{ article_stats(args: {since: null}) { n } }')).toMatchObject({
      errors: [{ extensions: { code: 'validation-failed' } }],
    });
  });
});

describe('relationships', () => {
  test('from a query to tables and queries, each under its own rule', async () => {
    const linked = `{ linked_stats(order_by: {author_id: asc}) {
      author_id author { name } articles(order_by: {id: asc}) { id } same(args: {since: 4}) { n }
    } }`;
    expect(await api.query(linked)).toEqual({
      data: {
        linked_stats: [
          { author_id: 1, author: { name: 'Ann' }, articles: [{ id: 1 }, { id: 2 }], same: [] },
          { author_id: 2, author: { name: 'Bo' }, articles: [{ id: 3 }], same: [] },
          { author_id: 3, author: { name: 'Cy' }, articles: [{ id: 4 }, { id: 5 }], same: [{ n: 2 }] },
        ],
      },
    });
    expect(await user(3).query(linked)).toEqual({
      data: {
        linked_stats: [{ author_id: 3, author: null, articles: [{ id: 4 }, { id: 5 }], same: [{ n: 2 }] }],
      },
    });
    expect(await user(1).query('{ linked_stats { articles { id } } }')).toEqual({
      data: { linked_stats: [{ articles: [{ id: 1 }] }] },
    });
  });

  test('from a table to queries', async () => {
    const authors =
      '{ author(order_by: {id: asc}) { id stats { n author { id } } stat(args: {since: 2}) { n } } }';
    expect(await api.query(authors)).toEqual({
      data: {
        author: [
          { id: 1, stats: [{ n: 2, author: { id: 1 } }], stat: { n: 1 } },
          { id: 2, stats: [{ n: 1, author: { id: 2 } }], stat: { n: 1 } },
          { id: 3, stats: [{ n: 2, author: { id: 3 } }], stat: { n: 2 } },
        ],
      },
    });
    expect(await user(1).query(authors)).toEqual({
      data: {
        author: [
          { id: 1, stats: [{ n: 2, author: { id: 1 } }], stat: { n: 1 } },
          { id: 2, stats: [], stat: null },
        ],
      },
    });
  });
});

test('a live query can be made of it, with arguments from variables', async () => {
  const response = await api.request('/v1/graphql/explain', {
    query: {
      query: 'subscription ($since: Int!) { article_stats(args: {since: $since}) { n } }',
      variables: { since: 1 },
    },
    user: { 'x-hasura-role': 'user', 'x-hasura-user-id': '1' },
  });
  const { sql, plan } = (await response.json()) as { sql: string; plan: string[] };
  expect(plan.length).toBeGreaterThan(1);
  expect(sql).toContain('"author_id" = ');
});

/** The schema as clients see it. */
async function schemaOf(caller: Pick<Project, 'query'>): Promise<GraphQLSchema> {
  const { data } = (await caller.query(getIntrospectionQuery())) as { data: IntrospectionQuery };
  return buildClientSchema(data);
}

test('the schema', async () => {
  const schema = await schemaOf(api);
  expect(validateSchema(schema)).toEqual([]);
  const names = [
    'article_stat',
    'article_stat_bool_exp_bool_exp',
    'article_stat_order_by',
    'article_stat_enum_name',
  ];
  const printed = [...names, 'article_stats_arguments', 'linked_stats', 'inline_rows'].map((name) => {
    const type = schema.getType(name);
    return type === undefined || type === null ? `no ${name}` : printType(type);
  });
  expect(printed.join('\n')).toMatchInlineSnapshot(`
    """"Numbers of an author"""
    type article_stat {
      author_id: Int!

      """how many"""
      n: bigint
      secret: String
      tags: [String!]
    }
    """
    Boolean expression to filter rows from the logical model for "article_stat". All fields are combined with a logical 'AND'.
    """
    input article_stat_bool_exp_bool_exp {
      _and: [article_stat_bool_exp_bool_exp!]
      _not: article_stat_bool_exp_bool_exp
      _or: [article_stat_bool_exp_bool_exp!]
      author_id: Int_comparison_exp
      n: bigint_comparison_exp
      secret: String_comparison_exp
      tags: String_array_comparison_exp
    }
    """Ordering options when selecting data from "article_stat"."""
    input article_stat_order_by {
      author_id: order_by
      n: order_by
      secret: order_by
      tags: order_by
    }
    enum article_stat_enum_name {
      """column name"""
      author_id

      """column name"""
      n

      """column name"""
      secret

      """column name"""
      tags
    }
    """article_statsNative Query Arguments"""
    input article_stats_arguments {
      """first id"""
      since: Int!

      """Native Query argument word"""
      word: String
    }
    """With relationships"""
    type linked_stats {
      """An array relationship"""
      articles(
        """distinct select on columns"""
        distinct_on: [article_select_column!]

        """limit the number of rows returned"""
        limit: Int

        """skip the first n rows. Use only with order_by"""
        offset: Int

        """sort the rows by one or more columns"""
        order_by: [article_order_by!]

        """filter the rows returned"""
        where: article_bool_exp
      ): [article!]

      """An object relationship"""
      author: author
      author_id: Int!

      """how many"""
      n: bigint

      """An array relationship"""
      same(
        """article_statsNative Query Arguments"""
        args: article_stats_arguments!

        """distinct select on columns"""
        distinct_on: [article_stat_enum_name!]

        """limit the number of rows returned"""
        limit: Int

        """skip the first n rows. Use only with order_by"""
        offset: Int

        """sort the rows by one or more columns"""
        order_by: [article_stat_order_by!]

        """filter the rows returned"""
        where: article_stat_bool_exp_bool_exp
      ): [article_stat!]
      secret: String
      tags: [String!]
    }
    type inline_rows {
      x: Int
      y: String
    }"
  `);
  for (const root of [schema.getQueryType(), schema.getSubscriptionType()]) {
    const { type, args, description } = root?.getFields()['article_stats'] ?? { args: [] };
    expect({
      type: String(type),
      description,
      args: args.map(({ name, type: of }) => `${name}: ${of}`),
    }).toEqual({
      type: '[article_stat!]!',
      description: null,
      args: [
        'args: article_stats_arguments!',
        'distinct_on: [article_stat_enum_name!]',
        'limit: Int',
        'offset: Int',
        'order_by: [article_stat_order_by!]',
        'where: article_stat_bool_exp_bool_exp',
      ],
    });
  }
  const ofUser = await schemaOf(user(1));
  expect(printType(ofUser.getType('linked_stats') as never)).not.toMatch(/secret/);
  expect(
    Object.keys((ofUser.getType('article_stat_bool_exp_bool_exp') as GraphQLInputObjectType).getFields()),
  ).toEqual(['_and', '_not', '_or', 'author_id', 'n', 'tags']);
});

describe('commands', () => {
  let own: Project;
  beforeAll(async () => {
    own = await project({
      tables: "create table t (id int primary key, text text); insert into t values (1, 'a'), (2, 'b')",
      metadata: [{ table: 't' }],
    });
  });
  afterAll(() => own?.close());

  const success = { status: 200, body: { message: 'success' } };
  const refused = (code: string, error: string, path = '$.args') => ({
    status: 400,
    body: { code, error, path },
  });
  const model = { name: 'm', fields: [field('id', 'integer'), field('text', 'text', true)] };
  const query = {
    type: 'query',
    root_field_name: 'q',
    returns: 'm',
    code: 'select id, text from t where id > {{least}}',
    arguments: { least: { type: 'int', nullable: false } },
  };

  test('one that a saved query asks for is missed there when it goes, although no table changes', async () => {
    const saved = { name: 'saved', query: 'query saved { q(args: {least: 0}) { id } }' };
    await own.command('pg_track_logical_model', model);
    await own.command('pg_track_native_query', query);
    await own.command('create_query_collection', { name: 'c', definition: { queries: [saved] } });
    expect(await own.command('get_inconsistent_metadata', {})).toMatchObject({
      body: { is_consistent: true },
    });
    expect(await own.command('pg_untrack_native_query', { root_field_name: 'q' })).toMatchObject({
      status: 500,
      body: { error: 'cannot continue due to newly found inconsistent metadata' },
    });
    await own.command('drop_query_collection', { collection: 'c', cascade: true });
    expect(await own.command('pg_untrack_native_query', { root_field_name: 'q' })).toEqual(success);
    await own.command('pg_untrack_logical_model', { name: 'm' });
  });

  test('in the order of a life', async () => {
    expect(await own.command('pg_track_native_query', query)).toEqual({
      status: 400,
      body: {
        code: 'invalid-configuration',
        path: '$.args',
        error: 'Inconsistent object: in native query "q": The logical model "m" could not be found',
        internal: [
          expect.objectContaining({ type: 'native_query', name: 'native_query q in source default' }),
        ],
      },
    });
    const long = { name: 'long', fields: [field('x'.repeat(64), 'text')] };
    expect(await own.command('pg_track_logical_model', long)).toMatchObject({
      body: { error: expect.stringContaining('no column of a query can have the name "xxx') },
    });
    expect(await own.command('pg_track_logical_model', model)).toEqual(success);
    expect(await own.command('pg_track_logical_model', model)).toEqual(
      refused('already-tracked', "Logical model 'm' is already tracked."),
    );
    expect(await own.command('pg_track_native_query', query)).toEqual(success);
    expect(await own.command('pg_track_native_query', query)).toEqual(
      refused('already-tracked', "Native query 'q' is already tracked."),
    );
    expect(await own.command('pg_get_native_query', {})).toEqual({
      status: 200,
      body: [{ ...query, type: undefined }],
    });
    expect(await own.command('pg_get_logical_model', { source: 'default' })).toEqual({
      status: 200,
      body: [model],
    });
    expect(await own.query('{ q(args: {least: 1}) { id text } }')).toEqual({
      data: { q: [{ id: 2, text: 'b' }] },
    });

    const permission = {
      name: 'm',
      role: 'user',
      permission: { columns: ['id'], filter: { text: { _eq: 'x-hasura-text' } } },
    };
    expect(await own.command('pg_create_logical_model_select_permission', permission)).toEqual(success);
    expect(await own.command('pg_create_logical_model_select_permission', permission)).toEqual(
      refused('already-exists', 'select permission already defined on logical model "m" with role "user"'),
    );
    expect(await own.as('user', { 'x-hasura-text': 'b' }).query('{ q(args: {least: 0}) { id } }')).toEqual({
      data: { q: [{ id: 2 }] },
    });
    const broken = { ...permission, role: 'other', permission: { columns: ['nope'], filter: {} } };
    expect(await own.command('pg_create_logical_model_select_permission', broken)).toMatchObject(
      refused(
        'invalid-configuration',
        'Inconsistent object: in logical model "m": in permission for role "other": column "nope" does not exist',
      ),
    );
    expect(await own.command('pg_untrack_logical_model', { name: 'm' })).toEqual(
      refused('constraint-violation', 'Logical model "m" still being used by native query "q".'),
    );
    const drop = { name: 'm', role: 'user' };
    expect(await own.command('pg_drop_logical_model_select_permission', drop)).toEqual(success);
    expect(await own.command('pg_drop_logical_model_select_permission', drop)).toMatchObject({
      status: 400,
      body: { error: 'select permission on logical model "m" for role "user" does not exist' },
    });
    expect(
      await own.as('user', { 'x-hasura-text': 'b' }).query('{ q(args: {least: 0}) { id } }'),
    ).toMatchObject({
      errors: [{ message: "field 'q' not found in type: 'query_root'" }],
    });
    expect(await own.command('pg_untrack_native_query', { root_field_name: 'q' })).toEqual(success);
    expect(await own.command('pg_untrack_native_query', { root_field_name: 'q' })).toEqual(
      refused('not-found', 'Native query "q" not found in source "default".'),
    );
    expect(await own.command('pg_untrack_logical_model', { name: 'm' })).toEqual(success);
    expect(await own.command('pg_untrack_logical_model', { name: 'm' })).toEqual(
      refused('not-found', 'Logical model "m" not found in source "default".'),
    );
  });

  test.each([
    ['select nope from t', 'column "nope" does not exist'],
    ['select id from t', 'column _0.text does not exist'],
    ['selec 1', 'syntax error at or near "selec"'],
    ["insert into t values (3, 'c') returning id, text", 'syntax error at or near "into"'],
    [
      'with new as (insert into t values (3) returning *) select * from new',
      expect.stringContaining('WITH clause'),
    ],
    ['select {{least}}::date as id, null as text', 'cannot cast type integer to date'],
  ])('code that PostgreSQL refuses is refused, and nothing is run: %s', async (code, message) => {
    await own.command('pg_track_logical_model', model);
    expect(await own.command('pg_track_native_query', { ...query, code })).toEqual({
      status: 400,
      body: {
        code: 'validation-failed',
        error: 'Failed to validate query',
        path: '$.args',
        internal: expect.objectContaining({ error: expect.objectContaining({ message }) }),
      },
    });
    expect(await own.sql`select count(*)::int as n from t`).toEqual([{ n: 2 }]);
    expect(await own.command('pg_get_native_query', {})).toEqual({ status: 200, body: [] });
  });

  test('code that leaves its parentheses never gets to PostgreSQL', async () => {
    await own.command('pg_track_logical_model', model);
    const code = 'select id, text from t) as _0 where true or (true';
    expect(await own.command('pg_track_native_query', { ...query, code })).toMatchObject(
      refused(
        'invalid-configuration',
        'Inconsistent object: in native query "q": its parentheses do not match',
      ),
    );
  });

  test('arguments that nobody declared, and names that are taken, are refused in v2’s words', async () => {
    await own.command('pg_track_logical_model', model);
    expect(
      await own.command('pg_track_native_query', { ...query, code: 'select {{b}} as id from t where {{a}}' }),
    ).toMatchObject({
      status: 400,
      body: { code: 'validation-failed', error: 'Undeclared arguments: "a", "b"', path: '$.args' },
    });
    expect(await own.command('pg_track_native_query', { ...query, root_field_name: 't' })).toEqual({
      status: 500,
      body: {
        error:
          "Encountered conflicting definitions in the selection set for 'subscription_root' for field 't' defined in [table t in source default, native_query t in source default]. Fields must not be defined more than once across all sources.",
        path: '$.args',
        code: 'unexpected',
      },
    });
  });

  test('columns of another type than declared are refused; nothing is run to know', async () => {
    await own.command('pg_track_logical_model', model);
    const track = (code: string) => own.command('pg_track_native_query', { ...query, code });
    for (const [code, name, expected, actual] of [
      ["select id::text as id, 'a'::text as text from t", 'id', 'integer', 'text'],
      ['select count(*) as id, max(text) as text from t where id > {{least}}', 'id', 'integer', 'bigint'],
      ["select 1 as id, 'a'::varchar as text", 'text', 'text', 'varchar'],
      ['select 1 as id, array[1] as text', 'text', 'text', 'integer[]'],
    ] as const) {
      expect([code, await track(code)]).toEqual([
        code,
        {
          status: 400,
          body: {
            error: 'Failed to validate query',
            path: '$.args',
            code: 'validation-failed',
            internal: `Return column '${name}' has a type mismatch. The expected type is '${expected}', but the actual type is '${actual}'.`,
          },
        },
      ]);
    }
    await own.sql`create sequence seen`;
    await own.sql`create function see() returns setof t language sql volatile as $$ select setval('seen', 9); select * from t $$`;
    expect(await track("select nextval('seen')::int as id, text from see() -- {{least}}")).toEqual(success);
    expect(await own.sql`select is_called from seen`).toEqual([{ is_called: false }]);
    await own.command('pg_untrack_native_query', { root_field_name: 'q' });
    await own.sql`drop sequence seen`;
    await own.sql`drop function see()`;
  });

  test('a change of the database that breaks a query is refused; one that is there is an inconsistent object', async () => {
    await own.command('pg_track_logical_model', model);
    expect(await own.command('pg_track_native_query', query)).toEqual(success);
    const drop = await own.runSql('alter table t drop column text', { check_metadata_consistency: true });
    expect(drop).toMatchObject({
      status: 500,
      body: {
        internal: [{ type: 'native_query', name: 'native_query q in source default', definition: 'q' }],
      },
    });
    expect(await own.sql`select count(text)::int as n from t`).toEqual([{ n: 2 }]);
    await own.sql`alter table t rename column text to words`;
    expect(await own.command('reload_metadata', { reload_sources: true })).toMatchObject({
      body: {
        is_consistent: false,
        inconsistent_objects: [
          {
            reason:
              'Inconsistent object: in native query "q": Failed to validate query: column "text" does not exist',
          },
        ],
      },
    });
    expect(await own.query('{ t { id } }')).toEqual({ data: { t: [{ id: 1 }, { id: 2 }] } });
    await own.sql`alter table t rename column words to text`;
    expect(await own.command('reload_metadata', { reload_sources: true })).toMatchObject({
      body: { is_consistent: true },
    });
    expect(await own.query('{ q(args: {least: 1}) { id } }')).toEqual({ data: { q: [{ id: 2 }] } });
  });

  test('a table that a permission of a model looks into stays, and may be renamed', async () => {
    await own.command('pg_track_logical_model', model);
    await own.command('pg_track_native_query', query);
    await own.runSql('create table door (open bool)');
    await own.command('pg_track_table', { table: 'door' });
    const filter = { _exists: { _table: 'door', _where: { open: { _eq: true } } } };
    expect(
      await own.command('pg_create_logical_model_select_permission', {
        name: 'm',
        role: 'guest',
        permission: { columns: ['id'], filter },
      }),
    ).toEqual(success);
    const ask = () => own.as('guest').query('{ q(args: {least: 0}) { id } }');
    expect(await ask()).toEqual({ data: { q: [] } });
    await own.sql`insert into door values (true)`;
    expect(await ask()).toEqual({ data: { q: [{ id: 1 }, { id: 2 }] } });
    expect(await own.command('pg_untrack_table', { table: 'door' })).toEqual(
      refused(
        'dependency-error',
        'cannot drop due to the following dependent objects: permission guest on logical model m in source "default"',
      ),
    );
    expect((await own.runSql('alter table door rename to gate')).status).toBe(200);
    expect(await ask()).toEqual({ data: { q: [{ id: 1 }, { id: 2 }] } });
    expect(await own.command('pg_untrack_table', { table: 'gate', cascade: true })).toEqual(success);
    expect(await ask()).toMatchObject({ errors: [{ extensions: { code: 'validation-failed' } }] });
  });

  test('a query that a relationship leads to stays', async () => {
    const relationship = {
      table: 't',
      name: 'more',
      using: { manual_configuration: { remote_native_query: 'q', column_mapping: { id: 'id' } } },
    };
    await own.command('pg_track_logical_model', model);
    await own.command('pg_track_native_query', query);
    expect(await own.command('pg_create_array_relationship', relationship)).toEqual(success);
    expect(await own.query('{ t { id more(args: {least: 1}) { text } } }')).toEqual({
      data: {
        t: [
          { id: 1, more: [] },
          { id: 2, more: [{ text: 'b' }] },
        ],
      },
    });
    expect(await own.command('pg_untrack_native_query', { root_field_name: 'q' })).toEqual(
      refused(
        'dependency-error',
        'cannot drop due to the following dependent objects: relationship t.more in source "default"',
      ),
    );
    const wrong = {
      ...relationship,
      name: 'wrong',
      using: { manual_configuration: { remote_native_query: 'z', column_mapping: {} } },
    };
    expect(await own.command('pg_create_array_relationship', wrong)).toMatchObject(
      refused('invalid-configuration', 'Inconsistent object: native query "z" is not tracked'),
    );
  });
});
