/**
 * How fast events of event triggers are delivered.
 *
 *   npm run bench -- events [--events 10000] [--pool 100] [--batch 100] [--database-url postgres://…]
 *
 * Starts `bin/postern serve`, inserts so many rows into a table with an event trigger in one statement, and waits until each was told to a receiver in this
 * process and recorded. Prints what the insert costs beside one without a trigger, events per second, transactions of PostgreSQL per event, and what of it a
 * bare client of Node does to the same receiver. Without `--database-url` a throwaway PostgreSQL is started.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openDatabase } from '../packages/engine/src/database/index.ts';
import { startTestPostgres } from '../packages/engine/test/support/postgres-server.ts';

const { values: options } = parseArgs({
  options: {
    events: { type: 'string', default: '10000' },
    pool: { type: 'string', default: '100' },
    batch: { type: 'string', default: '100' },
    'database-url': { type: 'string' },
  },
});
const events = Number(options.events);
const secret = 'bench-secret';
const commits = 'select xact_commit as count from pg_stat_database where datname = current_database()';

const server = options['database-url'] === undefined ? await startTestPostgres() : null;
try {
  await measure(options['database-url'] ?? (server?.url as string));
} finally {
  await server?.stop();
}

async function measure(url: string): Promise<void> {
  const database = openDatabase({ url });
  const ask = async (text: string) => (await database.queryRows({ text, parameters: [] }))[0] ?? {};
  await database.script(
    'drop table if exists bench_items, bench_plain; create table bench_items (id int, name text); create table bench_plain (id int, name text)',
  );
  let received = 0;
  const receiver = createServer((message, response) => {
    message.resume().on('end', () => {
      received++;
      response.end('{}');
    });
  });
  const receiverUrl = `http://127.0.0.1:${await listen(receiver)}/`;
  console.log(`a bare client: ${Math.round(await bareRate(receiverUrl))} requests/s`);
  const port = await freePort();
  const engine = spawn(join(import.meta.dirname, '..', 'bin', 'postern'), ['serve'], {
    env: {
      ...process.env,
      HASURA_GRAPHQL_DATABASE_URL: url,
      HASURA_GRAPHQL_SERVER_PORT: String(port),
      HASURA_GRAPHQL_SERVER_HOST: '127.0.0.1',
      HASURA_GRAPHQL_ADMIN_SECRET: secret,
      HASURA_GRAPHQL_LOG_LEVEL: 'warn',
      HASURA_GRAPHQL_EVENTS_HTTP_POOL_SIZE: options.pool,
      HASURA_GRAPHQL_EVENTS_FETCH_BATCH_SIZE: options.batch,
      HASURA_GRAPHQL_EVENTS_FETCH_INTERVAL: '20',
      RECEIVER: receiverUrl,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  try {
    await command(port, 'bulk', [
      { type: 'pg_track_table', args: { table: 'bench_items' } },
      {
        type: 'pg_create_event_trigger',
        args: {
          name: 'bench_item',
          table: 'bench_items',
          webhook: '{{RECEIVER}}',
          insert: { columns: '*' },
          replace: false,
        },
      },
    ]);
    const insert = (table: string) =>
      timed(() => ask(`insert into ${table} select n, 'item ' || n from generate_series(1, ${events}) n`));
    const plain = await insert('bench_plain');
    received = 0;
    const before = Number((await ask(commits))['count']);
    const startedAt = performance.now();
    const logged = await insert('bench_items');
    while (
      (await ask('select exists (select from hdb_catalog.event_log where not delivered) as left'))['left'] ===
      't'
    )
      await new Promise((resolve) => setTimeout(resolve, 100));
    const seconds = (performance.now() - startedAt) / 1000;
    await new Promise((resolve) => setTimeout(resolve, 1500)); // PostgreSQL tells of transactions a second late
    const transactions = Number((await ask(commits))['count']) - before;
    console.log(
      `insert of ${events} rows: ${Math.round(plain)} ms without a trigger, ${Math.round(logged)} ms with one`,
    );
    console.log(
      `${received} events delivered in ${seconds.toFixed(2)} s: ${Math.round(received / seconds)} events/s, ${(transactions / received).toFixed(3)} transactions per event`,
    );
  } finally {
    const ended = once(engine, 'close');
    engine.kill('SIGTERM');
    await ended;
    receiver.closeAllConnections();
    receiver.close();
    await database.close();
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** The receiver and Node's client, without the engine. */
async function bareRate(url: string): Promise<number> {
  const count = 5000;
  const agent = new Agent({ keepAlive: true, maxSockets: Number(options.pool) });
  const send = () =>
    new Promise<void>((resolve, reject) => {
      const sent = request(url, { method: 'POST', agent }, (answer) => answer.resume().on('end', resolve));
      sent.on('error', reject);
      sent.end('{"id":"x"}');
    });
  const ms = await timed(() => Promise.all(Array.from({ length: count }, send)));
  agent.destroy();
  return (count / ms) * 1000;
}

async function command(port: number, type: string, args: unknown): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/v1/metadata`, {
        method: 'POST',
        headers: { 'x-hasura-admin-secret': secret },
        body: JSON.stringify({ type, args }),
      });
      if (!answer.ok) throw new Error(`${type}: ${await answer.text()}`, { cause: 'answered' });
      return;
    } catch (error) {
      if ((error as Error).cause === 'answered' || attempt > 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function listen(receiver: ReturnType<typeof createServer>): Promise<number> {
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  return (receiver.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  const port = await listen(probe);
  probe.close();
  await once(probe, 'close');
  return port;
}
