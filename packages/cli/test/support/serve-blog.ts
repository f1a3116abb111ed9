import { fileURLToPath } from 'node:url';
import { parseServeConfiguration, serve } from '@postern/engine/server';
import { createTestDatabase } from '../../../engine/test/support/index.ts';
import { applyMetadataOnce, applySql } from '../../src/dev/apply-project.ts';
import { freePort } from '../../src/local-postgres/index.ts';

export type ServedBlog = {
  readonly address: string;
  readonly adminSecret: string;
  readonly databaseUrl: string;
  /** The body of the answer to a GraphQL question; the admin secret goes with it if there are headers. */
  ask(query: string, headers?: Readonly<Record<string, string>>): Promise<unknown>;
  stop(): Promise<void>;
};

/** Serves examples/blog on a new database, as `postern dev` does; `environment` adds settings. */
export async function serveBlog(environment: NodeJS.ProcessEnv = {}): Promise<ServedBlog> {
  const project = fileURLToPath(new URL('../../../../examples/blog', import.meta.url));
  const database = await createTestDatabase();
  const adminSecret = 'blog-secret';
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const server = await serve({
    configuration: parseServeConfiguration([], {
      HASURA_GRAPHQL_DATABASE_URL: database.url,
      HASURA_GRAPHQL_ADMIN_SECRET: adminSecret,
      HASURA_GRAPHQL_UNAUTHORIZED_ROLE: 'anonymous',
      HASURA_GRAPHQL_SERVER_HOST: '127.0.0.1',
      HASURA_GRAPHQL_SERVER_PORT: String(port),
      HASURA_GRAPHQL_LOG_LEVEL: 'error',
      HASURA_GRAPHQL_ENABLED_LOG_TYPES: 'startup',
      ...environment,
    }),
  });
  await applySql(database.url, project);
  await applyMetadataOnce(address, adminSecret, project);
  return {
    address,
    adminSecret,
    databaseUrl: database.url,
    async ask(query, headers) {
      const response = await fetch(`${address}/v1/graphql`, {
        method: 'POST',
        headers: headers === undefined ? {} : { 'x-hasura-admin-secret': adminSecret, ...headers },
        body: JSON.stringify({ query }),
      });
      return response.json();
    },
    async stop() {
      await server.close();
      await database.drop();
    },
  };
}
