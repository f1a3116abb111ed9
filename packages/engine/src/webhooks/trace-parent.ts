import { fromRawHeaders } from './headers.ts';

/** Where a request comes from. */
export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly isSampled: boolean;
  /** What vendors add, of W3C's format only. */
  readonly state: string | null;
}

/**
 * The trace that headers belong to; W3C's before Zipkin's where both are there. Null: none, or none that makes sense. Source: spec/server.md 2.6.
 * @param headers names and values in turn
 */
export function readTraceParent(headers: readonly string[], usesTraceContext: boolean): TraceParent | null {
  const found = new Map<string, string>();
  for (const [name, value] of fromRawHeaders(headers)) {
    if (isOfTraceContext(name) || isOfB3(name)) found.set(name.toLowerCase(), value);
  }
  if (found.size === 0) return null;
  return (usesTraceContext ? readTraceContext(found) : null) ?? readB3(found);
}

/** Source: W3C Trace Context, 3.2. Later versions may have more fields. */
function readTraceContext(found: ReadonlyMap<string, string>): TraceParent | null {
  const match = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(
    found.get('traceparent')?.trim() ?? '',
  );
  if (match === null) return null;
  const [, version, traceId = '', spanId = '', flags = '', more] = match;
  if (version === 'ff' || (version === '00' && more !== undefined)) return null;
  if (isZero(traceId) || isZero(spanId)) return null;
  const isSampled = (Number.parseInt(flags, 16) & 1) === 1;
  return { traceId, spanId, isSampled, state: found.get('tracestate') ?? null };
}

/** Source: Zipkin's b3-propagation. Several headers, or all in one. */
function readB3(found: ReadonlyMap<string, string>): TraceParent | null {
  const [traceId, spanId, sampled] = found.get('b3')?.split('-') ?? [
    found.get('x-b3-traceid'),
    found.get('x-b3-spanid'),
    found.get('x-b3-flags') === '1' ? 'd' : found.get('x-b3-sampled'),
  ];
  if (traceId === undefined || !/^(?:[0-9a-f]{16}|[0-9a-f]{32})$/i.test(traceId) || isZero(traceId))
    return null;
  // a client that names only the trace has begun it with a span of the same number
  const parent = spanId ?? traceId.slice(-16);
  if (!/^[0-9a-f]{16}$/i.test(parent) || isZero(parent)) return null;
  return {
    traceId: traceId.toLowerCase().padStart(32, '0'),
    spanId: parent.toLowerCase(),
    // who does not decide leaves it to us
    isSampled: sampled !== '0' && sampled?.toLowerCase() !== 'false',
    state: null,
  };
}

function isZero(digits: string): boolean {
  return /^0+$/.test(digits);
}

export function isOfTraceContext(name: string): boolean {
  return /^trace(?:parent|state)$/i.test(name);
}

export function isOfB3(name: string): boolean {
  return /^(?:b3|x-b3-.*)$/i.test(name);
}
