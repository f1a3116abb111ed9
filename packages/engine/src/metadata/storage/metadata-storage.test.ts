import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/index.ts';
import { type Database, openDatabase } from '../../database/index.ts';
import { stringifyJson } from '../../support/index.ts';
import { decodeMetadata, emptyMetadata, storedForm } from '../document.ts';
import type { Metadata } from '../types.ts';
import { openMetadataStorage } from './metadata-storage.ts';

let server: TestDatabase;
const opened: Database[] = [];

beforeAll(async () => {
  server = await createTestDatabase();
});

afterAll(async () => {
  await Promise.all(opened.map((database) => database.close({ deadlineMs: 1000 })));
  await server.drop();
});

function connect(): Database {
  const database = openDatabase({ url: server.url, maxConnections: 4 });
  opened.push(database);
  return database;
}

async function afresh(): Promise<void> {
  await server.sql('drop schema if exists hdb_catalog cascade');
}

const initial: Metadata = decodeMetadata({
  version: 3,
  sources: [
    {
      name: 'default',
      tables: [],
      configuration: { connection_info: { database_url: { from_env: 'URL' } } },
    },
  ],
});

function withTable(name: string): Metadata {
  return {
    ...initial,
    sources: initial.sources.map((source) => ({
      ...source,
      tables: [{ table: { schema: 'public', name } }],
    })),
  };
}

test('a first start makes the catalogue of version 48 and stores the first document', async () => {
  await afresh();
  const storage = await openMetadataStorage(connect(), { initial });
  expect(await storage.read()).toEqual({ metadata: initial, resourceVersion: 1 });
  expect(await server.sql('select version from hdb_catalog.hdb_version')).toEqual([{ version: '48' }]);
  expect(await storage.readCatalogState()).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    cli_state: {},
    console_state: {},
  });
});

test('processes that start at once agree on one catalogue', async () => {
  await afresh();
  const storages = await Promise.all(
    [1, 2, 3, 4].map((number) =>
      openMetadataStorage(connect(), { initial: number % 2 === 0 ? initial : withTable('t') }),
    ),
  );
  const documents = await Promise.all(storages.map((storage) => storage.read()));
  for (const document of documents) expect(document).toEqual(documents[0]);
  expect(await server.sql('select count(*)::int as n from hdb_catalog.hdb_version')).toEqual([{ n: 1 }]);
});

test('a write raises the version by one and a stale one is refused', async () => {
  await afresh();
  const storage = await openMetadataStorage(connect(), { initial });
  expect(await storage.write(withTable('a'), { expectedVersion: 1, rereadSources: ['default'] })).toBe(2);
  expect(await storage.read()).toEqual({ metadata: withTable('a'), resourceVersion: 2 });
  await expect(storage.write(withTable('b'), { expectedVersion: 1 })).rejects.toMatchObject({
    code: 'conflict',
    status: 409,
    message: 'metadata resource version referenced (1) did not match current version',
  });
  expect((await storage.read()).metadata).toEqual(withTable('a'));
  expect(
    await server.sql('select notification, resource_version from hdb_catalog.hdb_schema_notifications'),
  ).toEqual([
    {
      notification: { metadata: true, remote_schemas: [], sources: ['default'], data_connectors: [] },
      resource_version: 2,
    },
  ]);
});

test('the change before tells which remote schemas were asked again', async () => {
  await afresh();
  const storage = await openMetadataStorage(connect(), { initial });
  await storage.write(withTable('a'), { expectedVersion: 1, rereadRemoteSchemas: ['zoo'] });
  expect(await storage.readRereadRemoteSchemas(1)).toEqual(['zoo']);
  await storage.write(withTable('b'), { expectedVersion: 2 });
  expect(await storage.readRereadRemoteSchemas(2)).toEqual([]);
  expect(await storage.readRereadRemoteSchemas(1)).toBe(null);
});

test('of several writes at once exactly one is stored', async () => {
  await afresh();
  const storages = await Promise.all([1, 2, 3].map(() => openMetadataStorage(connect(), { initial })));
  const results = await Promise.allSettled(
    storages.map((storage, index) => storage.write(withTable(`t${index}`), { expectedVersion: 1 })),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'conflict', status: 409 });
  }
});

test('a replica hears of a change at once, and not of its own', async () => {
  await afresh();
  const [writer, reader] = [
    await openMetadataStorage(connect(), { initial }),
    await openMetadataStorage(connect(), { initial }),
  ];
  await Promise.all([writer.read(), reader.read()]);
  const own: number[] = [];
  const stopOwn = await writer.watch({ intervalMs: 60_000, onVersion: (version) => void own.push(version) });
  const noticed = new Promise<number>((resolve, reject) => {
    reader
      .watch({
        intervalMs: 60_000,
        async onVersion(version) {
          await reader.read();
          resolve(version);
        },
        onError: reject,
      })
      .catch(reject);
  });
  await writer.write(withTable('a'), { expectedVersion: 1 });
  expect(await noticed).toBe(2);
  expect(own).toEqual([]);
  await stopOwn();
});

test('a change by an engine that does not notify is found by looking', async () => {
  await afresh();
  const storage = await openMetadataStorage(connect(), { initial });
  await storage.read();
  let stop: (() => Promise<void>) | null = null;
  const noticed = new Promise<number>((resolve) => {
    void storage
      .watch({
        intervalMs: 20,
        async onVersion(version) {
          await storage.read();
          resolve(version);
        },
      })
      .then((end) => {
        stop = end;
      });
  });
  await server.sql('update hdb_catalog.hdb_metadata set resource_version = 9');
  expect(await noticed).toBe(9);
  await (stop as (() => Promise<void>) | null)?.();
});

test('a change that could not be put in force is tried again, although it was read', async () => {
  await afresh();
  const storage = await openMetadataStorage(connect(), { initial });
  await storage.read();
  await server.sql('update hdb_catalog.hdb_metadata set resource_version = 9');
  const tries: number[] = [];
  let stop: () => Promise<void> = async () => {};
  await new Promise<void>((resolve) => {
    const watching = storage.watch({
      intervalMs: 20,
      async onVersion(version) {
        await storage.read();
        tries.push(version);
        if (tries.length === 1) throw new Error('a source did not answer');
        resolve();
      },
    });
    void watching.then((end) => {
      stop = end;
    });
  });
  await stop();
  expect(tries).toEqual([9, 9]);
});

test('the state of command line and console is kept apart', async () => {
  await afresh();
  const storage = await openMetadataStorage(connect(), { initial });
  await storage.writeCatalogState('cli', { migrations: { default: { '1': false } } });
  await storage.writeCatalogState('console', { seen: true });
  expect(await storage.readCatalogState()).toMatchObject({
    cli_state: { migrations: { default: { '1': false } } },
    console_state: { seen: true },
  });
});

test('catalogues that cannot be used are refused, and left alone', async () => {
  await afresh();
  await openMetadataStorage(connect(), { initial });
  await server.sql(`update hdb_catalog.hdb_version set version = '49'`);
  await expect(openMetadataStorage(connect())).rejects.toThrow(
    'Cannot use database previously used with a newer version of graphql-engine (expected a catalog version <=48, but the current version is 49).',
  );
  await server.sql(`update hdb_catalog.hdb_version set version = '42'`);
  await expect(openMetadataStorage(connect())).rejects.toThrow('The metadata catalogue is of version 42');
  expect(await server.sql('select version from hdb_catalog.hdb_version')).toEqual([{ version: '42' }]);
});

test('a catalogue of the reference engine is read, an older one brought up', async () => {
  await afresh();
  await server.sql(`
    create schema hdb_catalog;
    create function hdb_catalog.gen_hasura_uuid() returns uuid as 'select gen_random_uuid()' language sql;
    create table hdb_catalog.hdb_version (
      hasura_uuid uuid primary key default hdb_catalog.gen_hasura_uuid(), version text not null,
      upgraded_on timestamptz not null, cli_state jsonb not null default '{}', console_state jsonb not null default '{}');
    create unique index hdb_version_one_row on hdb_catalog.hdb_version ((version is not null));
    insert into hdb_catalog.hdb_version (version, upgraded_on) values ('47', now());
    create table hdb_catalog.hdb_metadata (id integer primary key, metadata json not null, resource_version integer not null default 1 unique);
    insert into hdb_catalog.hdb_metadata values (1, '{"sources":[{"kind":"postgres","name":"default","tables":[{"table":{"schema":"public","name":"t"}}],"configuration":{"connection_info":{"use_prepared_statements":true,"database_url":{"from_env":"HASURA_GRAPHQL_DATABASE_URL"},"isolation_level":"read-committed","pool_settings":{"connection_lifetime":600,"retries":1,"idle_timeout":180,"max_connections":50}}}}],"version":3}', 77);`);
  const storage = await openMetadataStorage(connect(), { initial });
  const { metadata, resourceVersion } = await storage.read();
  expect(resourceVersion).toBe(77);
  expect(metadata.sources[0]?.tables.map(({ table }) => table.name)).toEqual(['t']);
  expect(await server.sql('select version, ee_client_id from hdb_catalog.hdb_version')).toEqual([
    { version: '48', ee_client_id: null },
  ]);
  expect(await storage.write(metadata, { expectedVersion: 77 })).toBe(78);
});

test('what is stored is the text of the stored form', async () => {
  await afresh();
  const storage = await openMetadataStorage(connect(), { initial });
  const document = decodeMetadata({
    version: 3,
    query_collections: [],
    sources: ['b "quoted"', 'ä'].map((name) => ({
      name,
      kind: 'postgres',
      tables: ['z', 'é', 'a'].map((table) => ({ table: { schema: 'public', name: table } })),
      configuration: { connection_info: { database_url: { from_env: 'URL' } } },
    })),
    inherited_roles: [{ role_name: 'heir', role_set: ['a', 'b'] }],
  });
  const storedIn = async () =>
    (await server.sql('select metadata::text as text from hdb_catalog.hdb_metadata'))[0]?.['text'];
  await storage.write(document, { expectedVersion: 1 });
  expect(await storedIn()).toBe(stringifyJson(storedForm(document)));
  await storage.write(emptyMetadata, { expectedVersion: 2 });
  expect(await storedIn()).toBe(stringifyJson(storedForm(emptyMetadata)));
});

test('two engines on one database change tables in turns, each on what the other has stored', async () => {
  await afresh();
  const [one, other] = [
    await openMetadataStorage(connect(), { initial }),
    await openMetadataStorage(connect(), { initial }),
  ];
  let version = 1;
  for (const [turn, storage] of [one, other, other, one, other, one].entries()) {
    const { metadata, resourceVersion } = await storage.read();
    expect(resourceVersion).toBe(version);
    const sources = metadata.sources.map((source) => ({
      ...source,
      tables: [...source.tables, { table: { schema: 'public', name: `t${turn}` } }],
    }));
    version = await storage.write({ ...metadata, sources }, { expectedVersion: version });
  }
  for (const storage of [one, other]) {
    const { metadata } = await storage.read();
    expect(metadata.sources[0]?.tables.map(({ table }) => table.name)).toEqual(
      [0, 1, 2, 3, 4, 5].map((n) => `t${n}`),
    );
  }
});

test('an engine that writes the row as the reference engine does is neither overwritten nor overlooked', async () => {
  await afresh();
  const storage = await openMetadataStorage(connect(), { initial });
  await storage.write(withTable('a'), { expectedVersion: 1 });
  const outside = stringifyJson(storedForm(withTable('outside')));
  await connect().queryRows({
    text: `insert into hdb_catalog.hdb_metadata (id, metadata) values (1, $1::json)
      on conflict (id) do update set metadata = $1::json, resource_version = hdb_metadata.resource_version + 1`,
    parameters: [outside],
  });
  await expect(storage.write(withTable('b'), { expectedVersion: 2 })).rejects.toMatchObject({ status: 409 });
  expect(await storage.read()).toEqual({ metadata: withTable('outside'), resourceVersion: 3 });
  expect(await storage.write(withTable('b'), { expectedVersion: 3 })).toBe(4);
  expect((await storage.read()).metadata).toEqual(withTable('b'));
});

test('of a write whose transaction does not end nothing remains', async () => {
  await afresh();
  const [writer, storage] = [connect(), await openMetadataStorage(connect(), { initial })];
  const own = await openMetadataStorage(writer, { initial });
  const crash = writer.transaction({}, async (within) => {
    expect(await own.write(withTable('lost'), { expectedVersion: 1, within })).toBe(2);
    const [{ pid } = {}] = await within.queryRows({ text: 'select pg_backend_pid() as pid', parameters: [] });
    await server.sql(`select pg_terminate_backend(${pid})`);
    await within.queryRows({ text: 'select 1', parameters: [] });
  });
  await expect(crash).rejects.toThrow();
  expect(await storage.read()).toEqual({ metadata: initial, resourceVersion: 1 });
  expect(await server.sql('select resource_version from hdb_catalog.hdb_schema_notifications')).toEqual([]);
  expect(await storage.write(withTable('a'), { expectedVersion: 1 })).toBe(2);
});

test('a large document is stored whole, and compressed by the fast method where the server has one', async () => {
  await afresh();
  const storage = await openMetadataStorage(connect(), { initial });
  const tables = Array.from({ length: 3000 }, (_, index) => ({
    table: { schema: 'public', name: `t${index}` },
    configuration: { comment: `é${'x'.repeat(1500)}` },
  }));
  const large = { ...initial, sources: initial.sources.map((source) => ({ ...source, tables })) };
  await storage.write(large, { expectedVersion: 1 });
  expect(
    (await (await openMetadataStorage(connect(), { initial })).read()).metadata.sources[0]?.tables,
  ).toHaveLength(3000);
  const [stored] = await server.sql(`select pg_column_compression(metadata) as method,
    exists (select from pg_settings where name = 'default_toast_compression' and 'lz4' = any (enumvals)) as "isKnown",
    current_setting('default_toast_compression') as usual, length(metadata::text) as length from hdb_catalog.hdb_metadata`);
  expect(stored).toMatchObject({ method: stored?.['isKnown'] === true ? 'lz4' : 'pglz', usual: 'pglz' });
  expect(Number(stored?.['length'])).toBeGreaterThan(4 * 1024 * 1024);
});
