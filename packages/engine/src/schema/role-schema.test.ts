import { describe, expect, test } from 'vitest';
import { handMadeModel, type TableDefinition } from '../../test/support/hand-made-model.ts';
import { introspect, printedSchema } from '../../test/support/introspect.ts';
import { pgType } from '../../test/support/pg-types.ts';
import type { Model } from '../model/index.ts';
import { createRoleSchema, type RoleSchema, type SchemaFeatures } from './index.ts';
import { schemaFeatures as features } from '../../test/support/stages.ts';

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
  const golden = (name: string) => `../../test/golden-schema/${name}.sdl`;

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
      tables: [
        {
          name: 'v',
          kind: 'view',
          columns: 'id int4, ok bool, ratio float8',
          relationships: [{ name: 'others', kind: 'array', target: 'v', mapping: { id: 'id' } }],
        },
      ],
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

  test('graphql-default names with prefixes and suffixes', async () => {
    const model = handMadeModel({
      convention: 'graphql-default',
      customization: {
        root_fields: { prefix: 'test', suffix: 'query' },
        type_names: { prefix: 'My_', suffix: '_T' },
      },
      tables: [
        {
          name: 'colors',
          columns: 'value text!',
          primaryKey: ['value'],
          enumValues: [{ value: 'red', comment: null }],
        },
        {
          name: 'author_detail',
          columns: 'author_id int4!, settings jsonb, shape geometry, color text',
          primaryKey: ['author_id'],
          enumReferences: { color: 'colors' },
          relationships: [
            {
              name: 'best_friends',
              kind: 'array',
              target: 'author_detail',
              mapping: { author_id: 'author_id' },
            },
          ],
        },
        { name: 'x', columns: 'id int4!', primaryKey: ['id'], customName: 'table_one' },
      ],
      functions: [{ name: 'search_authors', returns: 'author_detail' }],
    });
    await expect(printedSchema(schemaOf(model, 'admin'))).toMatchFileSnapshot(golden('graphql-default'));
  });

  test('graphql-default names of the arguments of computed fields', () => {
    const words = { name: 'some_words', type: pgType('text'), hasDefault: false };
    const user: TableDefinition = {
      name: 'user_account',
      columns: 'id int4!',
      primaryKey: ['id'],
      computedFields: [{ name: 'top_posts', returns: { scalar: 'int4' }, arguments: [words] }],
    };
    const schema = schemaOf(handMadeModel({ convention: 'graphql-default', tables: [user] }), 'admin');
    expect(printedSchema(schema)).toContain('input top_posts_user_account_args {\n  some_words: String\n}');
  });

  test('graphql-default names of aggregate predicates begin as fields do', () => {
    const things: TableDefinition = {
      name: 'gift_ideas',
      columns: 'id int4!, parent int4, removed bool, price float8',
      primaryKey: ['id'],
      relationships: [{ name: 'parts', kind: 'array', target: 'gift_ideas', mapping: { id: 'parent' } }],
    };
    const schema = schemaOf(handMadeModel({ convention: 'graphql-default', tables: [things] }), 'admin');
    const text = printedSchema(schema);
    const predicates = /input GiftIdeasAggregateBoolExp \{([^}]*)\}/
      .exec(text)?.[1]
      ?.trim()
      .split(/\s*\n\s*/);
    expect(predicates).toEqual([
      'avg: giftIdeasAggregateBoolExpAvg',
      'bool_and: giftIdeasAggregateBoolExpBool_and',
      'bool_or: giftIdeasAggregateBoolExpBool_or',
      'corr: giftIdeasAggregateBoolExpCorr',
      'count: giftIdeasAggregateBoolExpCount',
      'covar_samp: giftIdeasAggregateBoolExpCovar_samp',
      'max: giftIdeasAggregateBoolExpMax',
      'min: giftIdeasAggregateBoolExpMin',
      'stddev_samp: giftIdeasAggregateBoolExpStddev_samp',
      'sum: giftIdeasAggregateBoolExpSum',
      'var_samp: giftIdeasAggregateBoolExpVar_samp',
    ]);
    expect(text).toContain('X: GiftIdeasSelectColumnGiftIdeasAggregateBoolExpCorrArgumentsColumns!');
    expect(text).toContain(
      'select "giftIdeasAggregateBoolExpBool_andArgumentsColumns" columns of table "gift_ideas"',
    );
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

describe('what a role may not name is absent', () => {
  const names = (fields: ReadonlyMap<string, unknown> | undefined): string[] => [...(fields?.keys() ?? [])];

  test('an unknown role gets the empty schema', () => {
    const schema = schemaOf(handMadeModel({ tables: [author, article] }), 'stranger');
    expect(names(schema.queryRoot.fields)).toEqual(['no_queries_available']);
    expect(schema.queryRoot.fields.get('no_queries_available')?.meaning).toEqual({
      kind: 'placeholder',
      text: "There are no queries available to the current role. Either there are no sources or remote schemas configured, or the current role doesn't have the required permissions.",
    });
    expect(schema.mutationRoot).toBeNull();
    expect(schema.subscriptionRoot).toBeNull();
    expect(
      introspect(
        schema,
        '{ a: __type(name: "author") { name } m: __type(name: "mutation_root") { name } __schema { mutationType { name } queryType { fields { name } } } }',
      ),
    ).toEqual({
      a: null,
      m: null,
      __schema: { mutationType: null, queryType: { fields: [{ name: 'no_queries_available' }] } },
    });
  });

  test('a table without select permission: related fields vanish, a change sees no column', () => {
    const model = handMadeModel({
      tables: [
        { ...author, permissions: { user: { delete: { filter: {} } } } },
        { ...article, permissions: { user: { select: { columns: ['title'], filter: {} } } } },
      ],
    });
    const schema = schemaOf(model, 'user');
    expect(introspect(schema, '{ __type(name: "article") { fields { name } } }')).toEqual({
      __type: { fields: [{ name: 'title' }] },
    });
    expect(names(schema.mutationRoot?.fields)).toEqual(['delete_author']);
    expect(introspect(schema, '{ __type(name: "author_bool_exp") { inputFields { name } } }')).toEqual({
      __type: { inputFields: [{ name: '_and' }, { name: '_not' }, { name: '_or' }] },
    });
    expect(introspect(schema, '{ __type(name: "author_mutation_response") { fields { name } } }')).toEqual({
      __type: { fields: [{ name: 'affected_rows' }] },
    });
    expect(schema.allTypes().map(({ name }) => name)).not.toContain('author');
    expect(schema.allTypes().map(({ name }) => name)).not.toContain('numeric');
  });

  test('no readable column: rows without arguments that name columns', () => {
    const model = handMadeModel({
      tables: [
        {
          ...author,
          relationships: [],
          permissions: { user: { select: { columns: [], filter: {}, allow_aggregations: true } } },
        },
      ],
    });
    const schema = schemaOf(model, 'user');
    expect(names(schema.queryRoot.fields.get('author')?.arguments)).toEqual([
      'limit',
      'offset',
      'order_by',
      'where',
    ]);
    expect(names(schema.subscriptionRoot?.fields)).toEqual(['author', 'author_aggregate']);
    expect(
      introspect(schema, '{ __type(name: "author_aggregate_fields") { fields { name args { name } } } }'),
    ).toEqual({ __type: { fields: [{ name: 'count', args: [{ name: 'distinct' }] }] } });
  });

  test('root fields are shown as the permission lists them', () => {
    const permission = {
      columns: '*',
      filter: {},
      query_root_fields: ['select_by_pk'],
      subscription_root_fields: [],
    } as const;
    const model = handMadeModel({
      tables: [{ ...author, relationships: [], permissions: { user: { select: permission } } }],
    });
    const schema = schemaOf(model, 'user');
    expect(names(schema.queryRoot.fields)).toEqual(['author_by_pk']);
    expect(schema.subscriptionRoot).toBeNull();
  });

  test('backend-only permissions, directly, nested and in upserts', () => {
    const model = handMadeModel({
      tables: [
        {
          ...author,
          permissions: {
            user: {
              insert: { check: {}, columns: '*', backend_only: true },
              update: { columns: ['name'], filter: {}, backend_only: true },
              delete: { filter: {}, backend_only: true },
            },
          },
        },
        {
          ...article,
          permissions: {
            user: {
              insert: { check: {}, columns: '*' },
              update: { columns: ['title'], filter: {}, backend_only: true },
            },
          },
        },
      ],
    });
    const frontend = schemaOf(model, 'user');
    expect(names(frontend.mutationRoot?.fields)).toEqual(['insert_article']);
    const inputs = '{ __type(name: "article_insert_input") { inputFields { name } } }';
    expect(JSON.stringify(introspect(frontend, inputs))).not.toContain('"author"');
    const updateColumns = '{ __type(name: "article_update_column") { enumValues { name } } }';
    expect(introspect(frontend, updateColumns)).toEqual({
      __type: { enumValues: [{ name: '_PLACEHOLDER' }] },
    });

    const backend = schemaOf(model, 'user', { usesBackendOnly: true });
    expect(names(backend.mutationRoot?.fields)).toEqual([
      'insert_author',
      'update_author',
      'update_author_many',
      'delete_author',
      'insert_article',
      'update_article',
      'update_article_many',
    ]);
    expect(JSON.stringify(introspect(backend, inputs))).toContain('"author"');
    expect(introspect(backend, updateColumns)).toEqual({ __type: { enumValues: [{ name: 'title' }] } });
  });

  test('an update needs no operator, with presets and without', () => {
    const withPresets = { columns: [], filter: {}, set: { title: 'x-hasura-user-id' } };
    for (const update of [withPresets, { columns: [], filter: {} }]) {
      const model = handMadeModel({
        tables: [{ ...article, relationships: [], permissions: { user: { update } } }],
      });
      const root = schemaOf(model, 'user').mutationRoot;
      expect(root === null ? undefined : names(root.fields)).toEqual([
        'update_article',
        'update_article_many',
      ]);
    }
  });

  test('functions need the rows of their table, and mutations a permission of their own', () => {
    const select = { columns: '*', filter: {} } as const;
    const model = handMadeModel({
      tables: [
        { ...article, relationships: [], permissions: { reader: { select }, writer: { select } } },
        author,
      ],
      functions: [
        { name: 'search', returns: 'article' },
        { name: 'authors', returns: 'author' },
        { name: 'publish', returns: 'article', exposedAs: 'mutation', permittedRoles: ['writer'] },
      ].map((fn) => ({
        ...fn,
        exposedAs: fn.exposedAs === 'mutation' ? ('mutation' as const) : ('query' as const),
      })),
    });
    expect(names(schemaOf(model, 'reader').queryRoot.fields)).toEqual(['article', 'article_by_pk', 'search']);
    expect(schemaOf(model, 'reader').mutationRoot).toBeNull();
    expect(names(schemaOf(model, 'writer').mutationRoot?.fields)).toEqual(['publish']);
  });

  test('introspection can be switched off for a role, but not for admin', () => {
    const model = handMadeModel({ tables: [author, article], introspectionDisabledRoles: ['user', 'admin'] });
    expect(schemaOf(model, 'user').queryRoot.metaFields?.has('__schema')).toBe(false);
    expect(schemaOf(model, 'user').queryRoot.metaFields?.has('__type')).toBe(false);
    expect(schemaOf(model, 'admin').queryRoot.metaFields?.has('__schema')).toBe(true);
  });
});

describe('switches', () => {
  const model = handMadeModel({
    tables: [author, article],
    customization: { root_fields: { namespace: 'pg' } },
  });

  test('a namespace holds the fields of its source', () => {
    const schema = schemaOf(model, 'admin');
    expect(introspect(schema, '{ __schema { queryType { fields { name type { kind name } } } } }')).toEqual({
      __schema: {
        queryType: { fields: [{ name: 'pg', type: { kind: 'OBJECT', name: 'pg_query' } }] },
      },
    });
    expect(schema.mutationRoot?.fields.get('pg')?.type).toMatchObject({
      type: { name: 'pg_mutation_frontend' },
    });
    expect(
      schemaOf(model, 'admin', { usesBackendOnly: true }).mutationRoot?.fields.get('pg')?.type,
    ).toMatchObject({ type: { name: 'pg_mutation_backend' } });
  });

  test('features take fields away', () => {
    const plain = handMadeModel({ tables: [author, article] });
    const schema = schemaOf(plain, 'admin', {
      features: {
        disablesPostgresArrays: true,
        hidesUpdateManyFields: true,
        hidesAggregationPredicates: true,
        hidesStreamFields: true,
      },
    });
    const printed = printedSchema(schema);
    expect(printed).toContain('tags: _text\n');
    expect(printed).not.toMatch(/update_\w+_many|_stream|aggregate_bool_exp|String_array_comparison_exp/);
    expect(schemaOf(plain, 'admin', { features: { mutations: false } }).mutationRoot).toBeNull();
  });
});

function argumentOf(type: string): { readonly type: ReturnType<typeof pgType> } {
  return { type: pgType(type) };
}
