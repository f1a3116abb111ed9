import { afterAll, beforeAll, expect, test } from 'vitest';
import { adminSecret, type NotesServer, startNotesServer } from './notes-engine.ts';

let notes: NotesServer;
beforeAll(async () => {
  notes = await startNotesServer();
  await notes.database.sql(`
    create view slow as select 1 as id from (select pg_sleep(20)) as sleep;
    create function sleeps() returns trigger language plpgsql as $$ begin perform pg_sleep(1.5); return new; end $$;
    create table slow_writes (id int primary key);
    create trigger sleeps before insert on slow_writes for each row execute function sleeps()`);
  for (const table of ['slow', 'slow_writes']) {
    await notes.post('/v1/metadata', { type: 'pg_track_table', args: { source: 'default', table } });
  }
  const endpoint = {
    name: 'slow',
    url: 'slow',
    methods: ['GET'],
    definition: { query: { collection_name: 'c', query_name: 'slow' } },
  };
  const definition = { queries: [{ name: 'slow', query: '{ slow { id } }' }] };
  await notes.post('/v1/metadata', {
    type: 'bulk',
    args: [
      { type: 'create_query_collection', args: { name: 'c', definition } },
      { type: 'create_rest_endpoint', args: endpoint },
    ],
  });
});
afterAll(() => notes?.stop());

const sleeping = () =>
  notes.database.sql(
    `select pid from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`,
  );

/** Asks, and goes away once PostgreSQL is at work. */
async function askAndLeave(path: string, body: unknown): Promise<void> {
  const leaving = new AbortController();
  const answer = fetch(notes.server.url + path, {
    headers: { 'x-hasura-admin-secret': adminSecret },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    signal: leaving.signal,
  });
  const outcome = answer.then(
    () => 'answered',
    () => 'left',
  );
  await expect.poll(sleeping, { timeout: 10_000 }).toHaveLength(1);
  leaving.abort();
  expect(await outcome).toBe('left');
}

test.each([
  ['a query', '/v1/graphql', { query: '{ slow { id } }' }],
  ['a batch', '/v1/graphql', [{ query: '{ notes { id } }' }, { query: '{ slow { id } }' }]],
  ['a REST endpoint', '/api/rest/slow', undefined],
])('%s ends in PostgreSQL when its client goes away', async (_what, path, body) => {
  await askAndLeave(path, body);
  await expect.poll(sleeping, { timeout: 10_000 }).toEqual([]);
  const lines = (await notes.logs()).filter(({ type }) => type === 'http-log');
  expect(JSON.stringify(lines.at(-1))).toMatch(/client has gone away|batched/);
});

test('a mutation is finished', async () => {
  await askAndLeave('/v1/graphql', { query: 'mutation { insert_slow_writes_one(object: {id: 1}) { id } }' });
  await expect
    .poll(() => notes.database.sql('select id from slow_writes'), { timeout: 10_000 })
    .toEqual([{ id: 1 }]);
});

test('those on other connections are not disturbed', async () => {
  const others = Promise.all(
    Array.from({ length: 5 }, (_, id) =>
      notes
        .post('/v1/graphql', {
          query: `mutation { insert_slow_writes_one(object: {id: ${id + 10}}) { id } }`,
        })
        .then((response) => response.json()),
    ),
  );
  const leaving = new AbortController();
  const left = fetch(`${notes.server.url}/v1/graphql`, {
    method: 'POST',
    headers: { 'x-hasura-admin-secret': adminSecret },
    body: JSON.stringify({ query: '{ slow { id } }' }),
    signal: leaving.signal,
  }).catch(() => 'left');
  await expect.poll(async () => (await sleeping()).length, { timeout: 10_000 }).toBeGreaterThan(3);
  leaving.abort();
  expect(await left).toBe('left');
  expect(await others).toEqual(
    Array.from({ length: 5 }, (_, id) => ({ data: { insert_slow_writes_one: { id: id + 10 } } })),
  );
  expect((await notes.logs()).filter(({ type }) => type === 'unstructured')).toEqual([]);
});
