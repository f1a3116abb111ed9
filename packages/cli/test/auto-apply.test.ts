import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ensureCommandBuilt, repository } from '../../../scripts/set-up.mjs';
import { createTestDatabase, type TestDatabase } from '../../engine/test/support/index.ts';
import { freePort } from '../src/local-postgres/index.ts';

let db: TestDatabase;
const folder = mkdtempSync(join(tmpdir(), 'postern-auto-apply-'));
const children: ChildProcess[] = [];

beforeAll(async () => {
  await ensureCommandBuilt();
  db = await createTestDatabase();
  write('metadata/version.yaml', 'version: 3\n');
  write(
    'metadata/databases/databases.yaml',
    `- name: default
  kind: postgres
  configuration:
    connection_info:
      database_url:
        from_env: HASURA_GRAPHQL_DATABASE_URL
  tables: "!include default/tables/tables.yaml"
`,
  );
  write('metadata/databases/default/tables/tables.yaml', '- "!include public_notes.yaml"\n');
  write(
    'metadata/databases/default/tables/public_notes.yaml',
    'table: {schema: public, name: notes}\nselect_permissions: [{role: anonymous, permission: {columns: [id], filter: {}}}]\n',
  );
  // slow enough that both replicas are there before the first is done; run twice, it would fail
  write(
    'migrations/default/1_notes/up.sql',
    'select pg_sleep(1); create table notes (id int primary key); insert into notes values (1);',
  );
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await db?.drop();
});

function write(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

async function start(
  port: number,
  environment: NodeJS.ProcessEnv = {},
): Promise<{ child: ChildProcess; output: () => string }> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(HASURA_GRAPHQL_|PORT$|DATABASE_URL$)/.test(name),
  );
  const child = spawn(
    join(repository, 'bin', 'postern'),
    ['auto-apply', 'serve', '--server-port', String(port)],
    {
      env: {
        ...Object.fromEntries(kept),
        HASURA_GRAPHQL_DATABASE_URL: db.url,
        HASURA_GRAPHQL_ADMIN_SECRET: 'auto-secret',
        HASURA_GRAPHQL_UNAUTHORIZED_ROLE: 'anonymous',
        HASURA_GRAPHQL_METADATA_DIR: join(folder, 'metadata'),
        HASURA_GRAPHQL_MIGRATIONS_DIR: join(folder, 'migrations'),
        HASURA_GRAPHQL_MIGRATIONS_SERVER_PORT: String(await freePort()),
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (piece) => {
      output += piece;
    });
  }
  return { child, output: () => output };
}

async function notes(port: number): Promise<unknown> {
  const question = { method: 'POST', body: JSON.stringify({ query: '{ notes { id } }' }) };
  const answer = await fetch(`http://127.0.0.1:${port}/v1/graphql`, question).catch(() => null);
  return answer?.json();
}

test('replicas that start together apply a project once, and serve when it is in force', async () => {
  const ports = [await freePort(), await freePort()];
  const replicas = await Promise.all(ports.map((port) => start(port)));
  for (const port of ports) {
    await expect
      .poll(() => notes(port), { timeout: 30_000, interval: 100 })
      .toEqual({ data: { notes: [{ id: 1 }] } });
  }
  const log = replicas.map(({ output }) => output()).join('');
  expect(log.match(/"info":"migration applied"/g)).toHaveLength(1);
  expect(log).toContain(
    '"kind":"migrations-apply","info":"another process is applying a project; waiting for it"',
  );
  for (const { child } of replicas) {
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  }
}, 60_000);

test('a project that cannot be applied ends the start', async () => {
  write('migrations/default/2_broken/up.sql', 'select nonsense');
  const port = await freePort();
  const { child, output } = await start(port);
  expect(await once(child, 'exit')).toEqual([1, null]);
  expect(output()).toContain(
    'the project could not be applied: applying migrations failed on database(s): default',
  );
  expect(await notes(port)).toBeUndefined();
}, 60_000);

test('a database that is not reached is told', async () => {
  const { child, output } = await start(await freePort(), {
    HASURA_GRAPHQL_DATABASE_URL: 'postgres://x@127.0.0.1:1/x',
  });
  expect(await once(child, 'exit')).toEqual([1, null]);
  expect(output()).toMatch(
    /"info":"the project could not be applied: the database of the metadata cannot be used: .*ECONNREFUSED/,
  );
});
