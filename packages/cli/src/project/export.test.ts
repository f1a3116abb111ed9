import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { everyKey } from '../../../engine/test/fixtures/every-key.ts';
import { type Mapping, readJson, toPlain } from '../document/index.ts';
import { exportMetadata, initialFiles, readMetadataFolder } from './index.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const document = (value: unknown): Mapping => readJson(JSON.stringify(value)) as Mapping;

function written(files: ReadonlyMap<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-export-'));
  folders.push(folder);
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const source = (tables: unknown[], more: object = {}) => ({
  version: 3,
  sources: [{ name: 'default', kind: 'postgres', tables, configuration: {}, ...more }],
});

test('a document with every key is the same after it was written and read, and is written alike again', () => {
  const first = exportMetadata(document(everyKey));
  expect(first.warnings).toEqual([]);
  const again = readMetadataFolder(written(first.files));
  // queries and documents of roles are printed anew
  const expected = structuredClone(everyKey);
  const [query] = expected.query_collections[0]?.definition.queries ?? [];
  if (query !== undefined) query.query = 'query a {\n  __typename\n}\n';
  const [permission] = expected.remote_schemas[0]?.permissions ?? [];
  if (permission !== undefined) permission.definition.schema = 'type Query {\n  weather(id: Int): Int\n}\n';
  expect(toPlain(again)).toEqual(expected);
  expect(exportMetadata(again).files).toEqual(first.files);
});

test('tables and functions have files of their own, named as the Hasura CLI names them', () => {
  const { files } = exportMetadata(
    document(
      source([{ table: { schema: 'public', name: 'a' } }], {
        functions: [{ function: { schema: 'app', name: 'find' } }],
        query_tags: { disabled: true },
      }),
    ),
  );
  expect(files.get('databases/databases.yaml')).toBe(`- name: default
  kind: postgres
  configuration: {}
  query_tags:
    disabled: true
  tables: "!include default/tables/tables.yaml"
  functions: "!include default/functions/functions.yaml"
`);
  expect(files.get('databases/default/tables/tables.yaml')).toBe('- "!include public_a.yaml"\n');
  expect(files.get('databases/default/tables/public_a.yaml')).toBe('table:\n  schema: public\n  name: a\n');
  expect(files.get('databases/default/functions/app_find.yaml')).toBe(
    'function:\n  schema: app\n  name: find\n',
  );
  const bare = exportMetadata(document(source([]))).files;
  expect(bare.get('databases/default/tables/tables.yaml')).toBe('[]\n');
  expect([...bare.keys()].filter((path) => path.includes('functions'))).toEqual([]);
});

test('what the server has nothing of is an empty file', () => {
  const { files } = exportMetadata(document({ version: 3 }));
  expect(Object.fromEntries(files)).toEqual({
    'version.yaml': 'version: 3\n',
    'remote_schemas.yaml': '[]\n',
    'query_collections.yaml': '[]\n',
    'allow_list.yaml': '[]\n',
    'cron_triggers.yaml': '[]\n',
    'network.yaml': '{}\n',
    'rest_endpoints.yaml': '[]\n',
    'inherited_roles.yaml': '[]\n',
    'opentelemetry.yaml': '{}\n',
    'backend_configs.yaml': '{}\n',
    'api_limits.yaml': '{}\n',
    'graphql_schema_introspection.yaml': 'disabled_for_roles: []\n',
    'metrics_config.yaml': '{}\n',
    'actions.yaml':
      'actions: []\ncustom_types:\n  enums: []\n  input_objects: []\n  objects: []\n  scalars: []\n',
    'actions.graphql': '',
  });
  expect([...initialFiles().keys()].sort()).toEqual([
    'actions.graphql',
    'actions.yaml',
    'allow_list.yaml',
    'cron_triggers.yaml',
    'databases/databases.yaml',
    'query_collections.yaml',
    'remote_schemas.yaml',
    'version.yaml',
  ]);
});

test('actions become SDL and YAML in the form of the Hasura CLI', () => {
  const { files } = exportMetadata(
    document({
      version: 3,
      actions: [
        {
          name: 'bar',
          definition: {
            handler: '{{BASE}}/bar',
            output_type: 'SampleOutput',
            arguments: [{ name: 'arg1', type: 'SampleInput!', description: 'first' }],
            type: 'mutation',
            kind: 'synchronous',
            ignored_client_headers: ['x'],
            timeout: 10,
          },
        },
        {
          name: 'now',
          definition: { handler: 'http://h', output_type: '[String!]!', arguments: [], type: 'query' },
          permissions: [{ role: 'user' }],
          comment: 'c',
        },
      ],
      custom_types: {
        input_objects: [{ name: 'SampleInput', fields: [{ name: 'username', type: 'String!' }] }],
        objects: [{ name: 'SampleOutput', fields: [{ name: 'id', type: 'Int' }], description: 'says "hi"' }],
        enums: [
          {
            name: 'E',
            values: [
              { value: 'A', is_deprecated: true },
              { value: 'B', description: 'b' },
            ],
          },
        ],
        scalars: [{ name: 'S', description: 'with """ in it' }],
      },
    }),
  );
  expect(files.get('actions.graphql')).toBe(`type Mutation {
  bar(
    """ first """ arg1: SampleInput!
  ): SampleOutput
}

type Query {
  now: [String!]!
}

enum E {
  A
  """ b """ B
}

input SampleInput {
  username: String!
}

""" says "hi" """ type SampleOutput {
  id: Int
}

"with \\"\\"\\" in it" scalar S

`);
  expect(files.get('actions.yaml')).toBe(`actions:
  - name: bar
    definition:
      kind: synchronous
      handler: '{{BASE}}/bar'
      timeout: 10
      ignored_client_headers:
        - x
  - name: now
    definition:
      kind: ""
      handler: http://h
    permissions:
      - role: user
    comment: c
custom_types:
  enums:
    - name: E
      values:
        - value: A
          is_deprecated: true
        - value: B
          description: b
  input_objects:
    - name: SampleInput
  objects:
    - name: SampleOutput
      description: says "hi"
  scalars:
    - name: S
      description: with """ in it
`);
});

test('the list of ignored headers that every action has is not written, another one is', () => {
  const usual =
    'Content-Length Content-MD5 User-Agent Host Origin Referer Accept Accept-Encoding Accept-Language Accept-Datetime Cache-Control Connection DNT Content-Type';
  const yamlWith = (headers: string[]) =>
    exportMetadata(
      document({
        version: 3,
        actions: [
          {
            name: 'a',
            definition: {
              handler: 'http://h',
              output_type: 'Int',
              type: 'query',
              ignored_client_headers: headers,
            },
          },
        ],
      }),
    ).files.get('actions.yaml');
  expect(yamlWith(usual.split(' '))).not.toContain('ignored');
  expect(yamlWith(usual.split(' ').slice(1))).toContain('ignored_client_headers:\n        - Content-MD5');
});

test('actions that SDL cannot hold are refused instead of becoming something else', () => {
  const withType = (type: string) =>
    document({
      version: 3,
      actions: [{ name: 'a', definition: { handler: 'h', type: 'query', output_type: type, arguments: [] } }],
    });
  expect(() => exportMetadata(withType('Int b: Int'))).toThrow('action a would not be the same again');
  expect(() => exportMetadata(withType('Int } scalar X'))).toThrow('cannot be written to actions.graphql');
});

test('hostile names stay in the folder, and no two tables share a file', () => {
  const names = [
    '../../x',
    'a/b',
    '..',
    'c\u0000d',
    ' e',
    'tables',
    'x'.repeat(300),
    'ünï "q" \'s\' !include',
  ];
  const tables = [
    ...names.map((name) => ({ table: { schema: 'public', name } })),
    { table: { schema: 'a', name: 'b_c' } },
    { table: { schema: 'a_b', name: 'c' } },
    { table: { schema: 'a_b', name: 'c_2' } },
  ];
  const metadata = source(tables);
  metadata.sources.push({ name: '../..', kind: 'postgres', tables: [], configuration: {} });
  metadata.sources.push({ name: '%2E%2E', kind: 'postgres', tables: [], configuration: {} });
  const { files, warnings } = exportMetadata(document(metadata));
  for (const path of files.keys()) expect(path.split('/')).not.toContain('..');
  expect(warnings).toEqual([
    'table "a_b.c" of default is written to a_b_c_2.yaml, because a_b_c.yaml is taken',
    'table "a_b.c_2" of default is written to a_b_c_2_2.yaml, because a_b_c_2.yaml is taken',
  ]);
  expect(toPlain(readMetadataFolder(written(files)))).toMatchObject(metadata);
});

test('a text that would be read as a file is refused', () => {
  const metadata = source([
    { table: { schema: 'public', name: 'a' }, configuration: { comment: '!include ../../.env' } },
  ]);
  expect(() => exportMetadata(document(metadata))).toThrow('which means the content of a file');
});

test('queries are printed anew; what is no GraphQL stays', () => {
  const query = `# comment
    query Q($id: uuid! = "x", $n: [Int!]) @cached { a: rows(where: {id: {_eq: $id}, s: """b"c"""}, n: [1, 2]) { ...F ... on T @include(if: true) { x } } }
    fragment F on rows { id }
    subscription { y }`;
  const collection = (text: string) =>
    document({
      version: 3,
      query_collections: [{ name: 'c', comment: 'k', definition: { queries: [{ name: 'q', query: text }] } }],
    });
  expect(exportMetadata(collection(query)).files.get('query_collections.yaml')).toBe(`- name: c
  comment: k
  definition:
    queries:
      - name: q
        query: |
          query Q ($id: uuid! = "x", $n: [Int!]) @cached {
            a: rows(where: {id:{_eq:$id},s:"b\\"c"}, n: [1,2]) {
              ...F
              ... on T @include(if: true) {
                x
              }
            }
          }
          subscription {
            y
          }
          fragment F on rows {
            id
          }
`);
  const broken = exportMetadata(collection('query {'));
  expect(broken.files.get('query_collections.yaml')).toContain('query: query {');
  expect(broken.warnings).toEqual(['query q of collection c is left as it is, because it is no GraphQL']);
});

test('documents of roles are printed anew', () => {
  const sdl = `schema { query: Q } """ of Q """ type Q implements A & B @x { "f" f(a: Int = 1 @preset(value: "s"), b: [E!]): String u: U }
    union U = Q | R enum E { A B @deprecated } interface A { f: Int } input I { a: [Int] = [1, 2] } scalar Z extend type Q { z: Z }`;
  const { files } = exportMetadata(
    document({
      version: 3,
      remote_schemas: [
        {
          name: 'r',
          permissions: [{ role: 'u', definition: { schema: sdl } }],
          definition: { url: 'http://r' },
        },
      ],
    }),
  );
  expect(files.get('remote_schemas.yaml')).toBe(`- name: r
  definition:
    url: http://r
  permissions:
    - role: u
      definition:
        schema: |
          schema {
            query: Q
          }
          """
          of Q
          """
          type Q implements A & B @x {
            """
            f
            """
            f(a: Int = 1 @preset(value: "s"), b: [E!]): String
            u: U
          }
          union U = Q | R
          enum E {
            A
            B @deprecated
          }
          interface A {
            f: Int
          }
          input I {
            a: [Int] = [1,2]
          }
          scalar Z
          extend type Q {
            z: Z
          }
`);
});
