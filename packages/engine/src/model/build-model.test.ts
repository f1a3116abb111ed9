import { describe, expect, test } from 'vitest';
import { type ModelFixture, makeModel, tableOf } from '../../test/support/model-fixture.ts';
import type { TableMetadata } from '../metadata/index.ts';
import { buildModel } from './build-model.ts';
import { findRootFieldConflict } from './root-field-conflicts.ts';
import type { Model } from './types.ts';

const publicTable = (name: string) => ({ schema: 'public', name });

const blog = {
  author: { columns: 'id int4!, name text!, team_a int4, team_b int4' },
  article: {
    columns: 'id int4!, author_id int4!, editor_id int4, title text',
    foreignKeys: { author_id: 'author.id', editor_id: 'author.id' },
  },
  detail: { columns: 'author_id int4!, bio text', foreignKeys: { author_id: 'author.id' } },
};

function reasons(model: Model): readonly string[] {
  return model.inconsistencies.map((each) => each.reason);
}

function withTable(name: string, metadata: Omit<TableMetadata, 'table'>, more: Partial<ModelFixture> = {}) {
  return makeModel({ tables: blog, ...more, tracked: { ...more.tracked, [name]: metadata } });
}

describe('tables', () => {
  test('names come from schema, name and configuration', () => {
    const model = makeModel({
      tables: {
        user: { columns: 'id int4!, "odd text', comment: 'People' },
        'app.user': { columns: 'id int4!' },
        'my-table': { columns: 'id int4!' },
        author: { columns: 'id int4!, rank numeric' },
      },
      tracked: {
        author: {
          configuration: {
            custom_name: 'Writer',
            comment: '',
            column_config: { rank: { custom_name: 'score', comment: '0..1' } },
            custom_root_fields: {
              select: 'writers',
              select_by_pk: { name: 'writer', comment: 'One' },
              insert: null,
            },
          },
        },
      },
    });
    expect(reasons(model)).toEqual([]);
    expect(tableOf(model, 'user').graphqlName).toBe('user');
    expect(tableOf(model, 'user').columns.get('"odd')?.graphqlName).toBeNull();
    expect(tableOf(model, 'app.user').graphqlName).toBe('app_user');
    expect(tableOf(model, 'my-table').graphqlName).toBeNull();
    const author = tableOf(model, 'author');
    expect(author.graphqlName).toEqual({ custom: 'Writer' });
    expect(author.comment).toEqual({ kind: 'none' });
    expect(author.columns.get('rank')).toMatchObject({ graphqlName: 'score', description: '0..1' });
    expect(author.rootFields.select.name).toBe('writers');
    expect(author.rootFields.select_by_pk).toEqual({
      name: 'writer',
      comment: { kind: 'text', text: 'One' },
    });
    expect(author.rootFields.insert.name).toBe('insert_Writer');
    expect(author.rootFields.update_many.name).toBe('update_Writer_many');
  });

  test('identity and generated columns are not written', () => {
    const model = makeModel({ tables: { t: { columns: 'id int4! identity, a int4, b int4 generated' } } });
    const writable = [...tableOf(model, 't').columns.values()].filter((column) => column.isInsertable);
    expect(writable.map((column) => column.name)).toEqual(['a']);
  });

  test('a table that is gone stands in the list for all that is declared for it', () => {
    const model = withTable('gone', {
      object_relationships: [{ name: 'x', using: { foreign_key_constraint_on: 'x_id' } }],
      select_permissions: [{ role: 'user', permission: { columns: '*', filter: {} } }],
    });
    expect(model.inconsistencies).toMatchObject([
      {
        type: 'table',
        name: 'table gone in source default',
        reason: 'Inconsistent object: no such table/view exists in source: "gone"',
        definition: { schema: 'public', name: 'gone' },
        object: { kind: 'table', source: 'default', table: publicTable('gone') },
      },
    ]);
    expect(model.inconsistencies).toHaveLength(1);
  });

  test.each<[NonNullable<TableMetadata['configuration']>, string]>([
    [
      { column_config: { nope: { custom_name: 'x' } } },
      'configuration was given for the column "nope", but no such column exists',
    ],
    [
      { column_config: { id: { custom_name: 'name' } } },
      'the definitions of columns "id" and "name" are in conflict: they are mapped to the same field name, "name"',
    ],
    [
      { custom_root_fields: { select: 'a', insert: 'a', select_by_pk: 'b', delete: { name: 'b' } } },
      'the following custom root field names are duplicated: a and b',
    ],
  ])('configuration %j is inconsistent', (configuration, reason) => {
    const model = withTable('author', { configuration });
    expect(reasons(model)).toEqual([`Inconsistent object: ${reason}`]);
    expect(model.sources.get('default')?.tables.size).toBe(2);
  });
});

describe('relationships', () => {
  const model = makeModel({
    tables: {
      ...blog,
      pair: { columns: 'a int4!, b int4!', primaryKey: ['a', 'b'] },
      half: { columns: 'id int4!, a int4!, b int4!', foreignKeys: { 'a, b': 'pair.a, b' } },
    },
    tracked: {
      article: {
        object_relationships: [
          { name: 'author', using: { foreign_key_constraint_on: 'author_id' } },
          { name: 'editor', using: { foreign_key_constraint_on: ['editor_id'] } },
        ],
      },
      author: {
        object_relationships: [
          {
            name: 'detail',
            using: { foreign_key_constraint_on: { table: publicTable('detail'), column: 'author_id' } },
          },
        ],
        array_relationships: [
          {
            name: 'articles',
            using: { foreign_key_constraint_on: { table: publicTable('article'), columns: ['author_id'] } },
          },
          {
            name: 'namesakes',
            using: {
              manual_configuration: { remote_table: publicTable('author'), column_mapping: { name: 'name' } },
            },
          },
        ],
      },
      half: { object_relationships: [{ name: 'pair', using: { foreign_key_constraint_on: ['b', 'a'] } }] },
    },
  });
  const relationship = (table: string, name: string) => {
    const found = tableOf(model, table).relationships.get(name);
    return (
      found && {
        kind: found.kind,
        target: found.target.name,
        mapping: found.mapping.map(({ from, to }) => `${from.name}=${to.name}`).join(),
        isNullable: found.isNullable,
        insertionOrder: found.insertionOrder,
        constraint: found.constraint,
      }
    );
  };

  test('over foreign keys and by hand', () => {
    expect(reasons(model)).toEqual([]);
    expect(relationship('article', 'author')).toEqual({
      kind: 'object',
      target: 'author',
      mapping: 'author_id=id',
      isNullable: false,
      insertionOrder: 'before-parent',
      constraint: 'article_author_id_fkey',
    });
    expect(relationship('article', 'editor')).toMatchObject({ isNullable: true });
    expect(relationship('author', 'detail')).toMatchObject({
      mapping: 'id=author_id',
      isNullable: true,
      insertionOrder: 'after-parent',
    });
    expect(relationship('author', 'articles')).toMatchObject({ kind: 'array', mapping: 'id=author_id' });
    expect(relationship('author', 'namesakes')).toMatchObject({ mapping: 'name=name', constraint: null });
    expect(relationship('half', 'pair')).toMatchObject({ mapping: 'a=a,b=b', isNullable: false });
  });

  test.each<[Omit<TableMetadata, 'table'>, string]>([
    [
      {
        array_relationships: [
          { name: 'x', using: { foreign_key_constraint_on: { table: publicTable('nope'), column: 'a' } } },
        ],
      },
      'in table "author": in relationship "x": table "nope" does not exist in source: default',
    ],
    [
      {
        array_relationships: [
          {
            name: 'x',
            using: {
              manual_configuration: { remote_table: publicTable('nope'), column_mapping: { id: 'a' } },
            },
          },
        ],
      },
      'table "nope" is not tracked',
    ],
    [
      {
        object_relationships: [
          {
            name: 'x',
            using: {
              manual_configuration: { remote_table: publicTable('author'), column_mapping: { id: 'nope' } },
            },
          },
        ],
      },
      'table "author" has no field named "nope"',
    ],
    [
      { object_relationships: [{ name: 'x', using: { foreign_key_constraint_on: 'name' } }] },
      'in table "author": in relationship "x": no foreign constraint exists on the given column(s)',
    ],
    [
      { object_relationships: [{ name: 'name', using: { foreign_key_constraint_on: 'name' } }] },
      'field definition conflicts with postgres column',
    ],
  ])('%j is inconsistent', (metadata, reason) => {
    expect(reasons(withTable('author', metadata))).toEqual([`Inconsistent object: ${reason}`]);
  });

  test('two foreign keys over the same columns leave no choice', () => {
    const found = makeModel({
      tables: {
        author: { columns: 'id int4!' },
        other: { columns: 'id int4!' },
        article: { columns: 'id int4!, a int4', foreignKeys: { a: 'author.id', ' a': 'other.id' } },
      },
      tracked: {
        article: { object_relationships: [{ name: 'x', using: { foreign_key_constraint_on: 'a' } }] },
      },
    });
    expect(reasons(found)).toEqual([
      'Inconsistent object: in table "article": in relationship "x": more than one foreign key constraint exists on the given column(s)',
    ]);
  });
});

describe('computed fields', () => {
  const functions = {
    full_name: { arguments: 'author_row author, sep text default', returns: 'text' },
    volatile_name: { arguments: 'author_row author', returns: 'text', volatility: 'volatile' as const },
    article_words: { arguments: 'article_row article', returns: 'int4' },
    get_articles: { arguments: 'author_row author', returns: 'setof article' },
    none: { returns: 'text' },
    twice: [
      { arguments: 'author_row author', returns: 'text' },
      { arguments: 'author_row author, a int4', returns: 'text' },
    ],
  };
  const field = (name: string, more: object = {}) => ({
    computed_fields: [{ name: 'x', definition: { function: publicTable(name), ...more } }],
  });

  test('scalars and rows', () => {
    const model = withTable(
      'author',
      {
        computed_fields: [
          { name: 'full_name', definition: { function: publicTable('full_name') } },
          { name: 'get_articles', definition: { function: publicTable('get_articles') }, comment: 'Theirs' },
        ],
      },
      { functions },
    );
    expect(reasons(model)).toEqual([]);
    const { computedFields } = tableOf(model, 'author');
    expect(computedFields.get('full_name')).toMatchObject({
      returns: { kind: 'scalar', type: { name: 'text' } },
      arguments: [{ name: 'sep' }],
      description: 'A computed field, executes function "full_name"',
    });
    expect(computedFields.get('full_name')?.call([null]).arguments).toEqual([{ kind: 'row', name: null }]);
    expect(computedFields.get('get_articles')).toMatchObject({
      returns: { kind: 'rows' },
      description: 'Theirs',
    });
  });

  const cannot = 'the computed field "x" cannot be added to table "author"';
  test.each<[Omit<TableMetadata, 'table'>, string]>([
    [field('nope'), 'no such function exists: "nope"'],
    [field('twice'), 'function "twice" is overloaded. Overloaded functions are not supported'],
    [
      field('volatile_name'),
      `${cannot} because the function "volatile_name" is of type VOLATILE; cannot be added as a computed field`,
    ],
    [field('none'), `${cannot} because the function "none" has no input arguments`],
    [
      field('article_words'),
      `${cannot} because first argument of the function "article_words" of type "article" is not the table to which the computed field is being added`,
    ],
    [
      field('full_name', { table_argument: 'sep', session_argument: 'nope' }),
      `${cannot} for the following reasons:\n  • "sep" argument of the function "full_name" is not COMPOSITE type\n  • "nope" is not an input argument of the function "full_name"\n`,
    ],
  ])('%j is inconsistent', (metadata, reason) => {
    const model = withTable('author', metadata, { functions });
    expect(reasons(model)).toEqual([
      `Inconsistent object: in table "author": in computed field "x": ${reason}`,
    ]);
  });
});

describe('functions', () => {
  const functions = {
    search: { arguments: 'words text, session json', returns: 'setof article' },
    act: { returns: 'setof article', volatility: 'volatile' as const },
    words: { returns: 'text' },
    loose: { arguments: 'a text', returns: 'setof article', isVariadic: true },
  };
  const track = (name: string, configuration = {}, more: Partial<ModelFixture> = {}) =>
    makeModel({
      tables: blog,
      functions,
      ...more,
      source: {
        functions: [{ function: publicTable(name), configuration, permissions: [{ role: 'user' }] }],
      },
      tracked: {
        article: { select_permissions: [{ role: 'user', permission: { columns: '*', filter: {} } }] },
      },
    });

  test('volatility decides where a function is exposed', () => {
    const search = track('search', { session_argument: 'session' })
      .sources.get('default')
      ?.functions.values()
      .next();
    expect(search?.value).toMatchObject({
      exposedAs: 'query',
      sessionArgument: 1,
      rootFields: { function: 'search', aggregate: 'search_aggregate' },
    });
    const act = track('act').sources.get('default')?.functions.values().next();
    expect(act?.value).toMatchObject({ exposedAs: 'mutation' });
  });

  test('who may call it', () => {
    const mayCall = (model: Model, role: string) => {
      const fn = [...(model.sources.get('default')?.functions.values() ?? [])][0];
      return fn !== undefined && model.mayCallFunction(role, fn);
    };
    expect(mayCall(track('search'), 'other')).toBe(true);
    const strict = track('search', {}, { options: { inferFunctionPermissions: false } });
    expect(mayCall(strict, 'other')).toBe(false);
    expect(mayCall(strict, 'user')).toBe(true);
    expect(mayCall(strict, 'admin')).toBe(true);
    expect(mayCall(track('act'), 'other')).toBe(false);
    const heirs = { metadata: { inherited_roles: [{ role_name: 'heir', role_set: ['user'] }] } };
    expect(mayCall(track('act', {}, heirs), 'heir')).toBe(true);
  });

  test.each<[string, object, string]>([
    ['nope', {}, 'no such function exists: "nope"'],
    [
      'words',
      {},
      'the function "words" cannot be tracked because the function does not return a "COMPOSITE" type',
    ],
    [
      'loose',
      {},
      'the function "loose" cannot be tracked because function with "VARIADIC" parameters are not supported',
    ],
    [
      'search',
      { exposed_as: 'mutation', session_argument: 'words' },
      'the function "search" cannot be tracked for the following reasons:\n  • the function was requested to be exposed as a mutation, but is not marked VOLATILE. Maybe the function was given the wrong volatility when it was defined?\n  • given session argument "words" is not of type json\n',
    ],
  ])('%s %j is inconsistent', (name, configuration, reason) => {
    expect(reasons(track(name, configuration))).toEqual([
      `Inconsistent object: in function "${name}": ${reason}`,
    ]);
  });

  test('a permission without that of reading is no fault', () => {
    const model = makeModel({
      tables: blog,
      functions,
      source: { functions: [{ function: publicTable('search'), permissions: [{ role: 'user' }] }] },
    });
    expect(model.inconsistencies).toEqual([]);
  });
});

describe('enum tables', () => {
  const tables = {
    colors: { columns: 'value text!, comment text' },
    car: { columns: 'id int4!, color text', foreignKeys: { color: 'colors.value' } },
  };

  test('columns that refer to one have its values', () => {
    const model = makeModel({
      tables,
      tracked: { colors: { is_enum: true } },
      enumValues: { colors: ['blue', 'red'] },
    });
    expect(reasons(model)).toEqual([]);
    expect(tableOf(model, 'car').columns.get('color')?.enumReference).toMatchObject({
      typeName: 'colors_enum',
      values: [{ value: 'blue' }, { value: 'red' }],
    });
    expect(tableOf(model, 'colors').columns.get('value')?.enumReference).toBeNull();
    expect(tableOf(model, 'colors').enumValues).toHaveLength(2);
  });

  test.each<[string, readonly string[], readonly string[] | undefined, string]>([
    ['value text!', [], undefined, 'because the table must have at least one row'],
    ['value text!', ['a b'], undefined, 'because the value "a b" is not a valid GraphQL enum value name'],
    [
      'value text!',
      ['x y', 'true', 'ok'],
      undefined,
      'because the values "true" and "x y" are not valid GraphQL enum value names',
    ],
    [
      'value text!',
      ['x y', 'true', 'a-b'],
      undefined,
      'because the values a-b, true, and "x y" are not valid GraphQL enum value names',
    ],
    ['value text!', ['a'], [], 'because the table must have a primary key'],
    [
      'value int4!',
      ['a'],
      undefined,
      'for the following reasons:\n  • the table’s primary key ("value") must have type "text", not type "integer"\n  • the table’s comment column ("value") must have type "text", not type "integer"\n',
    ],
    [
      'value int4!, c int4',
      ['a'],
      undefined,
      'for the following reasons:\n  • the table’s primary key ("value") must have type "text", not type "integer"\n  • the table must have exactly one primary key and optionally one comment column, not 2 columns (c, value)\n',
    ],
    [
      'value text!, c int4',
      ['a'],
      undefined,
      'because the table’s comment column ("c") must have type "text", not type "integer"',
    ],
    [
      'b text!, a text!',
      ['a'],
      ['b', 'a'],
      'for the following reasons:\n  • the table’s primary key must not span multiple columns (a, b)\n  • the table must have exactly one primary key and optionally one comment column, not 2 columns (a, b)\n',
    ],
    [
      'a text!, c text!, b text',
      ['a'],
      undefined,
      'because the table must have exactly one primary key and optionally one comment column, not 2 columns (b, c)',
    ],
  ])('columns %s with values %j cannot be an enum', (columns, values, primaryKey, reason) => {
    const model = makeModel({
      tables: { colors: { columns, ...(primaryKey === undefined ? {} : { primaryKey }) } },
      tracked: { colors: { is_enum: true } },
      enumValues: { colors: values },
    });
    expect(reasons(model)).toEqual([
      `Inconsistent object: the table "colors" cannot be used as an enum ${reason}`,
    ]);
  });
});

describe('permissions', () => {
  test('one that does not fit is listed, and its operation is gone', () => {
    const model = withTable('author', {
      select_permissions: [
        { role: 'user', permission: { columns: ['id', 'random'], filter: {} } },
        { role: 'other', permission: { columns: ['id'], filter: {} } },
      ],
      delete_permissions: [{ role: 'user', permission: { filter: { id: 1 } } }],
    });
    expect(model.inconsistencies).toEqual([
      {
        type: 'select_permission',
        name: 'select_permission user in table author in source default',
        reason:
          'Inconsistent object: in table "author": in permission for role "user": column "random" does not exist',
        definition: {
          source: 'default',
          table: publicTable('author'),
          role: 'user',
          comment: null,
          permission: {
            allow_aggregations: false,
            columns: ['id', 'random'],
            computed_fields: [],
            filter: {},
          },
        },
        object: {
          kind: 'permission',
          source: 'default',
          table: publicTable('author'),
          role: 'user',
          operation: 'select',
        },
      },
    ]);
    const author = tableOf(model, 'author');
    expect(model.rulesOf('user', author).select).toBeNull();
    expect(model.rulesOf('user', author).delete).not.toBeNull();
    expect(model.rulesOf('other', author).select).not.toBeNull();
    expect(model.rulesOf('unknown', author)).toEqual({
      select: null,
      insert: null,
      update: null,
      delete: null,
    });
  });

  test('admin has rules that nobody declared, and nobody can declare one for it', () => {
    const model = withTable('author', {
      select_permissions: [{ role: 'admin', permission: { columns: [], filter: {} } }],
    });
    expect(reasons(model)).toEqual([
      'Inconsistent object: in table "author": in permission for role "admin": cannot define permission for admin role',
    ]);
    const rules = model.rulesOf('admin', tableOf(model, 'author'));
    expect(rules.select?.columns.size).toBe(4);
    expect(model.rulesOf('admin', tableOf(model, 'author'))).toBe(rules);
    expect(model.roles.has('admin')).toBe(false);
  });

  test('a filter may go through relationships and _exists to tables without permissions', () => {
    const model = withTable('article', {
      object_relationships: [{ name: 'author', using: { foreign_key_constraint_on: 'author_id' } }],
      select_permissions: [
        {
          role: 'user',
          permission: {
            columns: '*',
            filter: { author: { name: 'x' }, _exists: { _table: 'detail', _where: {} } },
          },
        },
      ],
    });
    expect(reasons(model)).toEqual([]);
    expect(model.rulesOf('user', tableOf(model, 'article')).select).not.toBeNull();
  });
});

describe('inherited roles', () => {
  const permissions = {
    select_permissions: [
      { role: 'user', permission: { columns: ['id'], filter: { id: 1 } } },
      { role: 'editor', permission: { columns: ['name'], filter: {} } },
    ],
    delete_permissions: [
      { role: 'user', permission: { filter: { id: 1 } } },
      { role: 'editor', permission: { filter: {} } },
    ],
  };

  test('are derived, parents first; what the parents define differently is told', () => {
    const model = withTable('author', permissions, {
      metadata: {
        inherited_roles: [
          { role_name: 'chief', role_set: ['both'] },
          { role_name: 'both', role_set: ['user', 'editor'] },
        ],
      },
    });
    expect(model.inconsistencies).toEqual([
      {
        type: 'inherited role permission inconsistency',
        name: 'both',
        reason:
          "Could not inherit permission for the role 'both' for the entity: 'delete permission, table: author, source: 'default''",
        definition: null,
        entity: { permission_type: 'delete', source: 'default', table: 'author' },
        object: null,
      },
    ]);
    const rules = model.rulesOf('chief', tableOf(model, 'author'));
    expect([...(rules.select?.columns.keys() ?? [])]).toEqual(['id', 'name']);
    expect(rules.delete).toBeNull();
    expect([...model.roles]).toEqual(expect.arrayContaining(['user', 'editor', 'both', 'chief']));
  });

  test('with an unknown parent are inconsistent', () => {
    const model = withTable('author', permissions, {
      metadata: { inherited_roles: [{ role_name: 'both', role_set: ['user', 'nope'] }] },
    });
    expect(model.inconsistencies).toMatchObject([
      {
        type: 'inherited_role',
        name: 'inherited_role inherited role both',
        reason:
          'Inconsistent object: in inherited role both: the following parent role(s) are not found: nope which are required to construct the inherited role: "both"',
        definition: { role_name: 'both', role_set: ['user', 'nope'] },
      },
    ]);
    expect(model.rulesOf('both', tableOf(model, 'author')).select).toBeNull();
  });

  test('in a circle are refused', () => {
    const inherited_roles = [
      { role_name: 'intermediate_1', role_set: ['user', 'circular'] },
      { role_name: 'intermediate_2', role_set: ['intermediate_1', 'editor'] },
      { role_name: 'circular', role_set: ['intermediate_2', 'user'] },
    ];
    expect(() => withTable('author', permissions, { metadata: { inherited_roles } })).toThrow(
      'found cycle(s) in roles: ["circular","intermediate_2","intermediate_1","circular"]',
    );
  });
});

describe('sources', () => {
  const options = {
    inferFunctionPermissions: true,
    experimentalFeatures: new Set<string>(),
    defaultNamingConvention: 'hasura-default' as const,
  };

  test('one that cannot be read is listed alone', () => {
    const model = buildModel({
      metadata: {
        version: 3,
        sources: [
          {
            name: 'pg',
            kind: 'postgres',
            tables: [
              {
                table: publicTable('a'),
                select_permissions: [{ role: 'user', permission: { columns: '*', filter: {} } }],
              },
            ],
            configuration: { connection_info: { database_url: 'postgres://nowhere' } },
          },
        ],
      },
      catalogs: new Map([['pg', { error: 'connection error', message: 'refused' }]]),
      enumValues: new Map(),
      options,
    });
    expect(model.inconsistencies).toEqual([
      {
        type: 'source',
        name: 'source pg',
        reason: 'Inconsistent object: connection error',
        definition: 'pg',
        message: 'refused',
        object: { kind: 'source', source: 'pg' },
      },
    ]);
    expect(model.sources.size).toBe(0);
    expect([...model.roles]).toEqual(['user']);
  });

  test('graphql-default is in force only with its experimental feature', () => {
    const source = { customization: { naming_convention: 'graphql-default' as const } };
    expect(tableOf(makeModel({ tables: blog, source }), 'article').rootFields.select_by_pk.name).toBe(
      'article_by_pk',
    );
    const model = makeModel({
      tables: blog,
      source,
      options: { experimentalFeatures: new Set(['naming_convention']) },
    });
    expect(tableOf(model, 'article').columns.get('author_id')?.graphqlName).toBe('authorId');
    expect(tableOf(model, 'article').rootFields.select_by_pk.name).toBe('articleByPk');
  });
});

describe('root fields', () => {
  test('that two tables define are a conflict, mutations first', () => {
    const fixture = {
      tables: { author: { columns: 'id int4!' }, article: { columns: 'id int4!', primaryKey: [] } },
      tracked: { author: { configuration: { custom_name: 'article' } } },
    };
    const conflict = findRootFieldConflict(makeModel(fixture), { version: 3, sources: [] });
    const both = 'defined in [table article in source default, table author in source default]';
    expect(conflict?.message).toBe(
      `Encountered conflicting definitions in the selection set for 'mutation_root' for fields: [\n  'delete_article' ${both},\n  'update_article_many' ${both},\n  'update_article' ${both},\n  'insert_article_one' ${both},\n  'insert_article' ${both}\n]. Fields must not be defined more than once across all sources.`,
    );
    expect(conflict).toMatchObject({ code: 'unexpected', status: 500 });
  });

  test('with different names are none', () => {
    expect(findRootFieldConflict(makeModel({ tables: blog }), { version: 3, sources: [] })).toBeNull();
  });
});
