import { describe, expect, test } from 'vitest';
import { handMadeModel, type ModelDefinition } from '../../test/support/hand-made-model.ts';
import { arrayOf, pgType } from '../../test/support/pg-types.ts';
import { outlinePlan } from '../../test/support/plan-outline.ts';
import { planQuery } from '../../test/support/plan-query.ts';
import type { Value } from '../permissions/index.ts';
import { type JsonObject, parseJson, RequestError } from '../support/index.ts';
import type { PlannedOperation, PlanOptions } from './index.ts';

const toy: ModelDefinition = {
  tables: [
    {
      name: 'author',
      columns:
        'id int4!, name text!, bio jsonb, rank numeric, color text, score float8, big int8, active bool',
      primaryKey: ['id'],
      enumReferences: { color: 'colors' },
      relationships: [{ name: 'articles', kind: 'array', target: 'article', mapping: { id: 'author_id' } }],
      computedFields: [
        { name: 'label', returns: { scalar: 'text' } },
        { name: 'total', returns: { scalar: 'int8' } },
        { name: 'latest', returns: { rows: 'article' } },
        {
          name: 'found',
          returns: { rows: 'article' },
          arguments: [
            { name: 'needle', type: pgType('text'), hasDefault: false },
            { name: 'most', type: pgType('int4'), hasDefault: true },
          ],
        },
      ],
      permissions: {
        user: {
          select: {
            columns: ['id', 'name'],
            filter: { id: 'X-Hasura-User-Id' },
            limit: 5,
            allow_aggregations: true,
          },
        },
        nothing: { select: { columns: [], filter: {}, allow_aggregations: true } },
      },
    },
    {
      name: 'article',
      columns:
        'id int4!, title text!, author_id int4!, tags text[], published_at timestamptz, place geometry, pic raster',
      primaryKey: ['id'],
      relationships: [
        { name: 'author', kind: 'object', target: 'author', mapping: { author_id: 'id' }, isNullable: false },
      ],
      permissions: {
        user: {
          select: {
            columns: ['id', 'title'],
            filter: { title: { _like: 'p%' } },
            limit: 3,
            allow_aggregations: true,
          },
        },
      },
    },
    {
      name: 'colors',
      columns: 'value text!',
      primaryKey: ['value'],
      enumValues: [
        { value: 'red', comment: null },
        { value: 'blue', comment: null },
      ],
    },
    { name: 'tree', columns: 'id int4!, path ltree, area geography', primaryKey: ['id'] },
  ],
  functions: [
    {
      name: 'search',
      returns: 'article',
      sessionArgument: 1,
      arguments: [
        { name: 'needle', type: pgType('text'), hasDefault: false },
        { name: 'session', type: pgType('json'), hasDefault: false },
        { name: 'most', type: pgType('int4'), hasDefault: true },
        { name: 'tags', type: arrayOf(pgType('text')), hasDefault: true },
      ],
    },
    {
      name: 'unnamed',
      returns: 'article',
      returnsSet: false,
      arguments: [
        { name: null, type: pgType('text'), hasDefault: true },
        { name: null, type: pgType('int4'), hasDefault: true },
      ],
    },
  ],
};

const model = handMadeModel(toy);
const spaced = handMadeModel({ ...toy, namespace: 'shop' });

interface Asked {
  readonly role?: string;
  readonly variables?: string;
  readonly options?: Partial<PlanOptions>;
  readonly model?: typeof model;
}

function plan(text: string, asked: Asked = {}): PlannedOperation {
  const variables = asked.variables === undefined ? null : (parseJson(asked.variables) as JsonObject);
  return planQuery({ model, ...asked, text, variables });
}

function outline(text: string, asked: Asked = {}): string {
  return outlinePlan(plan(text, asked).plan);
}

/** `code path message`, or the outline when there is no fault. */
function faultOf(text: string, asked: Asked = {}): string {
  try {
    return outline(text, asked);
  } catch (error) {
    if (error instanceof RequestError) return `${error.code} ${error.path} ${error.message}`;
    throw error;
  }
}

const invalid = (path: string, message: string) => `validation-failed ${path} ${message}`;

describe('faults', () => {
  test.each([
    [
      '{ author { foo } }',
      '$.selectionSet.author.selectionSet.foo',
      "field 'foo' not found in type: 'author'",
    ],
    ['{ foo { id } }', '$.selectionSet.foo', "field 'foo' not found in type: 'query_root'"],
    [
      '{ x: author { y: articles { z: foo } } }',
      '$.selectionSet.author.selectionSet.articles.selectionSet.foo',
      "field 'foo' not found in type: 'article'",
    ],
    ['{ author(limitt: 1) { id } }', '$.selectionSet.author', "'author' has no argument named 'limitt'"],
    [
      '{ author(limit: -1) { id } }',
      '$.selectionSet.author.args.limit',
      "expected a non-negative 32-bit integer for type 'Int', but found an integer",
    ],
    [
      '{ author(limit: "1") { id } }',
      '$.selectionSet.author.args.limit',
      "expected a non-negative 32-bit integer for type 'Int', but found a string",
    ],
    [
      '{ author(offset: "x") { id } }',
      '$.selectionSet.author.args.offset',
      "expected a 32-bit integer, or a 64-bit integer represented as a string for type 'Int', but found a string",
    ],
    [
      '{ author(where: {id: {_eq: null}}) { id } }',
      '$.selectionSet.author.args.where.id._eq',
      "unexpected null value for type 'Int'",
    ],
    [
      '{ author(where: {id: {_in: null}}) { id } }',
      '$.selectionSet.author.args.where.id._in',
      'expected a list, but found null',
    ],
    [
      '{ author(where: {id: {_in: [1, null]}}) { id } }',
      '$.selectionSet.author.args.where.id._in[1]',
      "unexpected null value for type 'Int'",
    ],
    [
      '{ author(where: {id: {_is_null: null}}) { id } }',
      '$.selectionSet.author.args.where.id._is_null',
      "expected a boolean for type 'Boolean', but found null",
    ],
    [
      '{ author(where: {id: null}) { id } }',
      '$.selectionSet.author.args.where.id',
      "expected an object for type 'Int_comparison_exp', but found null",
    ],
    [
      '{ author(where: {articles: null}) { id } }',
      '$.selectionSet.author.args.where.articles',
      "expected an object for type 'article_bool_exp', but found null",
    ],
    [
      '{ author(where: {_and: null}) { id } }',
      '$.selectionSet.author.args.where._and',
      'expected a list, but found null',
    ],
    [
      '{ author(where: {_or: [{id: {_eq: 1}}, 5]}) { id } }',
      '$.selectionSet.author.args.where._or[1]',
      "expected an object for type 'author_bool_exp', but found an integer",
    ],
    [
      '{ author(where: "x") { id } }',
      '$.selectionSet.author.args.where',
      "expected an object for type 'author_bool_exp', but found a string",
    ],
    [
      '{ author(where: {foo: {}}) { id } }',
      '$.selectionSet.author.args.where.foo',
      "field 'foo' not found in type: 'author_bool_exp'",
    ],
    [
      '{ author(where: {name: {_ne: "x"}}) { id } }',
      '$.selectionSet.author.args.where.name._ne',
      "field '_ne' not found in type: 'String_comparison_exp'",
    ],
    [
      '{ author { id articles } }',
      '$.selectionSet.author.selectionSet.articles.selectionSet',
      "missing selection set for 'article'",
    ],
    [
      '{ author { id { x } } }',
      '$.selectionSet.author.selectionSet.id',
      'unexpected subselection set for non-object field',
    ],
    [
      '{ author { id id: name } }',
      '$.selectionSet.author.selectionSet',
      "selection of both 'id' and 'name' specify the same response name, 'id'",
    ],
    [
      '{ author(limit: 1) { id } author(limit: 2) { id } }',
      '$.selectionSet',
      "inconsistent arguments between multiple selections of field 'author'",
    ],
    [
      'query ($x: String = "1") { author_by_pk(id: $x) { id } }',
      '$.selectionSet.author_by_pk.args.id',
      "variable 'x' is declared as 'String', but used where 'Int!' is expected",
    ],
    [
      'query ($n: Int! = 1) { author(where: {name: {_eq: $n}}) { id } }',
      '$.selectionSet.author.args.where.name._eq',
      "variable 'n' is declared as 'Int!', but used where 'String' is expected",
    ],
    [
      'query ($n: Int) { author_by_pk(id: $n) { id } }',
      '$.selectionSet.author_by_pk.args.id',
      "variable 'n' is declared as 'Int', but used where 'Int!' is expected",
    ],
    [
      'query ($n: Int) { author(where: {id: {_in: $n}}) { id } }',
      '$.selectionSet.author.args.where.id._in',
      "variable 'n' is declared as 'Int', but used where '[Int!]' is expected",
    ],
    [
      'query ($n: [Int]) { author(where: {id: {_in: $n}}) { id } }',
      '$.selectionSet.author.args.where.id._in',
      "variable 'n' is declared as '[Int]', but used where '[Int!]' is expected",
    ],
    [
      'query ($n: Int) { author(where: {id: {_eq: $n}}) { id } }',
      '$.selectionSet.author.args.where.id._eq',
      "unexpected null value for type 'Int'",
    ],
    ['{ author_by_pk { id } }', '$.selectionSet.author_by_pk.args.id', "missing required field 'id'"],
    [
      '{ author(distinct_on: secret) { id } }',
      '$.selectionSet.author.args.distinct_on[0]',
      "expected one of the values ['active', 'big', 'bio', 'color', 'id', 'name', 'rank', 'score'] for type 'author_select_column', but found 'secret'",
    ],
    [
      '{ author(distinct_on: "id") { id } }',
      '$.selectionSet.author.args.distinct_on[0]',
      "expected an enum value for type 'author_select_column', but found a string",
    ],
    [
      '{ author(distinct_on: [id], order_by: {name: asc}) { id } }',
      '$.selectionSet.author.args',
      '"distinct_on" columns must match initial "order_by" columns',
    ],
    [
      '{ author(distinct_on: [id, name], order_by: {id: asc}) { id } }',
      '$.selectionSet.author.args',
      '"distinct_on" columns must match initial "order_by" columns',
    ],
    [
      '{ author(order_by: {secret: asc}) { id } }',
      '$.selectionSet.author.args.order_by[0].secret',
      "field 'secret' not found in type: 'author_order_by'",
    ],
    [
      '{ author(order_by: [null]) { id } }',
      '$.selectionSet.author.args.order_by[0]',
      "expected an object for type 'author_order_by', but found null",
    ],
    [
      '{ author(order_by: {id: up}) { id } }',
      '$.selectionSet.author.args.order_by[0].id',
      "expected one of the values ['asc', 'asc_nulls_first', 'asc_nulls_last', 'desc', 'desc_nulls_first', 'desc_nulls_last'] for type 'order_by', but found 'up'",
    ],
    [
      '{ author(where: {color: {_eq: "red"}}) { id } }',
      '$.selectionSet.author.args.where.color._eq',
      "expected an enum value for type 'colors_enum', but found a string",
    ],
    [
      '{ author(where: {color: {_in: [red, mauve]}}) { id } }',
      '$.selectionSet.author.args.where.color._in[1]',
      "expected one of the values ['blue', 'red'] for type 'colors_enum', but found 'mauve'",
    ],
    [
      '{ author(where: {articles_aggregate: {}}) { id } }',
      '$.selectionSet.author.args.where.articles_aggregate',
      'exactly one predicate should be specified',
    ],
    [
      '{ author(where: {articles_aggregate: {count: {}}}) { id } }',
      '$.selectionSet.author.args.where.articles_aggregate.count.predicate',
      "missing required field 'predicate'",
    ],
    [
      '{ author(where: {articles_aggregate: {count: null}}) { id } }',
      '$.selectionSet.author.args.where.articles_aggregate.count',
      "expected an object for type 'article_aggregate_bool_exp_count', but found null",
    ],
    [
      '{ author(where: {articles_aggregate: {count: {distinct: null, predicate: {_eq: 1}}}}) { id } }',
      '$.selectionSet.author.args.where.articles_aggregate.count.distinct',
      "expected a boolean for type 'Boolean', but found null",
    ],
    [
      '{ author_aggregate { aggregate { count(columns: null) } } }',
      '$.selectionSet.author_aggregate.selectionSet.aggregate.selectionSet.count.args.columns',
      'expected a list, but found null',
    ],
    [
      '{ author(order_by: {articles_aggregate: {max: null}}) { id } }',
      '$.selectionSet.author.args.order_by[0].articles_aggregate.max',
      "expected an object for type 'article_max_order_by', but found null",
    ],
    [
      '{ author(offset: "-3") { id } }',
      '$.selectionSet.author.args.offset',
      "expected a 32-bit integer, or a 64-bit integer represented as a string for type 'Int', but found a string",
    ],
    [
      '{ author { bio(path: null) } }',
      '$.selectionSet.author.selectionSet.bio.args.path',
      "expected a string for type 'String', but found null",
    ],
    [
      '{ search(args: null) { id } }',
      '$.selectionSet.search.args.args',
      "expected an object for type 'search_args', but found null",
    ],
    [
      '{ author { bio(path: "a b") } }',
      '$.selectionSet.author.selectionSet.bio.args.path',
      'parse json path error: a b. Accept letters, digits, underscore (_) or hyphen (-) only. Use quotes enclosed in bracket (["..."]) if there is any special character',
    ],
    [
      '{ author { id @foo } }',
      '$.selectionSet.author.selectionSet',
      "directive 'foo' is not defined in the schema",
    ],
    ['{ author @cached { id } }', '$.selectionSet', "directive 'cached' is not allowed on a field"],
    [
      '{ author @include(if: true) @include(if: true) { id } }',
      '$.selectionSet',
      "the following directives are used more than once: ['include']",
    ],
    ['{ author @include { id } }', '$.selectionSet.include.args.if', "missing required field 'if'"],
    [
      '{ author { id @skip(if: 1) } }',
      '$.selectionSet.author.selectionSet.skip.args.if',
      "expected a boolean for type 'Boolean', but found an integer",
    ],
    ['{ author @skip(of: true) { id } }', '$.selectionSet.skip', "'skip' has no argument named 'of'"],
    ['{ author @foo @foo { id } }', '$.selectionSet', "directive 'foo' is not defined in the schema"],
    [
      '{ author { ...f @cached } } fragment f on author { id }',
      '$.selectionSet.author.selectionSet',
      "directive 'cached' is not allowed on an inline fragment",
    ],
    [
      'query @cached(ttl: "1") { author { id } }',
      '$.cached.args.ttl',
      "expected a 32-bit integer for type 'Int', but found a string",
    ],
    ['query @cached(tt: 1) { author { id } }', '$.cached', "'cached' has no argument named 'tt'"],
    ['query @include(if: true) { author { id } }', '$', "directive 'include' is not allowed on a query"],
    ['mutation { insert_author { id } }', '$', 'no mutations exist'],
    ['subscription { author { id } article { id } }', '$', 'subscriptions must select one top level field'],
    [
      'subscription @_multiple_top_level_fields { author_stream(batch_size: 1, cursor: {initial_value: {id: 1}}) { id } article { id } }',
      '$',
      'streaming and livequery subscriptions cannot be executed in the same subscription',
    ],
    [
      'subscription { author_stream(batch_size: 1, cursor: []) { id } }',
      '$.selectionSet.author_stream.args',
      'one streaming column field is expected',
    ],
    [
      'subscription { author_stream(batch_size: 1, cursor: [{initial_value: {id: 1}}, {initial_value: {id: 1}}]) { id } }',
      '$.selectionSet.author_stream.args',
      'multiple column cursors are not supported yet',
    ],
    [
      'subscription { author_stream(batch_size: 1, cursor: {initial_value: {id: 1, name: "x"}}) { id } }',
      '$.selectionSet.author_stream.args',
      'multiple column cursors are not supported yet',
    ],
    [
      '{ __type(name: 1) { name } }',
      '$.selectionSet.__type.args.name',
      "expected a string for type 'String', but found an integer",
    ],
    [
      '{ author { ...f } } fragment f on author { foo }',
      '$.selectionSet.author.selectionSet.foo',
      "field 'foo' not found in type: 'author'",
    ],
  ])('%s', (text, path, message) => {
    expect(faultOf(text)).toBe(invalid(path, message));
  });

  test.each([
    [
      '{ author(where: {id: {_eq: 1.5}}) { id } }',
      'parse-failed $.selectionSet.author.args.where.id._eq The value 1.5 lies outside the bounds or is not an integer. Maybe it is a float, or is there integer overflow?',
    ],
    [
      '{ author(where: {name: {_eq: 5}}) { id } }',
      'parse-failed $.selectionSet.author.args.where.name._eq parsing Text failed, expected String, but encountered Number',
    ],
    [
      '{ author(where: {name: {_in: ["a", 5]}}) { id } }',
      'parse-failed $.selectionSet.author.args.where.name._in[1] parsing Text failed, expected String, but encountered Number',
    ],
    [
      '{ article(where: {place: {_st_within: {type: "Point", coordinates: [1]}}}) { id } }',
      'parse-failed $.selectionSet.article.args.where.place._st_within A Position needs at least 2 elements',
    ],
    [
      '{ author(limit: 2147483648) { id } }',
      'parse-failed $.selectionSet.author.args.limit The value 2.147483648e9 lies outside the bounds or is not an integer. Maybe it is a float, or is there integer overflow?',
    ],
    [
      '{ author(offset: 9223372036854775808) { id } }',
      'parse-failed $.selectionSet.author.args.offset The value 9.223372036854775808e18 lies outside the bounds or is not an integer. Maybe it is a float, or is there integer overflow?',
    ],
    [
      '{ author(where: {bio: {_has_key: 1}}) { id } }',
      'parse-failed $.selectionSet.author.args.where.bio._has_key parsing Text failed, expected String, but encountered Number',
    ],
    [
      '{ search(args: {}) { id } }',
      'not-supported $.selectionSet.search.args.args Non default arguments cannot be omitted',
    ],
    [
      '{ author { found(args: {most: 1}) { id } } }',
      'not-supported $.selectionSet.author.selectionSet.found.args.args Non default arguments cannot be omitted',
    ],
    [
      '{ unnamed(args: {arg_2: 1}) { id } }',
      'not-supported $.selectionSet.unnamed.args.args Only last set of positional arguments can be omitted',
    ],
    [
      'subscription { __typename }',
      'not-supported $ Introspection at root field level is not supported over subscriptions',
    ],
  ])('%s', (text, fault) => {
    expect(faultOf(text)).toBe(fault);
  });

  test.each([
    [
      'query ($x: Int) { author(limit: $x) { id } }',
      '{"x":-1}',
      "validation-failed $.selectionSet.author.args.limit expected a non-negative 32-bit integer for type 'Int', but found a number",
    ],
    [
      'query ($x: Int) { author(limit: $x) { id } }',
      '{"x":1.5}',
      'parse-failed $.selectionSet.author.args.limit The value 1.5 lies outside the bounds or is not an integer. Maybe it is a float, or is there integer overflow?',
    ],
    [
      'query ($x: colors_enum!) { author(where: {color: {_eq: $x}}) { id } }',
      '{"x":"mauve"}',
      "validation-failed $.selectionSet.author.args.where.color._eq expected one of the values ['blue', 'red'] for type 'colors_enum', but found 'mauve'",
    ],
    [
      'query ($x: author_bool_exp) { author(where: $x) { id } }',
      '{"x":{"articles":{"foo":1}}}',
      "validation-failed $.selectionSet.author.args.where.articles.foo field 'foo' not found in type: 'article_bool_exp'",
    ],
    [
      'query ($x: author_bool_exp) { author(where: $x) { id } }',
      '{"x":{"1":{}}}',
      'validation-failed $.selectionSet.author.args.where variable value contains object with key "1", which is not a legal GraphQL name',
    ],
    [
      'query ($x: [Int!]) { author(where: {id: {_in: $x}}) { id } }',
      '{"x":[1,null]}',
      "validation-failed $.selectionSet.author.args.where.id._in[1] unexpected null value for type 'Int'",
    ],
    [
      'query ($x: Boolean!) { author @include(if: $x) { id } }',
      '{"x":"true"}',
      "validation-failed $.selectionSet.include.args.if expected a boolean for type 'Boolean', but found a string",
    ],
  ])('%s given %s', (text, variables, fault) => {
    expect(faultOf(text, { variables })).toBe(fault);
  });

  test.each([
    [
      '{ author { rank } }',
      '$.selectionSet.author.selectionSet.rank',
      "field 'rank' not found in type: 'author'",
    ],
    [
      '{ author { articles { tags } } }',
      '$.selectionSet.author.selectionSet.articles.selectionSet.tags',
      "field 'tags' not found in type: 'article'",
    ],
    [
      '{ author(where: {rank: {}}) { id } }',
      '$.selectionSet.author.args.where.rank',
      "field 'rank' not found in type: 'author_bool_exp'",
    ],
    [
      '{ author(where: {articles: {author: {rank: {}}}}) { id } }',
      '$.selectionSet.author.args.where.articles.author.rank',
      "field 'rank' not found in type: 'author_bool_exp'",
    ],
    [
      '{ author(order_by: {rank: asc}) { id } }',
      '$.selectionSet.author.args.order_by[0].rank',
      "field 'rank' not found in type: 'author_order_by'",
    ],
    [
      '{ author(distinct_on: rank) { id } }',
      '$.selectionSet.author.args.distinct_on[0]',
      "expected one of the values ['id', 'name'] for type 'author_select_column', but found 'rank'",
    ],
    [
      '{ author_aggregate { aggregate { sum { rank } } } }',
      '$.selectionSet.author_aggregate.selectionSet.aggregate.selectionSet.sum.selectionSet.rank',
      "field 'rank' not found in type: 'author_sum_fields'",
    ],
    ['{ tree { id } }', '$.selectionSet.tree', "field 'tree' not found in type: 'query_root'"],
  ])('as user: %s', (text, path, message) => {
    expect(faultOf(text, { role: 'user' })).toBe(invalid(path, message));
  });

  test('as a role without columns', () => {
    expect(faultOf('{ author_aggregate { aggregate { count(columns: id) } } }', { role: 'nothing' })).toBe(
      invalid(
        '$.selectionSet.author_aggregate.selectionSet.aggregate.selectionSet.count',
        "'count' has no argument named 'columns'",
      ),
    );
    expect(faultOf('{ author_aggregate { aggregate { max { id } } } }', { role: 'nothing' })).toBe(
      invalid(
        '$.selectionSet.author_aggregate.selectionSet.aggregate.selectionSet.max',
        "field 'max' not found in type: 'author_aggregate_fields'",
      ),
    );
  });

  test('introspection may be switched off', () => {
    const closed = handMadeModel({ ...toy, introspectionDisabledRoles: ['user'] });
    expect(faultOf('{ __schema { queryType { name } } }', { role: 'user', model: closed })).toBe(
      invalid('$.selectionSet.__schema', 'introspection is disabled for role: "user"'),
    );
  });
});

describe('plans', () => {
  test.each([
    [
      '{ a: author(where: {}, order_by: null, limit: null) { n: name id __typename } __typename }',
      'a = list of author { n: name, id: id, __typename: \'author\' }\n__typename = "query_root"',
    ],
    [
      '{ author(limit: 2, offset: "3") { id } }',
      "author = list of author limit '2'::bigint offset '3'::bigint { id: id }",
    ],
    ['{ author_by_pk(id: "7") { id } }', "author_by_pk = one of author where id eq '7'::integer { id: id }"],
    [
      '{ author { ...f ... { id } ... on author { name } ... on article { foo } } } fragment f on author { rank id }',
      'author = list of author { rank: rank, id: id, name: name }',
    ],
    [
      '{ author { articles { id } articles { title } id } }',
      'author = list of author { articles: list of article on id=author_id { id: id, title: title }, id: id }',
    ],
    [
      '{ article { author { name } } }',
      'article = list of article { author: one of author on author_id=id { name: name } }',
    ],
    [
      '{ author { bio(path: "$.links[0][\'a b\']") x: bio(path: "$") } }',
      'author = list of author { bio: bio#>[links,0,a b], x: bio }',
    ],
    [
      '{ author @skip(if: true) { id } author_by_pk(id: 1) @include(if: true) { id name @include(if: false) } }',
      "author_by_pk = one of author where id eq '1'::integer { id: id }",
    ],
    ['{ author(where: {_or: []}) { id } }', 'author = list of author where false { id: id }'],
    ['{ author(where: {_not: {}, _and: []}) { id } }', 'author = list of author where false { id: id }'],
    [
      '{ author(where: {_or: {id: {_eq: 1, _neq: 2}}, name: {}}) { id } }',
      "author = list of author where (id eq '1'::integer and id neq '2'::integer) { id: id }",
    ],
    [
      '{ author(where: {id: {_in: []}}) { id } }',
      "author = list of author where id in '{}'::integer[] { id: id }",
    ],
    [
      '{ author(where: {name: {_nin: ["a\\"b", "c"]}}) { id } }',
      'author = list of author where name nin \'{"a\\"b","c"}\'::text[] { id: id }',
    ],
    [
      '{ author(where: {color: {_in: [red]}, active: {_is_null: true}}) { id } }',
      'author = list of author where (color in \'{"red"}\'::text[] and active is null) { id: id }',
    ],
    [
      '{ author(where: {articles: {}}) { id } }',
      'author = list of author where exists article (true) { id: id }',
    ],
    [
      '{ author(where: {label: {_like: "x%"}, latest: {id: {_gt: 1}}}) { id } }',
      "author = list of author where (author_label() like 'x%'::text and exists author_latest(row) (id gt '1'::integer)) { id: id }",
    ],
    [
      '{ author(where: {bio: {_contains: {a: [1, 1.50]}, _has_keys_any: ["x"], _cast: {String: {_eq: "y"}}}}) { id } }',
      `author = list of author where (bio contains '{"a":[1,1.50]}'::jsonb and bio has-keys-any '{"x"}'::text[] and bio::text eq 'y'::text) { id: id }`,
    ],
    [
      '{ article(where: {tags: {_eq: ["a"], _in: [["b"], "{c}"]}}) { id } }',
      `article = list of article where (tags eq '{"a"}'::text[] and tags in list('{"b"}'::text[], '{c}'::text[])) { id: id }`,
    ],
    [
      '{ article(where: {place: {_st_d_within: {distance: 1.5, from: "POINT(1 2)"}}}) { place } }',
      "article = list of article where place st-d-within within '1.5'::double precision of 'POINT(1 2)'::geometry { place: place as geojson }",
    ],
    [
      '{ article(where: {place: {_in: [{type: "Point", coordinates: [1, 2]}]}}) { id } }',
      `article = list of article where place in list('{"type":"Point","coordinates":[1,2]}'::geometry from geojson) { id: id }`,
    ],
    [
      '{ tree(where: {area: {_st_d_within: {distance: 1, from: "POINT(1 2)", use_spheroid: false}}, path: {_matches: "a.*", _ancestor_any: ["a.b"]}}) { id } }',
      `tree = list of tree where (area st-d-within within '1'::double precision of 'POINT(1 2)'::geography spheroid 'false'::boolean and (path matches 'a.*'::lquery and path ancestor-any '{"a.b"}'::ltree[])) { id: id }`,
    ],
    [
      '{ article(where: {pic: {_st_intersects_geom_nband: {geommin: "POINT(1 2)"}}}) { id } }',
      "article = list of article where pic st-intersects-geom-nband band - of 'POINT(1 2)'::geometry { id: id }",
    ],
    [
      '{ author(where: {articles_aggregate: {count: {arguments: [id, tags], distinct: true, filter: {title: {_eq: "x"}}, predicate: {_gt: 1}}}}) { id } }',
      "author = list of author where [count(distinct id,tags) of article (title eq 'x'::text) as result: result gt '1'::bigint] { id: id }",
    ],
    [
      '{ author(order_by: [{name: desc, id: null}, {articles_aggregate: {count: asc, max: {id: desc_nulls_last}}}, {label: asc}]) { id } }',
      'author = list of author order by name desc nulls first, count(article.*) asc nulls last, max(article.id) desc nulls last, author_label() asc nulls last { id: id }',
    ],
    [
      '{ article(order_by: {author: {name: asc, articles_aggregate: {count: desc}}}) { id } }',
      'article = list of article order by author.name asc nulls last, author.count(article.*) desc nulls first { id: id }',
    ],
    [
      '{ author(distinct_on: [id, id], order_by: [{id: asc}, {name: asc}]) { id } }',
      'author = list of author distinct on id,id order by id asc nulls last, name asc nulls last { id: id }',
    ],
    [
      '{ author(distinct_on: [name, id], order_by: [{id: asc}, {name: asc}, {rank: asc}]) { id } }',
      'author = list of author distinct on name,id order by id asc nulls last, name asc nulls last, rank asc nulls last { id: id }',
    ],
    [
      '{ author_aggregate(limit: 1) { __typename aggregate { __typename count c: count(columns: [id, name], distinct: true) max { id __typename } sum { total } } nodes { id } } }',
      "author_aggregate = aggregate of author limit '1'::bigint { __typename: 'author_aggregate', aggregate: { __typename: 'author_aggregate_fields', count: count(), c: count(distinct id,name), max: max { id: id, __typename: 'author_max_fields' }, sum: sum { total: author_total() } }, nodes: nodes { id: id } }",
    ],
    [
      '{ author { articles_aggregate(where: {id: {_lt: 3}}) { aggregate { count } } latest(limit: 1) { id } found(args: {needle: "x"}) { id } } }',
      "author = list of author { articles_aggregate: aggregate of article on id=author_id where id lt '3'::integer { aggregate: { count: count() } }, latest: list of author_latest(row) limit '1'::bigint { id: id }, found: list of author_found(row) { id: id } }",
    ],
    [
      '{ search(args: {needle: "x", tags: "{a}"}, where: {id: {_eq: 1}}) { id } search_aggregate(args: {needle: null}) { aggregate { count } } }',
      `search = list of search('x'::text, session::json, tags => '{a}'::text[]) where id eq '1'::integer { id: id }\nsearch_aggregate = aggregate of search(null::text, session::json) { aggregate: { count: count() } }`,
    ],
    ['{ unnamed { id } }', 'unnamed = one of unnamed() { id: id }'],
    [
      'subscription { author_stream(batch_size: 10, cursor: [{initial_value: {id: 0}, ordering: DESC}], where: {name: {_eq: "x"}}) { id } }',
      "author_stream = list of author where name eq 'x'::text stream id=id desc from '0'::integer batch '10'::bigint { id: id }",
    ],
    [
      '{ __type(name: "author") { name } x: __schema { queryType { n: name } } }',
      '__type = {"name":"author"}\nx = {"queryType":{"n":"query_root"}}',
    ],
  ])('%s', (text, expected) => {
    expect(outline(text)).toBe(expected);
  });

  test('every table comes with the rule of the role', () => {
    const own = '<id eq x-hasura-user-id::integer>';
    const listed = "<title like 'p%'::text>";
    const asUser = (text: string) => outline(text, { role: 'user' });
    expect(
      asUser('{ author { articles(limit: 9) { id author { id } } articles_aggregate { nodes { id } } } }'),
    ).toBe(
      `author = list of author${own} at most 5 { articles: list of article${listed} on id=author_id limit '9'::bigint at most 3 { id: id, author: one of author${own} on author_id=id { id: id } }, articles_aggregate: aggregate of article${listed} on id=author_id at most 3 { nodes: nodes { id: id } } }`,
    );
    expect(asUser('{ author_by_pk(id: 1) { id } }')).toBe(
      `author_by_pk = one of author${own} where id eq '1'::integer { id: id }`,
    );
    expect(
      asUser(
        '{ author(where: {articles: {author: {}}, articles_aggregate: {count: {predicate: {}}}}, order_by: {articles_aggregate: {count: asc}}) { latest { id } } }',
      ),
    ).toBe(
      `author = list of author${own} where (exists article${listed} (exists author${own} (true)) and [count() of article${listed} (true) as result: true]) order by count(article${listed}.*) asc nulls last at most 5 { latest: list of author_latest(row)${listed} at most 3 { id: id } }`,
    );
    expect(asUser('{ search(args: {needle: "x"}) { id } }')).toBe(
      `search = list of search('x'::text, session::json)${listed} at most 3 { id: id }`,
    );
    expect(
      asUser('subscription { author_stream(batch_size: 9, cursor: {initial_value: {id: 1}}) { id } }'),
    ).toBe(
      `author_stream = list of author${own} at most 5 stream id=id asc from '1'::integer batch '9'::bigint { id: id }`,
    );
  });

  test('every use of a column obeys its grant', () => {
    const hidden = handMadeModel({
      ...toy,
      rulesOf: (role, table, declared) => {
        const rules = declared(role, table);
        const { select } = rules;
        if (role !== 'user' || table.name !== 'author' || select === null) return rules;
        const visibleWhen = select.rows.filter;
        const columns = new Map(
          [...select.columns].map(([name, grant]) => [name, { ...grant, visibleWhen }]),
        );
        return { ...rules, select: { ...select, columns } };
      },
    });
    const seen = outline(
      `{ author(distinct_on: id, order_by: {id: asc, name: asc}, where: {name: {_eq: "x", _is_null: false}}) { id }
         author_by_pk(id: 1) { name }
         author_aggregate { aggregate { count(columns: id) max { name } } nodes { id } }
         article(order_by: {author: {name: asc}}, where: {author: {id: {_in: [1]}}}) { id } }`,
      { role: 'user', model: hidden },
    ).replaceAll('<id eq x-hasura-user-id::integer>', '');
    expect(seen.match(/\b(id|name)\[id eq x-hasura-user-id::integer\]/g)).toHaveLength(13);
    // What remains are response keys and the columns of `article`.
    expect(seen.replaceAll(/\b(id|name)\[id eq x-hasura-user-id::integer\]/g, '_')).toBe(
      `author = list of author where (_ eq 'x'::text and _ is not null) distinct on _ order by _ asc nulls last, _ asc nulls last at most 5 { id: _ }
author_by_pk = one of author where _ eq '1'::integer { name: _ }
author_aggregate = aggregate of author at most 5 { aggregate: { count: count(_), max: max { name: _ } }, nodes: nodes { id: _ } }
article = list of article<title like 'p%'::text> where exists author (_ in '{1}'::integer[]) order by author._ asc nulls last at most 3 { id: id }`,
    );
  });

  test('namespaces', () => {
    expect(outline('{ shop { __typename author { id } } __typename }', { model: spaced })).toBe(
      'shop = { __typename = "shop_query"; author = list of author { id: id } }\n__typename = "query_root"',
    );
    expect(faultOf('{ shop { foo } }', { model: spaced })).toBe(
      invalid('$.selectionSet.shop.selectionSet.foo', "field 'foo' not found in type: 'shop_query'"),
    );
    const author = 'author { id }';
    const one = invalid('$', 'subscriptions must select one top level field');
    const subscribe = (text: string) => faultOf(`subscription ${text}`, { model: spaced });
    expect(subscribe(`{ shop { ${author} article { id } } }`)).toMatch(/^shop = /);
    expect(subscribe(`{ a: shop { ${author} } b: shop { ${author} } }`)).toBe(one);
    expect(subscribe(`@_multiple_top_level_fields { a: shop { ${author} } b: shop { ${author} } }`)).toBe(
      one,
    );
    expect(faultOf('subscription @_multiple_top_level_fields { a: author { id } b: author { id } }')).toMatch(
      /^a = .*\nb = /,
    );
  });

  test('a role without fields gets the placeholder', () => {
    expect(outline('{ no_queries_available }', { role: 'stranger' })).toMatch(
      /^no_queries_available = "There are no queries available/,
    );
  });

  test('numbers become strings where the server says so', () => {
    const options = { stringifyNumericTypes: true };
    expect(
      outline('{ author { id rank big score total } author_aggregate { aggregate { avg { id big } } } }', {
        options,
      }),
    ).toBe(
      'author = list of author { id: id, rank: rank as text, big: big as text, score: score as text, total: author_total() as text }\nauthor_aggregate = aggregate of author { aggregate: { avg: avg { id: id, big: big as text } } }',
    );
  });

  test('nulls of operators are ignored where the server says so', () => {
    const options = { v1BooleanNullCollapse: true };
    expect(
      outline('{ author(where: {id: {_eq: null, _gt: 1}, name: {_in: null}}) { id } }', { options }),
    ).toBe("author = list of author where id gt '1'::integer { id: id }");
  });

  test('unbound variables are absent where the server says so', () => {
    const options = { noNullUnboundVariableDefault: true };
    const text =
      'query ($x: Int, $y: author_bool_exp) { author(limit: $x, where: {id: {_eq: $x}, _not: $y}) { id } }';
    expect(outline(text, { options })).toBe('author = list of author { id: id }');
    expect(faultOf(text)).toBe(
      invalid('$.selectionSet.author.args.where.id._eq', "unexpected null value for type 'Int'"),
    );
  });
});

describe('variables', () => {
  const structural = (text: string, variables: string) =>
    [...plan(text, { variables }).structuralVariables].sort();

  test.each([
    [
      'query ($x: Int!) { author_by_pk(id: $x) { id } }',
      '{"x":1}',
      [],
      'author_by_pk = one of author where id eq $x::integer { id: id }',
    ],
    [
      'query ($l: Int, $o: Int) { author(limit: $l, offset: $o) { id } }',
      '{"l":1,"o":"2"}',
      [],
      'author = list of author limit $l::bigint offset $o::bigint { id: id }',
    ],
    [
      'query ($x: [Int!], $y: [colors_enum!]!) { author(where: {id: {_in: $x}, color: {_nin: $y}}) { id } }',
      '{"x":[1],"y":["red"]}',
      [],
      'author = list of author where (id in $x::integer[] and color nin $y::text[]) { id: id }',
    ],
    [
      'query ($x: Int!) { author(where: {id: {_in: [$x, 2]}}) { id } }',
      '{"x":1}',
      [],
      "author = list of author where id in list($x::integer, '2'::integer) { id: id }",
    ],
    [
      'query ($x: jsonb) { author(where: {bio: {_contains: $x}}) { id } }',
      '{"x":{"1":2}}',
      [],
      'author = list of author where bio contains $x::jsonb { id: id }',
    ],
    [
      'query ($x: Int) { author(where: {bio: {_contains: {a: $x}}}) { id } }',
      '{"x":9007199254740993}',
      ['x'],
      `author = list of author where bio contains '{"a":9007199254740993}'::jsonb { id: id }`,
    ],
    [
      'query ($x: Boolean) { author(where: {id: {_is_null: $x}}) { id } }',
      '{"x":true}',
      ['x'],
      'author = list of author where id is null { id: id }',
    ],
    [
      'query ($x: Boolean!) { author { id name @skip(if: $x) } }',
      '{"x":true}',
      ['x'],
      'author = list of author { id: id }',
    ],
    [
      'query ($x: [author_order_by!]) { author(order_by: $x) { id } }',
      '{"x":{"id":"desc"}}',
      ['x'],
      'author = list of author order by id desc nulls first { id: id }',
    ],
    [
      'query ($x: order_by) { author(order_by: {id: $x}) { id } }',
      '{"x":"desc"}',
      ['x'],
      'author = list of author order by id desc nulls first { id: id }',
    ],
    [
      'query ($x: author_bool_exp) { author(where: $x) { id } }',
      '{"x":{"id":{"_eq":1}}}',
      ['x'],
      "author = list of author where id eq '1'::integer { id: id }",
    ],
    [
      'query ($x: String) { author { bio(path: $x) } }',
      '{"x":"a"}',
      ['x'],
      'author = list of author { bio: bio#>[a] }',
    ],
    [
      'query ($x: geometry) { article(where: {place: {_eq: $x}}) { id } }',
      '{"x":{"type":"Point","coordinates":[1,2]}}',
      ['x'],
      `article = list of article where place eq '{"type":"Point","coordinates":[1,2]}'::geometry from geojson { id: id }`,
    ],
    [
      'query ($x: [author_select_column!]) { author(distinct_on: $x) { id } }',
      '{"x":"id"}',
      ['x'],
      'author = list of author distinct on id { id: id }',
    ],
    [
      'query ($x: String!) { __type(name: $x) { name } }',
      '{"x":"article"}',
      ['x'],
      '__type = {"name":"article"}',
    ],
    [
      'query ($x: Int = 3) { author(limit: $x) { id } }',
      '{}',
      [],
      "author = list of author limit '3'::bigint { id: id }",
    ],
    [
      'query ($x: Int = 3) { author(limit: $x) { id } }',
      '{"x":null}',
      [],
      'author = list of author { id: id }',
    ],
    [
      'query ($x: String = "1") { search(args: {needle: $x}) { id } }',
      '{"x":"2"}',
      [],
      'search = list of search($x::text, session::json) { id: id }',
    ],
  ])('%s given %s', (text, variables, names, expected) => {
    expect(outline(text, { variables })).toBe(expected);
    expect(structural(text, variables)).toEqual(names);
  });

  test('a value is encoded, and refused, when it is bound', () => {
    const text = 'query ($x: [Int!]) { author(where: {id: {_in: $x}}) { id } }';
    const value = firstVariable(plan(text, { variables: '{"x":[1]}' }));
    if (value.source.kind !== 'variable') throw new Error('expected a variable');
    const { encode } = value.source;
    expect(encode([1, '2'])).toBe('{1,2}');
    expect(encode(3)).toBe('{3}');
    expect(() => encode([1, true])).toThrow('expected Number, but encountered Boolean');
  });

  test('a list of one bare value', () => {
    expect(outline('{ author(where: {id: {_in: 1}}) { id } }')).toBe(
      "author = list of author where id in '{1}'::integer[] { id: id }",
    );
  });
});

describe('bounds', () => {
  test('deep fragments are refused once they are in place', () => {
    const chain = Array.from({ length: 200 }, (_, n) => {
      const [type, field] = n % 2 === 0 ? ['author', 'articles'] : ['article', 'author'];
      return `fragment f${n} on ${type} { ${field} { ...f${n + 1} } }`;
    }).join(' ');
    const fragments = `${chain} fragment f200 on author { id }`;
    const deep = (inner: string) => `${'articles { author { '.repeat(160)} ${inner} ${'} } '.repeat(160)}`;
    expect(faultOf(`{ author { ...f0 } x: author { ${deep('id')} } } ${fragments}`)).toMatch(
      /^author = list/,
    );
    expect(faultOf(`{ author { ...f0 } x: author { ${deep('...f0')} } } ${fragments}`)).toMatch(
      /the query is nested more deeply than 500 levels$/,
    );
  });

  test('fragments that multiply are refused in time', () => {
    const fragments = Array.from({ length: 40 }, (_, n) => {
      const [type, field] = n % 2 === 0 ? ['author', 'articles'] : ['article', 'author'];
      return `fragment f${n} on ${type} { a: ${field} { ...f${n + 1} } b: ${field} { ...f${n + 1} } }`;
    });
    expect(faultOf(`{ author { ...f0 } } ${fragments.join(' ')} fragment f40 on author { id }`)).toMatch(
      /the query has more than 1000000 selections and values$/,
    );
  });

  test('a fragment that is spread again adds nothing', () => {
    const fragments = Array.from(
      { length: 60 },
      (_, n) => `fragment f${n} on author { ...f${n + 1} ...f${n + 1} }`,
    );
    expect(outline(`{ author { ...f0 } } ${fragments.join(' ')} fragment f60 on author { id }`)).toBe(
      'author = list of author { id: id }',
    );
  });

  test('100,000 aliases are planned', () => {
    const fields = Array.from({ length: 100_000 }, (_, index) => `a${index}: id`).join(' ');
    const { plan: made } = plan(`{ author { ${fields} } }`);
    expect(made.fields).toHaveLength(1);
  });

  test('100,000 equal selections are one', () => {
    expect(outline(`{ author { ${'id '.repeat(100_000)} } }`)).toBe('author = list of author { id: id }');
  });

  test('a deep condition in a variable is refused', () => {
    const variables = `{"x":${'{"_not":'.repeat(900)}{}${'}'.repeat(900)}}`;
    expect(faultOf('query ($x: author_bool_exp) { author(where: $x) { id } }', { variables })).toMatch(
      /the query is nested more deeply than 500 levels$/,
    );
  });
});

test('plans with equal keys are equal', () => {
  const text = `query ($i: Int, $s: String!, $l: [Int!], $b: Boolean!, $w: article_bool_exp, $o: [author_order_by!], $c: colors_enum) {
    author(limit: $i, offset: $i, where: {name: {_eq: $s}, id: {_in: $l}, color: {_eq: $c}, articles: $w}, order_by: $o) {
      id name @include(if: $b)
    }
  }`;
  const requests = [
    '{"i":1,"s":"a","l":[1],"b":true,"w":{},"o":{"id":"asc"},"c":"red"}',
    '{"i":2,"s":"b","l":[],"b":true,"w":{},"o":{"id":"asc"},"c":"blue"}',
    '{"i":null,"s":"b","l":[],"b":true,"w":{},"o":{"id":"asc"},"c":"blue"}',
    '{"i":2,"s":"b","l":[3],"b":false,"w":{},"o":{"id":"asc"},"c":"blue"}',
    '{"i":2,"s":"b","l":[3],"b":false,"w":{"id":{"_eq":1}},"o":{"id":"asc"},"c":"blue"}',
    '{"i":9,"s":"","l":[],"b":false,"w":{"id":{"_eq":1}},"o":{"id":"asc"},"c":"red"}',
    '{"i":9,"s":"","l":[],"b":false,"w":{"id":{"_eq":1}},"o":{"id":"desc"},"c":"red"}',
    '{"s":"","l":[],"b":false,"w":{"id":{"_eq":1}},"o":{"id":"desc"},"c":"red"}',
  ];
  const plansByKey = new Map<string, string>();
  for (const variables of requests) {
    const planned = plan(text, { variables });
    const values = parseJson(variables) as JsonObject;
    const key = Object.keys(values).map((name) => {
      const value = values[name];
      const shown = planned.structuralVariables.has(name) ? value : value === null ? null : 'given';
      return [name, shown];
    });
    const outlined = outlinePlan(planned.plan);
    const keyText = JSON.stringify(key);
    expect(plansByKey.get(keyText) ?? outlined).toBe(outlined);
    plansByKey.set(keyText, outlined);
  }
  expect(plansByKey.size).toBe(6);
});

/** The first value in a plan that a variable gives. */
function firstVariable({ plan: made }: PlannedOperation): Value {
  const [field] = made.fields;
  if (field?.kind !== 'select') throw new Error('expected a select');
  const { where } = field.select.set;
  if (where.kind !== 'comparison' || where.right.kind !== 'value') throw new Error('expected a comparison');
  return where.right.value;
}
