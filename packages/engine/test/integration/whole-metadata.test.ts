/** Whole documents: whatever is in them comes back as it was. Source: spec/metadata-api.md 2, 3.7, 7.1. */
import { afterEach, expect, test } from 'vitest';
import { createEngine, type Engine } from '../../src/index.ts';
import { type Project, project } from '../support/project.ts';

let api: Project | undefined;
let other: Engine | undefined;
afterEach(async () => {
  await other?.close();
  await api?.close();
  [api, other] = [undefined, undefined];
});

const named = (name: string) => ({ name, schema: 'public' });
const header = { name: 'x-key', value_from_env: 'KEY' };
const transform = {
  body: { action: 'transform', template: '{{$body}}' },
  method: 'POST',
  query_params: { a: '1' },
  request_headers: { add_headers: { b: '2' }, remove_headers: ['c'] },
  template_engine: 'Kriti',
  url: '{{$base_url}}/x',
  version: 2,
};
const answerTransform = {
  body: { action: 'transform', template: '{{$body}}' },
  template_engine: 'Kriti',
  version: 2,
};
const validation = {
  definition: { forward_client_headers: true, headers: [header], timeout: 5, url: 'http://127.0.0.1:1/v' },
  type: 'http',
};

/** Every key of the format that an export shows, in the order of the export. */
const everything = {
  version: 3,
  sources: [
    {
      name: 'default',
      kind: 'postgres',
      tables: [
        {
          table: named('article'),
          object_relationships: [
            { name: 'author', using: { foreign_key_constraint_on: 'author_id' }, comment: 'who wrote it' },
          ],
        },
        {
          table: named('author'),
          configuration: {
            column_config: { name: { comment: 'shown', custom_name: 'called' } },
            comment: 'writers',
            custom_column_names: { name: 'called' },
            custom_name: 'writer',
            custom_root_fields: { select: 'writers', select_by_pk: { comment: 'one', name: 'one_writer' } },
          },
          object_relationships: [
            {
              name: 'latest',
              using: {
                manual_configuration: {
                  column_mapping: { id: 'author_id' },
                  insertion_order: null,
                  remote_table: named('article'),
                },
              },
            },
          ],
          array_relationships: [
            {
              name: 'articles',
              using: { foreign_key_constraint_on: { column: 'author_id', table: named('article') } },
            },
          ],
          computed_fields: [
            {
              name: 'greeting',
              definition: { function: named('greet'), session_argument: 'session', table_argument: 'a' },
              comment: 'hello',
            },
          ],
          remote_relationships: [
            {
              name: 'elsewhere',
              definition: {
                to_source: {
                  field_mapping: { id: 'author_id' },
                  relationship_type: 'array',
                  source: 'second',
                  table: named('article'),
                },
              },
            },
            {
              name: 'weather',
              definition: {
                to_remote_schema: {
                  lhs_fields: ['id'],
                  remote_field: { weather: { arguments: { id: '$id' } } },
                  remote_schema: 'zoo',
                },
              },
            },
          ],
          insert_permissions: [
            {
              role: 'user',
              permission: {
                check: { id: { _eq: 'X-Hasura-User-Id' } },
                set: { name: 'x-hasura-name' },
                columns: ['id'],
                backend_only: true,
                validate_input: validation,
              },
              comment: 'writes',
            },
          ],
          select_permissions: [
            {
              role: 'user',
              permission: {
                columns: ['id', 'name'],
                computed_fields: ['greeting'],
                filter: { _or: [{ id: { _eq: 1 } }, { articles: { title: { _like: '1.50' } } }] },
                limit: 10,
                allow_aggregations: true,
                query_root_fields: ['select'],
                subscription_root_fields: [],
              },
            },
          ],
          update_permissions: [
            {
              role: 'user',
              permission: {
                columns: '*',
                filter: {},
                check: null,
                set: { name: 'y' },
                validate_input: validation,
              },
            },
          ],
          delete_permissions: [{ role: 'user', permission: { filter: {}, backend_only: true } }],
          event_triggers: [
            {
              name: 'changed',
              definition: {
                delete: { columns: '*' },
                enable_manual: true,
                insert: { columns: '*' },
                update: { columns: ['name'], payload: ['id'] },
              },
              retry_conf: { interval_sec: 15, num_retries: 2, timeout_sec: 30 },
              webhook: 'http://127.0.0.1:1/e',
              headers: [header],
              request_transform: transform,
              response_transform: answerTransform,
            },
          ],
          apollo_federation_config: { enable: 'v1' },
        },
        { table: named('kind'), is_enum: true },
      ],
      functions: [
        {
          function: named('find_articles'),
          configuration: {
            custom_name: 'search',
            custom_root_fields: { function: 'search_articles', function_aggregate: 'count_articles' },
            exposed_as: 'query',
            session_argument: 'session',
          },
          permissions: [{ role: 'user' }],
          comment: 'finds',
        },
      ],
      native_queries: [
        {
          arguments: { least: { description: 'from', nullable: false, type: 'integer' } },
          code: 'select id, title from article where id >= {{least}}',
          description: 'some',
          returns: 'heading',
          root_field_name: 'headings',
        },
      ],
      logical_models: [
        {
          description: 'of an article',
          fields: [
            { name: 'id', type: { nullable: false, scalar: 'integer' } },
            { description: 'what it says', name: 'title', type: { nullable: true, scalar: 'text' } },
          ],
          name: 'heading',
          select_permissions: [{ role: 'user', permission: { columns: ['title'], filter: {} } }],
        },
      ],
      configuration: {
        connection_info: {
          database_url: { from_env: 'HASURA_GRAPHQL_DATABASE_URL' },
          isolation_level: 'repeatable-read',
          pool_settings: {
            connection_lifetime: 600,
            idle_timeout: 180,
            max_connections: 3,
            pool_timeout: 5,
            retries: 1,
          },
          use_prepared_statements: true,
        },
        extensions_schema: 'extensions',
      },
      query_tags: { disabled: false, format: 'sqlcommenter', omit_request_id: true },
      customization: {
        naming_convention: 'hasura-default',
        root_fields: { namespace: 'db', prefix: 'a_', suffix: '_z' },
        type_names: { prefix: 'A', suffix: 'Z' },
      },
      health_check: { interval: 60, retries: 3, retry_interval: 10, test: { sql: 'SELECT 1' }, timeout: 10 },
    },
    {
      name: 'second',
      kind: 'postgres',
      tables: [{ table: named('article') }],
      configuration: {
        connection_info: {
          database_url: { from_env: 'HASURA_GRAPHQL_DATABASE_URL' },
          isolation_level: 'read-committed',
          use_prepared_statements: false,
        },
        read_replicas: [
          {
            database_url: { from_env: 'HASURA_GRAPHQL_DATABASE_URL' },
            isolation_level: 'read-committed',
            use_prepared_statements: false,
          },
        ],
      },
    },
  ],
  remote_schemas: [
    {
      name: 'zoo',
      definition: {
        url: 'http://127.0.0.1:1/graphql',
        timeout_seconds: 1,
        customization: {
          root_fields_namespace: 'zoo',
          type_names: { prefix: 'Zoo', suffix: 'X', mapping: { Animal: 'Beast' } },
          field_names: [{ parent_type: 'Animal', prefix: 'a_', suffix: '_b', mapping: { name: 'called' } }],
        },
        headers: [header],
        forward_client_headers: true,
      },
      comment: 'animals',
      permissions: [
        { role: 'user', definition: { schema: 'type Query { weather(id: Int): Int }' }, comment: 'c' },
      ],
      remote_relationships: [
        {
          type_name: 'Animal',
          relationships: [
            {
              name: 'keeper',
              definition: {
                to_source: {
                  field_mapping: { id: 'id' },
                  relationship_type: 'object',
                  source: 'default',
                  table: named('author'),
                },
              },
            },
          ],
        },
      ],
    },
  ],
  query_collections: [
    {
      name: 'known',
      definition: { queries: [{ name: 'a', query: 'query a { __typename }' }] },
      comment: 'k',
    },
  ],
  allowlist: [{ collection: 'known', scope: { global: false, roles: ['user'] } }],
  actions: [
    {
      name: 'greetAll',
      definition: {
        handler: 'http://127.0.0.1:1/h',
        output_type: 'Greeting!',
        forward_client_headers: true,
        ignored_client_headers: ['Host'],
        headers: [header],
        arguments: [{ name: 'to', type: '[Whom!]!', description: 'whom' }],
        request_transform: transform,
        response_transform: answerTransform,
        type: 'mutation',
        kind: 'asynchronous',
        timeout: 5,
      },
      comment: 'greets',
      permissions: [{ role: 'user', comment: 'may' }],
    },
  ],
  custom_types: {
    input_objects: [
      { name: 'Whom', fields: [{ name: 'mood', type: 'Mood', description: 'm' }], description: 'w' },
    ],
    objects: [
      {
        name: 'Greeting',
        fields: [{ name: 'authorId', type: 'Int!', description: 'a' }],
        description: 'g',
        relationships: [
          {
            field_mapping: { authorId: 'id' },
            name: 'author',
            remote_table: named('author'),
            source: 'default',
            type: 'object',
          },
        ],
      },
    ],
    scalars: [{ name: 'Moment', description: 'when' }],
    enums: [
      { name: 'Mood', values: [{ value: 'GLAD', description: 'v', is_deprecated: true }], description: 'e' },
    ],
  },
  cron_triggers: [
    {
      name: 'nightly',
      webhook: 'http://127.0.0.1:1/c',
      schedule: '0 3 * * *',
      include_in_metadata: true,
      payload: { a: [1] },
      retry_conf: { num_retries: 1, retry_interval_seconds: 5, timeout_seconds: 50, tolerance_seconds: 600 },
      headers: [header],
      comment: 'at night',
      request_transform: transform,
      response_transform: answerTransform,
    },
  ],
  rest_endpoints: [
    {
      comment: 'r',
      definition: { query: { collection_name: 'known', query_name: 'a' } },
      methods: ['GET', 'POST'],
      name: 'a',
      url: 'a/:id',
    },
  ],
  api_limits: {
    disabled: false,
    depth_limit: { global: 5, per_role: { user: 3 } },
    node_limit: { global: 100, per_role: {} },
    time_limit: { global: 10, per_role: {} },
    batch_limit: { global: 4, per_role: {} },
    rate_limit: {
      global: { max_reqs_per_min: 1000, unique_params: 'IP' },
      per_role: { user: { max_reqs_per_min: 10, unique_params: ['x-hasura-user-id'] } },
    },
  },
  metrics_config: { analyze_query_variables: true, analyze_response_body: false },
  inherited_roles: [{ role_name: 'both', role_set: ['user', 'reader'] }],
  graphql_schema_introspection: { disabled_for_roles: ['user'] },
  network: { tls_allowlist: [{ host: 'example.org', permissions: ['self-signed'], suffix: '8443' }] },
  backend_configs: { dataconnector: { sqlite: { uri: 'http://127.0.0.1:1' } } },
  opentelemetry: {
    status: 'disabled',
    data_types: ['traces', 'metrics'],
    exporter_otlp: {
      headers: [header],
      otlp_metrics_endpoint: 'http://127.0.0.1:1/m',
      otlp_traces_endpoint: 'http://127.0.0.1:1/t',
      protocol: 'http/protobuf',
      resource_attributes: [{ name: 'service', value: 'x' }],
      traces_propagators: ['b3', 'tracecontext'],
    },
    batch_span_processor: { max_export_batch_size: 100 },
  },
};

const tables = `
  create table author (id int primary key, name text);
  create table article (id int primary key, title text, author_id int references author);
  create table kind (value text primary key);
  insert into kind values ('poem')`;

async function exported(from: Project): Promise<string> {
  const answer = await from.request('/v1/metadata', { type: 'export_metadata', args: {} });
  return answer.text();
}

/** The paths of all keys, lists counted as one place. */
function keysOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => keysOf(item, `${path}[]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [
    `${path}.${key}`,
    ...keysOf(member, `${path}.${key}`),
  ]);
}

test('a document with every key is exported, cleared and replaced without losing a byte', async () => {
  api = await project({ tables });
  const replace = (metadata: unknown) =>
    api?.request('/v1/metadata', {
      type: 'replace_metadata',
      version: 2,
      args: { metadata, allow_inconsistent_metadata: true },
    });
  expect((await replace(everything))?.status).toBe(200);
  const first = await exported(api);
  expect(new Set(keysOf(JSON.parse(first)))).toEqual(new Set(keysOf(everything)));
  expect((await api.command('clear_metadata', {})).status).toBe(200);
  expect(await exported(api)).not.toContain('author');
  expect((await replace(JSON.parse(first)))?.status).toBe(200);
  expect(await exported(api)).toBe(first);
  other = await createEngine({ databaseUrl: api.database.url, adminSecret: 'test-secret' });
  expect(await other.metadata.run({ type: 'export_metadata', args: {} })).toEqual(JSON.parse(first));
});

test('sources of other kinds that were stored are kept, exported and called inconsistent, and keep nothing from starting', async () => {
  api = await project({ tables, metadata: [{ table: 'author' }] });
  const foreign = [
    {
      name: 'big',
      kind: 'bigquery',
      tables: [{ table: { dataset: 'd', name: 't' }, logical_model: null }],
      configuration: { service_account: { from_env: 'KEY' }, project_id: '1.50', datasets: ['d'] },
    },
    { name: 'lite', kind: 'sqlite', tables: [{ table: ['Album'] }], configuration: { value: { db: '/x' } } },
    {
      name: 'ms',
      kind: 'mssql',
      tables: [{ table: { name: 't', schema: 'dbo' }, select_permissions: [] }],
      configuration: {
        connection_info: { connection_string: { from_env: 'MS' }, pool_settings: { max: 1 } },
      },
    },
  ];
  await api.sql`update hdb_catalog.hdb_metadata set resource_version = resource_version + 1, metadata =
    jsonb_set(metadata::jsonb, '{sources}', metadata::jsonb->'sources' || ${JSON.stringify(foreign)}::text::jsonb)::json`;
  other = await createEngine({ databaseUrl: api.database.url, adminSecret: 'test-secret' });
  const document = (await other.metadata.run({ type: 'export_metadata', args: {} })) as {
    sources: { name: string }[];
  };
  expect(document.sources.filter(({ name }) => name !== 'default')).toEqual(foreign);
  const { inconsistent_objects: faults } = (await other.metadata.run({
    type: 'get_inconsistent_metadata',
    args: {},
  })) as { inconsistent_objects: { name: string; reason: string }[] };
  expect(faults.map(({ name, reason }) => `${name}: ${reason}`).sort()).toEqual([
    'source big: Inconsistent object: sources of kind "bigquery" are not supported',
    'source lite: Inconsistent object: sources of kind "sqlite" are not supported',
    'source ms: Inconsistent object: sources of kind "mssql" are not supported',
  ]);
  await other.metadata.run({ type: 'pg_track_table', args: { table: 'article' } });
  const [stored] = await api.sql`select metadata->'sources' as sources from hdb_catalog.hdb_metadata`;
  const sources = stored?.['sources'] as { name: string; tables: unknown[] }[];
  expect(sources.slice(1)).toEqual(foreign);
  expect(sources[0]?.tables).toHaveLength(2);
  await other.metadata.run({ type: 'drop_inconsistent_metadata', args: {} });
  const left = (await other.metadata.run({ type: 'export_metadata', args: {} })) as typeof document;
  expect(left.sources.map(({ name }) => name)).toEqual(['default']);
});
