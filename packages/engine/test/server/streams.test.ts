/** Streaming subscriptions over WebSockets. Source: spec/graphql-api.md 14.6. */
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { adminSecret, type NotesServer, startNotesServer } from './notes-engine.ts';

let notes: NotesServer;
beforeAll(async () => {
  notes = await startNotesServer({
    HASURA_GRAPHQL_STREAMING_QUERIES_MULTIPLEXED_REFETCH_INTERVAL: '30',
    HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_REFETCH_INTERVAL: '30',
    HASURA_GRAPHQL_CLOSE_WEBSOCKETS_ON_METADATA_CHANGE: 'false',
  });
});
afterAll(() => notes.stop());

function client(headers: Record<string, string> = {}) {
  return createClient({
    url: `${notes.server.url.replace('http', 'ws')}/v1/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { headers: { 'x-hasura-admin-secret': adminSecret, ...headers } },
    retryAttempts: 0,
  });
}

const runSql = (sql: string) =>
  notes.post('/v2/query', { type: 'run_sql', args: { source: 'default', sql } });

test('batches in order, rows that come later, and nothing twice', async () => {
  const socket = client();
  const results = socket.iterate<{ notes_stream: { id: number }[] }>({
    // the literals are equal, which must not move the filter along with the cursor
    query: `subscription ($size: Int!) {
      notes_stream(batch_size: $size, cursor: [{initial_value: {id: 0}}], where: {id: {_gt: 0}}) { id }
    }`,
    variables: { size: 2 },
  });
  const next = async () => ((await results.next()).value as { data: unknown }).data;
  expect(await next()).toEqual({ notes_stream: [{ id: 1 }, { id: 2 }] });
  expect(await next()).toEqual({ notes_stream: [{ id: 3 }] });
  await runSql(`insert into notes values (10, 1, 'ten'), (-1, 1, 'early')`);
  expect(await next()).toEqual({ notes_stream: [{ id: 10 }] });
  await runSql('delete from notes where id in (10, -1)');
  await socket.dispose();
});

test('downwards, over text, each subscriber from its own start', async () => {
  const socket = client();
  const stream = (from: string) =>
    socket.iterate({
      query: `subscription ($from: String!) {
        notes_stream(batch_size: 2, cursor: [{initial_value: {body: $from}, ordering: DESC}]) { body }
      }`,
      variables: { from },
    });
  const all = stream('zzz');
  const some = stream('three');
  expect((await all.next()).value).toEqual({ data: { notes_stream: [{ body: 'two' }, { body: 'three' }] } });
  expect((await some.next()).value).toEqual({ data: { notes_stream: [{ body: 'one' }] } });
  expect((await all.next()).value).toEqual({ data: { notes_stream: [{ body: 'one' }] } });
  await socket.dispose();
});

test('types without a largest value', async () => {
  await runSql('create table flags (id uuid primary key, on_off bool)');
  await notes.post('/v1/metadata', { type: 'pg_track_table', args: { source: 'default', table: 'flags' } });
  await runSql(
    `insert into flags select ('0000000' || n || '-0000-0000-0000-000000000000')::uuid from generate_series(1, 3) n`,
  );
  const socket = client();
  const results = socket.iterate({
    query: `subscription { flags_stream(batch_size: 2, cursor: {initial_value: {id: "00000000-0000-0000-0000-000000000000"}}) { id } }`,
  });
  const ids = (...numbers: number[]) => ({
    data: { flags_stream: numbers.map((n) => ({ id: `0000000${n}-0000-0000-0000-000000000000` })) },
  });
  expect((await results.next()).value).toEqual(ids(1, 2));
  expect((await results.next()).value).toEqual(ids(3));
  await socket.dispose();
});

test('a stream shows what the rule shows, and goes on where it was under a new rule', async () => {
  const socket = client({ 'x-hasura-role': 'user', 'x-hasura-user-id': '1' });
  const results = socket.iterate({
    query: 'subscription { notes_stream(batch_size: 10, cursor: {initial_value: {id: 0}}) { id } }',
  });
  expect((await results.next()).value).toEqual({ data: { notes_stream: [{ id: 1 }, { id: 3 }] } });
  const table = { source: 'default', table: 'notes', role: 'user' };
  const replaced = await notes.post('/v1/metadata', {
    type: 'bulk',
    args: [
      { type: 'pg_drop_select_permission', args: table },
      {
        type: 'pg_create_select_permission',
        args: { ...table, permission: { columns: ['id'], filter: { owner: { _eq: 2 } } } },
      },
    ],
  });
  expect(replaced.status).toBe(200);
  await runSql(`insert into notes values (20, 1, 'hidden'), (21, 2, 'shown')`);
  // neither the first rows again, nor note 2, which lies behind
  expect((await results.next()).value).toEqual({ data: { notes_stream: [{ id: 21 }] } });
  await socket.dispose();
});

test('a value that the column cannot have ends the subscription', async () => {
  const socket = client();
  const results = socket.iterate({
    query: 'subscription { flags_stream(batch_size: 1, cursor: {initial_value: {id: "x"}}) { id } }',
  });
  await expect(results.next()).rejects.toMatchObject([{ extensions: { code: 'data-exception' } }]);
  await socket.dispose();
});

test('a stream is explained', async () => {
  const response = await notes.post('/v1/graphql/explain', {
    query: { query: 'subscription { notes_stream(batch_size: 1, cursor: {initial_value: {id: 7}}) { id } }' },
  });
  expect(await response.json()).toMatchObject({
    sql: expect.stringContaining("> ('7')::integer"),
    plan: expect.arrayContaining([expect.stringContaining('notes')]),
  });
});
