/** Questions on a small database as the administrator. Source: spec/graphql-api.md appendix B, whose row numbers the tests carry. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at, graphqlError, type JsonLike, type Project, project } from '../support/project.ts';

let api: Project;
beforeAll(async () => {
  api = await project({
    tables: `
      create table author (id serial primary key, name text not null unique, bio jsonb, rank numeric);
      create table article (id serial primary key, title text not null, author_id int not null references author(id),
        tags text[], published_at timestamptz, editor_id int references author(id));
      create function author_greeting(author, greeting text default 'Dear') returns text language sql stable as $$ select greeting || ' ' || $1.name $$;
      insert into author (name, bio, rank) values
        ('Ann', '{"born": {"year": 1970}, "10": 1, "2": 2}', 12345678901234567890.10), ('Bo', null, null);
      insert into article (title, author_id, tags, published_at) values ('One', 1, '{a,b}', '2024-01-02T03:04:05.678901Z')`,
    metadata: [
      {
        table: 'author',
        computed_fields: [{ name: 'greeting', definition: { function: 'author_greeting' } }],
        array_relationships: [
          {
            name: 'articles',
            using: { foreign_key_constraint_on: { table: 'article', column: 'author_id' } },
          },
        ],
      },
      {
        table: 'article',
        object_relationships: [
          { name: 'author', using: { foreign_key_constraint_on: 'author_id' } },
          { name: 'editor', using: { foreign_key_constraint_on: 'editor_id' } },
        ],
      },
    ],
  });
});
afterAll(() => api?.close());

const invalid = (path: string, message: string) => graphqlError('validation-failed', path, message);

interface Case {
  readonly name: string;
  readonly query: string;
  readonly variables?: JsonLike;
  readonly answer: unknown;
}

const answers: readonly Case[] = [
  {
    name: '1 order and alias',
    query: '{ author(order_by:{id:asc}) { id n: name } }',
    answer: {
      author: [
        { id: 1, n: 'Ann' },
        { id: 2, n: 'Bo' },
      ],
    },
  },
  { name: '2 missing key', query: '{ author_by_pk(id: 99) { id } }', answer: { author_by_pk: null } },
  {
    name: '3 type names',
    query: '{ b: author_by_pk(id: 1) { __typename id } __typename }',
    answer: { b: { __typename: 'author', id: 1 }, __typename: 'query_root' },
  },
  { name: '10 empty _or', query: '{ author(where: {_or: []}) { id } }', answer: { author: [] } },
  { name: '11 empty _in', query: '{ author(where: {id: {_in: []}}) { id } }', answer: { author: [] } },
  {
    name: '12 empty _nin',
    query: '{ author(where: {id: {_nin: []}}, order_by: {id: asc}) { id } }',
    answer: { author: [{ id: 1 }, { id: 2 }] },
  },
  {
    name: '13 aggregate',
    query: '{ author_aggregate(order_by: {id: asc}) { aggregate { count max { id } } nodes { id } } }',
    answer: { author_aggregate: { aggregate: { count: 2, max: { id: 2 } }, nodes: [{ id: 1 }, { id: 2 }] } },
  },
  {
    name: 'aggregates of a computed field, with its arguments',
    query:
      '{ author_aggregate { aggregate { max { greeting } min { greeting hi: greeting(args: {greeting: "Hi"}) } } } }',
    answer: {
      author_aggregate: {
        aggregate: { max: { greeting: 'Dear Bo' }, min: { greeting: 'Dear Ann', hi: 'Hi Ann' } },
      },
    },
  },
  {
    name: '30 excluded field',
    query: '{ author @include(if: false) { id } author_by_pk(id: 1) { id } }',
    answer: { author_by_pk: { id: 1 } },
  },
  {
    name: 'relationships both ways, a missing one is null',
    query: '{ article { author { name articles { title } } editor { id } } }',
    answer: { article: [{ author: { name: 'Ann', articles: [{ title: 'One' }] }, editor: null }] },
  },
  {
    name: 'where through relationships',
    query: '{ author(where: {articles: {author: {name: {_ilike: "a%"}}}}) { id } }',
    answer: { author: [{ id: 1 }] },
  },
  {
    name: 'where on an aggregate',
    query: '{ author(where: {articles_aggregate: {count: {predicate: {_eq: 0}}}}) { id } }',
    answer: { author: [{ id: 2 }] },
  },
  {
    name: 'order through a relationship and by an aggregate',
    query: `{ article(order_by: {author: {name: desc}}) { id } author(order_by: {articles_aggregate: {count: asc}}) { id } }`,
    answer: { article: [{ id: 1 }], author: [{ id: 2 }, { id: 1 }] },
  },
  {
    name: 'json path',
    query: '{ author_by_pk(id: 1) { year: bio(path: "$.born.year") none: bio(path: "nowhere") } }',
    answer: { author_by_pk: { year: 1970, none: null } },
  },
  {
    name: 'times and arrays',
    query: '{ article { published_at tags } }',
    answer: { article: [{ published_at: '2024-01-02T03:04:05.678901+00:00', tags: ['a', 'b'] }] },
  },
  {
    name: 'fragments, merged keys, directives by variable',
    query: `query ($more: Boolean!) { author_by_pk(id: 1) { ...f id name @include(if: $more) articles { id } articles { title } } } fragment f on author { id rank @skip(if: $more) }`,
    variables: { more: true },
    answer: { author_by_pk: { id: 1, name: 'Ann', articles: [{ id: 1, title: 'One' }] } },
  },
  {
    name: 'distinct_on with limit and offset',
    query: '{ author(distinct_on: [name], order_by: [{name: desc}], limit: 1, offset: 1) { name } }',
    answer: { author: [{ name: 'Ann' }] },
  },
  {
    name: 'keys that are members of every object',
    query: '{ author_by_pk(id: 1) { __proto__: id constructor: name toString: id } }',
    answer: JSON.parse('{"author_by_pk":{"__proto__":1,"constructor":"Ann","toString":1}}'),
  },
];

test.each(answers)('$name', async ({ query, variables, answer }) => {
  expect(await api.query(query, variables)).toEqual({ data: answer });
});

const refusals: readonly Case[] = [
  {
    name: '4 unknown column',
    query: '{ author { foo } }',
    answer: invalid(at('author', 'foo'), "field 'foo' not found in type: 'author'"),
  },
  {
    name: '5 unknown root field',
    query: '{ foo { id } }',
    answer: invalid(at('foo'), "field 'foo' not found in type: 'query_root'"),
  },
  {
    name: '6 unknown argument',
    query: '{ author(limitt: 1) { id } }',
    answer: invalid(at('author'), "'author' has no argument named 'limitt'"),
  },
  {
    name: '7 negative limit',
    query: '{ author(limit: -1) { id } }',
    answer: invalid(
      `${at('author')}.args.limit`,
      "expected a non-negative 32-bit integer for type 'Int', but found an integer",
    ),
  },
  {
    name: '8 negative offset',
    query: '{ author(offset: -1) { id } }',
    answer: graphqlError('data-exception', '$', 'OFFSET must not be negative'),
  },
  {
    name: '9 comparison with null',
    query: '{ author(where: {id: {_eq: null}}) { id } }',
    answer: invalid(`${at('author')}.args.where.id._eq`, "unexpected null value for type 'Int'"),
  },
  {
    name: '14 missing selection set',
    query: '{ author { id articles } }',
    answer: invalid(`${at('author', 'articles')}.selectionSet`, "missing selection set for 'article'"),
  },
  {
    name: '15 one key for two fields',
    query: '{ author { id id: name } }',
    answer: invalid(
      `${at('author')}.selectionSet`,
      "selection of both 'id' and 'name' specify the same response name, 'id'",
    ),
  },
  {
    name: '25 subscription over HTTP',
    query: 'subscription { author { id } }',
    answer: graphqlError(
      'unexpected-payload',
      '$',
      'subscriptions are not supported over HTTP, use websockets instead',
    ),
  },
  {
    name: '26 several operations without a name',
    query: 'query A { author { id } } query B { author { id } }',
    answer: invalid(
      '$',
      'exactly one operation has to be present in the document when operationName is not specified',
    ),
  },
  {
    name: '27 missing variable',
    query: 'query ($x: Int!) { author_by_pk(id: $x) { id } }',
    answer: invalid('$', 'expecting a value for non-nullable variable: "x"'),
  },
  {
    name: '28 variable of another type',
    query: 'query ($x: String) { author_by_pk(id: $x) { id } }',
    variables: { x: '1' },
    answer: invalid(
      `${at('author_by_pk')}.args.id`,
      "variable 'x' is declared as 'String', but used where 'Int!' is expected",
    ),
  },
  {
    name: '29 no GraphQL',
    query: '{ author {',
    answer: invalid('$.query', 'not a valid graphql query'),
  },
  {
    name: '33 text for a number column',
    query: '{ author(where: {rank: {_eq: "abc"}}) { id } }',
    answer: graphqlError('data-exception', '$', 'invalid input syntax for type numeric: "abc"'),
  },
  {
    name: 'variables that nobody uses',
    query: 'query ($a: Int) { author(limit: 1) { id } }',
    variables: { a: 1, b: 2 },
    answer: invalid('$', 'unexpected variables in variableValues: a, b'),
  },
  {
    name: 'null for a variable that must not be',
    query: 'query ($x: Int!) { author_by_pk(id: $x) { id } }',
    variables: { x: null },
    answer: invalid('$', 'null value found for non-nullable type: "Int!"'),
  },
  {
    name: 'a list where an integer belongs',
    query: 'query ($x: Int!) { author_by_pk(id: $x) { id } }',
    variables: { x: [1] },
    answer: graphqlError(
      'parse-failed',
      `${at('author_by_pk')}.args.id`,
      'parsing Integer expected for input type: PGInteger failed, expected Number, but encountered Array',
    ),
  },
  {
    name: 'undeclared variable',
    query: '{ author_by_pk(id: $x) { id } }',
    answer: invalid('$', 'unbound variable "x"'),
  },
  {
    name: 'circular fragments',
    query: '{ author { ...f } } fragment f on author { ...g } fragment g on author { ...f }',
    answer: invalid(`${at('author')}.selectionSet`, 'the fragment definition(s) f and g form a cycle'),
  },
];

test.each(refusals)('refused: $name', async ({ query, variables, answer }) => {
  const { errors } = (await api.query(query, variables)) as { errors: [{ extensions: object }] };
  // what the administrator is shown beyond the contract differs per error
  const told = errors.map(({ extensions, ...others }) => {
    const { internal: _, ...rest } = extensions as { internal?: unknown };
    return { ...others, extensions: rest };
  });
  expect({ errors: told }).toEqual(answer);
});

test('digits and the order of keys come through untouched', async () => {
  expect(await api.queryText('{ author_by_pk(id: 1) { rank bio } }')).toBe(
    '{"data":{"author_by_pk":{"rank":12345678901234567890.10,"bio":{"2": 2, "10": 1, "born": {"year": 1970}}}}}',
  );
  expect(
    await api.queryText('query ($r: numeric) { author(where: {rank: {_eq: $r}}) { id } }', {
      r: '12345678901234567890.10',
    }),
  ).toBe('{"data":{"author":[{"id":1}]}}');
});

test('31 a batch is answered in its order, errors included', async () => {
  const response = await api.request('/v1/graphql', [
    { query: '{ author_by_pk(id:1){id} }' },
    { query: '{ x }' },
  ]);
  expect(await response.json()).toEqual([
    { data: { author_by_pk: { id: 1 } } },
    invalid(at('x'), "field 'x' not found in type: 'query_root'"),
  ]);
});

describe('introspection', () => {
  test('names the types of a table', async () => {
    expect(
      await api.query(
        '{ __type(name: "article") { kind fields { name type { kind name ofType { name } } } } }',
      ),
    ).toEqual({
      data: {
        __type: {
          kind: 'OBJECT',
          fields: [
            { name: 'author', type: { kind: 'NON_NULL', name: null, ofType: { name: 'author' } } },
            { name: 'author_id', type: { kind: 'NON_NULL', name: null, ofType: { name: 'Int' } } },
            { name: 'editor', type: { kind: 'OBJECT', name: 'author', ofType: null } },
            { name: 'editor_id', type: { kind: 'SCALAR', name: 'Int', ofType: null } },
            { name: 'id', type: { kind: 'NON_NULL', name: null, ofType: { name: 'Int' } } },
            { name: 'published_at', type: { kind: 'SCALAR', name: 'timestamptz', ofType: null } },
            { name: 'tags', type: { kind: 'LIST', name: null, ofType: { name: null } } },
            { name: 'title', type: { kind: 'NON_NULL', name: null, ofType: { name: 'String' } } },
          ],
        },
      },
    });
  });

  test('needs no database, and mixes with data', async () => {
    expect(await api.query('{ author_by_pk(id: 1) { id } __schema { queryType { name } } }')).toEqual({
      data: { author_by_pk: { id: 1 }, __schema: { queryType: { name: 'query_root' } } },
    });
  });
});

describe('explain', () => {
  const explain = async (body: unknown, headers = {}) => {
    const response = await api.request('/v1/graphql/explain', body, { headers });
    return { status: response.status, body: await response.json() };
  };

  test('shows the statement and the plan of every root field', async () => {
    const { status, body } = await explain({
      query: { query: '{ author(where: {id: {_eq: 1}}) { id } __typename }' },
    });
    expect(status).toBe(200);
    expect(body).toEqual([
      {
        field: 'author',
        sql: expect.stringMatching(/^select/i),
        plan: expect.arrayContaining([expect.stringContaining('cost=')]),
      },
      { field: '__typename', sql: null, plan: null },
    ]);
  });

  const query = { query: '{ author { id } }' };
  const gqlReq = 'Hasura.GraphQL.Transport.HTTP.Protocol.GQLReq(GQLReq)';
  test.each([
    [
      null,
      '$',
      'parsing Hasura.GraphQL.Explain.GQLExplain(GQLExplain) failed, expected Object, but encountered Null',
    ],
    [{}, '$', "the key 'query' was not present"],
    [{ query: 'x' }, '$.query', `parsing ${gqlReq} failed, expected Object, but encountered String`],
    [{ query: {} }, '$.query', "the key 'query' was not present"],
    [
      { query: { query: 1 } },
      '$.query.query',
      'parsing ExecutableDocument failed, expected String, but encountered Number',
    ],
    [{ query: { query: '{ author {' } }, '$.query.query', 'parsing the graphql query failed'],
    [{ query: { ...query, operationName: '' } }, '$.query.operationName', ' is not valid GraphQL name'],
    [
      { query: { ...query, variables: [] } },
      '$.query.variables',
      'parsing HashMap failed, expected Object, but encountered Array',
    ],
    [{ query, user: 'x' }, '$.user', 'parsing HashMap ~Text failed, expected Object, but encountered String'],
    [
      { query, user: { 'x-hasura-user-id': 1 } },
      '$.user.x-hasura-user-id',
      'parsing Text failed, expected String, but encountered Number',
    ],
    [
      { query, is_relay: 'no' },
      '$.is_relay',
      'parsing Bool failed, expected Boolean, but encountered String',
    ],
  ])('%j is not understood', async (body, path, error) => {
    expect(await explain(body)).toEqual({ status: 400, body: { error, path, code: 'parse-failed' } });
  });

  test('refuses mutations, and everybody who is not admin', async () => {
    expect(
      await explain({ query: { query: 'mutation { delete_author(where: {}) { affected_rows } }' } }),
    ).toMatchObject({
      status: 400,
      body: { error: 'only queries can be explained', code: 'invalid-params', path: '$' },
    });
    expect(
      await explain({ query: { query: '{ author { id } }' } }, { 'x-hasura-role': 'user' }),
    ).toMatchObject({
      status: 400,
      body: { error: 'You have to be an admin to access this endpoint', code: 'access-denied', path: '$' },
    });
    expect(await api.sql`select count(*)::int as count from author`).toEqual([{ count: 2 }]);
  });
});
