import type { Json } from '../support/index.ts';
import { basicFunctions, type Scope, sessionFunctions } from './kriti/index.ts';
import { queryOf } from './query-string.ts';
import { fillBody } from './templates.ts';
import { ErrorBundle } from './transform-error.ts';
import { bodyText } from './transform-request.ts';
import type { ResponseContext, ResponseTransform } from './types.ts';

/**
 * The text of the body that counts instead of the one received; the same when the transform leaves it alone. A removed body is `null`.
 * Source: spec/actions.md 11.5.
 * @throws TransformError
 */
export function transformResponse(
  transform: ResponseTransform,
  received: string,
  context: ResponseContext,
): string {
  const { body } = transform;
  if (body === null) return received;
  const bundle = new ErrorBundle();
  const filled = bundle.attempt(() => fillBody(body, responseScope(context)));
  bundle.finish();
  return bodyText(filled) ?? 'null';
}

function responseScope({ body, status, sessionVariables, request }: ResponseContext): Scope {
  const session = Object.fromEntries(sessionVariables);
  return {
    variables: new Map<string, Json>([
      ['$body', body],
      ['$response', { status }],
      ['$session_variables', session],
      ['$request', request === null ? null : describeRequest(request, session)],
    ]),
    functions: new Map([...basicFunctions, ...sessionFunctions(sessionVariables)]),
  };
}

/** Every part of the request's transform has a member, and all of them hold the same. */
function describeRequest({ body, url }: { readonly body: Json; readonly url: string }, session: Json): Json {
  const context: Json = { body, session_variables: session, base_url: url, query_params: queryOf(url) };
  return { method: context, url: context, body: context, query_params: context, request_headers: context };
}
