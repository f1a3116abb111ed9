import { buildSchema, type GraphQLSchema, graphql } from 'graphql';
import { startWebhookServer, type WebhookServer } from './webhook-server.ts';

/** Another GraphQL service, over real HTTP, with what it was asked. */
export interface GraphqlService extends WebhookServer {
  /** The documents that it was sent, introspection aside. */
  readonly documents: string[];
}

/**
 * @param resolvers of the root fields, by name; what they return is resolved by property
 * @param answerAction what is answered when the service is called as the handler of an action
 */
export async function startGraphqlService(
  sdl: string,
  resolvers: Readonly<Record<string, unknown>>,
  answerAction: (body: unknown) => unknown = () => null,
): Promise<GraphqlService> {
  const schema: GraphQLSchema = buildSchema(sdl);
  const documents: string[] = [];
  const server = await startWebhookServer(async ({ body }) => {
    const given = JSON.parse(body) as Record<string, unknown>;
    if (given['action'] !== undefined) return { body: answerAction(given) };
    const { query, variables, operationName } = given as {
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
