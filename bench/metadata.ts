/**
 * How long a model of real size takes to load, and how much memory the engine then has.
 *
 *   npm run bench -- metadata [--tables 5000] [--roles 11] [--changes 15] [--database-url postgres://…]
 *
 * Makes a database of many tables (once per database), starts `bin/postern serve` on it and applies metadata with full permissions for every
 * role by `replace_metadata`; then times one `pg_create_select_permission` and further ones, the introspection of one role, and a first and a warm query.
 * Without `--database-url` a throwaway PostgreSQL is started.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { getIntrospectionQuery } from 'graphql';
import { openDatabase } from '../packages/engine/src/database/index.ts';
import { startTestPostgres } from '../packages/engine/test/support/postgres-server.ts';
import { generateTables, tableName } from './lib/generate-tables.ts';

const { values: options } = parseArgs({
  options: {
    tables: { type: 'string', default: '5000' },
    roles: { type: 'string', default: '11' },
    changes: { type: 'string', default: '15' },
    'database-url': { type: 'string' },
  },
});
const tables = Number(options.tables);
const roles = Array.from({ length: Number(options.roles) }, (_, index) => `role_${index}`);
const secret = 'bench-secret';

const server = options['database-url'] === undefined ? await startTestPostgres() : null;
const url = options['database-url'] ?? (server?.url as string);
try {
  await measure();
} finally {
  await server?.stop();
}

async function measure(): Promise<void> {
  const database = openDatabase({ url });
  await timed(`generate ${tables} tables`, () => generateTables(database, { tables, columns: 15 }));
  await database.close();
  const port = await freePort();
  const engine = spawn(join(import.meta.dirname, '..', 'bin', 'postern'), ['serve'], {
    env: {
      ...process.env,
      HASURA_GRAPHQL_DATABASE_URL: url,
      HASURA_GRAPHQL_SERVER_PORT: String(port),
      HASURA_GRAPHQL_SERVER_HOST: '127.0.0.1',
      HASURA_GRAPHQL_ADMIN_SECRET: secret,
      HASURA_GRAPHQL_ENABLED_LOG_TYPES: 'startup',
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  // What the engine computes is told apart from waiting: other work on the machine stretches the clock, but not the processor time.
  const step = <T>(name: string, action: () => Promise<T>) =>
    timed(name, action, () => processorSeconds(engine.pid));
  try {
    const ask = client(port);
    await step('start', () => ask.untilHealthy());
    const metadata = largeMetadata();
    console.log(`metadata: ${(JSON.stringify(metadata).length / 2 ** 20).toFixed(1)} MiB of JSON`);
    await step('replace_metadata', () => ask.metadata('replace_metadata', metadata));
    // what a large request leaves behind shows a moment after its answer
    await new Promise((resolve) => setTimeout(resolve, 3000));
    reportMemory('after loading', engine.pid);
    const permission = { table: tableName(0), role: 'one_more', permission: { columns: '*', filter: {} } };
    await step('pg_create_select_permission', () =>
      ask.metadata('pg_create_select_permission', { source: 'default', ...permission }),
    );
    await measureChanges(ask);
    await step('pg_untrack_table', () =>
      ask.metadata('pg_untrack_table', { table: tableName(tables - 1), cascade: true }),
    );
    await step('pg_track_table', () => ask.metadata('pg_track_table', { table: tableName(tables - 1) }));
    for (const encoding of ['gzip', 'identity'] as const) {
      const answer = await step(`introspection as role_0, ${encoding}`, () =>
        ask.bytes('role_0', getIntrospectionQuery(), encoding),
      );
      reportIntrospection(answer, encoding);
    }
    const query = `{ ${tableName(tables - 2)}(limit: 1) { id owner { id name } } }`;
    await step('first query', () => ask.graphql('role_1', query));
    await step('same query again', () => ask.graphql('role_1', query));
    reportMemory('at the end', engine.pid);
  } finally {
    engine.kill('SIGTERM');
    await once(engine, 'exit');
  }
}

/** Permissions that are made and dropped in turns, with pauses: the least says what it takes without other work on the machine. */
async function measureChanges(ask: ReturnType<typeof client>): Promise<void> {
  const times: number[] = [];
  for (let change = 0; change < Number(options.changes); change++) {
    const place = { source: 'default', table: tableName(((change >> 1) * 137) % tables), role: 'another' };
    const begin = performance.now();
    if (change % 2 === 1) await ask.metadata('pg_drop_select_permission', place);
    else {
      const permission = { columns: '*', filter: {} };
      await ask.metadata('pg_create_select_permission', { ...place, permission });
    }
    times.push(performance.now() - begin);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  times.sort((first, second) => first - second);
  const [least = 0, median = 0] = [times[0], times[times.length >> 1]];
  console.log(
    `one of ${times.length} permissions: median ${median.toFixed(0)} ms, least ${least.toFixed(0)} ms`,
  );
}

async function timed<T>(
  name: string,
  action: () => Promise<T>,
  processorTime: () => number | null = () => null,
): Promise<T> {
  const [begin, before] = [performance.now(), processorTime()];
  const result = await action();
  const [seconds, after] = [(performance.now() - begin) / 1000, processorTime()];
  const processor =
    before === null || after === null
      ? ''
      : ` (processor time of the engine ${(after - before).toFixed(2)} s)`;
  console.log(`${name}: ${seconds.toFixed(2)} s${processor}`);
  return result;
}

/** User and system time of a process so far; null where the system does not tell. */
function processorSeconds(pid: number | undefined): number | null {
  try {
    // the second field may hold blanks and brackets: count from behind it; times are in hundredths of a second
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return null;
  }
}

function client(port: number) {
  const post = async (path: string, headers: Record<string, string>, body: unknown): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-hasura-admin-secret': secret, ...headers },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok || text.startsWith('{"errors"'))
      throw new Error(`${path} answered ${response.status}: ${text.slice(0, 2000)}`);
    return text;
  };
  /** The bytes as they come: a client that decodes and joins hundreds of MiB takes longer than the engine, and half of the processors. */
  const bytes = async (role: string, query: string, encoding: 'gzip' | 'identity'): Promise<Buffer> => {
    const sent = request({
      port,
      host: '127.0.0.1',
      path: '/v1/graphql',
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'accept-encoding': encoding,
        'x-hasura-admin-secret': secret,
        'x-hasura-role': role,
      },
    });
    sent.end(JSON.stringify({ query }));
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const pieces: Buffer[] = [];
    for await (const piece of response) pieces.push(piece);
    return Buffer.concat(pieces);
  };
  return {
    bytes,
    metadata: (type: string, args: unknown) => post('/v1/metadata', {}, { type, args }),
    graphql: (role: string, query: string) =>
      post('/v1/graphql', { 'x-hasura-role': role, 'x-hasura-user-id': '1' }, { query }),
    async untilHealthy(): Promise<void> {
      for (;;) {
        const isHealthy = await fetch(`http://127.0.0.1:${port}/healthz`).then(
          (response) => response.ok,
          () => false,
        );
        if (isHealthy) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}

/** Told only when it is an answer, whole. */
function reportIntrospection(answer: Buffer, encoding: 'gzip' | 'identity'): void {
  const json = encoding === 'gzip' ? gunzipSync(answer) : answer;
  if (!json.subarray(0, 20).toString().startsWith('{"data":{"__schema"') || json.at(-1) !== 0x7d)
    throw new Error(`introspection answered ${json.subarray(0, 2000).toString()}`);
  const [sent, plain] = [answer, json].map(({ length }) => (length / 2 ** 20).toFixed(1));
  console.log(`introspection: ${plain} MiB, ${sent} MiB sent`);
}

/** Every table tracked, with its relationships both ways and four permissions per role. */
function largeMetadata() {
  const foreignKey = (name: string, column: string) => ({
    name,
    using: { foreign_key_constraint_on: column },
  });
  const reverse = (index: number) => ({
    name: `owned_${index}`,
    using: {
      foreign_key_constraint_on: { table: { schema: 'public', name: tableName(index) }, column: 'owner_id' },
    },
  });
  const filter = { _or: [{ owner: { id: { _eq: 'X-Hasura-User-Id' } } }, { name: { _eq: 'public' } }] };
  const permissions = (permission: unknown) => roles.map((role) => ({ role, permission }));
  return {
    version: 3,
    sources: [
      {
        name: 'default',
        kind: 'postgres',
        configuration: { connection_info: { database_url: { from_env: 'HASURA_GRAPHQL_DATABASE_URL' } } },
        tables: Array.from({ length: tables }, (_, index) => ({
          table: { schema: 'public', name: tableName(index) },
          object_relationships: [foreignKey('owner', 'owner_id'), foreignKey('parent', 'parent_id')],
          array_relationships: index + 1 < tables ? [reverse(index + 1)] : [],
          insert_permissions: permissions({ check: filter, columns: '*', set: { created_at: 'now()' } }),
          select_permissions: permissions({ columns: '*', filter, allow_aggregations: true, limit: 100 }),
          update_permissions: permissions({ columns: ['name', 'parent_id'], filter, check: null }),
          delete_permissions: permissions({ filter }),
        })),
      },
    ],
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function reportMemory(when: string, pid: number | undefined): void {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string) => new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
  console.log(
    `resident memory ${when}: ${toMiB(kilobytes('VmRSS'))} MiB, peak ${toMiB(kilobytes('VmHWM'))} MiB`,
  );
}

function toMiB(kilobytes: string | undefined): string {
  return kilobytes === undefined ? '?' : (Number(kilobytes) / 1024).toFixed(0);
}
