import {
  parseServeConfiguration,
  type RunningServer,
  type ServeOptions,
  serve,
} from '../../src/server/index.ts';
import { createTestDatabase, type TestDatabase } from '../support/index.ts';

export const adminSecret = 'correct horse';

/** A server on a database with one table, `notes (id, owner, body)`, of which the role `user` sees its own. */
export interface NotesServer {
  readonly server: RunningServer;
  readonly database: TestDatabase;
  /** Every log line so far, parsed. */
  readonly logs: () => Promise<readonly LogLine[]>;
  /** POST with the admin secret. */
  readonly post: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Response>;
  readonly stop: () => Promise<void>;
}

export interface LogLine {
  readonly type: string;
  readonly level: string;
  readonly timestamp: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests look at
  readonly detail: any;
}

export async function startNotesServer(
  environment: Record<string, string> = {},
  options: { readonly database?: TestDatabase } & Pick<ServeOptions, 'stalledMs'> = {},
): Promise<NotesServer> {
  const database = options.database ?? (await createTestDatabase());
  let written = '';
  const server = await serve({
    configuration: parseServeConfiguration([], {
      HASURA_GRAPHQL_DATABASE_URL: database.url,
      HASURA_GRAPHQL_ADMIN_SECRET: adminSecret,
      HASURA_GRAPHQL_SERVER_PORT: '0',
      HASURA_GRAPHQL_SERVER_HOST: '127.0.0.1',
      ...environment,
    }),
    writeLog: (lines) => {
      written += lines;
    },
    ...(options.stalledMs === undefined ? {} : { stalledMs: options.stalledMs }),
  });
  const post: NotesServer['post'] = (path, body, headers = {}) =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { 'x-hasura-admin-secret': adminSecret, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  if (options.database === undefined) {
    await database.sql(`
      create table notes (id int primary key, owner int, body text);
      insert into notes values (1, 1, 'one'), (2, 2, 'two'), (3, 1, 'three');
    `);
    const setUp = await post('/v1/metadata', {
      type: 'bulk',
      args: [
        { type: 'pg_track_table', args: { source: 'default', table: 'notes' } },
        {
          type: 'pg_create_select_permission',
          args: {
            source: 'default',
            table: 'notes',
            role: 'user',
            permission: { columns: ['id', 'body'], filter: { owner: { _eq: 'X-Hasura-User-Id' } } },
          },
        },
      ],
    });
    if (setUp.status !== 200) throw new Error(await setUp.text());
  }
  return {
    server,
    database,
    post,
    async logs() {
      // longer than lines wait for company
      await new Promise((resolve) => setTimeout(resolve, 60));
      return written
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as LogLine);
    },
    async stop() {
      await server.close();
      await database.drop();
    },
  };
}
