import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { PosternProcess } from './postern-process.ts';

/** What a subscription to one row tells over a WebSocket, in order. */
export interface Watched {
  readonly values: readonly unknown[];
  /** Errors instead of values; the subscription goes on after those of the database. */
  readonly errors: readonly unknown[];
  /** The subscription, or its connection, has ended unasked. */
  readonly hasEnded: () => boolean;
  end(): Promise<void>;
}

/** @param document selects `value` as an alias of what is watched: `subscription { row: notes_by_pk(id: 1) { value: body } }` */
export function watchValue(postern: PosternProcess, document: string): Watched {
  const values: unknown[] = [];
  const errors: unknown[] = [];
  let hasEnded = false;
  const client = createClient({
    url: `${postern.url.replace('http', 'ws')}/v1/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { headers: postern.headers },
    retryAttempts: 0,
  });
  client.subscribe<{ row: { value: unknown } }>(
    { query: document },
    {
      next: ({ data, errors: told }) => {
        if (told !== undefined) errors.push(told);
        if (data) values.push(data.row.value);
      },
      error: (error) => {
        errors.push(error);
        hasEnded = true;
      },
      complete: () => {
        hasEnded = true;
      },
    },
  );
  return { values, errors, hasEnded: () => hasEnded, end: async () => client.dispose() };
}
