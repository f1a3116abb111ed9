import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { adminSecret, type NotesServer, startNotesServer } from './notes-engine.ts';

const secret = 'bearer of figures';

async function scrape(notes: NotesServer, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${notes.server.url}/v1/metrics`, { headers });
}

/** The value of a series, by its name and some of its labels; null when there is none. */
async function read(
  notes: NotesServer,
  name: string,
  labels: Record<string, string> = {},
): Promise<number | null> {
  const response = await scrape(notes, { authorization: `Bearer ${secret}` });
  expect(response.status).toBe(200);
  for (const line of (await response.text()).split('\n')) {
    const [series = '', value] = line.split(/ (?=[^ ]*$)/);
    const isWanted =
      (series === name || series.startsWith(`${name}{`)) &&
      Object.entries(labels).every(([key, text]) => series.includes(`${key}="${text}"`));
    if (isWanted) return Number(value);
  }
  return null;
}

describe('who may read', () => {
  test('nobody where the API is not enabled', async () => {
    const notes = await startNotesServer({ HASURA_GRAPHQL_METRICS_SECRET: secret });
    const response = await scrape(notes, { authorization: `Bearer ${secret}` });
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      path: '$',
      error: 'resource does not exist',
      code: 'not-found',
    });
    await notes.stop();
  });

  test('without a secret of its own, the administrator', async () => {
    const notes = await startNotesServer({ HASURA_GRAPHQL_ENABLED_APIS: 'metadata,graphql,metrics' });
    expect((await scrape(notes)).status).toBe(401);
    expect((await scrape(notes, { authorization: 'Bearer ' })).status).toBe(401);
    const asUser = await scrape(notes, { 'x-hasura-admin-secret': adminSecret, 'x-hasura-role': 'user' });
    expect(asUser.status).toBe(400);
    const asAdmin = await scrape(notes, { 'x-hasura-admin-secret': adminSecret });
    expect(asAdmin.status).toBe(200);
    expect(asAdmin.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    await notes.stop();
  });
});

describe('what is counted', () => {
  let notes: NotesServer;
  beforeAll(async () => {
    notes = await startNotesServer({
      HASURA_GRAPHQL_ENABLED_APIS: 'metadata,graphql,metrics',
      HASURA_GRAPHQL_METRICS_SECRET: secret,
      HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_REFETCH_INTERVAL: '20',
    });
  });
  afterAll(() => notes.stop());

  test('only who has the secret may read', async () => {
    for (const authorization of ['', secret, 'Bearer wrong', `Bearer ${secret}x`, `Basic ${secret}`]) {
      const response = await scrape(notes, { authorization, 'x-hasura-admin-secret': adminSecret });
      expect(response.status, authorization).toBe(401);
    }
    expect((await scrape(notes, { authorization: `bearer ${secret}` })).status).toBe(200);
  });

  test('operations by type, outcome, name and hash, with their time', async () => {
    const ask = (id: number) =>
      notes.post('/v1/graphql', { query: `query Find { notes_by_pk(id: ${id}) { id } }` });
    await Promise.all([ask(1), ask(2), ask(3)]);
    await notes.post('/v1/graphql', { query: 'query Find { notes_by_pk(id: 1) { nothing } }' });
    await notes.post('/v1/graphql', { query: 'no operation' });
    await notes.post('/v1/graphql', [{ query: 'mutation M { delete_notes_by_pk(id: 99) { id } }' }]);
    const requests = 'hasura_graphql_requests_total';
    const found = { operation_type: 'query', operation_name: 'Find' };
    expect(await read(notes, requests, { ...found, response_status: 'success' })).toBe(3);
    expect(await read(notes, requests, { ...found, response_status: 'failed' })).toBe(1);
    expect(await read(notes, requests, { operation_type: 'unknown', response_status: 'failed' })).toBe(1);
    expect(await read(notes, requests, { operation_type: 'mutation', operation_name: 'M' })).toBe(1);
    const seconds = 'hasura_graphql_execution_time_seconds';
    expect(await read(notes, `${seconds}_count`, { operation_type: 'mutation' })).toBe(1);
    expect(await read(notes, `${seconds}_bucket`, { le: '10', operation_type: 'query' })).toBe(3);
    expect(await read(notes, `${seconds}_sum`, { operation_type: 'query' })).toBeGreaterThan(0);
  });

  test('queries that the cache was asked for', async () => {
    const query = 'query Kept @cached { notes { id } }';
    for (let i = 0; i < 3; i++) await notes.post('/v1/graphql', { query });
    expect(await read(notes, 'hasura_cache_request_count', { status: 'miss' })).toBe(1);
    expect(await read(notes, 'hasura_cache_request_count', { status: 'hit' })).toBe(2);
    const labels = { operation_name: 'Kept', response_status: 'success' };
    expect(await read(notes, 'hasura_graphql_requests_total', labels)).toBe(3);
  });

  test('bytes and connections of HTTP', async () => {
    const before = (await read(notes, 'hasura_http_request_bytes_total')) ?? Number.NaN;
    const sent = JSON.stringify({ query: '{ notes { id } }' });
    const response = await notes.post('/v1/graphql', sent);
    expect(await read(notes, 'hasura_http_request_bytes_total')).toBe(before + sent.length);
    expect(await read(notes, 'hasura_http_response_bytes_total')).toBeGreaterThan(
      (await response.text()).length,
    );
    expect(await read(notes, 'hasura_http_connections')).toBeGreaterThan(0);
  });

  test('subscriptions while they are served, and their sockets', async () => {
    const client = createClient({
      url: `${notes.server.url.replace('http', 'ws')}/v1/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { headers: { 'x-hasura-admin-secret': adminSecret } },
    });
    const answers: unknown[] = [];
    const stop = client.subscribe(
      { query: 'subscription Watch { notes { id } }' },
      { next: (answer) => answers.push(answer), error: () => {}, complete: () => {} },
    );
    await expect.poll(() => answers.length).toBe(1);
    const labels = { subscription_kind: 'live-query', operation_name: 'Watch' };
    expect(await read(notes, 'hasura_active_subscriptions', labels)).toBe(1);
    expect(await read(notes, 'hasura_active_subscription_pollers')).toBe(1);
    expect(await read(notes, 'hasura_active_subscription_pollers_in_error_state')).toBe(0);
    expect(await read(notes, 'hasura_websocket_connections')).toBe(1);
    await expect
      .poll(() => read(notes, 'hasura_subscription_total_time_seconds_count', labels))
      .toBeGreaterThan(1);
    expect(await read(notes, 'hasura_subscription_db_execution_time_seconds_sum', labels)).toBeGreaterThan(0);
    expect(await read(notes, 'hasura_websocket_messages_sent_bytes_total')).toBeGreaterThan(50);
    expect(await read(notes, 'hasura_websocket_messages_received_bytes_total')).toBeGreaterThan(50);
    expect(await read(notes, 'hasura_websocket_message_queue_time_count')).toBe(2);
    expect(await read(notes, 'hasura_websocket_message_write_time_count')).toBeGreaterThan(1);
    const asked = { operation_type: 'subscription', operation_name: 'Watch' };
    expect(await read(notes, 'hasura_graphql_requests_total', asked)).toBe(1);
    const stopStream = client.subscribe(
      {
        query: 'subscription Flow { notes_stream(batch_size: 1, cursor: {initial_value: {id: 0}}) { id } }',
      },
      { next: (answer) => answers.push(answer), error: () => {}, complete: () => {} },
    );
    const flow = { subscription_kind: 'streaming', operation_name: 'Flow' };
    await expect.poll(() => read(notes, 'hasura_active_subscriptions', flow)).toBe(1);
    expect(await read(notes, 'hasura_active_subscription_pollers', { subscription_kind: 'streaming' })).toBe(
      1,
    );
    await expect
      .poll(() => read(notes, 'hasura_subscription_total_time_seconds_count', flow))
      .toBeGreaterThan(1);
    stopStream();
    stop();
    await client.dispose();
    await expect.poll(() => read(notes, 'hasura_active_subscriptions', labels)).toBe(0);
    await expect.poll(() => read(notes, 'hasura_websocket_connections')).toBe(0);
    expect(await read(notes, 'hasura_active_subscription_pollers')).toBe(0);
  });

  test('connections to PostgreSQL by source, without secrets', async () => {
    const labels = { source_name: 'default', conn_info: 'HASURA_GRAPHQL_DATABASE_URL', role: 'primary' };
    expect(await read(notes, 'hasura_postgres_connections', labels)).toBeGreaterThan(0);
    expect(await read(notes, 'hasura_postgres_connection_init_time_count', labels)).toBeGreaterThan(0);
    expect(await read(notes, 'hasura_postgres_pool_wait_time_count', labels)).toBeGreaterThan(0);
    expect(await read(notes, 'hasura_source_health', { source_name: 'default' })).toBe(0);
  });

  test('a source that cannot be reached', async () => {
    const url = 'postgres://someone:secret@127.0.0.1:1/nowhere?sslmode=disable';
    await notes.post('/v1/metadata', {
      type: 'replace_metadata',
      args: {
        allow_inconsistent_metadata: true,
        metadata: {
          version: 3,
          sources: [
            {
              name: 'gone',
              kind: 'postgres',
              tables: [],
              configuration: { connection_info: { database_url: url } },
              health_check: { interval: 10, test: { sql: 'SELECT 1' } },
            },
          ],
        },
      },
    });
    const labels = { source_name: 'gone', conn_info: 'postgres://someone@127.0.0.1:1/nowhere' };
    expect(await read(notes, 'hasura_postgres_connection_error_total', labels)).toBeGreaterThan(0);
    expect(await read(notes, 'hasura_source_health', { source_name: 'gone' })).toBe(3);
    const asAdmin = await fetch(`${notes.server.url}/healthz/sources`, {
      headers: { 'x-hasura-admin-secret': adminSecret },
    });
    expect(await asAdmin.json()).toEqual({
      gone: {
        status: 'ERROR',
        error: expect.stringContaining('ECONNREFUSED'),
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      },
    });
    expect((await fetch(`${notes.server.url}/healthz/sources`)).status).toBe(401);
    const text = await (await scrape(notes, { authorization: `Bearer ${secret}` })).text();
    expect(text).not.toContain('secret');
  });
});

test('names can be left out', async () => {
  const notes = await startNotesServer({
    HASURA_GRAPHQL_ENABLED_APIS: 'metadata,graphql,metrics',
    HASURA_GRAPHQL_METRICS_SECRET: secret,
    HASURA_GRAPHQL_METRICS_ENABLE_HIGH_CARDINALITY_LABELS: 'false',
  });
  await notes.post('/v1/graphql', { query: 'query Named { notes { id } }' });
  const labels = { operation_type: 'query', operation_name: '', parameterized_query_hash: '' };
  expect(await read(notes, 'hasura_graphql_requests_total', labels)).toBe(1);
  await notes.stop();
});
