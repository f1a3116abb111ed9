import type { Json } from '../support/index.ts';
import { bodyText, type TransformedRequest } from '../webhook-transforms/index.ts';
import type { WebhookAnswer } from '../webhooks/index.ts';
import { payloadOf } from './make-request.ts';
import type { HandlerCall } from './types.ts';

/** What a call was, for those who may see internals. */
export interface InternalContext {
  readonly call: HandlerCall;
  readonly request: TransformedRequest;
  readonly isTransformed: boolean;
}

/** For those who may see internals. The URL is the template, and of configured headers only what does not hold secrets. */
export function internalOf(
  error: Json,
  response: { readonly answer: WebhookAnswer; readonly body: Json } | null,
  { call, request, isTransformed }: InternalContext,
): Json {
  const { definition } = call.action;
  return {
    error,
    request: {
      url: definition.handler,
      headers: (definition.headers ?? []).map(({ name, value_from_env: variable }) =>
        variable === undefined ? { name } : { name, value_from_env: variable },
      ),
      body: payloadOf(call),
      transformed_request: isTransformed ? { method: request.method, body: bodyText(request.body) } : null,
    },
    response:
      response === null
        ? null
        : {
            status: response.answer.status,
            body: response.body,
            headers: response.answer.headers.map(([name, value]) => ({ name, value })),
          },
  };
}
