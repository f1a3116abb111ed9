import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  embeddedBinaries,
  type PostgresBinaries,
  startCluster,
  systemBinaries,
} from '../../../cli/src/local-postgres/index.ts';

export type TestPostgres = {
  /** A superuser's connection to the database `postgres` (or the one in POSTERN_TEST_DATABASE_URL). */
  readonly url: string;
  stop(): Promise<void>;
};

/**
 * The PostgreSQL of a test run: the one that POSTERN_TEST_DATABASE_URL names, else a throwaway cluster of the embedded one,
 * else of the system's. Says in one line which it is.
 */
export async function startTestPostgres(): Promise<TestPostgres> {
  const given = process.env['POSTERN_TEST_DATABASE_URL'];
  if (given !== undefined && given !== '') {
    say('the server of POSTERN_TEST_DATABASE_URL');
    return { url: given, stop: async () => {} };
  }
  const problems: string[] = [];
  for (const find of [embeddedBinaries, systemBinaries]) {
    const binaries = find();
    if (binaries === null) continue;
    try {
      const cluster = await startCluster({
        binaries,
        folder: mkdtempSync(join(tmpdir(), 'postern-test-')),
        durable: false,
        settings: { jit: 'off' },
      });
      say(`${describe(binaries)}, port ${cluster.port}, removed afterwards`);
      return cluster;
    } catch (error) {
      problems.push(`${describe(binaries)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(
    ['No PostgreSQL for the tests. Name one (superuser) in POSTERN_TEST_DATABASE_URL.', ...problems].join(
      '\n',
    ),
  );
}

function describe(binaries: PostgresBinaries): string {
  return `${binaries.kind} PostgreSQL ${binaries.majorVersion}`;
}

function say(text: string): void {
  process.stderr.write(`tests use ${text}\n`);
}
