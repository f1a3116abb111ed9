import { type Json, type JsonObject, parseJson, stringifyJson } from '../support/index.ts';
import {
  bodyText,
  readResponseTransform,
  TransformError,
  type TransformedRequest,
  transformResponse,
} from '../webhook-transforms/index.ts';
import { describeFailure, type WebhookAnswer, WebhookError } from '../webhooks/index.ts';
import { failureRecord, successRecord } from './invocation.ts';
import { applyTransform, MissingVariables, makeRequest } from './make-request.ts';
import type { Attempt, AttemptedCall, Delivery, DeliveryServices } from './types.ts';

/** No attempt takes longer, whatever is configured: by then others may take the event for one that was left behind. */
const longestAttemptMs = 30 * 60 * 1000;
/** Answers are kept in the database; a larger one fails the attempt. */
const maximumAnswerBytes = 16 * 1024 * 1024;

/**
 * Sends an event once. Resolves to null when it was cancelled by `signal`: then nothing is known, and nothing is to be recorded. Rejects with faults of ours
 * only. Source: spec/events.md A5.2, A5.3.
 */
export async function attemptDelivery(
  delivery: Delivery,
  services: DeliveryServices,
  signal?: AbortSignal,
): Promise<Attempt | null> {
  let original: TransformedRequest;
  let request: TransformedRequest;
  try {
    original = makeRequest(delivery, services);
    request = applyTransform(delivery, original);
  } catch (error) {
    if (error instanceof MissingVariables) return failure(error.message, 'failed');
    if (error instanceof TransformError) return failure(stringifyJson(error.errors), 'unsendable');
    throw error;
  }
  const body = bodyText(request.body);
  const isBounded = delivery.timeoutMs > 0 && delivery.timeoutMs < longestAttemptMs;
  const startedAt = performance.now();
  const call = (failed: AttemptedCall['failure'], answer?: WebhookAnswer): AttemptedCall => ({
    elapsedMs: performance.now() - startedAt,
    requestBytes: Buffer.byteLength(body ?? ''),
    responseBytes: Buffer.byteLength(answer?.body ?? ''),
    failure: failed,
  });
  let answer: WebhookAnswer;
  try {
    answer = await services.client.send({
      ...request,
      body,
      timeoutMs: isBounded ? delivery.timeoutMs : longestAttemptMs,
      maximumAnswerBytes,
      signal,
    });
  } catch (error) {
    if (!(error instanceof WebhookError)) throw error;
    if (error.failure === 'cancelled') return null;
    const isOverall = error.failure === 'response-timeout' && !isBounded;
    const message = isOverall
      ? JSON.stringify(delivery.overallTimeoutMessage)
      : stringifyJson(describeFailure(error, request, delivery.timeoutMs));
    return {
      result: 'failed',
      retryAfterSeconds: null,
      invocation: failureRecord(delivery, services, isOverall ? 500 : null, message),
      call: call({ type: 'client', message: error.message }),
    };
  }
  const { status } = answer;
  let text: string;
  try {
    text = readBody(delivery, answer, request === original ? null : request);
  } catch (error) {
    if (!(error instanceof TransformError)) throw error;
    const message = stringifyJson(error.errors);
    return {
      result: 'failed',
      retryAfterSeconds: null,
      invocation: failureRecord(delivery, services, 500, message),
      call: call({ type: 'internal', message }, answer),
    };
  }
  if (status >= 200 && status < 300) {
    return {
      result: 'delivered',
      retryAfterSeconds: null,
      invocation: successRecord(delivery, services, answer, text),
      call: call(null, answer),
    };
  }
  return {
    result: 'failed',
    retryAfterSeconds: retryAfter(answer),
    invocation: failureRecord(delivery, services, status, text),
    call: call({ type: 'status', message: `the webhook answered with status ${status}` }, answer),
  };

  /** Nothing could be sent. */
  function failure(message: string, result: 'failed' | 'unsendable'): Attempt {
    return {
      result,
      retryAfterSeconds: null,
      invocation: failureRecord(delivery, services, 500, message),
      call: { elapsedMs: null, requestBytes: 0, responseBytes: 0, failure: { type: 'internal', message } },
    };
  }
}

/** What counts as the answer. @param request as its transform made it; null without one @throws TransformError */
function readBody(
  { responseTransform, sessionVariables }: Delivery,
  { body, status }: WebhookAnswer,
  request: TransformedRequest | null,
): string {
  if (responseTransform === undefined) return body;
  return transformResponse(responseTransformOf(responseTransform), body, {
    body: jsonOrNull(body),
    status,
    sessionVariables,
    request: request === null ? null : { url: request.url, body: sentJson(request) },
  });
}

function sentJson({ body }: TransformedRequest): Json {
  if (body === null) return null;
  return body.kind === 'json' ? body.value : body.text;
}

function jsonOrNull(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

/** Only whole seconds count, not dates; a wish beyond a year is not taken literally. */
const longestWishSeconds = 365 * 24 * 60 * 60;

function retryAfter({ headers }: WebhookAnswer): number | null {
  const given = headers.find(([name]) => name.toLowerCase() === 'retry-after')?.[1].trim() ?? '';
  if (!/^\d+$/.test(given)) return null;
  const seconds = Math.min(Number(given), longestWishSeconds);
  return seconds > 0 ? seconds : null;
}

/** A transform is read once for each document of the metadata. */
const readTransforms = new WeakMap<JsonObject, ReturnType<typeof readResponseTransform>>();

function responseTransformOf(given: JsonObject): ReturnType<typeof readResponseTransform> {
  const known = readTransforms.get(given);
  if (known !== undefined) return known;
  const read = readResponseTransform(given);
  readTransforms.set(given, read);
  return read;
}
