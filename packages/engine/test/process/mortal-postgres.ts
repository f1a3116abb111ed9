import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Cluster,
  embeddedBinaries,
  type PostgresBinaries,
  startCluster,
  systemBinaries,
} from '../../../cli/src/local-postgres/index.ts';
import { until } from './postern-process.ts';

/** A PostgreSQL of the test's own that can go away and come back with its data, on the same port. */
export interface MortalPostgres {
  readonly url: string;
  start(): Promise<void>;
  /** An orderly shutdown that does not wait for clients. */
  stop(): Promise<void>;
  /** SIGKILL to the postmaster, as when the machine runs out of memory. */
  kill(): Promise<void>;
  remove(): Promise<void>;
}

/** Started, and empty. */
export async function mortalPostgres(): Promise<MortalPostgres> {
  const binaries: PostgresBinaries | null = embeddedBinaries() ?? systemBinaries();
  if (binaries === null) throw new Error('this machine has no PostgreSQL that can be started');
  const folder = mkdtempSync(join(tmpdir(), 'postern-mortal-'));
  const options = { binaries, folder, durable: true, settings: { fsync: 'off', jit: 'off' } };
  let cluster: Cluster = await startCluster(options);
  const { url, port } = cluster;
  return {
    url,
    async start() {
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
    },
    stop: () => cluster.stop(),
    async kill() {
      const pid = Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
      process.kill(pid, 'SIGKILL');
      await cluster.lost;
    },
    async remove() {
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
