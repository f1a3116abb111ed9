import { type JsonLike, type Project, project } from '../../support/project.ts';
import { startWebhookServer, type WebhookReply, type WebhookServer } from '../../support/webhook-server.ts';

/** A project with a table of users, actions, and the handlers that answer them. */
export interface ActionProject {
  readonly api: Project;
  readonly handlers: WebhookServer;
  /** The body of the last request to a handler. */
  lastPayload(): unknown;
  close(): Promise<void>;
}

/** @param routes what is replied, by the path */
export async function actionProject(
  routes: Readonly<Record<string, (body: never) => WebhookReply | Promise<WebhookReply>>>,
  metadata: {
    readonly custom_types: JsonLike;
    readonly actions: readonly JsonLike[];
    readonly inherited_roles?: JsonLike;
  },
  engine: Readonly<Record<string, unknown>> = {},
): Promise<ActionProject> {
  const handlers = await startWebhookServer(({ url, body }) => {
    const route = routes[url.replace(/\?.*$/, '')];
    return route === undefined ? { status: 500 } : route((body === '' ? null : parse(body)) as never);
  });
  const api = await project({
    tables: `
      create table users (id int primary key, name text, team int, secret text);
      insert into users values (1, 'Ann', 1, 's1'), (2, 'Bo', 1, 's2'), (3, 'Cy', 2, 's3')`,
    metadata: {
      sources: [
        {
          name: 'default',
          kind: 'postgres',
          tables: [
            {
              table: { schema: 'public', name: 'users' },
              select_permissions: [
                {
                  role: 'user',
                  permission: { columns: ['id', 'name', 'team'], filter: { team: { _eq: 'X-Hasura-Team' } } },
                },
                { role: 'counter', permission: { columns: ['id'], filter: {}, allow_aggregations: true } },
              ],
            },
          ],
          configuration: { connection_info: { database_url: { from_env: 'HASURA_GRAPHQL_DATABASE_URL' } } },
        },
      ],
      ...metadata,
    },
    engine: { ...engine, environment: { ...process.env, HANDLERS: handlers.url, KEY: 'from-environment' } },
  });
  return {
    api,
    handlers,
    lastPayload: () => parse(handlers.requests.at(-1)?.body ?? 'null'),
    async close() {
      await api.close();
      await handlers.close();
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
