import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { adminSecret, type NotesServer, startNotesServer } from './notes-engine.ts';

let notes: NotesServer;
beforeAll(async () => {
  notes = await startNotesServer({
    HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_REFETCH_INTERVAL: '50',
    HASURA_GRAPHQL_CLOSE_WEBSOCKETS_ON_METADATA_CHANGE: 'false',
  });
});
afterAll(() => notes.stop());

const dropPermission = {
  type: 'pg_drop_select_permission',
  args: { source: 'default', table: 'notes', role: 'user' },
};

test('where sockets stay open, a running subscription obeys the new permission, and ends with the last', async () => {
  const client = createClient({
    url: `${notes.server.url.replace('http', 'ws')}/v1/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: {
      headers: { 'x-hasura-admin-secret': adminSecret, 'x-hasura-role': 'user', 'x-hasura-user-id': '1' },
    },
    retryAttempts: 0,
  });
  const results = client.iterate({ query: 'subscription { notes(order_by: {id: asc}) { id } }' });
  expect((await results.next()).value).toEqual({ data: { notes: [{ id: 1 }, { id: 3 }] } });
  const replaced = await notes.post('/v1/metadata', {
    type: 'bulk',
    args: [
      dropPermission,
      {
        type: 'pg_create_select_permission',
        args: {
          source: 'default',
          table: 'notes',
          role: 'user',
          permission: { columns: ['id'], filter: { id: { _eq: 2 } } },
        },
      },
    ],
  });
  expect(replaced.status).toBe(200);
  expect((await results.next()).value).toEqual({ data: { notes: [{ id: 2 }] } });
  expect((await notes.post('/v1/metadata', dropPermission)).status).toBe(200);
  await expect(results.next()).rejects.toMatchObject([{ extensions: { code: 'validation-failed' } }]);
  await client.dispose();
});

test('nothing is told under a rule that is gone, though the connection is busy with something else', async () => {
  const { database, post, server } = notes;
  await database.sql('create view slow as select 1 as id from pg_sleep(1.5)');
  const track = await post('/v1/metadata', {
    type: 'bulk',
    args: [
      { type: 'pg_track_table', args: { source: 'default', table: 'slow' } },
      ...['slow', 'notes'].map((table) => ({
        type: 'pg_create_select_permission',
        args: { source: 'default', table, role: 'user', permission: { columns: ['id'], filter: {} } },
      })),
    ],
  });
  expect(track.status).toBe(200);
  const client = createClient({
    url: `${server.url.replace('http', 'ws')}/v1/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: {
      headers: { 'x-hasura-admin-secret': adminSecret, 'x-hasura-role': 'user', 'x-hasura-user-id': '1' },
    },
    retryAttempts: 0,
  });
  const told: unknown[] = [];
  const ended = new Promise((resolve) => {
    client.subscribe(
      { query: 'subscription { notes(order_by: {id: asc}) { id } }' },
      { next: (answer) => told.push(answer), error: resolve, complete: () => resolve('complete') },
    );
  });
  await expect.poll(() => told.length).toBe(1);
  const slow = client.iterate({ query: '{ slow { id } }' }).next();
  await expect
    .poll(() =>
      database.sql(`select from pg_stat_activity where query like '%slow%' and wait_event = 'PgSleep'`),
    )
    .toHaveLength(1);
  expect((await post('/v1/metadata', dropPermission)).status).toBe(200);
  await database.sql('insert into notes values (99, 9)');
  expect((await slow).value).toEqual({ data: { slow: [{ id: 1 }] } });
  expect(await ended).toMatchObject([{ extensions: { code: 'validation-failed' } }]);
  expect(told).toEqual([{ data: { notes: [{ id: 1 }, { id: 2 }, { id: 3 }] } }]);
  await client.dispose();
});
