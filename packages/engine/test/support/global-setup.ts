import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { startTestPostgres, type TestPostgres } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Answers with the superuser's URL; the first request starts PostgreSQL. */
    testPostgresAddress: string;
  }
}

/** Runs once per test run. PostgreSQL starts when a test file first asks for a database, so that unit tests do not pay for it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let starting: Promise<TestPostgres> | undefined;
  const server = createServer((_request, response) => {
    starting ??= startTestPostgres();
    starting.then(
      ({ url }) => response.end(url),
      (error: unknown) => {
        response.statusCode = 500;
        response.end(error instanceof Error ? error.message : String(error));
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on TCP has an address object.
  const { port } = server.address() as AddressInfo;
  project.provide('testPostgresAddress', `http://127.0.0.1:${port}`);
  return async () => {
    server.closeAllConnections();
    server.close();
    const postgres = await starting?.catch(() => undefined);
    await postgres?.stop();
  };
}
