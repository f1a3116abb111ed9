import { expect, test } from 'vitest';
import type { Span } from '../../support/index.ts';
import { sessionQuery } from './session-query.ts';

const session = {
  role: 'user',
  isAdmin: false,
  usesBackendOnly: false,
  variables: new Map([['x-hasura-role', 'user']]),
} as unknown as Parameters<typeof sessionQuery>[0];

test('outside of a trace nothing is said of one', () => {
  expect(sessionQuery(session, null)).toEqual({
    text: `select set_config('hasura.user', $1, true)`,
    parameters: ['{"x-hasura-role":"user"}'],
  });
});

test('within one the transaction is told of it, in the words that event triggers log', () => {
  const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) } as Span;
  expect(sessionQuery(session, span).parameters[1]).toBe(
    `{"trace_id":"${'a'.repeat(32)}","span_id":"${'b'.repeat(16)}"}`,
  );
});
