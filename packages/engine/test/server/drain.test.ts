import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { adminSecret, startNotesServer } from './notes-engine.ts';

test('a server that stops answers what it has begun, and then takes nothing more', async () => {
  const notes = await startNotesServer();
  const { port } = notes.server;
  // an idle connection, which must not hold up the end
  const agent = new Agent({ keepAlive: true });
  const idle = request({ port, host: '127.0.0.1', path: '/healthz', agent }).end();
  const [idleResponse] = await once(idle, 'response');
  idleResponse.resume();
  await once(idleResponse, 'end');
  const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/graphql`, 'graphql-transport-ws');
  const socketClosed = once(socket, 'close');
  await once(socket, 'open');
  const slow = notes.post('/v2/query', {
    type: 'run_sql',
    args: { sql: 'select pg_sleep(0.5)', read_only: true },
  });
  // the statement runs
  await expect
    .poll(() =>
      notes.database.sql(
        `select 1 from pg_stat_activity where query like '%pg_sleep(0.5)%' and pid <> pg_backend_pid()`,
      ),
    )
    .not.toEqual([]);
  const startedAt = Date.now();
  const closed = notes.server.close();
  expect((await slow).status).toBe(200);
  await closed;
  expect(Date.now() - startedAt).toBeLessThan(5000);
  const [code, reason] = await socketClosed;
  expect([code, String(reason)]).toEqual([1012, 'shutting server down']);
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  agent.destroy();
  await notes.database.drop();
});

test('a second server on the same port is told so', async () => {
  const notes = await startNotesServer();
  await expect(
    startNotesServer({ HASURA_GRAPHQL_SERVER_PORT: String(notes.server.port) }, { database: notes.database }),
  ).rejects.toThrow(`Fatal Error: cannot listen on port ${notes.server.port}: the port is in use`);
  expect((await notes.post('/v1/graphql', { query: '{ __typename }' })).status).toBe(200);
  expect(adminSecret).not.toBe('');
  await notes.stop();
});
