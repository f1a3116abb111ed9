import { expect, test } from 'vitest';
import type { JsonObject } from '../../support/index.ts';
import { decodeMetadata, exportMetadata } from '../document.ts';
import type { Metadata, RelationshipMetadata, SourceMetadata, TableMetadata } from '../types.ts';
import type { CatalogFacts } from './catalog-facts.ts';
import {
  allDependentsOf,
  type DependencyTarget,
  dependenciesOf,
  dependentsOf,
  describe as describeObject,
} from './dependencies.ts';
import { dropColumn, renameColumn, renameInDatabase, renameTable } from './rename.ts';

const named = (name: string) => ({ schema: 'public', name });

const facts: CatalogFacts = {
  columnsOf: () => null,
  foreignKeyOn: (_source, table, columns) =>
    table.name === 'article' && columns.join() === 'author_id'
      ? { name: 'fk', table: named('author'), columns: ['id'] }
      : null,
  tableOfFunction: (_source, fn) => (fn.name === 'latest' ? named('article') : null),
};

const metadata = decodeMetadata({
  version: 3,
  sources: [
    {
      name: 'default',
      configuration: { connection_info: { database_url: 'u' } },
      tables: [
        {
          table: 'author',
          configuration: { column_config: { name: { custom_name: 'called' } } },
          array_relationships: [
            {
              name: 'articles',
              using: { foreign_key_constraint_on: { table: 'article', column: 'author_id' } },
            },
          ],
          computed_fields: [{ name: 'latest', definition: { function: 'latest' } }],
          select_permissions: [
            {
              role: 'reader',
              permission: {
                columns: ['id', 'name'],
                filter: {
                  $or: [
                    { articles: { title: { _eq: 'x' }, _not: { views: { _cgt: ['$', 'score'] } } } },
                    {
                      articles_aggregate: {
                        count: { arguments: ['rank'], filter: { title: { _like: 'a' } } },
                      },
                    },
                    { latest: { title: 'x' } },
                    { _exists: { _table: 'settings', _where: { open: { _eq: true } } } },
                    { score: { _ceq: 'best' } },
                  ],
                },
              },
            },
          ],
        },
        {
          table: 'article',
          object_relationships: [{ name: 'author', using: { foreign_key_constraint_on: 'author_id' } }],
          insert_permissions: [
            {
              role: 'writer',
              permission: {
                check: { author: { id: { _eq: 'X-Hasura-User-Id' } } },
                set: { author_id: 'X-Hasura-User-Id', title: 'draft' },
              },
            },
          ],
          event_triggers: [
            {
              name: 'changed',
              definition: { enable_manual: false, update: { columns: ['title'] } },
              retry_conf: { interval_sec: 1, num_retries: 0 },
              webhook: 'w',
            },
          ],
        },
        { table: 'settings' },
      ],
    },
  ],
});

const column = (table: string, name: string): DependencyTarget => ({
  kind: 'column',
  source: 'default',
  table: named(table),
  name,
});

function dependents(...dropped: DependencyTarget[]): string[] {
  return dependentsOf(dropped, metadata, facts).map((id) =>
    describeObject(id).replace(' in source "default"', ''),
  );
}

test('a column’s dependants are found through relationships, aggregates, functions and comparisons', () => {
  expect(dependents(column('article', 'title'))).toEqual([
    'event-trigger article.changed',
    'permission article.writer.insert',
    'permission author.reader.select',
  ]);
  expect(dependents(column('article', 'rank'))).toEqual(['permission author.reader.select']);
  expect(dependents(column('article', 'views'))).toEqual(['permission author.reader.select']);
  expect(dependents(column('author', 'best'))).toEqual(['permission author.reader.select']);
  expect(dependents(column('author', 'score'))).toEqual(['permission author.reader.select']);
  expect(dependents(column('settings', 'open'))).toEqual(['permission author.reader.select']);
  expect(dependents(column('article', 'author_id'))).toEqual([
    'permission article.writer.insert',
    'relationship article.author',
    'relationship author.articles',
  ]);
  expect(dependents(column('author', 'nothing'))).toEqual([]);
});

test('tables, constraints and functions have dependants, and parts of what is dropped are none', () => {
  const table = (name: string): DependencyTarget => ({
    kind: 'table',
    source: 'default',
    table: named(name),
  });
  expect(dependents(table('settings'))).toEqual(['permission author.reader.select']);
  expect(dependents(table('author'))).toEqual([
    'permission article.writer.insert',
    'relationship article.author',
  ]);
  expect(dependents(table('author'), table('article'))).toEqual([]);
  expect(dependents({ kind: 'constraint', source: 'default', table: named('article'), name: 'fk' })).toEqual([
    'relationship article.author',
    'relationship author.articles',
  ]);
  expect(dependents({ kind: 'database-function', source: 'default', function: named('latest') })).toEqual([
    'computed field author.latest',
  ]);
});

test('with everything that follows', () => {
  const dropped: DependencyTarget = {
    kind: 'database-function',
    source: 'default',
    function: named('latest'),
  };
  expect(allDependentsOf([dropped], metadata, facts).map(describeObject)).toEqual([
    'computed field author.latest in source "default"',
    'permission author.reader.select in source "default"',
  ]);
});

test('only values that are written in the permission tie a column to its type', () => {
  const typed = dependenciesOf(metadata, facts).filter(({ isTyped }) => isTyped);
  const found = typed.map(({ object, on }) => `${describeObject(on)} ← ${describeObject(object)}`);
  expect([...new Set(found)].map((text) => text.replaceAll(' in source "default"', '')).sort()).toEqual([
    'column article.title ← permission article.writer.insert',
    'column article.title ← permission author.reader.select',
    'column settings.open ← permission author.reader.select',
  ]);
});

test('a renamed column is renamed wherever it is named', () => {
  const at = { source: 'default', table: named('article') };
  const once = renameColumn(metadata, { ...at, from: 'title', to: 'heading' }, facts);
  const twice = renameColumn(once, { ...at, from: 'author_id', to: 'writer_id' }, facts);
  const text = JSON.stringify(exportMetadata(twice));
  expect(text).not.toMatch(/"title"|"author_id"/);
  expect(text).toContain('"articles":{"_not":{"views":{"_cgt":["$","score"]}},"heading":{"_eq":"x"}}');
  expect(text).toContain('"latest":{"heading":"x"}');
  expect(text).toContain('"columns":["heading"]');
  expect(text).toContain('"foreign_key_constraint_on":{"column":"writer_id"');
  const back = renameColumn(
    renameColumn(twice, { ...at, from: 'heading', to: 'title' }, facts),
    { ...at, from: 'writer_id', to: 'author_id' },
    { ...facts, foreignKeyOn: () => ({ name: 'fk', table: named('author'), columns: ['id'] }) },
  );
  expect(exportMetadata(back)).toEqual(exportMetadata(metadata));
});

test('names of other tables’ columns stay', () => {
  const renamed = renameColumn(
    metadata,
    { source: 'default', table: named('author'), from: 'title', to: 'heading' },
    facts,
  );
  expect(exportMetadata(renamed)).toEqual(exportMetadata(metadata));
});

test('a renamed column keeps its configuration', () => {
  const renamed = renameColumn(
    metadata,
    { source: 'default', table: named('author'), from: 'name', to: 'full_name' },
    facts,
  );
  expect(renamed.sources[0]?.tables[0]?.configuration?.column_config).toEqual({
    full_name: { custom_name: 'called' },
  });
  const dropped = dropColumn(renamed, { source: 'default', table: named('author'), column: 'full_name' });
  expect(dropped.sources[0]?.tables[0]?.configuration?.column_config).toEqual({});
});

test('a renamed table is renamed as target, in _exists and as itself', () => {
  const renamed = renameTable(
    renameTable(
      metadata,
      { source: 'default', from: named('article'), to: { schema: 'blog', name: 'post' } },
      facts,
    ),
    { source: 'default', from: named('settings'), to: named('options') },
    facts,
  );
  const text = JSON.stringify(exportMetadata(renamed) as JsonObject);
  expect(text).not.toMatch(/"article"|"settings"/);
  expect(text).toContain('"table":{"name":"post","schema":"blog"}}}');
  expect(text).toContain('"_table":{"name":"options","schema":"public"}');
});

test('several renames at once: names may be swapped, relationships are found by their old names', () => {
  const article = named('article');
  const renamed = renameInDatabase(
    metadata,
    {
      source: 'default',
      tables: [{ from: named('author'), to: named('writer') }],
      columns: [
        { table: article, from: 'author_id', to: 'writer_id' },
        { table: article, from: 'title', to: 'views' },
        { table: article, from: 'views', to: 'title' },
        { table: named('author'), from: 'id', to: 'key' },
      ],
    },
    facts,
  );
  const text = JSON.stringify(exportMetadata(renamed));
  expect(text).toContain('"check":{"author":{"key":{"_eq":"X-Hasura-User-Id"}}}');
  expect(text).toContain('"articles":{"_not":{"title":{"_cgt":["$","score"]}},"views":{"_eq":"x"}}');
  expect(text).toContain('"foreign_key_constraint_on":"writer_id"');
  expect(text).toContain('"table":{"name":"writer","schema":"public"}');
});

test('what was found before is found anew where something that it depends on has changed', () => {
  let identity = {};
  let kept: CatalogFacts = { ...facts, identityOf: () => identity };
  const source = (document: Metadata): SourceMetadata => document.sources[0] as SourceMetadata;
  const withTables = (tables: readonly TableMetadata[]): Metadata => ({
    ...metadata,
    sources: [{ ...source(metadata), tables }],
  });
  const { tables } = source(metadata);
  const [first, article, settings] = tables as readonly [TableMetadata, TableMetadata, TableMetadata];
  const filter = { articles: { author: { latest: { title: { _eq: 'x' } } } } };
  const author: TableMetadata = {
    ...first,
    select_permissions: [{ role: 'reader', permission: { columns: ['id'], filter } }],
  };
  const through = (using: RelationshipMetadata['using']): TableMetadata => ({
    ...article,
    object_relationships: [{ name: 'author', using }],
  });
  const documents: readonly (() => Metadata)[] = [
    () => withTables([author, article, settings]),
    // those that the permission of another table goes through, which itself is as before
    () => withTables([author, { ...article, object_relationships: [] }, settings]),
    () =>
      withTables([
        author,
        through({
          manual_configuration: {
            remote_table: named('settings'),
            column_mapping: {},
            insertion_order: null,
          },
        }),
        settings,
      ]),
    () => withTables([author, article, settings]),
    () => withTables([{ ...author, computed_fields: [] }, article, settings]),
    () => metadata,
    // one that is not there any more, and there again
    () => withTables([article, settings]),
    () => withTables([author]),
    () => withTables([settings, article, author]),
    () => ({ ...metadata, sources: [{ ...source(metadata), name: 'other' }] }),
    () => metadata,
    () => {
      identity = {};
      kept = { ...kept, foreignKeyOn: () => null, tableOfFunction: () => named('settings') };
      return metadata;
    },
    () => withTables([author, article, settings]),
  ];
  for (const document of documents) {
    const current = document();
    const { identityOf: _identity, ...fresh } = kept;
    expect(dependenciesOf(current, kept)).toEqual(dependenciesOf(current, fresh));
    expect(dependenciesOf(current, kept)).toEqual(dependenciesOf(current, fresh));
  }
});

test('the second search of a document looks nothing up', () => {
  const identity = {};
  let lookups = 0;
  const counting: CatalogFacts = {
    ...facts,
    identityOf: () => identity,
    foreignKeyOn: (...args) => {
      lookups += 1;
      return facts.foreignKeyOn(...args);
    },
  };
  dependenciesOf(metadata, counting);
  const before = lookups;
  expect(before).toBeGreaterThan(0);
  dependentsOf([column('article', 'title')], metadata, counting);
  expect(lookups).toBe(before);
});
