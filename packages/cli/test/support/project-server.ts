import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { parseServeConfiguration, serve } from '@postern/engine/server';
import { vi } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../engine/test/support/index.ts';
import { freePort } from '../../src/local-postgres/index.ts';
import { main } from '../../src/main.ts';

/** An engine on a database of its own, and a second database that sources may name by SECOND_DATABASE_URL. */
export type ProjectServer = {
  readonly address: string;
  readonly adminSecret: string;
  readonly database: TestDatabase;
  readonly second: TestDatabase;
  /** A command of the API; the answer's body. */
  api(type: string, args?: unknown, path?: string): Promise<unknown>;
  /** Replaces the metadata, whether it fits or not. */
  replace(metadata: unknown): Promise<void>;
  stop(): Promise<void>;
};

export async function startProjectServer(environment: NodeJS.ProcessEnv = {}): Promise<ProjectServer> {
  const [database, second] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  const adminSecret = 'cli-secret';
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const server = await serve({
    configuration: parseServeConfiguration([], {
      HASURA_GRAPHQL_DATABASE_URL: database.url,
      SECOND_DATABASE_URL: second.url,
      HASURA_GRAPHQL_ADMIN_SECRET: adminSecret,
      HASURA_GRAPHQL_SERVER_HOST: '127.0.0.1',
      HASURA_GRAPHQL_SERVER_PORT: String(port),
      HASURA_GRAPHQL_LOG_LEVEL: 'error',
      HASURA_GRAPHQL_ENABLED_LOG_TYPES: 'startup',
      ...environment,
    }),
  });
  const send = async (path: string, body: unknown): Promise<unknown> => {
    const response = await fetch(address + path, {
      method: 'POST',
      headers: { 'x-hasura-admin-secret': adminSecret },
      body: JSON.stringify(body),
    });
    return response.json();
  };
  return {
    address,
    adminSecret,
    database,
    second,
    api: (type, args = {}, path = '/v1/metadata') => send(path, { type, args }),
    async replace(metadata) {
      const args = { metadata, allow_inconsistent_metadata: true };
      const answer = await send('/v1/metadata', { type: 'replace_metadata', version: 2, args });
      if (typeof answer !== 'object' || answer === null || !('is_consistent' in answer)) {
        throw new Error(JSON.stringify(answer));
      }
    },
    async stop() {
      await server.close();
      await Promise.all([database.drop(), second.drop()]);
    },
  };
}

/** Whether the program `pg_dump` in the path is at least as new as the server; if not, the test is skipped with a line. */
export async function needsPgDump({ database }: ProjectServer, skip: (note: string) => void): Promise<void> {
  const version = spawnSync('pg_dump', ['--version'], { encoding: 'utf8' }).stdout ?? '';
  const major = / (\d+)[.\s]/.exec(version)?.[1] ?? null;
  const [row] = await database.sql(`select current_setting('server_version_num')::int / 10000 as major`);
  if (major === null || Number(major) < Number(row?.['major'])) {
    skip(`needs pg_dump ${row?.['major']} or newer, found ${major ?? 'none'}`);
  }
}

export type Outcome = {
  readonly status: number;
  readonly out: string;
  /** Messages of the log, each with its level and fields: `info: Metadata applied`, `info: Migrations files created {"name":"x"}`. */
  readonly log: readonly string[];
};

/** A project folder and the command run in it, inside of this process. */
export class ProjectFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'postern-cli-'));
  readonly #flags: readonly string[];

  constructor(server: Pick<ProjectServer, 'address' | 'adminSecret'>, config = '') {
    this.write(
      'config.yaml',
      `version: 3\nendpoint: ${server.address}\nadmin_secret: ${server.adminSecret}\n${config}`,
    );
    this.#flags = ['--project', this.path];
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.path, name)), { recursive: true });
    writeFileSync(join(this.path, name), text);
  }

  read(name: string): string {
    return readFileSync(join(this.path, name), 'utf8');
  }

  /** All files below a folder of it, by their paths. */
  files(folder = '.'): Record<string, string> {
    const root = join(this.path, folder);
    return Object.fromEntries(
      filesBelow(root)
        .map((path) => [relative(root, path), readFileSync(path, 'utf8')] as const)
        .sort(),
    );
  }

  run(...args: string[]): Promise<Outcome> {
    return runCommand(...args, ...this.#flags);
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

export async function runCommand(...args: string[]): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const take = (list: string[]) => (text: string | Uint8Array) => {
    list.push(String(text));
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(take(out)),
    vi.spyOn(process.stderr, 'write').mockImplementation(take(err)),
    vi.spyOn(process, 'exit').mockImplementation((status) => {
      throw new Error(`exit ${status}`);
    }),
  ];
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await main(args, '.');
    return {
      status: Number(process.exitCode ?? 0),
      out: out.join(''),
      log: err.join('').split('\n').filter(Boolean).map(message),
    };
  } catch (error) {
    throw new Error(`${args.join(' ')}: ${String(error)}\n${err.join('')}`);
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
}

function message(line: string): string {
  const { level, msg, time: _time, ...fields } = JSON.parse(line) as Record<string, string>;
  return `${level}: ${msg}${Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`}`;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
