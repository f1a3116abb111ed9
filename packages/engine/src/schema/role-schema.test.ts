import { describe, expect, test } from 'vitest';
import { handMadeModel, type TableDefinition } from '../../test/support/hand-made-model.ts';
import { printedSchema } from '../../test/support/introspect.ts';
import { pgType } from '../../test/support/pg-types.ts';
import type { Model } from '../model/index.ts';
import { createRoleSchema, type RoleSchema, type SchemaFeatures } from './index.ts';

const features: SchemaFeatures = {
  mutations: true,
  disablesPostgresArrays: false,
  hidesUpdateManyFields: false,
  hidesAggregationPredicates: false,
  hidesStreamFields: false,
};

function schemaOf(
  model: Model,
  role: string,
  options: { readonly usesBackendOnly?: boolean; readonly features?: Partial<SchemaFeatures> } = {},
): RoleSchema {
  return createRoleSchema(model, role, {
    usesBackendOnly: options.usesBackendOnly ?? false,
    features: { ...features, ...options.features },
  });
}

/** The toy database of the contract (spec/graphql-api.md). */
const author: TableDefinition = {
  name: 'author',
  columns: 'id int4!, name text!, bio jsonb, rank numeric',
  primaryKey: ['id'],
  unique: { author_name_key: ['name'] },
  relationships: [{ name: 'articles', kind: 'array', target: 'article', mapping: { id: 'author_id' } }],
};
const article: TableDefinition = {
  name: 'article',
  columns: 'id int4!, title text!, author_id int4!, tags text[], published_at timestamptz, editor_id int4',
  primaryKey: ['id'],
  relationships: [
    {
      name: 'author',
      kind: 'object',
      target: 'author',
      mapping: { author_id: 'id' },
      isNullable: false,
    },
    { name: 'editor', kind: 'object', target: 'author', mapping: { editor_id: 'id' } },
  ],
};

describe('printed schemas', () => {
  const golden = (name: string) => `../../test/golden-schema/${name}.graphql`;

  test('admin on the toy database', async () => {
    const schema = schemaOf(handMadeModel({ tables: [author, article] }), 'admin');
    await expect(printedSchema(schema)).toMatchFileSnapshot(golden('toy-admin'));
  });

  test('a role with few columns, presets and no aggregates', async () => {
    const model = handMadeModel({
      tables: [
        {
          ...author,
          permissions: {
            user: { select: { columns: ['name'], filter: { id: 'X-Hasura-User-Id' } } },
          },
        },
        {
          ...article,
          permissions: {
            user: {
              select: { columns: ['id', 'title'], filter: {}, query_root_fields: ['select'] },
              insert: { columns: ['title'], set: { author_id: 'x-hasura-user-id' }, check: {} },
              update: { columns: ['title'], filter: {} },
            },
          },
        },
      ],
    });
    await expect(printedSchema(schemaOf(model, 'user'))).toMatchFileSnapshot(golden('restricted-role'));
  });

  test('cells that an inherited role may find hidden are nullable', async () => {
    const model = handMadeModel({
      tables: [
        {
          name: 'employee',
          columns: 'id int4!, name text!, salary int4!',
          primaryKey: ['id'],
          permissions: { both: { select: { columns: ['id', 'name', 'salary'], filter: {} } } },
        },
      ],
      rulesOf: (role, table, declared) => {
        const rules = declared(role, table);
        if (rules.select === null || role === 'admin') return rules;
        const columns = new Map(rules.select.columns);
        const salary = columns.get('salary');
        if (salary !== undefined) {
          columns.set('salary', { ...salary, visibleWhen: { kind: 'constant', value: false } });
        }
        return { ...rules, select: { ...rules.select, columns } };
      },
    });
    await expect(printedSchema(schemaOf(model, 'both'))).toMatchFileSnapshot(golden('inherited-role'));
  });

  test('views have neither keys nor mutations', async () => {
    const model = handMadeModel({
      tables: [{ name: 'v', kind: 'view', columns: 'id int4, ok bool, ratio float8' }],
    });
    await expect(printedSchema(schemaOf(model, 'admin'))).toMatchFileSnapshot(golden('view'));
  });

  test('enum tables', async () => {
    const model = handMadeModel({
      tables: [
        {
          name: 'colors',
          columns: 'value text!, comment text',
          primaryKey: ['value'],
          enumValues: [
            { value: 'red', comment: '#FF0000' },
            { value: 'blue', comment: null },
          ],
        },
        {
          name: 'users',
          columns: 'id int4!, favorite_color text!',
          primaryKey: ['id'],
          enumReferences: { favorite_color: 'colors' },
          permissions: { user: { select: { columns: '*', filter: {}, allow_aggregations: true } } },
        },
      ],
    });
    await expect(printedSchema(schemaOf(model, 'user'))).toMatchFileSnapshot(golden('enum-table'));
  });

  test('functions and computed fields', async () => {
    const text = { hasDefault: false, ...argumentOf('text') };
    const model = handMadeModel({
      tables: [
        {
          ...author,
          computedFields: [
            { name: 'full_name', returns: { scalar: 'text' } },
            { name: 'score', returns: { scalar: 'int4' } },
            { name: 'settings', returns: { scalar: 'jsonb' }, arguments: [{ ...text, name: 'key' }] },
            { name: 'recent', returns: { rows: 'article' } },
            { name: 'search', returns: { rows: 'article' }, arguments: [{ ...text, name: 'words' }] },
          ],
        },
        { ...article, relationships: [] },
      ],
      functions: [
        {
          name: 'search_articles',
          returns: 'article',
          arguments: [
            { ...text, name: 'words' },
            { ...argumentOf('json'), name: 'session', hasDefault: false },
            { ...argumentOf('int4'), name: null, hasDefault: true },
          ],
          sessionArgument: 1,
        },
        { name: 'latest_article', returns: 'article', returnsSet: false },
        {
          name: 'publish',
          returns: 'article',
          exposedAs: 'mutation',
          arguments: [{ ...argumentOf('int4'), name: 'how_many', hasDefault: true }],
        },
      ],
    });
    await expect(printedSchema(schemaOf(model, 'admin'))).toMatchFileSnapshot(golden('functions'));
  });

  test('PostGIS, ltree and other types', async () => {
    const model = handMadeModel({
      tables: [
        {
          name: 'thing',
          columns:
            'id uuid!, shape geometry, area geography, image raster, path ltree, mood mood, price money, span interval',
          primaryKey: ['id'],
        },
      ],
    });
    await expect(printedSchema(schemaOf(model, 'admin'))).toMatchFileSnapshot(golden('types'));
  });
});

function argumentOf(type: string): { readonly type: ReturnType<typeof pgType> } {
  return { type: pgType(type) };
}
