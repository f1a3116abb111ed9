import { describe, expect, test } from 'vitest';
import { readTraceParent } from './index.ts';

const trace = '463ac35c9f6413ad48485a3953bb6124';
const span = 'a2fb4a1d1a96d312';

describe('the trace of a request', () => {
  test('B3 in several headers, whatever their case', () => {
    const parent = { traceId: trace, spanId: span, isSampled: true, state: null };
    expect(readTraceParent(['X-B3-TraceId', trace, 'X-B3-SpanId', span], false)).toEqual(parent);
    expect(readTraceParent(['x-b3-traceid', trace.toUpperCase(), 'x-b3-spanid', span], true)).toEqual(parent);
    const unsampled = ['x-b3-traceid', trace, 'x-b3-spanid', span, 'x-b3-sampled', '0'];
    expect(readTraceParent(unsampled, false)).toEqual({ ...parent, isSampled: false });
    expect(readTraceParent([...unsampled, 'x-b3-flags', '1'], false)).toEqual(parent);
  });

  test('B3 in one header', () => {
    expect(readTraceParent(['b3', `${trace}-${span}-0`], false)).toMatchObject({
      spanId: span,
      isSampled: false,
    });
    expect(readTraceParent(['b3', `${trace}-${span}-1-05e3ac9a4f6e3b90`], false)).toMatchObject({
      isSampled: true,
    });
    expect(readTraceParent(['b3', '0'], false)).toBeNull();
  });

  test('short trace ids are padded; a trace without a span has one of the same number', () => {
    expect(readTraceParent(['x-b3-traceid', span], false)).toEqual({
      traceId: `0000000000000000${span}`,
      spanId: span,
      isSampled: true,
      state: null,
    });
  });

  test('W3C only where it is configured, and then before B3', () => {
    const headers = [
      ...['traceparent', `00-${trace}-${span}-01`, 'tracestate', 'vendor=1'],
      ...['x-b3-traceid', '1'.repeat(32), 'x-b3-spanid', '2'.repeat(16)],
    ];
    expect(readTraceParent(headers, true)).toEqual({
      traceId: trace,
      spanId: span,
      isSampled: true,
      state: 'vendor=1',
    });
    expect(readTraceParent(headers, false)?.traceId).toBe('1'.repeat(32));
    expect(readTraceParent(['traceparent', `00-${trace}-${span}-01`], false)).toBeNull();
  });

  test.each([
    ['', ''],
    ['traceparent', `ff-${trace}-${span}-01`],
    ['traceparent', `00-${'0'.repeat(32)}-${span}-01`],
    ['traceparent', `00-${trace}-${'0'.repeat(16)}-01`],
    ['traceparent', `00-${trace}-${span}-01-more`],
    ['traceparent', `00-${trace.toUpperCase()}-${span}-01`],
    ['x-b3-traceid', `${trace}0`],
    ['x-b3-traceid', '0'.repeat(32)],
    ['b3', `${trace}-${span.slice(1)}-1`],
    ['b3', `${trace}\r\nx: y-${span}-1`],
  ])('what is damaged is no trace: %s: %s', (name, value) => {
    expect(readTraceParent([name, value], true)).toBeNull();
  });
});
