import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { everyKey, everyKeyTables } from '../../engine/test/fixtures/every-key.ts';
import { ProjectFolder, type ProjectServer, startProjectServer } from './support/project-server.ts';

let server: ProjectServer;
const projects: ProjectFolder[] = [];
beforeAll(async () => {
  server = await startProjectServer();
  await server.database.sql(everyKeyTables);
});
afterEach(() => {
  for (const project of projects.splice(0)) project.remove();
});
afterAll(() => server?.stop());

function newProject(config?: string): ProjectFolder {
  const project = new ProjectFolder(server, config);
  projects.push(project);
  return project;
}

/** Postgres' own metadata with the tables that are given. */
function tracked(...names: string[]): Record<string, string> {
  return {
    'metadata/version.yaml': 'version: 3\n',
    'metadata/databases/databases.yaml': `- name: default
  kind: postgres
  configuration:
    connection_info:
      database_url:
        from_env: HASURA_GRAPHQL_DATABASE_URL
      isolation_level: read-committed
      use_prepared_statements: false
  tables: "!include default/tables/tables.yaml"
`,
    'metadata/databases/default/tables/tables.yaml': names
      .map((name) => `- "!include public_${name}.yaml"\n`)
      .join(''),
    ...Object.fromEntries(
      names.map((name) => [
        `metadata/databases/default/tables/public_${name}.yaml`,
        `table:\n  name: ${name}\n  schema: public\n`,
      ]),
    ),
  };
}

function fill(project: ProjectFolder, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) project.write(name, text);
}

test('a document with every key: export, apply, export gives the same bytes', async () => {
  await server.replace(everyKey);
  const [first, second] = [newProject(), newProject()];
  const before = await server.api('export_metadata');
  expect((await first.run('metadata', 'export')).log).toEqual([
    'info: Exporting metadata...',
    'info: Metadata exported',
  ]);
  await server.api('clear_metadata');
  const applied = await first.run('metadata', 'apply');
  expect(applied.status).toBe(0);
  expect(applied.log.slice(0, 2)).toEqual(['info: Applying metadata...', 'info: Metadata applied']);
  await second.run('metadata', 'export');
  expect(second.files('metadata')).toEqual(first.files('metadata'));
  expect(Object.keys(first.files('metadata'))).toContain('databases/second/tables/public_article.yaml');
  // but for the texts that an export prints anew, the server has what it had
  const texts = (text: unknown) => JSON.stringify(text).replace(/"(query|schema)":"[^"]*"/g, '');
  expect(texts(await server.api('export_metadata'))).toBe(texts(before));
  expect((await first.run('metadata', 'diff')).out).toBe('');
});

test('export writes the files of the Hasura CLI, leaves others alone, and prints with -o', async () => {
  const project = newProject();
  fill(project, tracked('author'));
  await project.run('metadata', 'apply');
  project.write('metadata/databases/default/tables/public_orphan.yaml', 'table: x\n');
  await project.run('metadata', 'export');
  const files = project.files('metadata');
  expect(files['databases/default/tables/public_author.yaml']).toBe(
    'table:\n  name: author\n  schema: public\n',
  );
  expect(files['databases/default/tables/public_orphan.yaml']).toBe('table: x\n');
  expect(files['databases/default/tables/tables.yaml']).toBe('- "!include public_author.yaml"\n');
  expect(Object.keys(files).filter((name) => !name.startsWith('databases/'))).toEqual([
    'actions.graphql',
    'actions.yaml',
    'allow_list.yaml',
    'api_limits.yaml',
    'backend_configs.yaml',
    'cron_triggers.yaml',
    'graphql_schema_introspection.yaml',
    'inherited_roles.yaml',
    'metrics_config.yaml',
    'network.yaml',
    'opentelemetry.yaml',
    'query_collections.yaml',
    'remote_schemas.yaml',
    'rest_endpoints.yaml',
    'version.yaml',
  ]);
  const printed = await newProject().run('metadata', 'export', '-o', 'json');
  expect(JSON.parse(printed.out)).toMatchObject({ version: 3, sources: [{ name: 'default' }] });
  expect(printed.log).toEqual([]);
  expect((await newProject().run('md', 'export', '--output', 'xml')).log).toEqual([
    "fatal: output format 'xml' is not supported. supported formats: json, yaml",
  ]);
  // what export has written for an empty server is accepted again
  expect((await project.run('metadata', 'apply')).log).toContain('info: Metadata applied');
});

test('apply of what does not fit: told, status 0; refused as a whole when it is not allowed', async () => {
  const project = newProject();
  fill(project, tracked('author', 'missing'));
  const before = await server.api('export_metadata');
  const strict = await project.run('metadata', 'apply', '--disallow-inconsistent-metadata');
  expect(strict.status).toBe(1);
  expect(strict.log.at(-1)).toMatch(/^fatal: error applying metadata \n\{\n[\s\S]*missing/);
  expect(await server.api('export_metadata')).toEqual(before);
  const lenient = await project.run('metadata', 'apply');
  expect([lenient.status, lenient.log.slice(1)]).toEqual([
    0,
    [
      'info: Metadata applied',
      'warning: Metadata is inconsistent',
      "warning: Use 'postern metadata ic list' command to list inconsistent objects",
    ],
  ]);
  const list = await project.run('metadata', 'ic', 'ls');
  expect(list.out).toMatch(/^NAME +TYPE +DESCRIPTION +REASON\n/);
  expect(list.out).toContain('missing  table  {"schema":"public","name":"missing"}  Inconsistent object');
  const json = await project.run('metadata', 'inconsistency', 'list', '-o', 'json');
  expect(JSON.parse(json.out)).toMatchObject([{ type: 'table', reason: expect.stringContaining('missing') }]);
  expect(await project.run('metadata', 'inconsistencies', 'status')).toMatchObject({
    status: 1,
    log: [
      "fatal: metadata is inconsistent, use 'postern metadata ic list' command to see the inconsistent objects",
    ],
  });
  expect(await project.run('metadata', 'reload')).toMatchObject({
    status: 0,
    log: [
      'info: Reloading metadata...',
      'info: Metadata reloaded',
      "warning: Metadata is inconsistent, use 'postern metadata ic list' command to see the inconsistent objects",
    ],
  });
  expect((await project.run('metadata', 'ic', 'drop')).log.at(-1)).toBe(
    'info: all inconsistent objects removed from metadata',
  );
  expect(await project.run('metadata', 'ic', 'status')).toMatchObject({
    status: 0,
    log: ['info: metadata is consistent'],
  });
  expect((await project.run('metadata', 'ic', 'list')).log).toEqual(['info: metadata is consistent']);
});

test('a project that is wrong names the file, and the server stays as it is', async () => {
  const project = newProject();
  fill(project, tracked('author'));
  const before = await server.api('export_metadata');
  for (const [name, text, message] of [
    ['metadata/cron_triggers.yaml', 'a: [', 'object: cron_triggers\nfile: '],
    ['metadata/actions.graphql', 'type {', 'object: actions\nfile: '],
    ['metadata/databases/default/tables/tables.yaml', '- "!include gone.yaml"', 'tag: !include\nfile: '],
    [
      'metadata/databases/default/tables/tables.yaml',
      '- "!include ../../../../../etc/passwd"',
      'lies outside of the project',
    ],
    ['metadata/databases/default/tables/tables.yaml', '- "!include tables.yaml"', 'it includes itself'],
  ] as const) {
    const old = project.files()[name];
    project.write(name, text);
    const { status, log } = await project.run('metadata', 'apply');
    expect([status, log.at(-1)]).toEqual([1, expect.stringContaining(message)]);
    if (old === undefined) rmSync(join(project.path, name));
    else project.write(name, old);
  }
  rmSync(join(project.path, 'metadata/version.yaml'));
  expect((await project.run('metadata', 'apply')).log).toEqual([
    expect.stringMatching(
      /metadata holds no metadata: version\.yaml is missing\. 'postern metadata export' writes/,
    ),
  ]);
  rmSync(join(project.path, 'metadata'), { recursive: true });
  project.write('metadata', 'a file');
  expect((await project.run('metadata', 'export')).log.at(-1)).toMatch(
    /^fatal: the folder .*metadata cannot be made: a file is in its place$/,
  );
  expect(await server.api('export_metadata')).toEqual(before);
});

test('dry run, and -o after applying', async () => {
  const project = newProject();
  fill(project, tracked('author'));
  const dry = await project.run('metadata', 'apply', '--dry-run', '-o', 'yaml');
  expect(dry.out).toContain('version: 3\nsources:\n  - name: default\n');
  expect(dry.log).toEqual([]);
  expect(JSON.parse((await project.run('metadata', 'apply', '--dry-run')).out)).toMatchObject({ version: 3 });
  const applied = await project.run('metadata', 'apply', '-o', 'json');
  expect(JSON.parse(applied.out)).toEqual(await server.api('export_metadata'));
});

test('diff tells files and places', async () => {
  const project = newProject();
  fill(project, tracked('author'));
  await project.run('metadata', 'apply');
  project.write(
    'metadata/databases/default/tables/public_author.yaml',
    'table:\n  name: author\n  schema: public\narray_relationships:\n  - name: articles\n',
  );
  const { out, log } = await project.run('metadata', 'diff');
  expect(out).toBe(`databases/default/tables/public_author.yaml

(root level)
+ one map entry added:
  array_relationships:
    - name: articles
`);
  expect(log).toEqual(['info: Showing diff between project and server...']);
  const text = await project.run('metadata', 'diff', '--type', 'yaml');
  expect(text.out).toMatch(/^- server\n\+ project\n(?: {2}.*\n)*\+ +array_relationships:\n/);
  expect((await project.run('metadata', 'diff', '--type', 'x')).log.at(-1)).toContain(
    "doesn't support difftype x",
  );
  const folder = join(project.path, 'metadata');
  expect((await project.run('metadata', 'diff', folder, folder, '--type', 'json')).out).toBe(
    'zero differences found\n',
  );
  const file = join(project.path, 'config.yaml');
  expect((await project.run('metadata', 'diff', file)).log.at(-1)).toBe(
    `fatal: metadata diff only works with folder but got file ${file}`,
  );
});

test('hostile names of schemas, tables and sources go to files and back, and stay in the project', async () => {
  const names = [
    '../../up',
    'a/b',
    'with "quotes" and \'more\'',
    ' blank ',
    'null',
    'ünïcödé 😀',
    '#1: {x}',
    'x'.repeat(63),
  ];
  const schema = 'we/ird.schema';
  const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
  await server.database.sql(`create schema ${quote(schema)}`);
  try {
    for (const name of names)
      await server.database.sql(`create table ${quote(schema)}.${quote(name)} (id int primary key)`);
    const connection = { connection_info: { database_url: { from_env: 'HASURA_GRAPHQL_DATABASE_URL' } } };
    const comment = 'two\nlines  \n\ttab, "!include" not at the start, 100%';
    await server.replace({
      version: 3,
      sources: [
        {
          name: '../../evil source',
          kind: 'postgres',
          tables: names.map((name) => ({ table: { schema, name }, configuration: { comment } })),
          configuration: connection,
        },
      ],
    });
    const before = await server.api('export_metadata');
    const project = newProject();
    expect((await project.run('metadata', 'export')).log.slice(1)).toEqual(['info: Metadata exported']);
    expect(Object.keys(project.files('metadata/databases'))).toHaveLength(names.length + 2);
    await server.api('clear_metadata');
    await project.run('metadata', 'apply');
    expect(await server.api('export_metadata')).toEqual(before);
    const flags = ['--database-name', '../../evil source'];
    await project.run('migrate', 'create', 'first', ...flags, '--up-sql', 'create table here (id int)');
    expect(Object.keys(project.files('migrations'))[0]).toMatch(/^\.\.%2F\.\.%2Fevil source\/[0-9]+_first\//);
    expect((await project.run('migrate', 'apply', ...flags)).log.at(-1)).toBe('info: migrations applied');
    expect((await project.run('migrate', 'status', ...flags)).out).toContain('first  Present        Present');
  } finally {
    await server.database.sql(`drop schema ${quote(schema)} cascade; drop table if exists here`);
    await server.replace({
      version: 3,
      sources: [
        {
          name: 'default',
          kind: 'postgres',
          tables: [],
          configuration: { connection_info: { database_url: { from_env: 'HASURA_GRAPHQL_DATABASE_URL' } } },
        },
      ],
    });
  }
});

test('clear leaves the databases', async () => {
  const project = newProject();
  fill(project, tracked('author'));
  await project.run('metadata', 'apply');
  expect((await project.run('metadata', 'reset')).log).toEqual([
    'info: Clearing metadata...',
    'info: Metadata cleared',
  ]);
  expect(await server.api('export_metadata')).toMatchObject({ sources: [{ name: 'default', tables: [] }] });
});

test.each(['json', 'yaml'])('the metadata may be one file: %s', async (format) => {
  const project = newProject(`metadata_file: all.${format}\n`);
  await server.replace(everyKey);
  const before = await server.api('export_metadata');
  await project.run('metadata', 'export');
  expect(Object.keys(project.files()).sort()).toEqual([`all.${format}`, 'config.yaml']);
  await server.api('clear_metadata');
  expect((await project.run('metadata', 'apply')).log).toContain('info: Metadata applied');
  expect(await server.api('export_metadata')).toEqual(before);
  expect((await project.run('metadata', 'diff')).out).toBe('zero differences found\n');
  expect((await project.run('metadata', 'diff', 'x')).log.at(-1)).toBe(
    'fatal: expected 0 arguments, found: [x]',
  );
  rmSync(join(project.path, `all.${format}`));
  expect((await project.run('metadata', 'apply')).log.at(-1)).toContain('does not exist');
  writeFileSync(join(project.path, `all.${format}`), '[1]');
  expect((await project.run('metadata', 'apply')).log.at(-1)).toContain('a mapping of keys is expected');
});

test('the first questions of the Hasura CLI are answered', async () => {
  const headers = { 'x-hasura-admin-secret': server.adminSecret };
  const version = await fetch(`${server.address}/v1/version`);
  expect(await version.json()).toMatchObject({ version: expect.stringMatching(/^v2\./) });
  const configuration = await fetch(`${server.address}/v1alpha1/config`, { headers });
  expect([configuration.status, await configuration.json()]).toEqual([
    200,
    expect.objectContaining({ console_assets_dir: null }),
  ]);
  expect(await server.api('export_metadata', {}, '/v1/query')).toMatchObject({ version: 3 });
  expect(await server.api('get_catalog_state')).toMatchObject({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    cli_state: {},
    console_state: {},
  });
  const rows = { result_type: 'TuplesOk', result: [['a'], ['1']] };
  const runSql = { type: 'run_sql', args: { sql: 'select 1 as a', source: 'default' } };
  expect(await server.api('bulk', [runSql, runSql], '/v2/query')).toEqual([rows, rows]);
});

test('a wrong secret, no server, another program: what to do is said', async () => {
  const project = newProject();
  const wrong = await project.run('metadata', 'export', '--admin-secret', 'wrong');
  expect(wrong.status).toBe(1);
  expect(wrong.log.at(-1)).toContain('Is the admin secret right?');
  const nobody = await project.run('metadata', 'export', '--endpoint', 'http://127.0.0.1:1');
  expect(nobody.log.at(-1)).toMatch(
    /^fatal: connecting to graphql-engine server failed: http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/,
  );
  const elsewhere = await project.run('metadata', 'export', '--endpoint', `${server.address}/nowhere`);
  expect(elsewhere.status).toBe(1);
});
