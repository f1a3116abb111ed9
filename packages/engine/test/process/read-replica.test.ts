/** A primary and a streaming replica of it under a running engine: each of them dies and comes back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MortalPostgres, mortalPostgres } from './mortal-postgres.ts';
import { type PosternProcess, startPostern, until } from './postern-process.ts';
import { watchValue } from './watch-value.ts';

const backWithinMs = 2_000;

let primary: MortalPostgres;
let replica: MortalPostgres;
let postern: PosternProcess;

beforeAll(async () => {
  primary = await mortalPostgres();
  replica = await primary.standby();
  postern = await startPostern({
    HASURA_GRAPHQL_DATABASE_URL: primary.url,
    REPLICA_URL: replica.url,
    HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_REFETCH_INTERVAL: '100',
  });
  const sql = `create table notes (id int primary key, body text);
    insert into notes values (1, 'one'), (2, 'two');
    create view place as select 1 as id, pg_is_in_recovery() as on_replica`;
  const configuration = {
    connection_info: { database_url: { from_env: 'HASURA_GRAPHQL_DATABASE_URL' } },
    read_replicas: [{ database_url: { from_env: 'REPLICA_URL' } }],
  };
  const answers = [
    await postern.command('run_sql', { sql }, '/v2/query'),
    await postern.command('pg_track_table', { table: 'notes' }),
    await postern.command('pg_track_table', { table: 'place' }),
    await postern.command('pg_add_source', { name: 'default', configuration, replace_configuration: true }),
  ];
  expect(answers.map(({ status, text }) => [status, text]).filter(([status]) => status !== 200)).toEqual([]);
}, 60_000);

afterAll(async () => {
  postern?.kill();
  await replica?.remove();
  await primary?.remove();
});

interface Place {
  readonly data?: { readonly place: readonly { readonly on_replica: boolean }[] };
}

async function isOnReplica(): Promise<boolean> {
  const answer = (await postern.query('{ place { on_replica } }')) as Place | null;
  const place = answer?.data?.place[0];
  if (place === undefined) throw new Error(`no answer: ${JSON.stringify(answer)}`);
  return place.on_replica;
}

/** Clients that read without pause; counts what they got. */
function readers() {
  const seen = { replica: 0, primary: 0 };
  const failures: string[] = [];
  let isOver = false;
  const work = Array.from({ length: 4 }, async () => {
    while (!isOver) {
      await isOnReplica().then(
        (onReplica) => {
          seen[onReplica ? 'replica' : 'primary'] += 1;
        },
        (error: unknown) => failures.push(String(error)),
      );
    }
  });
  return {
    seen,
    failures,
    async end() {
      isOver = true;
      await Promise.all(work);
    },
  };
}

const change = (body: string) =>
  `mutation { update_notes_by_pk(pk_columns: {id: 1}, _set: {body: "${body}"}) { body } }`;

test('queries are answered by the replica, all else by the primary', async () => {
  await until('the replica follows', isOnReplica);
  for (let count = 0; count < 10; count++) expect(await isOnReplica()).toBe(true);
  expect(await postern.query(change('written'))).toEqual({
    data: { update_notes_by_pk: { body: 'written' } },
  });
  // the rows that a mutation answers with are those of the primary
  const nested = 'mutation { insert_notes_one(object: {id: 3, body: "three"}) { id body } }';
  expect(await postern.query(nested)).toEqual({ data: { insert_notes_one: { id: 3, body: 'three' } } });
  const place = await postern.command('run_sql', { sql: 'select pg_is_in_recovery()' }, '/v2/query');
  expect(place.body.result[1]).toEqual(['f']);
  // a table that the replica has not got yet, or has got in between
  const sql = 'create table fresh (id int primary key); insert into fresh values (1)';
  await postern.command('run_sql', { sql }, '/v2/query');
  await postern.command('pg_track_table', { table: 'fresh' });
  const fresh = (await postern.query('{ fresh { id } }')) as { data?: { fresh: unknown[] } };
  expect(fresh.data?.fresh.length).toBeLessThan(2);
});

test('the replica is killed under load: no request fails, subscriptions go on, and it is used again once it is back', async () => {
  const load = readers();
  const watched = watchValue(postern, 'subscription { row: notes_by_pk(id: 1) { value: body } }');
  await until('the subscription tells', () => watched.values.length > 0);
  await until('the replica answers', () => load.seen.replica > 20);
  await replica.kill();
  await until('the primary answers', () => load.seen.primary > 50);
  expect(await postern.query(change('without the replica'))).toMatchObject({ data: {} });
  await until('the subscription tells the change', () => watched.values.at(-1) === 'without the replica');
  const before = load.seen.replica;
  await replica.start();
  await until('the replica answers again', () => load.seen.replica > before + 20, backWithinMs);
  expect(await postern.query(change('with it again'))).toMatchObject({ data: {} });
  await until('the subscription tells this, too', () => watched.values.at(-1) === 'with it again');
  await load.end();
  expect(load.failures).toEqual([]);
  expect(watched.errors).toEqual([]);
  await watched.end();
  const log = () => postern.log();
  await until('both are logged', () => log().includes('answers again'), 1_000);
  expect(log()).toContain('a read replica is left out until it answers');
  expect(await postern.request('/healthz')).toMatchObject({ status: 200, text: 'OK' });
});

test('the primary is killed: reads go on, writes are refused until it is back', async () => {
  const load = readers();
  await until('the replica answers', () => load.seen.replica > 20);
  await primary.kill();
  const before = load.seen.replica;
  expect(await postern.query(change('lost'))).toMatchObject({
    errors: [{ extensions: { code: 'postgres-error' } }],
  });
  await until('the replica goes on', () => load.seen.replica > before + 20);
  await primary.start();
  await until(
    'the primary takes writes',
    async () => 'data' in ((await postern.query(change('kept'))) as object),
    backWithinMs,
  );
  await until('the replica has it', async () => {
    const answer = await postern.query('{ notes_by_pk(id: 1) { body } }');
    return JSON.stringify(answer).includes('kept');
  });
  await load.end();
  expect(load.failures).toEqual([]);
});
