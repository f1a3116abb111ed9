/** A change's document is sent to the database while its model is built: what is refused is not stored, and what is not stored is not in force. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '../../src/database/index.ts';
import { createEngine, type Engine } from '../../src/index.ts';
import { type JsonLike, type Project, project } from '../support/project.ts';

let api: Project;
let replica: Engine;

beforeAll(async () => {
  api = await project({
    tables: `create table notes (id int primary key, owner int, body text);
      create table pairs (id int primary key);
      insert into notes values (1, 1, 'one'), (2, 2, 'two')`,
    metadata: ['notes', 'pairs'].map((table) => ({ table })),
  });
  replica = await createEngine({ databaseUrl: api.database.url, adminSecret: 'test-secret' });
});
afterAll(async () => {
  await replica?.close();
  await api?.close();
});
beforeEach(async () => {
  await api.command('pg_drop_select_permission', { table: 'notes', role: 'user' });
});

const stored = () =>
  api.sql`select metadata::text, resource_version, xmin::text from hdb_catalog.hdb_metadata`;
const permission = (filter: JsonLike) => ({
  table: 'notes',
  role: 'user',
  permission: { columns: ['id'], filter },
});
const own = { owner: { _eq: 'X-Hasura-User-Id' } };
const seenByUser = () => api.as('user', { 'x-hasura-user-id': 1 }).query('{ notes { id } }');
const denied = {
  errors: [expect.objectContaining({ message: expect.stringContaining('not found in type') })],
};
const shown = { data: { notes: [{ id: 1 }] } };

/** Holds the row as another writer does; gives what lets go of it. */
async function holdRow(): Promise<() => Promise<void>> {
  const database = openDatabase({ url: api.database.url });
  let release: () => void = () => {};
  const isHeld = new Promise<void>((resolve, reject) => {
    database
      .transaction({}, async (connection) => {
        await connection.queryRows({
          text: 'select 1 from hdb_catalog.hdb_metadata for update',
          parameters: [],
        });
        resolve();
        await new Promise<void>((done) => {
          release = done;
        });
      })
      .catch(reject);
  });
  await isHeld;
  return async () => {
    release();
    await database.close();
  };
}

async function untilSomebodyWaits(): Promise<void> {
  const waiting = () =>
    api.sql`select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
  await expect.poll(waiting).not.toEqual([]);
}

test('a change that does not fit leaves row and version as they were, and the next one is stored', async () => {
  const before = await stored();
  expect(await api.command('pg_create_select_permission', permission({ nowhere: { _eq: 1 } }))).toMatchObject(
    {
      status: 400,
      body: { code: 'invalid-configuration' },
    },
  );
  expect(await stored()).toEqual(before);
  expect(await api.command('pg_create_select_permission', permission(own))).toMatchObject({ status: 200 });
  const version = Number(before[0]?.['resource_version']);
  expect(await stored()).toMatchObject([{ resource_version: version + 1 }]);
  expect(await seenByUser()).toEqual(shown);
});

test('a change that does not fit is refused as that, also where it could not be stored, and without waiting for it', async () => {
  const broken = { type: 'pg_create_select_permission', args: permission({ nowhere: { _eq: 1 } }) };
  const before = await stored();
  const stale = await api.request('/v1/metadata', { ...broken, resource_version: 1 });
  expect([stale.status, await stale.json()]).toMatchObject([400, { code: 'invalid-configuration' }]);
  const letGo = await holdRow();
  try {
    const begin = performance.now();
    const held = await api.request('/v1/metadata', broken);
    expect([held.status, await held.json()]).toMatchObject([400, { code: 'invalid-configuration' }]);
    expect(performance.now() - begin).toBeLessThan(5_000);
  } finally {
    await letGo();
  }
  expect(await stored()).toEqual(before);
});

test('nothing is in force before it is stored', async () => {
  const letGo = await holdRow();
  let isAnswered = false;
  const change = api.command('pg_create_select_permission', permission(own)).finally(() => {
    isAnswered = true;
  });
  try {
    await untilSomebodyWaits();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isAnswered).toBe(false);
    expect(await seenByUser()).toEqual(denied);
  } finally {
    await letGo();
  }
  expect(await change).toMatchObject({ status: 200 });
  expect(await seenByUser()).toEqual(shown);
});

test('a connection that is lost before the commit: the change is stored once, or refused and not in force', async () => {
  const letGo = await holdRow();
  const before = await stored();
  const change = api.command('pg_create_select_permission', permission(own));
  await untilSomebodyWaits();
  await api.sql`select pg_terminate_backend(pid) from pg_stat_activity
    where wait_event_type = 'Lock' and datname = current_database()`;
  const { status } = await change;
  await letGo();
  expect(status).not.toBe(200);
  expect(await stored()).toEqual(before);
  expect(await seenByUser()).toEqual(denied);
  expect(await api.command('pg_create_select_permission', permission(own))).toMatchObject({ status: 200 });
  expect(await seenByUser()).toEqual(shown);
});

test('a version that is no longer the stored one is a conflict, and nothing of the change remains', async () => {
  const before = await stored();
  const version = Number(before[0]?.['resource_version']);
  const stale = await api.request('/v1/metadata', {
    type: 'pg_create_select_permission',
    resource_version: version - 1,
    args: permission(own),
  });
  expect([stale.status, await stale.json()]).toEqual([
    409,
    {
      path: '$',
      error: `metadata resource version referenced (${version - 1}) did not match current version`,
      code: 'conflict',
    },
  ]);
  expect(await stored()).toEqual(before);
  expect(await seenByUser()).toEqual(denied);
});

test('two engines change in turns, each on what the other has stored', async () => {
  const askReplica = async (type: string, args: JsonLike) => {
    const response = await replica.fetch(
      new Request('http://engine/v1/metadata', {
        method: 'POST',
        headers: { 'x-hasura-admin-secret': 'test-secret', 'content-type': 'application/json' },
        body: JSON.stringify({ type, args }),
      }),
    );
    return response.status;
  };
  const [{ resource_version: first } = {}] = await stored();
  const role = (turn: number) => ({
    table: 'pairs',
    role: `r${turn}`,
    permission: { columns: ['id'], filter: {} },
  });
  let changes = 0;
  for (let turn = 0; turn < 8; turn++) {
    const asked =
      turn % 2 === 0
        ? (await api.command('pg_create_select_permission', role(turn))).status
        : await askReplica('pg_create_select_permission', role(turn));
    // the other's change may not have been heard of yet
    if (asked === 409) turn -= 1;
    else expect(asked).toBe(200);
    if (asked === 200) changes += 1;
    else await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const [row] = await stored();
  expect(row?.['resource_version']).toBe(Number(first) + changes);
  const document = JSON.parse(String(row?.['metadata']));
  const pairs = document.sources[0].tables.find(
    ({ table }: { table: { name: string } }) => table.name === 'pairs',
  );
  expect(pairs.select_permissions.map((entry: { role: string }) => entry.role)).toEqual(
    [0, 1, 2, 3, 4, 5, 6, 7].map((turn) => `r${turn}`),
  );
});
