import { expect, test } from 'vitest';
import { type Json, type JsonObject, parseJson, RequestError, stringifyJson } from '../support/index.ts';
import { decodeMetadata, exportMetadata, storedForm } from './document.ts';

/** The error of reading a document, as `path: message`. */
function faultOf(document: Json): string {
  try {
    decodeMetadata(document);
  } catch (error) {
    if (error instanceof RequestError) return `${error.path.toString()}: ${error.message}`;
    throw error;
  }
  return 'no error';
}

const configuration = { connection_info: { database_url: 'postgres://x' } };

function withTable(table: JsonObject, source: JsonObject = {}): JsonObject {
  return {
    version: 3,
    sources: [{ name: 'default', tables: [{ table: 'author', ...table }], configuration, ...source }],
  };
}

function exported(document: Json): Json {
  return exportMetadata(decodeMetadata(document));
}

function exportedTable(table: JsonObject): string {
  const [source] = decodeMetadata(withTable(table)).sources;
  const document = exportMetadata({ version: 3, sources: source === undefined ? [] : [source] });
  const [first] = document['sources'] as readonly JsonObject[];
  const tables = first?.['tables'] as readonly Json[] | undefined;
  return stringifyJson(tables?.[0] ?? null);
}

test('an export in the contract’s order comes back byte for byte', () => {
  const text =
    '{"version":3,"sources":[{"name":"default","kind":"postgres","tables":[{"table":{"name":"article","schema":"public"},' +
    '"configuration":{"column_config":{"created_at":{"custom_name":"createdAt"}},"custom_column_names":{"created_at":"createdAt"},"custom_root_fields":{}},' +
    '"object_relationships":[{"name":"author","using":{"foreign_key_constraint_on":"author_id"}}],' +
    '"insert_permissions":[{"role":"user","permission":{"check":{"author_id":{"_eq":"X-Hasura-User-Id"}},"set":{"author_id":"x-hasura-User-Id"},"columns":["title","content"]}}],' +
    '"select_permissions":[{"role":"user","permission":{"columns":["id","title"],"computed_fields":["word_count"],"filter":{},"limit":50,"allow_aggregations":true,"query_root_fields":[]},"comment":""}],' +
    '"update_permissions":[{"role":"user","permission":{"columns":["title"],"filter":{},"check":null}}],' +
    '"event_triggers":[{"name":"created","definition":{"enable_manual":false,"insert":{"columns":"*"}},"retry_conf":{"interval_sec":10,"num_retries":3,"timeout_sec":60},"webhook":"{{HOOKS}}/article"}]}],' +
    '"configuration":{"connection_info":{"database_url":{"from_env":"URL"},"isolation_level":"read-committed","pool_settings":{"connection_lifetime":600,"max_connections":9},"use_prepared_statements":true}}}],' +
    '"allowlist":[{"collection":"rest","scope":{"global":true}}],' +
    '"rest_endpoints":[{"comment":null,"definition":{"query":{"collection_name":"rest","query_name":"one"}},"methods":["GET"],"name":"one","url":"article/:id"}],' +
    '"network":{"tls_allowlist":[{"host":"h","permissions":null,"suffix":null}]}}';
  expect(stringifyJson(exported(parseJson(text)))).toBe(text);
});

test('lists are sorted, `default` is the first source, nested keys are in alphabetical order', () => {
  const permission = { columns: '*', filter: { z: { _eq: 1 }, a: { _in: [1], _gt: 0 } } };
  const document = exported({
    version: 3,
    sources: [
      { name: 'alpha', tables: [], configuration },
      {
        name: 'default',
        kind: 'pg',
        tables: [
          { table: { schema: 'zoo', name: 'a' } },
          {
            table: 'b',
            select_permissions: [
              { role: 'user', permission },
              { role: 'Admin', permission },
            ],
          },
        ],
        configuration,
      },
    ],
  }) as unknown as { sources: { name: string; kind: string; tables: JsonObject[] }[] };
  expect(document.sources.map(({ name, kind }) => [name, kind])).toEqual([
    ['default', 'postgres'],
    ['alpha', 'postgres'],
  ]);
  expect(document.sources[0]?.tables.map((table) => stringifyJson(table))).toEqual([
    '{"table":{"name":"b","schema":"public"},"select_permissions":[' +
      '{"role":"Admin","permission":{"columns":"*","filter":{"a":{"_gt":0,"_in":[1]},"z":{"_eq":1}}}},' +
      '{"role":"user","permission":{"columns":"*","filter":{"a":{"_gt":0,"_in":[1]},"z":{"_eq":1}}}}]}',
    '{"table":{"name":"a","schema":"zoo"}}',
  ]);
});

test.each<[string, JsonObject, string]>([
  [
    'defaults and empty lists are left out',
    { is_enum: false, object_relationships: [], configuration: {}, apollo_federation_config: null },
    '',
  ],
  [
    'the older column names are merged, and derived from the column configuration',
    {
      configuration: {
        custom_column_names: { a: 'x', b: 'old' },
        column_config: { b: { custom_name: 'new', comment: '' } },
      },
    },
    ',"configuration":{"column_config":{"a":{"custom_name":"x"},"b":{"comment":"","custom_name":"new"}},"custom_column_names":{"a":"x","b":"new"},"custom_root_fields":{}}',
  ],
  [
    'a root field with only a name is plain text',
    {
      configuration: {
        custom_root_fields: {
          select_by_pk: { name: 'one', comment: 'c' },
          select: { name: 'all' },
          insert: null,
        },
      },
    },
    ',"configuration":{"column_config":{},"custom_column_names":{},"custom_root_fields":{"select":"all","select_by_pk":{"comment":"c","name":"one"}}}',
  ],
  [
    'a single column is not written as a list',
    {
      array_relationships: [
        { name: 'a', using: { foreign_key_constraint_on: { table: 't', columns: ['c'] } }, comment: null },
      ],
    },
    ',"array_relationships":[{"name":"a","using":{"foreign_key_constraint_on":{"column":"c","table":{"name":"t","schema":"public"}}}}]',
  ],
  [
    'the insertion order is written even when there is none',
    {
      object_relationships: [
        {
          name: 'a',
          using: { manual_configuration: { remote_table: 't', column_mapping: { z: 'y', b: 'c' } } },
        },
      ],
    },
    ',"object_relationships":[{"name":"a","using":{"manual_configuration":{"column_mapping":{"b":"c","z":"y"},"insertion_order":null,"remote_table":{"name":"t","schema":"public"}}}}]',
  ],
  [
    'odd column names are ordinary',
    {
      configuration: {
        column_config: { __proto__: { custom_name: 'p' }, constructor: { custom_name: 'c' } },
      },
    },
    // A literal's __proto__ is not a key.
    ',"configuration":{"column_config":{"constructor":{"custom_name":"c"}},"custom_column_names":{"constructor":"c"},"custom_root_fields":{}}',
  ],
])('%s', (_what, table, expected) => {
  expect(exportedTable(table)).toBe(`{"table":{"name":"author","schema":"public"}${expected}}`);
});

test('a column called __proto__ survives', () => {
  const text =
    '{"column_config":{"__proto__":{"custom_name":"p"}},"custom_column_names":{"__proto__":"p"},"custom_root_fields":{}}';
  expect(exportedTable({ configuration: parseJson(text) })).toContain(text);
});

test('what older consoles note in permissions is left out', () => {
  const permission = { check: {}, columns: ['id'] };
  const entry = { role: 'u', permission };
  expect(
    exportedTable({ insert_permissions: [{ ...entry, permission: { ...permission, localPresets: [] } }] }),
  ).toBe(exportedTable({ insert_permissions: [entry] }));
});

test.each<[string, Json]>([
  ['$: parsing Metadata failed, expected Object, but encountered Array', []],
  ["$: the key 'sources' was not present", { version: 3 }],
  ['$.version: expected 1, 2 or 3, encountered 4', { version: 4, sources: [] }],
  ['$.sources[0].tables[0]: unexpected keys when parsing TableMetadata: ["x"]', withTable({ x: 1 })],
  ['$: unexpected keys when parsing MetadataV3: ["tables"]', { version: 3, sources: [], tables: [] }],
  [
    "$.sources[0].tables[0].select_permissions[0].permission: the key 'filter' was not present",
    withTable({ select_permissions: [{ role: 'u', permission: { columns: '*' } }] }),
  ],
  [
    '$.sources[0].tables[0].object_relationships[1].using: atleast one of foreign_key_constraint_on/manual_configuration should be present',
    withTable({
      object_relationships: [
        { name: 'a', using: { foreign_key_constraint_on: 'c' } },
        { name: 'b', using: {} },
      ],
    }),
  ],
  [
    '$.sources[0].tables[0].object_relationships[0].using: only one of foreign_key_constraint_on/manual_configuration should be present',
    withTable({
      object_relationships: [
        { name: 'b', using: { foreign_key_constraint_on: 'c', manual_configuration: {} } },
      ],
    }),
  ],
  [
    "$.sources[0].tables[0].array_relationships[0].using.foreign_key_constraint_on: expected exactly one of 'column' or 'columns'",
    withTable({ array_relationships: [{ name: 'b', using: { foreign_key_constraint_on: { table: 't' } } }] }),
  ],
  [
    '$.sources[0].tables[0].array_relationships[0].using.foreign_key_constraint_on: parsing ArrRelUsingFKeyOn failed, expected Object, but encountered String',
    withTable({ array_relationships: [{ name: 'b', using: { foreign_key_constraint_on: 'c' } }] }),
  ],
  [
    '$.sources[0].tables[0].object_relationships: multiple declarations exist for the following object relationships: author',
    withTable({
      object_relationships: [
        { name: 'author', using: { foreign_key_constraint_on: 'a' } },
        { name: 'author', using: { foreign_key_constraint_on: 'b' } },
      ],
    }),
  ],
  [
    '$.sources[0].tables[0].select_permissions[0].permission.limit: parsing Int failed, expected Number, but encountered String',
    withTable({ select_permissions: [{ role: 'u', permission: { columns: '*', filter: {}, limit: '5' } }] }),
  ],
  [
    '$.sources[0].configuration.connection_info.database_url: Either "from_env" or "connection_parameters" should be provided',
    withTable({}, { configuration: { connection_info: { database_url: {} } } }),
  ],
  [
    '$.sources[0].tables[0].event_triggers[0].headers[0]: env variables starting with "HASURA_GRAPHQL_" are not allowed in value_from_env: HASURA_GRAPHQL_X',
    withTable({
      event_triggers: [
        {
          name: 'e',
          definition: {},
          retry_conf: { interval_sec: 1, num_retries: 1 },
          webhook: 'w',
          headers: [{ name: 'h', value_from_env: 'HASURA_GRAPHQL_X' }],
        },
      ],
    }),
  ],
  [
    '$.sources[0].functions[0].configuration.custom_root_fields: the following custom root field names are duplicated: "x" and "x"',
    withTable(
      {},
      {
        functions: [
          {
            function: 'f',
            configuration: { custom_root_fields: { function: 'x', function_aggregate: 'x' } },
          },
        ],
      },
    ),
  ],
  [
    '$.sources[0].tables[0].configuration.custom_root_fields: the following custom root field names are duplicated: x',
    withTable({ configuration: { custom_root_fields: { select: 'x', insert: { name: 'x' } } } }),
  ],
  [
    '$.sources[0].tables[0].configuration.custom_root_fields: the following custom root field names are duplicated: x, y, and z',
    withTable({
      configuration: {
        custom_root_fields: {
          ...{ select: 'x', insert: 'x', update: 'y', delete: 'y', select_stream: 'z', update_many: 'z' },
        },
      },
    }),
  ],
  [
    "$.sources[0].tables[0].insert_permissions[0].permission.validate_input.type: expecting only 'http' for 'type' but got ftp",
    withTable({
      insert_permissions: [
        { role: 'u', permission: { check: {}, validate_input: { type: 'ftp', definition: { url: 'u' } } } },
      ],
    }),
  ],
  [
    '$.sources[0].kind: sources of kind "mssql" are not supported; expected postgres, citus, cockroach',
    withTable({}, { kind: 'mssql' }),
  ],
])('refuses: %s', (expected, document) => {
  expect(faultOf(document)).toBe(expected);
});

test('older versions replace the tables and functions of the source `default`', () => {
  const current = decodeMetadata(withTable({}));
  const older = {
    functions: ['f'],
    tables: [
      {
        table: 't',
        insert_permissions: [{ role: 'u', permission: { check: {}, localPresets: [] }, comment: null }],
      },
    ],
  };
  const read = decodeMetadata(older, undefined, { current });
  expect(read.sources[0]?.tables.map(({ table }) => table.name)).toEqual(['t']);
  expect(read.sources[0]?.functions).toEqual([{ function: { schema: 'public', name: 'f' } }]);
  expect(read.sources[0]?.configuration).toEqual(current.sources[0]?.configuration);
  const second = {
    version: 2,
    tables: [],
    functions: [{ function: 'f', configuration: { exposed_as: 'query' } }],
  };
  expect(decodeMetadata(second, undefined, { current }).sources[0]?.functions).toEqual([
    { function: { schema: 'public', name: 'f' }, configuration: { exposed_as: 'query' } },
  ]);
  expect(faultOf(older)).toBe('$: cannot import metadata without sources since no default source is defined');
});

test('a table that is given twice is the last one', () => {
  const table = { name: 't', schema: 'public' };
  const read = decodeMetadata({
    version: 3,
    sources: [{ name: 'd', tables: [{ table }, { table, is_enum: true }], configuration }],
  });
  expect(read.sources[0]?.tables).toEqual([{ table, is_enum: true }]);
});

test('cron triggers out of the metadata are stored and not exported', () => {
  const trigger = { name: 'a', webhook: 'w', schedule: '* * * * *', include_in_metadata: false };
  const read = decodeMetadata({ version: 3, sources: [], cron_triggers: [trigger] });
  expect(storedForm(read)['cron_triggers']).toEqual([{ ...trigger }]);
  expect(exportMetadata(read)['cron_triggers']).toBeUndefined();
});

test('what a newer engine stored is kept', () => {
  const text =
    '{"version":3,"sources":[{"name":"d","kind":"postgres","tables":[{"table":{"name":"t","schema":"public"},"novelty":{"a":1}}],' +
    '"configuration":{"connection_info":{"database_url":"u","isolation_level":"read-committed","use_prepared_statements":false}}}],"later":[1]}';
  const read = decodeMetadata(parseJson(text), undefined, { unknownKeys: 'keep' });
  expect(stringifyJson(storedForm(read))).toBe(text);
});

test('a document is taken as it came where it is as it should be, and repaired where it is not', () => {
  const permission = '{"role":"user","permission":{"columns":["id"],"filter":{"a":{"_eq":1}}}}';
  const table = (name: string, entry: string) =>
    `{"table":{"schema":"public","name":"${name}"},"select_permissions":[${entry}]}`;
  const repeated = '{"role":"nobody","role":"user","comment":null,"permission":{"columns":"*","filter":{}}}';
  const source = (tables: string) =>
    `{"name":"default","kind":"postgres","tables":[${tables}],"configuration":{"connection_info":{"database_url":"u"}}}`;
  const text = `{"version":3,"sources":[${source([table('a', permission), table('b', permission), table('c', repeated)].join(','))}]}`;
  const metadata = decodeMetadata(parseJson(text, { sharesEqual: true }));
  const [first, second, third] = metadata.sources[0]?.tables ?? [];
  expect(first?.select_permissions).toBe(second?.select_permissions);
  expect(stringifyJson(third?.select_permissions as unknown as Json)).toBe(
    '[{"role":"user","permission":{"columns":"*","filter":{}}}]',
  );
  expect(exportMetadata(metadata)).toEqual(exportMetadata(decodeMetadata(JSON.parse(text))));
});
