import { expect, test } from 'vitest';
import { makeNaming } from './naming.ts';
import type { NamePart } from './types.ts';

const plain = makeNaming(undefined, 'hasura-default');
const cased = makeNaming(undefined, 'graphql-default');

test('hasura-default joins parts with underscores', () => {
  expect(plain.rootFieldName('insert', 'author_detail', 'one')).toBe('insert_author_detail_one');
  expect(plain.typeName({ custom: 'Writer' }, 'bool_exp')).toBe('Writer_bool_exp');
  expect(plain.fieldName('order_by')).toBe('order_by');
  expect(plain.enumValue('asc_nulls_first')).toBe('asc_nulls_first');
});

test.each<[readonly NamePart[], string, string]>([
  [['author', 'aggregate'], 'authorAggregate', 'AuthorAggregate'],
  [['insert', 'author_detail', 'one'], 'insertAuthorDetailOne', 'InsertAuthorDetailOne'],
  [['author', 'by_pk'], 'authorByPk', 'AuthorByPk'],
  [['user_ID'], 'userID', 'UserID'],
  [['Author_x'], 'authorX', 'AuthorX'],
  [['_hello__world'], '_helloWorld', '_helloWorld'],
  [['_st_3d_d_within'], '_st3dDWithin', '_st3dDWithin'],
  [[{ custom: 'table_one' }], 'table_one', 'table_one'],
  [['insert', { custom: 'table_one' }], 'insertTable_one', 'InsertTable_one'],
  [[{ custom: 'table_one' }, 'by_pk'], 'table_oneByPk', 'table_oneByPk'],
])('graphql-default makes %j %s and %s', (parts, field, type) => {
  expect(cased.fieldName(...parts)).toBe(field);
  expect(cased.typeName(...parts)).toBe(type);
});

test('prefixes and suffixes wrap root fields and types, not shared types', () => {
  const customization = {
    root_fields: { namespace: 'pg', prefix: 'x_', suffix: '_y' },
    type_names: { prefix: 'X_', suffix: '_Y' },
  };
  const wrapped = makeNaming(customization, 'hasura-default');
  expect(wrapped.namespace).toBe('pg');
  expect(wrapped.rootFieldName('insert', 'author')).toBe('x_insert_author_y');
  expect(wrapped.rootFieldName({ custom: 'writers' })).toBe('x_writers_y');
  expect(wrapped.typeName('author', 'order_by')).toBe('X_author_order_by_Y');
  expect(wrapped.sharedTypeName('order_by')).toBe('order_by');
  const both = makeNaming(
    { root_fields: { prefix: 'my_app', suffix: 'v1' }, type_names: { prefix: 'my', suffix: 'v1' } },
    'graphql-default',
  );
  expect(both.rootFieldName('author', 'by_pk')).toBe('my_appAuthorByPkV1');
  expect(both.typeName('author', 'bool_exp')).toBe('myAuthorBoolExpV1');
  expect(both.sharedTypeName('String', 'comparison_exp')).toBe('StringComparisonExp');
});

test('enum values are raised in graphql-default', () => {
  expect(cased.enumValue('asc_nulls_first')).toBe('ASC_NULLS_FIRST');
});
