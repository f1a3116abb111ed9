import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

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
  if (!Number.isInteger(pid) || pid <= 1) return false;
  const answer = spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  if (answer.error === undefined) return answer.stdout.includes(data);
  // small container images have no ps, but they have /proc
  const commandLine = `/proc/${pid}/cmdline`;
  return existsSync(commandLine) && readFileSync(commandLine, 'utf8').includes(data);
}

async function untilGone(data: string, pid: number, deadlineMs: number): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (isPostgresOf(data, pid)) {
    if (Date.now() > deadline) throw new Error(`an earlier PostgreSQL (process ${pid}) does not stop`);
    await new Promise((go) => setTimeout(go, 100));
  }
}
