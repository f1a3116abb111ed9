import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  needsPgDump,
  ProjectFolder,
  type ProjectServer,
  runCommand,
  startProjectServer,
} from './support/project-server.ts';

let server: ProjectServer;
const projects: ProjectFolder[] = [];
const source = (name: string, variable: string) => ({
  name,
  kind: 'postgres',
  tables: [],
  configuration: { connection_info: { database_url: { from_env: variable } } },
});

beforeAll(async () => {
  server = await startProjectServer();
  await server.replace({
    version: 3,
    sources: [source('default', 'HASURA_GRAPHQL_DATABASE_URL'), source('second', 'SECOND_DATABASE_URL')],
  });
});
beforeEach(async () => {
  await server.api('set_catalog_state', { type: 'cli', state: {} });
  for (const database of [server.database, server.second]) {
    await database.sql('drop schema public cascade; create schema public');
  }
});
afterEach(() => {
  for (const project of projects.splice(0)) project.remove();
});
afterAll(() => server?.stop());

const on = ['--database-name', 'default'];

function newProject(migrations: Record<string, string> = {}): ProjectFolder {
  const project = new ProjectFolder(server);
  projects.push(project);
  for (const [path, text] of Object.entries(migrations)) project.write(`migrations/${path}`, text);
  return project;
}

const three = {
  'default/1_a/up.sql': 'create table a (id int);',
  'default/1_a/down.sql': 'drop table a;',
  'default/2_b/up.sql': 'create table b (id int);',
  'default/2_b/down.sql': 'drop table b;',
  'default/10_c/up.sql': 'create table c (id int);',
  'default/10_c/down.sql': 'drop table c;',
};

async function state(): Promise<unknown> {
  const answer = (await server.api('get_catalog_state')) as { cli_state: unknown };
  return answer.cli_state;
}

async function tables(database = server.database): Promise<string> {
  const rows = await database.sql(
    `select table_name from information_schema.tables where table_schema = 'public' order by table_name`,
  );
  return rows.map((row) => row['table_name']).join(' ');
}

test('apply, status, down, goto: SQL and record go together', async () => {
  const project = newProject(three);
  const applied = await project.run('migrate', 'apply', ...on);
  expect(applied).toEqual({
    status: 0,
    out: '',
    log: [
      'info: Applying migrations on database: default...',
      'info: migration applied {"name":"a","version":"1","type":"up"}',
      'info: migration applied {"name":"b","version":"2","type":"up"}',
      'info: migration applied {"name":"c","version":"10","type":"up"}',
      'info: migrations applied',
    ],
  });
  expect(await state()).toEqual({
    migrations: { default: { 1: false, 2: false, 10: false } },
    settings: { migration_mode: 'true' },
    isStateCopyCompleted: true,
  });
  expect((await project.run('migrate', 'apply', ...on)).log.at(-1)).toBe(
    'info: nothing to apply on database: default',
  );
  await project.run('migrate', 'apply', ...on, '--down', '2');
  expect(await tables()).toBe('a');
  expect((await project.run('migrate', 'status', ...on)).out).toBe(`
Database: default
VERSION  NAME  SOURCE STATUS  DATABASE STATUS
1        a     Present        Present
2        b     Present        Not Present
10       c     Present        Not Present
`);
  await project.run('migrate', 'apply', ...on, '--goto', '2');
  expect(await tables()).toBe('a b');
  await project.run('migrate', 'apply', ...on, '--goto', '1');
  expect(await tables()).toBe('a');
  await project.run('migrate', 'apply', ...on, '--version', '10');
  expect(await tables()).toBe('a c');
  // below what is recorded, and nevertheless pending
  await project.run('migrate', 'apply', ...on, '--up', '1');
  expect(await tables()).toBe('a b c');
  await project.run('migrate', 'apply', ...on, '--down', 'all');
  expect([await tables(), await state()]).toEqual([
    '',
    { settings: { migration_mode: 'true' }, isStateCopyCompleted: true },
  ]);
});

test('a migration that fails in the middle leaves nothing of itself, and those before it stay', async () => {
  const project = newProject({
    ...three,
    'default/2_b/up.sql': 'create table b (id int); insert into b values (1); select no_such_function();',
  });
  const { status, log } = await project.run('migrate', 'apply', ...on);
  expect(status).toBe(1);
  expect(log.at(-2)).toMatch(
    /^error: skipping applying migrations on database 'default', encountered: \n2_b \(up\): \{\n[\s\S]*no_such_function/,
  );
  expect(log.at(-1)).toBe('fatal: applying migrations failed on database(s): default');
  expect(await tables()).toBe('a');
  expect(await state()).toMatchObject({ migrations: { default: { 1: false } } });
  project.write('migrations/default/2_b/up.sql', 'create table b (id int)');
  expect((await project.run('migrate', 'apply', ...on)).status).toBe(0);
  expect(await tables()).toBe('a b c');
});

test('without a transaction, what a file did before it failed stays; such statements need it', async () => {
  const project = newProject({
    'default/1_a/up.sql': 'create table a (id int); create index concurrently on a (id);',
  });
  expect((await project.run('migrate', 'apply', ...on)).log.at(-2)).toContain('CONCURRENTLY');
  expect(await tables()).toBe('');
  project.write('migrations/default/1_a/up.sql', 'create table a (id int);');
  project.write('migrations/default/2_i/up.sql', 'create index concurrently on a (id)');
  expect((await project.run('migrate', 'apply', ...on, '--no-transaction')).status).toBe(0);
  expect(await state()).toMatchObject({ migrations: { default: { 1: false, 2: false } } });
});

test('all databases: one that fails does not keep the others', async () => {
  const project = newProject({
    'default/1_a/up.sql': 'create table a (id int); select 1/0;',
    'second/1_s/up.sql': 'create table s (id int)',
    'second/1_s/down.sql': '  \n',
  });
  const { status, log } = await project.run('migrate', 'apply', '--all-databases');
  expect([status, log]).toEqual([
    1,
    expect.arrayContaining(['info: migrations applied on database: second']),
  ]);
  expect(log.at(-1)).toBe('fatal: applying migrations failed on database(s): default');
  expect([await tables(), await tables(server.second)]).toEqual(['', 's']);
  expect((await project.run('migrate', 'status', '--all-databases')).out).toBe(`
Database: default
VERSION  NAME  SOURCE STATUS  DATABASE STATUS
1        a     Present        Not Present

Database: second
VERSION  NAME  SOURCE STATUS  DATABASE STATUS
1        s     Present        Present
`);
  const json = await project.run('migrate', 'status', '--all-databases', '--output', 'json');
  expect(JSON.parse(json.out)).toEqual({
    default: [{ version: '1', name: 'a', isInProject: true, isApplied: false }],
    second: [{ version: '1', name: 's', isInProject: true, isApplied: true }],
  });
  expect(
    (await project.run('migrate', 'apply', '--database-name', 'second', '--down', '1')).log.at(-2),
  ).toContain('1 down migration not found');
});

test('a record without SQL, and SQL that is only shown', async () => {
  const project = newProject(three);
  const dry = await project.run('migrate', 'apply', ...on, '--dry-run');
  expect(dry.out).toBe('VERSION  TYPE  NAME\n1        up    a\n2        up    b\n10       up    c\n');
  expect(await state()).toEqual({});
  await project.run('migrate', 'apply', ...on, '--skip-execution', '--version', '2');
  await project.run('migrate', 'apply', ...on, '--skip-execution', '--up', 'all');
  expect(await state()).toMatchObject({ migrations: { default: { 1: false, 2: false, 10: false } } });
  expect(await tables()).toBe('');
  await project.run('migrate', 'apply', ...on, '--skip-execution', '--down', '1');
  expect(await state()).toMatchObject({ migrations: { default: { 1: false, 2: false } } });
  expect((await project.run('migrate', 'apply', ...on, '--up', '5')).log.at(-2)).toContain('limit 4 short');
  expect(await tables()).toBe('c');
});

test.each([
  [['--up', '1', '--down', '1'], 'only one migration type can be applied at a time'],
  [['--skip-execution'], '--skip-execution flag can be set only with --version, --up, --down flags'],
  [['--skip-execution', '--dry-run', '--up', '1'], 'both --skip-execution and --dry-run'],
  [['--all-databases', '--dry-run'], 'both --all-databases and --dry-run'],
  [['--all-databases', '--goto', '1'], 'cannot use --goto or --version in conjunction with --all-databases'],
  [['--up', 'x'], 'not a valid input for steps/version: x'],
  [['--type', 'down'], '--type says the direction of --version'],
  [['--version', '1', '--type', 'sideways'], 'invalid migration type sideways'],
  [[], '--database-name flag is required'],
  [['--database-name', 'third'], "database not found: error determining database kind for 'third'"],
  [['--database-name', 'default', '--goto', '5'], 'migration with version 5 is neither'],
  [['--database-name', 'default', '--version', '5'], '5 up migration not found'],
  [['--database-name', 'default', '--version', '5', '--type', 'down'], 'Migration not applied in database'],
  [['--database-name', 'second'], "expected to find a migrations directory for database 'second'"],
])('apply %j: %s', async (flags, message) => {
  const { status, log } = await newProject(three).run('migrate', 'apply', ...flags);
  expect([status, log.join('\n')]).toEqual([1, expect.stringContaining(message)]);
  expect(await tables()).toBe('');
});

test('state that says so stops everything', async () => {
  const project = newProject(three);
  await server.api('set_catalog_state', { type: 'cli', state: { settings: { migration_mode: 'false' } } });
  expect((await project.run('migrate', 'apply', ...on)).log.join()).toContain('Migration mode is disabled');
  await server.api('set_catalog_state', { type: 'cli', state: { migrations: { default: { 7: true } } } });
  expect((await project.run('migrate', 'status', ...on)).log.join()).toContain('Dirty database version 7.');
});

test('records of other databases and programs stay, and those of config version 2 are taken over once', async () => {
  const kept = { migrations: { third: { 5: false } }, settings: { other: 'x' }, more: [1] };
  await server.api('set_catalog_state', { type: 'cli', state: kept });
  await server.database.sql(
    `create table if not exists hdb_catalog.schema_migrations (version bigint, dirty boolean);
     insert into hdb_catalog.schema_migrations values (1, false)`,
  );
  try {
    const project = newProject(three);
    const { log } = await project.run('migrate', 'apply', ...on, '--up', '1');
    expect(log[0]).toBe('info: took over 1 records of migrations from hdb_catalog.schema_migrations');
    expect(await tables()).toBe('b');
    expect(await state()).toEqual({
      migrations: { third: { 5: false }, default: { 1: false, 2: false } },
      settings: { migration_mode: 'true', other: 'x' },
      more: [1],
      isStateCopyCompleted: true,
    });
  } finally {
    await server.database.sql('drop table hdb_catalog.schema_migrations');
  }
});

test('create: empty files, given SQL, what a server has', async () => {
  const project = newProject();
  const created = await project.run('migrate', 'create', 'first', ...on);
  expect(created.log[0]).toBe('info: Created Migrations');
  expect(created.log[1]).toMatch(/^info: Migrations files created \{"name":"first","version":"[0-9]{13}"\}$/);
  const first = project.files('migrations/default');
  expect(Object.values(first)).toEqual(['', '']);
  expect(Object.keys(first)[0]).toMatch(/^[0-9]{13}_first\/down\.sql$/);
  // empty files are no migration
  expect((await project.run('migrate', 'status', ...on)).out.split('\n')).toHaveLength(4);
  const up = await project.run('migrate', 'create', 'u', ...on, '--up-sql', 'create table "it\'s" (id int)');
  expect(up.log[0]).toBe('warning: you are creating an up migration without a down migration');
  expect((await project.run('migrate', 'create', 'x', '--database-name', 'nowhere')).log[0]).toBe(
    "warning: database 'nowhere' is not connected to hasura",
  );
  expect((await project.run('migrate', 'create', '../x', ...on)).log.at(-1)).toContain(
    "cannot be part of a file's name",
  );
});

test('create from what a server has, recorded as applied', async ({ skip }) => {
  await needsPgDump(server, skip);
  const project = newProject();
  await server.database.sql(
    'create table public.t (id int); create schema "Other"; create table "Other".o (id int)',
  );
  const dumped = await project.run(
    'migrate',
    'create',
    'all',
    ...on,
    '--from-server',
    '--schema',
    'public,Other',
  );
  expect(dumped.log.at(-1)).toContain('Migrations files created');
  const files = Object.entries(project.files('migrations/default')).filter(([path]) =>
    path.includes('_all/'),
  );
  expect(files).toEqual([
    [
      expect.stringMatching(/_all\/up\.sql$/),
      expect.stringMatching(/CREATE TABLE "?Other"?\.o [\s\S]*CREATE TABLE public\.t /),
    ],
  ]);
  expect((await project.run('migrate', 'status', ...on)).out).toMatch(/_?all +Present +Present\n$/);
  // what it has made can be applied to an empty database
  await server.database.sql('drop schema "Other" cascade; drop table t');
  await project.run('migrate', 'delete', '--all', '--server', '--force', ...on);
  expect((await project.run('migrate', 'apply', ...on)).log.at(-1)).toBe('info: migrations applied');
  expect(await tables()).toBe('t');
  await server.database.sql('drop schema "Other" cascade');
});

test('squash joins files, and forgets the others when the originals are deleted', async () => {
  const project = newProject({ ...three, 'default/20_d/up.sql': 'create table d (id int);' });
  await project.run('migrate', 'apply', ...on, '--goto', '10');
  const refused = await project.run('migrate', 'squash', ...on, '--from', '2');
  expect(refused.log.at(-1)).toContain('migrations are out of sync.');
  expect(refused.log.at(-1)).toContain('found first mismatch at 20.');
  expect((await project.run('migrate', 'squash', ...on, '--from', '5')).log.at(-1)).toContain(
    "validating 'from' migration failed",
  );
  expect((await project.run('migrate', 'squash', ...on, '--from', '10', '--to', '2')).log.at(-1)).toContain(
    'cannot squash from 10 to 2: 10 (from) should be less than 2 (to)',
  );
  const kept = await project.run('migrate', 'squash', ...on, '--from', '1', '--to', '2', '--name', 'both');
  expect(kept.log).toContain("info: Created '2_both' after squashing '1' till '2'");
  const files = project.files('migrations/default');
  expect(files['2_both/up.sql']).toBe('\ncreate table a (id int);\ncreate table b (id int);');
  expect(files['2_both/down.sql']).toBe('\ndrop table b;\ndrop table a;');
  expect(files['squashed_1_to_2/1_a/up.sql']).toBe('create table a (id int);');
  await project.run('migrate', 'squash', ...on, '--from', '2', '--to', '10', '--delete-source');
  expect(Object.keys(project.files('migrations/default')).sort()).toEqual([
    '10_squashed/down.sql',
    '10_squashed/up.sql',
    '20_d/up.sql',
    'squashed_1_to_2/1_a/down.sql',
    'squashed_1_to_2/1_a/up.sql',
    'squashed_1_to_2/2_b/down.sql',
    'squashed_1_to_2/2_b/up.sql',
  ]);
  expect(await state()).toMatchObject({ migrations: { default: { 1: false, 10: false } } });
});

test('squash where the originals of an earlier one lie changes nothing', async () => {
  const project = newProject({
    ...three,
    'default/squashed_1_to_2/1_a/up.sql': 'create table old (id int);',
  });
  const before = project.files('migrations');
  const { status, log } = await project.run('migrate', 'squash', ...on, '--from', '1', '--to', '2');
  expect([status, log.at(-1)]).toEqual([1, expect.stringMatching(/squashed_1_to_2 is there already/)]);
  expect(project.files('migrations')).toEqual(before);
});

test('delete: files and record, or the record alone', async () => {
  const project = newProject(three);
  await project.run('migrate', 'apply', ...on);
  expect((await project.run('migrate', 'delete', ...on)).log.at(-1)).toContain(
    'at least one flag [--all , --version]',
  );
  expect((await project.run('migrate', 'delete', ...on, '--version', '5')).log.at(-1)).toBe(
    'fatal: version 5 not found',
  );
  await project.run('migrate', 'delete', ...on, '--version', '2', '--server');
  expect(existsSync(join(project.path, 'migrations/default/2_b/up.sql'))).toBe(true);
  expect(await state()).toMatchObject({ migrations: { default: { 1: false, 10: false } } });
  expect((await project.run('migrate', 'delete', ...on, '--all')).log.at(-1)).toContain('say so by --force');
  const all = await project.run('migrate', 'delete', ...on, '--all', '--force');
  expect(all.log.at(-1)).toContain('info: Deleted migrations');
  expect(Object.keys(project.files('migrations'))).toEqual([]);
  expect(await tables()).toBe('a b c');
});

test('seeds: all in lexical order, named ones, made from tables', async () => {
  const project = newProject();
  await server.database.sql('create table s (id int, name text)');
  project.write('seeds/default/2_b.sql', `insert into s select id + 1, 'b' from s`);
  project.write('seeds/default/1_a.sql', `insert into s values (1, 'it''s')`);
  project.write('seeds/default/note.txt', 'no SQL');
  expect((await project.run('seed', 'apply', ...on)).log).toEqual([
    'info: Applying seeds on database: default...',
    'info: Seeds planted',
  ]);
  expect(await server.database.sql('select * from s order by id')).toEqual([
    { id: 1, name: "it's" },
    { id: 2, name: 'b' },
  ]);
  await project.run('seed', 'apply', ...on, '-f', '1_a.sql', '--file', '1_a.sql');
  expect(await server.database.sql('select count(*)::int as n from s')).toEqual([{ n: 4 }]);
  expect((await project.run('seed', 'apply', ...on, '-f', 'note.txt')).log.at(-1)).toBe(
    'fatal: operation failed \nexpected extension to be one of [.sql .SQL] but got .txt on file note.txt',
  );
  expect((await project.run('seed', 'apply', '--database-name', 'second')).log.at(-1)).toContain(
    'no SQL files found in',
  );
  expect((await project.run('seed', 'apply', '--all-databases')).log).toEqual([
    'info: Applying seeds on database: default...',
    'info: Seed data planted for database: default',
    'info: No seed data to plant for database: second',
  ]);
  expect((await project.run('seed', 'create', 'x', ...on, '--from-table', 'a.b.c')).log.at(-1)).toBe(
    'fatal: invalid schema/table provided "a.b.c"',
  );
  expect((await project.run('seed', 'create', 'x', ...on)).log.at(-1)).toContain(
    'name tables by --from-table',
  );
});

test('seeds made from tables', async ({ skip }) => {
  await needsPgDump(server, skip);
  const project = newProject();
  await server.database.sql(`create table s (id int, name text); insert into s values (1, 'it''s')`);
  const made = await project.run('seed', 'create', 'rows', ...on, '--from-table', 's');
  expect(made.log.at(-1)).toMatch(
    /^info: created seed file successfully \{"file":".*[0-9]{13}_rows\.sql"\}$/,
  );
  const [, text] =
    Object.entries(project.files('seeds/default')).find(([name]) => name.endsWith('_rows.sql')) ?? [];
  expect(text).toContain(`INSERT INTO public.s (id, name) VALUES (1, 'it''s');`);
  expect((await project.run('seed', 'apply', ...on)).log.at(-1)).toBe('info: Seeds planted');
  expect(await server.database.sql('select count(*)::int as n from s')).toEqual([{ n: 2 }]);
});

test('deploy: metadata, migrations, metadata again, seeds', async () => {
  const project = newProject({ ...three, 'second/1_s/up.sql': 'create table s (id int)' });
  project.write('metadata/version.yaml', 'version: 3\n');
  project.write(
    'metadata/databases/databases.yaml',
    JSON.stringify([
      {
        ...source('default', 'HASURA_GRAPHQL_DATABASE_URL'),
        tables: [{ table: { schema: 'public', name: 'a' } }],
      },
      source('second', 'SECOND_DATABASE_URL'),
    ]),
  );
  project.write('seeds/default/1.sql', 'insert into a values (7)');
  const { status, log } = await project.run('deploy', '--with-seeds');
  expect([status, log]).toEqual([0, expect.arrayContaining(['warning: Metadata is inconsistent'])]);
  expect(log.slice(-4)).toEqual([
    'info: Metadata is consistent',
    'info: Applying seeds on database: default...',
    'info: Seed data planted for database: default',
    'info: No seed data to plant for database: second',
  ]);
  expect(await server.api('export_metadata')).toMatchObject({
    sources: [{ tables: [{ table: { name: 'a' } }] }, {}],
  });
  project.write('seeds/default/1.sql', 'select nonsense');
  const badSeed = await project.run('deploy', '--with-seeds');
  expect([badSeed.status, badSeed.log.at(-1)]).toEqual([
    0,
    expect.stringMatching(/^error: applying seeds failed: /),
  ]);
  project.write('migrations/second/2_x/up.sql', 'select nonsense');
  const failed = await project.run('deploy');
  expect([failed.status, failed.log.at(-1)]).toEqual([
    1,
    'fatal: operation failed: applying migrations failed on database(s): second',
  ]);
});

test('init makes a project, and takes over what a server has', async ({ skip }) => {
  await needsPgDump(server, skip);
  const project = newProject();
  const folder = join(project.path, 'new');
  await server.database.sql('create table things (id int primary key)');
  await server.replace({
    version: 3,
    sources: [
      {
        ...source('default', 'HASURA_GRAPHQL_DATABASE_URL'),
        tables: [{ table: { schema: 'public', name: 'things' } }],
      },
    ],
  });
  try {
    const made = await runCommand(
      'init',
      folder,
      '--endpoint',
      server.address,
      '--admin-secret',
      server.adminSecret,
    );
    expect([made.status, made.log.at(-1)]).toEqual([0, expect.stringContaining('directory created.')]);
    const files = project.files('new');
    expect(files['config.yaml']).toBe(`version: 3
endpoint: ${server.address}
admin_secret: ${server.adminSecret}
metadata_directory: metadata
actions:
  kind: synchronous
  handler_webhook_baseurl: http://localhost:3000
`);
    expect(files['metadata/databases/default/tables/public_things.yaml']).toContain('name: things\n');
    const [path = '', sql] = Object.entries(files).find(([name]) => name.startsWith('migrations/')) ?? [];
    expect(path).toMatch(/^migrations\/default\/[0-9]{13}_init\/up\.sql$/);
    expect(sql).toContain('CREATE TABLE public.things');
    expect(sql).not.toContain('hdb_catalog');
    expect((await runCommand('migrate', 'apply', '--project', folder, ...on)).log.at(-1)).toBe(
      'info: nothing to apply on database: default',
    );
  } finally {
    await server.replace({
      version: 3,
      sources: [source('default', 'HASURA_GRAPHQL_DATABASE_URL'), source('second', 'SECOND_DATABASE_URL')],
    });
  }
});

test('init in a folder that holds files overwrites none', async () => {
  const project = newProject();
  const before = process.cwd();
  try {
    process.chdir(project.path);
    project.write('metadata/version.yaml', 'version: 3 # mine\n');
    expect((await runCommand('init', '.')).log.at(-1)).toBe(
      'fatal: current working directory is already a hasura project directory',
    );
    rmSync(join(project.path, 'config.yaml'));
    expect((await runCommand('init', '.', '--endpoint', server.address)).log.at(-1)).toContain(
      'holds files already',
    );
    expect(existsSync(join(project.path, 'config.yaml'))).toBe(false);
    expect((await runCommand('init', '.')).log.at(-1)).toContain('hasura project initialised.');
    expect(project.read('metadata/version.yaml')).toBe('version: 3 # mine\n');
    expect(project.read('metadata/databases/databases.yaml')).toBe('[]\n');
  } finally {
    process.chdir(before);
  }
});

test('init without a server, where something is already, with an endpoint that does not answer', async () => {
  const project = newProject();
  const folder = join(project.path, 'plain');
  expect((await runCommand('init', folder)).log.at(-1)).toContain('directory created.');
  expect((await runCommand('init', folder)).log.at(-1)).toBe(`fatal: directory '${folder}' already exists`);
  const broken = join(project.path, 'other');
  const unreached = await runCommand('init', broken, '--endpoint', 'http://127.0.0.1:1');
  expect(unreached.status).toBe(0);
  expect(unreached.log.join('\n')).toContain('taking over from http://127.0.0.1:1 failed');
  expect(Object.keys(project.files('other')).sort()).toHaveLength(9);
  expect((await runCommand('init', join(project.path, 'z'), '--endpoint', 'nonsense')).log.at(-1)).toContain(
    'error validating endpoint URL',
  );
});

test('Ctrl-C ends between two migrations; the one at work is finished and recorded', async () => {
  const project = newProject({
    ...three,
    'default/1_a/up.sql': 'create table a (id int); select pg_sleep(0.4);',
  });
  const running = project.run('migrate', 'apply', ...on);
  await expect
    .poll(() =>
      server.database.sql(
        `select 1 from pg_stat_activity where query like '%pg_sleep(0.4)%' and pid <> pg_backend_pid()`,
      ),
    )
    .toHaveLength(1);
  process.emit('SIGINT');
  const { status, log } = await running;
  expect([status, log.slice(1)]).toEqual([
    1,
    [
      'warning: stopping when the step at work is done; Ctrl-C once more ends at once',
      'info: migration applied {"name":"a","version":"1","type":"up"}',
      'fatal: interrupted after 1 of 3 migrations',
    ],
  ]);
  expect([await tables(), await state()]).toEqual([
    'a',
    expect.objectContaining({ migrations: { default: { 1: false } } }),
  ]);
});

test('a signal to end in the last migration of a database keeps the next ones from being begun', async () => {
  const project = newProject({
    'default/1_a/up.sql': 'create table a (id int); select pg_sleep(0.45);',
    'second/1_s/up.sql': 'create table s (id int);',
  });
  const running = project.run('migrate', 'apply', '--all-databases');
  await expect
    .poll(() =>
      server.database.sql(
        `select 1 from pg_stat_activity where query like '%pg_sleep(0.45)%' and pid <> pg_backend_pid()`,
      ),
    )
    .toHaveLength(1);
  process.emit('SIGTERM');
  const { status, log } = await running;
  expect([status, log.at(-1)]).toEqual([1, 'fatal: interrupted after 1 of 1 migrations']);
  expect([await tables(), await tables(server.second)]).toEqual(['a', '']);
});

test('a file that cannot be written is told in a sentence', async () => {
  const project = newProject();
  project.write('seeds/default', 'a file where a folder should be');
  await server.database.sql('create table s (id int)');
  project.write('migrations/default', 'here, too');
  const { status, log } = await project.run('migrate', 'create', 'x', ...on);
  expect([status, log.at(-1)]).toEqual([1, expect.stringMatching(/^fatal: E(NOTDIR|EXIST)/)]);
});
