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
