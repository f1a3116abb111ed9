/** Many subscribers over real sockets, with the clients that people use. Source: spec/graphql-api.md 14. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from 'graphql-ws';
import { SubscriptionClient } from 'subscriptions-transport-ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { adminSecret, type NotesServer, startNotesServer } from './notes-engine.ts';

let notes: NotesServer;
let handler: Server;
let release: (answer: string) => void = () => {};
beforeAll(async () => {
  handler = createServer((_request, response) => {
    release = (answer) => response.end(answer);
  }).listen(0);
  await once(handler, 'listening');
  notes = await startNotesServer({
    HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_REFETCH_INTERVAL: '40',
    HASURA_GRAPHQL_STREAMING_QUERIES_MULTIPLEXED_REFETCH_INTERVAL: '40',
    HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_BATCH_SIZE: '10',
    HASURA_GRAPHQL_ASYNC_ACTIONS_FETCH_INTERVAL: '20',
    HASURA_GRAPHQL_CLOSE_WEBSOCKETS_ON_METADATA_CHANGE: 'false',
    HASURA_GRAPHQL_ENABLED_APIS: 'graphql,metadata,developer',
    HASURA_GRAPHQL_ENABLED_LOG_TYPES: 'startup,livequery-poller-log',
  });
});
afterAll(async () => {
  await notes.stop();
  handler.close();
  handler.closeAllConnections();
});

const url = () => `${notes.server.url.replace('http', 'ws')}/v1/graphql`;
const headersOf = (user: number) => ({
  'x-hasura-admin-secret': adminSecret,
  'x-hasura-role': 'user',
  'x-hasura-user-id': String(user),
});
const runSql = (sql: string) =>
  notes.post('/v2/query', { type: 'run_sql', args: { source: 'default', sql } });

interface Listener {
  readonly answers: unknown[];
  readonly close: () => unknown;
}

/** Either protocol, by turns. */
function listen(user: number, query: string, variables: Record<string, unknown> = {}): Listener {
  const answers: unknown[] = [];
  if (user % 2 === 0) {
    const client = createClient({
      url: url(),
      webSocketImpl: WebSocket,
      connectionParams: { headers: headersOf(user) },
      retryAttempts: 0,
    });
    client.subscribe(
      { query, variables },
      {
        next: (answer) => answers.push(answer),
        error: (error) => answers.push(error),
        complete: () => answers.push('complete'),
      },
    );
    return { answers, close: () => client.dispose() };
  }
  const client = new SubscriptionClient(
    url(),
    { connectionParams: { headers: headersOf(user) }, reconnect: false },
    WebSocket,
  );
  client.request({ query, variables }).subscribe({
    next: (answer) => answers.push(answer),
    error: (error) => answers.push(error),
    complete: () => answers.push('complete'),
  });
  return { answers, close: () => client.close() };
}

test('each of many sessions its own rows, in few statements; nothing is run while nothing changes', async () => {
  const users = Array.from({ length: 30 }, (_, index) => index + 1);
  await runSql('insert into notes select 100 + n, n, null from generate_series(1, 30) n');
  const query = 'subscription ($least: Int!) { notes(where: {id: {_gte: $least}}) { id } }';
  const clients = users.map((user) => listen(user, query, { least: 100 }));
  const ids = (user: number, ...more: number[]) => ({
    data: { notes: [100 + user, ...more].map((id) => ({ id })) },
  });
  await expect.poll(() => clients.every(({ answers }) => answers.length === 1), { timeout: 5000 }).toBe(true);
  users.forEach((user, index) => {
    expect(clients[index]?.answers).toEqual([ids(user)]);
  });
  await runSql('insert into notes values (207, 7, null)');
  await expect.poll(() => clients[6]?.answers.length, { timeout: 5000 }).toBe(2);
  users.forEach((user, index) => {
    expect(clients[index]?.answers).toEqual(user === 7 ? [ids(7), ids(7, 207)] : [ids(user)]);
  });
  const stats = async () => {
    const answer = await fetch(`${notes.server.url}/dev/subscriptions/extended`, {
      headers: { 'x-hasura-admin-secret': adminSecret },
    });
    return (await answer.json()) as { details: { cohorts: number; polls: number; skipped_polls: number }[] };
  };
  const before = await stats();
  expect(before).toMatchObject({ pollers: 1, subscribers: 30, details: [{ cohorts: 30 }] });
  await expect
    .poll(async () => (await stats()).details[0]?.skipped_polls, { timeout: 5000 })
    .toBeGreaterThan((before.details[0]?.skipped_polls ?? 0) + 2);
  const rounds = (await notes.logs()).filter(({ detail }) => detail.cohort_size === 30);
  expect(
    rounds[0]?.detail.execution_batches.map((batch: { batch_size: number }) => batch.batch_size),
  ).toEqual([10, 10, 10]);
  await Promise.all(clients.map(({ close }) => close()));
  await expect.poll(async () => (await stats()).details).toEqual([]);
});

test('one connection cannot fill the memory with values; who leaves makes room', async () => {
  const client = createClient({
    url: url(),
    webSocketImpl: WebSocket,
    connectionParams: { headers: headersOf(1) },
    retryAttempts: 0,
  });
  const subscribe = (text: string) => {
    const told: unknown[] = [];
    const query = 'subscription ($text: String!) { notes(where: {body: {_eq: $text}}) { id } }';
    const tell = (answer: unknown) => told.push(answer);
    const stop = client.subscribe({ query, variables: { text } }, { next: tell, error: tell, complete() {} });
    return { told, stop };
  };
  const million = 'x'.repeat(1_000_000);
  const subscriptions = Array.from({ length: 20 }, (_, index) => subscribe(million + index));
  await expect
    .poll(() => subscriptions.every(({ told }) => told.length === 1), { timeout: 20_000 })
    .toBe(true);
  const isRefused = ({ told }: { told: unknown[] }) => JSON.stringify(told[0]).includes('"code":"busy"');
  expect(subscriptions.filter(isRefused)).toHaveLength(1);
  subscriptions[0]?.stop();
  const later = subscribe('one');
  await expect.poll(() => later.told).toEqual([{ data: { notes: [{ id: 1 }] } }]);
  const again = subscribe(`${million}again`);
  await expect.poll(() => again.told).toEqual([{ data: { notes: [] } }]);
  await client.dispose();
});

test('after a change of the rules everybody sees what the new one shows', async () => {
  const clients = [1, 2, 3].map((user) =>
    listen(user, 'subscription { notes(where: {id: {_lt: 10}}) { id } }'),
  );
  await expect.poll(() => clients.every(({ answers }) => answers.length === 1)).toBe(true);
  const table = { source: 'default', table: 'notes', role: 'user' };
  const replaced = await notes.post('/v1/metadata', {
    type: 'bulk',
    args: [
      { type: 'pg_drop_select_permission', args: table },
      {
        type: 'pg_create_select_permission',
        args: { ...table, permission: { columns: ['id'], filter: { id: { _eq: 'X-Hasura-User-Id' } } } },
      },
    ],
  });
  expect(replaced.status).toBe(200);
  await expect
    .poll(() => clients.map(({ answers }) => answers.at(-1)))
    .toEqual([1, 2, 3].map((id) => ({ data: { notes: [{ id }] } })));
  await Promise.all(clients.map(({ close }) => close()));
});

test('the result of an asynchronous action is the last word', async () => {
  const { port } = handler.address() as AddressInfo;
  const created = await notes.post('/v1/metadata', {
    type: 'bulk',
    args: [
      {
        type: 'set_custom_types',
        args: { objects: [{ name: 'Sum', fields: [{ name: 'sum', type: 'Int!' }] }] },
      },
      {
        type: 'create_action',
        args: {
          name: 'add',
          definition: {
            kind: 'asynchronous',
            handler: `http://127.0.0.1:${port}`,
            arguments: [],
            output_type: 'Sum',
          },
        },
      },
      { type: 'create_action_permission', args: { action: 'add', role: 'user' } },
    ],
  });
  expect(await created.text()).toBe('[{"message":"success"},{"message":"success"},{"message":"success"}]');
  const started = await notes.post('/v1/graphql', { query: 'mutation { add }' }, headersOf(2));
  const { data } = (await started.json()) as { data: { add: string } };
  const client = listen(2, 'subscription ($id: uuid!) { add(id: $id) { output { sum } } }', { id: data.add });
  await expect.poll(() => client.answers).toEqual([{ data: { add: { output: null } } }]);
  release('{"sum": 3}');
  await expect
    .poll(() => client.answers, { timeout: 5000 })
    .toEqual([{ data: { add: { output: null } } }, { data: { add: { output: { sum: 3 } } } }, 'complete']);
  await client.close();
});

test('a handler that answers null has answered', async () => {
  const started = await notes.post('/v1/graphql', { query: 'mutation { add }' }, headersOf(2));
  const { data } = (await started.json()) as { data: { add: string } };
  const client = listen(2, 'subscription ($id: uuid!) { add(id: $id) { output { sum } } }', { id: data.add });
  await expect.poll(() => client.answers).toEqual([{ data: { add: { output: null } } }]);
  release('null');
  await expect
    .poll(() => client.answers, { timeout: 5000 })
    .toEqual([{ data: { add: { output: null } } }, 'complete']);
  await client.close();
});
