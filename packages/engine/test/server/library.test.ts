import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEngine, type Engine } from '../../src/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/index.ts';

let database: TestDatabase;
let engine: Engine;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.sql(`create table t (id int primary key); insert into t values (7)`);
  engine = await createEngine({
    databaseUrl: database.url,
    adminSecret: 'x',
    enabledApis: new Set(['graphql']),
  });
});
afterAll(async () => {
  await engine.close();
  await database.drop();
});

const post = (
  path: string,
  body: unknown,
  headers: Record<string, string> = { 'x-hasura-admin-secret': 'x' },
) => engine.fetch(new Request(`http://api${path}`, { method: 'POST', headers, body: JSON.stringify(body) }));

test('the engine answers requests and takes commands without a server', async () => {
  let changes = 0;
  const end = engine.metadata.onChange(() => changes++);
  await engine.metadata.run({ type: 'pg_track_table', args: { source: 'default', table: 't' } });
  end();
  expect(changes).toBe(1);
  expect(await engine.metadata.export()).toMatchObject({
    version: 3,
    sources: [{ tables: [{ table: { name: 't' } }] }],
  });
  const response = await post('/v1/graphql', { query: '{ t { id } }' });
  expect([response.status, await response.json()]).toEqual([200, { data: { t: [{ id: 7 }] } }]);
});

test('statuses, headers and switched-off APIs are those of the server', async () => {
  expect((await post('/v1alpha1/graphql', { query: '{ t { id } }' }, {})).status).toBe(401);
  expect((await post('/v1/metadata', {})).status).toBe(404);
  const health = await engine.fetch(new Request('http://api/healthz'));
  expect([health.status, await health.text()]).toEqual([200, 'OK']);
  const preflight = await engine.fetch(
    new Request('http://api/v1/graphql', { method: 'OPTIONS', headers: { origin: 'http://a' } }),
  );
  expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, 'http://a']);
});

test('a command that fails rejects', async () => {
  await expect(
    engine.metadata.run({ type: 'pg_track_table', args: { table: 'nope' } }),
  ).rejects.toMatchObject({
    name: 'RequestError',
    code: 'invalid-configuration',
  });
});
