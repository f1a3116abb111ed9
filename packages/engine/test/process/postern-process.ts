import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ensureCommandBuilt, repository } from '../../../../scripts/set-up.mjs';
import { freePort } from '../../../cli/src/local-postgres/index.ts';

const secret = 'process-secret';
const pollMs = 15;

/** `bin/postern serve` as a process of its own, asked by HTTP as its administrator unless a role is given. */
export interface PosternProcess {
  readonly url: string;
  readonly process: ChildProcess;
  /** What makes a request the administrator's. */
  readonly headers: Readonly<Record<string, string>>;
  /** All that it has logged so far. */
  readonly log: () => string;
  /** Null when nobody listens, or when the connection broke before the answer. */
  request(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer | null>;
  query(document: string, role?: string): Promise<unknown>;
  command(type: string, args: unknown, path?: string): Promise<Answer>;
  /** SIGTERM; gives how the process ended: `[0, null]`. */
  stop(): Promise<unknown[]>;
  kill(): void;
  /** Process ids of the processes that it has started. */
  workers(): readonly number[];
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** The text as JSON, null when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests look at
  readonly body: any;
}

/** Starts the built command; resolves when it answers health checks, whatever they say. */
export async function startPostern(environment: Readonly<Record<string, string>>): Promise<PosternProcess> {
  await ensureCommandBuilt();
  const port = await freePort();
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(HASURA_GRAPHQL_|PORT$|DATABASE_URL$)/.test(name),
  );
  const child = spawn(join(repository, 'bin', 'postern'), ['serve'], {
    env: {
      ...Object.fromEntries(inherited),
      HASURA_GRAPHQL_ADMIN_SECRET: secret,
      HASURA_GRAPHQL_SERVER_HOST: '127.0.0.1',
      HASURA_GRAPHQL_SERVER_PORT: String(port),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      log += chunk;
    });
  const postern = client(`http://127.0.0.1:${port}`, child, () => log);
  await until('the command answers', async () => {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended: ${log}`);
    return (await postern.request('/healthz')) !== null;
  });
  return postern;
}

/** Waits for a condition; rejects when it has not come true in time. */
export async function until(
  what: string,
  condition: () => Promise<boolean> | boolean,
  timeoutMs = 20_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

function client(url: string, child: ChildProcess, log: () => string): PosternProcess {
  const admin = { 'x-hasura-admin-secret': secret };
  const request: PosternProcess['request'] = async (path, body, headers = {}) => {
    try {
      const response = await fetch(url + path, {
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
        headers: { ...admin, ...headers },
        signal: AbortSignal.timeout(20_000),
      });
      const text = await response.text();
      return { status: response.status, text, body: readJson(text) };
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError') throw error;
      return null;
    }
  };
  return {
    url,
    process: child,
    headers: admin,
    log,
    request,
    async query(query, role) {
      const headers = role === undefined ? {} : { 'x-hasura-role': role, 'x-hasura-user-id': '1' };
      return (await request('/v1/graphql', { query }, headers))?.body ?? null;
    },
    async command(type, args, path = '/v1/metadata') {
      const answer = await request(path, { type, args });
      if (answer === null) throw new Error(`${type} got no answer: ${log()}`);
      return answer;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return [child.exitCode, child.signalCode];
      const ended = once(child, 'close'); // not 'exit': its output has been read then, too
      child.kill('SIGTERM');
      return ended;
    },
    kill() {
      child.kill('SIGKILL');
    },
    workers() {
      const found = spawnSync('pgrep', ['-P', String(child.pid)], { encoding: 'utf8' });
      return found.stdout
        .split('\n')
        .filter((line) => line !== '')
        .map(Number);
    },
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
