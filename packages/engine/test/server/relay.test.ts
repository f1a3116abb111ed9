/** Relay over WebSockets, and over several sources. Source: spec/graphql-api.md 16. */
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { adminSecret, type NotesServer, startNotesServer } from './notes-engine.ts';

let notes: NotesServer;
let second: TestDatabase;
beforeAll(async () => {
  second = await createTestDatabase();
  await second.sql(
    `create table notes (id int primary key, body text); insert into notes values (1, 'elsewhere')`,
  );
  notes = await startNotesServer({ HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_REFETCH_INTERVAL: '30' });
});
afterAll(async () => {
  await notes.stop();
  await second.drop();
});

const encoded = (text: string): string => Buffer.from(text).toString('base64');

test('live queries on connections and nodes', async () => {
  const client = createClient({
    url: `${notes.server.url.replace('http', 'ws')}/v1beta1/relay`,
    webSocketImpl: WebSocket,
    connectionParams: {
      headers: { 'x-hasura-admin-secret': adminSecret, 'x-hasura-role': 'user', 'x-hasura-user-id': '1' },
    },
    retryAttempts: 0,
  });
  const pages = client.iterate({
    query: 'subscription { notes_connection(last: 1) { edges { cursor } pageInfo { hasPreviousPage } } }',
  });
  const note = client.iterate({
    query: 'subscription ($id: ID!) { node(id: $id) { ... on notes { body } } }',
    variables: { id: encoded('[1, "public", "notes", 40]') },
  });
  const page = (id: number) => ({
    data: {
      notes_connection: {
        edges: [{ cursor: encoded(`{"id" : ${id}}`) }],
        pageInfo: { hasPreviousPage: true },
      },
    },
  });
  expect((await pages.next()).value).toEqual(page(3));
  expect((await note.next()).value).toEqual({ data: { node: null } });
  await notes.database.sql(`insert into notes values (40, 1, 'new'), (41, 2, 'of another')`);
  expect((await pages.next()).value).toEqual(page(40));
  expect((await note.next()).value).toEqual({ data: { node: { body: 'new' } } });
  const list = client.iterate({ query: '{ notes { id } }' });
  await expect(list.next()).rejects.toMatchObject([
    { message: "field 'notes' not found in type: 'query_root'" },
  ]);
  await client.dispose();
});

test('equal names in several sources are told apart by ids of the second form', async () => {
  const added = await notes.post('/v1/metadata', {
    type: 'bulk',
    args: [
      {
        type: 'pg_add_source',
        args: {
          name: 'second',
          configuration: { connection_info: { database_url: second.url } },
          customization: { root_fields: { prefix: 'second_' }, type_names: { prefix: 'second_' } },
        },
      },
      { type: 'pg_track_table', args: { source: 'second', table: 'notes' } },
    ],
  });
  expect(added.status).toBe(200);
  const ask = async (query: string) => (await notes.post('/v1beta1/relay', { query })).json();
  const { data } = (await ask(
    '{ a: notes_connection(first: 1) { edges { node { id } } } b: second_notes_connection { edges { node { id } } } }',
  )) as { data: Record<string, { edges: { node: { id: string } }[] }> };
  const ids = Object.values(data).map(({ edges }) => edges[0]?.node.id ?? '');
  expect(ids.map((id) => JSON.parse(Buffer.from(id, 'base64').toString()))).toEqual([
    [1, 'public', 'notes', 1],
    [2, 'second', 'postgres', { schema: 'public', name: 'notes' }, 1],
  ]);
  const fields = '... on notes { body } ... on second_notes { body }';
  const bodies = ids.map((id) => ask(`{ node(id: "${id}") { __typename ${fields} } }`));
  expect(await Promise.all(bodies)).toEqual([
    { data: { node: { __typename: 'notes', body: 'one' } } },
    { data: { node: { __typename: 'second_notes', body: 'elsewhere' } } },
  ]);
});
