import { expect, test } from 'vitest';
import { makeModel, tableOf } from '../../test/support/model-fixture.ts';
import { printExpression } from '../../test/support/print-expression.ts';
import type { JsonObject } from '../support/index.ts';
import { definitionAccess } from './expression-access.ts';
import { parseExpression } from './parse-expression.ts';

const model = makeModel({
  tables: {
    author: {
      columns: 'id int4!, name text!, email citext, meta jsonb, raw json, place geometry, area geography',
    },
    article: {
      columns:
        'id int4!, title varchar!, author_id int4, is_published bool!, tags text[], rank numeric, color text, path ltree',
      foreignKeys: { author_id: 'author.id', color: 'colors.value' },
    },
    colors: { columns: 'value text!' },
    'app.system_lock': { columns: 'id int4!, active bool, author_id int4' },
  },
  functions: {
    full_name: { arguments: 'author_row author', returns: 'text' },
    seen_by: { arguments: 'author_row author, session json', returns: 'bool' },
    search: { arguments: 'author_row author, words text', returns: 'text' },
    best_articles: { arguments: 'author_row author', returns: 'setof article' },
  },
  enumValues: { colors: ['red', 'blue'] },
  tracked: {
    author: {
      array_relationships: [
        {
          name: 'articles',
          using: {
            foreign_key_constraint_on: { table: { schema: 'public', name: 'article' }, column: 'author_id' },
          },
        },
      ],
      computed_fields: [
        { name: 'full_name', definition: { function: { schema: 'public', name: 'full_name' } } },
        {
          name: 'seen_by',
          definition: { function: { schema: 'public', name: 'seen_by' }, session_argument: 'session' },
        },
        { name: 'search', definition: { function: { schema: 'public', name: 'search' } } },
        { name: 'best_articles', definition: { function: { schema: 'public', name: 'best_articles' } } },
      ],
    },
    article: {
      object_relationships: [{ name: 'author', using: { foreign_key_constraint_on: 'author_id' } }],
    },
    colors: { is_enum: true },
  },
});

const tables = model.sources.get('default')?.tables;

function parse(table: string, json: JsonObject): string {
  return printExpression(
    parseExpression(
      json,
      tableOf(model, table),
      { findTable: ({ schema, name }) => tables?.get(JSON.stringify([schema, name])) },
      definitionAccess,
    ),
  );
}

test('the fixture is consistent', () => {
  expect(model.inconsistencies).toEqual([]);
});

test.each<[string, JsonObject, string]>([
  ['author', {}, 'true'],
  ['author', { _or: [] }, 'false'],
  ['author', { _not: {} }, 'false'],
  ['author', { id: {} }, 'true'],
  ['author', { _or: [{ id: 1 }, {}] }, 'true'],
  // a variable is needed also where it decides nothing
  ['author', { _or: [{ id: 1 }, { id: 'X-Hasura-Id' }, {}] }, '(true or id eq $x-hasura-id::integer)'],
  ['author', { _and: [{ _or: [] }, { id: 'X-Hasura-Id' }] }, '(false and id eq $x-hasura-id::integer)'],
  [
    'article',
    { _or: [{}, { author: { id: { _in: 'x-hasura-ids' } } }] },
    '(true or exists author[author_id=id](id in $x-hasura-ids::integer[]))',
  ],
  ['author', { id: 5 }, "id eq '5'::integer"],
  ['author', { id: { _eq: 'X-Hasura-User-Id' } }, 'id eq $x-hasura-user-id::integer'],
  ['author', { id: { $eq: 'REQ_USER_ID' } }, 'id eq $x-hasura-user-id::integer'],
  [
    'author',
    { $and: [{ id: { $gt: 1 } }, { id: { _lt: '9' } }] },
    "(id gt '1'::integer and id lt '9'::integer)",
  ],
  ['author', { name: { _like: '%a%', _ne: 'x' } }, "(name like '%a%'::text and name neq 'x'::text)"],
  ['author', { email: { _iregex: '^a' } }, "email iregex '^a'::citext"],
  ['author', { email: { _eq: null } }, 'email eq? null::citext'],
  ['author', { email: null }, 'email eq? null::citext'],
  ['author', { id: { _neq: null } }, 'id neq null::integer'],
  ['author', { id: { _in: [1, '2', null] } }, 'id in \'{"1","2",NULL}\'::integer[]'],
  ['author', { id: { _nin: 'x-hasura-ids' } }, 'id nin $x-hasura-ids::integer[]'],
  ['author', { name: { _in: ['X-Hasura-User'] } }, 'name in \'{"X-Hasura-User"}\'::text[]'],
  ['author', { email: { _is_null: false } }, 'email is not null'],
  ['author', { meta: { _has_key: 'a' } }, "meta has-key 'a'::text"],
  ['author', { meta: { _has_keys_any: 'X-Hasura-Keys' } }, 'meta has-keys-any $x-hasura-keys::text[]'],
  ['author', { meta: { _contains: { a: 1 } } }, 'meta contains \'{"a":1}\'::jsonb'],
  ['author', { meta: { _cast: { String: { _like: '%x%' } } } }, "meta::text like '%x%'::text"],
  [
    'author',
    { place: { _cast: { geography: { _st_intersects: 'x-hasura-area' } } } },
    'place::geography st-intersects $x-hasura-area::geography(geojson)',
  ],
  [
    'author',
    { place: { _st_d_within: { distance: 'X-Hasura-Far', from: { type: 'Point', coordinates: [1, 2] } } } },
    'place st-d-within within $x-hasura-far::double precision of \'{"type":"Point","coordinates":[1,2]}\'::geometry(geojson)',
  ],
  [
    'author',
    { area: { _st_d_within: { distance: 5, from: 'POINT(1 2)', use_spheroid: false } } },
    "area st-d-within within '5'::double precision of 'POINT(1 2)'::geography, 'false'::boolean",
  ],
  ['author', { place: { _in: ['POINT(1 2)'] } }, "place in ['POINT(1 2)'::geometry]"],
  ['article', { tags: { _contains: ['a', 'b'] } }, 'tags contains \'{"a","b"}\'::text[]'],
  ['article', { tags: { _contained_in: 'X-Hasura-Tags' } }, 'tags contained-in $x-hasura-tags::text[]'],
  ['article', { path: { _matches_any: ['a.*'] } }, 'path matches-any \'{"a.*"}\'::lquery[]'],
  ['article', { color: { _in: ['red'] } }, 'color in \'{"red"}\'::text[]'],
  ['article', { color: 'X-Hasura-Color' }, 'color eq $x-hasura-color::text'],
  ['article', { author: {} }, 'exists author[author_id=id](true)'],
  [
    'author',
    { _not: { articles: { _not: { is_published: true } } } },
    "not exists article[id=author_id](not is_published eq 'true'::boolean)",
  ],
  [
    'article',
    { author: { articles: { id: { _ceq: ['$', 'id'] }, author_id: { _cgt: 'id' } } } },
    'exists author[author_id=id](exists article[id=author_id]((id eq root.id and author_id gt current.id)))',
  ],
  [
    'author',
    {
      _exists: {
        _table: { schema: 'app', name: 'system_lock' },
        _where: { author_id: { _ceq: ['$', 'id'] } },
      },
    },
    'exists system_lock[](author_id eq root.id)',
  ],
  ['author', { full_name: { _ilike: 'a%' } }, "full_name(*) ilike 'a%'::text"],
  ['author', { seen_by: true }, "seen_by(*, session-object::json) eq 'true'::boolean"],
  [
    'author',
    { best_articles: { id: { _ceq: ['$', 'author_id'] } } },
    'exists best_articles(*):article{id eq root.author_id}[](true)',
  ],
])('on %s, %j is parsed', (table, json, printed) => {
  expect(parse(table, json)).toBe(printed);
});

test.each<[string, JsonObject, string]>([
  ['author', { nope: 1 }, '"nope" does not exist'],
  ['author', { articles_aggregate: {} }, '"articles_aggregate" does not exist'],
  ['author', { articles: { nope: 1 } }, '"nope" does not exist'],
  ['author', { id: { _foo: 1 } }, 'Unknown operator: _foo'],
  ['author', { meta: { a: 1 } }, 'Unknown operator: a'],
  ['author', { id: { _st_intersects_rast: 1 } }, 'Unknown operator: _st_intersects_rast'],
  [
    'author',
    { id: { _like: '%' } },
    ' is of type "integer"; this operator works only on columns of type "varchar", "text", "citext", "bpchar"',
  ],
  [
    'author',
    { id: { _contains: 1 } },
    ' is of type "integer"; this operator works only on columns of type an array or JSONB',
  ],
  ['author', { raw: { _is_null: true } }, 'JSON column can not be part of boolean expression'],
  ['author', { id: { _cast: { String: {} } } }, 'cannot cast column of type "integer" to type "text"'],
  [
    'author',
    { id: { _ceq: 'name' } },
    'incompatible column types: "id" has type "integer", but "name" has type "text"',
  ],
  ['author', { id: { _ceq: [] } }, 'path cannot be empty'],
  ['author', { id: { _ceq: 5 } }, 'a boolean expression JSON must be either a string or an array'],
  [
    'author',
    { id: { _ceq: ['articles', 'id'] } },
    'Relationship references are not supported in column comparison RHS',
  ],
  ['author', { id: { _ceq: 'nope' } }, 'column "nope" does not exist'],
  ['author', { id: { _ceq: ['$', 'nope'] } }, 'column "nope" does not exist'],
  ['author', { id: { _ceq: ['$'] } }, 'column "$" does not exist'],
  [
    'author',
    { id: { _ceq: 'articles' } },
    'expecting a database column; but, "articles" is a relationship; column operators can only compare postgres columns',
  ],
  [
    'author',
    { search: { _eq: 'x' } },
    'Computed columns with input arguments can not be part of the where clause',
  ],
  [
    'article',
    { color: { _eq: 'green' } },
    'expected one of the values "blue", "red" for type "colors", given "green"',
  ],
  ['author', { id: { _eq: 1.5 } }, 'The value 1.5 lies outside the bounds or is not an integer'],
  ['author', { name: { _eq: 5 } }, 'parsing Text failed, expected String, but encountered Number'],
  ['author', { id: { _in: 5 } }, 'parsing [] failed, expected Array, but encountered Number'],
  ['author', { _and: {} }, 'parsing [] failed, expected Array, but encountered Object'],
  ['author', { articles: null }, 'parsing boolean expression failed, expected Object, but encountered Null'],
  ['author', { _exists: 5 }, 'parsing _exists failed, expected Object, but encountered Number'],
  ['author', { _exists: { _table: 'gone', _where: {} } }, 'table "gone" does not exist'],
  ['author', { _exists: { _table: 'article' } }, 'key "_where" not found'],
  ['author', { id: { _is_null: 'x-hasura-flag' } }, 'expected Bool, but encountered String'],
  ['author', { area: { _st_d_within: { distance: 1, from: 'POINT(1 2)' } } }, 'key "use_spheroid" not found'],
])('on %s, %j is refused', (table, json, message) => {
  expect(() => parse(table, json)).toThrow(message);
});
