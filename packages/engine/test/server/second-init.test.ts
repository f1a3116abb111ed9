/** A further `connection_init` decides for whom later operations run; what runs already stays what it was, and ends with its own token. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { adminSecret, type NotesServer, startNotesServer } from './notes-engine.ts';

const key = 'a key that is at least thirty-two bytes long';
let notes: NotesServer;
beforeAll(async () => {
  notes = await startNotesServer({
    HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_REFETCH_INTERVAL: '50',
    HASURA_GRAPHQL_CLOSE_WEBSOCKETS_ON_METADATA_CHANGE: 'false',
    HASURA_GRAPHQL_JWT_SECRET: JSON.stringify({ type: 'HS256', key }),
  });
});
afterAll(() => notes.stop());

const asUser = (id: string) => ({
  'x-hasura-admin-secret': adminSecret,
  'x-hasura-role': 'user',
  'x-hasura-user-id': id,
});

function tokenOf(user: string, lifeSeconds: number): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = {
    'x-hasura-default-role': 'user',
    'x-hasura-allowed-roles': ['user'],
    'x-hasura-user-id': user,
  };
  const signed = `${encode({ alg: 'HS256' })}.${encode({
    exp: Date.now() / 1000 + lifeSeconds,
    'https://hasura.io/jwt/claims': claims,
  })}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

async function open() {
  const socket = new WebSocket(`${notes.server.url.replace('http', 'ws')}/v1/graphql`, [
    'graphql-transport-ws',
  ]);
  const frames: { readonly id?: string; readonly type: string; readonly payload?: unknown }[] = [];
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data));
    if (frame.type !== 'ping') frames.push(frame);
  });
  const closed = once(socket, 'close');
  await once(socket, 'open');
  return {
    frames,
    closed,
    socket,
    init: (headers: Readonly<Record<string, string>>) =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: { headers } })),
    subscribe: (id: string) =>
      socket.send(
        JSON.stringify({
          type: 'subscribe',
          id,
          payload: { query: 'subscription { notes(order_by: {id: asc}) { id } }' },
        }),
      ),
  };
}

const ids = (id: string, ...rows: readonly number[]) => ({
  type: 'next',
  id,
  payload: { data: { notes: rows.map((row) => ({ id: row })) } },
});
const acknowledged = { type: 'connection_ack' };

test('what runs is planned anew for its own session after a change of the metadata', async () => {
  const client = await open();
  client.init(asUser('1'));
  client.subscribe('first');
  await expect.poll(() => client.frames).toEqual([acknowledged, ids('first', 1, 3)]);
  client.init(asUser('2'));
  client.subscribe('second');
  await expect.poll(() => client.frames.slice(2)).toEqual([acknowledged, ids('second', 2)]);
  const changed = await notes.post('/v1/metadata', {
    type: 'pg_set_permission_comment',
    args: { source: 'default', table: 'notes', role: 'user', permission: 'select', comment: 'own notes' },
  });
  expect(changed.status).toBe(200);
  await notes.database.sql('insert into notes values (4, 1, null), (5, 2, null)');
  const lastOf = (id: string) => client.frames.filter((frame) => frame.id === id).at(-1);
  await expect.poll(() => lastOf('first')).toEqual(ids('first', 1, 3, 4));
  await expect.poll(() => lastOf('second')).toEqual(ids('second', 2, 5));
  // nothing of one was told the other, not even for a moment
  const told = (id: string) => JSON.stringify(client.frames.filter((frame) => frame.id === id));
  expect(told('first')).not.toMatch(/"id":[25]\b/);
  expect(told('second')).not.toMatch(/"id":[134]\b/);
  client.socket.terminate();
});

test('a subscription does not outlive the token that it was started with', async () => {
  const client = await open();
  client.init({ authorization: `Bearer ${tokenOf('1', 2)}` });
  client.subscribe('first');
  await expect.poll(() => client.frames.length).toBe(2);
  client.init({ authorization: `Bearer ${tokenOf('2', 600)}` });
  const startedAt = performance.now();
  await client.closed;
  expect(performance.now() - startedAt).toBeLessThan(4000);
});

test('where nothing runs under the old token, the connection lives as long as the new one', async () => {
  const client = await open();
  client.init({ authorization: `Bearer ${tokenOf('1', 1)}` });
  client.init({ authorization: `Bearer ${tokenOf('2', 600)}` });
  await new Promise((resolve) => setTimeout(resolve, 1800));
  expect(client.socket.readyState).toBe(WebSocket.OPEN);
  client.subscribe('second');
  await expect.poll(() => client.frames.filter(({ type }) => type === 'next').length).toBe(1);
  client.socket.terminate();
});
