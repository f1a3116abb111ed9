import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ensureCommandBuilt, repository } from '../../../scripts/set-up.mjs';
import { createTestDatabase, type TestDatabase } from '../../engine/test/support/index.ts';
import { freePort } from '../src/local-postgres/index.ts';

const postern = join(repository, 'bin', 'postern');
let db: TestDatabase;
const children: ChildProcess[] = [];

beforeAll(async () => {
  await ensureCommandBuilt();
  db = await createTestDatabase();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => db?.drop());

function run(...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(postern, args, { encoding: 'utf8', env: plainEnvironment() });
  return { status, out: stdout, err: stderr };
}

/** The environment without what would configure the engine. */
function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(HASURA_GRAPHQL_|PORT$|DATABASE_URL$)/.test(name)),
  );
}

function start(args: readonly string[], environment: NodeJS.ProcessEnv): ChildProcess {
  // as the conformance runner starts it: by a shell that replaces itself
  const child = spawn('/bin/sh', ['-c', `exec "$0" ${args.join(' ')}`, postern], {
    env: { ...plainEnvironment(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  return child;
}

async function untilHealthy(address: string, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${child.stderr?.read()}`);
    const answer = await fetch(`${address}/healthz`).catch(() => null);
    if (answer?.status === 200) {
      expect(await answer.text()).toBe('OK');
      return;
    }
    await new Promise((go) => setTimeout(go, 20));
  }
}

test('version and help', () => {
  const { status, out } = run('version');
  expect([status, JSON.parse(out)]).toEqual([
    0,
    { level: 'info', msg: 'postern cli', version: '0.1.0', time: expect.any(String) },
  ]);
  for (const flag of ['--version', '-v'])
    expect(run(flag)).toMatchObject({ status: 0, out: 'postern 0.1.0\n' });
  expect(run('--help').out).toContain('serve');
  expect(run('serve', '--help').out).toContain('HASURA_GRAPHQL_DATABASE_URL');
  expect(run('dev', '--help').out).toContain('--project <folder>');
});

test('a wrong command line is told in a sentence, without a stack', () => {
  expect(run('srve')).toMatchObject({ status: 2, err: expect.stringContaining("unknown command 'srve'") });
  const { status, err } = run('serve', '--no-such-flag');
  expect(status).toBe(1);
  expect(err).toBe("Fatal Error: Invalid option `--no-such-flag'\n");
});

test('the commands of the Hasura CLI know the statuses 0 and 1, and log JSON where nobody watches', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-command-'));
  try {
    const made = run('init', join(folder, 'p'));
    expect([made.status, made.out, JSON.parse(made.err)]).toEqual([
      0,
      '',
      { level: 'info', msg: expect.stringContaining('directory created.'), time: expect.any(String) },
    ]);
    const applied = run('--project', join(folder, 'p'), 'md', 'apply', '--endpoint', 'http://127.0.0.1:1');
    expect([applied.status, applied.out]).toEqual([1, '']);
    expect(JSON.parse(applied.err)).toMatchObject({
      level: 'fatal',
      msg: expect.stringContaining('connecting to graphql-engine server failed'),
    });
    expect(run('metadata', 'aply')).toMatchObject({
      status: 1,
      err: expect.stringContaining("unknown command 'aply'"),
    });
    expect(run('--project', folder, 'migrate', 'apply').err).toContain('cannot find [config.yaml]');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('bash completes commands and flags', () => {
  const complete = (...words: string[]): string[] => {
    const script = `source <("$0" completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _postern; echo "\${COMPREPLY[@]}"`;
    const { stdout } = spawnSync('bash', ['-c', script, postern, 'postern', ...words], { encoding: 'utf8' });
    return stdout.trim().split(' ');
  };
  expect(complete('m')).toEqual(['metadata', 'migrate']);
  expect(complete('metadata', 'inconsistency', '')).toEqual(['list', 'status', 'drop']);
  expect(complete('migrate', 'apply', '--sk')).toEqual(['--skip-execution']);
  expect(run('completion', 'zsh').out).toContain('bashcompinit');
  expect(run('completion', 'fish')).toMatchObject({
    status: 1,
    err: expect.stringContaining('unknown shell: fish.'),
  });
});

test('serve answers within a second and a half, and ends with status 0 on SIGTERM', async () => {
  const port = await freePort();
  const startedAt = performance.now();
  const child = start(['serve'], {
    HASURA_GRAPHQL_DATABASE_URL: db.url,
    HASURA_GRAPHQL_SERVER_PORT: String(port),
  });
  await untilHealthy(`http://127.0.0.1:${port}`, child);
  // generous: the machine may be running other tests
  expect(performance.now() - startedAt).toBeLessThan(6_000);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('plain DATABASE_URL and PORT are enough', async () => {
  const port = await freePort();
  const child = start(['serve'], { DATABASE_URL: db.url, PORT: String(port) });
  await untilHealthy(`http://127.0.0.1:${port}`, child);
});

test('flags may stand before the word serve, as for Hasura', async () => {
  const port = await freePort();
  const child = start(['--database-url', `'${db.url}'`, 'serve', '--server-port', String(port)], {});
  await untilHealthy(`http://127.0.0.1:${port}`, child);
});

test('dev brings everything along, keeps its data and says when the port is taken', async () => {
  const data = mkdtempSync(join(tmpdir(), 'postern-dev-'));
  // or root's PostgreSQL user cannot pass, and the database goes to a folder outside, which this test would leave behind
  chmodSync(data, 0o711);
  try {
    const port = await freePort();
    const question = {
      method: 'POST',
      body: JSON.stringify({ query: '{ articles(order_by: {id: asc}) { id } }' }),
    };
    for (const round of ['first', 'second']) {
      const child = start(['dev', '--data', data, '--port', String(port)], {});
      let out = '';
      child.stdout?.on('data', (chunk) => {
        out += chunk;
      });
      await expect.poll(() => out, { timeout: 60_000, interval: 100 }).toContain('Ctrl-C stops it');
      expect(out).toContain(`Postern serves http://localhost:${port}`);
      const answer = await fetch(`http://localhost:${port}/v1/graphql`, question);
      expect([round, await answer.json()]).toEqual([round, { data: { articles: [{ id: 1 }, { id: 3 }] } }]);
      const home = await fetch(`http://localhost:${port}/`, { redirect: 'manual' });
      expect([home.status, home.headers.get('location')]).toEqual([302, 'console']);
      if (round === 'first') {
        const other = spawnSync(postern, ['dev', '--data', `${data}-2`, '--port', String(port)], {
          encoding: 'utf8',
        });
        expect(other.status).toBe(1);
        expect(other.stderr).toContain(`Port ${port} is taken by another program.`);
      }
      child.kill('SIGINT');
      expect(await once(child, 'exit')).toEqual([0, null]);
    }
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}, 120_000);
