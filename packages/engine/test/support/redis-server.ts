import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { freePort } from '../../../cli/src/local-postgres/index.ts';

/** Whether `redis-server` is installed; tests that need it are skipped otherwise, and say so. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

if (!hasRedis) {
  console.warn(
    'skipped: tests with Redis, because redis-server is not installed (Debian: apt-get install redis-server)',
  );
}

/** A Redis in memory only, on a port of its own. */
export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** It stops answering, but its connections stay. */
  pause(): void;
  resume(): void;
  /** It ends; `start` begins an empty one on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function startRedis(options: readonly string[] = []): Promise<TestRedis> {
  const port = await freePort();
  let child: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    child = spawn(
      'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...options],
      { stdio: 'ignore' },
    );
    await answers(port);
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pause: () => child?.kill('SIGSTOP'),
    resume: () => child?.kill('SIGCONT'),
    start,
    async stop() {
      const ending = child;
      child = null;
      if (ending === null) return;
      const ended = once(ending, 'exit');
      ending.kill('SIGKILL');
      await ended;
    },
  };
}

async function answers(port: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = createConnection(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    if (isOpen) return;
    if (performance.now() > deadline) throw new Error('redis-server does not start');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
