import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readMetadata, readMigrations, readSeeds } from './index.ts';

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
});

test('actions are refused instead of being lost', () => {
  const withActions = project({ 'metadata/actions.yaml': 'actions:\n  - name: a\n' });
  expect(() => readMetadata(withActions)).toThrow(/actions cannot be applied yet/);
  const none = project({
    'metadata/actions.yaml': 'actions: []\ncustom_types:\n  enums: []\n  objects: []\n',
    'metadata/version.yaml': 'version: 3',
  });
  expect(readMetadata(none)).toEqual({ version: 3 });
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

test('seeds come in lexical order, from folders below, too', () => {
  const folder = project({
    'seeds/default/b.sql': '2',
    'seeds/default/a/1.sql': '1',
    'seeds/default/c.txt': '',
  });
  expect(readSeeds(folder, 'default')).toEqual(['1', '2']);
});
