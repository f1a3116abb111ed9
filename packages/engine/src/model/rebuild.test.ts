import { describe, expect, test } from 'vitest';
import { makeCatalog } from '../../test/support/catalog-fixture.ts';
import { printExpression } from '../../test/support/print-expression.ts';
import { type Catalog, qualifiedKey } from '../catalog/index.ts';
import type { Metadata, TableMetadata } from '../metadata/index.ts';
import { buildModel } from './build-model.ts';
import type { Model } from './types.ts';
import { modelOptions } from '../../test/support/stages.ts';

const inSchema = (name: string) => ({ schema: 'public', name });

const catalog = makeCatalog({
  tables: {
    author: { columns: 'id int4!, name text' },
    article: { columns: 'id int4!, author_id int4', foreignKeys: { author_id: 'author.id' } },
  },
});

const author: TableMetadata = {
  table: inSchema('author'),
  select_permissions: [{ role: 'user', permission: { columns: ['id'], filter: { id: 1 } } }],
};
const article: TableMetadata = {
  table: inSchema('article'),
  object_relationships: [{ name: 'author', using: { foreign_key_constraint_on: 'author_id' } }],
  select_permissions: [{ role: 'user', permission: { columns: ['id'], filter: { author: { name: 'x' } } } }],
};

function metadataOf(tables: readonly TableMetadata[], more: Partial<Metadata> = {}): Metadata {
  const configuration = { connection_info: { database_url: 'postgres://here' } };
  return { version: 3, sources: [{ name: 'default', kind: 'postgres', tables, configuration }], ...more };
}

function build(metadata: Metadata, previous: Model | null, of: Catalog = catalog): Model {
  return buildModel(
    {
      metadata,
      catalogs: new Map([['default', of]]),
      enumValues: new Map(),
      options: modelOptions,
    },
    previous,
  );
}

function table(model: Model, name: string) {
  const found = model.sources.get('default')?.tables.get(qualifiedKey(inSchema(name)));
  if (found === undefined) throw new Error(`${name} is not tracked`);
  return found;
}

function describeModel(model: Model): unknown {
  const tables = [...(model.sources.get('default')?.tables.values() ?? [])];
  return {
    inconsistencies: model.inconsistencies,
    tables: tables.map((each) => ({
      name: each.name,
      columns: [...each.columns.keys()],
      relationships: [...each.relationships.keys()],
      rules: [...model.roles].map((role) => {
        const { select } = model.rulesOf(role, each);
        return select && [role, [...select.columns.keys()], printExpression(select.rows.filter)];
      }),
    })),
  };
}

const first = build(metadataOf([author, article]), null);

describe('a model built after another', () => {
  test('takes over tables and rules that have not changed, and compiles those that have', () => {
    const changed = {
      ...author,
      select_permissions: [{ role: 'user', permission: { columns: ['name'], filter: {} } }],
    };
    const second = build(metadataOf([changed, article]), first);
    expect(table(second, 'author')).toBe(table(first, 'author'));
    const rulesOfArticle = (model: Model) => model.rulesOf('user', table(model, 'article'));
    expect(rulesOfArticle(second)).toBe(rulesOfArticle(first));
    expect([...(second.rulesOf('user', table(second, 'author')).select?.columns.keys() ?? [])]).toEqual([
      'name',
    ]);
    expect([...(first.rulesOf('user', table(first, 'author')).select?.columns.keys() ?? [])]).toEqual(['id']);
    expect(second.id).toBeGreaterThan(first.id);
  });

  test('takes over nothing that refers to a catalogue of before', () => {
    const narrower = makeCatalog({
      tables: { author: { columns: 'id int4!' }, article: { columns: 'id int4!' } },
    });
    const second = build(metadataOf([author, article]), first, narrower);
    expect(table(second, 'author')).not.toBe(table(first, 'author'));
    expect(second.inconsistencies.map((each) => each.type)).toEqual(['object_relation', 'select_permission']);
    expect(second.rulesOf('user', table(second, 'article')).select).toBeNull();
  });

  test('makes nothing anew that only leads to what has changed', () => {
    const articles = {
      name: 'articles',
      using: { foreign_key_constraint_on: { table: inSchema('article'), column: 'author_id' } },
    };
    const second = build(metadataOf([{ ...author, array_relationships: [articles] }, article]), first);
    expect(table(second, 'author')).not.toBe(table(first, 'author'));
    expect(table(second, 'article')).toBe(table(first, 'article'));
    const rulesOfArticle = (model: Model) => model.rulesOf('user', table(model, 'article'));
    // its rule reads a column of the author, which is the same
    expect(rulesOfArticle(second)).toBe(rulesOfArticle(first));
    expect(second.tableAt(table(first, 'author'))).toBe(table(second, 'author'));
  });

  test('knows the rules of its own tables only', () => {
    const renamed = { ...author, configuration: { custom_name: 'writer' } };
    const second = build(metadataOf([renamed, article]), first);
    for (const role of ['admin', 'user', 'nobody']) {
      expect(() => second.rulesOf(role, table(first, 'author'))).toThrow('of another model');
      expect(() => first.rulesOf(role, table(second, 'author'))).toThrow('of another model');
    }
    const without = build(metadataOf([article]), second);
    expect(() => without.tableAt(table(second, 'author'))).toThrow('no table');
  });

  const editions: readonly [string, Metadata][] = [
    ['a table less', metadataOf([author])],
    ['another order', metadataOf([article, author])],
    ['a relationship less', metadataOf([author, { ...article, object_relationships: [] }])],
    ['a column renamed', metadataOf([{ ...author, configuration: { custom_name: 'writer' } }, article])],
    [
      'an inherited role',
      metadataOf([author, article], { inherited_roles: [{ role_name: 'heir', role_set: ['user'] }] }),
    ],
    [
      'an inherited role without its parent',
      metadataOf([author, article], { inherited_roles: [{ role_name: 'heir', role_set: ['nobody'] }] }),
    ],
    [
      'a broken permission',
      metadataOf([
        { ...author, select_permissions: [{ role: 'user', permission: { columns: ['nope'], filter: {} } }] },
        article,
      ]),
    ],
    ['no permissions', metadataOf([{ table: inSchema('author') }, article])],
    ['as it was', metadataOf([author, article])],
  ];

  test.each(editions)('is what it would be without the other: %s', (_, metadata) => {
    expect(describeModel(build(metadata, first))).toEqual(describeModel(build(metadata, null)));
  });

  test('also over a chain of changes', () => {
    let model = first;
    for (const [, metadata] of [...editions, ...editions.toReversed()]) {
      model = build(metadata, model);
      expect(describeModel(model)).toEqual(describeModel(build(metadata, null)));
    }
  });
});
