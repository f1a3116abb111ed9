import { isJsonObject, type Json, parseJson } from '../support/index.ts';
import { readResponseTransform, transformResponse } from '../webhook-transforms/index.ts';
import type { WebhookAnswer } from '../webhooks/index.ts';
import { findAnswerFault } from './check-answer.ts';
import { ActionFailure } from './failure.ts';
import { type InternalContext, internalOf } from './internal-details.ts';
import { remember, transformFailure } from './transforms.ts';
import type { HandlerAnswer, HandlerCall } from './types.ts';

/** The answer's value, checked. Throws an ActionFailure. Source: spec/actions.md 8.1. */
export function readAnswer(
  call: HandlerCall,
  answer: WebhookAnswer,
  context: InternalContext,
): HandlerAnswer {
  const text = transformedText(call, answer, context);
  const { status } = answer;
  let body: Json;
  try {
    body = parseJson(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ActionFailure('unexpected', 'not a valid json response from webhook', {
      internal: internalOf(`invalid JSON: ${reason}`, { answer, body: text }, context),
    });
  }
  if (status >= 200 && status < 300) {
    const fault = findAnswerFault(call.action, body);
    if (fault === null) return { value: body, cookies: cookiesOf(answer) };
    throw new ActionFailure('unexpected', fault, {
      internal: internalOf('unexpected response', { answer, body }, context),
    });
  }
  if (status >= 400 && status < 500) throw handlerFailure(body, answer, context);
  throw new ActionFailure('unexpected', 'internal error', {
    internal: internalOf(`expecting 2xx or 4xx status code, but found ${status}`, { answer, body }, context),
  });
}

function transformedText(
  call: HandlerCall,
  answer: WebhookAnswer,
  { request, isTransformed }: InternalContext,
): string {
  const { response_transform: transform } = call.action.definition;
  if (transform === undefined) return answer.body;
  const requestBody = request.body?.kind === 'json' ? request.body.value : null;
  try {
    return transformResponse(responseTransforms(transform), answer.body, {
      body: jsonOrNull(answer.body),
      status: answer.status,
      sessionVariables: call.sessionVariables,
      request: isTransformed ? { body: requestBody, url: request.url } : null,
    });
  } catch (error) {
    throw transformFailure('Response', error);
  }
}

function jsonOrNull(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

/** What the handler says of itself. Source: spec/actions.md 8.2. */
function handlerFailure(body: Json, answer: WebhookAnswer, context: InternalContext): ActionFailure {
  const { message, code, extensions } = isJsonObject(body) ? body : {};
  if (typeof message !== 'string') {
    const problem =
      message === undefined ? "the key 'message' was not present" : "the key 'message' is no string";
    return new ActionFailure('parse-failed', problem, {
      internal: internalOf('unexpected response', { answer, body }, context),
    });
  }
  return new ActionFailure(typeof code === 'string' ? code : 'unexpected', message, {
    status: answer.status,
    ...(extensions === undefined || extensions === null ? {} : { extensions }),
  });
}

function cookiesOf({ headers }: WebhookAnswer): readonly string[] {
  return headers.flatMap(([name, value]) => (name.toLowerCase() === 'set-cookie' ? [value] : []));
}

const responseTransforms = remember(readResponseTransform);
