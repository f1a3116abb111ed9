import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import postgres from 'postgres';
import { type Account, accountForRoot, canReach } from './account.ts';
import type { PostgresBinaries } from './binaries.ts';
import { freePort, isPortFree } from './free-port.ts';
import { removeOrphan } from './orphan.ts';
import { watchOverChild } from './watch-over-child.ts';

export type ClusterOptions = {
  readonly binaries: PostgresBinaries;
  /** Holds everything of the cluster: `data`, `log`, `password`, `port`. The account that runs PostgreSQL must be able to reach it. */
  readonly folder: string;
  /** False for tests: a commit does not wait for the disk, and the folder is removed when the owner stops or dies. */
  readonly durable: boolean;
  /** Further settings of postgresql.conf, given on the command line. */
  readonly settings?: Readonly<Record<string, string>>;
};

export type Cluster = {
  readonly port: number;
  /** Superuser `postgres`, database `postgres`; with the password. */
  readonly url: string;
  /** Resolves when PostgreSQL has gone without being asked to. */
  readonly lost: Promise<{ readonly reason: string }>;
  /** A fast shutdown: open transactions are rolled back. May be called more than once. */
  stop(): Promise<void>;
};

const START_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 30_000;
const POLL_MS = 40;

/** Starts the cluster in `folder`, after making it if it is not there. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { folder } = options;
  const account = accountForRoot();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (account !== null) {
    chownSync(folder, account.uid, account.gid);
    if (!canReach(folder, account)) throw new Error(`the user ${account.name} cannot enter ${folder}`);
  }
  const binFolder = reachableBinaries(options.binaries, folder, account);
  const data = join(folder, 'data');
  const password = rememberedPassword(folder);
  if (!existsSync(join(data, 'PG_VERSION'))) {
    initialise(options.binaries, binFolder, folder, password, account);
  } else {
    checkVersion(data, options.binaries);
    await removeOrphan(data, STOP_DEADLINE_MS);
  }
  const port = await rememberedPort(folder);
  const log = join(folder, 'log');
  const logFile = openSync(log, 'a', 0o600);
  const child = spawn(join(binFolder, 'postgres'), serverArguments(data, port, options), {
    cwd: folder,
    // a group of its own: Ctrl-C on the terminal is for the owner, which then stops PostgreSQL last
    detached: true,
    stdio: ['ignore', logFile, logFile],
    env: { ...process.env, LC_ALL: 'C' },
    ...identity(account),
  });
  closeSync(logFile);
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`exit ${code ?? signal}`));
  });
  const watcher = watchOverChild(child, options.durable ? null : folder);
  await untilItAnswers(url, child, exited, log);
  let stopping: Promise<void> | undefined;
  return {
    port,
    url,
    lost: exited.then((reason) => (stopping === undefined ? { reason } : new Promise<never>(() => {}))),
    stop() {
      stopping ??= stopChild(child, exited).then(() => {
        watcher.release();
        if (!options.durable) rmSync(folder, { recursive: true, force: true });
      });
      return stopping;
    },
  };
}

/** Copies the binaries beside the data when the account cannot reach them where npm has put them (below /root, for example). */
function reachableBinaries(binaries: PostgresBinaries, folder: string, account: Account | null): string {
  const { copyRoot, binFolder } = binaries;
  if (account === null || copyRoot === null || canReach(binFolder, account)) return binFolder;
  const copy = join(folder, `postgresql-${binaries.majorVersion}`);
  const marker = join(copy, 'complete');
  if (!existsSync(marker)) {
    rmSync(copy, { recursive: true, force: true });
    cpSync(copyRoot, copy, { recursive: true, verbatimSymlinks: true });
    chmodSync(copy, 0o755);
    writeFileSync(marker, '');
  }
  return join(copy, relative(copyRoot, binFolder));
}

function initialise(
  binaries: PostgresBinaries,
  binFolder: string,
  folder: string,
  password: string,
  account: Account | null,
): void {
  const data = join(folder, 'data');
  rmSync(data, { recursive: true, force: true });
  const passwordFile = join(folder, 'initdb-password');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account !== null) chownSync(passwordFile, account.uid, account.gid);
  const result = spawnSync(
    join(binFolder, 'initdb'),
    [
      ...['-D', data, '-U', 'postgres', '-E', 'UTF8', '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
      ...localeArguments(binaries.majorVersion),
      '--no-sync',
    ],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' }, ...identity(account) },
  );
  rmSync(passwordFile);
  if (result.status !== 0) {
    rmSync(data, { recursive: true, force: true });
    throw new Error(`initdb failed: ${result.error?.message ?? result.stderr}`);
  }
}

/** The built-in provider (17 and later) knows C.UTF-8 on every system; before it, only glibc's name helps, so plain C is taken. */
function localeArguments(majorVersion: number): string[] {
  return majorVersion >= 17
    ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
    : ['--locale=C'];
}

function checkVersion(data: string, binaries: PostgresBinaries): void {
  const version = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  if (version === String(binaries.majorVersion)) return;
  throw new Error(
    `${data} was made by PostgreSQL ${version}, but this is ${binaries.majorVersion}: move the folder away, or dump and restore it.`,
  );
}

function serverArguments(data: string, port: number, options: ClusterOptions): string[] {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    // connections come by TCP; a socket file would need a folder with a short path
    unix_socket_directories: '',
    max_connections: '200',
    timezone: 'UTC',
    ...(options.durable
      ? {}
      : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_wal_size: '2GB' }),
    ...options.settings,
  };
  return ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

function identity(account: Account | null): { uid?: number; gid?: number } {
  return account === null ? {} : { uid: account.uid, gid: account.gid };
}

function rememberedPassword(folder: string): string {
  const file = join(folder, 'password');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const password = randomBytes(18).toString('hex');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return password;
}

/** The port of the last start if it is still free, so that a client's saved connection goes on working. */
async function rememberedPort(folder: string): Promise<number> {
  const file = join(folder, 'port');
  const last = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  const port = last > 0 && (await isPortFree(last, '127.0.0.1')) ? last : await freePort();
  writeFileSync(file, `${port}\n`);
  return port;
}

async function untilItAnswers(
  url: string,
  child: ChildProcess,
  exited: Promise<string>,
  log: string,
): Promise<void> {
  const deadline = Date.now() + START_DEADLINE_MS;
  for (;;) {
    if (await answers(url)) return;
    const ended = await Promise.race([exited, new Promise<null>((go) => setTimeout(go, POLL_MS, null))]);
    if (ended === null && Date.now() < deadline) continue;
    child.kill('SIGQUIT');
    const lastLines = existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(-8).join('\n') : '';
    throw new Error(`PostgreSQL did not start (${ended ?? 'no answer in time'}):\n${lastLines}`);
  }
}

async function answers(url: string): Promise<boolean> {
  const sql = postgres(url, { max: 1, connect_timeout: 5, onnotice: () => {} });
  try {
    await sql`select 1`;
    return true;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function stopChild(child: ChildProcess, exited: Promise<string>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGQUIT'), STOP_DEADLINE_MS);
  await exited;
  clearTimeout(timer);
}
