import { expect, test } from 'vitest';
import { replaceTrace } from './propagation.ts';

const trace = '463ac35c9f6413ad48485a3953bb6124';
const span = 'a2fb4a1d1a96d312';

test('headers for other services have our place in the trace instead of the caller’s', () => {
  const headers = [
    ...['Authorization', 'x', 'b3', 'y', 'X-B3-TraceId', 'z', 'X-B3-Flags', '1'],
    ...['traceparent', 't', 'Tracestate', 's', 'accept', 'a'],
  ];
  const place = { traceId: trace, spanId: span, parentSpanId: '1'.repeat(16), isSampled: true, state: 'v=1' };
  expect(replaceTrace(headers, place, true)).toEqual([
    ...['Authorization', 'x', 'accept', 'a'],
    ...['X-B3-TraceId', trace, 'X-B3-SpanId', span, 'X-B3-ParentSpanId', '1'.repeat(16), 'X-B3-Sampled', '1'],
    ...['traceparent', `00-${trace}-${span}-01`, 'tracestate', 'v=1'],
  ]);
  expect(
    replaceTrace(headers, { ...place, parentSpanId: null, isSampled: false, state: null }, false),
  ).toEqual([
    ...['Authorization', 'x', 'traceparent', 't', 'Tracestate', 's', 'accept', 'a'],
    ...['X-B3-TraceId', trace, 'X-B3-SpanId', span, 'X-B3-Sampled', '0'],
  ]);
});
