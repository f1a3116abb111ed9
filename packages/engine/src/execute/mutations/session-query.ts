import type { Session } from '../../authentication/index.ts';
import type { Query } from '../../database/index.ts';
import type { Span } from '../../support/index.ts';

/**
 * Tells the transaction who is asking, and in which trace: triggers read these settings. Outside of a trace nothing is said of one.
 * Source: spec/graphql-api.md 8.6, spec/events.md A3.
 */
export function sessionQuery({ variables }: Session, span?: Span | null): Query {
  const text = JSON.stringify(Object.fromEntries(variables));
  if (span == null) return { text: `select set_config('hasura.user', $1, true)`, parameters: [text] };
  return {
    text: `select set_config('hasura.user', $1, true), set_config('hasura.tracecontext', $2, true)`,
    parameters: [text, JSON.stringify({ trace_id: span.traceId, span_id: span.spanId })],
  };
}
