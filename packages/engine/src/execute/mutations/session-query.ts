import type { Session } from '../../authentication/index.ts';
import type { Query } from '../../database/index.ts';

/** A place in a trace. */
export interface TracePlace {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Undefined: whoever goes on decides. */
  readonly isSampled?: boolean;
}

/** @param clientHeaders names and values in turn */
export type TraceReader = (clientHeaders: readonly string[]) => TracePlace | null;

/**
 * Tells the transaction who is asking, and in which trace: triggers read these settings. Outside of a trace nothing is said of one.
 * Source: spec/graphql-api.md 8.6, spec/events.md A3.
 */
export function sessionQuery({ variables }: Session, trace?: TracePlace | null): Query {
  const text = JSON.stringify(Object.fromEntries(variables));
  if (trace == null) return { text: `select set_config('hasura.user', $1, true)`, parameters: [text] };
  const { traceId, spanId, isSampled } = trace;
  const context = {
    trace_id: traceId,
    span_id: spanId,
    ...(isSampled === undefined ? {} : { sampling_state: isSampled ? '1' : '0' }),
  };
  return {
    text: `select set_config('hasura.user', $1, true), set_config('hasura.tracecontext', $2, true)`,
    parameters: [text, JSON.stringify(context)],
  };
}
