import { isOfB3, isOfTraceContext, type TraceParent } from '../webhooks/index.ts';
import type { RawHeaders } from './types.ts';

export interface TracePlace extends TraceParent {
  readonly parentSpanId: string | null;
}

/** Headers with the trace they carry replaced. */
export function replaceTrace(
  headers: RawHeaders,
  { traceId, spanId, parentSpanId, isSampled, state }: TracePlace,
  usesTraceContext: boolean,
): RawHeaders {
  const replaced: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string; // i < length
    if (isOfB3(name) || (usesTraceContext && isOfTraceContext(name))) continue;
    replaced.push(name, headers[i + 1] as string);
  }
  replaced.push('X-B3-TraceId', traceId, 'X-B3-SpanId', spanId);
  if (parentSpanId !== null) replaced.push('X-B3-ParentSpanId', parentSpanId);
  replaced.push('X-B3-Sampled', isSampled ? '1' : '0');
  if (usesTraceContext) {
    replaced.push('traceparent', `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`);
    if (state !== null) replaced.push('tracestate', state);
  }
  return replaced;
}
