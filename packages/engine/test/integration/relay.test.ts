/** `/v1beta1/relay`. Source: spec/graphql-api.md 16. */
import { Buffer } from 'node:buffer';
import {
  buildClientSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  printType,
  validateSchema,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  at,
  type Caller,
  graphqlError,
  type JsonLike,
  type Project,
  project,
  sourceOf,
} from '../support/project.ts';

let api: Project;
let user: Caller;

beforeAll(async () => {
  api = await project({
    tables: `
      create table author (id int primary key, name text, born date);
      insert into author values (1, 'Ann', '1970-01-01'), (2, 'Bo', null), (3, null, '1980-05-05');
      create table article (
        id int primary key, title text, rating numeric, tags text[], author_id int references author (id), is_public bool not null default true
      );
      insert into article values
        (1, 'b', 1.50, '{x}', 1), (2, 'a', null, '{x,y}', 1), (3, null, 3, null, 2), (4, 'b', 1.5, '{}', null), (5, 'c', null, '{"a,b"}', 3),
        (6, 'a', 2, '{x}', 1), (7, null, 3, '{z}', 2);
      update article set is_public = false where id in (2, 6);
      create table pair (first_name text, last_name text, note text, primary key (last_name, first_name));
      insert into pair values ('f', 'l', 'here');
      create table keyless (id int, text text);
      insert into keyless values (7, 'seven');
      create table secret (id int primary key, code int, owner int);
      insert into secret values (1, 11, 1), (2, 22, 2), (3, 33, 1);
      create type mood as enum ('sad', 'ok', 'glad');
      create domain short as varchar(5) check (length(value) < 5);
      create table kinds (
        id bigint primary key, c char(3), j jsonb, d date, t timestamptz, n numeric(9,3), f float8, b bool, u uuid, i interval, ip inet, mood mood,
        m money, x bytea, r int4range, dom short, arr int[]
      );
      insert into kinds values
        (9007199254740991, 'ab', '"text"', '2020-02-02', '2020-01-01 00:00:00.000001+00', 1.500, 0.1, true,
         '00000000-0000-0000-0000-000000000001', '1 mon', '10.0.0.1', 'sad', 1.50, '\\x00ff', '[1,3)', 'abcd', '{1,NULL}'),
        (2, 'abc', 'null', '0044-03-15 BC', 'infinity', 'NaN', 'Infinity', false,
         '00000000-0000-0000-0000-000000000002', '-3 days', '10.0.0.0/8', 'glad', -2, '\\x', 'empty', 'a"b\\', '{}'),
        (3, 'a', '{"a": [1, "x"]}', '2020-02-02', '1999-12-31 23:59:59.999999+00', -7, -0.1, true,
         null, '1 mon', '::1', 'ok', 1.50, '\\x00', '(,5)', '', '{{1,2},{3,4}}'),
        (4, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null),
        (5, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);
      create schema other;
      create table other.log (id uuid primary key, text text);
      insert into other.log values ('5a8c2f7e-3f55-4a8e-9d3e-0a1b2c3d4e5f', 'one');
      create function titled(prefix text) returns setof article language sql stable as $$ select * from article where title like prefix || '%' $$`,
    metadata: {
      sources: [
        sourceOf([
          {
            table: 'author',
            array_relationships: [
              {
                name: 'articles',
                using: { foreign_key_constraint_on: { table: 'article', column: 'author_id' } },
              },
            ],
            select_permissions: [
              { role: 'user', permission: { columns: ['name'], filter: { id: { _lt: 3 } } } },
            ],
          },
          {
            table: 'article',
            object_relationships: [{ name: 'author', using: { foreign_key_constraint_on: 'author_id' } }],
            select_permissions: [
              {
                role: 'user',
                permission: { columns: ['title', 'rating'], filter: { is_public: { _eq: true } }, limit: 3 },
              },
            ],
            insert_permissions: [{ role: 'user', permission: { columns: '*', check: {} } }],
          },
          { table: 'pair' },
          { table: 'keyless' },
          { table: 'kinds' },
          {
            table: 'secret',
            select_permissions: [
              { role: 'open', permission: { columns: ['code'], filter: { owner: { _eq: 1 } } } },
              { role: 'coded', permission: { columns: ['code'], filter: {} } },
              { role: 'owned', permission: { columns: ['id'], filter: { owner: { _eq: 1 } } } },
              { role: 'listed', permission: { columns: ['id'], filter: {} } },
              {
                role: 'closed',
                permission: {
                  columns: ['id'],
                  filter: {},
                  query_root_fields: [],
                  subscription_root_fields: [],
                },
              },
            ],
          },
          { table: { schema: 'other', name: 'log' } },
        ]),
      ].map(
        (source): JsonLike => ({
          ...source,
          functions: [{ function: { schema: 'public', name: 'titled' } }],
        }),
      ),
      inherited_roles: [
        { role_name: 'both', role_set: ['open', 'listed'] },
        { role_name: 'partly', role_set: ['coded', 'owned'] },
      ],
    },
  });
  user = api.as('user', { 'x-hasura-user-id': 1 });
});

afterAll(() => api?.close());

async function relay(
  caller: Caller,
  query: string,
  variables: JsonLike = {},
): Promise<Record<string, unknown>> {
  const response = await caller.request('/v1beta1/relay', { query, variables });
  return (await response.json()) as Record<string, unknown>;
}

const encoded = (text: string): string => Buffer.from(text).toString('base64');
const decoded = (text: string): string => Buffer.from(text, 'base64').toString();

interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly key: number } }[];
  readonly pageInfo: {
    readonly startCursor: string;
    readonly endCursor: string;
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
  };
}

/** The rows' own numbers come from their global ids. */
async function pageOf(caller: Caller, field: string, given: string, variables: JsonLike = {}): Promise<Page> {
  const answer = await relay(
    caller,
    `query ($after: String, $before: String) { page: ${field}(${given}) {
      edges { cursor node { id } } pageInfo { startCursor endCursor hasNextPage hasPreviousPage }
    } }`,
    variables,
  );
  const { page } = (answer['data'] ?? {}) as { page?: AnsweredPage };
  if (page === undefined) throw new Error(JSON.stringify(answer));
  return {
    pageInfo: page.pageInfo,
    edges: page.edges.map(({ cursor, node }) => ({
      cursor,
      node: { key: (JSON.parse(decoded(node.id)) as readonly number[]).at(-1) ?? 0 },
    })),
  };
}

interface AnsweredPage extends Pick<Page, 'pageInfo'> {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
}

/** Forwards and backwards, page by page, and what pages say of what is before and after them. */
async function walk(field: string, order: string): Promise<void> {
  const all = await pageOf(api, field, order === '' ? 'where: {}' : order);
  expect(all.edges.length).toBeGreaterThan(3);
  expect(all.pageInfo).toEqual({
    startCursor: all.edges[0]?.cursor,
    endCursor: all.edges.at(-1)?.cursor,
    hasNextPage: false,
    hasPreviousPage: false,
  });
  for (const size of [1, 3]) {
    const forwards: number[] = [];
    let after: string | null = null;
    for (;;) {
      const page: Page = await pageOf(api, field, `first: ${size} after: $after ${order}`, { after });
      expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
      forwards.push(...keys(page));
      expect(page.pageInfo.hasNextPage).toBe(forwards.length < all.edges.length);
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    expect(forwards).toEqual(keys(all));
    const backwards: number[] = [];
    let before: string | null = null;
    for (;;) {
      const page: Page = await pageOf(api, field, `last: ${size} before: $before ${order}`, { before });
      expect(page.pageInfo.hasNextPage).toBe(before !== null);
      backwards.unshift(...keys(page));
      expect(page.pageInfo.hasPreviousPage).toBe(backwards.length < all.edges.length);
      if (!page.pageInfo.hasPreviousPage) break;
      before = page.pageInfo.startCursor;
    }
    expect(backwards).toEqual(keys(all));
  }
}

const keys = ({ edges }: Page): readonly number[] => edges.map(({ node }) => node.key);

describe('pages', () => {
  const orders = [
    '',
    'order_by: {id: desc}',
    'order_by: {title: asc}',
    'order_by: {title: asc_nulls_first}',
    'order_by: [{rating: desc}, {title: asc_nulls_first}]',
    'order_by: {rating: desc_nulls_last}',
    'order_by: {tags: desc}',
    'order_by: {author: {name: asc}}',
    'order_by: [{author: {born: desc, name: asc}}, {title: desc}]',
    'order_by: {author: {articles_aggregate: {avg: {rating: asc}}}}',
    'order_by: [{author: {articles_aggregate: {count: desc, max: {title: desc}}}}]',
    'distinct_on: [title]',
    'distinct_on: [title], order_by: [{title: desc}, {rating: asc}]',
    'where: {id: {_gt: 2}}, order_by: {title: desc_nulls_last}',
  ];

  test.each(orders)(
    'one after another they are the whole list, forwards and backwards: %s',
    async (order) => {
      await walk('article_connection', order);
    },
  );

  const kinds = ['c', 'j', 'd', 't', 'n', 'f', 'b', 'u', 'i', 'ip', 'mood', 'm', 'x', 'r', 'dom', 'arr'];

  test.each(kinds)('over columns of every kind: %s', async (column) => {
    for (const direction of ['asc', 'desc', 'asc_nulls_first', 'desc_nulls_last']) {
      await walk('kinds_connection', `order_by: {${column}: ${direction}}`);
    }
  });

  test('`last` after a cursor and `first` before one cut the other end', async () => {
    const after = encoded('{"id" : 2}');
    const last = await pageOf(api, 'article_connection', 'last: 2 after: $after', { after });
    expect([keys(last), last.pageInfo.hasPreviousPage, last.pageInfo.hasNextPage]).toEqual([
      [6, 7],
      true,
      false,
    ]);
    const first = await pageOf(api, 'article_connection', 'first: 2 before: $after', {
      after: encoded('{"id": 6}'),
    });
    // the variable is named after its first use
    expect(keys(first)).toEqual([1, 2]);
    const all = await pageOf(api, 'article_connection', 'last: 9 after: $after', { after });
    expect([keys(all), all.pageInfo.hasPreviousPage]).toEqual([[3, 4, 5, 6, 7], true]);
  });

  test('beyond the end there is nothing', async () => {
    const page = await pageOf(api, 'article_connection', 'first: 2 after: $after', {
      after: encoded('{"id" : 7}'),
    });
    const nothing = { startCursor: '', endCursor: '', hasNextPage: false, hasPreviousPage: false };
    expect(page).toEqual({ edges: [], pageInfo: nothing });
    expect(await pageOf(api, 'article_connection', 'first: 0')).toEqual({ edges: [], pageInfo: nothing });
  });

  test('cursors name what rows are sorted by, then the key', async () => {
    const page = await pageOf(
      api,
      'article_connection',
      'first: 1 order_by: [{author: {name: asc, articles_aggregate: {count: asc}}}, {tags: asc}, {title: asc}, {title: desc}]',
    );
    expect(decoded(page.pageInfo.startCursor)).toBe(
      '{"author" : {"name" : "Ann", "articles_aggregate" : {"count" : 3}}, "tags" : "{x}", "title" : "a", "id" : 6}',
    );
  });

  test('of related rows and of functions', async () => {
    const answer = await relay(
      api,
      `{ author_connection(first: 1) { __typename edges { __typename node { articles_connection(last: 1, before: "${encoded('{"id":6}')}") {
          edges { node { title } } pageInfo { __typename hasNextPage hasPreviousPage } } } } }
        titled_connection(args: {prefix: "a"}, last: 1) { edges { node { id title author { id } } } } }`,
    );
    expect(answer).toEqual({
      data: {
        author_connection: {
          __typename: 'authorConnection',
          edges: [
            {
              __typename: 'authorEdge',
              node: {
                articles_connection: {
                  edges: [{ node: { title: 'a' } }],
                  pageInfo: { __typename: 'PageInfo', hasNextPage: true, hasPreviousPage: true },
                },
              },
            },
          ],
        },
        titled_connection: {
          edges: [
            {
              node: {
                id: encoded('[1, "public", "article", 6]'),
                title: 'a',
                author: { id: encoded('[1, "public", "author", 1]') },
              },
            },
          ],
        },
      },
    });
  });

  test('type names alone, and no field twice', async () => {
    expect(await relay(api, '{ article_connection { __typename pageInfo { __typename } } }')).toEqual({
      data: { article_connection: { __typename: 'articleConnection', pageInfo: { __typename: 'PageInfo' } } },
    });
  });

  test('bad cursors and arguments are refused', async () => {
    const path = `${at('article_connection')}.args`;
    const faultOf = (given: string) =>
      relay(api, `{ article_connection(${given}) { pageInfo { endCursor } } }`);
    const invalid = graphqlError('validation-failed', path, 'the "after" or "before" cursor is invalid');
    expect(await faultOf('after: "?"')).toEqual(invalid);
    expect(await faultOf(`after: "${encoded('[1]')}"`)).toEqual(invalid);
    expect(await faultOf(`before: "${encoded('{"title": "a"}')}"`)).toEqual(invalid);
    expect(
      await faultOf(`order_by: {author: {name: asc}}, before: "${encoded('{"author": null, "id": 1}')}"`),
    ).toEqual(invalid);
    expect(await faultOf('first: 1, last: 1')).toEqual(
      graphqlError('validation-failed', path, '"first" and "last" are not allowed at once'),
    );
    expect(await faultOf('first: -1')).toMatchObject({
      errors: [{ message: "expected a non-negative 32-bit integer for type 'Int', but found an integer" }],
    });
  });
});

describe('nodes', () => {
  const node = (caller: Caller, id: string, fields = '__typename id') =>
    relay(caller, `query ($id: ID!) { node(id: $id) { ${fields} } }`, { id });

  test('are found by the ids that objects have, each as its own type', async () => {
    const fields = '__typename id ... on article { title } ... on pair { note } ... on Node { again: id }';
    const article = encoded('[1, "public", "article", 5]');
    expect(await node(api, article, fields)).toEqual({
      data: { node: { __typename: 'article', id: article, title: 'c', again: article } },
    });
    const pair = encoded('[1, "public", "pair", "l", "f"]');
    expect(await node(api, pair, fields)).toEqual({
      data: { node: { __typename: 'pair', id: pair, note: 'here', again: pair } },
    });
    const log = encoded('[1, "other", "log", "5a8c2f7e-3f55-4a8e-9d3e-0a1b2c3d4e5f"]');
    expect(await node(api, log, '... on other_log { text }')).toEqual({ data: { node: { text: 'one' } } });
    const second = encoded('[2, "default", "postgres", {"schema":"public","name":"article"}, 5]');
    expect(await node(api, second)).toEqual({ data: { node: { __typename: 'article', id: article } } });
  });

  test('other ids of the same table use the same plan, with their own values', async () => {
    for (const id of [1, 2, 3, 99, 1]) {
      const found = await node(
        api,
        encoded(`[1, "public", "article", ${id}]`),
        '... on article { author_id }',
      );
      const expected = await api.sql`select author_id from article where id = ${id}`;
      expect(found).toEqual({ data: { node: expected[0] ?? null } });
    }
    expect(await node(api, encoded('[1, "public", "article", "x"]'))).toMatchObject({
      errors: [{ extensions: { code: 'data-exception' } }],
    });
  });

  test('under the rule of the table', async () => {
    expect(await node(user, encoded('[1, "public", "article", 1]'), '... on article { title }')).toEqual({
      data: { node: { title: 'b' } },
    });
    expect(await node(user, encoded('[1, "public", "article", 2]'))).toEqual({ data: { node: null } });
    expect(await node(user, encoded('[1, "public", "article", 1]'), '... on article { tags }')).toMatchObject(
      {
        errors: [{ message: "field 'tags' not found in type: 'article'" }],
      },
    );
  });

  test('of tables that the role does not see are as unknown as others', async () => {
    const path = `${at('node')}.args.id`;
    const unknown = (name: string) =>
      graphqlError('validation-failed', path, `invalid node id: no such table found: ${name}`);
    expect(await node(user, encoded('[1, "public", "pair", "l", "f"]'))).toEqual(unknown('pair'));
    expect(await node(user, encoded('[1, "public", "nothing", 1]'))).toEqual(unknown('nothing'));
    expect(await node(api, encoded('[1, "public", "keyless", 7]'))).toEqual(unknown('keyless'));
    expect(
      await node(api, encoded('[2, "elsewhere", "postgres", {"schema": "other", "name": "log"}, 1]')),
    ).toEqual(unknown('other.log'));
    // nor where the role may not begin at the table
    expect(await node(api.as('closed'), encoded('[1, "public", "secret", 1]'))).toEqual(unknown('secret'));
    expect(await node(api.as('listed'), encoded('[1, "public", "secret", 1]'))).toEqual({
      data: { node: { __typename: 'secret', id: encoded('[1, "public", "secret", 1]') } },
    });
  });

  test('malformed ids are refused', async () => {
    const messageOf = async (id: string) => {
      const { errors } = (await node(api, encoded(id))) as { errors: readonly { message: string }[] };
      return errors[0]?.message;
    };
    expect(await messageOf('[]')).toBe(
      'invalid node id: Error in $: unexpected GUID format, found empty list',
    );
    expect(await messageOf('{"version": 1}')).toBe(
      'invalid node id: Error in $: parsing node id failed, expected Array, but encountered Object',
    );
    expect(await messageOf('[3, 1]')).toBe('invalid node id: Error in $: unsupported GUID version: 3.0');
    expect(await messageOf('["1"]')).toBe(
      'invalid node id: Error in $: unexpected GUID format, needs to start with a version number',
    );
    expect(await messageOf('[1, "public", "pair", "l"]')).toBe(
      "invalid node id: primary key columns ['first_name'] are missing",
    );
    expect(await messageOf('[1, "public", "article", 1, 2]')).toBe(
      'invalid node id: unexpected column values [2]',
    );
    expect(await messageOf('[1, "public", "article", {"a": 1}]')).toContain(
      "value of column 'id' in node id: ",
    );
  });
});

describe('permissions', () => {
  test('the rule filters rows of connections and limits pages', async () => {
    const first = await pageOf(user, 'article_connection', 'where: {}');
    expect([keys(first), first.pageInfo.hasNextPage]).toEqual([[1, 3, 4], true]);
    const next = await pageOf(user, 'article_connection', 'first: 9 after: $after', {
      after: first.pageInfo.endCursor,
    });
    expect([keys(next), next.pageInfo.hasNextPage]).toEqual([[5, 7], false]);
    const last = await pageOf(user, 'article_connection', 'last: 2');
    expect(keys(last)).toEqual([5, 7]);
    expect(
      await relay(user, '{ article_connection(order_by: {tags: asc}) { edges { cursor } } }'),
    ).toMatchObject({
      errors: [{ message: "field 'tags' not found in type: 'article_order_by'" }],
    });
  });

  test('of a related row that the rule hides, the cursor has nothing', async () => {
    const page = await pageOf(
      user,
      'article_connection',
      'where: {rating: {_is_null: true}}, order_by: {author: {name: asc}}',
    );
    // the author of 5 is hidden
    expect(page.edges.map(({ cursor }) => decoded(cursor))).toEqual([
      '{"author" : {"name" : null}, "id" : 5}',
    ]);
  });

  test('cells that an inherited role hides on some rows are null in ids and cursors', async () => {
    // `open` sees the codes of 1 and 3, `listed` the id of each row
    const { data } = await relay(
      api.as('both'),
      '{ secret_connection(order_by: {code: asc}) { edges { cursor node { code } } } }',
    );
    const { edges } = (data as { secret_connection: { edges: { cursor: string; node: unknown }[] } })
      .secret_connection;
    expect(edges.map(({ cursor, node }) => [decoded(cursor), node])).toEqual([
      ['{"code" : 11, "id" : 1}', { code: 11 }],
      ['{"code" : 33, "id" : 3}', { code: 33 }],
      ['{"code" : null, "id" : 2}', { code: null }],
    ]);
  });

  test('a key that an inherited role hides on some rows is neither shown nor found', async () => {
    const partly = api.as('partly');
    const { data } = await relay(partly, '{ secret_connection { edges { cursor node { id code } } } }');
    const { edges } = (
      data as { secret_connection: { edges: { cursor: string; node: { id: string; code: number } }[] } }
    ).secret_connection;
    expect(edges.map(({ cursor, node: { id, code } }) => [decoded(cursor), decoded(id), code])).toEqual([
      ['{"id" : 1}', '[1, "public", "secret", 1]', 11],
      ['{"id" : 3}', '[1, "public", "secret", 3]', 33],
      ['{"id" : null}', '[1, "public", "secret", null]', 22],
    ]);
    for (const [key, found] of [
      ['1', { code: 11 }],
      ['2', null],
      ['null', null],
    ]) {
      const id = encoded(`[1, "public", "secret", ${key}]`);
      expect(await relay(partly, `{ node(id: "${id}") { ... on secret { code } } }`)).toEqual({
        data: { node: found },
      });
    }
  });

  test('written rows have global ids', async () => {
    const answer = await relay(
      user,
      'mutation { insert_article(objects: [{id: 70, title: "new", is_public: true}]) { returning { id title } } }',
    );
    expect(answer).toEqual({
      data: {
        insert_article: { returning: [{ id: encoded('[1, "public", "article", 70]'), title: 'new' }] },
      },
    });
    await api.sql`delete from article where id = 70`;
  });
});

describe('the schema', () => {
  test('is sound, and offers connections instead of lists', async () => {
    const { data } = await relay(api, getIntrospectionQuery());
    const schema = buildClientSchema(data as unknown as IntrospectionQuery);
    expect(validateSchema(schema)).toEqual([]);
    expect(Object.keys(schema.getQueryType()?.getFields() ?? {})).toEqual([
      'article_connection',
      'author_connection',
      'kinds_connection',
      'node',
      'other_log_connection',
      'pair_connection',
      'secret_connection',
      'titled_connection',
    ]);
    const printed = (name: string) => {
      const type = schema.getType(name);
      return type == null ? `no ${name}` : printType(type);
    };
    expect(printed('Node')).toBe(
      '"""An object with globally unique ID"""\ninterface Node {\n  """A globally unique identifier"""\n  id: ID!\n}',
    );
    expect(printed('pair')).toContain('type pair implements Node {\n  first_name: String!\n  id: ID!\n');
    expect(printed('PageInfo')).toBe(
      'type PageInfo {\n  endCursor: String!\n  hasNextPage: Boolean!\n  hasPreviousPage: Boolean!\n  startCursor: String!\n}',
    );
  });

  test('has a plan of its own for equal texts', async () => {
    const text = '{ __schema { queryType { fields { name } } } __type(name: "Node") { kind } }';
    expect(await relay(api, text)).toMatchObject({ data: { __type: { kind: 'INTERFACE' } } });
    expect(await api.query(text)).toMatchObject({ data: { __type: null } });
    expect(await relay(api, text)).toMatchObject({ data: { __type: { kind: 'INTERFACE' } } });
  });

  test('is explained', async () => {
    const response = await api.request('/v1/graphql/explain', {
      query: { query: '{ article_connection(first: 1) { edges { cursor } } }' },
      is_relay: true,
    });
    expect(await response.json()).toEqual([
      {
        field: 'article_connection',
        sql: expect.stringContaining('"article"'),
        plan: expect.arrayContaining([expect.stringContaining('Aggregate')]),
      },
    ]);
  });
});
