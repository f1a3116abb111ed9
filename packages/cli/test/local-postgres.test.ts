import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { afterEach, expect, test } from 'vitest';
import { type Cluster, embeddedBinaries, startCluster, systemBinaries } from '../src/local-postgres/index.ts';

const binaries = embeddedBinaries() ?? systemBinaries();
const folders: string[] = [];
const clusters: Cluster[] = [];
afterEach(async () => {
  for (const cluster of clusters.splice(0)) await cluster.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'postern-cluster-'));
  folders.push(folder);
  return folder;
}

async function start(folder: string): Promise<Cluster> {
  if (binaries === null) throw new Error('this machine has no PostgreSQL');
  const cluster = await startCluster({ binaries, folder, durable: true });
  clusters.push(cluster);
  return cluster;
}

async function run(cluster: Cluster, statement: string): Promise<unknown[]> {
  const sql = postgres(cluster.url, { max: 1 });
  try {
    return [...(await sql.unsafe(statement))];
  } finally {
    await sql.end();
  }
}

test('data, password and port survive a stop and a start', async () => {
  const folder = newFolder();
  const first = await start(folder);
  await run(first, 'create table kept as select 7 as a');
  await first.stop();
  const second = await start(folder);
  expect(second.url).toBe(first.url);
  expect(await run(second, 'select a from kept')).toEqual([{ a: 7 }]);
});

test('nobody gets in without the password', async () => {
  const cluster = await start(newFolder());
  const sql = postgres(cluster.url.replace(/:[0-9a-f]+@/, ':wrong@'), { max: 1 });
  await expect(sql`select 1`).rejects.toThrow('password authentication failed');
  await sql.end();
});

test('a PostgreSQL that an earlier owner left behind is stopped', async () => {
  const folder = newFolder();
  const orphan = await start(folder);
  const next = await start(folder);
  expect((await orphan.lost).reason).toBe('exit 0');
  expect(await run(next, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a postmaster.pid with the number of some other process is no obstacle', async () => {
  const folder = newFolder();
  const first = await start(folder);
  const file = join(folder, 'data', 'postmaster.pid');
  const content = readFileSync(file, 'utf8');
  await first.stop();
  writeFileSync(file, content.replace(/^\d+/, String(process.pid)));
  const next = await start(folder);
  expect(await run(next, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a throwaway cluster goes with its owner, even one that is killed', async () => {
  const folder = newFolder();
  const owner = spawnOwner(folder);
  // the first output is the URL
  const [url] = (await once(owner.stdout ?? owner, 'data')) as [Buffer];
  expect(url.toString()).toMatch(/^postgres:/);
  owner.kill('SIGKILL');
  await expect.poll(() => existsSync(folder), { timeout: 15_000, interval: 100 }).toBe(false);
});

/** Another process that starts a throwaway cluster in the folder, prints its URL, and waits. */
function spawnOwner(folder: string): ChildProcess {
  const module = fileURLToPath(new URL('../src/local-postgres/index.ts', import.meta.url));
  const script = `
    const { embeddedBinaries, systemBinaries, startCluster } = await import(${JSON.stringify(module)});
    const binaries = embeddedBinaries() ?? systemBinaries();
    const { url } = await startCluster({ binaries, folder: ${JSON.stringify(folder)}, durable: false });
    console.log(url);
    setInterval(() => {}, 1000);`;
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
