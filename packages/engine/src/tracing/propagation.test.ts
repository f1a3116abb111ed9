import { describe, expect, test } from 'vitest';
import { readParent, replaceTrace } from './propagation.ts';

const trace = '463ac35c9f6413ad48485a3953bb6124';
const span = 'a2fb4a1d1a96d312';

describe('the trace of a request', () => {
  test('B3 in several headers, whatever their case', () => {
    const parent = { traceId: trace, spanId: span, isSampled: true, state: null };
    expect(readParent(['X-B3-TraceId', trace, 'X-B3-SpanId', span], false)).toEqual(parent);
    expect(readParent(['x-b3-traceid', trace.toUpperCase(), 'x-b3-spanid', span], true)).toEqual(parent);
    const unsampled = ['x-b3-traceid', trace, 'x-b3-spanid', span, 'x-b3-sampled', '0'];
    expect(readParent(unsampled, false)).toEqual({ ...parent, isSampled: false });
    expect(readParent([...unsampled, 'x-b3-flags', '1'], false)).toEqual(parent);
  });

  test('B3 in one header', () => {
    expect(readParent(['b3', `${trace}-${span}-0`], false)).toMatchObject({ spanId: span, isSampled: false });
    expect(readParent(['b3', `${trace}-${span}-1-05e3ac9a4f6e3b90`], false)).toMatchObject({
      isSampled: true,
    });
    expect(readParent(['b3', '0'], false)).toBeNull();
  });

  test('short trace ids are padded; a trace without a span has one of the same number', () => {
    expect(readParent(['x-b3-traceid', span], false)).toEqual({
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
    expect(readParent(headers, true)).toEqual({
      traceId: trace,
      spanId: span,
      isSampled: true,
      state: 'vendor=1',
    });
    expect(readParent(headers, false)?.traceId).toBe('1'.repeat(32));
    expect(readParent(['traceparent', `00-${trace}-${span}-01`], false)).toBeNull();
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
    expect(readParent([name, value], true)).toBeNull();
  });
});

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
