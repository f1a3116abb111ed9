import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createMigration, readMetadata, readMigrations, readSeeds } from './index.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function project(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-project-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

test('includes are resolved relative to the file that holds them, as strings and as tags', () => {
  const folder = project({
    'metadata/version.yaml': 'version: 3',
    'metadata/databases/databases.yaml':
      '- name: default\n  kind: postgres\n  tables: "!include default/tables/tables.yaml"\n  functions: !include default/functions.yaml\n',
    'metadata/databases/default/tables/tables.yaml':
      '- "!include public_t.yaml"\n- {table: {schema: public, name: u}}',
    'metadata/databases/default/tables/public_t.yaml': 'table:\n  schema: public\n  name: t\n',
    'metadata/databases/default/functions.yaml': '[]',
    'metadata/rest_endpoints.yaml': '[]',
    'metadata/network.yaml': '{}',
  });
  expect(readMetadata(folder)).toEqual({
    version: 3,
    sources: [
      {
        name: 'default',
        kind: 'postgres',
        tables: [{ table: { schema: 'public', name: 't' } }, { table: { schema: 'public', name: 'u' } }],
        functions: [],
      },
    ],
    network: {},
  });
});

test('a missing include and wrong YAML name the file', () => {
  const missing = project({
    'metadata/databases/databases.yaml': '- name: default\n  tables: "!include gone.yaml"',
  });
  expect(() => readMetadata(missing)).toThrow(/gone\.yaml/);
  const wrong = project({ 'metadata/databases/databases.yaml': '- name: [' });
  expect(() => readMetadata(wrong)).toThrow(/databases\.yaml/);
  const two = project({ 'metadata/allow_list.yaml': '[]\n---\n[]\n' });
  expect(() => readMetadata(two)).toThrow(
    /allow_list\.yaml\nerror: a second document begins at line 2 \(---\); one is expected/,
  );
});

test('files that include others without end are refused in time', () => {
  const files: Record<string, string> = {
    'metadata/databases/databases.yaml': '- name: default\n  tables: "!include 0.yaml"',
    'metadata/databases/8.yaml': '[x]',
  };
  for (let level = 0; level < 8; level++) {
    files[`metadata/databases/${level}.yaml`] = '- "!include N.yaml"\n'
      .repeat(10)
      .replaceAll('N', String(level + 1));
  }
  expect(() => readMetadata(project(files))).toThrow('there are more than 100000 includes');
});

test('actions are put together from the YAML file and the SDL', () => {
  const folder = project({
    'metadata/version.yaml': 'version: 3',
    'metadata/actions.graphql': `
type Mutation {
  """ not a comment of the action """
  sign_up(
    """ who """ input: [SignUp!]!
    note: String
  ): NewUser
}
extend type Query { greeting: String! }
enum Color { """ r """ RED BLUE @deprecated }
input SignUp { email: String! }
""" somebody """
type NewUser { id: Int! colors: [Color!] }
scalar Anything`,
    'metadata/actions.yaml': `
actions:
  - name: sign_up
    definition:
      kind: asynchronous
      handler: '{{BASE}}/sign-up'
      ignored_client_headers: [Cookie]
      timeout: 10
    permissions: [{ role: user }]
    comment: c
  - name: greeting
    definition: { kind: "", handler: http://h }
custom_types:
  enums: [{ name: Color, values: [{ value: RED, is_deprecated: true }] }]
  input_objects: [{ name: SignUp }]
  objects: [{ name: NewUser, relationships: [{ name: user, type: object, remote_table: users, field_mapping: { id: id } }] }]
  scalars: [{ name: Anything }]`,
  });
  expect(readMetadata(folder)).toEqual({
    version: 3,
    actions: [
      {
        name: 'sign_up',
        definition: {
          type: 'mutation',
          kind: 'asynchronous',
          handler: '{{BASE}}/sign-up',
          ignored_client_headers: ['Cookie'],
          timeout: 10,
          arguments: [
            { name: 'input', type: '[SignUp!]!', description: 'who' },
            { name: 'note', type: 'String' },
          ],
          output_type: 'NewUser',
        },
        permissions: [{ role: 'user' }],
        comment: 'c',
      },
      {
        name: 'greeting',
        definition: { type: 'query', handler: 'http://h', arguments: [], output_type: 'String!' },
      },
    ],
    custom_types: {
      enums: [
        {
          name: 'Color',
          values: [
            { value: 'RED', description: 'r', is_deprecated: true },
            { value: 'BLUE', is_deprecated: true },
          ],
        },
      ],
      input_objects: [{ name: 'SignUp', fields: [{ name: 'email', type: 'String!' }] }],
      objects: [
        {
          name: 'NewUser',
          description: 'somebody',
          fields: [
            { name: 'id', type: 'Int!' },
            { name: 'colors', type: '[Color!]' },
          ],
          relationships: [
            { name: 'user', type: 'object', remote_table: 'users', field_mapping: { id: 'id' } },
          ],
        },
      ],
      scalars: [{ name: 'Anything' }],
    },
  });
});

test('a project without actions has no keys for them', () => {
  const folder = project({
    'metadata/actions.yaml': 'actions: []\ncustom_types:\n  enums: []\n  objects: []\n',
    'metadata/actions.graphql': '# nothing\n',
    'metadata/version.yaml': 'version: 3',
  });
  expect(readMetadata(folder)).toEqual({ version: 3 });
});

test.each([
  ['actions: [{name: a}]', '', 'action a is not present in actions.graphql'],
  ['custom_types: {scalars: [{name: A}]}', 'scalar B', 'custom type A is not present in actions.graphql'],
  ['', 'interface A { a: Int }', 'Interface types are not supported'],
  ['', 'schema { query: Q }', 'You cannot have schema definitions in Action/Type definitions'],
  ['', 'union A = B', 'a definition of this kind is not supported: union A = B'],
  ['', 'type {', 'Syntax Error'],
])('%s with %s is refused', (yaml, sdl, message) => {
  const folder = project({ 'metadata/actions.yaml': yaml, 'metadata/actions.graphql': sdl });
  expect(() => readMetadata(folder)).toThrow(message);
});

test('migrations come in numeric order, without empty ones, flat files included', () => {
  const folder = project({
    'migrations/default/900_b/up.sql': 'select 2',
    'migrations/default/900_b/down.sql': 'select -2',
    'migrations/default/1000_c.up.sql': 'select 3',
    'migrations/default/80_a/up.sql': 'select 1',
    'migrations/default/950_empty/up.sql': ' \n',
    'migrations/default/README.md': 'not one',
  });
  expect(readMigrations(folder, 'default')).toEqual([
    { version: '80', name: 'a', up: 'select 1' },
    { version: '900', name: 'b', up: 'select 2' },
    { version: '1000', name: 'c', up: 'select 3' },
  ]);
});

test('two migrations with one version are an error', () => {
  const folder = project({ 'migrations/default/1_a/up.sql': 'x', 'migrations/default/1_b/up.sql': 'y' });
  expect(() => readMigrations(folder, 'default')).toThrow('found duplicate migrations for version 1');
});

test('a new migration has all of its files or is not there, and never the version of another', () => {
  const folder = project({ 'migrations/default/1000_a/up.sql': 'x' });
  const place = join(folder, 'migrations/default');
  expect(createMigration(place, 'b', { up: 'u', down: 'd' }, 1000)).toBe('1001');
  expect(readdirSync(join(place, '1001_b')).sort()).toEqual(['down.sql', 'up.sql']);
  const unwritable = { up: 'u', 'no/folder': 'd' };
  expect(() => createMigration(place, 'c', unwritable, 2000)).toThrow('ENOENT');
  expect(readdirSync(place).sort()).toEqual(['1000_a', '1001_b']);
});

test('seeds come in lexical order, from folders below, too', () => {
  const folder = project({
    'seeds/default/b.sql': '2',
    'seeds/default/a/1.sql': '1',
    'seeds/default/c.txt': '',
  });
  expect(readSeeds(folder, 'default')).toEqual(['1', '2']);
});
