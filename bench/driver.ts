/**
 * Driver throughput: small prepared reads (five columns by primary key as one JSON text), 16 at a time, in this process, for a fixed
 * time each and in turns, so that the ratio is fair on a busy machine. The yardstick is the minimal pipelined client of
 * `../shared/bench/lib/rawpg.mjs`, where that is present.
 *
 *   DATABASE_URL=postgres://… npx tsx bench/driver.ts [--rounds 5] [--ms 1500] [--concurrency 16] [--connections 10] [--bytes 0]
 *
 * Makes and drops the schema `bench_driver` in that database.
 */
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { openDatabase } from '../packages/engine/src/database/index.ts';

const ROWS = 100_000;
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    ms: { type: 'string', default: '1500' },
    concurrency: { type: 'string', default: '16' },
    connections: { type: 'string', default: '10' },
    only: { type: 'string' },
    /** Makes the answer larger by this much. */
    bytes: { type: 'string', default: '0' },
  },
});
const filler =
  Number(values.bytes) > 0 ? `, repeat('0123456789', ${Math.ceil(Number(values.bytes) / 10)}) as filler` : '';
const SQL = `select row_to_json(r)::text from (
  select id, status, total, note, created_at${filler} from bench_driver.orders where id = ($1)::integer) r`;
const url = process.env['DATABASE_URL'];
if (url === undefined) throw new Error('set DATABASE_URL');
const connections = Number(values.connections);

interface RawPool {
  query(name: string, sql: string, parameters: readonly string[]): Promise<unknown>;
}

const database = openDatabase({ url, maxConnections: connections });
await database.script(`
  drop schema if exists bench_driver cascade;
  create schema bench_driver;
  create table bench_driver.orders as
    select g as id, 'delivered'::text as status, g * 1.5 as total, repeat('note ' || g || ' ', 8) as note, now() as created_at
    from generate_series(1, ${ROWS}) as g;
  alter table bench_driver.orders add primary key (id)`);
await database.script('vacuum analyze bench_driver.orders');

const drivers = new Map<string, (id: string) => Promise<unknown>>();
const rawModule = new URL('../../shared/bench/lib/rawpg.mjs', import.meta.url);
if (existsSync(rawModule)) {
  const { rawPool } = (await import(pathToFileURL(rawModule.pathname).href)) as {
    rawPool(url: string, size: number): Promise<RawPool>;
  };
  const raw = await rawPool(url, connections);
  drivers.set('raw', (id) => raw.query('orders', SQL, [id]));
}
drivers.set('postern', (id) => database.queryBytes({ text: SQL, parameters: [id] }));

interface Measurement {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
}

async function measure(run: (id: string) => Promise<unknown>, ms: number): Promise<Measurement> {
  let count = 0;
  const begin = performance.now();
  const end = begin + ms;
  const before = process.cpuUsage();
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      await run(String(1 + Math.floor(Math.random() * ROWS)));
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: Number(values.concurrency) }, worker));
  const cpu = process.cpuUsage(before);
  return {
    perSecond: (count / (performance.now() - begin)) * 1000,
    cpuMicroseconds: (cpu.user + cpu.system) / count,
  };
}

if (values.only !== undefined)
  for (const name of [...drivers.keys()]) if (name !== values.only) drivers.delete(name);
for (const run of drivers.values()) await measure(run, 1000);
const results = new Map<string, Measurement[]>([...drivers.keys()].map((name) => [name, []]));
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [name, run] of drivers) results.get(name)?.push(await measure(run, Number(values.ms)));
}
const median = (list: readonly number[]): number =>
  list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;
for (const [name, list] of results) {
  const perSecond = median(list.map((one) => one.perSecond));
  const cpu = median(list.map((one) => one.cpuMicroseconds));
  console.log(
    `${name.padEnd(8)} ${perSecond.toFixed(0).padStart(7)} requests/s  ${cpu.toFixed(1).padStart(6)} us CPU each`,
  );
}
const raw = results.get('raw');
const own = results.get('postern');
if (raw !== undefined && own !== undefined) {
  const ratios = own.map((one, round) => one.perSecond / (raw[round]?.perSecond ?? Number.NaN));
  console.log(
    `postern / raw: ${median(ratios).toFixed(2)} (median of rounds; ${ratios.map((r) => r.toFixed(2)).join(' ')})`,
  );
}
console.log('pool', database.stats());
await database.script('drop schema bench_driver cascade');
await database.close();
process.exit();
