import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Cluster,
  type ClusterOptions,
  embeddedBinaries,
  type PostgresBinaries,
  startCluster,
  systemBinaries,
} from '../../../cli/src/local-postgres/index.ts';
import { until } from './postern-process.ts';

/** A PostgreSQL of the test's own that can go away and come back with its data, on the same port. */
export interface MortalPostgres {
  readonly url: string;
  /** Holds `data` and what else belongs to the server. */
  readonly folder: string;
  start(): Promise<void>;
  /** An orderly shutdown that does not wait for clients. */
  stop(): Promise<void>;
  /** SIGKILL to the postmaster, as when the machine runs out of memory. */
  kill(): Promise<void>;
  /** A copy, started, that follows this one by streaming replication and answers what only reads. This one restarts for it. */
  standby(): Promise<MortalPostgres>;
  remove(): Promise<void>;
}

/** Started, and empty. */
export function mortalPostgres(settings: Readonly<Record<string, string>> = {}): Promise<MortalPostgres> {
  const binaries: PostgresBinaries | null = embeddedBinaries() ?? systemBinaries();
  if (binaries === null) throw new Error('this machine has no PostgreSQL that can be started');
  const folder = mkdtempSync(join(tmpdir(), 'postern-mortal-'));
  return open({ binaries, folder, durable: true, settings: { fsync: 'off', jit: 'off', ...settings } });
}

async function open(options: ClusterOptions): Promise<MortalPostgres> {
  const { folder } = options;
  let cluster: Cluster = await startCluster(options);
  const { url, port } = cluster;
  const start = async (): Promise<void> => {
    // after a kill the server's children hold on to its memory for a moment
    await until('PostgreSQL starts again', async () => {
      try {
        cluster = await startCluster(options);
        return true;
      } catch (error) {
        if (/shared memory|still in use/.test(String(error))) return false;
        throw error;
      }
    });
    if (cluster.port !== port) throw new Error('PostgreSQL came back on another port');
  };
  return {
    url,
    folder,
    start,
    stop: () => cluster.stop(),
    async kill() {
      const pid = Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
      process.kill(pid, 'SIGKILL');
      await cluster.lost;
    },
    async standby() {
      await cluster.stop();
      const copy = copyFolder(folder);
      await start();
      const { username, password } = new URL(url);
      return open({
        ...options,
        folder: copy,
        settings: {
          ...options.settings,
          primary_conninfo: `host=127.0.0.1 port=${port} user=${username} password=${password}`,
          wal_retrieve_retry_interval: '100ms',
        },
      });
    },
    async remove() {
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** With its owners, and without the port, which is the original's. */
function copyFolder(folder: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'postern-standby-'));
  const { status, stderr } = spawnSync('cp', ['-pR', `${folder}/.`, copy], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the data could not be copied: ${stderr}`);
  rmSync(join(copy, 'port'));
  writeFileSync(join(copy, 'data', 'standby.signal'), '');
  return copy;
}
