import { expect, test } from 'vitest';
import { forwardedHeaders, mergeHeaders, resolveHeaders, resolveUrl, traceHeaders } from './index.ts';

test('templates take variables by their exact name and leave the rest alone', () => {
  const environment = { BASE: 'http://h', ' SPACED ': 'x' };
  expect(resolveUrl('{{BASE}}/a/{{ SPACED }}/{{', environment)).toBe('http://h/a/x/{{');
  expect(() => resolveUrl('{{A}}{{B}}{{A}}{{constructor}}', environment)).toThrow(
    'Value for environment variables not found: A, B, constructor',
  );
});

test('configured headers come from values, templates and variables', () => {
  const configured = [
    { name: 'a', value: 'x-{{V}}' },
    { name: 'b', value_from_env: 'V' },
  ];
  expect(resolveHeaders(configured, { V: 'é' })).toEqual([
    ['a', 'x-Ã©'],
    ['b', 'Ã©'],
  ]);
  expect(() => resolveHeaders(configured, {})).toThrow('template cannot be resolved: V');
  expect(() => resolveHeaders([{ name: 'b', value_from_env: 'V' }], {})).toThrow(
    "environment variable 'V' not set",
  );
});

test('forwarding leaves out the ignored and ours, and tells host, user agent and origin', () => {
  const raw = [
    ['Host', 'api'],
    ['User-Agent', 'curl'],
    ['Origin', 'o'],
    ['Authorization', 'Bearer t'],
    ['Cookie', 'a=1'],
    ['X-Hasura-Admin-Secret', 's'],
    ['x-hasura-user-id', '1'],
    ['Content-Type', 'text/plain'],
    ['X-Forwarded-Host', 'forged'],
    ['X-Two', '1'],
    ['X-Two', '2'],
  ].flat();
  expect(forwardedHeaders(raw)).toEqual([
    ['Authorization', 'Bearer t'],
    ['Cookie', 'a=1'],
    ['X-Two', '1'],
    ['X-Two', '2'],
    ['X-Forwarded-Host', 'api'],
    ['X-Forwarded-User-Agent', 'curl'],
    ['X-Forwarded-Origin', 'o'],
  ]);
  const ownList = forwardedHeaders([...raw, 'Content-Length', '3'], ['AUTHORIZATION']).map(([name]) => name);
  expect(ownList).toContain('Content-Type');
  expect(ownList).not.toContain('Authorization');
  expect(ownList).not.toContain('Content-Length');
  expect(ownList.filter((name) => /^x-hasura/i.test(name))).toEqual([]);
});

test('of a header only the list of highest precedence counts', () => {
  const merged = mergeHeaders(
    [['X-A', '1']],
    [
      ['x-a', '2'],
      ['B', '3'],
    ],
    [['b', '4']],
  );
  expect(merged).toEqual([
    ['X-A', '1'],
    ['B', '3'],
  ]);
});

test('trace headers are known in both formats', () => {
  const raw = ['traceparent', 'p', 'X-B3-TraceId', 't', 'X-Trace', 'no'];
  expect(traceHeaders(raw)).toEqual([
    ['traceparent', 'p'],
    ['X-B3-TraceId', 't'],
  ]);
});
