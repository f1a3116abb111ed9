import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { processCommand } from './process-command.ts';

const POLL_MS = 100;

/**
 * Clears what an owner that was killed may have left in the data folder: a PostgreSQL that still runs is shut down,
 * and a `postmaster.pid` whose number now belongs to some other process is removed. (PostgreSQL itself refuses to start
 * when that other process runs under the same user, which in containers, where numbers start again, is common.)
 */
export async function removeOrphan(data: string, deadlineMs: number): Promise<void> {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (isPostgresOf(data, pid)) {
    process.kill(pid, 'SIGINT');
    await untilGone(data, pid, deadlineMs);
  }
  rmSync(file, { force: true });
}

function isPostgresOf(data: string, pid: number): boolean {
  return processCommand(pid)?.includes(data) ?? false;
}

async function untilGone(data: string, pid: number, deadlineMs: number): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (isPostgresOf(data, pid)) {
    if (Date.now() > deadline) throw new Error(`an earlier PostgreSQL (process ${pid}) does not stop`);
    await new Promise((go) => setTimeout(go, POLL_MS));
  }
}
