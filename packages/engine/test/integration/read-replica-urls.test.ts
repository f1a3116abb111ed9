/** HASURA_GRAPHQL_READ_REPLICA_URLS. Another database with the same tables stands for a replica, so that its rows tell who answered. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Project, project, sourceOf } from '../support/project.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';

const tables = 'create table place (id int primary key, name text)';
let replica: TestDatabase;
let other: TestDatabase;
let api: Project;
beforeAll(async () => {
  [replica, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await replica.sql(`${tables}; insert into place values (1, 'replica')`);
  await other.sql(`${tables}; insert into place values (1, 'another replica')`);
  api = await project({
    tables: `${tables}; insert into place values (1, 'primary')`,
    metadata: [{ table: 'place' }],
    engine: { readReplicaUrls: [replica.url], connectionsPerReadReplica: 2 },
  });
});
afterAll(async () => {
  await api?.close();
  await replica?.drop();
  await other?.drop();
});

const answered = (name: string) => ({ data: { place: [{ name }] } });

test('queries go to the replicas of the operator, mutations to the primary', async () => {
  expect(await api.query('{ place { name } }')).toEqual(answered('replica'));
  const update = 'mutation { update_place(where: {}, _set: {id: 1}) { returning { name } } }';
  expect(await api.query(update)).toEqual({ data: { update_place: { returning: [{ name: 'primary' }] } } });
  expect((await api.command('export_metadata', {})).body).not.toHaveProperty(
    'sources.0.configuration.read_replicas',
  );
});

test.each([
  [
    'that names its own',
    {
      connection_info: { database_url: { from_env: 'HASURA_GRAPHQL_DATABASE_URL' } },
      read_replicas: () => [{ database_url: other.url }],
    },
    'another replica',
  ],
  ['on another database', { connection_info: () => ({ database_url: api.database.url }) }, 'primary'],
])('not those of a source %s', async (_what, parts, name) => {
  const configuration = Object.fromEntries(
    Object.entries(parts).map(([key, part]) => [key, typeof part === 'function' ? part() : part]),
  );
  const source = { ...sourceOf([{ table: 'place' }]), configuration };
  const answer = await api.command('replace_metadata', { version: 3, sources: [source] });
  expect(answer).toEqual({ status: 200, body: { message: 'success' } });
  expect(await api.query('{ place { name } }')).toEqual(answered(name));
});
