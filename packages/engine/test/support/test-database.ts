import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { inject } from 'vitest';

export type TestDatabase = {
  /** Superuser's connection string. */
  readonly url: string;
  readonly name: string;
  /**
   * Runs SQL and gives its rows, for example `await db.sql('select a from t where b = $1', [7])` → `[{ a: 1 }]`.
   * Without parameters the text may hold several statements; then the rows of the last one are given.
   */
  sql(text: string, parameters?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** Ends our connections and removes the database, also when others are still connected. */
  drop(): Promise<void>;
};

/**
 * A new empty database for one test file; starts PostgreSQL if this is the first.
 *
 *     let db: TestDatabase;
 *     beforeAll(async () => { db = await createTestDatabase(); await db.sql('create table …'); });
 *     afterAll(() => db.drop());
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const serverUrl = await testServerUrl();
  const name = `postern_test_${randomBytes(6).toString('hex')}`;
  await onServer(serverUrl, `create database ${name} template template0 encoding 'UTF8'`);
  const url = withDatabase(serverUrl, name);
  const client = connect(url, 4);
  return {
    url,
    name,
    async sql(text, parameters) {
      const rows = await (parameters === undefined
        ? client.unsafe(text)
        : client.unsafe(text, parameters as postgres.ParameterOrJSON<never>[]));
      return lastRows(rows);
    },
    async drop() {
      await client.end({ timeout: 5 });
      await onServer(serverUrl, `drop database if exists ${name} with (force)`);
    },
  };
}

/** The superuser's URL of the server of this test run, for tests about the server itself. */
export async function testServerUrl(): Promise<string> {
  const response = await fetch(inject('testPostgresAddress'));
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = connect(url, 1);
  try {
    await client.unsafe(statement);
  } finally {
    await client.end({ timeout: 5 });
  }
}

function connect(url: string, max: number): postgres.Sql {
  return postgres(url, { max, onnotice: () => {}, prepare: false });
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

/** Several statements give an array of results, one gives its rows. */
function lastRows(result: readonly unknown[]): Record<string, unknown>[] {
  const last: unknown = result.at(-1);
  const rows = Array.isArray(last) ? last : result;
  return rows.map((row) => ({ ...(row as Record<string, unknown>) }));
}
