import type { JsonObject } from '../support/index.ts';
import type { Attempt } from './types.ts';

/** The detail of a log line of type `event-trigger` or `scheduled-trigger`. Bodies and header values stay out of the log. Source: spec/server.md 5. */
export function describeAttempt(
  { call, invocation }: Pick<Attempt, 'call' | 'invocation'>,
  context: JsonObject,
): JsonObject {
  const { failure, requestBytes, responseBytes, elapsedMs } = call;
  const request = { size: requestBytes };
  if (failure !== null) return { type: failure.type, detail: failure.message, request, context };
  return {
    response: { status: invocation.status, size: responseBytes },
    request,
    response_time: (elapsedMs ?? 0) / 1000,
    context,
  };
}
