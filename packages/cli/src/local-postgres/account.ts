import { spawnSync } from 'node:child_process';

/** A user of the operating system, as `spawn` takes it. */
export type Account = { readonly name: string; readonly uid: number; readonly gid: number };

/** `postgres` exists where PostgreSQL is installed, `nobody` practically everywhere. */
const CANDIDATES = ['postgres', 'nobody'];

/**
 * The account that PostgreSQL runs as when we are root (it refuses to be root), or null when we are not.
 * It must have an entry among the system's users, because initdb looks its own name up.
 */
export function accountForRoot(): Account | null {
  if (process.getuid?.() !== 0) return null;
  for (const name of CANDIDATES) {
    const uid = numericId('-u', name);
    const gid = numericId('-g', name);
    if (uid !== null && gid !== null && uid !== 0) return { name, uid, gid };
  }
  throw new Error(
    `PostgreSQL does not run as root, and this machine has no user named ${CANDIDATES.join(' or ')}. Run as another user.`,
  );
}

/** Can the account enter this folder (that is, may it pass every folder above it, too)? */
export function canReach(folder: string, account: Account): boolean {
  const probe = spawnSync('/bin/sh', ['-c', 'cd "$0"', folder], {
    uid: account.uid,
    gid: account.gid,
    cwd: '/',
    stdio: 'ignore',
  });
  return probe.status === 0;
}

function numericId(flag: string, name: string): number | null {
  const answer = spawnSync('id', [flag, name], { encoding: 'utf8' });
  if (answer.status !== 0) return null;
  return Number(answer.stdout.trim());
}
