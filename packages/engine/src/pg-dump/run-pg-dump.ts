import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DatabaseOptions, programConnection } from '../database/index.ts';
import { Path, RequestError } from '../support/index.ts';
import { checkOptions } from './check-options.ts';

/** A dump may be this large, and take this long. */
const maximumBytes = 256 * 1024 * 1024;
const maximumMs = 10 * 60 * 1000;
/** Programs that run at the same time. */
const maximumPrograms = 2;
/** Of what pg_dump says about a failure, this much is kept. */
const maximumErrorBytes = 64 * 1024;

/**
 * What `pg_dump` writes about a database. Source: spec/server.md 1.6.
 * @throws RequestError `bad-request` for options that are not let through; 500 with pg_dump's words when it fails
 */
export async function runPgDump(database: DatabaseOptions, options: readonly string[]): Promise<Buffer> {
  checkOptions(options);
  if (programs >= maximumPrograms) {
    throw new RequestError('busy', Path.root, 'too many dumps at the same time, try again', { status: 503 });
  }
  programs++;
  try {
    return await dump(database, options);
  } finally {
    programs--;
  }
}

let programs = 0;

async function dump(database: DatabaseOptions, options: readonly string[]): Promise<Buffer> {
  const { environment, files } = programConnection(database);
  const folder = await mkdtemp(join(tmpdir(), 'postern-pg-dump-'));
  try {
    const paths: Record<string, string> = {};
    for (const [variable, content] of Object.entries(files)) {
      const path = join(folder, variable);
      await writeFile(path, content, { mode: 0o600 });
      paths[variable] = path;
    }
    // a fixed key keeps dumps of the same database equal; programs from before this option fail, and are asked without
    const base = ['--encoding=utf8', ...options];
    const run = (added: readonly string[]): Promise<Outcome> =>
      runProgram([...added, ...base], { PATH: process.env['PATH'], ...environment, ...paths });
    let outcome = await run(['--restrict-key=hasura']);
    if (outcome.kind === 'failed' && outcome.errors.includes('restrict-key')) outcome = await run([]);
    if (outcome.kind === 'dumped') return outcome.output;
    throw new RequestError('unexpected', Path.root, 'error while executing pg_dump', {
      status: 500,
      internal: outcome.errors,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Outcome =
  | { readonly kind: 'dumped'; readonly output: Buffer }
  | { readonly kind: 'failed'; readonly errors: string };

function runProgram(
  programArguments: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn('pg_dump', programArguments, {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: maximumMs,
      killSignal: 'SIGKILL',
    });
    const output: Buffer[] = [];
    let bytes = 0;
    let errors = '';
    child.stdout.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= maximumBytes) output.push(piece);
      else child.kill('SIGKILL');
    });
    child.stderr.on('data', (piece: Buffer) => {
      if (errors.length < maximumErrorBytes) errors += piece.toString('utf8');
    });
    child.on('error', (error) => resolve({ kind: 'failed', errors: error.message }));
    child.on('close', (code, signal) => {
      if (code === 0) resolve({ kind: 'dumped', output: Buffer.concat(output) });
      else if (bytes > maximumBytes)
        resolve({ kind: 'failed', errors: `the dump is larger than ${maximumBytes} bytes` });
      else
        resolve({ kind: 'failed', errors: errors === '' ? `pg_dump ended with ${signal ?? code}` : errors });
    });
  });
}
