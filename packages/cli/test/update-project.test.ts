import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ProjectFolder, type ProjectServer, startProjectServer } from './support/project-server.ts';

let server: ProjectServer;
let project: ProjectFolder;

const connected = (name: string) => ({
  name,
  kind: 'postgres',
  tables: [],
  configuration: { connection_info: { database_url: { from_env: 'HASURA_GRAPHQL_DATABASE_URL' } } },
});

beforeAll(async () => {
  server = await startProjectServer();
  await server.database.sql(`
    create table author (id int primary key);
    create function search() returns setof author language sql stable as 'select * from author';
    create schema if not exists hdb_catalog;
    create table hdb_catalog.schema_migrations (version bigint primary key, dirty boolean);
    insert into hdb_catalog.schema_migrations values (1, false), (2, false), (3, true)`);
});
beforeEach(async () => {
  await server.api('set_catalog_state', { type: 'cli', state: {} });
  await server.replace({ version: 3, sources: [connected('main')] });
  project = new ProjectFolder(server);
  const config = project.read('config.yaml').replace('version: 3', 'version: 2 # old');
  const files = {
    'config.yaml': config,
    'metadata/version.yaml': 'version: 2\n',
    'metadata/tables.yaml': '- !include author.yaml\n',
    'metadata/author.yaml':
      'table: {schema: public, name: author}\nselect_permissions:\n  - {role: user, permission: {columns: [id], filter: {}}}\n',
    'metadata/functions.yaml': '- function: {schema: public, name: search}\n',
    'metadata/actions.graphql': 'type Query { ping: String }\n',
    'metadata/actions.yaml': 'actions: [{name: ping, definition: {handler: "http://h"}}]\n',
    'metadata/allow_list.yaml': '[]\n',
    'migrations/1_a/up.sql': 'select 1',
    'migrations/2_b/up.sql': 'select 2',
    'migrations/4_d/up.sql': 'create table d (id int)',
    'migrations/README.md': 'stays',
    'seeds/9_s.sql': 'insert into author values (1)',
  };
  for (const [name, text] of Object.entries(files)) project.write(name, text);
});
afterEach(() => project.remove());
afterAll(() => server?.stop());

const update = (...more: string[]) => project.run('scripts', 'update-project-v3', ...more);
const forced = ['--force', '--database-name', 'main'];

test('other commands say what to do with a project of version 2', async () => {
  expect((await project.run('metadata', 'apply')).log).toEqual([
    'fatal: this is a project of config version 2, which has one database and no folders for it. Convert it once: postern scripts update-project-v3',
  ]);
});

test('a project of version 2 becomes one of version 3, with everything that it had', async () => {
  const { status, log } = await update(...forced);
  expect([status, log]).toEqual([
    0,
    [
      'info: took over 2 records of migrations from hdb_catalog.schema_migrations',
      'info: the project has config version 3 now. Look at it by: postern metadata diff {"database":"main"}',
    ],
  ]);
  expect(project.read('config.yaml')).toContain('version: 3 # old\n');
  expect(Object.keys(project.files('migrations'))).toEqual([
    'README.md',
    'main/1_a/up.sql',
    'main/2_b/up.sql',
    'main/4_d/up.sql',
  ]);
  expect(Object.keys(project.files('seeds'))).toEqual(['main/9_s.sql']);
  expect(project.read('metadata/databases/databases.yaml')).toBe(`- name: main
  kind: postgres
  configuration:
    connection_info:
      database_url:
        from_env: HASURA_GRAPHQL_DATABASE_URL
      isolation_level: read-committed
      use_prepared_statements: false
  tables: "!include main/tables/tables.yaml"
  functions: "!include main/functions/functions.yaml"
`);
  expect(project.read('metadata/databases/main/tables/public_author.yaml')).toContain('role: user');
  expect(project.read('metadata/version.yaml')).toBe('version: 3\n');
  expect(project.read('metadata/actions.yaml')).toContain('name: ping');
  for (const gone of ['tables.yaml', 'functions.yaml'])
    expect(existsSync(join(project.path, 'metadata', gone))).toBe(false);
  const applied = await project.run('deploy', '--with-seeds');
  expect([applied.status, applied.log.filter((line) => line.includes('migration applied'))]).toEqual([
    0,
    ['info: migration applied {"name":"d","version":"4","type":"up"}'],
  ]);
  expect(await server.database.sql('select id from author')).toEqual([{ id: 1 }]);
  expect((await update(...forced)).log).toEqual(['fatal: the project has config version 3 already']);
});

test.each([
  [['--force'], '--database-name is required when --force is set'],
  [[], 'say so by --force --database-name main where nobody can be asked'],
  [['--force', '--database-name', 'none'], "the server has no database 'none' (it has: main)"],
])('%j: nothing is changed', async (flags, message) => {
  const before = project.files();
  const { status, log } = await update(...flags);
  expect([status, log.at(-1)]).toEqual([1, expect.stringContaining(message)]);
  expect(project.files()).toEqual(before);
});

test('a conversion that cannot be done changes nothing, and one that was interrupted goes on', async () => {
  project.write('migrations/main/2_b/up.sql', 'another');
  const before = project.files();
  expect((await update(...forced)).log.at(-1)).toMatch(/2_b cannot be moved: .*main\/2_b is there already$/);
  expect(project.files()).toEqual(before);
  project.write('metadata/tables.yaml', '- !include ../../etc/passwd\n');
  expect((await update(...forced)).log.at(-1)).toContain('lies outside of the project');
});

test('the record alone', async () => {
  const before = project.files();
  expect((await update('--move-state-only')).log.at(-1)).toBe('info: records moved');
  expect(project.files()).toEqual(before);
  expect(await server.api('get_catalog_state')).toMatchObject({
    cli_state: { migrations: { main: { 1: false, 2: false } } },
  });
});
