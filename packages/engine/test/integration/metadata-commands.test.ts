/** Commands on the metadata and what they refuse. Source: spec/metadata-api.md 1, 3, 4. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type JsonLike, type Project, project } from '../support/project.ts';

let api: Project;
beforeEach(async () => {
  api = await project({
    tables: `
      create table author (id int primary key, name text not null);
      create table article (id int primary key, title text, author_id int references author (id), kind text);
      create table kind (value text primary key, comment text);
      create table no_key (a int);
      insert into kind values ('poem', null);
      insert into author values (1, 'Ann');
      insert into article values (1, 'One', 1, 'poem')`,
    metadata: [
      {
        table: 'author',
        array_relationships: [
          {
            name: 'articles',
            using: { foreign_key_constraint_on: { table: 'article', column: 'author_id' } },
          },
        ],
      },
      {
        table: 'article',
        object_relationships: [{ name: 'author', using: { foreign_key_constraint_on: 'author_id' } }],
        select_permissions: [
          {
            role: 'user',
            permission: { columns: ['title'], filter: { author: { name: { _eq: 'Ann' } } } },
          },
        ],
      },
    ],
  });
});
afterEach(() => api?.close());

const state = async () => {
  const { body } = await api.command('export_metadata', {});
  const version = await api.sql`select resource_version from hdb_catalog.hdb_metadata`;
  return JSON.stringify([body, version]);
};
const at = (table: string, others: { [key: string]: JsonLike } = {}) => ({
  source: 'default',
  table,
  ...others,
});
const permission = { columns: ['id'], filter: {} };

/** type, args, status, code, path, error */
const refusals: readonly [string, JsonLike, number, string, string, string][] = [
  ['pg_track_table', at('author'), 400, 'already-tracked', '$.args', 'view/table already tracked: "author"'],
  [
    'pg_track_table',
    at('nowhere'),
    400,
    'invalid-configuration',
    '$.args',
    'Inconsistent object: no such table/view exists in source: "nowhere"',
  ],
  [
    'pg_untrack_table',
    at('kind'),
    400,
    'already-untracked',
    '$.args',
    'view/table already untracked: "kind"',
  ],
  [
    'pg_untrack_table',
    at('author'),
    400,
    'dependency-error',
    '$.args',
    'cannot drop due to the following dependent objects: permission article.user.select in source "default", relationship article.author in source "default"',
  ],
  [
    'pg_create_object_relationship',
    at('article', { name: 'author', using: { foreign_key_constraint_on: 'author_id' } }),
    400,
    'already-exists',
    '$.args',
    'field with name "author" already exists in table "article"',
  ],
  [
    'pg_create_object_relationship',
    at('article', { name: 'sort', using: { foreign_key_constraint_on: 'kind' } }),
    400,
    'invalid-configuration',
    '$.args',
    'Inconsistent object: in table "article": in relationship "sort": no foreign constraint exists on the given column(s)',
  ],
  [
    'pg_drop_relationship',
    at('article', { relationship: 'nothing' }),
    400,
    'not-exists',
    '$.args',
    'relationship "nothing" does not exist',
  ],
  [
    'pg_drop_relationship',
    at('article', { relationship: 'author' }),
    400,
    'dependency-error',
    '$.args',
    'cannot drop due to the following dependent objects: permission article.user.select in source "default"',
  ],
  [
    'pg_rename_relationship',
    at('article', { name: 'author', new_name: 'title' }),
    400,
    'already-exists',
    '$.args',
    'cannot rename relationship "author" to "title" in table "article" as a column/relationship with the name already exists',
  ],
  [
    'pg_create_select_permission',
    at('article', { role: 'user', permission }),
    400,
    'already-exists',
    '$.args',
    'select permission already defined on table "article" with role "user"',
  ],
  [
    'pg_create_select_permission',
    at('article', { role: 'admin', permission }),
    400,
    'already-exists',
    '$.args',
    'select permission already defined on table "article" with role "admin"',
  ],
  [
    'pg_create_select_permission',
    at('nowhere', { role: 'user', permission }),
    400,
    'not-exists',
    '$.args.table',
    'table "nowhere" does not exist in source: default',
  ],
  [
    'pg_create_select_permission',
    at('author', { role: 'user', permission: { columns: ['zip'], filter: {} } }),
    400,
    'invalid-configuration',
    '$.args',
    'Inconsistent object: in table "author": in permission for role "user": column "zip" does not exist',
  ],
  [
    'pg_drop_select_permission',
    at('author', { role: 'user' }),
    400,
    'permission-denied',
    '$.args',
    'select permission on "author" for role "user" does not exist',
  ],
  [
    'pg_untrack_table',
    { source: 'x', table: 'kind' },
    400,
    'already-untracked',
    '$.args',
    'view/table already untracked: "kind"',
  ],
  [
    'pg_track_function',
    { source: 'x', function: 'f' },
    400,
    'not-exists',
    '$.args',
    '"x" is not a known postgres source',
  ],
  [
    'pg_drop_function_permission',
    { function: 'f', role: 'user' },
    400,
    'not-exists',
    '$.args',
    'permission of role "user" does not exist for function "f" in source: "default"',
  ],
  [
    'pg_drop_relationship',
    at('article', { relationship: 'title' }),
    400,
    'unexpected-payload',
    '$.args',
    'expecting a relationship; but, "title" is a postgres column; ',
  ],
  [
    'pg_drop_computed_field',
    at('article', { name: 'title' }),
    400,
    'unexpected-payload',
    '$.args.name',
    'expecting a computed field; but, "title" is a column',
  ],
  [
    'pg_drop_computed_field',
    at('article', { name: 'author' }),
    400,
    'unexpected-payload',
    '$.args.name',
    'expecting a computed field; but, "author" is a relationship',
  ],
  [
    'pg_delete_remote_relationship',
    at('article', { name: 'x' }),
    400,
    'not-exists',
    '$.args',
    '"x" does not exist',
  ],
  [
    'pg_delete_remote_relationship',
    at('article', { name: 'author' }),
    400,
    'unexpected-payload',
    '$.args',
    'expecting a remote relationship',
  ],
  [
    'pg_create_object_relationship',
    at('article', {
      name: 'x',
      using: { manual_configuration: { remote_table: 'nowhere', column_mapping: { id: 'id' } } },
    }),
    400,
    'invalid-configuration',
    '$.args',
    'Inconsistent object: table "nowhere" is not tracked',
  ],
  [
    'rename_query_collection',
    { name: 'c', new_name: 'd' },
    400,
    'not-exists',
    '$.args',
    'query collection with name "c" does not exist',
  ],
  [
    'add_query_to_collection',
    { collection_name: 'c', query_name: 'q', query: '{ author { id } }' },
    400,
    'not-exists',
    '$.args',
    'query collection with name "c" does not exist',
  ],
  [
    'drop_collection_from_allowlist',
    { collection: 'c' },
    400,
    'not-exists',
    '$.args.collection',
    'query collection with name "c" does not exist',
  ],
  [
    'create_query_collection',
    { name: 'c', definition: { queries: [{ name: 'q', query: '{ author {' }] } },
    400,
    'parse-failed',
    '$.args.definition.queries[0].query',
    'parsing the graphql query failed',
  ],
  [
    'create_query_collection',
    { name: 'c', definition: { queries: [{ name: 'q', query: 1 }] } },
    400,
    'parse-failed',
    '$.args.definition.queries[0].query',
    'expecting String for GraphQL query',
  ],
  [
    'add_collection_to_allowlist',
    { collection: 'c', scope: { global: false } },
    400,
    'parse-failed',
    '$.args.scope',
    "the key 'roles' was not present",
  ],
  [
    'add_collection_to_allowlist',
    { collection: 'c', scope: { global: false, roles: [] } },
    400,
    'parse-failed',
    '$.args.scope.roles',
    'parsing NonEmpty failed, unexpected empty list',
  ],
  [
    'create_rest_endpoint',
    {
      name: 'e',
      url: 'e',
      methods: [],
      definition: { query: { collection_name: 'c', query_name: 'q' } },
    },
    400,
    'parse-failed',
    '$.args.methods',
    'parsing NonEmpty failed, unexpected empty list',
  ],
  [
    'pg_test_connection_template',
    { source_name: 'default', request_context: { session: { 'x-hasura-role': 'user' } } },
    400,
    'not-supported',
    '$.args',
    'Connection templating feature is enterprise edition only',
  ],
  [
    'pause_event_trigger_cleanups',
    { event_triggers: { sources: ['none'] } },
    400,
    'not-exists',
    '$.args',
    'source with name none does not exists',
  ],
  [
    'drop_action_permission',
    { action: 'a', role: 'user' },
    400,
    'not-exists',
    '$.args',
    'permission for role: "user" is not defined on "a"',
  ],
  [
    'reload_metadata',
    { recreate_event_triggers: ['x'] },
    400,
    'not-exists',
    '$.args',
    'Source with name "x" not found in metadata',
  ],
  [
    'reload_metadata',
    { reload_data_connectors: ['x'] },
    400,
    'not-exists',
    '$.args',
    'Data connector with name "x" not found in metadata',
  ],
  [
    'pg_set_table_is_enum',
    at('no_key', { is_enum: true }),
    400,
    'not-exists',
    '$.args',
    'table "no_key" does not exist in source: default',
  ],
  [
    'pg_drop_source',
    { name: 'other' },
    400,
    'not-exists',
    '$.args',
    'source with name "other" does not exist',
  ],
  [
    'rename_source',
    { name: 'other', new_name: 'new' },
    400,
    'not-exists',
    '$.args',
    'Could not find source with name "other"',
  ],
  [
    'add_inherited_role',
    { role_name: 'a', role_set: ['a', 'user'] },
    400,
    'invalid-params',
    '$.args',
    'an inherited role name cannot be in the role combination',
  ],
  [
    'drop_inherited_role',
    { role_name: 'a' },
    400,
    'not-exists',
    '$.args',
    '"a" inherited role doesn\'t exist',
  ],
  [
    'reload_metadata',
    { reload_sources: ['other'] },
    400,
    'not-exists',
    '$.args',
    'Source with name "other" not found in metadata',
  ],
  [
    'drop_query_collection',
    { collection: 'c', cascade: false },
    400,
    'not-exists',
    '$.args.collection',
    'query collection with name "c" does not exist',
  ],
];

test.each(refusals)('%s %j', async (type, args, status, code, path, error) => {
  const before = await state();
  const answer = await api.command(type, args);
  expect(answer.status).toBe(status);
  expect(answer.body).toMatchObject({ error, path, code });
  expect(await state()).toBe(before);
});

test('tracking several tables tells which failed', async () => {
  expect(
    await api.command('pg_track_tables', { tables: [at('kind'), at('nowhere')], allow_warnings: true }),
  ).toMatchObject({
    status: 200,
    body: { message: 'success', warnings: [{ code: 'track-table-failed', type: 'table' }] },
  });
  expect(await api.query('{ kind { value } }')).toEqual({ data: { kind: [{ value: 'poem' }] } });
  expect(
    await api.command('pg_track_tables', { tables: [at('no_key'), at('nowhere')], allow_warnings: false }),
  ).toMatchObject({
    status: 400,
    body: { error: 'failed due to metadata warnings', code: 'metadata-warnings' },
  });
  expect(await api.query('{ no_key { a } }')).toMatchObject({
    errors: [{ message: "field 'no_key' not found in type: 'query_root'" }],
  });
});

describe('untracking several tables', () => {
  const needed = {
    code: 'untrack-table-failed',
    message:
      'cannot drop due to the following dependent objects: permission article.user.select in source "default", relationship article.author in source "default"',
    name: 'table author in source default',
    type: 'table',
  };

  test('asks only for what stays', async () => {
    expect(
      await api.command('pg_untrack_tables', {
        tables: [at('author'), at('article')],
        allow_warnings: false,
      }),
    ).toEqual({ status: 200, body: { message: 'success' } });
    expect(await api.command('export_metadata', {})).toMatchObject({ body: { sources: [{ tables: [] }] } });
  });

  test('untracks what it can and tells the rest', async () => {
    await api.command('pg_track_table', at('kind'));
    expect(await api.command('pg_untrack_tables', { tables: [at('author'), at('kind')] })).toEqual({
      status: 200,
      body: { message: 'success', warnings: [needed] },
    });
    expect(await api.query('{ kind { value } }')).toMatchObject({
      errors: [{ message: "field 'kind' not found in type: 'query_root'" }],
    });
    expect(await api.command('pg_untrack_tables', { tables: [at('author')] })).toEqual({
      status: 400,
      body: {
        error: 'all tables failed to untrack',
        path: '$.args',
        code: 'invalid-configuration',
        internal: [needed],
      },
    });
    expect(await api.command('pg_track_tables', { tables: [] })).toMatchObject({
      status: 400,
      body: { error: 'all tables failed to track', internal: [] },
    });
  });
});

test('an enum table gives its values to the columns that refer to it', async () => {
  await api.runSql('alter table article add foreign key (kind) references kind (value)', {
    check_metadata_consistency: true,
  });
  expect(await api.command('pg_track_table', at('kind', { is_enum: true }))).toMatchObject({ status: 200 });
  expect(await api.query('{ article(where: {kind: {_eq: poem}}) { kind } }')).toEqual({
    data: { article: [{ kind: 'poem' }] },
  });
  await api.sql`insert into kind values ('essay', 'longer')`;
  expect(await api.command('reload_metadata', {})).toMatchObject({ status: 200 });
  expect(await api.query('{ __type(name: "kind_enum") { enumValues { name description } } }')).toEqual({
    data: {
      __type: {
        enumValues: [
          { name: 'essay', description: 'longer' },
          { name: 'poem', description: null },
        ],
      },
    },
  });
});

describe('versions', () => {
  test('rise by one with each change, and once with a bulk', async () => {
    const version = async () => {
      const rows = await api.sql`select resource_version from hdb_catalog.hdb_metadata`;
      return Number(rows[0]?.['resource_version']);
    };
    const before = await version();
    await api.command('pg_track_table', at('kind'));
    expect(await version()).toBe(before + 1);
    await api.command('bulk', [
      { type: 'pg_untrack_table', args: at('kind') },
      { type: 'pg_track_table', args: at('kind') },
      { type: 'pg_track_table', args: at('no_key') },
    ]);
    expect(await version()).toBe(before + 2);
    await api.command('export_metadata', {});
    await api.command('get_inconsistent_metadata', {});
    expect(await version()).toBe(before + 2);
    await api.command('reload_metadata', {});
    expect(await version()).toBe(before + 3);
  });

  const nameless = { configuration: {} };
  test.each<[string, JsonLike]>([
    ['drop_inconsistent_metadata', {}],
    ['pg_set_table_customization', at('author', nameless)],
    ['pg_set_table_is_enum', at('author', { is_enum: false })],
    ['pg_set_relationship_comment', at('author', { relationship: 'articles', comment: null })],
    ['set_graphql_schema_introspection_options', { disabled_for_roles: [] }],
    ['remove_api_limits', {}],
    [
      'bulk',
      [
        { type: 'export_metadata', args: {} },
        { type: 'remove_metrics_config', args: {} },
      ],
    ],
    ['bulk_keep_going', [{ type: 'pg_untrack_table', args: at('nowhere') }]],
  ])('rise also with a change that leaves everything as it was: %s', async (type, args) => {
    const before = JSON.parse(await state());
    expect(await api.command(type, args)).toMatchObject({ status: 200 });
    const [metadata, [{ resource_version: version }]] = JSON.parse(await state());
    expect(metadata).toEqual(before[0]);
    expect(version).toBe(before[1][0].resource_version + 1);
    expect(await api.command('pg_track_table', at('kind'))).toMatchObject({ status: 200 });
  });

  test.each<[string, JsonLike, string]>([
    ['export_metadata', {}, '/v1/metadata'],
    ['get_inconsistent_metadata', {}, '/v1/metadata'],
    ['pg_get_source_tables', { source: 'default' }, '/v1/metadata'],
    ['pg_suggest_relationships', {}, '/v1/metadata'],
    ['set_catalog_state', { type: 'cli', state: {} }, '/v1/metadata'],
    ['bulk', [{ type: 'export_metadata', args: {} }], '/v1/metadata'],
    ['run_sql', { sql: 'select 1' }, '/v2/query'],
    ['run_sql', { sql: 'drop table no_key', check_metadata_consistency: false }, '/v2/query'],
    ['bulk', [{ type: 'run_sql', args: { sql: 'select 1' } }], '/v2/query'],
    ['select', { table: 'author', columns: ['id'] }, '/v1/query'],
  ])('do not rise with what changes no metadata: %s %j', async (type, args, path) => {
    const before = await state();
    expect(await api.command(type, args, path)).toMatchObject({ status: 200 });
    expect(await state()).toBe(before);
  });

  test('rise with SQL after which the metadata is held against the database', async () => {
    const [, [{ resource_version: before }]] = JSON.parse(await state());
    await api.runSql(`comment on table no_key is 'nothing'`);
    const [, [{ resource_version: after }]] = JSON.parse(await state());
    expect(after).toBe(before + 1);
  });

  test.each([
    ['pg_track_table', at('kind')],
    // which would change nothing
    ['drop_inconsistent_metadata', {}],
  ])('that are not the current one are refused with 409: %s', async (type, args) => {
    const response = await api.request('/v1/metadata', { type, args, resource_version: 1 });
    expect([response.status, await response.json()]).toEqual([
      409,
      {
        error: 'metadata resource version referenced (1) did not match current version',
        path: '$',
        code: 'conflict',
      },
    ]);
  });
});

test('kinds of sources are named as their commands are; those of data connectors are not available', async () => {
  const pg = { kind: 'pg', builtin: true, available: true, display_name: 'pg' };
  expect((await api.command('list_source_kinds', {})).body).toEqual({ sources: [pg] });
  const { sources } = (await api.command('export_metadata', {})).body as { sources: JsonLike };
  const backend_configs = { dataconnector: { sqlite: { uri: 'http://127.0.0.1:1' } } };
  await api.command('replace_metadata', { version: 3, sources, backend_configs });
  expect((await api.command('list_source_kinds', {})).body).toEqual({
    sources: [pg, { kind: 'sqlite', builtin: false, available: false, display_name: 'sqlite' }],
  });
});

describe('what is inconsistent', () => {
  const elsewhere = 'postgres://nobody@127.0.0.1:1/nothing';
  const toSource = {
    to_source: {
      relationship_type: 'object',
      source: 'default',
      table: 'author',
      field_mapping: { id: 'id' },
    },
  };
  beforeEach(async () => {
    const { body } = await api.command('export_metadata', {});
    const { sources, ...others } = body as { sources: [{ [key: string]: JsonLike; tables: JsonLike[] }] };
    const [source] = sources;
    const object_relationships = [{ name: 'x', using: { foreign_key_constraint_on: 'x' } }];
    const later = {
      table: { schema: 'public', name: 'later' },
      object_relationships,
      remote_relationships: [{ name: 'away', definition: toSource }],
      computed_fields: [{ name: 'y', definition: { function: 'f' } }],
      select_permissions: [{ role: 'r', permission }],
    };
    const metadata = {
      ...others,
      sources: [
        {
          ...source,
          tables: [...source.tables, later],
          functions: [{ function: { schema: 'public', name: 'later_still' } }],
        },
        {
          name: 'away',
          kind: 'postgres',
          tables: [{ ...later, table: { schema: 'public', name: 'author' } }],
          configuration: { connection_info: { database_url: elsewhere } },
        },
      ],
    };
    const answer = await api.command('replace_metadata', { metadata, allow_inconsistent_metadata: true });
    expect(answer).toMatchObject({ status: 200, body: { is_consistent: false } });
  });

  test('stands in the list for all that belongs to it', async () => {
    const { body } = await api.command('get_inconsistent_metadata', {});
    const { inconsistent_objects: objects } = body as { inconsistent_objects: { name: string }[] };
    expect(objects.map(({ name }) => name).sort()).toEqual([
      'function later_still in source default',
      'source away',
      'table later in source default',
    ]);
  });

  const manual = { manual_configuration: { remote_table: 'author', column_mapping: { id: 'id' } } };
  const additions: readonly [string, { [key: string]: JsonLike }, string][] = [
    ['pg_create_object_relationship', { name: 'x', using: manual }, '$.args'],
    ['pg_create_array_relationship', { name: 'x', using: manual }, '$.args'],
    ['pg_create_remote_relationship', { name: 'x', definition: toSource }, '$.args'],
    ['pg_add_computed_field', { name: 'x', definition: { function: 'f' } }, '$.args.table'],
    ['pg_create_select_permission', { role: 'r', permission }, '$.args.table'],
    ['pg_create_insert_permission', { role: 'r', permission: { check: {}, columns: [] } }, '$.args.table'],
    ['pg_create_delete_permission', { role: 'r', permission: { filter: {} } }, '$.args.table'],
  ];
  test.each(
    additions
      .flatMap(([type, args, path]): [string, JsonLike, string, string][] => [
        [
          type,
          { source: 'default', table: 'later', ...args },
          path,
          'table "later" does not exist in source: default',
        ],
        [
          type,
          { source: 'away', table: 'author', ...args },
          path,
          'table "author" does not exist in source: away',
        ],
      ])
      .concat([
        [
          'pg_track_table',
          { source: 'away', table: 'kind' },
          '$.args',
          'source with name "away" does not exist',
        ],
        [
          'pg_track_function',
          { source: 'away', function: 'f' },
          '$.args',
          '"away" is not a known postgres source',
        ],
        [
          'pg_create_function_permission',
          { source: 'default', function: 'later_still', role: 'r' },
          '$.args',
          'function "later_still" does not exist in source: default',
        ],
      ]),
  )('is not there for what is added: %s %j', async (type, args, path, error) => {
    const before = await state();
    expect(await api.command(type, args)).toEqual({ status: 400, body: { error, path, code: 'not-exists' } });
    expect(await state()).toBe(before);
  });

  test.each([
    ['pg_track_table', { table: 'later' }, 'create table later (id int primary key)', '{ later { id } }'],
    [
      'pg_track_function',
      { function: 'later_still' },
      `create function later_still() returns setof author language sql stable as 'select * from author'`,
      '{ later_still { id } }',
    ],
  ])('can be tracked anew once it fits: %s', async (type, args, sql, query) => {
    await api.runSql(sql, { check_metadata_consistency: false });
    expect(await api.command(type, args)).toEqual({ status: 200, body: { message: 'success' } });
    expect(await api.query(query)).toMatchObject({ data: {} });
    expect(await api.command(type, args)).toMatchObject({ status: 400, body: { code: 'already-tracked' } });
  });
});

test('what is inconsistent already stands in the way of nothing, whatever becomes of it', async () => {
  const { sources } = (await api.command('export_metadata', {})).body as {
    sources: [{ [key: string]: JsonLike; tables: { [key: string]: JsonLike }[] }];
  };
  const [source] = sources;
  const unfit = { columns: ['title'], filter: { nothing_of_the_kind: { _eq: 1 } } };
  const tables = source.tables.map((table) => ({
    ...table,
    select_permissions: [{ role: 'user', permission: unfit }],
  }));
  const metadata = { version: 3, sources: [{ ...source, tables }] };
  await api.command('replace_metadata', { metadata, allow_inconsistent_metadata: true });
  expect(await api.runSql('alter table article rename column title to heading')).toMatchObject({
    status: 200,
  });
  const { inconsistent_objects: objects } = (await api.command('get_inconsistent_metadata', {})).body as {
    inconsistent_objects: { definition: { permission: JsonLike } }[];
  };
  expect(objects.map(({ definition }) => definition.permission)).toContainEqual(
    expect.objectContaining({ columns: ['heading'] }),
  );
});

describe('dropping what is inconsistent', () => {
  test('finds objects whatever their names are', async () => {
    const query = '{ nothing_of_the_kind { id } }';
    const source = ((await api.command('export_metadata', {})).body as { sources: JsonLike[] }).sources;
    const unfit = {
      query_collections: [
        {
          name: 'a in b',
          definition: {
            queries: [
              { name: 'q in c', query },
              { name: 'kept', query: '{ author { id } }' },
            ],
          },
        },
        { name: 'b', definition: { queries: [{ name: 'q in c in a', query }] } },
      ],
      allowlist: ['a in b', 'b'].map((collection) => ({ collection, scope: { global: true } })),
      rest_endpoints: [
        {
          name: 'x',
          url: 'x',
          methods: ['GET'],
          definition: { query: { collection_name: 'a in b', query_name: 'q in c' } },
        },
      ],
      actions: [
        {
          name: 'act',
          definition: {
            kind: 'synchronous',
            type: 'query',
            handler: 'http://127.0.0.1:1',
            output_type: 'No',
          },
          permissions: [{ role: 'one in two' }],
        },
      ],
    };
    const metadata = { version: 3, sources: source, ...unfit };
    const answer = await api.command('replace_metadata', { metadata, allow_inconsistent_metadata: true });
    expect(answer).toMatchObject({ status: 200, body: { is_consistent: false } });
    expect(await api.command('drop_inconsistent_metadata', {})).toEqual({
      status: 200,
      body: { message: 'success' },
    });
    const { body } = await api.command('export_metadata', {});
    expect(body).toEqual({
      version: 3,
      sources: source,
      query_collections: [
        { name: 'a in b', definition: { queries: [{ name: 'kept', query: '{ author { id } }' }] } },
      ],
      allowlist: [{ collection: 'a in b', scope: { global: true } }],
    });
  });
});

describe('bulks', () => {
  test('stop at the first failure and keep nothing', async () => {
    const before = await state();
    expect(
      await api.command('bulk', [
        { type: 'pg_track_table', args: at('kind') },
        { type: 'pg_track_table', args: at('nowhere') },
      ]),
    ).toMatchObject({ status: 400, body: { path: '$.args[1].args', code: 'invalid-configuration' } });
    expect(await state()).toBe(before);
    expect(await api.query('{ kind { value } }')).toMatchObject({
      errors: [{ message: "field 'kind' not found in type: 'query_root'" }],
    });
  });

  test('that keep going keep what went well', async () => {
    expect(
      await api.command('bulk_keep_going', [
        { type: 'pg_track_table', args: at('nowhere') },
        { type: 'pg_track_table', args: at('kind') },
      ]),
    ).toMatchObject({
      status: 200,
      body: [{ code: 'invalid-configuration', path: '$.args' }, { message: 'success' }],
    });
    expect(await api.query('{ kind { value } }')).toEqual({ data: { kind: [{ value: 'poem' }] } });
  });
});

test('errors of an atomic bulk do not tell the item', async () => {
  expect(
    await api.command('bulk_atomic', [
      { type: 'pg_drop_relationship', args: at('author', { relationship: 'articles' }) },
      { type: 'pg_drop_relationship', args: at('author', { relationship: 'nope' }) },
    ]),
  ).toEqual({
    status: 400,
    body: { error: 'relationship "nope" does not exist', path: '$.args', code: 'not-exists' },
  });
});

test('an atomic bulk tells each object that does not fit', async () => {
  const before = await state();
  const using = { manual_configuration: { remote_table: 'nowhere', column_mapping: { id: 'author_id' } } };
  expect(
    await api.command('bulk_atomic', [
      { type: 'pg_drop_relationship', args: at('author', { relationship: 'articles' }) },
      { type: 'pg_create_array_relationship', args: at('author', { name: 'articles', using }) },
    ]),
  ).toEqual({
    status: 400,
    body: {
      error: 'Schema inconsistency',
      path: '$.args',
      code: 'bad-request',
      internal: [
        [
          {
            definition: {
              source: 'default',
              table: { schema: 'public', name: 'author' },
              name: 'articles',
              using: {
                manual_configuration: {
                  column_mapping: { id: 'author_id' },
                  insertion_order: null,
                  remote_table: { schema: 'public', name: 'nowhere' },
                },
              },
              comment: null,
            },
            reason: 'Inconsistent object: table "nowhere" is not tracked',
            name: 'array_relation articles in table author in source default',
            type: 'array_relation',
          },
        ],
      ],
    },
  });
  expect(await state()).toBe(before);
});

test('replacing refuses what does not fit, unless it is allowed to', async () => {
  const before = await state();
  const metadata = JSON.parse(before)[0];
  metadata.sources[0].tables.push({ table: { schema: 'public', name: 'nowhere' } });
  expect(await api.command('replace_metadata', metadata)).toMatchObject({
    status: 400,
    body: {
      error: 'cannot continue due to inconsistent metadata',
      code: 'unexpected',
      internal: [{ name: 'table nowhere in source default', type: 'table' }],
    },
  });
  expect(await state()).toBe(before);
  expect(
    await api.command('replace_metadata', { allow_inconsistent_metadata: true, metadata }),
  ).toMatchObject({
    status: 200,
    body: {
      is_consistent: false,
      inconsistent_objects: [
        {
          definition: { name: 'nowhere', schema: 'public' },
          reason: 'Inconsistent object: no such table/view exists in source: "nowhere"',
          name: 'table nowhere in source default',
          type: 'table',
        },
      ],
    },
  });
  expect(await api.query('{ article { title } }')).toEqual({ data: { article: [{ title: 'One' }] } });
});

test('parts of inherited roles cannot be dropped', async () => {
  await api.command('add_inherited_role', { role_name: 'a', role_set: ['user'] });
  await api.command('add_inherited_role', { role_name: 'b', role_set: ['a', 'user'] });
  expect(await api.command('drop_inherited_role', { role_name: 'a' })).toMatchObject({
    status: 400,
    body: {
      error: 'cannot continue due to new inconsistent metadata',
      code: 'unexpected',
      internal: [{ name: 'inherited_role inherited role b' }],
    },
  });
});

test('a conflict of inherited roles is told, stops nothing, and cannot be dropped', async () => {
  const insert = (role: string, columns: readonly string[]) =>
    api.command('pg_create_insert_permission', at('author', { role, permission: { check: {}, columns } }));
  await insert('a', ['id']);
  await insert('b', ['id', 'name']);
  expect(await api.command('add_inherited_role', { role_name: 'ab', role_set: ['a', 'b'] })).toMatchObject({
    status: 200,
  });
  const conflict = {
    type: 'inherited role permission inconsistency',
    name: 'ab',
    reason:
      "Could not inherit permission for the role 'ab' for the entity: 'insert permission, table: author, source: 'default''",
    entity: { permission_type: 'insert', source: 'default', table: 'author' },
  };
  const told = { is_consistent: false, inconsistent_objects: [conflict] };
  expect(await api.command('get_inconsistent_metadata', {})).toEqual({ status: 200, body: told });
  expect(await api.command('reload_metadata', {})).toEqual({
    status: 200,
    body: { message: 'success', ...told },
  });
  expect(await api.command('drop_inconsistent_metadata', {})).toMatchObject({ status: 200 });
  expect(await api.command('get_inconsistent_metadata', {})).toEqual({ status: 200, body: told });
});

test('a source that cannot be reached answers nothing', async () => {
  const metadata = JSON.parse(await state())[0];
  const configuration = { connection_info: { database_url: { from_env: 'NOWHERE' } } };
  metadata.sources.push({ name: 'broken', kind: 'postgres', tables: [], configuration });
  await api.command('replace_metadata', { allow_inconsistent_metadata: true, metadata });
  const brokenAt = (path: string) => ({
    status: 400,
    body: { error: 'source with name "broken" is inconsistent', path, code: 'unexpected' },
  });
  const args = { source: 'broken', table: 't' };
  expect(await api.command('pg_get_source_tables', args)).toEqual(brokenAt('$.args'));
  expect(await api.command('pg_get_table_info', args)).toEqual(brokenAt('$.args'));
  expect(await api.runSql('select 1', { source: 'broken' })).toEqual(brokenAt('$'));
});

test('a table is described with its types as error texts call them', async () => {
  expect(await api.command('pg_get_table_info', at('article'))).toMatchObject({
    status: 200,
    body: {
      name: { schema: 'public', name: 'article' },
      type: 'table',
      primary_key: ['id'],
      columns: [
        { name: 'id', type: 'integer', nullable: false },
        { name: 'title', type: 'text', nullable: true },
        { name: 'author_id', type: 'integer' },
        { name: 'kind', type: 'text' },
      ],
    },
  });
});

test('dropping what does not fit empties collections, which go with their place in the allow list', async () => {
  const metadata = JSON.parse(await state())[0];
  const queries = (...texts: string[]) => ({
    queries: texts.map((query, index) => ({ name: `q${index}`, query })),
  });
  metadata.query_collections = [
    { name: 'bad', definition: queries('{ nowhere { id } }') },
    { name: 'half', definition: queries('{ nowhere { id } }', '{ author { id } }') },
  ];
  metadata.allowlist = [{ collection: 'bad' }, { collection: 'half' }];
  await api.command('replace_metadata', { allow_inconsistent_metadata: true, metadata });
  expect(await api.command('drop_inconsistent_metadata', {})).toMatchObject({ status: 200 });
  expect(await api.command('export_metadata', {})).toMatchObject({
    body: {
      query_collections: [
        { name: 'half', definition: { queries: [{ name: 'q1', query: '{ author { id } }' }] } },
      ],
      allowlist: [{ collection: 'half', scope: { global: true } }],
    },
  });
});

test('a new event trigger with an odd name is warned of, once', async () => {
  const metadata = JSON.parse(await state())[0];
  metadata.sources[0].tables[0].event_triggers = [
    {
      name: 'odd$name',
      definition: { enable_manual: true },
      retry_conf: { num_retries: 0, interval_sec: 10, timeout_sec: 60 },
      webhook: 'http://localhost/',
    },
  ];
  const warning = {
    code: 'illegal-event-trigger-name',
    message:
      'The event trigger with name "odd$name" may not work as expected, hasura suggests to use only alphanumeric, underscore and hyphens in an event trigger name',
    name: 'event_trigger odd$name in table article in source default',
    type: 'event_trigger',
  };
  expect(await api.command('replace_metadata', metadata)).toEqual({
    status: 200,
    body: { message: 'success', warnings: [warning] },
  });
  expect(await api.command('replace_metadata', metadata)).toEqual({
    status: 200,
    body: { message: 'success' },
  });
});

test('clearing leaves the source without tables', async () => {
  expect(await api.command('clear_metadata', {})).toEqual({ status: 200, body: { message: 'success' } });
  expect(await api.command('export_metadata', {})).toMatchObject({
    body: { version: 3, sources: [{ name: 'default', tables: [] }] },
  });
});

test('a metadata database that cannot write changes nothing', async () => {
  await api.sql`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$`;
  await api.sql`create trigger refuse before update on hdb_catalog.hdb_metadata for each row execute function refuse()`;
  const before = await state();
  for (const [type, args] of [
    ['pg_track_table', at('kind')],
    ['pg_create_select_permission', at('author', { role: 'user', permission })],
    ['clear_metadata', {}],
    ['bulk', [{ type: 'pg_track_table', args: at('kind') }]],
  ] as const) {
    expect([type, await api.command(type, args)]).toMatchObject([
      type,
      { status: 500, body: { error: 'database query error', code: 'unexpected', path: '$.args' } },
    ]);
  }
  expect(await state()).toBe(before);
  expect(await api.query('{ kind { value } }')).toMatchObject({
    errors: [{ message: "field 'kind' not found in type: 'query_root'" }],
  });
  expect(await api.as('user').query('{ author { id } }')).toMatchObject({
    errors: [{ message: "field 'author' not found in type: 'query_root'" }],
  });
  await api.sql`drop trigger refuse on hdb_catalog.hdb_metadata`;
  expect(await api.command('pg_track_table', at('kind'))).toMatchObject({ status: 200 });
  expect(await api.query('{ kind { value } }')).toEqual({ data: { kind: [{ value: 'poem' }] } });
});
