import { expect, test } from 'vitest';
import { makeModel, tableOf } from '../../test/support/model-fixture.ts';
import { printExpression, printValue } from '../../test/support/print-expression.ts';
import type { InsertPermission, SelectPermission, UpdatePermission } from '../metadata/index.ts';
import { RuleCompiler } from './compile-rules.ts';

const model = makeModel({
  tables: {
    author: { columns: 'id int4! identity, name text!, email text, total int4 generated, meta jsonb' },
    article: { columns: 'id int4!, author_id int4', foreignKeys: { author_id: 'author.id' } },
    log: { columns: 'line text', primaryKey: [] },
  },
  functions: {
    full_name: { arguments: 'author_row author', returns: 'text' },
    get_articles: { arguments: 'author_row author', returns: 'setof article' },
  },
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
        { name: 'get_articles', definition: { function: { schema: 'public', name: 'get_articles' } } },
      ],
    },
  },
});

const compiler = new RuleCompiler(tableOf(model, 'author'), { findTable: () => undefined });
const select = (permission: Partial<SelectPermission>, role = 'user') =>
  compiler.select(role, { columns: [], filter: {}, ...permission });
const insert = (permission: Partial<InsertPermission>) =>
  compiler.insert('user', { check: {}, ...permission });
const update = (permission: Partial<UpdatePermission>) =>
  compiler.update('user', { columns: [], filter: {}, ...permission });

test('a select rule has what is declared and nothing else', () => {
  const rule = select({
    columns: ['email', 'id'],
    computed_fields: ['full_name'],
    filter: { id: 'x-hasura-id' },
    limit: 5,
  });
  expect([...rule.columns.keys()]).toEqual(['id', 'email']);
  expect([...rule.computedFields.keys()]).toEqual(['full_name']);
  expect(printExpression(rule.rows.filter)).toBe('id eq $x-hasura-id::integer');
  expect(rule).toMatchObject({ role: 'user', limit: 5, allowsAggregations: false });
  expect([...rule.queryRootFields]).toEqual(['select', 'select_by_pk', 'select_aggregate']);
});

test('a star means every column, without computed fields', () => {
  const rule = select({ columns: '*' });
  expect([...rule.columns.keys()]).toEqual(['id', 'name', 'email', 'total', 'meta']);
  expect(rule.computedFields.size).toBe(0);
});

test('root fields can be switched off', () => {
  expect(select({ query_root_fields: [] }).queryRootFields.size).toBe(0);
  const rule = select({
    columns: ['id'],
    query_root_fields: ['select_by_pk'],
    subscription_root_fields: ['select_stream'],
  });
  expect([...rule.queryRootFields]).toEqual(['select_by_pk']);
  expect([...rule.subscriptionRootFields]).toEqual(['select_stream']);
});

test.each<[Partial<SelectPermission>, string]>([
  [{ columns: ['nope'] }, 'column "nope" does not exist'],
  [
    { columns: ['articles'] },
    'expecting a database column; but, "articles" is a relationship; permissions for relationships are automatically inferred',
  ],
  [
    { columns: ['full_name'] },
    'expecting a database column; but, "full_name" is a computed field; permissions for relationships are automatically inferred',
  ],
  [{ columns: ['nope'], filter: { wrong: 1 }, computed_fields: ['random'] }, '"wrong" does not exist'],
  [{ computed_fields: ['random'] }, 'computed field "random" does not exist'],
  [{ computed_fields: ['id'] }, 'expecting a computed field; but, "id" is a column'],
  [{ computed_fields: ['articles'] }, 'expecting a computed field; but, "articles" is a relationship'],
  [
    { computed_fields: ['get_articles'] },
    'select permissions on computed field "get_articles" are auto-derived from the permissions on its returning table "article" and cannot be specified manually',
  ],
  [{ filter: { nope: 1 } }, '"nope" does not exist'],
  [{ limit: -1 }, 'unexpected negative value'],
  [
    { columns: ['name'], query_root_fields: ['select_by_pk'] },
    'The "select_by_pk" field cannot be included in the query_root_fields or subscription_root_fields because the role "user" does not have access to the primary key of the table "author" in the source "default"',
  ],
  [
    { columns: ['id'], subscription_root_fields: ['select_aggregate'] },
    'The "select_aggregate" root field can only be enabled in the query_root_fields or  the subscription_root_fields when "allow_aggregations" is set to true',
  ],
])('select %j is refused', (permission, message) => {
  expect(() => select(permission)).toThrow(message);
});

test('no permission can be defined for admin', () => {
  expect(() => select({}, 'admin')).toThrow('cannot define permission for admin role');
});

test('insert: presets leave the columns, generated ones are never there', () => {
  const rule = insert({ set: { email: 'X-Hasura-Email', meta: { a: 1 } } });
  expect([...rule.columns.keys()]).toEqual(['name']);
  expect([...rule.presets].map(([name, value]) => [name, printValue(value)])).toEqual([
    ['email', '$x-hasura-email::text'],
    ['meta', '\'{"a":1}\'::jsonb'],
  ]);
});

test.each<[Partial<InsertPermission>, string]>([
  [{ columns: ['id'] }, 'Column "id" is not insertable and so cannot have insert permissions defined'],
  [
    { columns: ['articles'] },
    'Only table columns can have insert permissions defined, not relationships or other field types',
  ],
  [{ columns: ['nope'] }, 'column "nope" does not exist'],
  [{ set: { nope: 1 } }, 'column "nope" does not exist'],
  [
    { set: { articles: 1 } },
    'expecting a database column; but, "articles" is a relationship; column "articles" not found in table "author"',
  ],
  [{ set: { name: 5 } }, 'parsing Text failed, expected String, but encountered Number'],
])('insert %j is refused', (permission, message) => {
  expect(() => insert(permission)).toThrow(message);
});

test('update: no check and an empty check differ', () => {
  expect(update({}).check).toBeNull();
  expect(update({ check: null }).check).toBeNull();
  expect(update({ check: {} }).check).toEqual({ kind: 'constant', value: true });
  expect(() => update({ columns: ['total'] })).toThrow(
    'Column "total" is not updatable and so cannot have update permissions defined',
  );
});

test('a webhook is carried along', () => {
  const definition = {
    url: '{{HOST}}/x',
    headers: [{ name: 'k', value_from_env: 'K' }],
    timeout: 5,
    forward_client_headers: false,
  };
  expect(insert({ validate_input: { type: 'http', definition } }).validation).toEqual({
    url: '{{HOST}}/x',
    headers: [{ name: 'k', value_from_env: 'K' }],
    timeoutSeconds: 5,
    forwardsClientHeaders: false,
  });
});

test('roles with equal lists and filters share their parts', () => {
  const one = select({ columns: ['id', 'name'], filter: { id: 1 } }, 'one');
  const two = select({ columns: ['name', 'id'], filter: { id: 1 } }, 'two');
  expect(two.columns).toBe(one.columns);
  expect(two.rows).toBe(one.rows);
});

test('admin may do all', () => {
  const rules = compiler.admin();
  expect(rules.select?.columns.size).toBe(5);
  expect([...(rules.select?.computedFields.keys() ?? [])]).toEqual(['full_name']);
  expect(rules.select?.rows.filter).toEqual({ kind: 'constant', value: true });
  expect([...(rules.insert?.columns.keys() ?? [])]).toEqual(['name', 'email', 'meta']);
});
