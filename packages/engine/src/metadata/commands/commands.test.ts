import { expect, test } from 'vitest';
import { type Json, type JsonObject, RequestError, stringifyJson } from '../../support/index.ts';
import { type CatalogFacts, noCatalogFacts } from '../dependencies/index.ts';
import { decodeMetadata, exportMetadata } from '../document.ts';
import { parseCommand } from '../parse-command.ts';
import type { Metadata } from '../types.ts';
import type { CommandOutcome } from './command.ts';

/** author(id, name) ← article(id, author_id); the function search returns articles, word_count is a number. */
const facts: CatalogFacts = {
  ...noCatalogFacts,
  columnsOf: (_source, { name }) =>
    name === 'author' ? new Set(['id', 'name']) : name === 'article' ? new Set(['id', 'author_id']) : null,
  foreignKeyOn: (_source, table, columns) =>
    table.name === 'article' && columns.join() === 'author_id'
      ? { name: 'article_author_id_fkey', table: { schema: 'public', name: 'author' }, columns: ['id'] }
      : null,
  tableOfFunction: (_source, fn) => (fn.name === 'search' ? { schema: 'public', name: 'article' } : null),
};

const configuration = { connection_info: { database_url: 'u' } };

const project: Json = {
  version: 3,
  sources: [
    {
      name: 'default',
      tables: [
        {
          table: 'author',
          array_relationships: [
            {
              name: 'articles',
              using: { foreign_key_constraint_on: { table: 'article', column: 'author_id' } },
            },
          ],
          computed_fields: [{ name: 'word_count', definition: { function: 'word_count' } }],
          select_permissions: [
            { role: 'user', permission: { columns: ['id'], computed_fields: ['word_count'], filter: {} } },
          ],
        },
        {
          table: 'article',
          object_relationships: [{ name: 'author', using: { foreign_key_constraint_on: 'author_id' } }],
          select_permissions: [
            {
              role: 'user',
              permission: { columns: ['id'], filter: { author: { id: { _eq: 'X-Hasura-User-Id' } } } },
            },
          ],
        },
      ],
      functions: [{ function: 'search' }],
      configuration,
    },
    { name: 'other', tables: [], configuration },
  ],
  query_collections: [{ name: 'c', definition: { queries: [{ name: 'q', query: '{ author { id } }' }] } }],
  allowlist: [{ collection: 'c' }],
  inherited_roles: [{ role_name: 'b', role_set: ['c'] }],
};

const metadata = decodeMetadata(project);

function run(body: JsonObject, on: Metadata = metadata): CommandOutcome {
  const endpoint =
    String(body['type']).startsWith('pg_') || body['at'] === 'metadata' ? 'metadata' : 'v1-query';
  const command = parseCommand(body, endpoint);
  if (command.kind !== 'metadata') throw new Error(`${command.kind} command`);
  return command.apply(on, { catalog: facts, resourceVersion: 12, inconsistent: new Set() });
}

function faultOf(body: JsonObject, on: Metadata = metadata): string {
  try {
    run(body, on);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return `${error.status} ${error.code} ${error.path.toString()} ${error.message}`;
  }
  return 'no error';
}

test.each<[string, Json, string]>([
  // sources
  [
    'pg_add_source',
    { name: 'other', configuration },
    '400 already-exists $.args source with name "other" already exists',
  ],
  ['pg_update_source', { name: 'x' }, '400 not-exists $.args source with name "x" does not exist'],
  ['pg_drop_source', { name: 'x' }, '400 not-exists $.args source with name "x" does not exist'],
  [
    'rename_source',
    { name: 'x', new_name: 'y' },
    '400 not-exists $.args Could not find source with name "x"',
  ],
  [
    'rename_source',
    { name: 'other', new_name: 'default' },
    '400 already-exists $.args Source with name "default" already exists',
  ],
  // tables
  ['track_table', 'author', '400 already-tracked $.args view/table already tracked: "author"'],
  ['track_table', { name: 'search' }, '400 not-supported $.args function with name "search" already exists'],
  [
    'pg_track_table',
    { source: 'x', table: 't' },
    '400 not-exists $.args source with name "x" does not exist',
  ],
  [
    'untrack_table',
    { table: { schema: 's', name: 't' } },
    '400 already-untracked $.args view/table already untracked: "s.t"',
  ],
  [
    'untrack_table',
    { table: 'author' },
    '400 dependency-error $.args cannot drop due to the following dependent objects: permission article.user.select in source "default", relationship article.author in source "default"',
  ],
  [
    'untrack_table',
    { table: { name: 'article' } },
    '400 dependency-error $.args cannot drop due to the following dependent objects: function search in source "default", relationship author.articles in source "default"',
  ],
  [
    'set_table_customization',
    { table: 'author1', configuration: {} },
    '400 not-exists $.args table "author1" does not exist in source: default',
  ],
  [
    'pg_set_table_is_enum',
    { source: 'x', table: 't', is_enum: true },
    '400 not-exists $.args table "t" does not exist in source: x',
  ],
  // relationships
  [
    'create_object_relationship',
    { table: 'article', name: 'author', using: { foreign_key_constraint_on: 'author_id' } },
    '400 already-exists $.args field with name "author" already exists in table "article"',
  ],
  [
    'create_array_relationship',
    {
      table: 'author',
      name: 'name',
      using: { foreign_key_constraint_on: { table: 'article', column: 'x' } },
    },
    '400 already-exists $.args field with name "name" already exists in table "author"',
  ],
  [
    'drop_relationship',
    { table: 'article', relationship: 'x' },
    '400 not-exists $.args relationship "x" does not exist',
  ],
  [
    'drop_relationship',
    { table: 'article', relationship: 'author' },
    '400 dependency-error $.args cannot drop due to the following dependent objects: permission article.user.select in source "default"',
  ],
  [
    'rename_relationship',
    { table: 'article', name: 'author', new_name: 'id' },
    '400 already-exists $.args cannot rename relationship "author" to "id" in table "article" as a column/relationship with the name already exists',
  ],
  // permissions
  [
    'create_select_permission',
    { table: 'author', role: 'admin', permission: { columns: '*', filter: {} } },
    '400 already-exists $.args select permission already defined on table "author" with role "admin"',
  ],
  [
    'create_select_permission',
    { table: 'author', role: 'user', permission: { columns: '*', filter: {} } },
    '400 already-exists $.args select permission already defined on table "author" with role "user"',
  ],
  [
    'pg_create_delete_permission',
    { source: 'x', table: 'author', role: 'user', permission: { filter: {} } },
    '400 not-exists $.args.table table "author" does not exist in source: x',
  ],
  [
    'drop_insert_permission',
    { table: 'author', role: 'user' },
    '400 permission-denied $.args insert permission on "author" for role "user" does not exist',
  ],
  [
    'set_permission_comment',
    { table: 'author', role: 'x', type: 'select', comment: 'c' },
    '400 permission-denied $.args \'select\' permission on "author" for role "x" does not exist',
  ],
  // functions and computed fields
  ['track_function', 'search', '400 already-tracked $.args function already tracked: "search"'],
  [
    'track_function',
    { name: 'author', schema: 'public' },
    '400 not-supported $.args table with name "author" already exists',
  ],
  [
    'pg_create_function_permission',
    { function: 'search', role: 'editor' },
    '400 not-supported $.args function permission can only be added when the function\'s return table "article" has select permission configured for role: "editor"',
  ],
  [
    'drop_computed_field',
    { table: 'random', name: 'x' },
    '400 not-exists $.args.table table "random" does not exist in source: default',
  ],
  [
    'drop_computed_field',
    { table: 'author', name: 'random' },
    '400 not-exists $.args.name computed field "random" does not exist',
  ],
  [
    'drop_computed_field',
    { table: 'author', name: 'word_count' },
    '400 dependency-error $.args cannot drop due to the following dependent objects: permission author.user.select in source "default"',
  ],
  // native queries
  [
    'pg_untrack_native_query',
    { root_field_name: 'n' },
    '400 not-found $.args Native query "n" not found in source "default".',
  ],
  ['pg_get_logical_model', { source: 's' }, "400 not-found $.args Source 's' of kind postgres not found."],
  // collections
  [
    'create_query_collection',
    { name: 'c', definition: { queries: [] } },
    '400 already-exists $.args.name query collection with name "c" already exists',
  ],
  [
    'create_query_collection',
    {
      name: 'd',
      definition: {
        queries: [
          { name: 'q', query: '{ a }' },
          { name: 'q', query: '{ b }' },
        ],
      },
    },
    '400 not-supported $.args.definition.queries found duplicate query names "q"',
  ],
  [
    'drop_query_collection',
    { collection: 'c', cascade: false },
    '400 dependency-error $.args.collection query collection with name "c" is present in the allowlist; cannot proceed to drop. please use cascade to confirm you wish to drop it from the allowlist as well',
  ],
  [
    'drop_collection_from_allowlist',
    { collection: 'x' },
    '400 not-exists $.args.collection query collection with name "x" does not exist',
  ],
  ['drop_rest_endpoint', { name: 'x' }, '400 not-exists $.args endpoint with name: x does not exist'],
  // roles, network
  [
    'add_inherited_role',
    { role_name: 'a', role_set: ['a'] },
    '400 invalid-params $.args an inherited role name cannot be in the role combination',
  ],
  [
    'add_inherited_role',
    { role_name: 'c', role_set: ['b'] },
    '400 cyclic-dependency $.args found cycle(s) in roles: ["b","c","b"]',
  ],
  ['drop_inherited_role', { role_name: 'x' }, '400 not-exists $.args "x" inherited role doesn\'t exist'],
  ['add_host_to_tls_allowlist', { host: '' }, '400 bad-request $.args key "host" cannot be empty'],
  [
    'drop_host_from_tls_allowlist',
    { host: 'h', suffix: 's' },
    '400 not-exists $.args the host "h" with suffix "s" isn\'t present in the allowlist',
  ],
  // actions, remote schemas, triggers
  ['drop_action', { name: 'x' }, '400 not-exists $.args action with name "x" does not exist'],
  [
    'set_opentelemetry_status',
    'on',
    '400 parse-failed $ unexpected value for status: expected "enabled", "disabled", got "on"',
  ],
  [
    'set_opentelemetry_config',
    { status: 'on' },
    '400 parse-failed $.status unexpected value for status: expected "enabled", "disabled", got "on"',
  ],
  ['set_opentelemetry_config', { status: '{{OTEL}}' }, 'no error'],
  [
    'set_opentelemetry_config',
    { status: 'disabled', exporter_otlp: { headers: [{ name: 'a' }] } },
    '400 parse-failed $.exporter_otlp.headers[0] expecting value or value_from_env keys',
  ],
  ['remove_remote_schema', { name: 'x' }, '400 not-exists $.args no such remote schema'],
  ['delete_event_trigger', { name: 'x' }, '400 not-exists $.args event trigger "x" does not exist'],
])('%s %j', (type, args, expected) => {
  expect(faultOf({ type, args })).toBe(expected);
});

function tableOf(document: Metadata, name: string): unknown {
  return document.sources[0]?.tables.find(({ table }) => table.name === name);
}

test('a command gives the next document and leaves the old one', () => {
  const before = JSON.stringify(metadata);
  const {
    metadata: next,
    result,
    check,
  } = run({
    type: 'track_table',
    version: 2,
    args: { table: 'tag', configuration: { custom_name: 'Tag', unknown: 1 } },
  });
  expect(result).toEqual({ message: 'success' });
  expect(check).toEqual({
    kind: 'object',
    object: { kind: 'table', source: 'default', table: { schema: 'public', name: 'tag' } },
  });
  expect(tableOf(next, 'tag')).toEqual({
    table: { schema: 'public', name: 'tag' },
    configuration: { custom_name: 'Tag' },
  });
  expect(JSON.stringify(metadata)).toBe(before);
});

test('untracking with cascade takes along all that depends on the table', () => {
  const { metadata: next } = run({ type: 'untrack_table', args: { table: 'author', cascade: true } });
  expect(next.sources[0]?.tables).toEqual([
    {
      table: { schema: 'public', name: 'article' },
      object_relationships: [],
      array_relationships: [],
      select_permissions: [],
    },
  ]);
});

test('dropping a computed field with cascade drops the permissions that list it', () => {
  const { metadata: next } = run({
    type: 'drop_computed_field',
    args: { table: 'author', name: 'word_count', cascade: true },
  });
  expect(tableOf(next, 'author')).toMatchObject({ computed_fields: [], select_permissions: [] });
});

test('a mutation says that it is synchronous', () => {
  const { metadata: next } = run({
    type: 'create_action',
    args: { name: 'a', definition: { handler: 'h', output_type: 'T' } },
  });
  expect(stringifyJson(exportMetadata(next)['actions'] ?? null)).toMatch(
    /^\[\{"name":"a","definition":\{"handler":"h","output_type":"T","ignored_client_headers":\["Content-Length",.*,"Content-Type"\],"type":"mutation","kind":"synchronous"\}\}\]$/,
  );
});

test('renaming a relationship rewrites the permissions that follow it', () => {
  const { metadata: next } = run({
    type: 'rename_relationship',
    args: { table: 'article', name: 'author', new_name: 'writer' },
  });
  expect(tableOf(next, 'article')).toMatchObject({
    object_relationships: [{ name: 'writer' }],
    select_permissions: [{ permission: { filter: { writer: { id: { _eq: 'X-Hasura-User-Id' } } } } }],
  });
});

test('a source is added, customized, replaced, renamed with what refers to it, and dropped', () => {
  const added = run({
    type: 'pg_add_source',
    args: { name: 'n', configuration, customization: { root_fields: { prefix: 'n_' } } },
  }).metadata;
  const related = run(
    {
      type: 'pg_create_remote_relationship',
      args: {
        table: 'author',
        name: 'far',
        definition: {
          to_source: { source: 'n', table: 't', relationship_type: 'object', field_mapping: { id: 'uid' } },
        },
      },
    },
    run({ type: 'pg_track_table', args: { source: 'n', table: 't' } }, added).metadata,
  ).metadata;
  expect(faultOf({ type: 'pg_drop_source', args: { name: 'n' } }, related)).toBe(
    '400 dependency-error $.args cannot drop due to the following dependent objects: remote relationship author.far in source "default"',
  );
  const renamed = run({ type: 'rename_source', args: { name: 'n', new_name: 'm' } }, related).metadata;
  expect(tableOf(renamed, 'author')).toMatchObject({
    remote_relationships: [{ name: 'far', definition: { to_source: { source: 'm' } } }],
  });
  expect(renamed.sources.map(({ name }) => name)).toEqual(['default', 'other', 'm']);
  const replaced = run(
    { type: 'pg_add_source', args: { name: 'm', configuration, replace_configuration: true } },
    renamed,
  ).metadata;
  expect(replaced.sources[2]).toMatchObject({ name: 'm', tables: [{ table: { name: 't' } }] });
  expect(replaced.sources[2]).not.toHaveProperty('customization');
  const dropped = run({ type: 'pg_drop_source', args: { name: 'm', cascade: true } }, replaced).metadata;
  expect(dropped.sources.map(({ name }) => name)).toEqual(['default', 'other']);
  expect(tableOf(dropped, 'author')).toMatchObject({ remote_relationships: [] });
});

test('an event trigger is stored in the shape of the export', () => {
  const { metadata: next } = run({
    type: 'create_event_trigger',
    args: { name: 'e', table: 'author', insert: { columns: '*' }, webhook: 'http://w' },
  });
  expect(tableOf(next, 'author')).toMatchObject({
    event_triggers: [
      {
        name: 'e',
        definition: { enable_manual: false, insert: { columns: '*' } },
        retry_conf: { interval_sec: 10, num_retries: 0, timeout_sec: 60 },
        webhook: 'http://w',
      },
    ],
  });
});

test('a collection that is allowed already is no error', () => {
  expect(run({ type: 'add_collection_to_allowlist', args: { collection: 'c' } }).result).toEqual({
    message:
      'collection "c" already exists in the allowlist, scope ignored; to change scope, use update_scope_of_collection_in_allowlist',
  });
});

test('export_metadata has two shapes', () => {
  const document = exportMetadata(metadata);
  expect(run({ type: 'export_metadata', args: {} }).result).toEqual(document);
  expect(run({ type: 'export_metadata', version: 2, args: {} }).result).toEqual({
    resource_version: 12,
    metadata: document,
  });
});

test('clear_metadata keeps a source named default, without tables', () => {
  const { metadata: next } = run({ type: 'clear_metadata', args: {} });
  expect(exportMetadata(next)).toEqual(
    exportMetadata(decodeMetadata({ version: 3, sources: [{ name: 'default', tables: [], configuration }] })),
  );
});

test('replace_metadata: both forms, cron triggers that are not exported, repeated triggers', () => {
  const hidden = { name: 'hidden', webhook: 'w', schedule: '* * * * *', include_in_metadata: false };
  const current = decodeMetadata({ version: 3, sources: [], cron_triggers: [hidden] });
  const plain = run({ type: 'replace_metadata', args: project }, current);
  expect(plain.metadata.cron_triggers).toEqual([hidden]);
  expect(plain.check).toEqual({
    kind: 'replace',
    allowsInconsistent: false,
    allowsWarnings: true,
    reports: false,
  });
  const wrapped = run({
    type: 'replace_metadata',
    version: 2,
    args: { metadata: project, allow_inconsistent_metadata: true },
  });
  expect(wrapped.check).toEqual({
    kind: 'replace',
    allowsInconsistent: true,
    allowsWarnings: true,
    reports: true,
  });
  const trigger = (name: string) => ({
    name,
    definition: { enable_manual: true },
    retry_conf: { interval_sec: 1, num_retries: 0 },
    webhook: 'w',
  });
  const withTriggers = (...names: string[]): Json => ({
    version: 3,
    sources: [
      {
        name: 'default',
        configuration,
        tables: names.map((name, index) => ({ table: `t${index}`, event_triggers: [trigger(name)] })),
      },
    ],
  });
  expect(faultOf({ type: 'replace_metadata', args: withTriggers('a', 'a') })).toBe(
    '400 not-supported $.args Event trigger with duplicate names not allowed: "a"',
  );
  expect(
    faultOf({ type: 'replace_metadata', args: { metadata: withTriggers('a b'), allow_warnings: false } }),
  ).toBe('400 metadata-warnings $.args failed due to metadata warnings');
});

test('a batch of tables names those that occur twice', () => {
  expect(() =>
    parseCommand({ type: 'pg_track_tables', args: { tables: [{ table: 't' }, { table: 't' }] } }, 'metadata'),
  ).toThrow('The following tables occur more than once in the request: default.t');
});

test('the older form of a table’s names is its configuration', () => {
  const { metadata: next } = run({
    type: 'set_table_custom_fields',
    version: 2,
    args: {
      table: 'author',
      custom_root_fields: { select: 'Authors' },
      custom_column_names: { id: 'AuthorId' },
    },
  });
  expect(tableOf(next, 'author')).toMatchObject({
    configuration: {
      custom_root_fields: { select: 'Authors' },
      column_config: { id: { custom_name: 'AuthorId' } },
    },
  });
});

test('types of a remote schema keep their place when their relationships change, and stay without any', () => {
  const definition = {
    to_source: {
      source: 'default',
      table: 'author',
      relationship_type: 'object',
      field_mapping: { id: 'id' },
    },
  };
  const type = (name: string) => ({ type_name: name, relationships: [{ name: 'r', definition }] });
  const on = decodeMetadata({
    ...project,
    remote_schemas: [
      { name: 's', definition: { url: 'http://x' }, remote_relationships: [type('A'), type('B')] },
    ],
  });
  const left = (body: JsonObject, before: Metadata) => {
    const after = run({ ...body, at: 'metadata' }, before).metadata;
    const entries = after.remote_schemas?.[0]?.remote_relationships ?? [];
    const shown = entries.map((entry) => [entry.type_name, entry.relationships.map(({ name }) => name)]);
    return { after, shown };
  };
  const place = { remote_schema: 's', type_name: 'A' };
  const created = left(
    { type: 'create_remote_schema_remote_relationship', args: { ...place, name: 'q', definition } },
    on,
  );
  expect(created.shown).toEqual([
    ['A', ['r', 'q']],
    ['B', ['r']],
  ]);
  const dropped = left(
    { type: 'delete_remote_schema_remote_relationship', args: { ...place, name: 'r' } },
    on,
  );
  expect(dropped.shown).toEqual([
    ['A', []],
    ['B', ['r']],
  ]);
});
