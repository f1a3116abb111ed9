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
 * What a transaction is told of who is asking, and in which trace: triggers read these settings. Outside of a trace nothing is said of one.
 * Source: spec/graphql-api.md 8.6, spec/events.md A3.
 */
export function sessionSettings(
  { variables }: Pick<Session, 'variables'>,
  trace?: TracePlace | null,
): ReadonlyMap<string, string> {
  const settings = new Map([['hasura.user', JSON.stringify(Object.fromEntries(variables))]]);
  if (trace == null) return settings;
  const { traceId, spanId, isSampled } = trace;
  const context = {
    trace_id: traceId,
    span_id: spanId,
    ...(isSampled === undefined ? {} : { sampling_state: isSampled ? '1' : '0' }),
  };
  return settings.set('hasura.tracecontext', JSON.stringify(context));
}

/** The same as a query. */
export function sessionQuery(session: Pick<Session, 'variables'>, trace?: TracePlace | null): Query {
  const settings = sessionSettings(session, trace);
  const calls = [...settings.keys()].map((name, index) => `set_config('${name}', $${index + 1}, true)`);
  return { text: `select ${calls.join(', ')}`, parameters: [...settings.values()] };
}
