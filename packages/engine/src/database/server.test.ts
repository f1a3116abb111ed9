import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Cluster,
  embeddedBinaries,
  startCluster,
  systemBinaries,
} from '../../../cli/src/local-postgres/index.ts';
import { type Database, DatabaseConnectionError, openDatabase } from './index.ts';

/** A server of this file alone: it is stopped, started again, and told to ask for passwords in every way. */
let folder: string;
let cluster: Cluster;
let database: Database;

function start(): Promise<Cluster> {
  const binaries = embeddedBinaries() ?? systemBinaries();
  if (binaries === null) throw new Error('no PostgreSQL to start');
  const settings = { fsync: 'off', unix_socket_directories: folder, max_connections: '20' };
  return startCluster({ binaries, folder, durable: true, settings });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'postern-driver-'));
  cluster = await start();
  database = openDatabase({ url: cluster.url });
});

afterAll(async () => {
  await database?.close({ deadlineMs: 100 });
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function answer(target: Database): Promise<string | null | undefined> {
  return (await target.queryRows({ text: 'select $1::text as a', parameters: ['x'] }))[0]?.['a'];
}

describe('authentication', () => {
  const PASSWORD = 'p\u00e4ss, word=1';

  function as(user: string, password: string): Database {
    const url = new URL(cluster.url);
    url.username = user;
    url.password = encodeURIComponent(password);
    return openDatabase({ url: url.href, retries: 0 });
  }

  beforeAll(async () => {
    await database.script(`
      set password_encryption = 'scram-sha-256';
      create role by_scram login password '${PASSWORD}';
      create role by_password login password '${PASSWORD}';
      set password_encryption = 'md5';
      create role by_md5 login password '${PASSWORD}';
      set password_encryption = 'scram-sha-256';
      create role odd_space login password 'a b';
      create role nobody login`);
    const [row] = await database.queryRows({ text: 'show hba_file', parameters: [] });
    const lines = ['by_password password', 'by_md5 md5', 'all scram-sha-256'].map(
      (line) => `('host all ${line.replace(' ', ' 127.0.0.1/32 ')}')`,
    );
    await database.script(
      `copy (values ${lines.join(', ')}, ('local all all trust')) to '${row?.['hba_file']}'`,
    );
    await database.script('select pg_reload_conf()');
  });

  test.each(['by_scram', 'by_md5', 'by_password'])('%s', async (role) => {
    const right = as(role, PASSWORD);
    expect(await answer(right)).toBe('x');
    await right.close();
    const wrong = as(role, 'wrong');
    await expect(answer(wrong)).rejects.toMatchObject({ name: 'DatabaseConnectionError', sqlState: '28P01' });
    await wrong.close();
  });

  test('SCRAM takes other spaces for spaces', async () => {
    const other = as('odd_space', 'a\u00a0\u00adb');
    expect(await answer(other)).toBe('x');
    await other.close();
  });

  test('a missing password is said to be missing', async () => {
    const url = new URL(cluster.url);
    url.password = '';
    const without = openDatabase({ url: url.href, retries: 0 });
    await expect(answer(without)).rejects.toThrow('the server asks for a password and none was given');
    await without.close();
  });

  test('a unix socket in a folder', async () => {
    const { port } = new URL(cluster.url);
    const bySocket = openDatabase({
      url: `postgres://nobody@${encodeURIComponent(folder)}:${port}/postgres?sslmode=verify-full`,
    });
    expect(await answer(bySocket)).toBe('x');
    await bySocket.close();
  });

  test('the second host is taken when the first does not answer', async () => {
    const { port, password } = new URL(cluster.url);
    const either = openDatabase({
      url: `postgres://postgres:${password}@127.0.0.1:1,127.0.0.1:${port}/postgres`,
    });
    expect(await answer(either)).toBe('x');
    await either.close();
  });
});

test('parameters of the URL reach the session', async () => {
  const url = `${cluster.url}?application_name=me&options=-c%20search_path%3Dpg_catalog%20-c%20statement_timeout%3D50`;
  const special = openDatabase({ url });
  const text = `select current_setting('application_name') as name, current_setting('search_path') as path`;
  expect(await special.queryRows({ text, parameters: [] })).toEqual([{ name: 'me', path: 'pg_catalog' }]);
  await expect(special.queryRows({ text: 'select pg_sleep(5)', parameters: [] })).rejects.toMatchObject({
    sqlState: '57014',
  });
  await special.script('select 1'); // which resets the session to what the URL says
  expect(await special.queryRows({ text, parameters: [] })).toEqual([{ name: 'me', path: 'pg_catalog' }]);
  await special.close();
});

test('too many connections for the server: those that exist do the work', async () => {
  const many = openDatabase({ url: cluster.url, maxConnections: 60 });
  const results = await Promise.all(
    Array.from({ length: 100 }, () => many.queryRows({ text: 'select pg_sleep(0.01)', parameters: [] })),
  );
  expect(results).toHaveLength(100);
  expect(many.stats().connections).toBeLessThanOrEqual(20);
  await many.close();
});

test('the server goes away and comes back', async () => {
  const running = database.queryRows({ text: 'select pg_sleep(30)', parameters: [] });
  const transaction = database.transaction({}, (connection) =>
    connection.queryRows({ text: 'select pg_sleep(30)', parameters: [] }),
  );
  const heard: string[] = [];
  await database.listen('news', (payload) => heard.push(payload));
  const lost = Promise.all([
    expect(running).rejects.toBeInstanceOf(DatabaseConnectionError),
    expect(transaction).rejects.toBeInstanceOf(DatabaseConnectionError),
  ]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await cluster.stop();
  await lost;
  const while_down = await Promise.allSettled(Array.from({ length: 30 }, () => answer(database)));
  for (const result of while_down) {
    expect(result).toMatchObject({ status: 'rejected', reason: { name: 'DatabaseConnectionError' } });
  }
  cluster = await start();
  await expect.poll(() => answer(database).catch(() => null), { timeout: 5_000 }).toBe('x');
  const poll = async (): Promise<boolean> => {
    await database.queryRows({ text: `select pg_notify('news', 'back')`, parameters: [] });
    return heard.includes('back');
  };
  await expect.poll(poll, { timeout: 8_000, interval: 50 }).toBe(true);
});
