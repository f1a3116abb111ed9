import { connect as connectSocket, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/index.ts';
import { type Database, DatabaseConnectionError, type DatabaseOptions, openDatabase } from './index.ts';

let server: TestDatabase;

beforeAll(async () => {
  server = await createTestDatabase();
});

afterAll(() => server?.drop());

async function withDatabase(
  options: Partial<DatabaseOptions>,
  body: (database: Database) => Promise<void>,
): Promise<void> {
  const database = openDatabase({ url: server.url, ...options });
  try {
    await body(database);
  } finally {
    await database.close({ deadlineMs: 200 });
  }
}

function select(database: Database, text = 'select 1 as a') {
  return database.queryRows({ text, parameters: [] });
}

function sleep(database: Database, seconds: number) {
  return select(database, `select pg_sleep(${seconds})`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function backends(): Promise<number> {
  const [row] = await server.sql(
    `select count(*)::int as count from pg_stat_activity where datname = current_database() and application_name = 'pool test'`,
  );
  return row?.['count'] as number;
}

test('connects when first used, and no more than it may', () =>
  withDatabase({ maxConnections: 3, applicationName: 'pool test' }, async (database) => {
    expect(database.stats()).toEqual({ connections: 0, idle: 0, waiting: 0 });
    const running = Array.from({ length: 10 }, () => sleep(database, 0.1));
    await pause(80);
    expect(await backends()).toBe(3);
    expect(database.stats()).toEqual({ connections: 3, idle: 0, waiting: 7 });
    await Promise.all(running);
    expect(database.stats()).toEqual({ connections: 3, idle: 3, waiting: 0 });
  }));

test('who waits too long for a connection is told so, those who run are not disturbed', () =>
  withDatabase({ maxConnections: 1, poolTimeoutMs: 100 }, async (database) => {
    const running = sleep(database, 0.4);
    await pause(50);
    const begin = performance.now();
    await expect(select(database, 'select 2 as b')).rejects.toThrow('connection acquisition timeout expired');
    await expect(database.transaction({}, async () => {})).rejects.toBeInstanceOf(DatabaseConnectionError);
    expect(performance.now() - begin).toBeGreaterThan(150);
    await running;
    expect(await select(database)).toEqual([{ a: '1' }]);
  }));

test('an aborted wait leaves the line', () =>
  withDatabase({ maxConnections: 1 }, async (database) => {
    const running = sleep(database, 0.3);
    await pause(30);
    const controller = new AbortController();
    const waiting = database.queryRows({ text: 'select 1', parameters: [] }, { signal: controller.signal });
    const script = database.script('select 1', { signal: controller.signal });
    expect(database.stats().waiting).toBe(2);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(script).rejects.toThrow('enough');
    expect(database.stats().waiting).toBe(0);
    await running;
  }));

test('idle connections are ended after a while', () =>
  withDatabase({ idleTimeoutMs: 100 }, async (database) => {
    await Promise.all([sleep(database, 0.05), sleep(database, 0.05)]);
    expect(database.stats().connections).toBe(2);
    await pause(300);
    expect(database.stats().connections).toBe(0);
    expect(await select(database)).toEqual([{ a: '1' }]);
  }));

test('old connections are replaced, without disturbing anyone', () =>
  withDatabase({ connectionLifetimeMs: 100, maxConnections: 2 }, async (database) => {
    const processes = new Set<string | null | undefined>();
    const end = performance.now() + 600;
    while (performance.now() < end) {
      const [row] = await select(database, 'select pg_backend_pid() as pid');
      processes.add(row?.['pid']);
    }
    expect(processes.size).toBeGreaterThan(3);
  }));

test('a lost connection rejects what runs on it, and the next statement gets a new one', () =>
  withDatabase({ applicationName: 'pool test' }, async (database) => {
    const running = sleep(database, 10);
    const transaction = database.transaction({}, (connection) =>
      connection.queryRows({ text: 'select pg_sleep(10)', parameters: [] }),
    );
    const lost = { name: 'DatabaseConnectionError', sqlState: '57P01' };
    const rejected = Promise.all([
      expect(running).rejects.toMatchObject(lost),
      expect(transaction).rejects.toMatchObject(lost),
    ]);
    await pause(100);
    await server.sql(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pool test'`,
    );
    await rejected;
    expect(await select(database)).toEqual([{ a: '1' }]);
  }));

test('idle connections that the server ends are not used again', () =>
  withDatabase({ applicationName: 'pool test' }, async (database) => {
    await Promise.all([sleep(database, 0.05), sleep(database, 0.05)]);
    await server.sql(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'pool test'`,
    );
    await pause(50);
    expect(database.stats().connections).toBe(0);
    expect(await select(database)).toEqual([{ a: '1' }]);
  }));

test('a server without free connections is an error only for those whom nobody can serve', async () => {
  await server.sql(`create role narrow login connection limit 1 password 'x'`);
  const url = new URL(server.url);
  url.username = 'narrow';
  url.password = 'x';
  // Three attempts at once, of which two are refused, in any order.
  for (let round = 0; round < 10; round++) {
    await withDatabase({ url: url.href, maxConnections: 5 }, async (database) => {
      await Promise.all([select(database), select(database), select(database)]);
    });
    await expect
      .poll(() => server.sql(`select 1 from pg_stat_activity where usename = 'narrow'`))
      .toEqual([]);
  }
  await withDatabase({ url: url.href, maxConnections: 5 }, async (first) => {
    await Promise.all([sleep(first, 0.1), sleep(first, 0.1), sleep(first, 0.1)]);
    expect(first.stats().connections).toBe(1);
    await withDatabase({ url: url.href, retries: 0 }, async (second) => {
      await expect(select(second)).rejects.toMatchObject({
        name: 'DatabaseConnectionError',
        sqlState: '53300',
      });
    });
    expect(await select(first)).toEqual([{ a: '1' }]);
  });
  await server.sql('drop role narrow');
});

test('nobody there: an error after the attempts that are allowed', async () => {
  const port = await unusedPort();
  const url = `postgres://nobody@127.0.0.1:${port}/nothing`;
  await withDatabase({ url, retries: 2 }, async (database) => {
    const begin = performance.now();
    await expect(select(database)).rejects.toBeInstanceOf(DatabaseConnectionError);
    expect(performance.now() - begin).toBeGreaterThan(140); // 50 + 100 ms between the attempts
    const results = await Promise.allSettled(Array.from({ length: 50 }, () => select(database)));
    expect(results.every((result) => result.status === 'rejected')).toBe(true);
    expect(database.stats().waiting).toBe(0);
  });
});

test('a refusal that stays is not tried again', async () => {
  const url = new URL(server.url);
  url.pathname = '/no_such_database';
  await withDatabase({ url: url.href, retries: 50 }, async (database) => {
    await expect(select(database)).rejects.toMatchObject({
      sqlState: '3D000',
      message: 'database "no_such_database" does not exist',
    });
  });
});

test('a server that accepts and says nothing', async () => {
  const silent = createServer(() => {});
  const port = await listenOn(silent);
  const url = `postgres://nobody@127.0.0.1:${port}/nothing?connect_timeout=1&sslmode=disable`;
  await withDatabase({ url, retries: 0 }, async (database) => {
    await expect(select(database)).rejects.toThrow('timeout expired');
  });
  silent.close();
});

test('a server that speaks something else', async () => {
  const web = createServer((socket) => {
    socket.on('error', () => {});
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  const port = await listenOn(web);
  for (const mode of ['disable', 'prefer', 'require']) {
    const url = `postgres://nobody@127.0.0.1:${port}/nothing?sslmode=${mode}`;
    await withDatabase({ url, retries: 0 }, async (database) => {
      await expect(select(database)).rejects.toBeInstanceOf(DatabaseConnectionError);
    });
  }
  web.close();
});

test('close waits for what runs, refuses what comes', async () => {
  const database = openDatabase({ url: server.url });
  const running = sleep(database, 0.2);
  await pause(50);
  const closed = database.close();
  await expect(select(database)).rejects.toThrow('the database connections are being closed');
  await expect(database.transaction({}, async () => {})).rejects.toThrow('being closed');
  await closed;
  expect(await running).toEqual([{ pg_sleep: '' }]);
  expect(database.stats().connections).toBe(0);
});

test('close gives up on what runs past the deadline', async () => {
  const database = openDatabase({ url: server.url });
  const running = sleep(database, 10);
  const rejected = expect(running).rejects.toBeInstanceOf(DatabaseConnectionError);
  await pause(50);
  await database.close({ deadlineMs: 50 });
  await rejected;
});

test('a slow statement does not hold up short ones', () =>
  withDatabase({ maxConnections: 2 }, async (database) => {
    await Promise.all([sleep(database, 0.05), select(database)]);
    for (const headStartMs of [0, 20]) {
      const slow = sleep(database, 0.5);
      if (headStartMs > 0) await pause(headStartMs);
      const begin = performance.now();
      for (let round = 0; round < 5; round++)
        await Promise.all(Array.from({ length: 30 }, () => select(database)));
      expect(performance.now() - begin).toBeLessThan(400);
      await slow;
    }
  }));

test('nothing else runs inside a transaction, also while it is idle', () =>
  withDatabase({ maxConnections: 1 }, async (database) => {
    await select(database);
    let outside: Promise<unknown> = Promise.resolve();
    await database.transaction({}, async (connection) => {
      await connection.script('create table secret (a int)');
      const known = select(database);
      outside = select(database, `select to_regclass('secret') as secret`);
      await pause(50);
      expect(database.stats().waiting).toBe(2);
      await connection.script('drop table secret');
      outside = Promise.all([outside, known]);
    });
    expect(await outside).toEqual([[{ secret: null }], [{ a: '1' }]]);
  }));

test('transactions get their turn while short statements keep coming', () =>
  withDatabase({ maxConnections: 1 }, async (database) => {
    let isDone = false;
    const busy = Array.from({ length: 8 }, async () => {
      while (!isDone) await select(database);
    });
    await pause(50);
    const level = await database.transaction({}, (connection) =>
      connection.queryRows({ text: 'select 5 as five', parameters: [] }),
    );
    isDone = true;
    expect(level).toEqual([{ five: '5' }]);
    await Promise.all(busy);
  }));

test('the connection is cut in the middle of an answer', async () => {
  const { hostname, port } = new URL(server.url);
  const proxy = createServer((client) => {
    const upstream = connectSocket({ host: hostname, port: Number(port) });
    let passed = 0;
    client.on('error', () => {});
    upstream.on('error', () => {});
    client.pipe(upstream);
    client.on('close', () => upstream.destroy());
    upstream.on('data', (chunk) => {
      passed += chunk.length;
      if (passed > 500_000) client.destroy();
      else client.write(chunk);
    });
  });
  const url = new URL(server.url);
  url.hostname = '127.0.0.1';
  url.port = String(await listenOn(proxy));
  await withDatabase({ url: url.href }, async (database) => {
    const large = database.queryBytes({ text: `select repeat('x', 5000000)`, parameters: [] });
    await expect(large).rejects.toBeInstanceOf(DatabaseConnectionError);
    expect(await select(database)).toEqual([{ a: '1' }]);
  });
  proxy.close();
});

function listenOn(listener: Server): Promise<number> {
  return new Promise((resolve) => {
    listener.listen(0, '127.0.0.1', () => {
      const address = listener.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

async function unusedPort(): Promise<number> {
  const probe = createServer();
  const port = await listenOn(probe);
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
