/**
 * Rules that change while many listen: once a change has been answered, no socket is told a row any more that only the rule before showed. Random changes of
 * rules and rows, random clients that come, go, and keep their sockets busy.
 */
import { once } from 'node:events';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { adminSecret, type NotesServer, startNotesServer } from './notes-engine.ts';

let notes: NotesServer;
beforeAll(async () => {
  notes = await startNotesServer({
    HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_REFETCH_INTERVAL: '10',
    HASURA_GRAPHQL_STREAMING_QUERIES_MULTIPLEXED_REFETCH_INTERVAL: '10',
    HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_BATCH_SIZE: '3',
    HASURA_GRAPHQL_CLOSE_WEBSOCKETS_ON_METADATA_CHANGE: 'false',
  });
  await notes.database.sql(`
    create table letter (id int primary key, reader int, team int, text text);
    insert into letter select id, id % 5, id / 5 % 3, 'old' from generate_series(1, 60) id;
    create view slow as select 1 as id from pg_sleep(0.15)`);
  const track = (table: string) => ({ type: 'pg_track_table', args: { source: 'default', table } });
  const permission = { columns: ['id'], filter: {} };
  const answer = await notes.post('/v1/metadata', {
    type: 'bulk',
    args: [
      track('letter'),
      track('slow'),
      {
        type: 'pg_create_select_permission',
        args: { source: 'default', table: 'slow', role: 'user', permission },
      },
    ],
  });
  expect(answer.status).toBe(200);
});
afterAll(() => notes.stop());

interface Row {
  readonly id: number;
  readonly reader: number;
  readonly team: number;
}

interface Rule {
  readonly permission: object | null;
  readonly shows: (row: Row, user: number) => boolean;
}

const columns = ['id', 'reader', 'team', 'text'];
const rules: readonly Rule[] = [
  {
    permission: { columns, filter: { reader: { _eq: 'X-Hasura-User-Id' } } },
    shows: ({ reader }, user) => reader === user,
  },
  {
    permission: { columns, filter: { team: { _eq: 'X-Hasura-Team' } } },
    shows: ({ team }, user) => team === user % 3,
  },
  { permission: { columns, filter: { id: { _lt: 20 } } }, shows: ({ id }) => id < 20 },
  { permission: null, shows: () => false },
];

const documents = [
  'subscription { letter(order_by: {id: asc}) { id reader team text } }',
  'subscription ($from: Int!) { letter(where: {id: {_gte: $from}}) { id reader team text } }',
  'subscription { letter_stream(cursor: {initial_value: {id: 0}}, batch_size: 4) { id reader team text } }',
];

/** A socket of a user, and the rules that may have shown what it is told at the moment. */
class Client {
  readonly #socket: WebSocket;
  readonly #user: number;
  readonly #possible: () => readonly Rule[];
  readonly faults: unknown[] = [];
  rows = 0;
  #lastId = 0;
  #pongs: (() => void)[] = [];

  constructor(socket: WebSocket, user: number, possible: () => readonly Rule[]) {
    this.#socket = socket;
    this.#user = user;
    this.#possible = possible;
    socket.on('message', (data) => this.#hear(JSON.parse(String(data))));
  }

  // biome-ignore lint/suspicious/noExplicitAny: whatever the server says
  #hear(frame: any): void {
    if (frame.type === 'pong') this.#pongs.shift()?.();
    if (frame.type !== 'next') return;
    const rows: Row[] = frame.payload.data?.letter ?? frame.payload.data?.letter_stream ?? [];
    this.rows += rows.length;
    for (const row of rows) {
      if (!this.#possible().some(({ shows }) => shows(row, this.#user)))
        this.faults.push({ user: this.#user, row });
    }
  }

  start(query: string): void {
    const variables = query.includes('$from') ? { from: this.#user * 3 } : {};
    this.#send({ type: 'subscribe', id: String(++this.#lastId), payload: { query, variables } });
  }

  stop(): void {
    this.#send({ type: 'complete', id: String(Math.ceil(Math.random() * this.#lastId)) });
  }

  /** Resolves when everything is here that was sent before. */
  async barrier(): Promise<void> {
    const answered = new Promise<void>((resolve) => this.#pongs.push(resolve));
    this.#send({ type: 'ping' });
    await answered;
  }

  close(): void {
    this.#socket.terminate();
  }

  #send(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }
}

async function connect(user: number, possible: () => readonly Rule[]): Promise<Client> {
  const socket = new WebSocket(
    `${notes.server.url.replace('http', 'ws')}/v1/graphql`,
    'graphql-transport-ws',
  );
  await once(socket, 'open');
  const headers = {
    'x-hasura-admin-secret': adminSecret,
    'x-hasura-role': 'user',
    'x-hasura-user-id': String(user),
    'x-hasura-team': String(user % 3),
  };
  socket.send(JSON.stringify({ type: 'connection_init', payload: { headers } }));
  await once(socket, 'message');
  return new Client(socket, user, possible);
}

test('nobody is told what only a rule of before shows', async () => {
  let possible: readonly Rule[] = [rules[3] as Rule];
  const clients = await Promise.all([0, 1, 2, 3, 4, 1, 2].map((user) => connect(user, () => possible)));
  const steps = fc.sample(
    fc.record({
      rule: fc.constantFrom(...rules),
      change: fc.boolean(),
      actions: fc.array(
        fc.record({
          client: fc.nat(clients.length - 1),
          what: fc.constantFrom('start', 'start', 'stop', 'busy'),
          document: fc.constantFrom(...documents),
        }),
        { minLength: 4, maxLength: 12 },
      ),
      pauseMs: fc.nat(40),
    }),
    40,
  );
  for (const { rule, change, actions, pauseMs } of steps) {
    const before = possible;
    possible = [...before, rule];
    const table = { source: 'default', table: 'letter', role: 'user' };
    const drop = { type: 'pg_drop_select_permission', args: table };
    const create = { type: 'pg_create_select_permission', args: { ...table, permission: rule.permission } };
    const args = [
      ...(before[0]?.permission === null ? [] : [drop]),
      ...(rule.permission === null ? [] : [create]),
    ];
    expect((await notes.post('/v1/metadata', { type: 'bulk', args })).status).toBe(200);
    await Promise.all(clients.map((client) => client.barrier()));
    possible = [rule];
    for (const { client: index, what, document } of actions) {
      const client = clients[index];
      if (what === 'start') client?.start(document);
      else if (what === 'stop') client?.stop();
      else client?.start('{ slow { id } }');
    }
    // the owners of all rows change, so that everybody has something to be told
    if (change)
      await notes.database.sql('update letter set reader = (reader + 1) % 5, team = (team + 1) % 3');
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  for (const client of clients) client.close();
  expect(clients.flatMap(({ faults }) => faults)).toEqual([]);
  // else nothing could have been told; how much it is depends on the rules that came by chance
  expect(clients.reduce((sum, { rows }) => sum + rows, 0)).toBeGreaterThan(200);
}, 60_000);
