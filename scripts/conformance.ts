/**
 * Scores the engine against the conformance corpus, which lies beside the repository (`../shared/conformance`), on a throwaway PostgreSQL.
 *
 *   npm run conformance                      the areas of scripts/conformance.json
 *   npm run conformance -- explain           another area (a regular expression)
 *   npm run conformance -- explain --show-soft --group Name     further options go to the runner (`--help` lists them)
 *
 * With `--baseline FILE` (continuous integration) the result is compared with the minimum in scripts/conformance.json and written to FILE
 * as { "passed": 120, "missing": 0 }; the exit status then says whether the minimum was reached, else whether nothing failed.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  embeddedBinaries,
  type PostgresBinaries,
  startCluster,
  systemBinaries,
} from '../packages/cli/src/local-postgres/index.ts';

type Expectation = { readonly areas: string; readonly minimum: number };
type RunnerResult = { readonly totals: { readonly passed: number; readonly failed: number } };

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const runner = join(repository, '..', 'shared', 'conformance', 'run.mjs');
const expectation = JSON.parse(
  readFileSync(join(repository, 'scripts', 'conformance.json'), 'utf8'),
) as Expectation;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  if (!existsSync(runner)) {
    console.error(`The corpus is not there: ${runner}`);
    return 2;
  }
  const { area, baselineFile, forRunner } = readArguments(argv);
  const folder = mkdtempSync(join(tmpdir(), 'postern-conformance-'));
  const database = await startDatabase();
  try {
    const json = join(folder, 'result.json');
    const status = await run([
      ...['--start', 'exec bin/postern serve', '--pg', database.url, '--area', area, '--json', json],
      ...forRunner,
    ]);
    if (baselineFile === null) return status;
    const passed = existsSync(json)
      ? (JSON.parse(readFileSync(json, 'utf8')) as RunnerResult).totals.passed
      : 0;
    const missing = Math.max(0, expectation.minimum - passed);
    writeFileSync(baselineFile, `${JSON.stringify({ passed, missing })}\n`);
    console.log(
      missing === 0
        ? `conformance: ${passed} cases pass, at least ${expectation.minimum} have to`
        : `conformance: ${passed} cases pass, ${missing} fewer than the ${expectation.minimum} of scripts/conformance.json`,
    );
    return missing === 0 ? 0 : 1;
  } finally {
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function readArguments(argv: readonly string[]) {
  const rest = [...argv];
  const at = rest.indexOf('--baseline');
  const baselineFile = at < 0 ? null : (rest.splice(at, 2)[1] ?? null);
  const area = rest[0] !== undefined && !rest[0].startsWith('-') ? rest.shift() : undefined;
  return { area: area ?? expectation.areas, baselineFile, forRunner: rest };
}

/** The system's PostgreSQL is preferred here, because the embedded one has no PostGIS and the runner would skip groups. */
async function startDatabase(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const given = process.env['POSTERN_TEST_DATABASE_URL'];
  if (given !== undefined && given !== '') return { url: given, stop: async () => {} };
  const binaries: PostgresBinaries | null = systemBinaries() ?? embeddedBinaries();
  if (binaries === null) throw new Error('no PostgreSQL found; name one in POSTERN_TEST_DATABASE_URL');
  console.error(`conformance uses ${binaries.kind} PostgreSQL ${binaries.majorVersion}`);
  return startCluster({
    binaries,
    folder: mkdtempSync(join(tmpdir(), 'postern-conformance-pg-')),
    durable: false,
    settings: { jit: 'off' },
  });
}

function run(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [runner, ...args], { cwd: repository, stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal));
  });
}
