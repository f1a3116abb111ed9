import type { Delivery } from '../events/index.ts';
import { isJsonObject, type Json, type JsonObject, parseJson } from '../support/index.ts';
import type { EventTrigger, TakenEvent } from './types.ts';

const defaultTimeoutSeconds = 60;

/** The event as its webhook is told of it. Source: spec/events.md A4. */
export function makeDelivery(event: TakenEvent, { metadata }: EventTrigger): Delivery {
  const stored = parseJson(event.payload);
  const members: JsonObject = isJsonObject(stored) ? stored : {};
  const session = members['session_variables'] ?? null;
  const trace = members['trace_context'] ?? null;
  return {
    webhook:
      metadata.webhook_from_env === undefined
        ? { kind: 'template', template: metadata.webhook ?? '' }
        : { kind: 'variable', name: metadata.webhook_from_env },
    headers: metadata.headers ?? [],
    payload: {
      id: event.id,
      created_at: event.createdAt,
      table: { schema: event.table.schema, name: event.table.name },
      trigger: { name: event.trigger },
      event: {
        op: members['op'] ?? null,
        data: members['data'] ?? null,
        session_variables: session,
        trace_context: trace,
      },
      delivery_info: { current_retry: event.tries, max_retries: metadata.retry_conf.num_retries },
    },
    version: '2',
    requestTransform: metadata.request_transform,
    responseTransform: metadata.response_transform,
    sessionVariables: textMembers(session),
    traceHeaders: traceHeaders(trace),
    timeoutMs: (metadata.retry_conf.timeout_sec ?? defaultTimeoutSeconds) * 1000,
    overallTimeoutMessage: `Event Trigger "${event.trigger}" timed out while processing.`,
  };
}

function textMembers(value: Json): ReadonlyMap<string, string> {
  if (!isJsonObject(value)) return new Map();
  return new Map(
    Object.entries(value).map(([name, member]) => [
      name.toLowerCase(),
      typeof member === 'string' ? member : JSON.stringify(member),
    ]),
  );
}

/** The trace in which the row was changed goes on at the webhook. */
function traceHeaders(trace: Json): Delivery['traceHeaders'] {
  if (!isJsonObject(trace)) return [];
  const { trace_id: id, span_id: span, sampling_state: sampling } = trace;
  if (typeof id !== 'string' || typeof span !== 'string') return [];
  const isSampled = sampling === undefined || String(sampling) === '1';
  return [
    ['X-B3-TraceId', id],
    ['X-B3-SpanId', span],
    ['X-B3-Sampled', isSampled ? '1' : '0'],
    ['traceparent', `00-${id.padStart(32, '0')}-${span}-${isSampled ? '01' : '00'}`],
  ];
}
