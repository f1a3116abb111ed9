/** Operations over WebSockets that remote schemas answer. Source: spec/remote-schemas.md 6.3, 6.4. */
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type GraphqlServer, startGraphqlServer } from '../support/graphql-server.ts';
import { adminSecret, type NotesServer, startNotesServer } from './notes-engine.ts';

let notes: NotesServer;
let weather: GraphqlServer;

beforeAll(async () => {
  weather = await startGraphqlServer('type Query { wind: Int } type Subscription { rain: Int }', { wind: 3 });
  notes = await startNotesServer();
  const definition = { url: weather.url, forward_client_headers: true };
  const answer = await notes.post('/v1/metadata', {
    type: 'add_remote_schema',
    args: { name: 'weather', definition },
  });
  expect(answer.status).toBe(200);
});
afterAll(async () => {
  await notes?.stop();
  await weather?.close();
});

function ask(query: string, headers: Record<string, string>): Promise<unknown> {
  const client = createClient({
    url: `${notes.server.url.replace('http', 'ws')}/v1/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { headers: { 'x-hasura-admin-secret': adminSecret, ...headers } },
    lazy: true,
  });
  return new Promise<unknown>((resolve, reject) => {
    client.subscribe({ query }, { next: resolve, error: reject, complete() {} });
  }).finally(() => client.dispose());
}

test('the headers of connection_init count as the client’s', async () => {
  const headers = { 'x-hasura-role': 'user', authorization: 'Bearer a', 'x-other': 'b' };
  expect(await ask('{ wind }', headers)).toEqual({ data: { wind: 3 } });
  const { headers: received } = weather.requests[0] ?? { headers: {} };
  expect(received).toMatchObject({ authorization: 'Bearer a', 'x-other': 'b', 'x-hasura-role': 'user' });
  expect(received).not.toHaveProperty('x-hasura-admin-secret');
});

test('subscriptions are refused', async () => {
  await expect(ask('subscription { rain }', {})).rejects.toMatchObject([
    { message: 'subscription to remote server is not supported', extensions: { code: 'not-supported' } },
  ]);
});
