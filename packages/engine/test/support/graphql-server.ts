import { buildSchema, graphql } from 'graphql';
import {
  startWebhookServer,
  type WebhookReply,
  type WebhookRequest,
  type WebhookServer,
} from './webhook-server.ts';

/** A GraphQL request as the service got it. */
export interface ReceivedOperation {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

/** A GraphQL service of somebody else, over real HTTP. */
export interface GraphqlServer {
  readonly url: string;
  /** What was asked so far, without questions about the types. */
  readonly operations: readonly ReceivedOperation[];
  /** The requests of these operations. */
  readonly requests: readonly WebhookRequest[];
  /** How often its types were asked for. */
  readonly introspections: number;
  /** Answers operations in the service's place; null brings the service back. */
  answerWith(reply: WebhookReply | null): void;
  /** Forgets what was asked. */
  forget(): void;
  close(): Promise<void>;
}

/**
 * @param sdl the service's types, or what gives them as they are now
 * @param root values and functions of its root fields; below it plain members, with `__typename` where a type is abstract
 */
export async function startGraphqlServer(sdl: string | (() => string), root: object): Promise<GraphqlServer> {
  const operations: ReceivedOperation[] = [];
  const requests: WebhookRequest[] = [];
  let introspections = 0;
  let fixedReply: WebhookReply | null = null;
  const server: WebhookServer = await startWebhookServer(async (request) => {
    const asked = JSON.parse(request.body) as ReceivedOperation;
    if (asked.operationName === 'IntrospectionQuery') {
      introspections++;
    } else {
      operations.push(asked);
      requests.push(request);
      if (fixedReply !== null) return fixedReply;
    }
    const body = await graphql({
      schema: buildSchema(typeof sdl === 'string' ? sdl : sdl()),
      source: asked.query,
      rootValue: root,
      variableValues: asked.variables ?? null,
      operationName: asked.operationName ?? null,
    });
    return { body };
  });
  return {
    url: server.url,
    operations,
    requests,
    get introspections() {
      return introspections;
    },
    answerWith(reply) {
      fixedReply = reply;
    },
    forget() {
      operations.length = 0;
      requests.length = 0;
    },
    close: () => server.close(),
  };
}
