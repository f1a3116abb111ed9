import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { adminSecret, type LogLine, type NotesServer, startNotesServer } from './notes-engine.ts';

let notes: NotesServer;
beforeAll(async () => {
  notes = await startNotesServer({
    HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_REFETCH_INTERVAL: '50',
    HASURA_GRAPHQL_STREAMING_QUERIES_MULTIPLEXED_REFETCH_INTERVAL: '50',
    HASURA_GRAPHQL_ENABLED_LOG_TYPES: 'startup,query-log,livequery-poller-log',
  });
});
afterAll(() => notes.stop());

/** Two polls of a subscription. */
async function subscribe(query: string): Promise<readonly LogLine[]> {
  const before = (await notes.logs()).length;
  const headers = {
    'x-hasura-admin-secret': adminSecret,
    'x-hasura-role': 'user',
    'x-hasura-user-id': '1',
  };
  const client = createClient({
    url: `${notes.server.url.replace('http', 'ws')}/v1/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { headers },
  });
  const stop = client.subscribe({ query }, { next() {}, error() {}, complete() {} });
  const lines = async () => (await notes.logs()).slice(before);
  const polls = async () => (await lines()).filter(({ type }) => type === 'livequery-poller-log').length;
  await expect.poll(polls, { timeout: 5000 }).toBeGreaterThan(1);
  stop();
  await client.dispose();
  return lines();
}

const fromNotes = /from "public"\."notes"/;

test.each([
  ['live-query', 'subscription Live { notes { id } }', 'notes', ['1']],
  [
    'streaming',
    'subscription Stream { a: notes_stream(batch_size: 1, cursor: {initial_value: {id: 0}}) { id } }',
    'a',
    expect.arrayContaining(['1', '0']),
  ],
])('%s: its statement once, and every poll', async (kind, query, field, parameters) => {
  const lines = await subscribe(query);
  const queries = lines.filter(({ type }) => type === 'query-log');
  expect(queries.map(({ detail }) => detail)).toEqual([
    {
      request_id: expect.any(String),
      kind: 'database',
      query: { query },
      generated_sql: {
        [field]: { query: expect.stringMatching(fromNotes), prepared_arguments: parameters },
      },
    },
  ]);
  const polls = lines.filter(({ type }) => type === 'livequery-poller-log');
  expect(new Set(polls.map(({ detail }) => detail.poller_id)).size).toBe(1);
  expect(polls[0]).toMatchObject({
    level: 'info',
    detail: {
      kind,
      source: 'default',
      role: 'user',
      subscriber_count: 1,
      generated_sql: expect.stringMatching(fromNotes),
      parameterized_query_hash: expect.stringMatching(/^[0-9a-f]{40}$/),
      subscription_options: { batch_size: 100, refetch_delay: 0.05 },
      execution_batches: [{ batch_id: 1, db_execution_time: expect.any(Number) }],
      total_time: expect.any(Number),
    },
  });
});

test('a subscription that cannot be planned is in neither log', async () => {
  const before = (await notes.logs()).length;
  const client = createClient({
    url: `${notes.server.url.replace('http', 'ws')}/v1/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { headers: { 'x-hasura-admin-secret': adminSecret } },
  });
  const query = 'subscription { nope }';
  await new Promise<void>((resolve) => {
    client.subscribe({ query }, { next() {}, error: () => resolve(), complete: resolve });
  });
  await client.dispose();
  expect((await notes.logs()).slice(before)).toEqual([]);
});
