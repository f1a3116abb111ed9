import { afterAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase } from '../../../test/support/index.ts';
import { type Database, openDatabase } from '../../database/index.ts';
import { decodeMetadata } from '../document.ts';
import type { Metadata } from '../types.ts';
import { type MetadataStorage, openMetadataStorage } from './metadata-storage.ts';
import { beginWrite } from './pending-write.ts';

const server = await createTestDatabase();
const opened: Database[] = [];
let storage: MetadataStorage;
let other: MetadataStorage;

function connect(): Database {
  const database = openDatabase({ url: server.url, maxConnections: 4, applicationName: 'pending write' });
  opened.push(database);
  return database;
}

beforeEach(async () => {
  await server.sql('drop schema if exists hdb_catalog cascade');
  storage = await openMetadataStorage(connect(), { initial: document('initial') });
  other = await openMetadataStorage(connect());
  await Promise.all([storage.read(), other.read()]);
});

afterAll(async () => {
  await Promise.all(opened.map((database) => database.close({ deadlineMs: 1000 })));
  await server.drop();
});

function document(name: string): Metadata {
  return decodeMetadata({
    version: 3,
    sources: [
      {
        name: 'default',
        tables: [{ table: { schema: 'public', name } }],
        configuration: { connection_info: { database_url: { from_env: 'URL' } } },
      },
    ],
  });
}

/** What everybody sees, with the version. */
async function stored(): Promise<readonly unknown[]> {
  const { metadata, resourceVersion } = await other.read();
  const [{ n } = {}] = await server.sql(
    'select count(*)::int as n from hdb_catalog.hdb_schema_notifications where resource_version > 1',
  );
  return [metadata.sources[0]?.tables[0]?.table.name, resourceVersion, n];
}

/** Until the document stands in the open transaction, which then waits for the decision. */
async function untilWritten(): Promise<number> {
  for (;;) {
    const [row] = await server.sql(
      `select pid from pg_stat_activity where application_name = 'pending write' and state = 'idle in transaction'
        and query like 'insert into hdb_catalog.hdb_schema_notifications%' and datname = current_database()`,
    );
    if (row !== undefined) return Number(row['pid']);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const conflict = {
  code: 'conflict',
  status: 409,
  message: 'metadata resource version referenced (1) did not match current version',
};

test('is seen by nobody before it is committed, and then by all', async () => {
  const write = storage.begin(document('a'), { expectedVersion: 1 });
  await write.isSent;
  await untilWritten();
  expect(await stored()).toEqual(['initial', 1, 0]);
  expect(await write.commit()).toBe(2);
  expect(await stored()).toEqual(['a', 2, 1]);
  // a decision is final
  write.takeBack();
  expect(await storage.write(document('b'), { expectedVersion: 2 })).toBe(3);
});

test('is announced to others when it is committed, and not before', async () => {
  const heard: number[] = [];
  const stop = await other.watch({
    intervalMs: 60_000,
    onVersion: async (version) => {
      heard.push(version);
      await other.read();
    },
  });
  const refused = storage.begin(document('a'), { expectedVersion: 1 });
  await untilWritten();
  refused.takeBack();
  expect(await storage.write(document('b'), { expectedVersion: 1 })).toBe(2);
  await expect.poll(() => heard).toEqual([2]);
  await stop();
});

test('what is taken back leaves nothing, and the next one is stored', async () => {
  const early = storage.begin(document('a'), { expectedVersion: 1 });
  early.takeBack();
  const late = storage.begin(document('a'), { expectedVersion: 1 });
  await untilWritten();
  late.takeBack();
  expect(await storage.begin(document('b'), { expectedVersion: 1 }).commit()).toBe(2);
  expect(await stored()).toEqual(['b', 2, 1]);
});

test('meets a newer version: a conflict, told when it is to be committed', async () => {
  await other.write(document('theirs'), { expectedVersion: 1 });
  const write = storage.begin(document('ours'), { expectedVersion: 1 });
  await write.isSent;
  await expect(write.commit()).rejects.toMatchObject(conflict);
  expect(await stored()).toEqual(['theirs', 2, 1]);
});

test('whoever writes meanwhile waits, and has a conflict or goes ahead', async () => {
  const committed = storage.begin(document('first'), { expectedVersion: 1 });
  await untilWritten();
  const waiting = other.write(document('second'), { expectedVersion: 1 });
  expect(await committed.commit()).toBe(2);
  await expect(waiting).rejects.toMatchObject(conflict);
  const refused = storage.begin(document('third'), { expectedVersion: 2 });
  await untilWritten();
  const next = other.write(document('fourth'), { expectedVersion: 2 });
  refused.takeBack();
  expect(await next).toBe(3);
  expect(await stored()).toEqual(['fourth', 3, 1]);
});

test('both at once: one is stored', async () => {
  const writes = [storage, other].map((one, index) =>
    one.begin(document(`t${index}`), { expectedVersion: 1 }),
  );
  const results = await Promise.allSettled(writes.map((write) => write.commit()));
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  for (const result of results)
    if (result.status === 'rejected') expect(result.reason).toMatchObject(conflict);
});

test('a connection that is lost between update and commit: nothing is stored by it, and the document is sent once more', async () => {
  let followed = 0;
  const write = storage.begin(document('a'), {
    expectedVersion: 1,
    also: async () => {
      followed += 1;
    },
  });
  await server.sql(`select pg_terminate_backend(${await untilWritten()})`);
  expect(await stored()).toEqual(['initial', 1, 0]);
  expect(await write.commit()).toBe(2);
  expect(await stored()).toEqual(['a', 2, 1]);
  expect(followed).toBe(2);
});

test('when others have stored something after the connection was lost, that is a conflict', async () => {
  const write = storage.begin(document('a'), { expectedVersion: 1 });
  await server.sql(`select pg_terminate_backend(${await untilWritten()})`);
  await other.write(document('theirs'), { expectedVersion: 1 });
  await expect(write.commit()).rejects.toMatchObject(conflict);
  expect(await stored()).toEqual(['theirs', 2, 1]);
});

test('the row is not locked for long, and what was decided late is stored all the same', async () => {
  const write = storage.begin(document('slow'), { expectedVersion: 1 });
  await untilWritten();
  const begin = performance.now();
  expect(await other.write(document('theirs'), { expectedVersion: 1 })).toBe(2);
  expect(performance.now() - begin).toBeLessThan(5_000);
  await expect(write.commit()).rejects.toMatchObject(conflict);
  const alone = storage.begin(document('slow'), { expectedVersion: 2 });
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(await alone.commit()).toBe(3);
  expect(await stored()).toEqual(['slow', 3, 1]);
});

test('what is to change along with it fails: neither is stored', async () => {
  const write = storage.begin(document('a'), {
    expectedVersion: 1,
    also: (connection) => connection.queryRows({ text: 'select 1 / 0', parameters: [] }).then(() => {}),
  });
  await write.isSent;
  await expect(write.commit()).rejects.toMatchObject({ sqlState: '22012' });
  expect(await stored()).toEqual(['initial', 1, 0]);
});

test('a database that is gone is no reason to wait, and is told when it is to be committed', async () => {
  const gone = openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none', retries: 0 });
  const write = beginWrite(
    gone,
    {
      metadata: document('a'),
      expectedVersion: 1,
      rereadSources: [],
      rereadRemoteSchemas: [],
      instanceId: '00000000-0000-0000-0000-000000000000',
    },
    () => Promise.reject(new Error('is not to be tried again')),
  );
  await write.isSent;
  await expect(write.commit()).rejects.toThrow(/ECONNREFUSED/);
  await gone.close();
});
