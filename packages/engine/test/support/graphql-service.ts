import { buildSchema, type GraphQLSchema, graphql } from 'graphql';
import { startWebhookServer, type WebhookServer } from './webhook-server.ts';

/** Another GraphQL service, over real HTTP, with what it was asked. */
export interface GraphqlService extends WebhookServer {
  /** The documents that it was sent, introspection aside. */
  readonly documents: string[];
}

/** @param resolvers of the root fields, by name; what they return is resolved by property */
export async function startGraphqlService(
  sdl: string,
  resolvers: Readonly<Record<string, unknown>>,
): Promise<GraphqlService> {
  const schema: GraphQLSchema = buildSchema(sdl);
  const documents: string[] = [];
  const server = await startWebhookServer(async ({ body }) => {
    const { query, variables, operationName } = JSON.parse(body) as {
      query: string;
      variables?: Record<string, unknown>;
      operationName?: string;
    };
    if (!query.includes('__schema')) documents.push(query);
    const answer = await graphql({
      schema,
      source: query,
      rootValue: resolvers,
      variableValues: variables ?? null,
      operationName: operationName ?? null,
    });
    return { body: answer };
  });
  return { ...server, documents };
}
