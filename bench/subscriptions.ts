/**
 * What live queries cost while little or nothing changes: processor time per second of the engine and of PostgreSQL, for many subscribers over fewer
 * sessions, with a statement for each session, with cohorts, and with cohorts that ask first whether anything has changed.
 *
 *   npm run bench -- subscriptions [--sessions 100] [--queries 10] [--seconds 10]
 *
 * PostgreSQL's time is read from /proc, so it must run on this machine (DATABASE_URL, else one is started).
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { openDatabase } from '../packages/engine/src/database/index.ts';
import { parseServeConfiguration, serve } from '../packages/engine/src/server/index.ts';
import { startTestPostgres } from '../packages/engine/test/support/postgres-server.ts';

const { values: options } = parseArgs({
  options: {
    sessions: { type: 'string', default: '100' },
    queries: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '10' },
  },
});
const sessions = Number(options.sessions);
const queries = Number(options.queries);
const seconds = Number(options.seconds);
const secret = 'bench';
/** Unit of the times in /proc. */
const ticksPerSecond = 100;

const started = process.env['DATABASE_URL'] === undefined ? await startTestPostgres() : null;
const url = process.env['DATABASE_URL'] ?? started?.url ?? '';
const database = openDatabase({ url, applicationName: 'bench' });
await database.script(`
  drop schema if exists bench_live cascade; create schema bench_live;
  create table bench_live.task (id int primary key, owner int not null, title text not null, done bool not null);
  insert into bench_live.task select id, id % ${sessions}, 'task ' || id, id % 3 = 0 from generate_series(1, ${sessions * 20}) id;
  create index on bench_live.task (owner); analyze bench_live.task`);

interface Case {
  readonly name: string;
  readonly environment: Record<string, string>;
  /** Milliseconds between two writes; null: none. */
  readonly writesEveryMs: number | null;
}

const together = { HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_BATCH_SIZE: '100' };
const cases: readonly Case[] = [
  {
    name: 'a statement for each session',
    environment: {
      HASURA_GRAPHQL_LIVE_QUERIES_MULTIPLEXED_BATCH_SIZE: '1',
      POSTERN_SKIP_UNCHANGED_POLLS: 'false',
    },
    writesEveryMs: null,
  },
  {
    name: 'cohorts',
    environment: { ...together, POSTERN_SKIP_UNCHANGED_POLLS: 'false' },
    writesEveryMs: null,
  },
  { name: 'cohorts, a write every 100 ms', environment: together, writesEveryMs: 100 },
  { name: 'cohorts, asking first, no writes', environment: together, writesEveryMs: null },
];

console.log(`${sessions * queries} live queries of ${sessions} sessions, ${seconds} s each, interval 1 s\n`);
console.log('| | engine, ms/s | PostgreSQL, ms/s | answers |\n|---|---|---|---|');
for (const each of cases) console.log(await measure(each));
await database.script('drop schema bench_live cascade');
await database.close();
await started?.stop();

async function measure({ name, environment, writesEveryMs }: Case): Promise<string> {
  const server = await serve({
    configuration: parseServeConfiguration([], {
      HASURA_GRAPHQL_DATABASE_URL: url,
      HASURA_GRAPHQL_ADMIN_SECRET: secret,
      HASURA_GRAPHQL_SERVER_PORT: '0',
      HASURA_GRAPHQL_SERVER_HOST: '127.0.0.1',
      HASURA_GRAPHQL_ENABLED_LOG_TYPES: 'startup',
      ...environment,
    }),
    writeLog() {},
  });
  const table = { source: 'default', table: { schema: 'bench_live', name: 'task' } };
  const permission = { columns: '*', filter: { owner: { _eq: 'X-Hasura-User-Id' } } };
  await fetch(`${server.url}/v1/metadata`, {
    method: 'POST',
    headers: { 'x-hasura-admin-secret': secret },
    body: JSON.stringify({
      type: 'bulk',
      args: [
        { type: 'pg_track_table', args: table },
        { type: 'pg_create_select_permission', args: { ...table, role: 'user', permission } },
      ],
    }),
  });
  let answers = 0;
  const sockets = Array.from({ length: sessions }, (_, user) => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/graphql`, 'graphql-transport-ws');
    const headers = {
      'x-hasura-admin-secret': secret,
      'x-hasura-role': 'user',
      'x-hasura-user-id': String(user),
    };
    const send = (message: unknown) => socket.send(JSON.stringify(message));
    socket.on('open', () => send({ type: 'connection_init', payload: { headers } }));
    socket.on('message', (data) => {
      const { type } = JSON.parse(String(data)) as { type: string };
      if (type === 'next') answers++;
      if (type !== 'connection_ack') return;
      for (let query = 0; query < queries; query++) {
        const text = `subscription { bench_live_task(where: {done: {_eq: false}}, order_by: {id: asc}, limit: ${query + 5}) { id title } }`;
        send({ type: 'subscribe', id: String(query), payload: { query: text } });
      }
    });
    return socket;
  });
  while (answers < sessions * queries) await pause(50);
  // the rounds after the first looks
  await pause(3000);
  const backends = await databasePids();
  const before = { engine: process.cpuUsage(), postgres: ticksOf(backends), answers };
  const writing =
    writesEveryMs === null
      ? null
      : setInterval(() => {
          const text = 'update bench_live.task set title = title where id = 1';
          database.queryRows({ text, parameters: [] }).catch(console.error);
        }, writesEveryMs);
  await pause(seconds * 1000);
  if (writing !== null) clearInterval(writing);
  const used = process.cpuUsage(before.engine);
  const engineMs = (used.user + used.system) / 1000 / seconds;
  const postgresMs = ((ticksOf(backends) - before.postgres) * 1000) / ticksPerSecond / seconds;
  for (const socket of sockets) socket.terminate();
  await fetch(`${server.url}/v1/metadata`, {
    method: 'POST',
    headers: { 'x-hasura-admin-secret': secret },
    body: JSON.stringify({ type: 'clear_metadata', args: {} }),
  });
  await server.close();
  return `| ${name} | ${engineMs.toFixed(1)} | ${postgresMs.toFixed(1)} | ${answers - before.answers} |`;
}

async function databasePids(): Promise<readonly string[]> {
  const rows = await database.queryRows({
    text: "select pid::text as pid from pg_stat_activity where datname = current_database() and backend_type = 'client backend'",
    parameters: [],
  });
  return rows.flatMap(({ pid }) => (pid == null ? [] : [pid]));
}

/** User and system time of the processes. Source: proc(5), fields 14 and 15 of stat. */
function ticksOf(pids: readonly string[]): number {
  let ticks = 0;
  for (const pid of pids) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ');
      ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // the connection was idle for too long
    }
  }
  return ticks;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
