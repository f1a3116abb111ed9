import { request as httpRequest } from 'node:http';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type RunningConsole, startConsole } from '../src/console/index.ts';
import { withSession } from '../src/session/index.ts';
import { ProjectFolder, type ProjectServer, startProjectServer } from './support/project-server.ts';

let server: ProjectServer;
let project: ProjectFolder;
let running: RunningConsole;
let assets: string;
let stop: () => void;
let ended: Promise<void>;

beforeAll(async () => {
  server = await startProjectServer();
});
afterAll(() => server?.stop());

beforeEach(async () => {
  await server.database.sql('drop schema public cascade; create schema public');
  await server.api('set_catalog_state', { type: 'cli', state: {} });
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
  project = new ProjectFolder(server);
  assets = mkdtempSync(join(tmpdir(), 'postern-assets-'));
  mkdirSync(join(assets, 'assets'));
  writeFileSync(join(assets, 'index.html'), '<html><head><title>x</title></head></html>');
  writeFileSync(join(assets, 'assets/a.js'), 'let a');
  symlinkSync('/etc/passwd', join(assets, 'assets/b.js'));
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await new Promise<void>((started, failed) => {
    ended = withSession(
      {
        argv: [],
        options: { project: project.path, logLevel: 'FATAL' },
        environment: {},
        repository: '.',
        print() {},
      },
      async (session) => {
        running = await startConsole(session, {
          address: '127.0.0.1',
          consolePort: 0,
          apiPort: 0,
          apiHost: null,
          dataApiUrl: null,
          assets,
        });
        started();
        await new Promise<void>((go) => {
          stop = go;
        });
        await running.close();
      },
    );
    ended.catch(failed);
  });
  err.mockRestore();
});
afterEach(async () => {
  stop();
  await ended;
  project.remove();
  rmSync(assets, { recursive: true });
});

async function api(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<[number, unknown]> {
  const response = await fetch(running.apiUrl + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return [response.status, await response.json()];
}

const sql = (text: string) => ({ type: 'run_sql', args: { sql: text, source: 'default' } });
const track = (name: string) => ({ type: 'pg_track_table', args: { source: 'default', table: name } });

function migrations(): string[] {
  return Object.keys(project.files('migrations')).map((path) => path.replace(/\d{13}/, 'N'));
}

test('a change becomes a migration, is carried out and recorded, and the metadata is written', async () => {
  const change = {
    name: 'make_a',
    datasource: 'default',
    up: [
      {
        type: 'bulk',
        args: [sql('create table a (id int primary key) -- a'), sql('create table b (id int)')],
      },
      track('a'),
    ],
    down: [sql('drop table b;'), sql('drop table a;')],
  };
  const [status, answer] = await api('POST', '/apis/migrate', change);
  const name = (answer as { name: string }).name;
  expect([status, name]).toEqual([200, expect.stringMatching(/^\d{13}_make_a$/)]);
  expect(project.read(`migrations/default/${name}/up.sql`)).toBe(
    'create table a (id int primary key) -- a\n;\ncreate table b (id int)',
  );
  expect(project.read(`migrations/default/${name}/down.sql`)).toBe('drop table b;\ndrop table a;');
  expect(project.read('metadata/databases/default/tables/tables.yaml')).toBe('- "!include public_a.yaml"\n');
  const version = Number(name.slice(0, 13));
  expect(await api('GET', '/apis/migrate?datasource=default')).toEqual([
    200,
    { migrations: [version], status: { [version]: { database_status: true, source_status: true } } },
  ]);
  // the files say what was done: down and up again by the command
  expect((await project.run('migrate', 'apply', '--down', 'all', '--database-name', 'default')).status).toBe(
    0,
  );
  expect((await project.run('migrate', 'apply', '--database-name', 'default')).status).toBe(0);
});

test('a change that fails leaves no file, no table and no record', async () => {
  const up = [sql('create table a (id int)'), sql('create table a (id int)'), track('a')];
  const [status, answer] = await api('POST', '/apis/migrate', { name: 'x', up, down: [] });
  expect([status, answer]).toEqual([
    400,
    { code: 'data_api_error', message: expect.stringContaining('relation \\"a\\" already exists') },
  ]);
  expect(migrations()).toEqual([]);
  expect(await server.database.sql(`select to_regclass('a') as a`)).toEqual([{ a: null }]);
  expect(await api('GET', '/apis/migrate')).toEqual([200, { migrations: [], status: {} }]);
});

test('SQL that was run stays recorded when the metadata behind it is refused', async () => {
  const up = [sql('create table a (id int)'), track('nowhere')];
  const [status, answer] = await api('POST', '/apis/migrate', { name: 'x', up, down: [sql('drop table a')] });
  expect([status, answer]).toEqual([
    400,
    {
      code: 'data_api_error',
      message: expect.stringMatching(/^the SQL was run and is recorded as \d+_x; then: /),
    },
  ]);
  expect(migrations()).toEqual(['default/N_x/down.sql', 'default/N_x/up.sql']);
});

test('metadata alone makes no migration; SQL that is skipped is only written and recorded', async () => {
  await server.database.sql('create table a (id int)');
  expect((await api('POST', '/apis/migrate', { name: 'x', up: [track('a')] }))[0]).toBe(200);
  expect(migrations()).toEqual([]);
  const skipped = { name: 'y', up: [sql('create table never (id int)')], skip_execution: true };
  expect((await api('POST', '/apis/migrate', skipped))[0]).toBe(200);
  expect(migrations()).toEqual(['default/N_y/down.sql', 'default/N_y/up.sql']);
  expect(await server.database.sql(`select to_regclass('never') as a`)).toEqual([{ a: null }]);
});

test('migration mode decides where SQL may be sent', async () => {
  const up = [sql('create table a (id int)')];
  expect(await api('GET', '/apis/migrate/settings')).toEqual([200, { migration_mode: 'true' }]);
  expect((await api('POST', '/apis/metadata', { up }))[1]).toMatchObject({ code: 'migration_mode_enabled' });
  const off = { name: 'migration_mode', value: 'false' };
  expect((await api('PUT', '/apis/migrate/settings', off))[0]).toBe(200);
  expect(await api('GET', '/apis/migrate/settings')).toEqual([200, { migration_mode: 'false' }]);
  expect(await api('POST', '/apis/migrate', { name: 'x', up })).toMatchObject([
    400,
    { code: 'migration_mode_disabled' },
  ]);
  expect((await project.run('migrate', 'status', '--database-name', 'default')).log.at(-1)).toContain(
    'Migration mode is disabled',
  );
  expect(await api('POST', '/apis/metadata', { up: [...up, track('a')] })).toEqual([
    200,
    { message: 'Success' },
  ]);
  expect(project.read('metadata/databases/default/tables/tables.yaml')).toContain('public_a');
});

test('metadata is exported on request, and squashed migrations are joined and deleted', async () => {
  expect(await api('GET', '/apis/metadata?export=true')).toEqual([200, { metadata: 'Success' }]);
  expect(project.read('metadata/version.yaml')).toBe('version: 3\n');
  for (const name of ['a', 'b']) {
    await api('POST', '/apis/migrate', { name, up: [sql(`create table ${name} (id int)`)] });
  }
  const [, { migrations: versions }] = (await api('GET', '/apis/migrate')) as [
    number,
    { migrations: number[] },
  ];
  expect(await api('POST', '/apis/migrate/squash/create', { name: 'ab', from: versions[0] })).toEqual([
    200,
    { version: versions[1], squashed_migrations: versions },
  ]);
  expect((await api('POST', '/apis/migrate/squash/delete', { migrations: versions }))[0]).toBe(200);
  expect(migrations()).toEqual(['default/N_ab/down.sql', 'default/N_ab/up.sql']);
  expect(await api('GET', '/apis/migrate')).toMatchObject([200, { migrations: [versions[1]] }]);
});

test('other pages and other names of this machine are refused, the own page is not', async () => {
  const own = running.pageUrl.slice(0, -1);
  expect((await api('GET', '/apis/migrate', undefined, { origin: own }))[0]).toBe(200);
  // text/plain needs no permission of the browser, so the request itself must be refused
  const foreign = { origin: 'http://evil.example', 'content-type': 'text/plain' };
  const up = [sql('create table stolen (id int)')];
  expect((await api('POST', '/apis/migrate', { name: 'x', up }, foreign))[0]).toBe(403);
  expect(await server.database.sql(`select to_regclass('stolen') as a`)).toEqual([{ a: null }]);
  for (const url of [`${running.apiUrl}/apis/migrate`, `${running.pageUrl}console`]) {
    expect(await statusWithHost(url, 'evil.example')).toBe(403);
  }
  const preflight = await fetch(`${running.apiUrl}/apis/migrate`, {
    method: 'OPTIONS',
    headers: { origin: own, 'access-control-request-headers': 'x-a' },
  });
  expect(preflight.headers.get('access-control-allow-origin')).toBe(own);
});

function statusWithHost(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    httpRequest(url, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

test.each([
  ['POST', '/apis/migrate', '{', 500, 'request_parse_error'],
  ['POST', '/apis/migrate', '[]', 500, 'request_parse_error'],
  ['POST', '/apis/migrate', '{"up":[]}', 500, 'request_parse_error'],
  ['POST', '/apis/migrate', '{"name":"x","up":{}}', 500, 'request_parse_error'],
  [
    'POST',
    '/apis/migrate',
    '{"name":"../../x","up":[{"type":"run_sql","args":{"sql":"select 1"}}]}',
    500,
    'create_file_error',
  ],
  ['POST', '/apis/migrate', '{"name":"x","datasource":"none"}', 400, 'data_api_error'],
  ['PUT', '/apis/migrate/settings', '{}', 500, 'request_parse_error'],
  ['POST', '/apis/migrate/squash/create', '{"from":"x"}', 500, 'request_parse_error'],
  ['POST', '/apis/migrate/squash/create', '{"from":1}', 500, 'internal_error'],
  ['POST', '/apis/migrate/squash/delete', '{"migrations":[1,2]}', 500, 'internal_error'],
])('%s %s %s is answered with %i %s', async (method, path, body, status, code) => {
  expect(await api(method, path, body)).toMatchObject([status, { code }]);
});

test('what is no route is told', async () => {
  expect(await api('DELETE', '/apis/migrate')).toMatchObject([
    404,
    { message: 'there is no DELETE /apis/migrate' },
  ]);
});

test('the page has its environment, the files of the folder and no others, and the engine behind it', async () => {
  const page = await (await fetch(`${running.pageUrl}console/data/default`)).text();
  const environment = JSON.parse(/window\.__env = (.*)<\/script>/.exec(page)?.[1] ?? '{}');
  expect(environment).toMatchObject({
    apiHost: 'http://localhost',
    adminSecret: server.adminSecret,
    serverVersion: expect.stringMatching(/^v2/),
    consolePath: '/console',
    enableTelemetry: false,
  });
  expect(await (await fetch(`${running.pageUrl}console/assets/a.js`)).text()).toBe('let a');
  for (const path of ['console/assets/b.js', 'console/assets/none.js', 'console/%2e%2e/%2e%2e/etc/hosts.x']) {
    expect((await fetch(running.pageUrl + path)).status).not.toBe(200);
  }
  const ask = (headers: Record<string, string>) =>
    fetch(`${running.pageUrl}v1/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query: '{ __typename }' }),
    }).then((response) => response.json());
  expect(await ask({ 'x-hasura-admin-secret': server.adminSecret })).toEqual({
    data: { __typename: 'query_root' },
  });
  // an address that is none is refused, and the server lives on
  const { hostname, port } = new URL(running.pageUrl);
  const status = await new Promise((resolve, reject) => {
    httpRequest({ hostname, port, path: '//' }, (response) => resolve(response.resume().statusCode))
      .on('error', reject)
      .end();
  });
  expect(status).toBe(400);
  // the page's server adds no secret
  expect(await ask({})).toMatchObject({ errors: [{ extensions: { code: 'access-denied' } }] });
});

test('a WebSocket goes through to the engine, and does not keep the console from ending', async () => {
  const socket = new WebSocket(`${running.pageUrl.replace('http', 'ws')}v1/graphql`, 'graphql-transport-ws', {
    origin: running.pageUrl.slice(0, -1),
  });
  const messages: unknown[] = [];
  await new Promise<void>((done, failed) => {
    socket.on('error', failed);
    socket.on('open', () =>
      socket.send(
        JSON.stringify({
          type: 'connection_init',
          payload: { headers: { 'x-hasura-admin-secret': server.adminSecret } },
        }),
      ),
    );
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as { type: string };
      messages.push(message);
      if (message.type === 'connection_ack') done();
    });
  });
  expect(messages).toContainEqual(expect.objectContaining({ type: 'connection_ack' }));
  // it is still open: the end of the console ends it
  const closed = new Promise((go) => socket.on('close', go));
  stop();
  await closed;
});
