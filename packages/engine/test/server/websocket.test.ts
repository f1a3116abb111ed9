import { once } from 'node:events';
import { createClient } from 'graphql-ws';
import { SubscriptionClient } from 'subscriptions-transport-ws';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { adminSecret, type NotesServer, startNotesServer } from './notes-engine.ts';

let notes: NotesServer;
beforeAll(async () => {
  notes = await startNotesServer({
    HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_REFETCH_INTERVAL: '50',
    HASURA_GRAPHQL_WEBSOCKET_CONNECTION_INIT_TIMEOUT: '1',
    HASURA_GRAPHQL_ENABLED_APIS: 'graphql,metadata,developer',
    HASURA_GRAPHQL_CORS_DOMAIN: 'http://localhost:3000',
  });
});
afterAll(() => notes.stop());

const sockets: WebSocket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});

const transport = 'graphql-transport-ws';
const legacy = 'graphql-ws';
const secretHeaders = { 'x-hasura-admin-secret': adminSecret };
const asUser = (id: string) => ({ ...secretHeaders, 'x-hasura-role': 'user', 'x-hasura-user-id': id });

/** A socket with a queue of parsed frames; keep-alives are left out. */
async function open(protocol: string | null, path = '/v1/graphql', headers: Record<string, string> = {}) {
  const url = notes.server.url.replace('http', 'ws') + path;
  const socket = new WebSocket(url, protocol === null ? [] : [protocol], { headers });
  sockets.push(socket);
  const frames: Record<string, unknown>[] = [];
  let wake = () => {};
  const keepAlives: unknown[] = [];
  socket.on('message', (data) => {
    const frame = JSON.parse(String(data));
    if (frame.type === 'ka' || frame.type === 'ping') keepAlives.push(frame);
    else frames.push(frame);
    wake();
  });
  const closed = once(socket, 'close').then(([code, reason]) => ({ code, reason: String(reason) }));
  await once(socket, 'open');
  return {
    socket,
    closed,
    keepAlives,
    send: (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async next(): Promise<Record<string, unknown>> {
      while (frames.length === 0) {
        await new Promise<void>((resolve, reject) => {
          const timer = setTimeout(() => reject(new Error('no frame within 5 s')), 5000);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      return frames.shift() as Record<string, unknown>;
    },
  };
}

async function initialised(
  protocol: string,
  headers: Record<string, string> = secretHeaders,
  path = '/v1/graphql',
) {
  const client = await open(protocol, path);
  client.send({ type: 'connection_init', payload: { headers } });
  expect(await client.next()).toEqual({ type: 'connection_ack' });
  return client;
}

test('long messages are not read while others wait for their turn', async () => {
  await notes.database.sql('create view sleeping as select 1 as id from pg_sleep(1)');
  await notes.post('/v1/metadata', {
    type: 'pg_track_table',
    args: { source: 'default', table: 'sleeping' },
  });
  const client = await initialised(transport);
  client.send({ type: 'subscribe', id: 'slow', payload: { query: '{ sleeping { id } }' } });
  const query = 'query ($text: String) { notes(where: {body: {_eq: $text}}) { id } }';
  const variables = { text: 'x'.repeat(1_000_000) };
  for (let id = 1; id <= 30; id++) {
    client.send({ type: 'subscribe', id: String(id), payload: { query, variables } });
  }
  await new Promise((resolve) => setTimeout(resolve, 600));
  // but for what the operating systems of both sides hold
  expect(client.socket.bufferedAmount).toBeGreaterThan(10_000_000);
  for (const id of ['slow', ...Array.from({ length: 30 }, (_, index) => String(index + 1))]) {
    expect(await client.next()).toMatchObject({ type: 'next', id });
    expect(await client.next()).toEqual({ type: 'complete', id });
  }
});

test('who does not read what was asked for gets nothing more to read, until it reads again', async () => {
  await notes.database.sql(`
    create sequence asked;
    create view large as select nextval('asked')::int as number, repeat('x', 1000000) as text from generate_series(1, 1)`);
  await notes.post('/v1/metadata', { type: 'pg_track_table', args: { source: 'default', table: 'large' } });
  const client = await initialised(transport);
  client.socket.pause();
  for (let id = 1; id <= 55; id++) {
    client.send({ type: 'subscribe', id: String(id), payload: { query: '{ large { number text } }' } });
  }
  const asked = async () => {
    const [row] = await notes.database.sql('select last_value::int as number from asked');
    return row?.['number'] as number;
  };
  // the operating systems of both sides hold some of it
  let before = 0;
  await expect
    .poll(
      async () => {
        const now = await asked();
        const isStill = now === before && now > 1;
        before = now;
        return isStill;
      },
      { interval: 300, timeout: 10_000 },
    )
    .toBe(true);
  expect(before).toBeLessThan(30);
  client.socket.resume();
  for (let id = 1; id <= 55; id++) {
    expect(await client.next()).toMatchObject({ type: 'next', id: String(id) });
    expect(await client.next()).toEqual({ type: 'complete', id: String(id) });
  }
});

describe.each([
  { protocol: transport, start: 'subscribe', stop: 'complete', data: 'next' },
  { protocol: legacy, start: 'start', stop: 'stop', data: 'data' },
])('$protocol', ({ protocol, start, stop, data }) => {
  const isLegacy = protocol === legacy;

  test('acknowledges, and keeps alive before and after', async () => {
    const client = await initialised(protocol);
    expect(client.socket.protocol).toBe(protocol);
    const keepAlive = isLegacy ? { type: 'ka' } : { type: 'ping', payload: { message: 'keepalive' } };
    client.send({ type: 'ping', payload: { a: 1 } });
    expect(await client.next()).toEqual({ type: 'pong', payload: { a: 1 } });
    expect(client.keepAlives).toEqual([keepAlive, keepAlive]);
  });

  test('answers a query under the role of connection_init', async () => {
    const client = await initialised(protocol, asUser('2'));
    client.send({ id: 'a', type: start, payload: { query: '{ notes { id body } }' } });
    expect(await client.next()).toEqual({
      type: data,
      id: 'a',
      payload: { data: { notes: [{ id: 2, body: 'two' }] } },
    });
    expect(await client.next()).toEqual({ type: 'complete', id: 'a' });
  });

  test('a query that asks for it is answered from the cache, of its own session', async () => {
    const query = `query ${isLegacy ? 'a' : 'b'} @cached { notes(where: {id: {_eq: 2}}) { body } }`;
    const ask = async (headers: Record<string, string>) => {
      const client = await initialised(protocol, headers);
      client.send({ id: 'a', type: start, payload: { query } });
      return client.next();
    };
    const answer = (rows: readonly unknown[]) => ({
      type: data,
      id: 'a',
      payload: { data: { notes: rows } },
    });
    expect(await ask(asUser('2'))).toEqual(answer([{ body: 'two' }]));
    await notes.database.sql(`update notes set body = 'changed' where id = 2`);
    expect(await ask(asUser('2'))).toEqual(answer([{ body: 'two' }]));
    expect(await ask(asUser('1'))).toEqual(answer([]));
    expect(await ask(secretHeaders)).toEqual(answer([{ body: 'changed' }]));
    await notes.database.sql(`update notes set body = 'two' where id = 2`);
  });

  test('an error before execution', async () => {
    const client = await initialised(protocol, asUser('2'));
    client.send({ id: 'a', type: start, payload: { query: '{ notes { owner } }' } });
    const error = {
      message: "field 'owner' not found in type: 'notes'",
      extensions: { path: '$.selectionSet.notes.selectionSet.owner', code: 'validation-failed' },
    };
    expect(await client.next()).toEqual({
      type: 'error',
      id: 'a',
      payload: isLegacy ? { errors: [error] } : [error],
    });
    expect(await client.next()).toEqual({ type: 'complete', id: 'a' });
  });

  test('an error while executing, without internals', async () => {
    const client = await initialised(protocol);
    const payload = {
      query: 'query($b: String) { notes(where: {body: {_eq: $b}}) { id } }',
      variables: { b: '\0' },
    };
    client.send({ id: 'a', type: start, payload });
    const error = {
      message: 'invalid byte sequence for encoding "UTF8": 0x00',
      extensions: { path: '$', code: 'data-exception' },
    };
    expect(await client.next()).toEqual(
      isLegacy
        ? { type: 'data', id: 'a', payload: { data: null, errors: [error] } }
        : { type: 'error', id: 'a', payload: [error] },
    );
    expect(await client.next()).toEqual({ type: 'complete', id: 'a' });
  });

  test('a subscription that fails at its start was not executed', async () => {
    const client = await initialised(protocol);
    const payload = {
      query: 'subscription($b: String) { notes(where: {body: {_eq: $b}}) { id } }',
      variables: { b: '\0' },
    };
    client.send({ id: 'a', type: start, payload });
    const error = {
      message: 'invalid byte sequence for encoding "UTF8": 0x00',
      extensions: { path: '$', code: 'data-exception' },
    };
    expect(await client.next()).toEqual({
      type: 'error',
      id: 'a',
      payload: isLegacy ? { errors: [error] } : [error],
    });
    expect(await client.next()).toEqual({ type: 'complete', id: 'a' });
  });

  test('a live query: the answer at once, then every change, nothing after the stop', async () => {
    const client = await initialised(protocol, asUser('1'));
    client.send({
      id: 'live',
      type: start,
      payload: { query: 'subscription { notes(order_by: {id: asc}) { body } }' },
    });
    const result = (...bodies: string[]) => ({
      type: data,
      id: 'live',
      payload: { data: { notes: bodies.map((body) => ({ body })) } },
    });
    expect(await client.next()).toEqual(result('one', 'three'));
    await notes.database.sql(`update notes set body = 'THREE' where id = 3`);
    expect(await client.next()).toEqual(result('one', 'THREE'));
    // a row that the role does not see changes nothing for it
    await notes.database.sql(`update notes set body = 'TWO' where id = 2`);
    await notes.database.sql(
      `update notes set body = 'three' where id = 3; update notes set body = 'two' where id = 2`,
    );
    expect(await client.next()).toEqual(result('one', 'three'));
    client.send({ id: 'live', type: stop });
    await notes.database.sql(`update notes set body = 'uno' where id = 1`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    // the id is free again
    client.send({ id: 'live', type: start, payload: { query: '{ notes_by_pk(id: 1) { body } }' } });
    expect(await client.next()).toEqual({
      type: data,
      id: 'live',
      payload: { data: { notes_by_pk: { body: 'uno' } } },
    });
    await notes.database.sql(`update notes set body = 'one' where id = 1`);
  });

  test('a start before connection_init', async () => {
    const client = await open(protocol);
    client.send({ id: '1', type: start, payload: { query: '{ __typename }' } });
    const message = 'start received before the connection is initialised';
    expect(await client.next()).toEqual({
      type: 'error',
      id: '1',
      payload: { message, extensions: { path: '$', code: 'start-failed' } },
    });
    if (isLegacy) {
      expect(await client.next()).toEqual({ type: 'complete', id: '1' });
    } else {
      expect(await client.next()).toEqual({ type: 'error', id: '1', payload: message });
      expect(await client.closed).toEqual({ code: 1000, reason: `{"server_error_msg":"4400: ${message}"}` });
    }
  });

  test('an id that is in use', async () => {
    const client = await initialised(protocol);
    const payload = { query: 'subscription { notes { id } }' };
    client.send({ id: '1', type: start, payload });
    expect(await client.next()).toMatchObject({ type: data });
    client.send({ id: '1', type: start, payload });
    expect(await client.next()).toMatchObject({
      type: 'error',
      payload: { message: 'an operation already exists with this id: 1' },
    });
  });

  test('wrong credentials end the connection', async () => {
    const client = await open(protocol);
    client.send({ type: 'connection_init', payload: { headers: { 'x-hasura-admin-secret': 'wrong' } } });
    const message = 'invalid x-hasura-admin-secret/x-hasura-access-key';
    if (isLegacy) {
      expect(await client.next()).toEqual({ type: 'connection_error', payload: message });
      expect((await client.closed).code).toBe(4400);
    } else {
      expect(await client.closed).toEqual({ code: 4403, reason: '{"server_error_msg":"4403: Forbidden"}' });
    }
  });

  test('silence instead of connection_init', async () => {
    const client = await open(protocol);
    expect(await client.closed).toEqual({
      code: isLegacy ? 1011 : 4408,
      reason: 'Connection initialisation timed out',
    });
  });

  test.each([
    'no json',
    '[]',
    '{"type":"what"}',
    '{"type":"connection_init","payload":{"headers":{"a":1}}}',
    '{"type":"start","id":1,"payload":{"query":"{x}"}}',
    '{"type":"subscribe","id":"1","payload":{}}',
  ])('the message %s', async (text) => {
    const client = await open(protocol);
    client.send(text);
    if (isLegacy) {
      expect(await client.next()).toEqual({
        type: 'connection_error',
        payload: expect.stringMatching(/^parsing ClientMessage failed: /),
      });
      client.send({ type: 'connection_init', payload: { headers: secretHeaders } });
      expect(await client.next()).toEqual({ type: 'connection_ack' });
    } else {
      const { code, reason } = await client.closed;
      expect([code, reason]).toEqual([
        4400,
        expect.stringMatching(/^{"server_error_msg":"4400: Parsing client message failed: /),
      ]);
    }
  });
});

test('without a sub-protocol the older one is spoken; v1alpha1 tells errors flat', async () => {
  const client = await open(null, '/v1alpha1/graphql');
  client.send({ type: 'connection_init', payload: { headers: secretHeaders } });
  expect(await client.next()).toEqual({ type: 'connection_ack' });
  client.send({ id: '1', type: 'start', payload: { query: '{ nope }' } });
  expect(await client.next()).toEqual({
    type: 'error',
    id: '1',
    payload: {
      error: "field 'nope' not found in type: 'query_root'",
      path: '$.selectionSet.nope',
      code: 'validation-failed',
    },
  });
  client.send({ type: 'connection_terminate' });
  expect(await client.closed).toEqual({ code: 1000, reason: 'GQL_CONNECTION_TERMINATE received' });
});

test('equal live queries share a poller, which ends with the last', async () => {
  const clients = await Promise.all([1, 2, 3].map(() => initialised(transport, asUser('1'))));
  for (const client of clients) {
    client.send({ id: '1', type: 'subscribe', payload: { query: 'subscription Shared { notes { id } }' } });
  }
  for (const client of clients) expect(await client.next()).toMatchObject({ type: 'next', id: '1' });
  const stats = async () => {
    const response = await fetch(`${notes.server.url}/dev/subscriptions`, { headers: secretHeaders });
    return response.json();
  };
  expect(await stats()).toEqual({ pollers: 1, subscribers: 3 });
  for (const client of clients) client.socket.close();
  await Promise.all(clients.map((client) => client.closed));
  await expect.poll(stats).toEqual({ pollers: 0, subscribers: 0 });
});

test('handshakes that are refused', async () => {
  const refusal = async (path: string, headers: Record<string, string>) => {
    const socket = new WebSocket(notes.server.url.replace('http', 'ws') + path, { headers });
    sockets.push(socket);
    const [, response] = await once(socket, 'unexpected-response');
    let body = '';
    for await (const piece of response) body += piece;
    socket.on('error', () => {});
    return [response.statusCode, JSON.parse(body)];
  };
  const before = (await notes.logs()).length;
  const originRefused = 'received origin header does not match configured CORS domains';
  expect(await refusal('/v1/graphql', { origin: 'https://evil.example' })).toEqual([
    400,
    { message: originRefused, extensions: { path: '$', code: 'access-denied' } },
  ]);
  expect(await refusal('/nope', {})).toEqual([
    404,
    {
      message: "only '/v1/graphql', '/v1alpha1/graphql' and '/v1beta1/relay' are supported on websockets",
      extensions: { path: '$', code: 'not-found' },
    },
  ]);
  const rejected = async () =>
    (await notes.logs())
      .slice(before)
      .flatMap(({ type, level, detail }) =>
        type === 'websocket-log' ? [{ level, ...(detail as object) }] : [],
      );
  await expect.poll(rejected).toEqual([
    {
      level: 'error',
      event: { type: 'rejected', detail: { error: originRefused, path: '$', code: 'access-denied' } },
      connection_info: { websocket_id: expect.any(String), token_expiry: null, msg: null },
      user_vars: null,
    },
    expect.objectContaining({
      event: { type: 'rejected', detail: expect.objectContaining({ code: 'not-found' }) },
    }),
  ]);
  await open(transport, '/v1/graphql', { origin: 'http://localhost:3000' });
});

test('a start that cannot begin is logged as a fault of the protocol', async () => {
  const before = (await notes.logs()).length;
  const client = await open(legacy);
  client.send({
    id: 'a',
    type: 'start',
    payload: { query: 'query Early { notes { id } }', operationName: 'Early' },
  });
  expect(await client.next()).toMatchObject({ type: 'error', id: 'a' });
  const operations = async () =>
    (await notes.logs()).slice(before).flatMap(({ type, level, detail }) => {
      const { event } = detail as { event?: { type: string; detail: unknown } };
      return type === 'websocket-log' && event?.type === 'operation' ? [{ level, detail: event.detail }] : [];
    });
  await expect.poll(operations).toEqual([
    {
      level: 'error',
      detail: {
        operation_id: 'a',
        request_id: null,
        operation_name: 'Early',
        parameterized_query_hash: null,
        query: null,
        operation_type: { type: 'proto_err', detail: 'start received before the connection is initialised' },
      },
    },
  ]);
});

test('the client of graphql-ws subscribes', async () => {
  const client = createClient({
    url: `${notes.server.url.replace('http', 'ws')}/v1/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { headers: asUser('1') },
    retryAttempts: 0,
  });
  const results = client.iterate({ query: 'subscription { notes(order_by: {id: asc}) { id } }' });
  expect((await results.next()).value).toEqual({ data: { notes: [{ id: 1 }, { id: 3 }] } });
  await notes.database.sql('insert into notes values (4, 1, $1)', ['four']);
  expect((await results.next()).value).toEqual({ data: { notes: [{ id: 1 }, { id: 3 }, { id: 4 }] } });
  await notes.database.sql('delete from notes where id = 4');
  await results.return?.();
  await client.dispose();
});

test('the client of subscriptions-transport-ws subscribes', async () => {
  const client = new SubscriptionClient(
    `${notes.server.url.replace('http', 'ws')}/v1/graphql`,
    { connectionParams: { headers: asUser('2') }, reconnect: false },
    WebSocket,
  );
  const first = await new Promise((resolve, reject) => {
    client.request({ query: 'subscription { notes { id } }' }).subscribe({ next: resolve, error: reject });
  });
  expect(first).toEqual({ data: { notes: [{ id: 2 }] } });
  client.close();
});

test('a change of the metadata closes the sockets, so that clients subscribe anew', async () => {
  const client = await initialised(transport);
  await notes.post('/v1/metadata', {
    type: 'pg_set_table_customization',
    args: { source: 'default', table: 'notes', configuration: {} },
  });
  await notes.post('/v1/metadata', { type: 'reload_metadata', args: {} });
  expect(await client.closed).toEqual({ code: 1012, reason: 'Server state changed, restarting the server' });
});
