import { bodyText, type TransformedRequest } from '../webhook-transforms/index.ts';
import { describeFailure, type WebhookAnswer, WebhookError } from '../webhooks/index.ts';
import { ActionFailure } from './failure.ts';
import { internalOf } from './internal-details.ts';
import { applyTransform, makeRequest } from './make-request.ts';
import { readAnswer } from './read-answer.ts';
import type { HandlerAnswer, HandlerCall, HandlerLog, HandlerServices } from './types.ts';

/**
 * Asks the handler and checks what it answers. Source: spec/actions.md 7, 8.
 * Rejects with an ActionFailure.
 */
export async function callHandler(call: HandlerCall, services: HandlerServices): Promise<HandlerAnswer> {
  const original = makeRequest(call, services);
  const request = applyTransform(call, original);
  const { definition } = call.action;
  const internal = { call, isTransformed: request !== original, request };
  const sent = bodyText(request.body);
  const timeoutMs = (definition.timeout ?? 30) * 1000;
  let answer: WebhookAnswer;
  try {
    answer = await services.client.send({
      ...request,
      body: sent,
      timeoutMs,
      signal: call.signal,
    });
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    throw new ActionFailure('unexpected', 'http exception when calling webhook', {
      internal: internalOf(describeFailure(error, request, timeoutMs), null, internal),
      cause: error,
    });
  }
  services.log(describeCall(call, original, internal.isTransformed ? sent : null, answer));
  return readAnswer(call, answer, internal);
}

/** @param transformed the body that was sent instead of the original one */
function describeCall(
  { action }: HandlerCall,
  original: TransformedRequest,
  transformed: string | null,
  answer: WebhookAnswer,
): HandlerLog {
  const { name, definition, kind } = action;
  return {
    type: 'action-handler-log',
    detail: {
      action_name: name,
      action_type: kind === 'query' ? 'query' : 'mutation',
      request: { method: original.method, url: definition.handler },
      request_size: Buffer.byteLength(bodyText(original.body) ?? ''),
      ...(transformed === null ? {} : { transformed_request_size: Buffer.byteLength(transformed) }),
      response_size: Buffer.byteLength(answer.body),
      response_status: answer.status,
    },
  };
}
