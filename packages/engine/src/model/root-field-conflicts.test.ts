import { expect, test } from 'vitest';
import { makeCatalog } from '../../test/support/catalog-fixture.ts';
import type { Metadata, SourceMetadata, TableMetadata } from '../metadata/index.ts';
import { buildModel } from './build-model.ts';
import { findRootFieldConflict } from './root-field-conflicts.ts';
import type { Model } from './types.ts';

const catalog = makeCatalog({
  tables: {
    author: { columns: 'id int4!' },
    article: { columns: 'id int4!' },
    list: { columns: 'id int4!', kind: 'view', primaryKey: [] },
  },
  functions: { search: { arguments: 'words text', returns: 'setof article' } },
});

const plain = (name: string): TableMetadata => ({ table: { schema: 'public', name } });
const called = (name: string, customName: string): TableMetadata => ({
  ...plain(name),
  configuration: { custom_name: customName },
});

function metadataOf(tables: readonly TableMetadata[], more: Partial<SourceMetadata> = {}): Metadata {
  const configuration = { connection_info: { database_url: 'postgres://here' } };
  return { version: 3, sources: [{ name: 'default', kind: 'postgres', tables, configuration, ...more }] };
}

function build(metadata: Metadata, previous: Model | null): Model {
  const options = {
    inferFunctionPermissions: true,
    experimentalFeatures: new Set<string>(),
    defaultNamingConvention: 'hasura-default' as const,
  };
  const catalogs = new Map([['default', catalog]]);
  return buildModel({ metadata, catalogs, enumValues: new Map(), options }, previous);
}

const functions = { functions: [{ function: { schema: 'public', name: 'search' } }] };
const [author, article] = [plain('author'), plain('article')];

const changes: readonly [string, Metadata, Metadata, RegExp | null][] = [
  ['a table more', metadataOf([author]), metadataOf([author, article]), null],
  ['a table less', metadataOf([author, article]), metadataOf([article]), null],
  [
    'a table with the name of another',
    metadataOf([author]),
    metadataOf([author, called('article', 'author')]),
    /'insert_author'/,
  ],
  [
    'one that takes the name of another',
    metadataOf([author, article]),
    metadataOf([called('author', 'article'), article]),
    /'insert_article'/,
  ],
  [
    'two that come with one name',
    metadataOf([plain('list')]),
    metadataOf([plain('list'), called('author', 'x'), called('article', 'x')]),
    /'insert_x'/,
  ],
  [
    'two that change their names',
    metadataOf([author, article]),
    metadataOf([called('author', 'article'), called('article', 'author')]),
    null,
  ],
  [
    'the name of an aggregate',
    metadataOf([author]),
    metadataOf([author, called('list', 'author_aggregate')]),
    /'author_aggregate'/,
  ],
  [
    'the name of a function',
    metadataOf([article], functions),
    metadataOf([article, called('list', 'search')], functions),
    /'search'/,
  ],
  [
    'a function',
    metadataOf([article, called('list', 'search')]),
    metadataOf([article, called('list', 'search')], functions),
    /'search'/,
  ],
  [
    'the name that GraphQL has itself',
    metadataOf([author]),
    metadataOf([author, called('list', '__schema')]),
    /'__schema'/,
  ],
];

test.each(changes)('is found after a model without one: %s', (_, before, after, expected) => {
  const first = build(before, null);
  expect(findRootFieldConflict(first, before)).toBeNull();
  const found = findRootFieldConflict(build(after, first), after, first)?.message;
  expect(found).toBe(findRootFieldConflict(build(after, null), after)?.message);
  if (expected === null) expect(found).toBeUndefined();
  else expect(found).toMatch(expected);
});

test('one that is not mended is found again', () => {
  const meeting = metadataOf([author, called('article', 'author')]);
  const first = build(metadataOf([author]), null);
  expect(findRootFieldConflict(first, metadataOf([author]))).toBeNull();
  const second = build(meeting, first);
  expect(findRootFieldConflict(second, meeting, first)).not.toBeNull();
  expect(findRootFieldConflict(build(meeting, second), meeting, second)).not.toBeNull();
});
