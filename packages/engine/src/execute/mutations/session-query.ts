import type { Session } from '../../authentication/index.ts';
import type { Query } from '../../database/index.ts';

/** Tells the transaction who is asking: triggers read this setting. Source: spec/graphql-api.md 8.6. */
export function sessionQuery({ variables }: Session): Query {
  const text = JSON.stringify(Object.fromEntries(variables));
  return { text: `select set_config('hasura.user', $1, true)`, parameters: [text] };
}
