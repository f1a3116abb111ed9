/**
 * The promise of the plan cache, through the front door: whatever was asked before, and as whom, an operation is answered as if it were asked for the first
 * time, with its rows, its errors and what it writes. Every request is sent twice to one engine, as a text that plans may be known for, and as one that nobody
 * has asked before.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type JsonLike, type Project, project, sourceOf } from '../support/project.ts';

let api: Project;

const select = (role: string, permission: JsonLike) => ({ role, permission });
const own = { owner: { _eq: 'X-Hasura-User-Id' } };

beforeAll(async () => {
  api = await project({
    tables: `
      create table color (value text primary key);
      insert into color values ('red'), ('blue');
      create table author (id int primary key, name text);
      create table book (
        id int primary key, author_id int references author, owner int, title text default 'untitled', price numeric, color text references color,
        tags text[], data jsonb, printed timestamptz, secret text
      );
      create function fill() returns void language sql as $$
        truncate author, book;
        insert into author select id, 'author ' || id from generate_series(1, 3) id;
        insert into book
          select id, id % 3 + 1, id % 4, 'title ' || id, id / 4.0, (array['red', 'blue', null])[id % 3 + 1], array['t' || id % 2], jsonb_build_object('a', id, 'b', '[1, "x"]'::jsonb),
            '2020-01-01'::timestamptz + id * interval '1 day', 's' || id
          from generate_series(1, 12) id;
      $$;
      select fill();
      create function books_from(lowest int default 3, session json default '{}') returns setof book language sql stable as
        $$ select * from book where id >= coalesce(lowest, 10) and owner = coalesce((session ->> 'x-hasura-user-id')::int, owner) $$;
      create function longer(of book, by text default '!') returns text language sql stable as $$ select of.title || coalesce(by, '?') $$;`,
    metadata: {
      sources: [
        {
          ...sourceOf([
            { table: 'color', is_enum: true },
            {
              table: 'author',
              array_relationships: [
                {
                  name: 'books',
                  using: {
                    foreign_key_constraint_on: {
                      table: { schema: 'public', name: 'book' },
                      column: 'author_id',
                    },
                  },
                },
              ],
              select_permissions: ['user', 'guest', 'both'].flatMap((role) =>
                role === 'both' ? [] : [select(role, { columns: '*', filter: {}, allow_aggregations: true })],
              ),
              insert_permissions: [select('user', { columns: '*', check: {} })],
            },
            {
              table: 'book',
              object_relationships: [{ name: 'author', using: { foreign_key_constraint_on: 'author_id' } }],
              computed_fields: [{ name: 'longer', definition: { function: 'longer' } }],
              select_permissions: [
                select('user', {
                  columns: ['id', 'author_id', 'owner', 'title', 'price', 'color', 'tags', 'data', 'printed'],
                  computed_fields: ['longer'],
                  filter: own,
                  allow_aggregations: true,
                }),
                select('guest', {
                  columns: ['id', 'title', 'color', 'price', 'data'],
                  filter: { id: { _lt: 6 } },
                  limit: 4,
                  allow_aggregations: true,
                }),
              ],
              insert_permissions: [
                select('user', {
                  columns: ['id', 'author_id', 'title', 'price', 'color', 'tags', 'data', 'printed'],
                  check: { price: { _gte: 0 } },
                  set: { owner: 'X-Hasura-User-Id' },
                }),
              ],
              update_permissions: [
                select('user', {
                  columns: ['title', 'price', 'color', 'tags', 'data'],
                  filter: own,
                  check: { price: { _lt: 100 } },
                }),
              ],
              delete_permissions: [select('user', { filter: own })],
            },
          ]),
          functions: [
            {
              function: { schema: 'public', name: 'books_from' },
              configuration: { session_argument: 'session' },
            },
          ],
        },
      ],
      inherited_roles: [{ role_name: 'both', role_set: ['user', 'guest'] }],
    },
  });
});
afterAll(() => api?.close());

const queries = [
  `query ($id: Int, $ids: [Int!], $text: String = "title 3", $color: color_enum, $colors: [color_enum!], $limit: Int, $with: Boolean! = true, $not: Boolean = false) {
    book(where: {_or: [{id: {_eq: $id, _in: $ids}}, {title: {_eq: $text}}, {color: {_eq: $color}}, {color: {_in: $colors}}]}, limit: $limit, order_by: {id: asc}) {
      id title @include(if: $with) color @skip(if: $not)
    }
  }`,
  `query ($where: book_bool_exp, $order: [book_order_by!], $limit: Int = 3, $offset: Int, $distinct: [book_select_column!]) {
    book(where: $where, order_by: $order, limit: $limit, offset: $offset, distinct_on: $distinct) { id price }
    book_aggregate(where: $where) { aggregate { count(columns: $distinct) max { price } } }
  }`,
  `query ($path: String, $by: String, $lowest: Int, $args: books_from_args!) {
    some: book(limit: 3, order_by: {id: asc}) { id data(path: $path) longer(args: {by: $by}) }
    books_from(args: {lowest: $lowest}, order_by: {id: asc}) { id }
    others: books_from(args: $args, order_by: {id: asc}) { id }
  }`,
  `query ($json: jsonb, $keys: [String!], $price: numeric, $printed: timestamptz, $null: Boolean) {
    book(where: {data: {_contains: $json, _has_keys_any: $keys}, price: {_gt: $price}, printed: {_lt: $printed}, color: {_is_null: $null}}, order_by: {id: desc}) { id price printed }
  }`,
  `query ($where: author_bool_exp!, $inner: book_bool_exp = {}, $direction: order_by, $limit: Int) {
    author(where: $where, order_by: {books_aggregate: {count: $direction}, id: asc}) { id books(where: $inner, limit: $limit, order_by: {id: $direction}) { id } }
  }`,
];
const mutations = [
  `mutation ($rows: [book_insert_input!]!, $conflict: book_on_conflict) {
    insert_book(objects: $rows, on_conflict: $conflict) { affected_rows returning { id title price color } }
  }`,
  `mutation ($id: Int, $title: String, $price: numeric = 5, $row: author_insert_input!) {
    insert_book_one(object: {id: $id, title: $title, price: $price, author: {data: $row}}) { id title price author { name } }
  }`,
  `mutation ($where: book_bool_exp!, $set: book_set_input, $inc: book_inc_input, $append: book_append_input) {
    update_book(where: $where, _set: $set, _inc: $inc, _append: $append) { affected_rows returning { id title price data } }
  }`,
  `mutation ($updates: [book_updates!]!, $id: Int!) { update_book_many(updates: $updates) { affected_rows } delete_book_by_pk(id: $id) { id } }`,
  `mutation ($where: book_bool_exp!) { delete_book(where: $where) { affected_rows returning { id } } }`,
];

const ints = fc.integer({ min: 0, max: 13 });
const words = fc.constantFrom('title 3', 'title 4', '', 'x"y', 'red');
const colors = fc.constantFrom<JsonLike>('red', 'blue', 'red', 'blue', 'red', 'blue', 'green');
const listOrOne = (items: fc.Arbitrary<JsonLike>): fc.Arbitrary<JsonLike> =>
  fc.oneof(
    { arbitrary: items, weight: 5 },
    { arbitrary: fc.array(items, { maxLength: 3 }), weight: 5 },
    { arbitrary: fc.constant([null]), weight: 1 },
  );
const soundWheres = fc.constantFrom<JsonLike>(
  {},
  { id: { _lt: 9 } },
  { id: { _lt: 4 } },
  { id: { _in: [] } },
  { _or: [] },
  { _not: { id: { _eq: 5 } } },
);
const wheres = fc.oneof(
  { arbitrary: soundWheres, weight: 12 },
  {
    // some are not for everybody, or not for every table
    arbitrary: fc.constantFrom<JsonLike>(
      { color: { _eq: 'red' } },
      { color: { _eq: 'nope' } },
      { author: { name: { _eq: 'author 1' } } },
      { secret: { _eq: 's1' } },
      { id: null },
      { longer: { _like: '%!' } },
    ),
    weight: 4,
  },
);
const columns = fc.constantFrom<JsonLike>('id', 'id', 'id', 'price', 'price', 'secret');
const books = fc.record<Record<string, JsonLike>, never>(
  {
    id: fc.integer({ min: 10, max: 20 }),
    title: fc.option(words),
    price: fc.constantFrom<JsonLike>(1, '2.50', -1, null),
    color: fc.option(colors),
    tags: fc.constantFrom<JsonLike>([], ['a'], '{b}', null),
    data: fc.constantFrom<JsonLike>({}, [1], null, 'x'),
    author: fc.constantFrom<JsonLike>({ data: { id: 9, name: 'new' } }, null),
    secret: fc.constant('s'),
  },
  { requiredKeys: [] },
);
const mostlySound = books.map(({ secret: _secret, ...book }) => ({ id: 15, price: 1, ...book }));
const sets = fc.constantFrom<JsonLike>(
  { title: 'new' },
  { title: null, price: 7 },
  { price: 1000 },
  { color: 'blue' },
  { owner: 1 },
  {},
);

/** Values for variables of each name; those that are not given are absent. */
const values: Record<string, fc.Arbitrary<JsonLike>> = {
  id: ints,
  ids: listOrOne(ints),
  text: words,
  color: colors,
  colors: listOrOne(colors),
  limit: fc.constantFrom<JsonLike>(0, 1, 2, 5),
  with: fc.boolean(),
  not: fc.boolean(),
  where: wheres,
  inner: wheres,
  order: listOrOne(
    fc.constantFrom<JsonLike>(
      { id: 'asc' },
      { price: 'desc' },
      { color: 'asc' },
      {},
      { secret: 'asc' },
      { author: { name: 'asc' } },
    ),
  ),
  offset: fc.constantFrom<JsonLike>(0, 2),
  distinct: listOrOne(columns),
  path: fc.constantFrom<JsonLike>('a', '$.b[1]', '$', 'b', 'b['),
  by: words,
  lowest: ints,
  args: fc.constantFrom<JsonLike>({}, { lowest: 5 }, { lowest: 2 }, { lowest: null }, { other: 1 }),
  json: fc.constantFrom<JsonLike>({ a: 3 }, { a: 4 }, {}, [], 'x'),
  keys: listOrOne(fc.constantFrom('a', 'c')),
  price: fc.constantFrom<JsonLike>(1, 2, '1.5', 'NaN', 'x'),
  printed: fc.constantFrom<JsonLike>('2020-01-08', '2020-01-09', '2021-01-01T00:00:00Z', 'never'),
  null: fc.boolean(),
  direction: fc.constantFrom<JsonLike>('asc', 'desc', 'asc_nulls_first', 'desc_nulls_last', 'up'),
  rows: fc.oneof(mostlySound, fc.array(mostlySound, { maxLength: 3 }), fc.array(books, { maxLength: 2 })),
  conflict: fc.constantFrom<JsonLike>(
    { constraint: 'book_pkey', update_columns: [] },
    { constraint: 'book_pkey', update_columns: ['title'] },
    { constraint: 'book_pkey', update_columns: ['price', 'title'], where: { id: { _lt: 12 } } },
    { constraint: 'book_pkey', update_columns: 'color' },
  ),
  title: words,
  row: fc.constantFrom<JsonLike>({ id: 8, name: 'eight' }, { id: 7 }, { id: 1 }, {}),
  set: sets,
  inc: fc.constantFrom<JsonLike>({ price: 1 }, {}),
  append: fc.constantFrom<JsonLike>({ data: { c: 1 } }, { data: [2] }),
  updates: listOrOne(
    fc.constantFrom<JsonLike>(
      { where: { id: { _eq: 5 } }, _set: { title: 'five' } },
      { where: { id: { _eq: 6 } }, _inc: { price: 2 } },
      { where: {}, _set: {} },
      { where: {} },
    ),
  ),
};

const callers = fc.constantFrom<[string, Record<string, string>]>(
  ['user', { 'x-hasura-user-id': '1' }],
  ['user', { 'x-hasura-user-id': '2' }],
  ['user', { 'x-hasura-user-id': '3' }],
  ['guest', {}],
  ['both', { 'x-hasura-user-id': '1' }],
  ['admin', {}],
  ['user', { 'x-hasura-user-id': 'one' }],
  ['user', {}],
  ['both', { 'x-hasura-user-id': '3' }],
  ['admin', {}],
);

interface Request {
  readonly query: string;
  readonly variables: { readonly [name: string]: JsonLike | undefined };
  readonly caller: [string, Record<string, string>];
}

/** Whose places do without a value; operators, for instance, refuse null. */
const optional = new Set(
  'limit offset where order distinct inner direction not with path by lowest conflict set inc append'.split(
    ' ',
  ),
);

/** Requests for one document; mostly well-formed, sometimes without a value, or with one that is made for another variable. */
function requestsFor(query: string, caller: fc.Arbitrary<Request['caller']>): fc.Arbitrary<Request> {
  const declared = query.slice(0, query.indexOf(') {'));
  const names = [...declared.matchAll(/\$(\w+)/g)].map(([, name]) => name ?? '');
  const any = fc.constantFrom(...Object.values(values)).chain((value) => value);
  const entries = names.map((name): [string, fc.Arbitrary<JsonLike | undefined>] => [
    name,
    fc.oneof(
      { arbitrary: values[name] ?? any, weight: 60 },
      { arbitrary: fc.constantFrom(null, undefined), weight: optional.has(name) ? 20 : 2 },
      { arbitrary: any, weight: 1 },
    ),
  ]);
  return fc.record({ query: fc.constant(query), variables: fc.record(Object.fromEntries(entries)), caller });
}

/** Several requests for one document, one after another, so that each finds what those before have left. */
const sessions = (documents: readonly string[]) =>
  fc
    .constantFrom(...documents)
    .chain((query) => fc.array(requestsFor(query, callers), { minLength: 2, maxLength: 12 }));

let lastNumber = 0;

function answers({ query, variables, caller: [role, session] }: Request) {
  const caller = role === 'admin' ? api : api.as(role, session);
  return {
    warm: () => caller.queryText(query, variables),
    fresh: () => caller.queryText(`${query} # ${++lastNumber}`, variables),
  };
}

test('queries', async () => {
  let sound = 0;
  let all = 0;
  await fc.assert(
    fc.asyncProperty(sessions(queries), async (requests) => {
      for (const request of requests) {
        const { warm, fresh } = answers(request);
        const text = await warm();
        expect(text).toBe(await fresh());
        all++;
        if (text.startsWith('{"data"')) sound++;
      }
    }),
    { numRuns: 120 },
  );
  expect(sound / all).toBeGreaterThan(0.15);
  expect(sound / all).toBeLessThan(0.95);
});

test('mutations', async () => {
  let sound = 0;
  let all = 0;
  const run = async (ask: () => Promise<string>) => {
    await api.sql`select fill()`;
    const text = await ask();
    return {
      text,
      rows: await api.sql`select * from book order by id`,
      authors: await api.sql`select * from author order by id`,
    };
  };
  await fc.assert(
    fc.asyncProperty(sessions(mutations), async (requests) => {
      for (const request of requests) {
        const { warm, fresh } = answers(request);
        const done = await run(warm);
        expect(done).toEqual(await run(fresh));
        all++;
        if (done.text.startsWith('{"data"')) sound++;
      }
    }),
    { numRuns: 80 },
  );
  expect(sound / all).toBeGreaterThan(0.15);
  expect(sound / all).toBeLessThan(0.95);
});
